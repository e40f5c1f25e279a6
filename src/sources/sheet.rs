//! Tables that are no text, on their way to be one: rows of cells with a header among them.

use super::cell::Cell;
use super::contract::Contract;
use super::fault::{FileFault, Unread, unread};
use super::grid::Grid;
use super::header::Layout;
use super::rules::Rule;
use super::seen::SheetSeen;
use super::text::Text;
use crate::schema::ColumnKind;
use calamine::Dimensions;
use std::ops::ControlFlow::{self, Break, Continue};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A file that is opened: the tables in it that are read, in their order, and sheets that are not.
pub struct Book {
    /// At least one; one alone with an error where nothing fits.
    pub parts: Vec<Sheet>,
    pub sheets: Vec<SheetSeen>,
}

/// A table as text.
pub struct Sheet {
    pub text: Text,
    pub layout: Result<Layout, Vec<FileFault>>,
}

impl Book {
    /// A file of one table.
    pub fn of(text: Text, layout: Result<Layout, Vec<FileFault>>) -> Book {
        Book { parts: vec![Sheet { text, layout }], sheets: Vec::new() }
    }
}

/// Opens a file by a reader that is not ours: what makes it panic is a damaged file (some trust the offsets that a file
/// claims), and refuses that file alone.
pub fn guarded(damaged: &str, open: impl FnOnce() -> Result<Book, FileFault>) -> Book {
    let book = catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|_| Err(unread(Unread::Damaged, damaged)));
    book.unwrap_or_else(|fault| Book::of(Grid::default().finish(""), Err(vec![fault])))
}

/// What stands below a header.
struct Below<'a> {
    /// Rows up to the header.
    lines: usize,
    /// Per place in a row: the type of its column, none where it is nobody's.
    kinds: Vec<Option<&'a ColumnKind>>,
}

impl<'a> Below<'a> {
    fn new(contract: &'a Contract, layout: &Layout) -> Below<'a> {
        let mut kinds = vec![None; layout.width];
        for (check, field) in contract.columns.iter().zip(&layout.fields) {
            if let Some(kind) = field.and_then(|field| kinds.get_mut(field)) {
                *kind = Some(&check.column.kind);
            }
        }
        Below { lines: layout.lines as usize, kinds }
    }
}

/// Cells that lie under a merge over several rows: all of it but its first cell.
#[derive(Default)]
pub struct Merges {
    /// By their first rows.
    merges: Vec<Dimensions>,
    /// Those that begin before the row, and how many have.
    open: Vec<Dimensions>,
    begun: usize,
}

impl Merges {
    pub fn new(mut merges: Vec<Dimensions>) -> Merges {
        merges.retain(|merge| merge.start.0 < merge.end.0);
        merges.sort_unstable_by_key(|merge| merge.start);
        Merges { merges, ..Merges::default() }
    }

    /// Goes on to a row (from 0), which never lies before the last one.
    fn at(&mut self, row: u32) {
        self.open.retain(|merge| merge.end.0 >= row);
        while let Some(merge) = self.merges.get(self.begun).filter(|merge| merge.start.0 <= row) {
            self.open.push(*merge);
            self.begun += 1;
        }
    }

    fn covers(&self, row: u32, place: u32) -> bool {
        self.open.iter().any(|merge| merge.contains(row, place) && merge.start != (row, place))
    }
}

/// Writes rows of cells into a grid. Above the header a row is as wide as it is, below it as wide as the header.
pub struct Writer<'a> {
    grid: Grid,
    pub is_1904: bool,
    /// Rows without anything in them are rows.
    pub keeps_blank: bool,
    pub merges: Merges,
    below: Option<Below<'a>>,
    written: usize,
    /// The most rows that are wanted, and the most cells that there may be.
    pub rows: usize,
    cells: u64,
    fault: Option<FileFault>,
}

impl<'a> Writer<'a> {
    /// A writer of all rows; with a layout, the cells below its header are written for their columns' types.
    pub fn new(layout: Option<(&'a Contract<'a>, &Layout)>, cells: u64) -> Writer<'a> {
        let below = layout.map(|(contract, layout)| Below::new(contract, layout));
        let (grid, merges) = (Grid::default(), Merges::default());
        Writer { grid, is_1904: false, keeps_blank: false, merges, below, written: 0, rows: usize::MAX, cells, fault: None }
    }

    /// Bytes written.
    pub fn length(&self) -> u64 {
        self.grid.length()
    }

    /// The text, or why there is none.
    pub fn finish(self, encoding: &str) -> Result<Text, FileFault> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.grid.finish(encoding)),
        }
    }

    /// Writes a row; breaks off where no more are wanted.
    pub fn row(&mut self, number: u32, cells: &[(u32, Cell)]) -> ControlFlow<()> {
        let last = cells.iter().filter(|(_, cell)| !cell.is_blank()).map(|(place, _)| *place).max();
        if last.is_none() && !self.keeps_blank {
            return Continue(());
        }
        let last = last.unwrap_or_default();
        // Rows up to the header are written as when it was looked for.
        let kinds = self.below.as_ref().filter(|below| self.written >= below.lines).map(|below| &below.kinds);
        let width = kinds.map_or(last as usize + 1, Vec::len);
        if (self.written as u64 + 1) * width as u64 > self.cells {
            self.fault = Some(FileFault::new(Rule::FileDimension, format!("第 {number} 行时已超过 {} 个单元格", self.cells)));
            return Break(());
        }
        let mut row: Vec<&Cell> = vec![&Cell::Empty; width];
        for (place, cell) in cells {
            if let Some(slot) = row.get_mut(*place as usize) {
                *slot = cell;
            }
        }
        self.merges.at(number.saturating_sub(1));
        for ((place, cell), at) in row.into_iter().enumerate().zip(0..) {
            let kind = kinds.and_then(|kinds| kinds[place]);
            let is_covered = kind.is_some() && self.merges.covers(number.saturating_sub(1), at);
            match cell.text(kind, self.is_1904) {
                _ if is_covered => self.grid.push_fault("", Rule::CellMerged),
                Ok(text) => self.grid.push(&text),
                Err((rule, shown)) if kind.is_some() => self.grid.push_fault(&shown, rule),
                Err((_, shown)) => self.grid.push(&shown),
            }
        }
        self.grid.end_row(number);
        self.written += 1;
        if self.written < self.rows { Continue(()) } else { Break(()) }
    }
}
