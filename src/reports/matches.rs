//! matches.csv: which measures an enterprise is on (一企一档), one row per enterprise and measure.
//!
//! Persons, whose numbers are masked, are on no enterprise's file and left out. Rows stand in the order of
//! 统一社会信用代码 and 措施编号, so that an enterprise's measures stand together.

use crate::ledger::Lines;
use crate::money::FenSum;
use crate::policy::model::Measure;
use crate::texts::head;
use rayon::prelude::*;

/// One row of matches.csv;
#[derive(Debug, Clone)]
pub struct Match<'a> {
    pub measure: &'a Measure,
    pub subject: &'a str,
    /// Of the subject.
    head: u128,
    pub name: &'a str,
    pub county: &'a str,
    /// Ledger lines.
    pub lines: u64,
    /// `None` where no line carries an amount.
    pub amount: Option<FenSum>,
    /// Its lines' 状态, each once, in the order of the lines.
    pub states: Vec<&'static str>,
}

/// The matches of all subjects that are no persons.
pub fn matches<'a>(all: &'a [Lines<'_>]) -> Vec<Match<'a>> {
    let mut found: Vec<Match<'a>> = all.par_iter().flat_map_iter(of_measure).collect();
    found.par_sort_by(|a, b| (a.head, a.subject, &a.measure.id).cmp(&(b.head, b.subject, &b.measure.id)));
    found
}

/// A measure's lines, which stand in the order of their subjects, as one match per subject.
fn of_measure<'a>(lines: &'a Lines<'_>) -> Vec<Match<'a>> {
    let mut found: Vec<Match<'a>> = Vec::new();
    for line in lines.lines.iter().filter(|l| !lines.subject(l).contains(MASKED)) {
        let same = found.last_mut().filter(|m| m.subject == lines.subject(line));
        let one = match same {
            Some(one) => one,
            None => {
                let (subject, name, county) = (lines.subject(line), lines.name(line), lines.county(line));
                found.push(Match {
                    measure: lines.measure,
                    subject,
                    head: head(subject),
                    name,
                    county,
                    lines: 0,
                    amount: None,
                    states: Vec::new(),
                });
                match found.last_mut() {
                    Some(new) => new,
                    None => continue,
                }
            }
        };
        one.lines += 1;
        if let Some(amount) = line.amount {
            *one.amount.get_or_insert_default() += amount;
        }
        if !one.states.contains(&line.status) {
            one.states.push(line.status);
        }
    }
    found
}

/// What stands in a person's number as it is published.
const MASKED: char = '*';
