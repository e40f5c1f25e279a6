//! Reads one part of one file: records into typed columns, refused rows into rejects.
//!
//! Parts know nothing of each other: lines are counted from the part's first, new codes have ids of the part's own.

use super::Reject;
use super::codes::{Dictionary, Sink};
use super::damage::Damage;
use super::fill::{Cells, Faults, Values};
use super::records::{Block, Records};
use super::reject::{Breach, Place};
use super::rules::Rule;
use memchr::memchr;

/// What one part holds. Rows that broke a rule stay in the columns, as "none", and are listed as dead.
pub struct Part {
    /// Per declared column.
    pub columns: Vec<Values>,
    /// Per row: where it starts in the text.
    pub starts: Vec<u64>,
    /// Per row: lines before it in the part.
    pub lines: Vec<u32>,
    /// Rows that broke a rule, ascending.
    pub dead: Vec<u32>,
    /// Their rejects, and those of records that are no rows; lines count from 0.
    pub rejects: Vec<Reject>,
    /// Records that are no rows.
    pub damaged: u64,
    /// Codes that the dictionary did not hold.
    pub new: Dictionary,
    /// Physical lines.
    pub line_count: u32,
    /// Where the next part must begin.
    pub end: usize,
}

/// Cuts a text from its first data row on into parts of some `size` bytes, at ends of lines.
pub fn cut(place: &Place, size: usize) -> Vec<(usize, usize)> {
    let bytes = &place.text.bytes;
    let mut parts = Vec::new();
    let mut start = place.layout.start;
    while start < bytes.len() {
        let aim = (start + size).min(bytes.len());
        let stop = memchr(place.text.newline, &bytes[aim..]).map_or(bytes.len(), |at| aim + at + 1);
        parts.push((start, stop));
        start = stop;
    }
    parts
}

/// Reads the records that start between two places.
pub fn read(place: &Place, known: &Dictionary, start: usize, stop: usize) -> Part {
    let mut records = Records::new(place.text, place.layout.dialect, place.layout.width, start, stop);
    let mut part = Part::new(place);
    let mut sink = Sink { known, new: Dictionary::default() };
    let (mut block, mut damages) = (Block::default(), Vec::new());
    while records.fill(&mut block, &mut damages) {
        if part.rows() == 0 && block.rows() > 0 {
            // The first rows tell how many there will be.
            let read = (records.position() - start).max(1);
            part.reserve((stop - start) / (read / block.rows()).max(1) * 17 / 16 + 1);
        }
        part.take_block(place, &block, &mut sink);
    }
    part.take_damages(place, &damages);
    part.new = sink.new;
    part.line_count = records.lines();
    part.end = records.position();
    part
}

impl Part {
    fn new(place: &Place) -> Part {
        Part {
            columns: place.contract.columns.iter().map(|check| Values::new(check.store)).collect(),
            starts: Vec::new(),
            lines: Vec::new(),
            dead: Vec::new(),
            rejects: Vec::new(),
            damaged: 0,
            new: Dictionary::default(),
            line_count: 0,
            end: 0,
        }
    }

    /// Rows in the columns, dead ones among them.
    pub fn rows(&self) -> usize {
        self.starts.len()
    }

    fn reserve(&mut self, rows: usize) {
        self.columns.iter_mut().for_each(|values| values.reserve(rows));
        self.starts.reserve(rows);
        self.lines.reserve(rows);
    }

    fn take_block(&mut self, place: &Place, block: &Block, sink: &mut Sink) {
        let first = self.rows();
        let mut broken: Vec<(u32, usize, Rule)> = Vec::new();
        let mut faults = Faults::new();
        for (column, (check, values)) in place.contract.columns.iter().zip(&mut self.columns).enumerate() {
            match place.layout.fields[column] {
                Some(field) => {
                    let cells = Cells { block, text: &place.text.bytes, field };
                    values.fill(check, cells, sink, &mut faults);
                    broken.extend(faults.drain(..).map(|(row, rule)| (row, column, rule)));
                }
                None => values.fill_absent(check, block.rows(), sink),
            }
        }
        self.starts.extend((0..block.rows()).map(|row| block.start(row) as u64));
        self.lines.extend((0..block.rows()).map(|row| block.line(row)));
        take_cell_faults(place, block, &mut broken);
        broken.sort_unstable();
        for row in broken.chunk_by(|one, other| one.0 == other.0) {
            let at = row[0].0 as usize;
            let breaches: Vec<Breach> = row.iter().map(|&(_, column, rule)| (column, rule, String::new())).collect();
            self.rejects.extend(place.refuse_row(block.start(at), block.line(at), &breaches));
            self.dead.push((first + at) as u32);
        }
    }

    fn take_damages(&mut self, place: &Place, damages: &[Damage]) {
        self.damaged = damages.len() as u64;
        self.rejects.extend(damages.iter().map(|damage| place.refuse_damage(damage)));
    }
}

/// What is wrong with a cell itself, instead of what its text would break.
fn take_cell_faults(place: &Place, block: &Block, broken: &mut Vec<(u32, usize, Rule)>) {
    if place.text.faults.is_empty() {
        return;
    }
    for row in 0..block.rows() {
        for fault in place.text.faults(block.start(row)) {
            if let Some(column) = place.layout.fields.iter().position(|field| *field == Some(fault.field)) {
                broken.retain(|&(other, at, _)| (other as usize, at) != (row, column));
                broken.push((row as u32, column, fault.rule));
            }
        }
    }
}
