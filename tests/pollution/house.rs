//! The other city with one table of its delivery replaced.

use crate::copy::copy;
use huiqi::policy::{self, model::Pipeline};
use huiqi::sources::{CheckedTables, read};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const CITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-city");

/// The other city, its table with a text and an amount more.
pub struct House {
    dir: tempfile::TempDir,
    pipeline: Pipeline,
}

impl House {
    pub fn new() -> House {
        let dir = tempfile::tempdir().expect("a folder");
        copy(Path::new(CITY), dir.path());
        let source = dir.path().join("pipeline/sources/new_jobs.toml");
        let more = "\n[[column]]\nname = \"备注\"\ntype = \"text\"\n[[column]]\nname = \"金额\"\ntype = \"money\"\n";
        fs::write(&source, fs::read_to_string(&source).expect("a source") + more).expect("a source");
        let Ok(pipeline) = policy::load(&dir.path().join("pipeline")) else { panic!("the pipeline does not load") };
        fs::remove_file(dir.path().join("data/new_jobs.csv")).expect("a table");
        House { dir, pipeline }
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.dir.path().join(inside)
    }

    /// Puts the file into the delivery, alone, and reads it.
    pub fn deliver(&self, name: &str, bytes: &[u8]) -> CheckedTables {
        for entry in fs::read_dir(self.path("data")).expect("a folder") {
            let path = entry.expect("a file").path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("new_jobs")) {
                fs::remove_file(path).expect("a file");
            }
        }
        fs::write(self.path("data").join(name), bytes).expect("a file");
        let all = huiqi::schema::all(&self.pipeline.sources);
        read(&self.pipeline.sources, &self.path("data"), &self.path("pipeline/tables"), &all).expect("tables")
    }

    /// The exit status of a run over the delivery.
    pub fn run(&self) -> i32 {
        let mut huiqi = Command::new(env!("CARGO_BIN_EXE_huiqi"));
        huiqi.args(["run", "--quiet", "--as-of", "2024-12-31", "--max-rejects", "1", "--without", "workbook,report"]);
        for (option, path) in [("--pipeline", "pipeline"), ("--data", "data"), ("--out", "out")] {
            huiqi.arg(option).arg(self.path(path));
        }
        huiqi.output().expect("a run").status.code().unwrap_or(-1)
    }
}
