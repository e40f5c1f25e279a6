//! What the READMEs show is what happens: their commands run, in order, and the ledger row that they quote is there.
//!
//! A line that begins with `huiqi`, in a fence or in backticks, is run in a folder with the fixtures and the pipeline. One that names what
//! the reader has to fill in (DIR, …) is a form: its flags must be flags of its command.

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PAGES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// What is not run, and why.
const LONG: [(&str, &str); 1] = [("--enterprises 300000", "four million rows")];

/// The fixtures and the pipeline, where the default paths look for them.
fn house() -> TempDir {
    let house = tempfile::tempdir().unwrap();
    for folder in ["fixtures/xinzhou", "pipelines/xinzhou-2022"] {
        copy(&Path::new(ROOT).join(folder), &house.path().join(folder));
    }
    house
}

/// Runs a line as a shell would that has `huiqi` on its path.
fn run(house: &TempDir, line: &str) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_huiqi")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    Command::new("sh").args(["-c", line]).env("PATH", path).current_dir(house.path()).output().unwrap()
}

fn read(page: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(page)).unwrap()
}

/// All that is written as a command, once, in order.
fn commands(page: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut in_fence = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_fence = !in_fence;
        } else if in_fence {
            found.push(line.split(" #").next().unwrap().trim().replace("cargo run --release --", "huiqi"));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(|span| span.replace("\\|", "|")));
        }
    }
    found.retain(|command| command.starts_with("huiqi "));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|command| seen.insert(command.clone()));
    found
}

/// Whether the reader has to fill something in.
fn is_form(command: &str) -> bool {
    let is_name = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    command.contains('…') || command.contains("[--") || command.contains("=VALUE") || command.split([' ', '.', '|', '[', ']']).any(is_name)
}

#[test]
fn commands_run_in_order() {
    let house = house();
    let (mut ran, mut wrong) = (0, Vec::new());
    for command in PAGES.iter().flat_map(|page| commands(&read(page))) {
        if is_form(&command) || LONG.iter().any(|(part, _)| command.contains(part)) {
            continue;
        }
        let output = run(&house, &command);
        ran += 1;
        let is_fine = output.status.success() && !output.stdout.is_empty();
        wrong.extend((!is_fine).then(|| format!("{command}\n{}", String::from_utf8_lossy(&output.stderr))));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(ran > 9, "only {ran} commands");
}

#[test]
fn flags_of_forms_exist() {
    let house = house();
    let mut pages: BTreeMap<String, String> = BTreeMap::new();
    let (mut flags, mut wrong) = (0, Vec::new());
    for command in PAGES.iter().flat_map(|page| commands(&read(page))).filter(|command| is_form(command)) {
        let verb = command.split(' ').nth(1).unwrap().to_owned();
        let help = pages.entry(verb.clone()).or_insert_with(|| {
            let output = run(&house, &format!("huiqi {verb} --help"));
            assert!(output.status.success(), "no command {verb}");
            String::from_utf8(output.stdout).unwrap()
        });
        for flag in command.split(|c: char| !(c.is_ascii_lowercase() || c == '-')).filter(|word| word.starts_with("--")) {
            flags += 1;
            wrong.extend((!help.contains(&format!("{flag} "))).then(|| format!("{command}: no {flag}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(flags > 15, "only {flags} flags");
}

#[test]
fn the_ledger_row_that_is_quoted_is_there() {
    let house = house();
    let output = run(&house, "huiqi run --only 43-1-tech-purchase --without workbook,report --quiet");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = fs::read_to_string(house.path().join("out/current/ledger/awards.csv")).unwrap();
    for page in PAGES {
        let text = read(page);
        let row = text.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
        let (cells, basis) = row.split_once('\n').unwrap();
        let basis = basis.split_once([':', '：']).unwrap().1.trim();
        let cells: Vec<&str> = cells.split(" · ").map(|cell| cell.rsplit(' ').next().unwrap()).collect();
        assert!(cells.len() > 8, "{cells:?}");
        let is_it = |line: &str| line.contains(basis) && cells.iter().all(|cell| line.split(',').any(|found| found == *cell));
        assert!(table.lines().any(is_it), "{page}: no line says {row}");
    }
}
