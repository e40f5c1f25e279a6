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
