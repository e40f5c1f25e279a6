//! Turns delivered files into checked tables, one row per accepted current row, and everything that was refused into rejects.
//!
//! Guarantees: per file, rows in = accepted + superseded + rejected; nothing is rounded, guessed or dropped;
//! the result does not depend on thread count or on how a table was cut into part files.
//! Never does: decide anything about a measure, or read the clock.

mod cell;
mod change;
mod closer;
mod codes;
mod compound;
mod contract;
mod damage;
mod discover;
mod fault;
mod file;
mod fill;
mod format;
mod glob;
mod grid;
mod header;
mod heads;
pub mod inspect;
mod judge;
mod keys;
mod links;
mod normal;
mod ods;
mod package;
mod padding;
mod parquet;
mod part;
mod read;
mod records;
mod reject;
mod rules;
mod seen;
mod sheet;
mod stray;
mod table;
mod text;
mod units;
mod words;
mod workbook;

pub use change::{Change, ChangeError, change};
pub use links::with_targets;
pub use read::{empty, read, read_texts};
pub use rules::Rule;
pub use seen::{CodesSeen, Kin, Refusal, SheetSeen, Stray, UnitSeen, UnusualSeen};

use crate::schema::{BySource, SourceId};
use crate::texts::Texts;
use polars::prelude::DataFrame;
use std::path::PathBuf;
use std::sync::Arc;

/// All tables of a run, their codes, and the account of every file.
#[derive(Clone, Default)]
pub struct CheckedTables {
    pub codes: Arc<Codes>,
    /// By [`SourceId`]; `None` where no file was delivered.
    pub tables: BySource<Option<Table>>,
    pub files: Vec<FileReport>,
    /// In the order of source name, file, line, column.
    pub rejects: Vec<Reject>,
    /// In the order of source name, column, code.
    pub unmatched: Vec<Unmatched>,
    /// Files and folders that no source takes, in the order of their names.
    pub strays: Vec<Stray>,
    /// Sources that were sent in more than one place, with the places.
    pub twice: Vec<(SourceId, Vec<String>)>,
    /// What could not be checked; English, for the log.
    pub warnings: Vec<String>,
}

/// One source's accepted current rows, typed as the storage table of the design says, one row per record.
#[derive(Clone)]
pub struct Table {
    /// One column per declared column, in declared order, named as declared.
    pub frame: DataFrame,
    /// Per row: index into [`CheckedTables::files`].
    pub file: Vec<u16>,
    /// Per row: physical line on which the record starts (first line of the file = 1).
    pub line: Vec<u32>,
    /// From which row on rows come from which sheet, ascending; no name where nobody needs one.
    sheets: Vec<(usize, String)>,
}

impl Table {
    /// The sheet of a row, where several of its file are read.
    pub fn sheet(&self, row: usize) -> Option<&str> {
        let at = self.sheets.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        self.sheets.get(at).map(|(_, name)| name.as_str()).filter(|name| !name.is_empty())
    }
}

/// Every code that names an enterprise, a person or a bank, as a dense id.
///
/// Registrations come first, so the id of a registered code is its row number there.
pub type Codes = Texts;

/// The account of one delivered file.
#[derive(Debug, Clone)]
pub struct FileReport {
    pub source: SourceId,
    /// Path under the data folder, `/` between parts.
    pub path: String,
    pub rows: u64,
    pub accepted: u64,
    pub superseded: u64,
    pub rejected: u64,
    /// Accepted rows with at least one loose key that is not registered.
    pub unmatched: u64,
    pub encoding: String,
    pub sha256: String,
    /// Declared columns that it lacks, by index.
    pub absent: Vec<usize>,
    /// Headers that name no declared column, as they stand.
    pub strangers: Vec<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Why it is not read, where it is not.
    pub refusals: Vec<Refusal>,
    /// Sheets that are not read.
    pub sheets: Vec<SheetSeen>,
    pub units: Vec<UnitSeen>,
    /// Per sheet that is read and column of codes.
    pub codes: Vec<CodesSeen>,
    pub unusual: Vec<UnusualSeen>,
}

/// One error of one rejected row.
#[derive(Debug, Clone)]
pub struct Reject {
    pub source: SourceId,
    pub file: String,
    pub line: u32,
    /// The row's key as far as it could be read, masked where it names a person.
    pub key: String,
    pub column: String,
    pub value: String,
    /// A stable code of the rule (`money.scale`).
    pub rule: &'static str,
    /// What is wrong and what to do, in Chinese.
    pub reason: String,
    /// The whole record as it stood in the file, persons' numbers masked.
    pub raw: String,
}

/// Rows of one source whose code is not registered, one entry per (source, column, code).
#[derive(Debug, Clone)]
pub struct Unmatched {
    pub source: SourceId,
    pub column: String,
    pub code: String,
    pub rows: u64,
}

impl FileReport {
    fn new(source: SourceId, path: &str) -> FileReport {
        FileReport {
            source,
            path: path.to_owned(),
            rows: 0,
            accepted: 0,
            superseded: 0,
            rejected: 0,
            unmatched: 0,
            encoding: String::new(),
            sha256: String::new(),
            absent: Vec::new(),
            strangers: Vec::new(),
            bytes: 0,
            refusals: Vec::new(),
            sheets: Vec::new(),
            units: Vec::new(),
            codes: Vec::new(),
            unusual: Vec::new(),
        }
    }
}

/// Why nothing could be read at all. What is wrong with the data itself is a [`Reject`], never an error.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{path}: {error}", path = path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{path}: changed while it was being read; run again when its delivery is complete", path = path.display())]
    Changed { path: PathBuf },
    #[error("more than 65,536 files")]
    TooManyFiles,
    /// A source file declares something that cannot be read by.
    #[error("{0}")]
    Contract(String),
    /// A table of the pipeline itself has bad rows.
    #[error("reference table {table}: {} bad cells, the first in {}", rejects.len(), first_place(rejects))]
    ReferenceTable { table: String, rejects: Vec<Reject> },
    #[error("the engine refused a table: {0}")]
    Engine(String),
}

fn first_place(rejects: &[Reject]) -> String {
    rejects.first().map(|reject| format!("{} line {}: {} {}", reject.file, reject.line, reject.column, reject.reason)).unwrap_or_default()
}
