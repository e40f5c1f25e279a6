//! Reads the cells of a block into typed columns, one column at a time.
//!
//! The common spelling of each type is read by hand from bytes; everything else goes through [`Check::read`], which
//! alone decides what a cell means. A cell that breaks a rule leaves the column's "none" and a fault.

use super::codes::{NO_ID, Sink};
use super::contract::{Check, Store, Value};
use super::normal;
use super::records::Block;
use super::rules::Rule;
use crate::schema::ColumnKind;
use crate::{money, period, uscc};
use polars_arrow::array::View;
use std::str::from_utf8;

/// No enum value, no flag.
pub const NO_INDEX: u8 = u8::MAX;
/// No day.
pub const NO_DAY: i32 = i32::MIN;
/// No number; the parsers never give it.
pub const NO_NUMBER: i64 = i64::MIN;

/// A cell that breaks a rule: row of the block, rule.
pub type Faults = Vec<(u32, Rule)>;

/// One column of one part.
pub enum Values {
    Id(Vec<u32>),
    Text(TextColumn),
    Index(Vec<u8>),
    Day(Vec<i32>),
    Number(Vec<i64>),
    Flag(Vec<u8>),
}

/// Text as Polars keeps it: short texts inside their views, longer ones in a heap. An empty text is "none".
pub struct TextColumn {
    pub views: Vec<View>,
    /// One while reading; one per part once parts are joined.
    pub heaps: Vec<Vec<u8>>,
}

impl TextColumn {
    #[inline]
    fn push(&mut self, text: &[u8]) {
        let heap = &mut self.heaps[0];
        let view = View::new_from_bytes(text, 0, heap.len() as u32);
        if !view.is_inline() {
            heap.extend_from_slice(text);
        }
        self.views.push(view);
    }

    /// The text of a row.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        let view = &self.views[row];
        match view.get_inlined_slice() {
            Some(text) => text,
            None => {
                let start = view.offset as usize;
                &self.heaps[view.buffer_idx as usize][start..start + view.length as usize]
            }
        }
    }
}

impl Values {
    pub fn new(store: Store) -> Values {
        match store {
            Store::Id => Values::Id(Vec::new()),
            Store::Text => Values::Text(TextColumn { views: Vec::new(), heaps: vec![Vec::new()] }),
            Store::Index => Values::Index(Vec::new()),
            Store::Day => Values::Day(Vec::new()),
            Store::Moment | Store::Number => Values::Number(Vec::new()),
            Store::Flag => Values::Flag(Vec::new()),
        }
    }

    /// Makes room for some more rows at once.
    pub fn reserve(&mut self, rows: usize) {
        match self {
            Values::Id(values) => values.reserve(rows),
            Values::Text(texts) => texts.views.reserve(rows),
            Values::Index(values) | Values::Flag(values) => values.reserve(rows),
            Values::Day(values) => values.reserve(rows),
            Values::Number(values) => values.reserve(rows),
        }
    }

    pub fn len(&self) -> usize {
        match self {
            Values::Id(values) => values.len(),
            Values::Text(texts) => texts.views.len(),
            Values::Index(values) | Values::Flag(values) => values.len(),
            Values::Day(values) => values.len(),
            Values::Number(values) => values.len(),
        }
    }

    /// Reads one field of every row of a block.
    pub fn fill(&mut self, check: &Check, cells: Cells, sink: &mut Sink, faults: &mut Faults) {
        match self {
            Values::Id(ids) => fill_ids(check, cells, sink, ids, faults),
            Values::Text(texts) if check.column.kind == ColumnKind::Text => fill_texts(check, cells, texts, faults),
            Values::Text(texts) => fill_codes(check, cells, texts, faults),
            Values::Index(places) => fill_each(check, cells, places, faults, NO_INDEX, |cell| check.words.find(cell)),
            Values::Day(days) => fill_each(check, cells, days, faults, NO_DAY, |cell| {
                period::parse_iso_date(cell).filter(|&day| check.in_limits(day as i64).is_ok())
            }),
            Values::Number(numbers) => fill_numbers(check, cells, numbers, faults),
            Values::Flag(flags) => fill_each(check, cells, flags, faults, NO_INDEX, quick_flag),
        }
    }

    /// Fills a column that the file lacks with what an empty cell stands for.
    pub fn fill_absent(&mut self, check: &Check, rows: usize, sink: &mut Sink) {
        // A declared default reads, and a required column without one would have refused the file.
        let value = check.read("").ok().flatten();
        match self {
            Values::Id(ids) => {
                let id = if let Some(Value::Code(code)) = &value { sink.id(code.as_bytes()) } else { NO_ID };
                ids.extend(std::iter::repeat_n(id, rows));
            }
            Values::Text(texts) => (0..rows).for_each(|_| texts.push(text_of(&value).as_bytes())),
            Values::Index(places) => places.extend(std::iter::repeat_n(u8::take(value).unwrap_or(NO_INDEX), rows)),
            Values::Flag(flags) => flags.extend(std::iter::repeat_n(u8::take(value).unwrap_or(NO_INDEX), rows)),
            Values::Day(days) => days.extend(std::iter::repeat_n(i32::take(value).unwrap_or(NO_DAY), rows)),
            Values::Number(numbers) => numbers.extend(std::iter::repeat_n(i64::take(value).unwrap_or(NO_NUMBER), rows)),
        }
    }
}

/// One field of every row of a block.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    pub block: &'a Block,
    pub text: &'a [u8],
    pub field: usize,
}

impl<'a> Cells<'a> {
    #[inline]
    fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.block.rows()).map(move |row| self.block.cell(self.text, row, self.field))
    }
}

/// A value as a column stores it.
trait Take: Copy {
    fn take(value: Option<Value>) -> Option<Self>;
}

impl Take for u8 {
    fn take(value: Option<Value>) -> Option<u8> {
        match value {
            Some(Value::Index(place)) => Some(place),
            Some(Value::Flag(flag)) => Some(u8::from(flag)),
            _ => None,
        }
    }
}

impl Take for i32 {
    fn take(value: Option<Value>) -> Option<i32> {
        if let Some(Value::Day(day)) = value { Some(day) } else { None }
    }
}

impl Take for i64 {
    fn take(value: Option<Value>) -> Option<i64> {
        if let Some(Value::Number(number)) = value { Some(number) } else { None }
    }
}

fn text_of<'a>(value: &'a Option<Value>) -> &'a str {
    match value {
        Some(Value::Text(text)) => text,
        Some(Value::Code(code)) => code,
        _ => "",
    }
}

/// What `quick` reads, else what an empty cell stands for, else what the cell means.
#[inline]
fn fill_each<T: Take>(check: &Check, cells: Cells, out: &mut Vec<T>, faults: &mut Faults, none: T, quick: impl Fn(&[u8]) -> Option<T>) {
    let empty = check.read("").ok().map(|value| T::take(value).unwrap_or(none));
    out.reserve(cells.block.rows());
    for (row, cell) in cells.iter().enumerate() {
        let value = match (quick(cell), empty) {
            (Some(value), _) => value,
            (None, Some(empty)) if cell.is_empty() => empty,
            _ => slow(check, cell, row, faults).unwrap_or(none),
        };
        out.push(value);
    }
}

#[cold]
fn slow<T: Take>(check: &Check, cell: &[u8], row: usize, faults: &mut Faults) -> Option<T> {
    match check.read(&String::from_utf8_lossy(cell)) {
        Ok(value) => T::take(value),
        Err(rule) => {
            faults.push((row as u32, rule));
            None
        }
    }
}

fn fill_numbers(check: &Check, cells: Cells, out: &mut Vec<i64>, faults: &mut Faults) {
    let within = |value: &i64| check.in_limits(*value).is_ok();
    match check.column.kind {
        // Where numbers count more than yuan, none is read in passing.
        ColumnKind::Money if check.column.unit.is_some() => fill_each(check, cells, out, faults, NO_NUMBER, |_| None),
        ColumnKind::Money => fill_each(check, cells, out, faults, NO_NUMBER, |cell| money::parse_plain_money(cell).filter(within)),
        ColumnKind::Rate | ColumnKind::Decimal => {
            fill_each(check, cells, out, faults, NO_NUMBER, |cell| money::parse_plain_decimal(cell).filter(within))
        }
        ColumnKind::Int => fill_each(check, cells, out, faults, NO_NUMBER, |cell| money::parse_plain_int(cell).filter(within)),
        _ => fill_each(check, cells, out, faults, NO_NUMBER, |_| None),
    }
}

#[inline]
fn quick_flag(cell: &[u8]) -> Option<u8> {
    if cell == "是".as_bytes() {
        Some(1)
    } else if cell == "否".as_bytes() {
        Some(0)
    } else {
        None
    }
}

fn fill_ids(check: &Check, cells: Cells, sink: &mut Sink, out: &mut Vec<u32>, faults: &mut Faults) {
    let kind = &check.column.kind;
    let allows_empty = check.allows_empty();
    let free = check.has_no_rules();
    out.reserve(cells.block.rows());
    for (row, cell) in cells.iter().enumerate() {
        let is_valid = match kind {
            ColumnKind::Uscc => uscc::is_uscc(cell),
            ColumnKind::Id => uscc::is_uscc(cell) || uscc::is_identity_number(cell),
            _ => free && !cell.is_empty() && normal::is_code(cell) && !check.is_nothing(cell),
        };
        out.push(if is_valid {
            sink.id(cell)
        } else if cell.is_empty() && allows_empty {
            NO_ID
        } else {
            slow_id(check, cell, row, sink, faults)
        });
    }
}

#[cold]
fn slow_id(check: &Check, cell: &[u8], row: usize, sink: &mut Sink, faults: &mut Faults) -> u32 {
    match check.read(&String::from_utf8_lossy(cell)) {
        Ok(Some(Value::Code(code))) => sink.id(code.as_bytes()),
        Ok(_) => NO_ID,
        Err(rule) => {
            faults.push((row as u32, rule));
            NO_ID
        }
    }
}

fn fill_codes(check: &Check, cells: Cells, out: &mut TextColumn, faults: &mut Faults) {
    let free = check.has_no_rules();
    for (row, cell) in cells.iter().enumerate() {
        let quick = !cell.is_empty() && normal::is_code(cell) && !check.is_nothing(cell);
        if quick && (free || from_utf8(cell).is_ok_and(|code| check.check_code(code).is_ok())) {
            out.push(cell);
        } else {
            slow_text(check, cell, row, out, faults);
        }
    }
}

fn fill_texts(check: &Check, cells: Cells, out: &mut TextColumn, faults: &mut Faults) {
    for (row, cell) in cells.iter().enumerate() {
        if is_trimmed(cell) && !check.is_nothing(cell) {
            out.push(cell);
        } else {
            slow_text(check, cell, row, out, faults);
        }
    }
}

fn slow_text(check: &Check, cell: &[u8], row: usize, out: &mut TextColumn, faults: &mut Faults) {
    let cell = String::from_utf8_lossy(cell);
    let value = check.read(&cell).unwrap_or_else(|rule| {
        faults.push((row as u32, rule));
        None
    });
    out.push(text_of(&value).as_bytes());
}

/// Whether a text surely has no blanks at its ends: ASCII or common Chinese there.
#[inline]
fn is_trimmed(text: &[u8]) -> bool {
    let [first, .., last] = text else {
        return false;
    };
    let begins = first.is_ascii_graphic() || (0xE4..=0xE9).contains(first);
    let ends = last.is_ascii_graphic() || (text.len() >= 3 && (0xE4..=0xE9).contains(&text[text.len() - 3]));
    begins && ends
}
