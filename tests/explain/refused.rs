//! Rows that were refused are told to who asks with a whole code, an enterprise's and a person's alike.

use super::setup::PIPELINE;
use crate::copy::copy;
use std::fs;
use std::path::Path;
use std::process::Command;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/xinzhou");

/// Somebody in the delivery, and the day of the row.
fn person() -> (String, String) {
    let text = fs::read_to_string(Path::new(DATA).join("failed_startups.csv")).unwrap();
    let mut cells = text.lines().nth(1).unwrap().split(',').map(str::to_owned);
    (cells.next().unwrap(), cells.next().unwrap())
}

/// What explain says of a code where the person's row has a day that does not exist.
fn explained(code: &str) -> String {
    let (person, day) = person();
    let folder = tempfile::tempdir().unwrap();
    copy(Path::new(DATA), folder.path());
    let (from, to) = (Path::new(DATA).join("failed_startups.csv"), folder.path().join("failed_startups.csv"));
    let (good, bad) = (format!("{person},{day}"), format!("{person},2022-02-30"));
    fs::write(to, fs::read_to_string(from).unwrap().replace(&good, &bad)).unwrap();
    let (data, out) = (folder.path().display().to_string(), folder.path().join("runs").display().to_string());
    huiqi(&["run", "--pipeline", PIPELINE, "--as-of", "2022-12-31", "--data", &data, "--out", &out, "--quiet"]);
    huiqi(&["explain", code, "--out", &out])
}

fn huiqi(arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(arguments).output().unwrap();
    String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap()
}

#[test]
fn of_a_person_whole_and_masked() {
    let (person, _) = person();
    let said = explained(&person);
    assert!(said.contains("failed_startups.csv 第 2 行 终止日期"), "{said}");
    assert!(!said.contains(&person), "{said}");
    assert!(!explained(&huiqi::uscc::mask(&person)).contains("第 2 行"));
}
