//! What is wrong with records that are no rows, and where in the file.

use super::rules::Rule;
use super::text::Text;
use memchr::memchr;

/// The longest record that is read.
pub const MAX_RECORD: usize = 1 << 20;

/// A record that could not be cut.
#[derive(Debug)]
pub struct Damage {
    pub start: usize,
    pub end: usize,
    /// Lines before it in its part.
    pub line: u32,
    pub fault: Fault,
}

/// What is wrong with a record.
#[derive(Debug)]
pub struct Fault {
    pub rule: Rule,
    /// What the rule cannot know: counts.
    pub note: String,
    /// Where in the text: the damage itself where it is a byte, else the record's start.
    pub place: usize,
}

impl Fault {
    pub fn new(rule: Rule, note: String, place: usize) -> Fault {
        Fault { rule, note, place }
    }

    /// What is wrong, what to do, and where in the file.
    pub fn reason(&self, text: &Text) -> String {
        self.rule.reason(None, &self.note) + &place_note(text, self.place)
    }
}

/// Where a row or its damage stands, for those who open the file with a tool; a workbook has no bytes to count.
pub fn place_note(text: &Text, place: usize) -> String {
    text.file_place(place).map(|byte| format!("（文件第 {} 字节）", byte + 1)).unwrap_or_default()
}

/// What is wrong with a record that could be cut: a byte that no text has, its width, its length.
pub fn fault_of(text: &Text, start: usize, end: usize, found: usize, width: Option<usize>) -> Option<Fault> {
    if let Some(place) = memchr(0, &text.bytes[start..end]) {
        return Some(Fault::new(Rule::RowNul, String::new(), start + place));
    }
    if let Some(place) = text.bad_in(start, end) {
        return Some(Fault::new(Rule::RowBytes, String::new(), place));
    }
    let width = width.unwrap_or(found);
    (found != width || end - start > MAX_RECORD).then(|| misfit(found, width, start, end))
}

/// A record that is too long, or as wide as `found` instead of `width`.
pub fn misfit(found: usize, width: usize, start: usize, end: usize) -> Fault {
    if end - start > MAX_RECORD {
        return Fault::new(Rule::RowSize, format!("{} 字节", end - start), start);
    }
    Fault::new(Rule::RowFields, format!("本行有 {found} 列，表头有 {width} 列"), start)
}

/// The first quote of a line, its start where it has none.
pub fn first_quote(text: &Text, start: usize, end: usize) -> usize {
    start + memchr(b'"', &text.bytes[start..end]).unwrap_or_default()
}
