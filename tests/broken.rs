//! Every code that a diagnostic can carry has a pipeline that earns it, and the page that it prints.
//!
//! `fixtures/broken/<code>/pipeline` holds the files that differ from the pipeline of `fixtures/other-city`; `expected.txt` is
//! what goes to stderr. `UPDATE_GOLDEN=1 cargo test --test broken` writes the pages anew.

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use huiqi::diagnostic::Mistake;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_code_has_its_page() {
    let mut wrong = Vec::new();
    for folder in folders() {
        let code = folder.file_name().unwrap().to_string_lossy().to_string();
        let page = page(&folder);
        let kept = folder.join("expected.txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&kept, &page).unwrap();
        }
        if !page.contains(&format!("[{code}]")) {
            wrong.push(format!("{code}: does not occur in\n{page}"));
        } else if fs::read_to_string(&kept).unwrap_or_default() != page {
            wrong.push(format!("{code}: now prints\n{page}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_has_its_code() {
    let have: BTreeSet<String> = folders().iter().map(|f| f.file_name().unwrap().to_string_lossy().to_string()).collect();
    let codes: BTreeSet<String> = Mistake::ALL.iter().map(|mistake| mistake.code().to_string()).collect();
    assert_eq!(have, codes);
}

fn folders() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(Path::new(ROOT).join("fixtures/broken")).unwrap().map(|e| e.unwrap().path()).collect();
    found.retain(|p| p.is_dir());
    found.sort();
    found
}

/// What the binary says of the city's pipeline with this folder's files laid over it.
fn page(folder: &Path) -> String {
    let house = tempfile::tempdir().unwrap();
    let pipeline = house.path().join("pipeline");
    let city = Path::new(ROOT).join("fixtures/other-city");
    copy(&city.join("pipeline"), &pipeline);
    copy(&folder.join("pipeline"), &pipeline);
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap_or("check".into());
    let arguments = arguments.replace("{data}", &city.join("data").display().to_string()).replace("{out}", "out");
    let ran = Command::new(env!("CARGO_BIN_EXE_huiqi"))
        .args(arguments.split_whitespace())
        .args(["--pipeline", "pipeline"])
        .current_dir(house.path())
        .output()
        .unwrap();
    let page = String::from_utf8(ran.stderr).unwrap();
    let wanted = if page.contains("error[") { 6 } else { 0 };
    assert_eq!(ran.status.code(), Some(wanted), "{page}");
    page
}

/// Of a file of the city: what is written in the place of what.
type Edit<'a> = (&'a str, &'a str, &'a str);
/// A name, edits, and what the page says of them.
type Change<'a> = (&'a str, &'a [Edit<'a>], &'a [&'a str]);

/// Files of the city with something changed, and what the page says, in this order: causes stand before what follows from them.
#[test]
fn the_page_says_what_to_do_and_causes_first() {
    const MEASURE: &str = "measures/1-1-new-jobs.toml";
    const WHEN: &str = "when = \"YEAR(上岗日期) = 本年 AND 上岗日期 BETWEEN 施行日 AND 截止日\"";
    let cases: [Change; 9] = [
        (
            "full-width signs",
            &[(MEASURE, WHEN, "when = \"YEAR（上岗日期） ＝ 本年 且 人数 ≥ 1\"")],
            &["`（` is no sign of an expression: write `(`", "`=` for `＝`, `AND` for `且`, `>=` for `≥`"],
        ),
        ("quotes of typing", &[(MEASURE, WHEN, "when = \"companies.登记状态 = ‘存续’\"")], &["`‘` is no sign of an expression: write `'`"]),
        ("times", &[(MEASURE, "人数 * 每个岗位", "人数 × 每个岗位")], &["write `*`"]),
        // In a text they are letters like any other.
        ("in a text", &[(MEASURE, WHEN, "when = \"companies.登记状态 = '存续（在营）' AND\"")], &["[syntax]", "Expected"]),
        ("a parameter", &[(MEASURE, "value = \"1000\"", "value = \"千\"")], &["[bad-value]", "[unknown-name]"]),
        ("a key", &[(MEASURE, "[per]", "[pers]")], &["[unknown-key]", "[missing-key]"]),
        ("a source", &[("sources/new_jobs.toml", "title", "titel")], &["key `title` is missing", "there is no source `new_jobs`"]),
        (
            "twice",
            &[("facts/一份拷贝.toml", "", "name = \"本年新增岗位\"\nper = \"companies\"\nsays = \"一\"\nvalue = \"1\"\n")],
            &["`本年新增岗位` is defined in facts/一份拷贝.toml and in facts/本年新增岗位.toml"],
        ),
        (
            "a rate",
            &[(
                MEASURE,
                "{ unit = \"元\", values = [{ from = \"2024-01-01\", value = \"1000\"",
                "{ unit = \"比例\", values = [{ from = \"2024-01-01\", value = \"3\"",
            )],
            &["more than the whole: write `3%`"],
        ),
    ];
    for (name, edits, says) in cases {
        let house = tempfile::tempdir().unwrap();
        let pipeline = house.path().join("pipeline");
        for (file, from, to) in edits {
            let path = pipeline.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = fs::read_to_string(Path::new(ROOT).join("fixtures/other-city/pipeline").join(file)).unwrap_or_default();
            assert!(text.contains(from), "{name}: {from}");
            fs::write(path, if from.is_empty() { to.to_string() } else { text.replace(from, to) }).unwrap();
        }
        let page = page(house.path());
        let mut rest = page.as_str();
        for said in says {
            let Some(at) = rest.find(said) else { panic!("{name}: no {said} after what stands before it in\n{page}") };
            rest = &rest[at + said.len()..];
        }
    }
}
