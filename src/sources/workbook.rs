//! Reads a workbook: the first sheet whose header fits the source, as a text of records (see [`super::grid`]).
//!
//! Lines are rows of the sheet as people see them. Empty rows, and cells without a name above them, are left out; cells
//! that cannot be taken refuse their rows, and only where the column is declared.

use super::cell::Cell;
use super::contract::Contract;
use super::file::Format;
use super::grid::Grid;
use super::header::{self, FileFault, Layout, SEARCHED};
use super::rules::Rule;
use super::text::Text;
use crate::policy::source::ColumnKind;
use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, Xls, Xlsx};
use std::io::Cursor;
use std::ops::ControlFlow::{self, Break, Continue};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The most cells that a sheet is read as, empty ones counted.
const MAX_CELLS: u64 = 100_000_000;

/// A sheet as text.
pub struct Sheet {
    pub text: Text,
    pub layout: Result<Layout, Vec<FileFault>>,
    /// Sheets that fit too and were not read.
    pub unread: Vec<String>,
}

/// Opens a workbook, whatever its extension says it is.
pub fn open(bytes: &[u8], contract: &Contract) -> Sheet {
    // The readers of old formats trust offsets in the file: what makes them panic is a damaged file, no more.
    let sheet = catch_unwind(AssertUnwindSafe(|| Book::open(bytes).and_then(|book| read(book, contract))));
    sheet.unwrap_or_else(|_| Err(unreadable("工作簿结构已损坏"))).unwrap_or_else(|fault| Sheet {
        text: Grid::default().finish(""),
        layout: Err(vec![fault]),
        unread: Vec::new(),
    })
}

fn read(mut book: Book, contract: &Contract) -> Result<Sheet, FileFault> {
    let encoding = book.encoding();
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
        return Ok(Sheet { text: renamed(text, encoding), layout: Ok(layout), unread });
    }
    let Some((name, faults)) = refused else {
        return Err(FileFault { rule: Rule::FileHeader, column: String::new(), note: "工作簿中没有内容".into() });
    };
    let text = book.text(&name, usize::MAX, None)?;
    Ok(Sheet { text: renamed(text, encoding), layout: Err(faults), unread })
}

fn renamed(mut text: Text, encoding: &str) -> Text {
    text.encoding = encoding.into();
    text
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
        let below = layout.map(|(contract, layout)| Below::new(contract, layout));
        let mut writer = Writer { grid: Grid::default(), is_1904, below, written: 0, rows, fault: None };
        self.rows(sheet, &mut |number, cells| writer.row(number, cells))?;
        match writer.fault {
            Some(fault) => Err(fault),
            None => Ok(writer.grid.finish("")),
        }
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

/// Writes rows of cells into a grid.
struct Writer<'a> {
    grid: Grid,
    is_1904: bool,
    below: Option<Below<'a>>,
    written: usize,
    rows: usize,
    fault: Option<FileFault>,
}

impl Writer<'_> {
    fn row(&mut self, number: u32, cells: &[(u32, Cell)]) -> ControlFlow<()> {
        let Some(last) = cells.iter().filter(|(_, cell)| !cell.is_blank()).map(|(place, _)| *place).max() else {
            return Continue(());
        };
        // Rows up to the header are written as when it was looked for.
        let kinds = self.below.as_ref().filter(|below| self.written >= below.lines).map(|below| &below.kinds);
        let width = kinds.map_or(last as usize + 1, Vec::len);
        if (self.written as u64 + 1) * width as u64 > MAX_CELLS {
            let note = format!("第 {number} 行时已超过 {MAX_CELLS} 个单元格");
            self.fault = Some(FileFault { rule: Rule::FileDimension, column: String::new(), note });
            return Break(());
        }
        let mut row: Vec<&Cell> = vec![&Cell::Empty; width];
        for (place, cell) in cells {
            if let Some(slot) = row.get_mut(*place as usize) {
                *slot = cell;
            }
        }
        for (place, cell) in row.into_iter().enumerate() {
            let kind = kinds.and_then(|kinds| kinds[place]);
            match cell.text(kind, self.is_1904) {
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

fn unreadable(error: impl ToString) -> FileFault {
    FileFault { rule: Rule::FileUnreadable, column: String::new(), note: error.to_string() }
}
