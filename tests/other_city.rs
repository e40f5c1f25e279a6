//! A second pipeline, of another city: checked and run by the same binary, without a line of Rust of its own.

use std::path::Path;
use std::process::Command;

const CITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-city");

fn huiqi(arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(arguments).current_dir(std::env::temp_dir()).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn its_files_and_cases_hold() {
    let said = huiqi(&["check", "--pipeline", &format!("{CITY}/pipeline")]);
    assert!(said.contains("2 measures, 0 indicators, 7 cases, 6 evaluations on boundary days, 3/3 articles: ok"), "{said}");
}

/// `UPDATE_GOLDEN=1 cargo test --test other_city` writes what must come out anew.
#[test]
fn it_runs() {
    let out = tempfile::tempdir().unwrap();
    let (pipeline, data, to) = (format!("{CITY}/pipeline"), format!("{CITY}/data"), out.path().display().to_string());
    huiqi(&["run", "--pipeline", &pipeline, "--data", &data, "--as-of", "2024-12-31", "--out", &to, "--quiet"]);
    for name in ["awards.csv", "entitlements.csv"] {
        let came = std::fs::read_to_string(out.path().join("current/ledger").join(name)).unwrap();
        let kept = Path::new(CITY).join("expected").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
            std::fs::write(&kept, &came).unwrap();
        }
        assert_eq!(came, std::fs::read_to_string(&kept).unwrap_or_default(), "{name}");
    }
}
