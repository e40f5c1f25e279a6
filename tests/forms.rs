//! The same delivery in every form that it may take gives the same tables, and the same rows are refused by the same rules.

mod support;
#[path = "support/forms.rs"]
mod tables;

use huiqi::sources::CheckedTables;
use support::{CODES, read_files, rows};
use tables::{Shape, Table, gb18030, gzip, utf16, zstd};

const HEADER: [&str; 8] = ["编号", "统一社会信用代码", "客户类型", "日期", "金额", "利率", "是否", "备注"];

/// Names and bytes.
type Files = Vec<(&'static str, Vec<u8>)>;

/// Rows of every kind: legal in several spellings, refused by several rules, repeated.
fn table() -> Table {
    let mut rows = Vec::new();
    for n in 0..300 {
        let code = if n % 41 == 7 { "911409211119208460" } else { CODES[n % 3] };
        let kind = ["小型企业", "CS04", "", "大企业"][if n % 53 == 5 { 3 } else { n % 3 }];
        let day = if n % 47 == 11 { "2022-02-30".to_owned() } else { format!("2022-{:02}-{:02}", n % 12 + 1, n % 28 + 1) };
        let money = match n % 5 {
            0 => format!("{}", n * 1000),
            1 => format!("{n}.5"),
            2 => format!("-{n}.25"),
            3 if n % 2 == 1 => format!("{n}.125"),
            _ => String::new(),
        };
        let note = ["忻州㐂", "一,二", "说\"三\"", "两\n行", ""][n % 5];
        let number = if n % 59 == 13 { n - 1 } else { n };
        let (number, flag) = (format!("K{number:03}"), if n % 2 == 0 { "是" } else { "N" });
        let cells = [&number, code, kind, &day, &money, "0.0435", flag, note];
        rows.push(cells.map(str::to_owned).to_vec());
    }
    // Some days do not exist, so that only text holds them.
    use Shape::{Decimal, Double, Flag, Text};
    let shapes = [Text, Text, Text, Text, Double, Decimal(8), Flag, Text];
    Table { columns: HEADER.map(str::to_owned).into_iter().zip(shapes).collect(), rows }
}

/// Tables without lines, and what was refused: key, column, rule.
fn outcome(read: &CheckedTables) -> (Vec<String>, Vec<String>) {
    let mut kept: Vec<String> = rows(read).iter().filter_map(|row| row.split_once(": ").map(|(_, row)| row.to_owned())).collect();
    let mut refused: Vec<String> = read.rejects.iter().map(|reject| format!("{} {} {}", reject.key, reject.column, reject.rule)).collect();
    kept.sort();
    refused.sort();
    (kept, refused)
}

#[test]
fn every_form_gives_the_same_tables() {
    let table = table();
    let order = table.order();
    let mut typed = table.clone();
    typed.columns[3].1 = Shape::Day;
    let text = table.csv(&order, ',', "\n");
    let expected = outcome(&read_files(&[("records.csv", text.as_bytes())]));
    assert!(expected.0.len() > 200 && expected.1.len() > 20, "{} {}", expected.0.len(), expected.1.len());
    let first = table.part(0..90).csv(&[7, 3, 1, 0, 6, 5, 4, 2], ';', "\r\n");
    let second = table.part(90..170).csv(&[5, 0, 1, 2, 3, 4, 6, 7], '\t', "\n");
    let parts: [(&str, Vec<u8>); 3] = [
        ("records/01.csv", gb18030(&first)),
        ("records/02.csv.zst", zstd(second.as_bytes())),
        ("records/03.xlsx", typed.part(170..300).xlsx(true)),
    ];
    let tabs = table.csv(&order, '\t', "\r\n");
    let forms: [(&str, Files); 12] = [
        ("gb18030", vec![("records.csv", gb18030(&text))]),
        ("bom", vec![("records.csv", format!("\u{FEFF}{text}").into_bytes())]),
        ("utf-16le", vec![("records.csv", utf16(&tabs, u16::to_le_bytes))]),
        ("utf-16be", vec![("records.csv", utf16(&tabs, u16::to_be_bytes))]),
        ("pipes", vec![("records.csv", table.csv(&order, '|', "\r\n").into_bytes())]),
        // Cells of several lines end them in LF, records in CR.
        ("returns", vec![("records.csv", table.csv(&order, ',', "\r").into_bytes())]),
        ("gzip", vec![("records.csv.gz", gzip(text.as_bytes()))]),
        ("zstd", vec![("records.csv.zst", zstd(text.as_bytes()))]),
        ("text cells", vec![("records.xlsx", typed.xlsx(false))]),
        ("typed cells", vec![("records.xlsx", typed.xlsx(true))]),
        ("parquet", vec![("records.parquet", table.parquet())]),
        ("parts", parts.into()),
    ];
    for (form, files) in &forms {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let actual = outcome(&read_files(&files));
        assert_eq!(actual.1, expected.1, "{form}");
        assert_eq!(actual.0, expected.0, "{form}");
    }
}

#[test]
fn damaged_parquet_is_refused_whole() {
    let whole = table().parquet();
    let mut spoilt = whole.clone();
    spoilt[whole.len() / 3..whole.len() / 2].fill(0xFF);
    for bytes in [&whole[..whole.len() / 2], &whole[whole.len() / 2..], b"PAR1", b"", &spoilt] {
        let read = read_files(&[("records.parquet", bytes)]);
        assert_eq!(support::refused(&read), ["records.parquet:1 file.unreadable"]);
    }
}
