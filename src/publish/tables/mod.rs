//! The tables of a run: one file for each says its path, its columns with what stands in them, the order of its rows, whether the
//! workbook has it, and how a row of it is filled.
//!
//! [`ALL`] is the one list of them: what writes a run, its workbook, what reads a run back and what proves it go by it. A column and
//! its cell are one line, so that no row can lack one; whoever reads a table back names a column by its `Column`, and a
//! header is looked at whole before. The tables of indicators have the columns that the pipeline gives them: [`kpi`].
//! Never does: sort, compute, or read a table back.

pub mod delta;
pub mod findings;
pub mod funnel;
pub mod kpi;
pub mod ledger;
pub mod matches;
pub mod near_misses;
pub mod payments;
pub mod rejects;
pub mod sources;
pub mod summary;
pub mod undetermined;
pub mod unmatched;
pub mod withheld;

use super::csv::Out;
use crate::delivery::Finding;
use crate::facts::World;
use crate::indicators::Kpis;
use crate::ledger::columns::Column;
use crate::ledger::{Lines, Summary, Undetermined};
use crate::reports::{Account, Change, Funnel, Wanted};
use crate::settlement::Settled;
use crate::sql::EvalError;

/// Every table whose columns are fixed, in the order in which they are written.
pub const ALL: [&Table; 15] = [
    &ledger::AWARDS,
    &ledger::RELIEFS,
    &ledger::ENTITLEMENTS,
    &summary::TABLE,
    &funnel::TABLE,
    &matches::TABLE,
    &undetermined::TABLE,
    &findings::TABLE,
    &rejects::TABLE,
    &unmatched::TABLE,
    &sources::TABLE,
    &delta::TABLE,
    &payments::TABLE,
    &withheld::TABLE,
    &near_misses::TABLE,
];

/// A published table whose columns are fixed.
pub struct Table {
    /// In the run's folder, as the manifest names it.
    pub path: &'static str,
    pub columns: &'static [Column<'static>],
    /// The columns whose cells, compared as text, put its rows in order; none where something else does.
    pub order: &'static [usize],
    /// No two rows agree in all of `order`, but those of masked persons.
    pub is_key: bool,
    /// The name of its sheet in the workbook.
    pub sheet: Option<fn() -> String>,
    /// It depends on the run before: the same run may have it differently.
    pub looks_back: bool,
    /// Every run has it.
    pub is_always: bool,
    pub rows: Rows,
}

/// Where the rows of a table come from.
pub enum Rows {
    /// None: this run has no such table.
    Whole(for<'f> fn(&'f Found<'f>) -> Option<Listing<'f>>),
    /// There may be millions: the rows of one measure after those of another, in memory only until they are written.
    ByMeasure(for<'f> fn(&'f Found<'f>, &'f Settled<'f>) -> Result<Listing<'f>, EvalError>),
}

/// What a run found: all that its tables are filled from.
pub struct Found<'f> {
    pub world: &'f World<'f>,
    /// Of the delivery as a whole.
    pub findings: &'f [Finding],
    pub computed: &'f Computed<'f>,
    pub funnels: &'f [Funnel],
    pub kpis: &'f Kpis,
    /// Which near misses are listed.
    pub near_misses: Wanted,
    /// Since the run before, where there is one.
    pub changes: Option<&'f [Change<'f>]>,
    /// The lines of the run before that are 未提供 now, where there are any: the cells of each.
    pub withheld: Option<&'f [Vec<String>]>,
    /// Where payments were delivered.
    pub accounts: Option<&'f [Account<'f>]>,
}

/// What a run decided, settled and summed.
pub struct Computed<'w> {
    pub settled: Vec<Settled<'w>>,
    pub lines: Vec<Lines<'w>>,
    pub summary: Vec<Summary>,
    pub undetermined: Vec<Undetermined<'w>>,
}

/// Rows that can be filled one by one, in any order.
pub struct Listing<'f> {
    /// How many.
    pub len: usize,
    fill: Fill<'f>,
}

type Fill<'f> = Box<dyn Fn(usize, &mut dyn Out) + Sync + 'f>;

impl<'f> Listing<'f> {
    /// `fill` gets the number of a row, from 0.
    pub fn new(len: usize, fill: impl Fn(usize, &mut dyn Out) + Sync + 'f) -> Listing<'f> {
        Listing { len, fill: Box::new(fill) }
    }

    /// One row per item.
    pub fn of<T: Send + Sync + 'f>(items: Vec<T>, fill: impl Fn(&T, &mut dyn Out) + Sync + 'f) -> Listing<'f> {
        Listing::new(items.len(), move |at, out| fill(&items[at], out))
    }

    pub fn fill(&self, at: usize, out: &mut dyn Out) {
        (self.fill)(at, out);
    }
}

impl Table {
    /// A table that every run has, in no order of texts and in no workbook.
    const fn new(path: &'static str, columns: &'static [Column<'static>], rows: Rows) -> Table {
        Table { path, columns, order: &[], is_key: false, sheet: None, looks_back: false, is_always: true, rows }
    }

    /// Where a header is not that of this table, by its first column that differs.
    pub fn mismatch(&self, header: &[&str]) -> Option<String> {
        let (found, wanted) = (|at| header.get(at).copied(), |at: usize| self.columns.get(at).map(|column| column.name));
        let at = (0..header.len().max(self.columns.len())).find(|&at| found(at) != wanted(at))?;
        let [found, wanted] = [found(at), wanted(at)].map(|name| name.unwrap_or("none"));
        Some(format!("column {} is {found}, should be {wanted}", at + 1))
    }

    /// The fixed table of this path.
    pub fn at(path: &str) -> Option<&'static Table> {
        ALL.into_iter().find(|table| table.path == path)
    }
}

/// The columns of a table, and of each what stands in it and how it is filled from what a row is made of: `Column`, `COLUMNS`, `fill`.
macro_rules! table {
    // A table whose rows speak of ledger lines begins with what names the line, an `Entry`.
    (|($line:ident, $($more:ident),+): $of:ty| { line; $($columns:tt)+ }) => {
        $crate::publish::tables::table! {
            |($line, $($more),+): $of| {
                Number: code_by "台账编号" = |out| $line.write_number(out);
                Measure: code "措施编号" = $line.measure;
                Article: text "条款" = $line.article;
                Title: text "措施名称" = $line.title;
                Kind: text "类型" = $line.kind;
                Subject: code "统一社会信用代码" = $line.subject;
                Name: text "主体名称" = $line.name;
                County: code "区划代码" = $line.county;
                Document: code "来源单据" = $line.document;
                Period: code_by "所属期" = |out| $line.write_period(out);
                $($columns)+
            }
        }
    };
    (|$row:tt: $of:ty| { $($name:ident: $cells:ident $title:literal = $cell:expr;)+ }) => {
        /// A column of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Column {
            $($name,)+
        }

        pub const COLUMNS: &[$crate::ledger::columns::Column<'static>] = &[$($crate::ledger::columns::$cells($title),)+];

        impl From<Column> for usize {
            fn from(column: Column) -> usize {
                column as usize
            }
        }

        /// Fills one row.
        pub fn fill($row: $of, out: &mut dyn $crate::publish::csv::Out) {
            $($crate::publish::tables::put!(out, $cells, $cell);)+
        }
    };
}

/// Puts a cell where its column says: words and codes are anything that is text, or what appends it.
macro_rules! put {
    ($out:ident, number, $cell:expr) => {
        $out.number($cell)
    };
    ($out:ident, text_by, $cell:expr) => {
        $out.text_by(&mut $cell)
    };
    ($out:ident, code_by, $cell:expr) => {
        $out.code_by(&mut $cell)
    };
    ($out:ident, $cells:ident, $cell:expr) => {
        $out.$cells(AsRef::<str>::as_ref(&$cell))
    };
}

use {put, table};

/// So many columns name a ledger line.
pub const LINE: usize = ledger::Column::Period as usize + 1;

/// Columns as places, for [`Table::order`].
macro_rules! places {
    ($($name:ident),+) => { &[$(Column::$name as usize),+] };
}

use places;
