//! Flags over `huiqi.toml` over defaults → the options of a run, checked.

use super::{LimitArgs, RunArgs};
use crate::delivery::{Accept, Limits, Ratio, Taken};
use crate::reports::Wanted;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The configuration file, read from the working folder if there.
pub const CONFIG_FILE: &str = "huiqi.toml";
/// What runs when nothing is said.
pub const DEFAULT_PIPELINE: &str = "pipelines/xinzhou-2022";
const DEFAULT_DATA: &str = "fixtures/xinzhou";
const DEFAULT_AS_OF: &str = "2022-12-31";
const DEFAULT_OUT: &str = "out";
/// What `--without` may name.
pub const WORKBOOK: &str = "workbook";
pub const REPORT: &str = "report";

/// `huiqi.toml`: the same names as the flags of `huiqi run`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    pub pipeline: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub as_of: Option<String>,
    pub out: Option<PathBuf>,
    pub params: Option<PathBuf>,
    #[serde(default)]
    pub set: Vec<String>,
    #[serde(default)]
    pub without: Vec<String>,
    pub near_misses: Option<Wanted>,
    pub max_rejects: Option<String>,
    pub max_drop: Option<String>,
    #[serde(default)]
    pub accept: Vec<String>,
    pub threads: Option<usize>,
}

#[derive(Debug, Error)]
pub enum OptionsError {
    #[error("--as-of: `{0}` is not a day; write 2022-12-31")]
    AsOf(String),
    #[error("--{0}: `{1}` is not a fraction such as 0.05")]
    Ratio(&'static str, String),
    #[error("--accept: {0}")]
    Accept(String),
    #[error("--without: `{0}` is neither {WORKBOOK} nor {REPORT}")]
    Without(String),
    #[error("{CONFIG_FILE}: {0}")]
    Config(String),
}

/// The options of one run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub pipeline: PathBuf,
    pub data: PathBuf,
    /// Days since 1970-01-01.
    pub as_of: i32,
    pub out: PathBuf,
    pub params: Option<PathBuf>,
    pub set: Vec<String>,
    pub only: Vec<String>,
    pub without: Vec<String>,
    pub near_misses: Wanted,
    pub limits: Limits,
    pub accepts: Vec<Accept>,
    /// What a recorded run did with sources: it is done again, whatever is found.
    pub taken: Taken,
    pub threads: usize,
}

impl Config {
    /// Reads the configuration file of a folder; none is fine.
    pub fn read(folder: &Path) -> Result<Config, OptionsError> {
        let path = folder.join(CONFIG_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|e| OptionsError::Config(e.to_string())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(e) => Err(OptionsError::Config(e.to_string())),
        }
    }

    pub fn pipeline(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.or_else(|| self.pipeline.clone()).unwrap_or_else(|| DEFAULT_PIPELINE.into())
    }

    pub fn out(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.or_else(|| self.out.clone()).unwrap_or_else(|| DEFAULT_OUT.into())
    }

    /// A day from the flag, the file, or the default.
    pub fn as_of(&self, flag: Option<String>) -> Result<i32, OptionsError> {
        let text = flag.or_else(|| self.as_of.clone()).unwrap_or_else(|| DEFAULT_AS_OF.to_string());
        crate::period::parse_iso_date(text.as_bytes()).ok_or(OptionsError::AsOf(text))
    }

    pub fn data(&self, flag: Option<PathBuf>) -> PathBuf {
        flag.or_else(|| self.data.clone()).unwrap_or_else(|| DEFAULT_DATA.into())
    }

    /// What a delivery may lack, and what is accepted: the file's and the flags', each once.
    pub fn limits(&self, args: LimitArgs) -> Result<(Limits, Vec<Accept>), OptionsError> {
        let ratio = |name, flag: Option<String>, file: &Option<String>, default| match flag.or_else(|| file.clone()) {
            Some(text) => Ratio::parse(&text).ok_or(OptionsError::Ratio(name, text)),
            None => Ok(default),
        };
        let limits = Limits {
            max_rejects: ratio("max-rejects", args.max_rejects, &self.max_rejects, Limits::DEFAULT.max_rejects)?,
            max_drop: ratio("max-drop", args.max_drop, &self.max_drop, Limits::DEFAULT.max_drop)?,
        };
        let named: BTreeSet<&String> = self.accept.iter().chain(&args.accept).collect();
        let accepts: Result<_, _> = named.into_iter().map(|text| Accept::parse(text).map_err(OptionsError::Accept)).collect();
        Ok((limits, accepts?))
    }

    /// The options of `huiqi run`.
    pub fn run_options(self, args: RunArgs) -> Result<RunOptions, OptionsError> {
        let (limits, accepts) = self.limits(args.limits)?;
        let without = if args.without.is_empty() { self.without.clone() } else { args.without };
        if let Some(unknown) = without.iter().find(|w| ![WORKBOOK, REPORT].contains(&w.as_str())) {
            return Err(OptionsError::Without(unknown.clone()));
        }
        Ok(RunOptions {
            pipeline: self.pipeline(args.pipeline.pipeline),
            data: self.data(args.data),
            as_of: self.as_of(args.as_of)?,
            out: self.out(args.out),
            params: args.parameters.params.or_else(|| self.params.clone()),
            set: self.set.iter().cloned().chain(args.parameters.set).collect(),
            only: args.only,
            without,
            near_misses: args.near_misses.or(self.near_misses).unwrap_or_default(),
            limits,
            accepts,
            taken: Taken::default(),
            threads: args.threads.or(self.threads).unwrap_or_else(processors),
        })
    }
}

/// The machine's processors.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}
