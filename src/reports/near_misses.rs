//! near_misses.csv: rows that are 不符合 by exactly one clause, one row each, with what was seen, what was wanted and how far it is.
//!
//! A row counts where exactly one clause is false: take it away, and the verdict is 不符合 no longer. A date of effect, a
//! subject rule or an amount of zero that fails beside it makes two; a clause that only picks the row makes none. Other
//! clauses may be open (待核实): the distance says so. Within a measure, decided rows stand before those, rows with a
//! measurable distance before those without, then the nearest first: distances of different units are compared as shares of
//! their thresholds (of a year for days). Then come clause, 统一社会信用代码 and 来源单据, so that the order is total.
//!
//! There may be millions: rows are kept as columns, their texts are made one by one when they are asked for.

use crate::explain::{Reading, shape};
use crate::facts::World;
use crate::ledger::Subjects;
use crate::measures::{Decided, Verdict};
use crate::policy::conditions::ConditionId;
use crate::policy::model::Measure;
use crate::sql::EvalError;
use crate::texts::head;
use rayon::prelude::*;

/// The near misses of one measure, in the order in which they are published.
pub struct NearMisses<'w> {
    pub measure: &'w Measure,
    groups: Vec<Group<'w>>,
    order: Vec<Place>,
}

/// The rows that one clause fails.
struct Group<'w> {
    /// Of the measure's clauses, from 0.
    clause: usize,
    /// Whether another condition is open.
    open: Vec<bool>,
    subjects: Subjects<'w>,
    reading: Reading<'w>,
    is_of_one: bool,
}

/// How near a row is, and which it is.
#[derive(Debug, Clone, Copy)]
struct Place {
    open: bool,
    unmeasured: bool,
    distance: i128,
    group: u16,
    /// Of the subject's code.
    head: u128,
    row: u32,
}

/// One row of near_misses.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss<'a> {
    pub says: &'a str,
    pub subject: &'a str,
    pub name: &'a str,
    pub document: &'a str,
    pub value: String,
    pub threshold: String,
    pub distance: String,
}

/// Said beside the distance where other clauses lack data.
const OPEN: &str = "另有条件待核实";

/// Finds the near misses of one measure.
pub fn near_misses<'w>(world: &'w World<'w>, decided: &Decided<'w>) -> Result<NearMisses<'w>, EvalError> {
    let measure = &world.pipeline.measures[decided.measure];
    let mut found = NearMisses { measure, groups: Vec::new(), order: Vec::new() };
    for (clause, rows) in single_failures(measure, decided).into_iter().enumerate() {
        if !rows.is_empty() && !measure.clauses[clause].picks {
            found.add(world, decided, clause, rows)?;
        }
    }
    found.sort();
    Ok(found)
}

impl<'w> NearMisses<'w> {
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The row at this place of the order.
    pub fn get(&self, at: usize) -> NearMiss<'_> {
        let (group, row) = (&self.groups[usize::from(self.order[at].group)], self.order[at].row as usize);
        let seen = group.reading.failing(row);
        let value = if group.is_of_one { seen.value } else { seen.named_value() };
        let mut distance = seen.margin.map_or_else(String::new, |m| m.text);
        if group.open[row] {
            distance = if distance.is_empty() { OPEN.to_string() } else { format!("{distance}；{OPEN}") };
        }
        NearMiss {
            says: &self.measure.clauses[group.clause].says,
            subject: group.subjects.code(row),
            name: group.subjects.name(row),
            document: group.subjects.document(row),
            value,
            threshold: seen.threshold,
            distance,
        }
    }

    fn add(&mut self, world: &World<'_>, decided: &Decided<'w>, clause: usize, found: Vec<(u32, bool)>) -> Result<(), EvalError> {
        let (positions, open): (Vec<u32>, Vec<bool>) = found.into_iter().unzip();
        let mut rows = decided.rows.select(&positions)?;
        let subjects = Subjects::of(world.pipeline, self.measure, &mut rows)?;
        let reading = Reading::of(world, &shape(world.pipeline, &self.measure.clauses[clause].when), &mut rows)?;
        let group = u16::try_from(self.groups.len()).unwrap_or(u16::MAX);
        let place = |row: usize| {
            let distance = reading.distance(row);
            Place {
                open: open[row],
                unmeasured: distance.is_none(),
                distance: distance.unwrap_or(0),
                group,
                head: head(subjects.code(row)),
                row: row as u32,
            }
        };
        self.order.par_extend((0..positions.len()).into_par_iter().map(place));
        let is_of_one = reading.is_of_one();
        self.groups.push(Group { clause, open, subjects, reading, is_of_one });
        Ok(())
    }

    fn sort(&mut self) {
        let groups = &self.groups;
        // Only what is published decides the order.
        let name = |p: &Place| groups[usize::from(p.group)].subjects.published(p.row as usize);
        let near = |p: &Place| (p.open, p.unmeasured, p.distance, p.group, p.head);
        // Rows of masked persons may agree in all of this; then their texts decide.
        let texts = |p: &Place| groups[usize::from(p.group)].reading.failing(p.row as usize);
        self.order.par_sort_by(|a, b| {
            near(a).cmp(&near(b)).then_with(|| name(a).cmp(&name(b))).then_with(|| {
                let (a, b) = (texts(a), texts(b));
                (a.value, a.threshold).cmp(&(b.value, b.threshold))
            })
        });
    }
}

/// By clause: the rows that it alone fails, and whether another condition is open.
fn single_failures(measure: &Measure, decided: &Decided<'_>) -> Vec<Vec<(u32, bool)>> {
    let n = decided.verdicts.len();
    let (mut failures, mut open) = (vec![0_u8; n], vec![false; n]);
    for judged in &decided.judged {
        for (row, value) in judged.holds.iter().enumerate() {
            match value {
                Some(true) => {}
                Some(false) => failures[row] = failures[row].saturating_add(1),
                // An amount that cannot be told yet is no condition that lacks data.
                None => open[row] |= judged.id != ConditionId::Amount,
            }
        }
    }
    let mut found = vec![Vec::new(); measure.clauses.len()];
    for (row, verdict) in decided.verdicts.iter().enumerate() {
        if let Verdict::Ineligible(ConditionId::Clause(clause)) = verdict
            && failures[row] == 1
        {
            found[usize::from(*clause)].push((row as u32, open[row]));
        }
    }
    found
}
