//! near_misses.csv: rows that are 不符合 by exactly one clause and near enough for a call, one row each, with what was seen, what was
//! wanted, how far it is, what it is worth and what to do.
//!
//! A row counts where exactly one condition is false, and that is a clause which its file marks as within reach ([`near`]); the
//! distance says where other conditions are open (待核实). Within a measure the nearest stand first: distances of different
//! units are compared as shares of their thresholds (of a year for days), rows without a distance come last. Then
//! 统一社会信用代码, 来源单据 and clause, so that the order is total. With [`Wanted::All`], which lists every clause that does not
//! only pick the row, there may be millions: rows are kept as columns, their texts are made one by one when they are asked for.
//!
//! [`near`]: mod@crate::policy::near

use crate::explain::{Reading, shape};
use crate::facts::World;
use crate::ledger::Subjects;
use crate::measures::Decided;
use crate::money::Fen;
use crate::policy::conditions::{Condition, ConditionId};
use crate::policy::model::Measure;
use crate::policy::near::{Band, GRADES, Near};
use crate::sql::EvalError;
use crate::texts::head;
use polars_arrow::bitmap::Bitmap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Which rows are listed: those within reach, or all that any clause alone fails, if it does more than pick the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    #[default]
    Near,
    All,
}

impl Wanted {
    pub const fn name(self) -> &'static str {
        match self {
            Wanted::Near => "near",
            Wanted::All => "all",
        }
    }
}

/// The near misses of one measure, in the order in which they are published.
pub struct NearMisses<'w> {
    pub measure: &'w Measure,
    groups: Vec<Group<'w>>,
    order: Vec<Place>,
}

/// The rows that one clause fails.
struct Group<'w> {
    clause: Condition<'w>,
    /// Whether another condition is open.
    open: Vec<bool>,
    amounts: Vec<Option<Fen>>,
    subjects: Subjects<'w>,
    reading: Reading<'w>,
    is_of_one: bool,
}

/// How near a row is, and which it is.
#[derive(Debug, Clone, Copy)]
struct Place {
    unmeasured: bool,
    distance: i128,
    /// Of the subject's code.
    head: u128,
    group: u16,
    row: u32,
}

/// One row of near_misses.csv.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss<'a> {
    pub says: &'a str,
    pub subject: &'a str,
    pub name: &'a str,
    pub county: &'a str,
    pub document: &'a str,
    pub value: String,
    pub threshold: String,
    pub distance: String,
    /// What the rule would give, before settlement; none where there is no amount or nobody has named it.
    pub amount: Option<Fen>,
    /// Empty where the clause is not marked as within reach.
    pub how: String,
}

/// Said beside the distance where other clauses lack data.
const OPEN: &str = "另有条件待核实";

/// Finds the near misses of one measure.
pub fn near_misses<'w>(world: &'w World<'w>, decided: &Decided<'w>, wanted: Wanted) -> Result<NearMisses<'w>, EvalError> {
    let measure = &world.pipeline.measures[decided.measure];
    let mut found = NearMisses { measure, groups: Vec::new(), order: Vec::new() };
    for (condition, rows) in measure.conditions().into_iter().zip(decided.alone()) {
        let is_wanted = match wanted {
            Wanted::Near => condition.near.is_some(),
            Wanted::All => matches!(condition.id, ConditionId::Clause(_)) && !condition.picks,
        };
        if is_wanted && rows.set_bits() > 0 {
            found.add(world, decided, (condition, wanted), &rows)?;
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
        let mut distance = seen.margin.map(|m| m.text).or_else(|| group.grades(row)).unwrap_or_default();
        let how = group.how(&distance);
        if group.open[row] {
            distance = if distance.is_empty() { OPEN.to_string() } else { format!("{distance}；{OPEN}") };
        }
        NearMiss {
            says: group.clause.says,
            subject: group.subjects.code(row),
            name: group.subjects.name(row),
            county: group.subjects.county(row),
            document: group.subjects.document(row),
            value,
            threshold: seen.threshold,
            distance,
            amount: group.amounts[row],
            how,
        }
    }

    fn add(
        &mut self,
        world: &'w World<'w>,
        decided: &Decided<'w>,
        (clause, wanted): (Condition<'w>, Wanted),
        alone: &Bitmap,
    ) -> Result<(), EvalError> {
        let Some(when) = clause.when else { return Ok(()) };
        let mut positions: Vec<u32> = alone.true_idx_iter().map(|row| row as u32).collect();
        let mut rows = decided.rows.select(&positions)?;
        let shape = shape(world.pipeline, when);
        if let (Wanted::Near, Some(near)) = (wanted, clause.near)
            && near.band != Band::Any
        {
            let reading = Reading::of(world, &shape, &mut rows)?;
            let near: Vec<u32> =
                (0..positions.len() as u32).into_par_iter().filter(|&row| reading.is_near(row as usize, &near.band)).collect();
            rows = rows.select(&near)?;
            positions = near.into_iter().map(|row| positions[row as usize]).collect();
        }
        let subjects = Subjects::of(world.pipeline, self.measure, &mut rows)?;
        let reading = Reading::of(world, &shape, &mut rows)?;
        let group = u16::try_from(self.groups.len()).unwrap_or(u16::MAX);
        let place = |row: usize| {
            let distance = reading.distance(row);
            let head = head(subjects.code(row));
            Place { unmeasured: distance.is_none(), distance: distance.unwrap_or(0), head, group, row: row as u32 }
        };
        self.order.par_extend((0..positions.len()).into_par_iter().map(place));
        let amount = |&row: &u32| decided.amounts.as_ref().and_then(|amounts| amounts[row as usize]).map(Fen);
        let amounts = positions.iter().map(amount).collect();
        let open = positions.iter().map(|&row| is_open(decided, row as usize)).collect();
        let is_of_one = reading.is_of_one();
        self.groups.push(Group { clause, open, amounts, subjects, reading, is_of_one });
        Ok(())
    }

    fn sort(&mut self) {
        let groups = &self.groups;
        // Only what is published decides the order.
        let name = |p: &Place| groups[usize::from(p.group)].subjects.published(p.row as usize);
        let near = |p: &Place| (p.unmeasured, p.distance, p.head);
        // Rows of masked persons may agree in all of this; then their texts decide.
        let texts = |p: &Place| groups[usize::from(p.group)].reading.failing(p.row as usize);
        self.order.par_sort_by(|a, b| {
            near(a).cmp(&near(b)).then_with(|| name(a).cmp(&name(b))).then(a.group.cmp(&b.group)).then_with(|| {
                let (a, b) = (texts(a), texts(b));
                (a.value, a.threshold).cmp(&(b.value, b.threshold))
            })
        });
    }
}

impl Group<'_> {
    /// How many grades are missing, where the file says that the clause's words are grades.
    fn grades(&self, row: usize) -> Option<String> {
        let is_graded = |near: &&Near| matches!(&near.band, Band::Gap { unit, .. } if unit == GRADES);
        self.clause.near.filter(is_graded).and_then(|_| self.reading.grades(row)).map(|n| format!("差 {n} {GRADES}"))
    }

    /// What the file says to do; else the clause's own words and what is missing.
    fn how(&self, distance: &str) -> String {
        match (self.clause.near, distance) {
            (None, _) => String::new(),
            (Some(near), _) if near.how.is_some() => near.how.clone().unwrap_or_default(),
            (_, "") => format!("设法做到：{}", self.clause.says),
            _ => format!("设法做到：{}（{distance}）", self.clause.says),
        }
    }
}

/// Whether a condition of a row lacks data. An amount that cannot be told yet is no such condition.
fn is_open(decided: &Decided<'_>, row: usize) -> bool {
    decided.judged.iter().any(|judged| judged.id != ConditionId::Amount && judged.holds.get(row).is_none())
}
