//! A plan: which tables are made, how many rows each has, and how every cell is drawn.
//!
//! Built only by [`super::load`]; every name is an index, every expression is typed and lowered. One [`PlanTable`] is
//! one source of the pipeline, or a helper that is not written and that sources copy from.

use super::code::Code;
use super::draw::{Curve, Share};
use crate::diagnostic::{Diagnostic, Files};
use crate::policy::source::{ColumnKind, SourceId};

/// Index into [`Plan::tables`].
pub type TableId = usize;

/// Everything the folder `generate/` of a pipeline says.
pub struct Plan {
    pub(super) tables: Vec<PlanTable>,
    pub(super) settings: Settings,
    pub(super) dirt: Vec<Dirt>,
    pub files: Files,
    /// Sources that no table makes, and the like.
    pub warnings: Vec<Diagnostic>,
}

/// What holds for all tables.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The day that expressions call the as-of date.
    pub as_of: i32,
    /// The share of cells that sit on an edge, where a column names edges.
    pub near: Share,
    /// How a bool is written.
    pub yes: String,
    pub no: String,
}

/// One table.
pub(super) struct PlanTable {
    pub name: String,
    /// The source that it is written as; a helper has none.
    pub source: Option<SourceId>,
    pub count: Count,
    /// Of the rows counted, only so many are there at all …
    pub share: Share,
    /// … and of those only where this holds.
    pub filter: Option<Code>,
    /// A child table's first link leads to its parent.
    pub links: Vec<Link>,
    pub columns: Vec<PlanColumn>,
    /// Per column of the source: the column that is written; empty cells where there is none.
    pub written: Vec<Option<usize>>,
}

/// How many rows a table counts, those included that are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Fixed(u64),
    /// By enterprises asked for.
    PerThousand {
        rows: u64,
        at_least: u64,
    },
    /// So many for each row of the parent.
    Children {
        parent: TableId,
        times: u64,
    },
}

/// A way from each row of a table to a row of another.
pub(super) struct Link {
    pub name: String,
    pub target: TableId,
    pub kind: LinkKind,
}

pub(super) enum LinkKind {
    Parent,
    /// Any row that is there and for which the condition holds.
    Any(Option<Code>),
    /// The row with this number, the first being 1.
    Row(Code),
    /// The rows of one parent lead to different rows.
    Apart,
}

/// One column, written or not.
pub(super) struct PlanColumn {
    pub name: String,
    pub kind: ColumnKind,
    pub rule: Rule,
    /// Filled only where this holds.
    pub when: Option<Code>,
    /// The share of the filled cells that are emptied again.
    pub empty: Share,
    /// Edges: some cells are such a value, the one just below or the one just above.
    pub near: Vec<Bound>,
    pub near_share: Share,
}

/// How a cell is made.
pub(super) enum Rule {
    /// By the row's place among its siblings.
    Each {
        divisor: u64,
        values: Vec<Constant>,
    },
    /// The row's number.
    Number {
        from: i64,
    },
    Value(Code),
    /// Weights summed up, and what they choose.
    Pick {
        total: u64,
        options: Vec<(u64, Constant)>,
    },
    Range {
        from: Bound,
        to: Bound,
        step: i64,
        curve: Curve,
    },
    Text(Vec<Part>),
    /// A unified social credit code, never the same twice.
    Uscc {
        issuer: Code,
        region: Code,
        ordinal: u64,
    },
    /// A resident identity number, never the same twice.
    Identity {
        regions: Vec<String>,
        born: (i32, i32),
        ordinal: u64,
        of: u64,
    },
    /// One of several rules, by weight, among those whose condition holds.
    Mix(Vec<Branch>),
}

pub(super) struct Branch {
    pub weight: u64,
    pub when: Option<Code>,
    pub rule: Rule,
}

/// A piece of a text.
pub(super) enum Part {
    Words(String),
    Value(Code, ColumnKind),
    /// The row's number, with at least so many digits.
    Number(usize),
}

/// A value of the column's type: written out, or of the row.
pub(super) enum Bound {
    Constant(i64),
    Value(Code),
}

/// A cell as stored: numbers by scale, dates as days, enums as indices, bools as 0 and 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Null,
    Int(i64),
    Text(String),
}

/// One way in which real files are not clean.
#[derive(Debug, Clone)]
pub(super) struct Dirt {
    /// What the list of damaged lines calls it.
    pub name: String,
    pub fault: Fault,
    /// The types of the cells it befalls; empty: the row as a whole.
    pub on: Vec<String>,
    /// Whether the row can no longer be accepted.
    pub refused: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The cell is replaced; `{cell}`, `{y}`, `{m}`, `{d}`, `{mm}`, `{dd}` stand for what it was.
    Text(String),
    /// A code's last character is wrong.
    Check,
    /// A code holds a letter that it cannot hold.
    Letter,
    Lower,
    /// Full-width digits and letters.
    Wide,
    /// Thousands commas.
    Grouped,
    /// An enum's other name.
    Alias,
    /// A quote inside an unquoted cell.
    Quote,
    /// All cells one to the right.
    Shift,
    /// The last cell is missing.
    Short,
    /// A cell too many.
    Long,
    /// The same row again.
    Twice,
}

impl Fault {
    /// Faults that a plan names by a word.
    pub const NAMED: [(&'static str, Fault); 11] = [
        ("check", Fault::Check),
        ("letter", Fault::Letter),
        ("lower", Fault::Lower),
        ("wide", Fault::Wide),
        ("grouped", Fault::Grouped),
        ("alias", Fault::Alias),
        ("quote", Fault::Quote),
        ("shift", Fault::Shift),
        ("short", Fault::Short),
        ("long", Fault::Long),
        ("twice", Fault::Twice),
    ];

    /// Whether it befalls the row, not a cell.
    pub fn of_row(&self) -> bool {
        matches!(self, Fault::Shift | Fault::Short | Fault::Long | Fault::Twice)
    }
}
