//! Damage on purpose: rows written as real files have them, and the list of where they are.
//!
//! Which rows are damaged, and how, follows from the seed and the row's number. A row that others may not point to
//! unless it is there (a strict key) is never damaged so that it is refused: its damage would refuse theirs.

use super::draw::{Stream, below};
use super::line::{line_of, quoted};
use super::report::GenerateError;
use crate::generate::plan::model::{Dirt, Fault, Plan, Share};
use crate::policy::model::Pipeline;
use crate::schema::{Column, ColumnKind, Source, SourceId};
use crate::uscc;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A damaged line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    pub source: String,
    /// Physical line, the header being 1.
    pub line: u64,
    /// Empty where the whole row is damaged.
    pub column: String,
    /// What the plan calls it.
    pub name: String,
    pub refused: bool,
}

/// Some rows as they stand in the file.
#[derive(Default)]
pub struct Lines {
    pub bytes: Vec<u8>,
    /// Lines, which are records: no cell holds a line break.
    pub count: u64,
    /// With lines counted from the block's first, which is 0.
    pub damaged: Vec<Damaged>,
}

impl Lines {
    /// Ends a line after its last cell's comma.
    pub fn end(&mut self) {
        self.bytes.pop();
        self.bytes.push(b'\n');
        self.count += 1;
    }
}

/// Damages the rows of one source.
pub struct Spoiler<'p> {
    source: &'p Source,
    share: Share,
    stream: Stream,
    /// What can befall it: a dirt, and the column, or none for the whole row.
    choices: Vec<(&'p Dirt, Option<usize>)>,
}

impl<'p> Spoiler<'p> {
    pub fn new(pipeline: &'p Pipeline, plan: &'p Plan, id: SourceId, share: Share, seed: u64) -> Spoiler<'p> {
        let source = &pipeline.sources[id];
        let strict = pipeline.sources.iter().flat_map(|s| &s.columns).filter_map(|c| c.references).any(|r| r.source == id && r.strict);
        let mut choices = Vec::new();
        for dirt in plan.dirt.iter().filter(|dirt| !(strict && dirt.refused)) {
            if dirt.fault.of_row() {
                choices.push((dirt, None));
            } else {
                choices.extend((0..source.columns.len()).filter(|&c| befalls(dirt, &source.columns[c])).map(|c| (dirt, Some(c))));
            }
        }
        Spoiler { source, share, stream: Stream::new(seed).named("dirt").named(&source.name), choices }
    }

    /// Whether a row is to be damaged, and what decides how.
    pub fn chosen(&self, row: u64) -> Option<Stream> {
        let stream = self.stream.row(row);
        (!self.choices.is_empty() && stream.takes(0, self.share)).then_some(stream)
    }

    /// Writes a damaged row. Where the damage drawn does not fit the cell (it is empty, say), the next that does.
    pub fn spoil(&self, cells: Vec<String>, stream: Stream, lines: &mut Lines) {
        let dirts = self.dirts();
        let first = below(stream.at(1), dirts.len() as u64) as usize;
        for offset in 0..dirts.len() {
            let columns = &dirts[(first + offset) % dirts.len()];
            let start = below(stream.at(2), columns.len() as u64) as usize;
            for n in 0..columns.len() {
                let (dirt, column) = columns[(start + n) % columns.len()];
                if let Some(line) = self.damaged(&cells, dirt, column, stream) {
                    return self.push(lines, &line, dirt, column);
                }
            }
        }
        lines.bytes.extend(line_of(&cells));
        lines.count += 1;
    }

    /// The choices, by dirt: each kind is equally likely, however many columns it may befall.
    fn dirts(&self) -> Vec<&[(&'p Dirt, Option<usize>)]> {
        self.choices.chunk_by(|a, b| std::ptr::eq(a.0, b.0)).collect()
    }

    fn push(&self, lines: &mut Lines, line: &[u8], dirt: &Dirt, column: Option<usize>) {
        lines.bytes.extend_from_slice(line);
        lines.count += if dirt.fault == Fault::Twice { 2 } else { 1 };
        lines.damaged.push(Damaged {
            source: self.source.name.clone(),
            line: lines.count - 1,
            column: column.map(|c| self.source.columns[c].name.clone()).unwrap_or_default(),
            name: dirt.name.clone(),
            refused: dirt.refused,
        });
    }

    /// The line with the damage; none where it does not fit, or would be a blank line, which is no row at all.
    fn damaged(&self, cells: &[String], dirt: &Dirt, column: Option<usize>, stream: Stream) -> Option<Vec<u8>> {
        self.line(cells, dirt, column, stream).filter(|line| line.len() > 1)
    }

    fn line(&self, cells: &[String], dirt: &Dirt, column: Option<usize>, stream: Stream) -> Option<Vec<u8>> {
        let Some(column) = column else { return self.damaged_row(cells, &dirt.fault) };
        let cell = cells.get(column)?;
        let spoilt = spoilt(cell, &dirt.fault, &self.source.columns[column].kind, stream)?;
        if spoilt == *cell || (spoilt.is_empty() && !self.source.columns[column].required) {
            return None;
        }
        if dirt.fault == Fault::Quote {
            // Written as it stands: that the quote is not doubled is the damage.
            let cells = cells.iter().enumerate().map(|(at, cell)| if at == column { Cow::Borrowed(spoilt.as_str()) } else { quoted(cell) });
            return Some((cells.collect::<Vec<_>>().join(",") + "\n").into_bytes());
        }
        let mut cells = cells.to_vec();
        cells[column] = spoilt;
        Some(line_of(&cells))
    }

    fn damaged_row(&self, cells: &[String], fault: &Fault) -> Option<Vec<u8>> {
        let mut cells = cells.to_vec();
        match fault {
            Fault::Shift => {
                // At the first cell that may not be empty, so that the row cannot be taken for another.
                let at = self.source.columns.iter().position(|c| c.required && c.default.is_none())?;
                cells.insert(at, String::new());
                cells.pop();
            }
            Fault::Short => {
                cells.pop().filter(|_| !cells.is_empty())?;
            }
            Fault::Long => cells.push(String::new()),
            Fault::Twice => return Some([line_of(&cells), line_of(&cells)].concat()),
            _ => return None,
        }
        Some(line_of(&cells))
    }
}

fn befalls(dirt: &Dirt, column: &Column) -> bool {
    // A cell that carries a unit anyway is not damaged by one.
    dirt.on.iter().any(|on| on == column.kind.name()) && column.units.is_empty()
}

/// The cell with the damage; none where it has nothing that could be damaged so.
fn spoilt(cell: &str, fault: &Fault, kind: &ColumnKind, stream: Stream) -> Option<String> {
    if cell.is_empty() {
        return None;
    }
    match fault {
        Fault::Text(text) => filled(text, cell),
        Fault::Check => wrong_check(cell),
        Fault::Letter => {
            let letters = ["I", "O", "S", "V", "Z"];
            let body = cell.get(..8)?;
            Some(format!("{body}{}{}", letters[below(stream.at(3), 5) as usize], cell.get(9..)?))
        }
        Fault::Lower => Some(cell.to_ascii_lowercase()),
        Fault::Wide => Some(cell.chars().map(|c| if c.is_ascii_alphanumeric() { wide(c) } else { c }).collect()),
        Fault::Grouped => grouped(cell),
        Fault::Alias => match kind {
            ColumnKind::Enum(values) => {
                let value = values.values.iter().position(|v| v == cell)?;
                values.codes.iter().find(|(_, target)| **target == value).map(|(code, _)| code.clone())
            }
            _ => None,
        },
        Fault::Quote => {
            let middle = cell.char_indices().nth(cell.chars().count() / 2).map(|(at, _)| at).filter(|at| *at > 0)?;
            Some(format!("{}\"{}", &cell[..middle], &cell[middle..]))
        }
        Fault::Shift | Fault::Short | Fault::Long | Fault::Twice => None,
    }
}

/// A template filled with the cell and, where it is a date, its parts.
fn filled(text: &str, cell: &str) -> Option<String> {
    let mut filled = text.replace("{cell}", cell);
    if filled.contains('{') {
        let mut parts = cell.split('-');
        let (y, mm, dd) = (parts.next()?, parts.next()?, parts.next()?);
        for (name, part) in
            [("{y}", y), ("{mm}", mm), ("{dd}", dd), ("{m}", mm.trim_start_matches('0')), ("{d}", dd.trim_start_matches('0'))]
        {
            filled = filled.replace(name, part);
        }
    }
    Some(filled)
}

/// A code of 18 with another last character, valid neither as a credit code nor as an identity number.
fn wrong_check(cell: &str) -> Option<String> {
    let (body, last) = cell.split_at_checked(17)?;
    let others = "0123456789".chars().filter(|c| !last.starts_with(*c)).map(|c| format!("{body}{c}"));
    others.into_iter().find(|code| !uscc::is_uscc(code.as_bytes()) && !uscc::is_identity_number(code.as_bytes()))
}

fn wide(c: char) -> char {
    char::from_u32(c as u32 + 0xFEE0).unwrap_or(c)
}

/// `1234567.89` as `1,234,567.89`.
fn grouped(cell: &str) -> Option<String> {
    let (whole, fraction) = cell.split_at(cell.find('.').unwrap_or(cell.len()));
    if whole.len() < 4 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut grouped = String::new();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Some(grouped + fraction)
}

/// Writes the list of damaged lines beside the data folder.
pub fn write_list(out: &Path, damaged: &[Damaged]) -> Result<PathBuf, GenerateError> {
    let mut name = out.file_name().unwrap_or_default().to_os_string();
    name.push(".dirty.csv");
    let path = out.with_file_name(name);
    let mut list = b"source,line,column,name,refused\n".to_vec();
    for d in damaged {
        list.extend(line_of(&[&d.source, &d.line.to_string(), &d.column, &d.name, &d.refused.to_string()]));
    }
    std::fs::write(&path, list).map_err(|error| GenerateError::Io { path: path.clone(), error })?;
    Ok(path)
}
