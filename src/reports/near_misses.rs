//! near_misses.csv: rows that are 不符合 by exactly one clause, one row each, with what was seen, what was wanted and how far it is.
//!
//! A row counts where exactly one clause is false: take it away, and the verdict is 不符合 no longer. A date of effect, a
//! subject rule or an amount of zero that fails beside it makes two; a clause that only picks the row makes none. Other
//! clauses may be open (待核实): the distance says so. Within a measure, decided rows stand before those, rows with a
//! measurable distance before those without, then the nearest first: distances of different units are compared as shares of
//! their thresholds (of a year for days). Then come clause, 统一社会信用代码 and 来源单据, so that the order is total.

use crate::explain::{Reading, shape};
use crate::facts::World;
use crate::ledger::Subjects;
use crate::measures::{Decided, Failing, Verdict};
use crate::sql::EvalError;
use polars::prelude::BooleanChunked;
use rayon::prelude::*;

/// One row of near_misses.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// Of the measure's clauses, from 0.
    pub clause: usize,
    pub subject: String,
    pub name: String,
    pub document: String,
    pub value: String,
    pub threshold: String,
    pub distance: String,
}

impl NearMiss {
    fn published(&self) -> (usize, [&str; 5]) {
        (self.clause, [&self.subject, &self.document, &self.value, &self.threshold, &self.distance])
    }
}

/// Said beside the distance where other clauses lack data.
const OPEN: &str = "另有条件待核实";

/// The near misses of one measure, in the order in which they are published.
pub fn near_misses(world: &World<'_>, decided: &Decided<'_>) -> Result<Vec<NearMiss>, EvalError> {
    let measure = &world.pipeline.measures[decided.measure];
    let by_clause = single_failures(decided);
    let mut all: Vec<(Rank, NearMiss)> = Vec::new();
    for (clause, found) in by_clause.into_iter().enumerate() {
        if found.is_empty() || measure.clauses[clause].picks {
            continue;
        }
        let positions: Vec<u32> = found.iter().map(|(row, _)| *row).collect();
        let mut rows = decided.rows.select(&positions)?;
        let subjects = Subjects::of(world.pipeline, measure, &mut rows)?;
        let reading = Reading::of(world, &shape(world.pipeline, &measure.clauses[clause].when), &mut rows)?;
        let is_of_one = reading.is_of_one();
        all.par_extend(found.into_par_iter().enumerate().map(|(row, (_, open))| {
            let seen = reading.failing(row);
            let value = if is_of_one { seen.value.clone() } else { seen.named_value() };
            let distance = seen.margin.as_ref().map(|m| m.distance);
            let mut text = seen.margin.map_or_else(String::new, |m| m.text);
            if open {
                text = if text.is_empty() { OPEN.to_string() } else { format!("{text}；{OPEN}") };
            }
            let near = NearMiss {
                clause,
                subject: subjects.code[row].clone(),
                name: subjects.name[row].clone(),
                document: subjects.document[row].clone(),
                value,
                threshold: seen.threshold,
                distance: text,
            };
            (Rank { open, unmeasured: distance.is_none(), distance: distance.unwrap_or(0) }, near)
        }));
    }
    // What is published decides alone, so that rows which agree in it may change places.
    all.par_sort_by(|(r1, a), (r2, b)| r1.cmp(r2).then_with(|| a.published().cmp(&b.published())));
    Ok(all.into_iter().map(|(_, near)| near).collect())
}

/// How near, first of all.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    open: bool,
    unmeasured: bool,
    distance: i128,
}

/// By clause: the rows that it alone fails, and whether another condition is open.
fn single_failures(decided: &Decided<'_>) -> Vec<Vec<(u32, bool)>> {
    let n = decided.verdicts.len();
    let (mut failures, mut open) = (vec![0_u8; n], vec![false; n]);
    let columns: Vec<&BooleanChunked> = decided.in_force.iter().chain(&decided.alive).chain(&decided.clauses).collect();
    for column in columns {
        for (row, value) in column.iter().enumerate() {
            match value {
                Some(true) => {}
                Some(false) => failures[row] = failures[row].saturating_add(1),
                None => open[row] = true,
            }
        }
    }
    let mut found = vec![Vec::new(); decided.clauses.len()];
    for (row, verdict) in decided.verdicts.iter().enumerate() {
        let Verdict::Ineligible(Failing::Clause(clause)) = verdict else {
            continue;
        };
        let nothing_due = decided.amounts.as_ref().is_some_and(|a| a[row].is_some_and(|a| a <= 0));
        if failures[row] == 1 && !nothing_due {
            found[usize::from(*clause)].push((row as u32, open[row]));
        }
    }
    found
}
