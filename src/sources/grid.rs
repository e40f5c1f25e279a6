//! Writes rows of cells as a text of records: how tables that are no text (workbooks, Parquet) take the way of CSV.
//!
//! Cells are parted by commas and quoted where they must be, rows end with a byte that no sheet can hold; so what a
//! reject repeats of a row is CSV, and a line break within a cell is nothing special.

use super::rules::Rule;
use super::text::{CellFault, Origin, Text};

/// Ends a row.
const END: u8 = 0x1E;

/// A text in the making.
#[derive(Default)]
pub struct Grid {
    text: String,
    /// Per row: its number in the table.
    lines: Vec<u32>,
    bad: Vec<usize>,
    faults: Vec<CellFault>,
    /// Where the row starts, and the cells that it has.
    row: usize,
    cells: usize,
}

impl Grid {
    /// Appends a cell to the row.
    pub fn push(&mut self, cell: &str) {
        self.part();
        if !cell.contains([',', '"', '\n', '\r', END as char]) {
            self.text.push_str(cell);
            return;
        }
        self.text.push('"');
        for character in cell.chars() {
            match character {
                '"' => self.text.push_str("\"\""),
                // A character that no text has: its row is refused for it.
                '\u{1E}' => {
                    self.bad.push(self.text.len());
                    self.text.push('\u{FFFD}');
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    /// Appends a cell that cannot be taken, as plain text without commas or quotes.
    pub fn push_fault(&mut self, shown: &str, rule: Rule) {
        self.part();
        self.faults.push(CellFault { row: self.row, field: self.cells - 1, rule });
        self.text.push_str(shown);
    }

    /// Ends the row.
    pub fn end_row(&mut self, number: u32) {
        self.text.push(END as char);
        self.lines.push(number);
        (self.row, self.cells) = (self.text.len(), 0);
    }

    /// The text, under the name of what it was made from.
    pub fn finish(self, encoding: &str) -> Text {
        Text {
            bytes: self.text.into_bytes(),
            start: 0,
            encoding: encoding.into(),
            bad: self.bad,
            newline: END,
            origin: Origin::Cells,
            lines: Some(self.lines),
            delimiter: Some(b','),
            faults: self.faults,
            sheet: None,
        }
    }

    /// Bytes so far.
    pub fn length(&self) -> u64 {
        self.text.len() as u64
    }

    fn part(&mut self) {
        if self.cells > 0 {
            self.text.push(',');
        }
        self.cells += 1;
    }
}
