//! What is seen in a delivery beside its rows: plain data with file, place and counts. Whether it matters the delivery room says.

use super::rules::Rule;
use crate::schema::SourceId;

/// A file or folder of the delivery that no source takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Path under the data folder, `/` between parts.
    pub path: String,
    pub kin: Kin,
}

/// Whose a file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kin {
    Nobody,
    /// Its name, or its folder, is this source's but for what people add to names.
    Source(SourceId),
    /// A table of the pipeline itself, which no delivery replaces.
    Reference(SourceId),
}

/// Why a whole file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub rule: Rule,
    /// What is wrong, in Chinese.
    pub says: String,
    /// What helps.
    pub todo: &'static str,
}

/// A sheet of a workbook that was not read, though it has rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSeen {
    pub name: String,
    pub is_hidden: bool,
    /// It has all columns that must be there.
    pub fits: bool,
    /// Sheets of the workbook that are read.
    pub beside: usize,
    /// Columns that must be there: how many it has, and what it lacks.
    pub required: usize,
    pub lacks: Vec<String>,
    /// It begins without a header where a sheet that is read would go on.
    pub goes_on: bool,
    /// Rows with anything in them.
    pub rows: u64,
}

/// A unit of money that a file says, of one column or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitSeen {
    /// `万元`.
    pub unit: String,
    /// The declared column whose header says it, none where it stands above the header.
    pub column: Option<usize>,
    /// The words that say it.
    pub words: String,
}

/// How the codes of one column are written in one file or sheet: digits alone are counted, those with zeros before them and others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodesSeen {
    pub column: usize,
    /// Codes with a zero before their digits, and the longest of them.
    pub padded: u64,
    pub longest: usize,
    /// Codes of digits without one, and the shortest of them.
    pub bare: u64,
    pub shortest: usize,
}

/// Values of a column that are not the usual ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusualSeen {
    pub column: usize,
    /// Values in all.
    pub values: u64,
    pub unusual: u64,
    /// One of them, as it is stored.
    pub example: i64,
}
