//! An indicator as its file declares it, checked and typed: a table of groups, targets, and what to say about them.
//!
//! Grain: one row of a table per dimension, group and slice; one row of the targets per object.

use super::source::SourceId;
use crate::diagnostic::Place;
use crate::sql::ir::{Expr, ParameterId};

/// Index into the pipeline's indicators.
pub type IndicatorId = usize;

/// The name of the table of targets, which all files fill together.
pub const TARGETS: &str = "targets";

/// One KPI: what it counts, in which groups, against which targets.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// The file name without `.toml`, and that of its table.
    pub name: String,
    pub title: String,
    pub articles: Vec<u32>,
    pub says: String,
    /// What the reader of its figures must know.
    pub note: Option<String>,
    /// `None` where the file only has targets.
    pub table: Option<Grouping>,
    pub targets: Vec<Target>,
    pub remarks: Vec<Remark>,
    pub warnings: Vec<Warning>,
    pub parameters: Vec<ParameterId>,
    pub place: Place,
}

/// The rows that count, how they are grouped, and the columns of every group.
#[derive(Debug, Clone)]
pub struct Grouping {
    pub source: SourceId,
    /// A group has a row where it has one row of the source for which this is true.
    pub counted: Expr,
    pub dimensions: Vec<Dimension>,
    /// 口径: every group has a row for each; none: one row a group.
    pub slices: Vec<Slice>,
    pub columns: Vec<Column>,
}

/// One way to group the rows.
#[derive(Debug, Clone)]
pub struct Dimension {
    pub name: String,
    /// `None`: all rows are one group, named as the dimension.
    pub by: Option<Expr>,
}

/// 口径: some of the rows, by name.
#[derive(Debug, Clone)]
pub struct Slice {
    pub name: String,
    pub when: Expr,
}

/// One figure of a group.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    /// Over the group; earlier columns stand in it as expressions, so that quotients stay exact.
    pub value: Expr,
    /// Decimals of a number.
    pub places: u32,
    /// Only there for later columns.
    pub hidden: bool,
    /// What NULL prints as.
    pub missing: String,
    pub place: Place,
}

/// A figure that an article wants reached.
#[derive(Debug, Clone)]
pub struct Target {
    pub article: u32,
    pub name: String,
    pub object: Object,
    pub compare: Compare,
    pub goal: Expr,
    pub actual: Expr,
    /// Decimals of goal and actual.
    pub places: u32,
    /// 无数据 where this is true.
    pub no_data: Option<Expr>,
    /// 达标; NULL is 无基数.
    pub met: Expr,
    /// Not met while this is true: 进行中.
    pub pending: Option<Expr>,
    pub offices: Vec<String>,
    pub place: Place,
}

/// Whose target it is: its expressions speak of no row, or of each row of a source.
#[derive(Debug, Clone)]
pub enum Object {
    One(String),
    /// Each row of a source, named by its key.
    Each {
        source: SourceId,
        when: Option<Expr>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    Above,
    AtLeast,
}

impl Compare {
    pub const ALL: [(&'static str, Compare); 2] = [(">", Compare::Above), ("≥", Compare::AtLeast)];

    pub fn name(self) -> &'static str {
        Compare::ALL.iter().find(|(_, c)| *c == self).map_or("", |(n, _)| n)
    }
}

/// A figure for the report: one value for the run.
#[derive(Debug, Clone)]
pub struct Remark {
    pub says: String,
    pub value: Expr,
    pub places: u32,
}

/// What the run warns of where a condition on the run holds.
#[derive(Debug, Clone)]
pub struct Warning {
    pub says: String,
    pub when: Expr,
}
