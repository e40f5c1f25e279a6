//! One folder per reject rule: `fixtures/rejects/<rule>/data` is read, `expected.txt` says what is refused and kept.
//!
//! `UPDATE=1 cargo test --test rejects` rewrites the expectations; look at the difference by eye.

mod support;

use huiqi::sources::{CheckedTables, Rule};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/rejects");

#[test]
fn every_rule_has_a_fixture_and_every_fixture_a_rule() {
    let rules: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.code().to_owned()).collect();
    assert_eq!(rules.len(), Rule::ALL.len(), "codes are unique");
    assert_eq!(fixtures(), rules);
}

#[test]
fn fixtures_are_refused_as_expected() {
    let mut wrong = Vec::new();
    for rule in fixtures() {
        let folder = Path::new(FIXTURES).join(&rule);
        let read = support::read_folder(&folder.join("data"));
        assert!(read.rejects.iter().any(|reject| reject.rule == rule), "{rule} is not refused by its own rule");
        let actual = describe(&read);
        let expected = folder.join("expected.txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &actual).expect("an expectation");
        }
        if fs::read_to_string(&expected).unwrap_or_default() != actual {
            wrong.push(format!("{rule}:\n{actual}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fixtures() -> BTreeSet<String> {
    let entries = fs::read_dir(FIXTURES).expect("fixtures");
    entries.map(|entry| entry.expect("a fixture").file_name().to_string_lossy().into_owned()).collect()
}

/// The account of every file, then every reject with a line per cell of rejects.csv.
fn describe(read: &CheckedTables) -> String {
    let mut text = String::new();
    for file in &read.files {
        let counts = [file.rows, file.accepted, file.superseded, file.rejected];
        assert_eq!(file.rows, file.accepted + file.superseded + file.rejected, "{}", file.path);
        writeln!(text, "{}: 行数 {}, 接收 {}, 更替 {}, 拒收 {}", file.path, counts[0], counts[1], counts[2], counts[3]).expect("text");
    }
    for reject in &read.rejects {
        writeln!(
            text,
            "\n文件 {}\n行号 {}\n主键 {}\n列 {}\n原值 {}\n规则 {}\n原因 {}\n原始行 {}",
            reject.file,
            reject.line,
            reject.key,
            reject.column,
            reject.value,
            reject.rule,
            reject.reason,
            short(&reject.raw)
        )
        .expect("text");
    }
    text
}

/// Rows are kept whole; an expectation need not be.
fn short(raw: &str) -> String {
    if raw.len() < 500 { format!("{raw:?}") } else { format!("{} 字节", raw.len()) }
}
