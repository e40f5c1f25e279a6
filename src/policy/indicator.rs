//! An indicator as its file declares it, checked and typed: a table of groups, targets, and what to say about them.
//!
//! Grain: one row of a table per dimension, group and slice; one row of the targets per object.
//! A group may have rows of several sources: each column is made from the rows of one, or from columns before it.

use crate::diagnostic::Place;
use crate::schema::{SourceId, id};
use crate::sql::ir::{Expr, ParameterId};

id! {
    /// An indicator of the pipeline.
    IndicatorId
}

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
    /// The table's own source, and those whose rows stand below its own. No source twice.
    pub parts: Vec<Part>,
    pub dimensions: Vec<Dimension>,
    /// 口径: every group has a row for each; none: one row a group.
    pub slices: Vec<Slice>,
    pub columns: Vec<Column>,
}

/// The rows of one source that count.
#[derive(Debug, Clone)]
pub struct Part {
    pub source: SourceId,
    /// A group has a row where it has one row of a part for which this is true.
    pub counted: Expr,
}

/// One way to group the rows.
#[derive(Debug, Clone)]
pub struct Dimension {
    pub name: String,
    /// One per part; `None`: all rows are one group, named as the dimension.
    pub by: Option<Vec<Expr>>,
    /// One per part: only the rows for which it is true; `None`: all.
    pub within: Option<Vec<Expr>>,
    /// The total of a table: there even where no row counts, and below all other rows.
    pub total: bool,
}

/// 口径: some of the rows, by name.
#[derive(Debug, Clone)]
pub struct Slice {
    pub name: String,
    /// One per part.
    pub when: Vec<Expr>,
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
    pub place: Place,
}

/// Whose target it is: its expressions speak of no row, of a group of the file's table, or of each row of a source.
#[derive(Debug, Clone)]
pub enum Object {
    One(String),
    /// The only group of a dimension, and the slice, by their positions in the table.
    Group {
        name: String,
        dimension: usize,
        slice: Option<usize>,
    },
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
    Below,
}

impl Compare {
    pub const ALL: [(&'static str, Compare); 3] = [(">", Compare::Above), ("≥", Compare::AtLeast), ("<", Compare::Below)];

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
