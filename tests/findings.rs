//! One folder per rule of a finding: `fixtures/findings/<rule>` is run, `expected.txt` says what stands in quality/findings.csv.
//!
//! `UPDATE=1 cargo test --test findings` rewrites the expectations; look at the difference by eye.

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use huiqi::delivery::Rule;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_rule_has_a_folder_and_every_folder_a_rule() {
    let rules: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.code().to_owned()).collect();
    assert_eq!(folders().iter().map(|folder| name(folder)).collect::<BTreeSet<String>>(), rules);
}

#[test]
fn deliveries_are_found_wanting_as_expected() {
    let mut wrong = Vec::new();
    for folder in folders() {
        let (rule, found) = (name(&folder), found(&folder));
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        if !found.contains(&format!("规则 {rule}\n")) {
            wrong.push(format!("{rule}: is not found in\n{found}"));
        } else if fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{rule}: now finds\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn folders() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join("fixtures/findings")).unwrap().map(|e| e.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// The findings of a run, a line per cell that is not empty.
fn found(folder: &Path) -> String {
    let house = tempfile::tempdir().unwrap();
    let city = Path::new(ROOT).join("fixtures/other-city");
    copy(&city.join("pipeline"), &house.path().join("pipeline"));
    if folder.join("pipeline").is_dir() {
        copy(&folder.join("pipeline"), &house.path().join("pipeline"));
    }
    let delivered = if folder.join("data").is_dir() { folder } else { &city };
    copy(&delivered.join("data"), &house.path().join("data"));
    let ran = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args("run --pipeline pipeline --data data --as-of 2024-12-31 --out out --without workbook,report --quiet".split_whitespace())
        .current_dir(house.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let table = fs::read_to_string(house.path().join("out/current/quality/findings.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().unwrap().clone();
    let mut page = String::new();
    for record in reader.records() {
        let record = record.unwrap();
        headers
            .iter()
            .zip(record.iter())
            .filter(|(_, cell)| !cell.is_empty())
            .for_each(|(head, cell)| writeln!(page, "{head} {cell}").unwrap());
        page.push('\n');
    }
    page
}
