//! Flags over `huiqi.toml` over defaults → the options of a run, checked.

use super::RunArgs;
use crate::reports::Wanted;
use serde::Deserialize;
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
const DEFAULT_MAX_REJECTS: Ratio = Ratio { numerator: 5, denominator: 100 };

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
    pub threads: Option<usize>,
}

#[derive(Debug, Error)]
pub enum OptionsError {
    #[error("--as-of: `{0}` is not a day; write 2022-12-31")]
    AsOf(String),
    #[error("--max-rejects: `{0}` is not a fraction such as 0.05")]
    MaxRejects(String),
    #[error("--without: `{0}` is neither {WORKBOOK} nor {REPORT}")]
    Without(String),
    #[error("{CONFIG_FILE}: {0}")]
    Config(String),
}

/// A share of rows, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    pub numerator: u64,
    pub denominator: u64,
}

impl Ratio {
    /// A fraction from 0 to 1 with at most nine decimals.
    pub fn parse(text: &str) -> Option<Ratio> {
        let (value, scale) = crate::money::decimal(text)?;
        let denominator = 10_u64.checked_pow(scale.min(19))?;
        let numerator = u64::try_from(value).ok()?;
        (scale <= 9 && numerator <= denominator).then_some(Ratio { numerator, denominator })
    }

    /// Whether `part` of `whole` is a larger share than this.
    pub fn is_exceeded(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.denominator) > u128::from(whole) * u128::from(self.numerator)
    }
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
    pub max_rejects: Ratio,
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

    /// The options of `huiqi run`.
    pub fn run_options(self, args: RunArgs) -> Result<RunOptions, OptionsError> {
        let max_rejects = match args.max_rejects.or_else(|| self.max_rejects.clone()) {
            Some(text) => Ratio::parse(&text).ok_or(OptionsError::MaxRejects(text))?,
            None => DEFAULT_MAX_REJECTS,
        };
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
            max_rejects,
            threads: args.threads.or(self.threads).unwrap_or_else(processors),
        })
    }
}

/// The machine's processors.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}
