//! A plan: which tables are made, how many rows each has, and how every cell is drawn.
//!
//! Built only by [`super::load`]; every name is an index, every expression is typed. One [`PlanTable`] is
//! one source of the pipeline, or a helper that is not written and that sources copy from.

use crate::diagnostic::{Diagnostic, Files};
use crate::schema::{BySource, ColumnKind, SourceId};
use crate::sql::ir::{Expr, Row};
use crate::value::Cell;

/// Index into [`Plan::tables`].
pub type TableId = SourceId;

/// Everything the folder `generate/` of a pipeline says.
pub struct Plan {
    pub(in crate::generate) tables: BySource<PlanTable>,
    pub(in crate::generate) settings: Settings,
    pub(in crate::generate) dirt: Vec<Dirt>,
    pub files: Files,
    /// Sources that no table makes, and the like.
    pub warnings: Vec<Diagnostic>,
}

impl Plan {
    /// The tables of whose rows each belongs to one of this table's.
    pub(in crate::generate) fn children(&self, table: TableId) -> impl Iterator<Item = TableId> {
        let is_child = move |count: Count| matches!(count, Count::Children { parent, .. } if parent == table);
        self.tables.iter_enumerated().filter(move |(_, child)| is_child(child.count)).map(|(id, _)| id)
    }
}

/// What holds for all tables.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The day that expressions call the as-of date.
    pub as_of: i32,
    /// The share of cells that sit on an edge, where a column names edges.
    pub near: Share,
    /// How a bool is written.
    pub yes: String,
    pub no: String,
}

/// A share of rows or cells, in units of 1e-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share(pub u64);

impl Share {
    pub const WHOLE: Share = Share(100_000_000);
    pub const NONE: Share = Share(0);
}

/// One table.
pub struct PlanTable {
    pub name: String,
    /// The source that it is written as; a helper has none.
    pub source: Option<SourceId>,
    pub count: Count,
    /// Of the rows counted, only so many are there at all …
    pub share: Share,
    /// … and of those only where all of this holds.
    pub filters: Vec<Formula>,
    /// A child table's first link leads to its parent.
    pub links: Vec<Link>,
    pub columns: Vec<PlanColumn>,
    /// Per column of the source: the column that is written; empty cells where there is none.
    pub written: Vec<Option<usize>>,
}

impl PlanTable {
    /// Rows for each row of the parent.
    pub fn times(&self) -> u64 {
        match self.count {
            Count::Children { times, .. } => times,
            Count::Fixed(_) | Count::PerThousand { .. } => 1,
        }
    }
}

/// How many rows a table counts, those included that are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
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
pub struct Link {
    pub name: String,
    pub target: TableId,
    pub kind: LinkKind,
}

pub enum LinkKind {
    Parent,
    /// Any row that is there and for which the condition holds.
    Any(Option<Formula>),
    /// The row with this number, the first being 1.
    Row(Formula),
    /// The rows of one parent lead to different rows.
    Apart,
}

/// An expression that the engine computes over rows of a table.
pub struct Formula {
    pub expr: Expr,
    /// A number is rounded to so many places, half away from zero; none: the value is stored as it is.
    pub places: Option<u32>,
    /// The parts that stand in rows, each once, and where they stand.
    pub reads: Vec<(Expr, Read)>,
}

/// A column of the row at hand (or, in a link's condition, of the row around it), or of the row that its link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Read {
    pub row: Row,
    pub link: Option<usize>,
    pub column: usize,
}

/// One column, written or not.
pub struct PlanColumn {
    pub name: String,
    pub kind: ColumnKind,
    pub rule: Rule,
    /// Filled only where this holds.
    pub when: Option<Formula>,
    /// The share of the filled cells that are emptied again.
    pub empty: Share,
    /// Edges: some cells are such a value, the one just below or the one just above.
    pub near: Vec<Bound>,
    pub near_share: Share,
}

impl PlanColumn {
    /// Every formula that may have a say in a cell.
    pub fn formulas(&self) -> Vec<&Formula> {
        let mut formulas: Vec<&Formula> = self.when.iter().chain(self.near.iter().filter_map(Bound::formula)).collect();
        self.rule.add_formulas(&mut formulas);
        formulas
    }
}

/// How a cell is made.
pub enum Rule {
    /// By the row's place among its siblings.
    Each {
        divisor: u64,
        values: Vec<Cell>,
    },
    /// The row's number.
    Number {
        from: i64,
    },
    Value(Formula),
    /// Weights summed up, and what they choose.
    Pick {
        total: u64,
        options: Vec<(u64, Cell)>,
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
        issuer: Formula,
        region: Formula,
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

pub struct Branch {
    pub weight: u64,
    pub when: Option<Formula>,
    pub rule: Rule,
}

impl Rule {
    /// Whether cells may follow from random numbers.
    pub fn draws(&self) -> bool {
        !matches!(self, Rule::Each { .. } | Rule::Number { .. } | Rule::Value(_) | Rule::Text(_))
    }

    fn add_formulas<'a>(&'a self, formulas: &mut Vec<&'a Formula>) {
        match self {
            Rule::Each { .. } | Rule::Number { .. } | Rule::Pick { .. } | Rule::Identity { .. } => {}
            Rule::Value(formula) => formulas.push(formula),
            Rule::Range { from, to, .. } => formulas.extend([from, to].into_iter().filter_map(Bound::formula)),
            Rule::Text(parts) => formulas.extend(parts.iter().filter_map(|part| match part {
                Part::Value(formula, _) => Some(formula),
                Part::Words(_) | Part::Number(_) => None,
            })),
            Rule::Uscc { issuer, region, .. } => formulas.extend([issuer, region]),
            Rule::Mix(branches) => branches.iter().for_each(|branch| {
                formulas.extend(&branch.when);
                branch.rule.add_formulas(formulas);
            }),
        }
    }
}

/// How the values of a range are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    Even,
    /// Every doubling equally often: amounts of money.
    Log,
    /// More towards the end.
    Rising,
    /// More towards the beginning.
    Falling,
}

/// The difference between neighbouring values, where a kind has such.
pub fn smallest_step(kind: &ColumnKind) -> Option<i64> {
    match kind {
        ColumnKind::Date | ColumnKind::Int | ColumnKind::Money | ColumnKind::Rate | ColumnKind::Decimal => Some(1),
        ColumnKind::DateTime => Some(1000),
        _ => None,
    }
}

/// A piece of a text.
pub enum Part {
    Words(String),
    Value(Formula, ColumnKind),
    /// The row's number, with at least so many digits.
    Number(usize),
}

/// A value of the column's type: written out, or of the row.
pub enum Bound {
    Constant(i64),
    Value(Formula),
}

impl Bound {
    fn formula(&self) -> Option<&Formula> {
        match self {
            Bound::Value(formula) => Some(formula),
            Bound::Constant(_) => None,
        }
    }
}

/// One way in which real files are not clean.
#[derive(Debug, Clone)]
pub struct Dirt {
    /// What the list of damaged lines calls it.
    pub name: String,
    pub fault: Fault,
    /// The types of the cells it befalls; empty: the row as a whole.
    pub on: Vec<String>,
    /// Whether the row can no longer be accepted.
    pub refused: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
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
