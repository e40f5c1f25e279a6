//! Turns cells into the bytes of a published CSV, one line per row: the only way in which one is written.
//!
//! Guarantees: UTF-8 with BOM, CRLF, quotes only where RFC 4180 needs them, plain decimals, ISO dates; the same rows
//! give the same bytes, whatever the number of threads. A text cell that a spreadsheet would run as a formula
//! ([`runs_as_formula`]) gets an apostrophe in front and is otherwise unchanged; codes, dates and numbers never do.
//! Never does: sort, round, or decide what stands in a cell. A row with too few or too many cells is a bug and panics.
//! To read on: [`super::Staging`], which takes the blocks to the disk, and [`mod@super::verify`], which reads them back.

use crate::ledger::columns::{Cells, Column};
use crate::money::{self, Fen};
use rayon::prelude::*;
use std::borrow::Cow;
use std::convert::Infallible;

/// What every published CSV begins with.
pub const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Rows that one thread formats at a time: so many that their bytes are still at hand when they are hashed and written. The file
/// does not depend on it.
const ROWS_PER_BLOCK: usize = 1024;

/// Blocks that are formatted while those before them are hashed and written.
const BLOCKS_AHEAD: usize = 8;

/// What a cell grows to on average; a guess that saves most of the reallocation.
const BYTES_PER_CELL: usize = 18;

/// A published CSV in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    pub(super) bytes: Vec<u8>,
    pub(super) rows: u64,
}

impl Csv {
    /// `write` gets the number of a row (from 0) and fills it. It is called once per row, in any order.
    pub fn build(columns: &[Column], rows: usize, write: impl Fn(usize, &mut dyn Out) + Sync) -> Csv {
        let mut bytes = header(columns);
        let gathered: Result<(), Infallible> = stream(columns, rows, write, |block| {
            bytes.extend_from_slice(block);
            Ok(())
        });
        let Ok(()) = gathered;
        Csv { bytes, rows: rows as u64 }
    }

    /// As [`Csv::build`], one row per item.
    pub fn of<T: Sync>(columns: &[Column], items: &[T], write: impl Fn(&T, &mut dyn Out) + Sync) -> Csv {
        Csv::build(columns, items.len(), |number, row| write(&items[number], row))
    }

    /// Rows, the header not counted.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// Formats rows in parallel, block by block, as [`Csv::build`] does, and hands the blocks over in their order; a few stand in memory.
pub(super) fn stream<E: Send>(
    columns: &[Column],
    rows: usize,
    write: impl Fn(usize, &mut dyn Out) + Sync,
    mut take: impl FnMut(&[u8]) -> Result<(), E> + Send,
) -> Result<(), E> {
    let fill = |at: usize, out: &mut String| {
        let (first, end) = (at * ROWS_PER_BLOCK, rows.min((at + 1) * ROWS_PER_BLOCK));
        out.clear();
        out.reserve(end.saturating_sub(first) * columns.len() * BYTES_PER_CELL);
        for number in first..end {
            let mut row = Row { out, columns, at: 0 };
            write(number, &mut row);
            row.end();
        }
    };
    let fill_from = |from: usize, blocks: &mut [String]| blocks.par_iter_mut().enumerate().for_each(|(at, out)| fill(from + at, out));
    let all = rows.div_ceil(ROWS_PER_BLOCK);
    // The same buffers are filled again and again: new memory would cost more than what is written into it.
    let mut done = vec![String::new(); BLOCKS_AHEAD.min(all)];
    let mut next = done.clone();
    fill_from(0, &mut done);
    for from in (0..all).step_by(BLOCKS_AHEAD) {
        let taken = || done.iter().try_for_each(|block| take(block.as_bytes()));
        let (taken, ()) = rayon::join(taken, || fill_from(from + BLOCKS_AHEAD, &mut next));
        taken?;
        std::mem::swap(&mut done, &mut next);
    }
    Ok(())
}

/// Where the cells of a row go: one call per column, in the order of the columns.
pub trait Out {
    /// Words.
    fn text(&mut self, text: &str);
    /// A code, or an ISO date or period.
    fn code(&mut self, code: &str);
    fn number(&mut self, number: Number<'_>);

    /// Words that `write` appends.
    fn text_by(&mut self, write: &mut dyn FnMut(&mut String)) {
        self.text(&made(write));
    }

    /// A code, date or period that `write` appends.
    fn code_by(&mut self, write: &mut dyn FnMut(&mut String)) {
        self.code(&made(write));
    }

    /// A cell that is printed already, as its column says.
    fn printed(&mut self, column: &Column, cell: &str) {
        match column.cells {
            Cells::Text => self.text(cell),
            Cells::Code => self.code(cell),
            Cells::Number => self.number(Number::Printed(cell)),
        }
    }
}

/// What stands in a cell of a column of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number<'a> {
    /// The cell is empty.
    None,
    /// So many units of the last of these decimals.
    Fixed { units: i128, places: u32 },
    /// A plain decimal, or a word of ours where there is none (无基数).
    Printed(&'a str),
}

impl<'a> Number<'a> {
    /// As it stands in the cell.
    pub fn printed(self) -> Cow<'a, str> {
        match self {
            Number::None => "".into(),
            Number::Printed(printed) => printed.into(),
            Number::Fixed { units, places } => money::format_places(units, places).into(),
        }
    }
}

/// `-1234.50`.
pub fn fen<N: Into<i128>>(fen: Fen<N>) -> Number<'static> {
    Number::Fixed { units: fen.0.into(), places: money::MONEY_SCALE }
}

/// As [`fen`]; empty for none.
pub fn fen_or_empty<N: Into<i128>>(amount: Option<Fen<N>>) -> Number<'static> {
    amount.map_or(Number::None, fen)
}

pub fn count(count: u64) -> Number<'static> {
    Number::Fixed { units: count.into(), places: 0 }
}

fn made(write: &mut dyn FnMut(&mut String)) -> String {
    let mut text = String::new();
    write(&mut text);
    text
}

/// A row being written.
struct Row<'a> {
    out: &'a mut String,
    columns: &'a [Column<'a>],
    at: usize,
}

impl Row<'_> {
    #[inline]
    fn next(&mut self, cells: Cells) {
        let column = self.columns.get(self.at);
        debug_assert_eq!(column.map(|column| column.cells), Some(cells), "cell {} of {column:?}", self.at + 1);
        if self.at > 0 {
            self.out.push(',');
        }
        self.at += 1;
    }

    fn end(self) {
        assert_eq!(self.at, self.columns.len(), "a row has one cell per column");
        self.out.push_str("\r\n");
    }

    /// Looks at a cell that was written where it stands.
    fn written(&mut self, from: usize, neutralised: bool) {
        if neutralised || is_quoted(&self.out[from..]) {
            let cell = self.out.split_off(from);
            write_field(self.out, if neutralised { "'" } else { "" }, &cell);
        }
    }
}

impl Out for Row<'_> {
    fn text(&mut self, text: &str) {
        self.next(Cells::Text);
        let neutralised = runs_as_formula(text);
        write_field(self.out, if neutralised { "'" } else { "" }, text);
    }

    fn code(&mut self, code: &str) {
        self.next(Cells::Code);
        write_field(self.out, "", code);
    }

    fn number(&mut self, number: Number<'_>) {
        self.next(Cells::Number);
        match number {
            Number::None => {}
            Number::Fixed { units, places } => money::write_places(self.out, units, places),
            Number::Printed(printed) => write_field(self.out, "", printed),
        }
    }

    fn text_by(&mut self, write: &mut dyn FnMut(&mut String)) {
        self.next(Cells::Text);
        let from = self.out.len();
        write(self.out);
        self.written(from, runs_as_formula(&self.out[from..]));
    }

    fn code_by(&mut self, write: &mut dyn FnMut(&mut String)) {
        self.next(Cells::Code);
        let from = self.out.len();
        write(self.out);
        self.written(from, false);
    }
}

/// Whether a spreadsheet that opens the CSV would run a cell: it begins with `=`, `@`, a tab, a line break, or with a sign that no
/// plain number follows; full-width signs count, some locales run them too.
pub fn runs_as_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(b'+' | b'-') => !is_number(&text.as_bytes()[1..]),
        Some(0x80..) => text.starts_with(['＝', '＠', '＋', '－']),
        _ => false,
    }
}

/// A text cell as it was before it was neutralised.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| runs_as_formula(rest)).unwrap_or(cell)
}

/// Digits with commas and points between them, perhaps a percent sign: read as a number or kept as text, never run.
fn is_number(unsigned: &[u8]) -> bool {
    let digits = unsigned.strip_suffix(b"%").unwrap_or(unsigned);
    let at_ends = digits.first().is_some_and(u8::is_ascii_digit) && digits.last().is_some_and(u8::is_ascii_digit);
    at_ends && digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'))
}

/// The line of the columns' names.
pub(super) fn header(columns: &[Column]) -> Vec<u8> {
    let mut out = String::from_utf8_lossy(BOM).into_owned();
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_field(&mut out, "", column.name);
    }
    out.push_str("\r\n");
    out.into_bytes()
}

#[inline]
fn write_field(out: &mut String, before: &str, text: &str) {
    if !is_quoted(text) {
        out.push_str(before);
        out.push_str(text);
        return;
    }
    out.push('"');
    out.push_str(before);
    for piece in text.split_inclusive('"') {
        out.push_str(piece);
        if piece.ends_with('"') {
            out.push('"');
        }
    }
    out.push('"');
}

/// Whether RFC 4180 quotes a cell. Every byte is looked at, many at a time: nearly no cell is.
#[inline]
fn is_quoted(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | matches!(byte, b',' | b'"' | b'\r' | b'\n'))
}
