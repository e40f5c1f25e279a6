//! CONTRIBUTING.md names what is there: every path, every function and type, every suite of tests.

use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_path_and_name_exists() {
    let page = fs::read_to_string(Path::new(ROOT).join("CONTRIBUTING.md")).unwrap();
    let spans: Vec<&str> = page.split('`').skip(1).step_by(2).collect();
    let mut wrong = Vec::new();
    let (mut paths, mut names, mut suites) = (0, 0, 0);
    for span in spans {
        if span.contains("cargo test") {
            for suite in span.split("--test ").skip(1).filter_map(|rest| rest.split(' ').next()) {
                suites += 1;
                let is_there = place(&format!("tests/{suite}.rs")).is_some() || place(&format!("tests/{suite}/main.rs")).is_some();
                wrong.extend((!is_there).then(|| format!("no suite {suite}")));
            }
        } else if let Some((path, name)) = span.split_once("::") {
            names += 1;
            let text = place(path).and_then(|place| fs::read_to_string(place).ok()).unwrap_or_default();
            wrong.extend((!defines(&text, name)).then(|| format!("no {name} in {path}")));
        } else if is_path(span) {
            paths += 1;
            // What stands in angle brackets is the reader's to name.
            let known = span.split('<').next().unwrap();
            wrong.extend(place(known).is_none().then(|| format!("no {known}")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(paths > 20 && names > 15 && suites > 10, "the page is no longer read: {paths} paths, {names} names, {suites} suites");
}

fn is_path(span: &str) -> bool {
    !span.contains(' ') && (span.contains('/') || [".md", ".rs", ".toml"].iter().any(|end| span.ends_with(end)))
}

fn place(path: &str) -> Option<PathBuf> {
    let place = Path::new(ROOT).join(path);
    place.exists().then_some(place)
}

/// Whether a file defines a function, a type, or an enum of codes.
fn defines(text: &str, name: &str) -> bool {
    let starts = |keyword: &str, end: &str| text.contains(&format!("{keyword}{name}{end}"));
    ["(", "<"].iter().any(|end| starts("fn ", end))
        || ["enum ", "struct ", "trait "].iter().any(|word| starts(word, " "))
        || starts("    ", " for ")
}
