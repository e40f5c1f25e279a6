//! What was made, and why data could not be made.

use crate::sql::EvalError;
use polars::prelude::PolarsError;
use std::path::PathBuf;
use thiserror::Error;

/// What was written, in the order of the plan's tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub files: Vec<Written>,
    /// The list of damaged lines, where damage was asked for.
    pub dirty: Option<PathBuf>,
}

/// One data file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub source: String,
    pub path: PathBuf,
    /// Records below the header, repeated ones included.
    pub rows: u64,
    pub bytes: u64,
    pub damaged: u64,
}

/// Something made.
pub type Made<T> = Result<T, GenerateError>;

/// Why data could not be made.
#[derive(Debug, Error)]
pub enum GenerateError {
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: std::io::Error },
    #[error("more rows are asked for than can be counted")]
    TooLarge,
    #[error("table {table}, row {row}: no code can be made: its issuer or region is wrong, or all codes are used up")]
    Code { table: String, row: u64 },
    #[error("table {table}, row {row}: `{column}` is required, and its rule gives nothing")]
    Empty { table: String, row: u64, column: String },
    #[error("{0}")]
    Engine(#[from] EvalError),
}

impl From<PolarsError> for GenerateError {
    fn from(error: PolarsError) -> Self {
        GenerateError::Engine(error.into())
    }
}
