//! The program over the fixtures.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// How the program ended and what it said.
pub fn huiqi(args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(args).current_dir(ROOT).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

/// All three on one page, for a snapshot.
pub fn page(args: &[&str]) -> String {
    let (code, out, err) = huiqi(&[&["simulate"], args].concat());
    format!("exit {code}\n--- stdout\n{out}--- stderr\n{err}")
}

/// The rows of a table that `simulate --format json` prints.
pub fn rows(args: &[&str]) -> Vec<Value> {
    let (code, out, err) = huiqi(&[&["simulate", "--format", "json"], args].concat());
    assert_eq!(code, 0, "{err}");
    let page: Value = serde_json::from_str(&out).unwrap();
    page["行"].as_array().unwrap().clone()
}

/// A run that computes these measures: its ledger lines by column.
pub fn run(only: &str, more: &[&str]) -> Vec<BTreeMap<String, String>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let out = folder.path().to_str().unwrap();
    let (code, said, err) = huiqi(&[&["--quiet", "run", "--only", only, "--out", out], more].concat());
    assert!(matches!(code, 0 | 3), "{err}");
    let run = PathBuf::from(said.trim());
    let files = ["ledger/awards.csv", "ledger/reliefs.csv", "ledger/entitlements.csv"];
    let read = |file: &str| {
        let text = std::fs::read_to_string(run.join(file)).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        reader.deserialize().map(|row| row.unwrap()).collect::<Vec<BTreeMap<String, String>>>()
    };
    files.into_iter().flat_map(read).collect()
}

/// `1234.50` in 分.
pub fn fen(text: &str) -> i128 {
    if text.is_empty() { 0 } else { text.replace('.', "").parse().unwrap() }
}
