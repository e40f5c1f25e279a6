//! Turns a plan, a size and a seed into a data folder: one CSV file per source, one line per row.
//!
//! The same arguments give the same bytes on every machine and with any number of threads. What is made stands in the
//! pipeline's folder `generate/` ([`load`]); a row is worked out from its number alone (`rows`), so that blocks of rows
//! are made in parallel and a row can copy from any other. Never does: read data, read the clock, or know a source.

mod check;
mod code;
mod codes;
mod dirt;
mod draw;
mod load;
mod lower;
mod model;
mod names;
mod raw;
mod resolve;
mod rows;
mod rules;
mod values;
mod write;

pub use load::load;
pub use model::Plan;

use crate::policy::model::Pipeline;
use dirt::Damaged;
use rows::World;
use std::path::{Path, PathBuf};
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
}

/// Writes every planned source for so many enterprises into the folder `out`, which is made where it is missing.
///
/// `dirty` is the share of rows to damage, in units of 1e-8; the damaged lines are then listed beside the folder, in
/// `<out>.dirty.csv`. Files of the same names are replaced, others in the folder are left alone.
pub fn generate(
    pipeline: &Pipeline,
    plan: &Plan,
    enterprises: u64,
    seed: u64,
    out: &Path,
    dirty: Option<u64>,
) -> Result<Report, GenerateError> {
    let world = World::new(plan, enterprises, seed)?;
    std::fs::create_dir_all(out).map_err(|error| GenerateError::Io { path: out.to_owned(), error })?;
    let mut report = Report { files: Vec::new(), dirty: None };
    let mut damaged: Vec<Damaged> = Vec::new();
    for (id, table) in plan.tables.iter().enumerate() {
        let Some(source) = table.source else { continue };
        let share = draw::Share(dirty.unwrap_or(0).min(draw::Share::WHOLE.0));
        let spoiler = dirt::Spoiler::new(pipeline, plan, source, share, seed);
        report.files.push(write::source(&world, &pipeline.sources[source], id, &spoiler, out, &mut damaged)?);
    }
    if dirty.is_some() {
        report.dirty = Some(dirt::write_list(out, &damaged)?);
    }
    Ok(report)
}
