//! Decides the fate of every row of a source, once its parts are read and its codes have ids.

use super::codes::NO_ID;
use super::contract::Contract;
use super::fill::Values;
use super::header::Layout;
use super::keys::{self, Rows};
use super::links::{self, Members};
use super::part::Part;
use super::reject::{Breach, Place};
use super::rules::Rule;
use super::text::Text;
use super::{FileReport, Reject};
use crate::schema::{BySource, SourceId, Sources};

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Accepted,
    /// A later version is there.
    Superseded,
    Rejected,
}

/// A file whose header was found.
pub struct Opened {
    /// Path under the data folder.
    pub shown: String,
    /// Place among the file reports.
    pub report: usize,
    pub text: Text,
    pub layout: Layout,
}

/// Where a part belongs.
#[derive(Debug, Clone, Copy)]
pub struct Seat {
    /// Place among the opened files.
    pub file: usize,
    /// Lines of the file before the part.
    pub lines: u32,
}

/// A source as it was read: parts in file order.
pub struct SourceRows<'a> {
    pub id: SourceId,
    pub contract: &'a Contract<'a>,
    pub opened: &'a [Opened],
    pub parts: Vec<Part>,
    pub seats: Vec<Seat>,
}

impl SourceRows<'_> {
    /// The physical line on which a row starts, from the lines before it in its part.
    pub fn line(&self, part: usize, before: u32) -> u32 {
        let seat = self.seats[part];
        self.opened[seat.file].text.line(seat.lines + before + 1)
    }

    /// Rejects of the parts, lines counted through; parts keep none.
    pub fn take_rejects(&mut self) -> Vec<Reject> {
        let mut rejects = Vec::new();
        for part in 0..self.parts.len() {
            for mut reject in std::mem::take(&mut self.parts[part].rejects) {
                reject.line = self.line(part, reject.line);
                rejects.push(reject);
            }
        }
        rejects
    }

    /// Decides which rows stay: not those that broke a rule, point to nothing they must point to, repeat a key, or have
    /// a later version.
    pub fn judge(&self, sources: &Sources, members: &BySource<Option<Members>>, rejects: &mut Vec<Reject>) -> Vec<Fate> {
        let rows = Rows::new(&self.parts);
        let mut fate = vec![Fate::Accepted; rows.len()];
        for (at, part) in self.parts.iter().enumerate() {
            for &row in &part.dead {
                fate[rows.offset(at) + row as usize] = Fate::Rejected;
            }
        }
        for (column, target) in links::strict(self.contract.source) {
            if let Some(members) = &members[target] {
                self.judge_links(column, &sources[target].title, members, &rows, &mut fate, rejects);
            }
        }
        let live: Vec<bool> = fate.iter().map(|fate| *fate == Fate::Accepted).collect();
        let resolved = keys::resolve(&rows, self.contract, &live);
        for &(row, first) in &resolved.duplicates {
            fate[row] = Fate::Rejected;
            let note = self.first_note(rows.locate(row), rows.locate(first));
            rejects.extend(self.refuse(rows.locate(row), (0, Rule::KeyDuplicate, note)));
        }
        for row in resolved.superseded {
            fate[row] = Fate::Superseded;
        }
        fate
    }

    fn judge_links(&self, column: usize, title: &str, members: &Members, rows: &Rows, fate: &mut [Fate], rejects: &mut Vec<Reject>) {
        for (at, part) in self.parts.iter().enumerate() {
            let Values::Id(ids) = &part.columns[column] else {
                continue;
            };
            let fate = &mut fate[rows.offset(at)..][..ids.len()];
            for (row, (&id, fate)) in ids.iter().zip(fate).enumerate() {
                // A row that broke another rule is told this one too, but not about a cell that could not be read.
                if id != NO_ID && !members.contains(id) {
                    *fate = Fate::Rejected;
                    rejects.extend(self.refuse((at, row), (column, Rule::KeyUnknown, title.to_owned())));
                }
            }
        }
    }

    fn refuse(&self, (at, row): (usize, usize), breach: Breach) -> Vec<Reject> {
        let opened = &self.opened[self.seats[at].file];
        let Opened { shown: file, text, layout, .. } = opened;
        let place = Place { id: self.id, contract: self.contract, text, layout, file };
        let part = &self.parts[at];
        place.refuse_row(part.starts[row] as usize, self.line(at, part.lines[row]), &[breach])
    }

    /// Where the first of two equal keys stands, for the second.
    fn first_note(&self, (at, _): (usize, usize), (first, row): (usize, usize)) -> String {
        let line = self.line(first, self.parts[first].lines[row]);
        let (file, first_file) = (self.seats[at].file, self.seats[first].file);
        let first = &self.opened[first_file];
        match &first.text.sheet {
            _ if file == first_file => format!("第 {line} 行"),
            Some(sheet) if self.opened[file].report == first.report => format!("工作表“{sheet}”第 {line} 行"),
            Some(sheet) => format!("文件 {} 工作表“{sheet}”第 {line} 行", first.shown),
            None => format!("文件 {} 第 {line} 行", first.shown),
        }
    }

    /// Counts the rows of every file.
    pub fn account(&self, fate: &[Fate], files: &mut [FileReport]) {
        let rows = Rows::new(&self.parts);
        for (at, part) in self.parts.iter().enumerate() {
            let file = &mut files[self.opened[self.seats[at].file].report];
            file.rows += part.rows() as u64 + part.damaged;
            file.rejected += part.damaged;
            for fate in &fate[rows.offset(at)..][..part.rows()] {
                match fate {
                    Fate::Accepted => file.accepted += 1,
                    Fate::Superseded => file.superseded += 1,
                    Fate::Rejected => file.rejected += 1,
                }
            }
        }
    }
}
