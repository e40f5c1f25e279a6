//! Reads a workbook: the first sheet whose header fits the source, as a text of records (see [`super::grid`]).
//!
//! Lines are rows of the sheet as people see them. Empty rows, and cells without a name above them, are left out; cells
//! that cannot be taken refuse their rows, and only where the column is declared.

use super::cell::Cell;
use super::contract::Contract;
use super::format::Format;
use super::header::{self, FileFault, Layout, SEARCHED};
use super::rules::Rule;
use super::sheet::{Sheet, Writer, guarded, unreadable};
use super::text::Text;
use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, Xls, Xlsx};
use std::io::Cursor;
use std::ops::ControlFlow;

/// The most cells that a sheet is read as, empty ones counted.
const MAX_CELLS: u64 = 100_000_000;

/// Opens a workbook, whatever its extension says it is.
pub fn open(bytes: &[u8], contract: &Contract) -> Sheet {
    guarded("工作簿结构已损坏", || Book::open(bytes).and_then(|book| read(book, contract)))
}

fn read(mut book: Book, contract: &Contract) -> Result<Sheet, FileFault> {
    let mut chosen: Option<(String, Text, Layout)> = None;
    let mut refused: Option<(String, Vec<FileFault>)> = None;
    let mut unread = Vec::new();
    for name in book.sheets() {
        let text = book.text(&name, SEARCHED, None)?;
        if text.bytes.is_empty() {
            continue;
        }
        match header::find(&text, contract) {
            Ok(_) if chosen.is_some() => unread.push(name),
            Ok(layout) => chosen = Some((name, text, layout)),
            Err(faults) => refused = refused.or(Some((name, faults))),
        }
    }
    if let Some((name, _, layout)) = chosen {
        let text = book.text(&name, usize::MAX, Some((contract, &layout)))?;
        return Ok(Sheet { text, layout: Ok(layout), unread });
    }
    let Some((name, faults)) = refused else {
        return Err(FileFault { rule: Rule::FileHeader, column: String::new(), note: "工作簿中没有内容".into() });
    };
    let text = book.text(&name, usize::MAX, None)?;
    Ok(Sheet { text, layout: Err(faults), unread })
}

enum Book<'a> {
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>),
    Xls(Box<Xls<Cursor<&'a [u8]>>>),
}

impl<'a> Book<'a> {
    fn open(bytes: &'a [u8]) -> Result<Book<'a>, FileFault> {
        match kind_of(bytes) {
            Some(Format::Xlsx) => Xlsx::new(Cursor::new(bytes)).map(Box::new).map(Book::Xlsx).map_err(unreadable),
            Some(_) => Xls::new(Cursor::new(bytes)).map(Box::new).map(Book::Xls).map_err(unreadable),
            None => Err(unreadable("不是 Excel 工作簿，可能是改了扩展名的网页或文本")),
        }
    }

    fn encoding(&self) -> &'static str {
        match self {
            Book::Xlsx(_) => "xlsx",
            Book::Xls(_) => "xls",
        }
    }

    fn sheets(&self) -> Vec<String> {
        let sheets = match self {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
        };
        sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect()
    }

    /// The first rows of a sheet that hold anything. With a layout, its rows below the header are written as wide as the
    /// header, each cell for its column's type.
    fn text(&mut self, sheet: &str, rows: usize, layout: Option<(&Contract, &Layout)>) -> Result<Text, FileFault> {
        let is_1904 = match self {
            Book::Xlsx(book) => book.has_1904_epoch(),
            Book::Xls(book) => book.has_1904_epoch(),
        };
        let mut writer = Writer::new(layout, MAX_CELLS);
        (writer.is_1904, writer.rows) = (is_1904, rows);
        self.rows(sheet, &mut |number, cells| writer.row(number, cells))?;
        writer.finish(self.encoding())
    }

    /// Hands over every row with cells: its number, its cells by place.
    fn rows(&mut self, sheet: &str, take: &mut TakeRow<'_>) -> Result<(), FileFault> {
        match self {
            Book::Xlsx(book) => xlsx_rows(book, sheet, take),
            Book::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(unreadable)?;
                let (first, left) = range.start().unwrap_or_default();
                for (row, cells) in (first..).zip(range.rows()) {
                    let cells: Vec<(u32, Cell)> = (left..).zip(cells).map(|(place, cell)| (place, Cell::from(cell))).collect();
                    if take(row.saturating_add(1), &cells).is_break() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

/// Takes one row of a sheet: its number (from 1) and its cells by place; says whether to go on.
type TakeRow<'a> = dyn FnMut(u32, &[(u32, Cell)]) -> ControlFlow<()> + 'a;

/// Cell by cell, since a sheet may claim to be as large as it likes.
fn xlsx_rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, take: &mut TakeRow<'_>) -> Result<(), FileFault> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(unreadable)?;
    let (mut current, mut cells): (u32, Vec<(u32, Cell)>) = (0, Vec::new());
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(unreadable)? {
        let (row, place) = record.pos;
        if row != current && !cells.is_empty() {
            if take(current.saturating_add(1), &cells).is_break() {
                return Ok(());
            }
            cells.clear();
        }
        current = row;
        match (Cell::from(record.value), record.formula) {
            (Cell::Empty, None) => {}
            (Cell::Empty, Some(_)) => cells.push((place, Cell::NoValue)),
            (cell, _) => cells.push((place, cell)),
        }
    }
    if !cells.is_empty() {
        let _ = take(current.saturating_add(1), &cells);
    }
    Ok(())
}

impl From<DataRef<'_>> for Cell {
    fn from(value: DataRef) -> Cell {
        match value {
            DataRef::SharedString(text) => Cell::Text(text.to_owned()),
            DataRef::String(text) => Cell::Text(text),
            DataRef::Int(value) => Cell::Number(value as f64),
            DataRef::Float(value) => Cell::Number(value),
            DataRef::Bool(flag) => Cell::Flag(flag),
            DataRef::DateTime(value) => Cell::of_serial(value),
            DataRef::DateTimeIso(text) => Cell::Moment(text),
            DataRef::DurationIso(text) => Cell::Text(text),
            DataRef::Error(error) => Cell::Error(error.to_string()),
            DataRef::Empty => Cell::Empty,
        }
    }
}

impl From<&Data> for Cell {
    fn from(value: &Data) -> Cell {
        match value {
            Data::String(text) => Cell::Text(text.clone()),
            Data::Int(value) => Cell::Number(*value as f64),
            Data::Float(value) => Cell::Number(*value),
            Data::Bool(flag) => Cell::Flag(*flag),
            Data::DateTime(value) => Cell::of_serial(*value),
            Data::DateTimeIso(text) => Cell::Moment(text.clone()),
            Data::DurationIso(text) => Cell::Text(text.clone()),
            Data::Error(error) => Cell::Error(error.to_string()),
            _ => Cell::Empty,
        }
    }
}

impl Cell {
    fn of_serial(value: ExcelDateTime) -> Cell {
        if value.is_datetime() { Cell::Serial(value.as_f64()) } else { Cell::Number(value.as_f64()) }
    }
}

/// The format that the first bytes tell: extensions are often wrong.
pub fn kind_of(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some(Format::Xlsx),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(Format::Xls),
        _ => None,
    }
}
