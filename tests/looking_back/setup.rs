//! A published run of the fixtures, copied for every test that goes on from it.

use crate::copy::copy;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
pub const MEASURE: &str = "43-1-tech-purchase";

/// A row of a published table by its columns.
pub type Row = BTreeMap<String, String>;

/// A data folder and an output folder.
pub struct House {
    folder: tempfile::TempDir,
}

impl House {
    /// The fixtures, and a run of them as of 2022-12-31.
    pub fn new() -> House {
        static FIRST: OnceLock<House> = OnceLock::new();
        let first = FIRST.get_or_init(|| {
            let house = House { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
            copy(&Path::new(ROOT).join("fixtures/xinzhou"), &house.data());
            house.run("2022-12-31", &[]);
            house
        });
        let house = House { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        copy(first.folder.path(), house.folder.path());
        house
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A few enterprises, and of every other source the header alone, which a pipeline of its own lets pass; nothing is run yet.
    pub fn small() -> House {
        let house = House { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        fs::create_dir(house.data()).unwrap();
        for entry in fs::read_dir(Path::new(ROOT).join("fixtures/xinzhou")).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            let header = bytes.split_inclusive(|byte| *byte == b'\n').next().unwrap_or(&[]);
            fs::write(house.data().join(path.file_name().unwrap()), header).unwrap();
        }
        for entry in fs::read_dir(house.pipeline().join("sources")).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            if !text.contains("may_be_empty") {
                fs::write(path, text.replace("core        = true", "core = true\nmay_be_empty = true")).unwrap();
            }
        }
        house
    }

    /// Writes a delivered file.
    pub fn deliver(&self, file: &str, text: &str) {
        fs::write(self.data().join(file), text).unwrap();
    }

    /// Publishes a run, proves it, and gives its folder.
    pub fn run(&self, as_of: &str, more: &[&str]) -> PathBuf {
        let (data, out, pipeline) = (self.data(), self.out(), self.folder.path().join("pipeline"));
        let mut flags = vec!["--quiet", "run", "--as-of", as_of, "--data", data.to_str().unwrap(), "--out", out.to_str().unwrap()];
        if pipeline.exists() {
            flags.extend(["--pipeline", pipeline.to_str().unwrap()]);
        }
        let folder = PathBuf::from(huiqi(&[&flags[..], more].concat()).trim());
        huiqi(&["verify", folder.to_str().unwrap()]);
        folder
    }

    /// A pipeline folder of its own.
    pub fn pipeline(&self) -> PathBuf {
        let pipeline = self.folder.path().join("pipeline");
        copy(&Path::new(ROOT).join("pipelines/xinzhou-2022"), &pipeline);
        pipeline
    }

    /// Forgets the runs, so that an earlier day can be run before a later one.
    pub fn forget(&self) {
        fs::remove_dir_all(self.out()).unwrap();
    }

    /// The run that `current` names.
    pub fn current(&self) -> PathBuf {
        fs::canonicalize(self.out().join("current")).unwrap()
    }

    /// Puts other words in the place of the only ones of their kind in a delivered file.
    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.data().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

/// What the program prints; it must not fail.
pub fn huiqi(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(args).current_dir(ROOT).output().unwrap();
    assert!(matches!(done.status.code(), Some(0 | 3)), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// The rows of a published table.
pub fn table(run: &Path, file: &str) -> Vec<Row> {
    let text = fs::read_to_string(run.join(file)).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

pub fn delta(run: &Path) -> Vec<Row> {
    table(run, "ledger/delta.csv")
}

/// All ledger lines of a run by their number.
pub fn ledgers(run: &Path) -> BTreeMap<String, Row> {
    let files = ["ledger/awards.csv", "ledger/reliefs.csv", "ledger/entitlements.csv"];
    files.iter().flat_map(|file| table(run, file)).map(|row| (row["台账编号"].clone(), row)).collect()
}

/// The lines of the measure that pays for contracts.
pub fn purchases(run: &Path) -> Vec<Row> {
    ledgers(run).into_values().filter(|row| row["措施编号"] == MEASURE).collect()
}

pub fn fen(text: &str) -> i128 {
    if text.is_empty() { 0 } else { text.replace('.', "").parse().unwrap() }
}
