//! The same arguments give the same bytes; other arguments do not.

use crate::{make, shipped};
use huiqi::generate;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// File name → bytes.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
    files.map(|path| (path.file_name().expect("a name").into(), std::fs::read(&path).expect("bytes"))).collect()
}

#[test]
fn the_thread_count_changes_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let made = |threads: usize| {
        let out = home.path().join(threads.to_string());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        // More than one block of the larger tables.
        pool.install(|| make(1500, 3, Some(2_000_000), &out));
        (bytes(&out), std::fs::read(home.path().join(format!("{threads}.dirty.csv"))).expect("a list"))
    };
    let one = made(1);
    assert!(one == made(3), "one thread and three write different bytes");
}

#[test]
fn a_larger_city_has_the_same_first_enterprises() {
    let home = tempfile::tempdir().expect("a folder");
    let (small, large) = (home.path().join("small"), home.path().join("large"));
    make(100, 3, None, &small);
    make(200, 3, None, &large);
    let (small, large) = (bytes(&small), bytes(&large));
    let register = Path::new("registrations.csv");
    assert!(large[register].starts_with(&small[register]));
}

#[test]
fn another_seed_gives_other_codes() {
    let home = tempfile::tempdir().expect("a folder");
    let (one, other) = (home.path().join("one"), home.path().join("other"));
    make(50, 1, None, &one);
    make(50, 2, None, &other);
    let codes = |data: &Path| crate::rows(data, "registrations").iter().map(|row| row["统一社会信用代码"].clone()).collect::<Vec<_>>();
    assert!(codes(&one).iter().all(|code| !codes(&other).contains(code)));
}

/// The data that `huiqi run` reads when nothing is said.
#[test]
fn the_default_data_is_what_the_plan_makes() {
    let home = tempfile::tempdir().expect("a folder");
    make(2000, 2022, None, home.path());
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/xinzhou");
    let (made, mut committed) = (bytes(home.path()), bytes(&committed));
    // What was paid follows from a run's ledger, which no plan knows.
    committed.remove(Path::new("payments.csv"));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&committed));
    for (name, text) in made {
        assert!(committed[&name] == text, "{}: run `huiqi generate --enterprises 2000 --seed 2022 --out fixtures/xinzhou`", name.display());
    }
}

#[test]
fn the_report_counts_what_was_written() {
    let home = tempfile::tempdir().expect("a folder");
    let report = make(300, 5, Some(5_000_000), home.path());
    let planned = shipped().0.sources.iter().filter(|source| !source.reference && source.name != "payments").count();
    assert_eq!(report.files.len(), planned);
    for file in &report.files {
        let text = std::fs::read(&file.path).expect("a file");
        assert_eq!(text.len() as u64, file.bytes, "{}", file.source);
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count() as u64, file.rows + 1, "{}", file.source);
    }
    let list = std::fs::read_to_string(report.dirty.expect("a list")).expect("a list");
    assert_eq!(list.lines().count() as u64 - 1, report.files.iter().map(|file| file.damaged).sum::<u64>());
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let (pipeline, plan) = shipped();
    let error = generate::generate(pipeline, plan, 10, 1, &file.join("data"), None).expect_err("no folder");
    assert!(error.to_string().contains("file/data"), "{error}");
    assert!(generate::generate(pipeline, plan, u64::MAX, 1, home.path(), None).is_err());
}
