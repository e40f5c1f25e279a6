//! Every table is declared once, and what is declared is what is read back.

use crate::house::{folder, manifest, publish};
use huiqi::ledger::Book;
use huiqi::money::Fen;
use huiqi::publish::tables::{self, Table};
use huiqi::publish::{self, BackError, Ledger, Manifest};
use huiqi::reports::{Amounts, Listed, Walk};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The small run, in a folder that lives as long.
fn small() -> (tempfile::TempDir, PathBuf) {
    let out = folder();
    let run = publish(out.path(), manifest("1")).expect("published").folder;
    (out, run)
}

/// Replaces a piece of a published file once.
fn replace(run: &Path, file: &str, from: &str, to: &str) {
    let path = run.join(file);
    let text = fs::read_to_string(&path).expect("file");
    assert!(text.contains(from), "{file} has no {from}");
    fs::remove_file(&path).expect("removed");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

/// The awards of a run, read back.
fn awards(run: &Path) -> Result<Vec<Listed<'static>>, BackError> {
    let (mut lines, mut found) = (Ledger::of(run, Book::Awards)?, Vec::new());
    while let Some(line) = lines.keep() {
        found.push(line);
        lines.next()?;
    }
    Ok(found)
}

/// What reading the awards says is wrong.
fn wrong(run: &Path) -> String {
    match awards(run) {
        Ok(lines) => panic!("{} lines were read", lines.len()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_table_has_a_path_columns_and_an_order_of_its_own() {
    let mut paths = BTreeSet::new();
    for table in tables::ALL {
        assert!(paths.insert(table.path), "{} stands twice", table.path);
        assert_eq!(Table::at(table.path).expect("known").columns, table.columns, "{}", table.path);
        let names: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns.len(), "{}: a column stands twice", table.path);
        assert!(table.order.iter().all(|&at| at < table.columns.len()), "{}", table.path);
        assert!(!table.is_key || !table.order.is_empty(), "{}: a key of no columns", table.path);
    }
}

#[test]
fn a_run_must_have_every_table_that_every_run_has() {
    let (_out, run) = small();
    let mut manifest = Manifest::read(&run).expect("manifest");
    manifest.files.retain(|file, _| Table::at(file).is_none());
    let path = run.join("manifest.json");
    fs::remove_file(&path).expect("removed");
    fs::write(path, manifest.to_bytes()).expect("written");
    let findings = publish::verify(&run).expect_err("tables are missing");
    let missing: BTreeSet<&str> = findings.iter().filter(|f| f.check == publish::Check::Missing).map(|f| f.file.as_str()).collect();
    let wanted: BTreeSet<&str> = tables::ALL.into_iter().filter(|table| table.is_always).map(|table| table.path).collect();
    assert_eq!(missing, wanted);
}

#[test]
fn a_ledger_is_read_back_as_it_was_written() {
    let (_out, run) = small();
    let lines = awards(&run).expect("lines");
    assert!(lines.iter().all(|line| line.brief() == line.entry().brief()));
    assert_eq!(lines.iter().map(|line| line.entry().number.into_owned()).collect::<Vec<_>>(), ["A1", "A2", "A3", "A4"]);
    let line = lines[2].entry();
    assert_eq!([line.measure, line.title, line.kind, line.name], ["43-1-tech-purchase", "补助,“甲”\"乙\"", "奖补", "=甲公司"]);
    assert_eq!([line.subject, line.county, line.document, &line.period], ["91140902820939275N", "140902", "HT1|P1", "2022"]);
    assert_eq!([line.reason, line.status, line.payer], ["单个成果上限", "可兑付", "市级财政"]);
    let amounts =
        Amounts { before: Some(Fen(6_000_000)), cut: Some(Fen(1_000_000)), amount: Some(Fen(5_000_000)), ceiling: Some(Fen(50_000_000)) };
    assert_eq!((line.amounts, lines[0].entry().amounts), (amounts, Amounts::default()));
    assert_eq!(publish::line(&run, "R2").expect("read").expect("a line").entry().document, "TZ1");
    assert_eq!(publish::line(&run, "A9").expect("read"), None);
}

#[test]
fn a_header_of_another_version_is_an_error_that_names_file_and_column() {
    for (from, to, says) in [
        ("核减原因", "核减理由", "column 13 is 核减理由, should be 核减原因"),
        ("核减金额,核减原因", "核减原因,核减金额", "column 12 is 核减原因, should be 核减金额"),
        (",政策版本", "", "column 20 is none, should be 政策版本"),
        (",政策版本", ",政策版本,备注", "column 21 is 备注, should be none"),
    ] {
        let (_out, run) = small();
        replace(&run, "ledger/awards.csv", from, to);
        let error = wrong(&run);
        assert!(error.contains("ledger/awards.csv") && error.ends_with(says), "{error}");
    }
}

#[test]
fn a_cell_that_is_no_amount_is_an_error_that_names_row_and_column() {
    let (_out, run) = small();
    replace(&run, "ledger/awards.csv", "60000.00", "6万");
    let error = wrong(&run);
    assert!(error.contains("ledger/awards.csv") && error.ends_with("row 3: 核定前金额 cannot be `6万`"), "{error}");
}
