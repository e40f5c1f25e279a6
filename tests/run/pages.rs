//! The workbook and the report page of a run say what its tables say, and nothing else.

use crate::house::House;
use calamine::{Data, Reader, Xlsx};
use huiqi::publish::tables::{Listing, ledger};
use huiqi::publish::{Sheet, workbook};
use std::io::Cursor;

const SHEETS: [(&str, &str); 4] = [
    ("奖补、争取", "ledger/awards.csv"),
    ("减免、抵扣", "ledger/reliefs.csv"),
    ("额度、名单", "ledger/entitlements.csv"),
    ("汇总", "ledger/summary.csv"),
];

/// The rows of a published CSV, the header first, neutralised cells as they were.
fn table(house: &House, file: &str) -> Vec<Vec<String>> {
    let text = house.read(&format!("out/current/{file}"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let cell = |cell: &str| match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_string(),
        _ => cell.to_string(),
    };
    reader.records().map(|row| row.unwrap().iter().map(cell).collect()).collect()
}

fn sheets(bytes: Vec<u8>) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    names.into_iter().map(|name| (name.clone(), book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect())).collect()
}

/// Whether a cell of the workbook is that of the table: a number with the same digits, or the same text.
fn is_same(sheet: &Data, csv: &str) -> bool {
    match sheet {
        Data::Empty => csv.is_empty(),
        Data::String(text) => text == csv,
        Data::Float(number) => format!("{number:.2}") == csv || number.to_string() == csv,
        _ => false,
    }
}

#[test]
fn the_workbook_holds_the_ledgers_cell_by_cell_and_the_same_bytes_every_time() {
    let house = House::new();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let bytes = std::fs::read(house.path("out/current/ledger.xlsx")).unwrap();
    let sheets = sheets(bytes.clone());
    assert_eq!(sheets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), SHEETS.map(|(name, _)| name));
    let (mut cells, mut numbers) = (0, 0);
    for ((name, found), (_, file)) in sheets.iter().zip(SHEETS) {
        let wanted = table(&house, file);
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (line, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            for (place, wanted) in wanted.iter().enumerate() {
                let cell = found.get(place).unwrap_or(&Data::Empty);
                assert!(is_same(cell, wanted), "{name} row {} cell {}: {cell:?}, the table has {wanted}", line + 1, place + 1);
                cells += 1;
                numbers += usize::from(matches!(cell, Data::Float(_)));
                let is_code = file != "ledger/summary.csv" && wanted.len() >= 18 && wanted.bytes().all(|b| b.is_ascii_digit());
                assert!(!is_code || matches!(cell, Data::String(_)), "{name} row {}: the code {wanted} is a number", line + 1);
            }
        }
    }
    assert!(cells > 50_000 && numbers > 5_000, "{cells} cells, {numbers} numbers");
    assert_eq!(house.run("again", &[]).status, 0);
    assert!(bytes == std::fs::read(house.path("again/current/ledger.xlsx")).unwrap(), "another run gives other bytes");
}

#[test]
fn a_ledger_longer_than_a_sheet_goes_on_in_the_next() {
    let house = House::new();
    assert_eq!(house.run("out", &["--only", "46-1-*"]).status, 0);
    let wanted = table(&house, "ledger/entitlements.csv");
    assert!(wanted.len() > 100, "{} rows", wanted.len());
    let rows = Listing::of(wanted[1..].to_vec(), |cells, out| {
        ledger::COLUMNS.iter().zip(cells).for_each(|(column, cell)| out.printed(column, cell));
    });
    let sheet = Sheet { name: ledger::ENTITLEMENTS.sheet.expect("a sheet")(), columns: ledger::COLUMNS, rows };
    let parts = sheets(workbook("标题", 19_357, &[sheet], wanted.len() / 2).unwrap());
    let of_ledger: Vec<_> = parts.iter().filter(|(name, _)| name.starts_with("额度、名单")).collect();
    assert_eq!(of_ledger.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["额度、名单", "额度、名单 (2)"]);
    let rows: Vec<_> = of_ledger.iter().flat_map(|(_, rows)| &rows[1..]).collect();
    assert_eq!(rows.len(), wanted.len() - 1);
    assert!(rows.iter().zip(&wanted[1..]).all(|(found, wanted)| is_same(&found[0], &wanted[0])));
    assert_eq!(of_ledger[0].1[0], of_ledger[1].1[0], "each sheet has the header");
}

#[test]
fn the_report_stands_by_itself_and_gives_the_sums_of_the_tables() {
    let house = House::new();
    let ran = house.run("out", &["--set", "44-1-hightech-first.奖励比例=0.015"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let page = house.read("out/current/report.html");
    for foreign in ["http:", "https:", "<script", "src=", "@import", "url("] {
        assert!(!page.contains(foreign), "the page reaches out: {foreign}");
    }
    assert!(page.contains("44-1-hightech-first.奖励比例 = 0.015"));
    let mut found = 0;
    for row in &table(&house, "ledger/summary.csv")[1..] {
        let [dimension, group, kind, total] = [&row[0], &row[1], &row[2], &row[8]];
        let grouped = grouped(total);
        if dimension == "措施" {
            assert!(page.contains(&format!("id=\"m-{group}\"")), "{group} is not on the page");
        }
        if kind != "名单" && (dimension == "区划代码" || kind == "奖补" || (kind == "争取" && dimension == "措施")) {
            assert!(page.contains(&grouped), "{dimension} {group} {kind}: {grouped} is not on the page");
            found += 1;
        }
    }
    assert!(found > 60, "{found} sums");
    let targets = &table(&house, "kpi/targets.csv")[1..];
    let met = targets.iter().filter(|row| row[6] == "是").count();
    assert!(page.contains(&format!("<b class=\"是\">是</b> {met} 项")), "{met} targets are met");
}

/// `1234567.89` → `1,234,567.89`.
fn grouped(plain: &str) -> String {
    let (whole, rest) = plain.split_once('.').unwrap();
    let digits: Vec<char> = whole.chars().rev().collect();
    let groups: Vec<String> = digits.chunks(3).map(|group| group.iter().rev().collect()).collect();
    format!("{}.{rest}", groups.into_iter().rev().collect::<Vec<_>>().join(","))
}

#[test]
fn without_leaves_them_out() {
    let house = House::new();
    let ran = house.run("out", &["--only", "44-1-*", "--without", "workbook,report"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(!house.path("out/current/ledger.xlsx").exists() && !house.path("out/current/report.html").exists());
    let ran = house.run("one", &["--only", "44-1-*", "--without", "report"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(house.path("one/current/ledger.xlsx").exists() && !house.path("one/current/report.html").exists());
}
