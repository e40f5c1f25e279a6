//! Turns the tables of a run that have a sheet into `ledger.xlsx`.
//!
//! Codes stay text, amounts become numbers, the header is frozen and filtered. A table with more rows than a sheet holds goes on in
//! further sheets. The same run gives the same bytes. Never does: compute or sort anything; its cells are those of the CSVs.

use super::csv::{Number, Out};
use super::tables::Listing;
use crate::ledger::columns::{Cells, Column};
use crate::period;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

/// The workbook of a run.
pub const WORKBOOK_FILE: &str = "ledger.xlsx";

/// A table as the workbook has it.
pub struct Sheet<'f> {
    pub name: String,
    pub columns: &'f [Column<'f>],
    pub rows: Listing<'f>,
}

/// Rows that a sheet holds under its header.
pub const SHEET_ROWS: usize = 1_048_575;
/// UTF-16 units that a cell holds; the CSV has the whole text.
const CELL_UNITS: usize = 32_767;
/// Digits that a spreadsheet keeps of a number; a longer one stands as text, which nobody rounds.
const NUMBER_DIGITS: usize = 15;

/// Makes the workbook of these tables, at most so many rows a sheet; `as_of` (days since 1970-01-01) is its only date.
pub fn workbook(title: &str, as_of: i32, tables: &[Sheet<'_>], sheet_rows: usize) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::parse_from_str(&period::format_date(as_of))?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made));
    tables.iter().try_for_each(|table| add(&mut workbook, table, sheet_rows))?;
    workbook.save_to_buffer()
}

/// Writes one table into as many sheets as it needs.
fn add(book: &mut Workbook, table: &Sheet<'_>, sheet_rows: usize) -> Result<(), XlsxError> {
    let (name, columns, looks) = (&table.name, table.columns, Looks::new());
    // A table without rows has a sheet too.
    for part in 0..table.rows.len.div_ceil(sheet_rows).max(1) {
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(if part == 0 { name.clone() } else { format!("{name} ({})", part + 1) })?;
        header(sheet, columns, &looks)?;
        let first = part * sheet_rows;
        let rows = first..table.rows.len.min(first + sheet_rows);
        let last = rows.len() as u32;
        for at in rows {
            let mut row = Row { sheet, looks: &looks, line: (at - first) as u32 + 1, place: 0, done: Ok(()) };
            table.rows.fill(at, &mut row);
            row.done?;
        }
        sheet.autofilter(0, 0, last, (columns.len() - 1) as u16)?;
    }
    Ok(())
}

/// How cells look.
struct Looks {
    header: Format,
    text: Format,
    amount: Format,
    count: Format,
}

impl Looks {
    fn new() -> Looks {
        let head = Format::new().set_bold().set_background_color(Color::RGB(0xDD_E8_F3)).set_border_bottom(FormatBorder::Thin);
        Looks {
            header: head,
            // As text even when somebody edits the cell: a code must not become a number.
            text: Format::new().set_num_format("@"),
            amount: Format::new().set_num_format("#,##0.00"),
            count: Format::new().set_num_format("0"),
        }
    }
}

fn header(sheet: &mut Worksheet, columns: &[Column], looks: &Looks) -> Result<(), XlsxError> {
    for (at, column) in columns.iter().enumerate() {
        let width = match column.cells {
            Cells::Code => 22,
            Cells::Text => 18,
            Cells::Number => 16,
        };
        sheet.set_column_width(at as u16, width)?;
        sheet.write_string_with_format(0, at as u16, column.name, &looks.header)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// A row being written; what goes wrong is kept until its end.
struct Row<'r> {
    sheet: &'r mut Worksheet,
    looks: &'r Looks,
    line: u32,
    place: u16,
    done: Result<(), XlsxError>,
}

impl Row<'_> {
    fn put(&mut self, cell: &str, number: Option<f64>) {
        let (line, place) = (self.line, self.place);
        self.place += 1;
        let put = match number {
            _ if cell.is_empty() => return,
            Some(value) => {
                let format = if cell.contains('.') { &self.looks.amount } else { &self.looks.count };
                self.sheet.write_number_with_format(line, place, value, format)
            }
            None => self.sheet.write_string_with_format(line, place, within(cell), &self.looks.text),
        };
        if let (Ok(()), Err(error)) = (&self.done, put) {
            self.done = Err(error);
        }
    }
}

impl Out for Row<'_> {
    fn text(&mut self, text: &str) {
        self.put(text, None);
    }

    fn code(&mut self, code: &str) {
        self.put(code, None);
    }

    fn number(&mut self, number: Number<'_>) {
        let cell = number.printed();
        self.put(&cell, exact(&cell));
    }
}

/// The number of a cell, where a spreadsheet can hold every digit of it. A workbook knows numbers as binary fractions only; one of at
/// most 15 digits is shown, and read back, as it was written.
fn exact(cell: &str) -> Option<f64> {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    cell.parse().ok().filter(|_| (1..=NUMBER_DIGITS).contains(&digits))
}

/// As much of a text as a cell holds.
fn within(text: &str) -> &str {
    let mut units = 0;
    let mut beyond = text.char_indices().skip_while(|(_, c)| {
        units += c.len_utf16();
        units <= CELL_UNITS
    });
    &text[..beyond.next().map_or(text.len(), |(at, _)| at)]
}
