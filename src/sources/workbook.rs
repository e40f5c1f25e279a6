//! Reads a workbook (`.xlsx`, `.xlsm`, `.xlsb`, `.xls`, `.et`, `.ods`): every visible sheet whose header fits the source, as a text of
//! records each (see [`super::grid`]), in their order; of the others it says what they are.
//!
//! Lines are rows of the sheet as people see them. Empty rows, and cells without a name above them, are left out; cells
//! that cannot be taken refuse their rows, and only where the column is declared.

use super::cell::Cell;
use super::compound;
use super::contract::Contract;
use super::fault::{FileFault, Unread, unread};
use super::header::{self, Layout, SEARCHED};
use super::ods;
use super::padding::Padding;
use super::rules::Rule;
use super::seen::SheetSeen;
use super::sheet::{Book, Merges, Sheet, Writer, guarded};
use super::text::Text;
use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Ods, OdsError, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError};
use calamine::{Xlsx, XlsxError};
use memchr::memmem;
use std::io::Cursor;
use std::ops::ControlFlow;

/// The most cells that a sheet is read as, empty ones counted.
const MAX_CELLS: u64 = 100_000_000;

/// Opens a workbook, whatever its extension says it is.
///
/// `has_merges` says whether any of its cells may be merged: to look for them takes as long as to read it.
pub fn open(bytes: &[u8], has_merges: bool, contract: &Contract) -> Book {
    guarded("工作簿结构已损坏", || Workbook::open(bytes, has_merges).and_then(|book| read(book, contract)))
}

/// A sheet with something in it.
struct Looked {
    name: String,
    is_hidden: bool,
    /// Its first rows.
    text: Text,
    layout: Result<Layout, Vec<FileFault>>,
}

impl Looked {
    /// Whether its name says that it only shows how to fill in the others.
    fn is_example(&self) -> bool {
        let name = self.name.to_lowercase();
        ["示例", "样例", "范例", "example"].iter().any(|word| name.contains(word))
    }

    fn fits(&self) -> bool {
        self.layout.is_ok()
    }
}

fn read(mut book: Workbook, contract: &Contract) -> Result<Book, FileFault> {
    let mut looked = Vec::new();
    for (name, is_hidden) in book.sheets() {
        let text = book.text(&name, SEARCHED, None)?;
        if !text.bytes.is_empty() {
            let layout = header::find(&text, contract);
            looked.push(Looked { name, is_hidden, text, layout });
        }
    }
    let is_plain = |sheet: &Looked| sheet.fits() && !sheet.is_hidden && !sheet.is_example();
    let any_plain = looked.iter().any(is_plain);
    let (wanted, others): (Vec<Looked>, Vec<Looked>) =
        looked.into_iter().partition(|sheet| is_plain(sheet) || sheet.fits() && !sheet.is_hidden && !any_plain);
    let wanted: Vec<(String, Layout)> = wanted.into_iter().filter_map(|sheet| Some((sheet.name, sheet.layout.ok()?))).collect();
    let sheets: Vec<SheetSeen> = others.iter().map(|other| seen(&mut book, other, &wanted, contract)).collect::<Result<_, _>>()?;
    if wanted.is_empty() {
        return refused(&mut book, others, sheets);
    }
    let several = wanted.len() > 1;
    let part = |(name, layout): (String, Layout)| {
        let mut text = book.text(&name, usize::MAX, Some((contract, &layout)))?;
        text.sheet = several.then_some(name);
        Ok(Sheet { text, layout: Ok(layout) })
    };
    Ok(Book { parts: wanted.into_iter().map(part).collect::<Result<_, _>>()?, sheets })
}

/// A workbook of which nothing is read: what is wrong with its first visible sheet.
fn refused(book: &mut Workbook, mut others: Vec<Looked>, sheets: Vec<SheetSeen>) -> Result<Book, FileFault> {
    others.sort_by_key(|sheet| sheet.is_hidden);
    let hidden = others.iter().find(|sheet| sheet.fits()).map(|sheet| format!("；工作表“{}”是隐藏的，没有读", sheet.name));
    let Some(first) = others.into_iter().next() else {
        return Err(FileFault::new(Rule::FileHeader, "工作簿中没有内容"));
    };
    let mut faults = first.layout.err().unwrap_or_else(|| vec![FileFault::new(Rule::FileHeader, "没有可见的工作表")]);
    faults.iter_mut().for_each(|fault| fault.note.extend(hidden.iter().map(String::as_str)));
    let text = book.text(&first.name, usize::MAX, None)?;
    Ok(Book { sheets, ..Book::of(text, Err(faults)) })
}

/// What can be said of a sheet that is not read, beside those that are.
fn seen(book: &mut Workbook, sheet: &Looked, read: &[(String, Layout)], contract: &Contract) -> Result<SheetSeen, FileFault> {
    let mut rows = 0;
    book.rows(&sheet.name, false, &mut |_, cells| {
        rows += u64::from(cells.iter().any(|(_, cell)| !cell.is_blank()));
        ControlFlow::Continue(())
    })?;
    let header = header::nearest(&sheet.text, contract).map_or(0, |(layout, ..)| u64::from(layout.lines));
    let (required, lacks) = header::required(&sheet.text, contract);
    Ok(SheetSeen {
        name: sheet.name.clone(),
        is_hidden: sheet.is_hidden,
        fits: sheet.fits(),
        beside: read.len(),
        required,
        lacks,
        goes_on: read.iter().any(|(_, layout)| header::goes_on(&sheet.text, layout, contract)),
        rows: rows - header.min(rows),
    })
}

/// A workbook.
struct Workbook<'a> {
    bytes: &'a [u8],
    reader: Opened<'a>,
    has_merges: bool,
}

/// A package or compound file by its reader.
enum Opened<'a> {
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>),
    Xlsb(Box<Xlsb<Cursor<&'a [u8]>>>),
    Xls(Box<Xls<Cursor<&'a [u8]>>>),
    Ods(Box<Ods<Cursor<&'a [u8]>>>),
}

impl<'a> Opened<'a> {
    fn new(bytes: &'a [u8]) -> Result<Opened<'a>, FileFault> {
        let cursor = || Cursor::new(bytes);
        match kind_of(bytes) {
            Some(Kind::Package) if holds(bytes, b"content.xml") && !holds(bytes, b"xl/workbook") => {
                Ods::new(cursor()).map(Box::new).map(Opened::Ods).map_err(|error| fault(matches!(error, OdsError::Password), error))
            }
            Some(Kind::Package) if holds(bytes, b"xl/workbook.bin") => {
                Xlsb::new(cursor()).map(Box::new).map(Opened::Xlsb).map_err(|error| fault(matches!(error, XlsbError::Password), error))
            }
            Some(Kind::Package) => {
                Xlsx::new(cursor()).map(Box::new).map(Opened::Xlsx).map_err(|error| fault(matches!(error, XlsxError::Password), error))
            }
            Some(Kind::Compound) => Xls::new(cursor()).map(Box::new).map(Opened::Xls).map_err(|error| match error {
                XlsError::Password => fault(true, error),
                _ if compound::is_encrypted(bytes) => fault(true, error),
                _ if compound::is_cut(bytes) => unread(Unread::Cut, error),
                _ => fault(false, error),
            }),
            None => Err(unread(Unread::Other, "不是 Excel 工作簿，而是网页或文本")),
        }
    }
}

impl<'a> Workbook<'a> {
    fn open(bytes: &'a [u8], has_merges: bool) -> Result<Workbook<'a>, FileFault> {
        Ok(Workbook { bytes, reader: Opened::new(bytes)?, has_merges })
    }

    fn encoding(&self) -> &'static str {
        match &self.reader {
            Opened::Xlsx(_) => "xlsx",
            Opened::Xlsb(_) => "xlsb",
            Opened::Xls(_) => "xls",
            Opened::Ods(_) => "ods",
        }
    }

    /// Names of the sheets, and whether they are hidden.
    fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = match &self.reader {
            Opened::Xlsx(book) => book.sheets_metadata(),
            Opened::Xlsb(book) => book.sheets_metadata(),
            Opened::Xls(book) => book.sheets_metadata(),
            Opened::Ods(book) => book.sheets_metadata(),
        };
        let sheets = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        sheets.map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible)).collect()
    }

    /// The first rows of a sheet that hold anything. With a layout, its rows below the header are written as wide as the
    /// header, each cell for its column's type.
    fn text(&mut self, sheet: &str, rows: usize, layout: Option<(&Contract, &Layout)>) -> Result<Text, FileFault> {
        let is_1904 = match &self.reader {
            Opened::Xlsx(book) => book.has_1904_epoch(),
            Opened::Xlsb(book) => book.has_1904_epoch(),
            Opened::Xls(book) => book.has_1904_epoch(),
            Opened::Ods(_) => false,
        };
        let mut writer = Writer::new(layout, MAX_CELLS);
        (writer.is_1904, writer.rows) = (is_1904, rows);
        if layout.is_some() {
            writer.merges = Merges::new(self.merges(sheet)?);
        }
        self.rows(sheet, layout.is_some(), &mut |number, cells| writer.row(number, cells))?;
        writer.finish(self.encoding())
    }

    /// Merged cells of a sheet, where its reader tells.
    fn merges(&mut self, sheet: &str) -> Result<Vec<Dimensions>, FileFault> {
        match &mut self.reader {
            _ if !self.has_merges => Ok(Vec::new()),
            Opened::Xlsx(book) => book.merge_cells_by_sheet_name(sheet).map_err(damaged),
            Opened::Xls(book) => book.merge_cells_by_sheet_name(sheet).map_err(damaged),
            Opened::Ods(_) => ods::merges(self.bytes, sheet),
            Opened::Xlsb(_) => Ok(Vec::new()),
        }
    }

    /// Hands over every row with cells: its number, its cells by place; `as_shown` asks for codes as their formats show them.
    fn rows(&mut self, sheet: &str, as_shown: bool, take: &mut TakeRow<'_>) -> Result<(), FileFault> {
        match &mut self.reader {
            Opened::Xlsx(book) => xlsx_rows(book, sheet, as_shown, take),
            Opened::Xlsb(book) => xlsb_rows(book, sheet, take),
            Opened::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(damaged)?;
                range_rows(&range, take);
                Ok(())
            }
            Opened::Ods(book) => {
                let range = book.worksheet_range(sheet).map_err(damaged)?;
                range_rows(&range, take);
                Ok(())
            }
        }
    }
}

fn fault(has_password: bool, error: impl ToString) -> FileFault {
    unread(if has_password { Unread::Password } else { Unread::Damaged }, error)
}

fn damaged(error: impl ToString) -> FileFault {
    unread(Unread::Damaged, error)
}

/// Whether a package names a part.
fn holds(bytes: &[u8], part: &[u8]) -> bool {
    // Names stand once more at the end, in the list of parts.
    let end = &bytes[bytes.len().saturating_sub(LIST)..];
    memmem::find(end, part).is_some()
}

/// Bytes of the list of parts that are looked at.
const LIST: usize = 1 << 20;

/// Takes one row of a sheet: its number (from 1) and its cells by place; says whether to go on.
type TakeRow<'a> = dyn FnMut(u32, &[(u32, Cell)]) -> ControlFlow<()> + 'a;

fn range_rows(range: &calamine::Range<Data>, take: &mut TakeRow<'_>) {
    let (first, left) = range.start().unwrap_or_default();
    for (row, cells) in (first..).zip(range.rows()) {
        let cells: Vec<(u32, Cell)> = (left..).zip(cells).map(|(place, cell)| (place, Cell::from(cell))).collect();
        if take(row.saturating_add(1), &cells).is_break() {
            break;
        }
    }
}

/// Gathers cells that come one by one into rows: a sheet may claim to be as large as it likes.
struct Gathered<'t, 'a> {
    take: &'t mut TakeRow<'a>,
    row: u32,
    cells: Vec<(u32, Cell)>,
}

impl<'t, 'a> Gathered<'t, 'a> {
    fn new(take: &'t mut TakeRow<'a>) -> Gathered<'t, 'a> {
        Gathered { take, row: 0, cells: Vec::new() }
    }

    /// Goes on to a row; breaks off where no more are wanted.
    fn at(&mut self, row: u32) -> ControlFlow<()> {
        if row != self.row {
            self.end()?;
            self.row = row;
        }
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> ControlFlow<()> {
        if self.cells.is_empty() {
            return ControlFlow::Continue(());
        }
        let taken = (self.take)(self.row.saturating_add(1), &self.cells);
        self.cells.clear();
        taken
    }
}

fn xlsx_rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, as_shown: bool, take: &mut TakeRow<'_>) -> Result<(), FileFault> {
    let (formats, padded) = if as_shown { padded(book, sheet)? } else { Default::default() };
    let mut padded = padded.into_iter().peekable();
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut rows = Gathered::new(take);
    while let Some(record) = reader.next_cell_with_formula_metadata().map_err(damaged)? {
        let (row, place) = record.pos;
        if rows.at(row).is_break() {
            return Ok(());
        }
        while padded.next_if(|(at, _)| *at < (row, place)).is_some() {}
        let format = padded.next_if(|(at, _)| *at == (row, place)).and_then(|(_, style)| formats.get(style)?.as_ref());
        match (Cell::from(record.value), record.formula) {
            (Cell::Empty, None) => {}
            (Cell::Empty, Some(_)) => rows.cells.push((place, Cell::NoValue)),
            (Cell::Number(value), _) => {
                let shown = format.and_then(|format| format.show(value));
                rows.cells.push((place, shown.map_or(Cell::Number(value), Cell::Text)));
            }
            (cell, _) => rows.cells.push((place, cell)),
        }
    }
    let _ = rows.end();
    Ok(())
}

/// By style the formats that fill numbers with zeros, and the cells that have one, with its style, in their order.
type Padded = (Vec<Option<Padding>>, Vec<((u32, u32), usize)>);

/// Nothing is looked for where no format fills with zeros: styles are read in a pass of their own.
fn padded(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Padded, FileFault> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    let format = |style: &calamine::Style| Padding::of(&style.number_format.as_ref()?.format_code);
    let formats: Vec<Option<Padding>> = reader.styles().iter().map(format).collect();
    let mut cells = Vec::new();
    if formats.iter().any(Option::is_some) {
        while let Some((row, place, style)) = reader.next_style_id().map_err(damaged)? {
            if formats.get(style).is_some_and(Option::is_some) {
                cells.push(((row, place), style));
            }
        }
    }
    Ok((formats, cells))
}

fn xlsb_rows(book: &mut Xlsb<Cursor<&[u8]>>, sheet: &str, take: &mut TakeRow<'_>) -> Result<(), FileFault> {
    let mut reader = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    let mut rows = Gathered::new(take);
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let (row, place) = cell.get_position();
        if rows.at(row).is_break() {
            return Ok(());
        }
        rows.cells.push((place, Cell::from(cell.get_value().clone())));
    }
    let _ = rows.end();
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

/// What holds a workbook, as the first bytes tell: extensions are often wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A zip file: `.xlsx`, `.xlsb`, `.ods`.
    Package,
    /// `.xls`, and whatever has a password.
    Compound,
}

/// What the first bytes tell of a file.
pub fn kind_of(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [b'P', b'K', 3, 4, ..] => Some(Kind::Package),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Some(Kind::Compound),
        _ => None,
    }
}
