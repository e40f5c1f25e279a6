//! `manifest.json`: what a run was computed from, what it holds, and when it ran.
//!
//! Two runs of the same identity agree in everything but `clock`; `place` differs where the same inputs lay elsewhere,
//! `previous`, `findings`, `known` (and the files that look back) where another run was published before.
//! What stands here suffices to compute the run again: `place`, `as_of`, `parameters`, `options`.

use super::run_id::{Identity, run_id};
use super::tables::Table;
use crate::delivery::{Finding, Known, Taken};
use crate::period;
use crate::reports::{Basis, REPORT_FILE, Wanted};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The name of the manifest in a run's folder; the one file that it does not list.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The form of the manifest that this version writes and reads.
pub const FORMAT: u32 = 1;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub run: String,
    /// 截止日, ISO.
    pub as_of: String,
    /// 部分: only some measures and indicators were computed.
    pub partial: bool,
    /// The exit status of the run that published it: 0, or 3 with rejected rows or 警告.
    pub exit_status: u8,
    /// Of the program.
    pub version: String,
    pub pipeline: PipelineRecord,
    /// Parameters set for this run: `measure.name` or `measure.name.key` → value as text.
    pub parameters: BTreeMap<String, String>,
    pub options: Options,
    /// In the order of source and path.
    pub inputs: Vec<Input>,
    /// By source.
    pub sources: BTreeMap<String, Counts>,
    /// Which sources were not used as they were sent.
    #[serde(default)]
    pub taken: Taken,
    /// As `quality/findings.csv` has them.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// By source: what the next run compares with.
    #[serde(default)]
    pub known: BTreeMap<String, Known>,
    /// By 类型.
    pub totals: BTreeMap<String, Total>,
    /// Every published file but this one, by its path with `/`.
    pub files: BTreeMap<String, FileRecord>,
    /// The run before: of those up to this 截止日 the latest.
    pub previous: Option<String>,
    pub place: Place,
    pub clock: Clock,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineRecord {
    /// The policy's name.
    pub policy: String,
    /// Over all files.
    pub sha256: String,
    /// Of every file, by its path under the pipeline folder.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// What changes the output and is no parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// `--only`; empty: everything.
    pub only: Vec<String>,
    /// `--without`.
    pub without: Vec<String>,
    /// `--near-misses`.
    #[serde(default)]
    pub near_misses: Wanted,
    /// `--accept`.
    #[serde(default)]
    pub accept: Vec<String>,
}

/// One delivered file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub source: String,
    /// Under the data folder, with `/`.
    pub path: String,
    pub sha256: String,
    pub bytes: u64,
    pub counts: Counts,
}

/// Rows of a file or a source: rows = accepted + superseded + rejected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub rows: u64,
    pub accepted: u64,
    pub superseded: u64,
    pub rejected: u64,
    /// Accepted rows whose enterprise is not registered.
    pub unmatched: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.rows += other.rows;
        self.accepted += other.accepted;
        self.superseded += other.superseded;
        self.rejected += other.rejected;
        self.unmatched += other.unmatched;
    }
}

/// The ledger rows of one 类型.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Total {
    pub rows: u64,
    /// Yuan, as text (`1234.50`): no reader may make a float of it.
    pub amount: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    pub sha256: String,
    pub bytes: u64,
    /// Of a CSV, the header not counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows: Option<u64>,
}

/// Where the inputs lay, as absolute paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub data: String,
    pub pipeline: String,
}

/// What differs between two runs of the same inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub started: String,
    pub finished: String,
    /// In the order of the stages.
    pub timings: Vec<Timing>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    pub stage: String,
    pub milliseconds: u64,
}

/// Why a manifest cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("cannot read {}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{} is no manifest of a run: {error}", path.display())]
    Form { path: PathBuf, error: serde_json::Error },
    #[error("{} has form {found}, this version reads {FORMAT}", path.display())]
    Format { path: PathBuf, found: u32 },
}

impl Manifest {
    /// Reads the manifest of the run in a folder.
    pub fn read(run: &Path) -> Result<Manifest, ManifestError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let path = run.join(MANIFEST_FILE);
        let form = |error| ManifestError::Form { path: path.clone(), error };
        let bytes = fs::read(&path).map_err(|error| ManifestError::Io { path: path.clone(), error })?;
        let Head { format } = serde_json::from_slice(&bytes).map_err(form)?;
        if format != FORMAT {
            return Err(ManifestError::Format { path, found: format });
        }
        serde_json::from_slice(&bytes).map_err(form)
    }

    /// The bytes of `manifest.json`.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Only maps with keys that are no text can fail, and there are none.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// What the run's name is made of; none where the as-of date is none.
    pub fn identity(&self) -> Option<Identity<'_>> {
        fn list(names: &[String]) -> Vec<&str> {
            names.iter().map(String::as_str).collect()
        }
        Some(Identity {
            as_of: period::parse_iso_date(self.as_of.as_bytes())?,
            inputs: self.inputs.iter().map(|file| (&*file.source, &*file.path, &*file.sha256)).collect(),
            pipeline: &self.pipeline.sha256,
            parameters: self.parameters.iter().map(|(name, value)| (&**name, &**value)).collect(),
            version: &self.version,
            only: list(&self.options.only),
            without: list(&self.options.without),
            near_misses: self.options.near_misses.name(),
            accept: list(&self.options.accept),
            aside: self.taken.aside.iter().map(String::as_str).collect(),
        })
    }

    /// Whether a run is made from the same as another, whatever either knows of runs before.
    pub fn is_made_like(&self, other: &Manifest) -> bool {
        let name = |manifest: &Manifest| {
            let identity = manifest.identity()?;
            Some(run_id(&Identity { aside: Vec::new(), ..identity }))
        };
        name(self) == name(other)
    }

    /// What the run was computed from; `only`: the measures of a partial run, `missing`: those without data.
    pub fn basis(&self, only: Option<BTreeSet<String>>, missing: BTreeSet<String>) -> Basis {
        Basis {
            run: self.run.clone(),
            as_of: self.as_of.clone(),
            pipeline: self.pipeline.sha256.clone(),
            files: self.pipeline.files.clone(),
            version: self.version.clone(),
            parameters: self.parameters.clone(),
            inputs: self.inputs.iter().map(|i| [i.source.clone(), i.path.clone(), i.sha256.clone()]).collect(),
            missing,
            only,
        }
    }

    /// What differs from another run of the same identity and should not: names of files, and `manifest.json` itself. Left out are
    /// the files that look back to the run before.
    pub fn differences(&self, other: &Manifest) -> Vec<String> {
        let names = self.files.keys().chain(other.files.keys());
        let mut differing: Vec<String> =
            names.filter(|name| !looks_back(name) && self.files.get(*name) != other.files.get(*name)).cloned().collect();
        differing.sort_unstable();
        differing.dedup();
        if self.without_moment() != other.without_moment() {
            differing.push(MANIFEST_FILE.to_owned());
        }
        differing
    }

    /// What follows from inputs, pipeline and parameters alone.
    fn without_moment(&self) -> Manifest {
        let (clock, place, exit_status) = (Clock::default(), Place::default(), 0);
        let (findings, known, files) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Manifest { findings, known, files, previous: None, clock, place, exit_status, ..self.clone() }
    }
}

/// Whether a published file depends on the run before.
fn looks_back(file: &str) -> bool {
    file == REPORT_FILE || Table::at(file).is_some_and(|table| table.looks_back)
}
