//! A temporary delivery and pipeline, and the binary over them.

use crate::copy::copy;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What a call of the binary did.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Calls `huiqi` with these arguments in the repository's folder.
pub fn huiqi(args: &[&str]) -> Ran {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(args).current_dir(ROOT).output().unwrap();
    Ran {
        status: status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// A folder with copies of the fixtures and the pipeline that a test may change.
pub struct House {
    pub dir: TempDir,
}

impl House {
    pub fn new() -> House {
        let dir = TempDir::new().unwrap();
        copy(&Path::new(ROOT).join("fixtures/xinzhou"), &dir.path().join("data"));
        copy(&Path::new(ROOT).join("pipelines/xinzhou-2022"), &dir.path().join("pipeline"));
        House { dir }
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// Runs over this house's data and pipeline into `out`.
    pub fn run(&self, out: &str, more: &[&str]) -> Ran {
        let (data, pipeline, out) = (self.path("data"), self.path("pipeline"), self.path(out));
        let mut args = vec!["run", "--quiet", "--as-of", "2022-12-31"];
        let paths = [data.to_str().unwrap(), pipeline.to_str().unwrap(), out.to_str().unwrap()];
        args.extend(["--data", paths[0], "--pipeline", paths[1], "--out", paths[2]]);
        args.extend(more);
        huiqi(&args)
    }

    pub fn read(&self, inside: &str) -> String {
        fs::read_to_string(self.path(inside)).unwrap()
    }

    pub fn write(&self, inside: &str, text: &str) {
        fs::write(self.path(inside), text).unwrap();
    }

    /// The ledgers, KPI tables and the call list of a run, by name.
    pub fn figures(&self, out: &str) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        for folder in ["ledger", "kpi"] {
            for entry in fs::read_dir(self.path(out).join("current").join(folder)).unwrap() {
                let path = entry.unwrap().path();
                found.push((format!("{folder}/{}", path.file_name().unwrap().to_string_lossy()), fs::read(&path).unwrap()));
            }
        }
        let calls = "near_misses.csv";
        found.push((calls.to_string(), fs::read(self.path(out).join("current").join(calls)).unwrap()));
        found.sort();
        found
    }
}
