//! Turns the ledgers of a run into `ledger.xlsx`, a sheet per ledger and one for the sums.
//!
//! The rows are read back from the CSVs that stand in the run's folder, so the two can never differ: codes stay text, amounts become
//! numbers, the header is frozen and filtered. A ledger with more rows than a sheet holds goes on in further sheets. The same run gives
//! the same bytes. Never does: compute or sort anything.

use super::back::{self, BackError};
use super::csv::plain;
use crate::ledger::Book;
use crate::ledger::columns::{Cells, Column, LEDGER, SUMMARY, SUMMARY_FILE};
use crate::period;
use crate::policy::model::Kind;
use csv::StringRecord;
use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};
use std::path::Path;

/// The workbook of a run.
pub const WORKBOOK_FILE: &str = "ledger.xlsx";

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    #[error(transparent)]
    Table(#[from] BackError),
    #[error("cannot make {WORKBOOK_FILE}: {0}")]
    Sheet(#[from] XlsxError),
}

/// The sheet of [`SUMMARY`].
const SUMMARY_SHEET: &str = "汇总";
/// Rows that a sheet holds under its header.
pub const SHEET_ROWS: usize = 1_048_575;
/// UTF-16 units that a cell holds; the CSV has the whole text.
const CELL_UNITS: usize = 32_767;
/// Digits that a spreadsheet keeps of a number; a longer one stands as text, which nobody rounds.
const NUMBER_DIGITS: usize = 15;

/// Makes the workbook of the run in a folder, at most so many rows a sheet; `as_of` (days since 1970-01-01) is its only date.
pub fn workbook(run: &Path, title: &str, as_of: i32, sheet_rows: usize) -> Result<Vec<u8>, WorkbookError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::parse_from_str(&period::format_date(as_of))?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&made));
    for book in Book::ALL {
        let kinds: Vec<&str> = book.kinds().map(Kind::name).collect();
        fill(&mut workbook, &kinds.join("、"), &run.join(book.file()), &LEDGER, sheet_rows)?;
    }
    fill(&mut workbook, SUMMARY_SHEET, &run.join(SUMMARY_FILE), &SUMMARY, sheet_rows)?;
    Ok(workbook.save_to_buffer()?)
}

/// Copies one table into as many sheets as it needs.
fn fill(book: &mut Workbook, name: &str, path: &Path, columns: &[Column], sheet_rows: usize) -> Result<(), WorkbookError> {
    let mut rows = back::rows(path, columns)?.peekable();
    for part in 1.. {
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(if part == 1 { name.to_owned() } else { format!("{name} ({part})") })?;
        let looks = Looks::new();
        header(sheet, columns, &looks)?;
        let mut last = 0;
        for row in rows.by_ref().take(sheet_rows) {
            last += 1;
            write(sheet, last, &row?, columns, &looks)?;
        }
        sheet.autofilter(0, 0, last, (columns.len() - 1) as u16)?;
        if rows.peek().is_none() {
            break;
        }
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

fn write(sheet: &mut Worksheet, line: u32, row: &StringRecord, columns: &[Column], looks: &Looks) -> Result<(), XlsxError> {
    for (at, column) in columns.iter().enumerate() {
        let (place, cell) = (at as u16, plain(row.get(at).unwrap_or_default()));
        match number(column, cell) {
            _ if cell.is_empty() => {}
            Some(value) => {
                let format = if cell.contains('.') { &looks.amount } else { &looks.count };
                sheet.write_number_with_format(line, place, value, format)?;
            }
            None => {
                sheet.write_string_with_format(line, place, within(cell), &looks.text)?;
            }
        }
    }
    Ok(())
}

/// The number of a cell, where a spreadsheet can hold every digit of it. A workbook knows numbers as binary fractions only; one of at
/// most 15 digits is shown, and read back, as it was written.
fn number(column: &Column, cell: &str) -> Option<f64> {
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_number = matches!(column.cells, Cells::Number) && (1..=NUMBER_DIGITS).contains(&digits);
    cell.parse().ok().filter(|_| is_number)
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
