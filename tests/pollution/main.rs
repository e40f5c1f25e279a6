//! One clean table, polluted in every way of the Pollock benchmark (VLDB 2023) and some that bureaus have: what a run
//! makes of it. Nothing crashes; a pollution that the data contract allows changes nothing; any other costs the rows that
//! it touched, or the whole file by name; every clean row is accepted with its own values or named among the rejects.
//!
//! Record-level kinds are tried on every row, at every place of it. `fixtures/pollution.md` is the table of what happened;
//! `UPDATE_GOLDEN=1 cargo test --test pollution` writes it anew.
//!
//! What no reader can tell: a last line that was cut off in its last cell, or a quote put around a whole row by another
//! program, is a row like any other.

#[path = "../support/copy.rs"]
mod copy;
mod house;
mod kinds;
#[path = "../support/forms.rs"]
mod tables;

use house::{CITY, House};
use huiqi::sources::CheckedTables;
use kinds::kinds;
use polars::prelude::AnyValue;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use tables::{Shape, Table};

const HEADER: [&str; 6] = ["岗位编号", "统一社会信用代码", "人数", "上岗日期", "备注", "金额"];
const CODES: [&str; 2] = ["91140923015PAE1U04", "911409022BGM1FW127"];

/// What must become of a pollution.
enum Fate {
    /// As if it were not there.
    Legal,
    /// The rows that it touched may be refused, and lines that it added, by these rules.
    Rows(&'static [&'static str]),
    /// The file is refused by this rule.
    File(&'static str),
}

struct Polluted {
    bytes: Vec<u8>,
    /// Clean rows that may be refused.
    touched: BTreeSet<usize>,
}

struct Kind {
    name: &'static str,
    fate: Fate,
    /// What the file is called.
    file: &'static str,
    files: Vec<Polluted>,
}

#[test]
fn every_kind_costs_what_it_touched_and_no_more() {
    let house = House::new();
    let mut page = String::from("| pollution | files | rows | accepted | refused | exit | rules |\n|---|---|---|---|---|---|---|\n");
    for kind in kinds() {
        let (mut counts, mut rules, mut exits) = ([0; 3], BTreeSet::new(), BTreeSet::new());
        for (at, polluted) in kind.files.iter().enumerate() {
            let case = format!("{} #{at}: {:?}", kind.name, String::from_utf8_lossy(&polluted.bytes));
            let read = house.deliver(kind.file, &polluted.bytes);
            let (file, found) = check(&kind, polluted, &read, &case);
            counts.iter_mut().zip(file).for_each(|(sum, count)| *sum += count);
            if at == 0 {
                let exit = house.run();
                assert_eq!(exit, if found.is_empty() { 0 } else { 3 }, "{case}");
                exits.insert(exit.to_string());
            }
            rules.extend(found);
        }
        let (rules, exits) = (rules.into_iter().collect::<Vec<_>>().join(" "), exits.into_iter().collect::<Vec<_>>().join(" "));
        let [rows, accepted, refused] = counts;
        writeln!(page, "| {} | {} | {rows} | {accepted} | {refused} | {exits} | {rules} |", kind.name, kind.files.len()).expect("text");
    }
    let kept = Path::new(CITY).with_file_name("pollution.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&kept, &page).expect("a page");
    }
    assert_eq!(page, fs::read_to_string(&kept).unwrap_or_default());
}

/// Holds what must hold of one file; gives its counts and the rules that refused.
fn check(kind: &Kind, polluted: &Polluted, read: &CheckedTables, case: &str) -> ([u64; 3], BTreeSet<&'static str>) {
    let id =
        read.tables.iter().position(Option::is_some).map_or(0, |_| read.files.iter().position(|f| f.path == kind.file).expect("the file"));
    let file = &read.files[id];
    assert_eq!(file.rows, file.accepted + file.superseded + file.rejected, "{case}");
    let rejects: Vec<_> = read.rejects.iter().filter(|reject| reject.file == kind.file).collect();
    let rules: BTreeSet<&'static str> = rejects.iter().map(|reject| reject.rule).collect();
    let (accepted, clean) = (accepted(read), clean());
    let header_only = kind.name.starts_with("no payload");
    for (key, row) in &accepted {
        let known = clean.rows.iter().find(|clean| clean[0] == *key).unwrap_or_else(|| panic!("{case}: {key} was never there"));
        assert_eq!(*row, shown(known), "{case}");
    }
    for (at, row) in clean.rows.iter().enumerate().filter(|_| !header_only) {
        if accepted.contains_key(&row[0]) {
            continue;
        }
        let is_named =
            rejects.iter().any(|reject| reject.rule.starts_with("file.") || reject.raw.contains(&row[0]) || reject.raw.contains(&row[4]));
        assert!(is_named, "{case}: {} is lost", row[0]);
        assert!(polluted.touched.contains(&at) || matches!(kind.fate, Fate::File(_)), "{case}: {} was not touched", row[0]);
    }
    match kind.fate {
        Fate::Legal => assert!(rules.is_empty(), "{case}: {rules:?}"),
        Fate::Rows(allowed) => assert!(rules.iter().all(|rule| allowed.contains(rule)), "{case}: {rules:?}"),
        Fate::File(rule) => assert_eq!(rules.iter().copied().collect::<Vec<_>>(), [rule], "{case}"),
    }
    ([file.rows, file.accepted, file.rejected], rules)
}

/// Rows with everything in them that makes CSV hard.
fn clean() -> Table {
    let notes = ["忻州", "一,二", "说\"三\"", "两\n行", "", "a;b|c", "\t制表", "五、六", "#七", "'八'", "九;\"十\"", "末行"];
    let rows = notes.iter().zip(1..).map(|(note, n)| {
        let money = ["1,234.50", "8.00", "", "-3.25"][n % 4].to_owned();
        vec![format!("GW{n:02}"), CODES[n % 2].to_owned(), n.to_string(), format!("2024-{n:02}-01"), note.to_string(), money]
    });
    let columns = HEADER.map(|name| (name.to_owned(), Shape::Text)).to_vec();
    let mut table = Table { columns, rows: rows.collect() };
    // The last cell of the file is quoted, so that a cut within it shows.
    table.rows[11][5] = "1,000.00".into();
    table
}

/// A row as it is stored.
fn shown(row: &[String]) -> String {
    let money = row[5].replace([',', '.'], "");
    [&row[0], &row[1], &row[2], &row[3], row[4].trim(), &money].map(|cell: &str| cell.to_owned()).join("|")
}

fn accepted(read: &CheckedTables) -> BTreeMap<String, String> {
    let Some(table) = read.tables.iter().flatten().find(|table| table.frame.column(HEADER[0]).is_ok()) else { return BTreeMap::new() };
    let cell = |name: &str, row: usize| match table.frame.column(name).and_then(|column| column.get(row)).expect("a cell") {
        AnyValue::Null => String::new(),
        AnyValue::UInt32(id) => read.codes.get(id as usize).to_owned(),
        AnyValue::Date(day) => huiqi::period::format_date(day),
        AnyValue::Int64(number) => number.to_string(),
        AnyValue::String(text) => text.to_owned(),
        other => other.to_string(),
    };
    let row = |at: usize| HEADER.map(|name| cell(name, at)).join("|");
    (0..table.frame.height()).map(|at| (cell(HEADER[0], at), row(at))).collect()
}
