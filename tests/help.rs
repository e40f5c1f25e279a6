//! `huiqi help`: a page for every code, and the help of every command, as they are printed.
//!
//! `UPDATE=1 cargo test --test help` rewrites tests/help/; look at the difference by eye.

use huiqi::{delivery, diagnostic, help::Page, sources};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const COMMANDS: [&str; 11] =
    ["run", "check", "measures", "explain", "profile", "diff", "simulate", "hypothetical", "verify", "generate", "help"];

fn huiqi(arguments: &[&str]) -> Output {
    // As wide as in a terminal of 100 columns, wherever the test runs.
    Command::new(env!("CARGO_BIN_EXE_huiqi")).args(arguments).env("COLUMNS", "100").output().unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let ran = huiqi(arguments);
    assert_eq!(ran.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

fn pages() -> Vec<Page> {
    let mistakes = diagnostic::Mistake::ALL.iter().map(|code| code.page());
    let rules = sources::Rule::ALL.iter().map(|code| code.page());
    mistakes.chain(rules).chain(delivery::Rule::ALL.iter().map(|code| code.page())).collect()
}

#[test]
fn a_code_means_one_thing() {
    let codes: BTreeSet<&str> = pages().iter().map(|page| page.code).collect();
    let all: Vec<&str> = pages().iter().map(|page| page.code).collect();
    let twice: Vec<&str> = codes.iter().filter(|code| all.iter().filter(|other| other == code).count() > 1).copied().collect();
    // A file that cannot be read is refused, and found of the delivery: one matter, told to both who look.
    assert_eq!(twice, ["file.unreadable"]);
    assert!(stdout(&["help", "file.unreadable"]).matches("file.unreadable\n").count() >= 2);
    COMMANDS.iter().for_each(|command| assert!(!codes.contains(command), "{command}"));
}

#[test]
fn every_example_is_about_its_code() {
    for page in pages() {
        assert!(page.example().contains(page.code), "{}: {}", page.code, page.example());
        assert!([page.means, page.why, page.todo].iter().all(|text| !text.trim().is_empty()), "{}", page.code);
    }
}

#[test]
fn pages_are_printed_as_recorded() {
    let all: Vec<String> = pages().iter().map(|page| page.to_string()).collect();
    recorded("codes.txt", &all.join("\n----\n\n"));
    for code in ["no-key", "date.form", "source.missing"] {
        let page = pages().into_iter().find(|page| page.code == code).unwrap();
        assert_eq!(stdout(&["help", code]), page.to_string());
    }
}

#[test]
fn commands_are_described_as_recorded() {
    let mut text = stdout(&["--help"]);
    assert_eq!(stdout(&["help"]), text);
    for command in COMMANDS {
        let page = stdout(&[command, "--help"]);
        assert_eq!(stdout(&["help", command]), page);
        text += &format!("\n---- huiqi {command} --help\n\n{page}");
    }
    recorded("commands.txt", &text);
}

#[test]
fn the_list_of_commands_is_whole() {
    let page = stdout(&["--help"]);
    let list = page.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let first = |line: &str| line.strip_prefix("  ").and_then(|l| l.split(' ').next().map(String::from)).filter(|w| !w.is_empty());
    let listed: Vec<String> = list.lines().filter_map(first).collect();
    assert_eq!(listed, COMMANDS);
}

#[test]
fn an_unknown_code_names_similar_ones() {
    let ran = huiqi(&["help", "unknown-nam"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.stdout.is_empty());
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(said, "there is no command or code `unknown-nam`; similar: unknown-name, unknown-key, unknown-unit\n");
}

fn recorded(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help").join(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{} is not what is printed now:\n{text}", path.display());
}
