//! matches.csv: which measures an enterprise is on (一企一档), one row per enterprise and measure.
//!
//! Persons, whose numbers are masked, are on no enterprise's file and left out. Rows stand in the order of
//! 统一社会信用代码 and 措施编号, so that an enterprise's measures stand together.

use crate::ledger::{Line, Lines};
use crate::money::FenSum;
use crate::texts::head;
use rayon::prelude::*;

/// One row of matches.csv: the lines of one subject in one measure.
#[derive(Clone, Copy)]
pub struct Match<'a> {
    /// The measure's lines.
    pub of: &'a Lines<'a>,
    /// The subject's among them; never empty.
    pub lines: &'a [Line],
    /// Of the subject.
    head: u128,
}

impl<'a> Match<'a> {
    fn first(&self) -> &'a Line {
        &self.lines[0]
    }

    pub fn subject(&self) -> &'a str {
        self.of.subject(self.first())
    }

    pub fn name(&self) -> &'a str {
        self.of.name(self.first())
    }

    pub fn county(&self) -> &'a str {
        self.of.county(self.first())
    }

    /// `None` where no line carries an amount.
    pub fn amount(&self) -> Option<FenSum> {
        let mut amounts = self.lines.iter().filter_map(|line| line.amount).peekable();
        amounts.peek()?;
        Some(amounts.sum())
    }

    /// Its lines' 状态, each once, in the order of the lines.
    pub fn states(&self) -> impl Iterator<Item = &'static str> {
        let states = self.lines.iter().map(|line| line.status).enumerate();
        states.filter(|(at, status)| self.lines[..*at].iter().all(|line| line.status != *status)).map(|(_, status)| status)
    }
}

/// The matches of all subjects that are no persons.
pub fn matches<'a>(all: &'a [Lines<'a>]) -> Vec<Match<'a>> {
    let mut found: Vec<Match<'a>> = all.par_iter().flat_map_iter(of_measure).collect();
    found.par_sort_by(|a, b| {
        let rest = || (a.subject(), &a.of.measure.id).cmp(&(b.subject(), &b.of.measure.id));
        a.head.cmp(&b.head).then_with(rest)
    });
    found
}

/// A measure's lines, which stand in the order of their subjects, as one match per subject.
fn of_measure<'a>(of: &'a Lines<'a>) -> impl Iterator<Item = Match<'a>> {
    let by_subject = of.lines.chunk_by(|a, b| of.subject(a) == of.subject(b));
    let matches = by_subject.map(|lines| Match { of, lines, head: head(of.subject(&lines[0])) });
    matches.filter(|one| !one.subject().contains(MASKED))
}

/// What stands in a person's number as it is published.
const MASKED: char = '*';
