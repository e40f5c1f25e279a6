//! Reads a published CSV row by row with its lines, and checks how it is written.
//!
//! The `csv` crate takes anything for a row and its positions are off under CRLF. So every row it gives is written out
//! again in the one way there is and compared with the bytes, which also counts the lines.

use super::finding::{Check, Findings};
use crate::ledger::columns::Cells;
use crate::publish::csv::{BOM, plain, runs_as_formula};
use crate::publish::tables;
use csv::ByteRecord;
use memchr::memchr_iter;

/// A published CSV that is being checked.
pub(super) struct Table<'a> {
    pub(super) file: &'a str,
    pub(super) bytes: &'a [u8],
    /// None where the columns are the pipeline's.
    pub(super) declared: Option<&'static tables::Table>,
    /// As the manifest has it.
    pub(super) rows: Option<u64>,
    pub(super) findings: &'a mut Findings,
}

/// One row, with the physical line on which it starts.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    pub(super) record: &'a ByteRecord,
}

impl Row<'_> {
    /// The cell of a column of the table that is read; the text is UTF-8, or the file was found wrong before.
    pub(super) fn cell(&self, column: impl Into<usize>) -> &str {
        std::str::from_utf8(&self.record[column.into()]).unwrap_or_default()
    }

    /// A text cell as it was before it was neutralised.
    pub(super) fn plain(&self, column: impl Into<usize>) -> &str {
        plain(self.cell(column))
    }

    pub(super) fn count(&self, column: impl Into<usize>) -> Option<u64> {
        self.cell(column).parse().ok()
    }
}

impl<'a> Table<'a> {
    /// Gives every row that has as many cells as the table has columns. Nothing where the columns are wrong: what then stands in a
    /// cell is anybody's guess.
    pub(super) fn each(&mut self, mut each: impl FnMut(&Row, &mut Findings)) {
        let Some(text) = self.open() else { return };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
        let mut scan = Scan { text, at: 0, line: 1, written: Vec::new() };
        let mut record = ByteRecord::new();
        let (mut width, mut rows) = (None, 0);
        let mut before = String::new();
        loop {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return self.add(Check::Form, scan.line, || error.to_string()),
            }
            let line = scan.line;
            if !scan.advance(&record, reader.position().byte() as usize) {
                self.add(Check::Form, line, || "not written as RFC 4180 with CRLF and quotes only where needed".to_owned());
            }
            let Some(width) = width else {
                if !self.check_header(&record) {
                    return;
                }
                width = Some(record.len());
                continue;
            };
            rows += 1;
            if record.len() != width {
                self.add(Check::Form, line, || format!("{} cells in a table of {width} columns", record.len()));
                continue;
            }
            let row = Row { line, record: &record };
            self.check_formulas(&row);
            self.check_order(&row, &mut before);
            each(&row, self.findings);
        }
        if scan.at != text.len() {
            self.add(Check::Form, scan.line, || "more bytes follow the last row".to_owned());
        }
        if self.rows != Some(rows) {
            let listed = self.rows.map_or("none".to_owned(), |rows| rows.to_string());
            self.findings.add(Check::Rows, self.file, None, || format!("has {rows} rows, the manifest says {listed}"));
        }
    }

    fn add(&mut self, check: Check, line: u64, what: impl FnOnce() -> String) {
        self.findings.add(check, self.file, Some(line), what);
    }

    /// The text after the BOM; none where it is not UTF-8.
    fn open(&mut self) -> Option<&'a [u8]> {
        let bytes = self.bytes;
        if let Err(error) = std::str::from_utf8(bytes) {
            let line = 1 + memchr_iter(b'\n', &bytes[..error.valid_up_to()]).count() as u64;
            self.add(Check::Form, line, || "is not UTF-8".to_owned());
            return None;
        }
        let text = bytes.strip_prefix(BOM);
        if text.is_none() {
            self.add(Check::Form, 1, || "does not begin with a BOM".to_owned());
        }
        Some(text.unwrap_or(bytes))
    }

    fn check_header(&mut self, header: &ByteRecord) -> bool {
        let Some(columns) = self.declared.map(|table| table.columns) else { return true };
        let is_right = header.iter().eq(columns.iter().map(|column| column.name.as_bytes()));
        if !is_right {
            let found: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
            let expected: Vec<_> = columns.iter().map(|column| column.name).collect();
            self.add(Check::Columns, 1, || format!("the columns are {}, should be {}", found.join(","), expected.join(",")));
        }
        is_right
    }

    /// The rows stand in the order that the table declares; `before` is the key of the one before.
    fn check_order(&mut self, row: &Row, before: &mut String) {
        let Some(table) = self.declared else { return };
        // Nothing sorts before what parts the cells, so keys compare cell by cell.
        let key = table.order.iter().map(|&at| row.cell(at)).collect::<Vec<_>>().join("\0");
        let shown = |key: &str| key.replace('\0', " ");
        if key < *before {
            self.add(Check::Order, row.line, || format!("{} comes after {}", shown(&key), shown(before)));
        } else if table.is_key && key == *before && !key.contains('*') {
            self.add(Check::Order, row.line, || format!("{} stands twice", shown(&key)));
        }
        *before = key;
    }

    fn check_formulas(&mut self, row: &Row) {
        let columns = self.declared.map_or(&[][..], |table| table.columns).iter().enumerate();
        for (at, column) in columns.filter(|(_, column)| column.cells == Cells::Text) {
            if runs_as_formula(row.cell(at)) {
                self.add(Check::Formula, row.line, || format!("a spreadsheet would run {}: {:?}", column.name, row.cell(at)));
            }
        }
    }
}

/// How far the bytes have been accounted for.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
    /// A record in the one way to write it.
    written: Vec<u8>,
}

impl Scan<'_> {
    /// Goes behind a record. Where the bytes are not its one spelling, false, and on from where the reader stands.
    fn advance(&mut self, record: &ByteRecord, reader: usize) -> bool {
        self.written.clear();
        for (at, cell) in record.iter().enumerate() {
            if at > 0 {
                self.written.push(b',');
            }
            let quoted = cell.iter().any(|byte| b",\"\r\n".contains(byte));
            if quoted {
                self.written.push(b'"');
            }
            for &byte in cell {
                self.written.push(byte);
                if byte == b'"' {
                    self.written.push(byte);
                }
            }
            if quoted {
                self.written.push(b'"');
            }
        }
        self.written.extend_from_slice(b"\r\n");
        let is_right = self.text[self.at..].starts_with(&self.written);
        let mut end = if is_right { self.at + self.written.len() } else { reader.clamp(self.at, self.text.len()) };
        if !is_right && self.text.get(end) == Some(&b'\n') && end > 0 && self.text[end - 1] == b'\r' {
            end += 1;
        }
        self.line += memchr_iter(b'\n', &self.text[self.at..end]).count() as u64;
        self.at = end;
        is_right
    }
}
