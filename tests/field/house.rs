//! A delivery that is laid over the clean one, and the nights on which it is run.

use crate::copy::copy;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A row of a published table by its columns.
pub type Row = BTreeMap<String, String>;

/// A data folder and an output folder.
pub struct House {
    folder: tempfile::TempDir,
}

/// How a run ended.
pub struct Ran {
    pub status: i32,
    pub stderr: String,
    /// Of the published run, or of what was refused.
    pub folder: PathBuf,
}

impl House {
    /// The clean delivery.
    pub fn new() -> House {
        let house = House { folder: tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap() };
        copy(&Path::new(ROOT).join("fixtures/field/base"), &house.data());
        house
    }

    /// The clean delivery, and a month end before its last, so that it is clean on every night of December.
    pub fn december() -> House {
        let house = House::new();
        let text = house.read("loan_stock.csv");
        let november = text.lines().filter_map(|line| line.strip_prefix("2022-12-31")).map(|rest| format!("2022-11-30{rest}\n"));
        house.deliver("loan_stock.csv", &format!("{text}{}", november.collect::<String>()));
        house
    }

    /// The clean delivery with a folder laid over it: what it holds takes the place of the source's `.csv`.
    pub fn with(case: &str) -> House {
        let house = House::new();
        let over = Path::new(ROOT).join("fixtures/field").join(case);
        for entry in fs::read_dir(&over).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let source = name.split('.').next().unwrap();
            let _ = fs::remove_file(house.data().join(format!("{source}.csv")));
        }
        copy(&over, &house.data());
        house
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    /// A pipeline folder of its own.
    pub fn pipeline(&self) -> PathBuf {
        let pipeline = self.folder.path().join("pipeline");
        copy(&Path::new(ROOT).join("pipelines/xinzhou-2022"), &pipeline);
        pipeline
    }

    /// A delivered file.
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.data().join(file)).unwrap()
    }

    pub fn deliver(&self, file: &str, text: &str) {
        fs::write(self.data().join(file), text).unwrap();
    }

    /// Takes a delivered file away; gives what stood in it.
    pub fn take(&self, file: &str) -> String {
        let text = self.read(file);
        fs::remove_file(self.data().join(file)).unwrap();
        text
    }

    /// Runs, and proves what is published.
    pub fn run(&self, as_of: &str, more: &[&str]) -> Ran {
        let (data, out) = (self.data(), self.out());
        let flags = ["--quiet", "run", "--as-of", as_of, "--data", data.to_str().unwrap(), "--out", out.to_str().unwrap()];
        let (status, stdout, stderr) = huiqi(&[&flags[..], more].concat());
        if status != 0 && status != 3 {
            return Ran { status, stderr, folder: out.join("refused") };
        }
        let (verified, _, wrong) = huiqi(&["verify", stdout.trim()]);
        assert_eq!(verified, 0, "{wrong}");
        Ran { status, stderr, folder: PathBuf::from(stdout.trim()) }
    }

    /// The run that `current` names.
    pub fn current(&self) -> PathBuf {
        fs::canonicalize(self.out().join("current")).unwrap()
    }
}

impl Ran {
    pub fn table(&self, file: &str) -> Vec<Row> {
        let text =
            fs::read_to_string(self.folder.join(file)).unwrap_or_else(|e| panic!("{file}: {e}; exit {}: {}", self.status, self.stderr));
        csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes()).deserialize().map(Result::unwrap).collect()
    }

    /// The findings of some levels as `级别 规则 数据源`.
    pub fn findings(&self, levels: &[&str]) -> Vec<String> {
        let file = if self.status == 4 { "findings.csv" } else { "quality/findings.csv" };
        let rows = self.table(file).into_iter().filter(|row| levels.contains(&row["级别"].as_str()));
        rows.map(|row| [&*row["级别"], &row["规则"], &row["数据源"]].join(" ")).collect()
    }
}

/// Exit status, stdout, stderr.
pub fn huiqi(args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(args).current_dir(ROOT).output().unwrap();
    let [stdout, stderr] = [done.stdout, done.stderr].map(|text| String::from_utf8(text).unwrap());
    (done.status.code().unwrap_or(-1), stdout, stderr)
}
