//! What stands in one column of a file.

use super::guess::Guess;
use crate::sources::inspect::{self, Checks, Meaning};
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bad cells that are shown.
const EXAMPLES: usize = 3;

/// Values that stood before, by hash.
#[derive(Default)]
pub struct Seen {
    hashes: HashSet<u64>,
    pub repeated: u64,
}

impl Seen {
    pub fn take(&mut self, value: &str) {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        self.repeated += u64::from(!self.hashes.insert(hasher.finish()));
    }

    pub fn distinct(&self) -> u64 {
        self.hashes.len() as u64
    }
}

/// One column of one file.
pub struct ColumnProfile {
    /// As it stands in the header.
    pub header: String,
    /// The declared column that it is.
    pub declared: Option<usize>,
    pub missing: u64,
    pub seen: Seen,
    /// Least and greatest value, as they stand.
    pub range: Option<[(i64, String); 2]>,
    /// Cells that broke a rule, by rule.
    pub bad: BTreeMap<&'static str, u64>,
    /// Line, cell, reason.
    pub examples: Vec<(u32, String, String)>,
    /// What it may be, where nobody declares it.
    pub guess: Guess,
}

impl ColumnProfile {
    pub fn new(header: &str, declared: Option<usize>) -> ColumnProfile {
        ColumnProfile {
            header: header.to_owned(),
            declared,
            missing: 0,
            seen: Seen::default(),
            range: None,
            bad: BTreeMap::new(),
            examples: Vec::new(),
            guess: Guess::default(),
        }
    }

    /// Takes the next cell.
    pub fn take(&mut self, line: u32, cell: &str, checks: Option<&Checks>) {
        let plain = inspect::plain(cell);
        let meaning = match (checks, self.declared) {
            (Some(checks), Some(column)) => checks.read(column, cell),
            _ => self.guess.take(&plain),
        };
        match meaning {
            Meaning::Missing => {
                self.missing += 1;
                return;
            }
            Meaning::Value(order) => self.widen(order, &plain),
            Meaning::Bad(rule, reason) => {
                *self.bad.entry(rule).or_default() += 1;
                if self.examples.len() < EXAMPLES {
                    let shown = match (checks, self.declared) {
                        (Some(checks), Some(column)) => checks.show(column, cell),
                        _ => inspect::show(cell),
                    };
                    self.examples.push((line, shown, reason));
                }
            }
        }
        self.seen.take(&plain);
    }

    /// Cells that are not missing.
    pub fn filled(&self) -> u64 {
        self.seen.distinct() + self.seen.repeated
    }

    fn widen(&mut self, order: Option<i64>, plain: &str) {
        let Some(order) = order else { return };
        let [least, greatest] = self.range.get_or_insert_with(|| [(order, plain.to_owned()), (order, plain.to_owned())]);
        if order < least.0 {
            *least = (order, plain.to_owned());
        }
        if order > greatest.0 {
            *greatest = (order, plain.to_owned());
        }
    }
}
