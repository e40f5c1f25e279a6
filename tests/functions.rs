//! What the language says of each of its functions is what the engine computes: each example is a clause that must hold.

#[path = "support/copy.rs"]
mod copy;

use huiqi::sql::functions::Function;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Checks the other city's pipeline, with its measure under these further clauses; what is said when one fails.
fn check(clauses: &[(&str, String)]) -> Result<(), String> {
    let (root, folder) = (Path::new(ROOT), tempfile::tempdir().unwrap());
    copy::copy(&root.join("fixtures/other-city/pipeline"), folder.path());
    copy::copy(&root.join("pipelines/xinzhou-2022/tables"), &folder.path().join("tables"));
    fs::copy(root.join("pipelines/xinzhou-2022/sources/calendar.toml"), folder.path().join("sources/calendar.toml")).unwrap();
    let edit = |name: &str, before: &str, more: &str| {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen(before, &format!("{more}\n{before}"), 1)).unwrap();
    };
    edit("pipeline.toml", "[articles]", "[working_days]\ntable = \"calendar\"\nfrom = \"2018-01-01\"\nto = \"2026-12-31\"\n");
    let clauses = clauses.iter().fold(String::new(), |mut text, (says, when)| {
        writeln!(text, "[[clause]]\nsays = \"{says}\"\nwhen = \"{when}\"\n").unwrap();
        text
    });
    edit("measures/1-1-new-jobs.toml", "[amount]", &clauses);
    let ran = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(["check", "--pipeline"]).arg(folder.path()).output().unwrap();
    if ran.status.success() { Ok(()) } else { Err(String::from_utf8(ran.stderr).unwrap()) }
}

#[test]
fn every_example_comes_out() {
    let examples = Function::ALL.iter().filter_map(|function| {
        let [call, value] = function.entry().example?;
        Some((function.name(), format!("{call} = {value}")))
    });
    assert_eq!(check(&examples.collect::<Vec<_>>()), Ok(()));
}

#[test]
fn an_example_that_does_not_come_out_is_told() {
    let said = check(&[("YEAR", "YEAR(上岗日期) = 1999".to_owned())]).unwrap_err();
    assert!(said.contains("got 不符合 by clause 2"), "{said}");
}
