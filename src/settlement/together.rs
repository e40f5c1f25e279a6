//! Which rows settle together: those that share a cap, a subject's rows in a group, every row of a budget.

use crate::facts::{Rows, World};
use crate::policy::model::{Cap, Measure};
use crate::schema::SourceId;
use crate::sql::EvalError;
use crate::sql::ir::MeasureId;
use crate::value::Cell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Row numbers by measure.
pub type RowSets = BTreeMap<MeasureId, BTreeSet<u32>>;

/// The rows that must be settled so that these rows of a measure come out as in a run; they themselves are among them.
pub fn together(world: &World<'_>, m: MeasureId, rows: &BTreeSet<u32>) -> Result<RowSets, EvalError> {
    let measure = &world.pipeline.measures[m];
    let mut found = RowSets::from([(m, rows.clone())]);
    let mut add = |m: MeasureId, rows: BTreeSet<u32>| found.entry(m).or_default().extend(rows);
    if let Some(cap) = &measure.cap {
        add(m, sharing_cap(world, measure.per, cap, rows)?);
    }
    for group in world.settlement().highest_of.iter().filter(|g| g.enabled && g.measures.contains(&m)) {
        for &member in &group.measures {
            add(member, of_same_subjects(world, measure, rows, &world.pipeline.measures[member])?);
        }
    }
    for budget in world.settlement().budgets.iter().filter(|b| b.enabled && b.measures.contains(&m)) {
        for &member in &budget.measures {
            add(member, (0..world.frame(world.pipeline.measures[member].per).height() as u32).collect());
        }
    }
    Ok(found)
}

/// The rows of a member of a group that are about the same subjects.
fn of_same_subjects(world: &World<'_>, measure: &Measure, rows: &BTreeSet<u32>, member: &Measure) -> Result<BTreeSet<u32>, EvalError> {
    let numbers: Vec<u32> = rows.iter().copied().collect();
    let subjects = Rows::of(world, measure.per).select(&numbers)?.cells_of(&measure.subject.code)?;
    let wanted: HashSet<Cell> = subjects.into_iter().collect();
    let cells = Rows::of(world, member.per).cells_of(&member.subject.code)?;
    Ok((0..).zip(&cells).filter(|(_, cell)| wanted.contains(cell)).map(|(row, _)| row).collect())
}

/// The rows that share a cap with one of these.
fn sharing_cap(world: &World<'_>, per: SourceId, cap: &Cap, rows: &BTreeSet<u32>) -> Result<BTreeSet<u32>, EvalError> {
    let numbers: Vec<u32> = rows.iter().copied().collect();
    let keys: HashSet<Vec<Cell>> = Rows::of(world, per).select(&numbers)?.cells(&cap.per)?.into_iter().collect();
    // One part of the key at a time: the first leaves few rows for the others.
    let mut candidates: Option<Vec<u32>> = None;
    for (part, e) in cap.per.iter().enumerate() {
        let wanted: HashSet<&Cell> = keys.iter().filter_map(|key| key.get(part)).collect();
        let mut among = match &candidates {
            Some(rows) => Rows::of(world, per).select(rows)?,
            None => Rows::of(world, per),
        };
        let numbers = among.row_numbers();
        let cells = among.cells_of(e)?;
        candidates = Some(numbers.into_iter().zip(&cells).filter(|(_, cell)| wanted.contains(cell)).map(|(row, _)| row).collect());
    }
    let candidates = candidates.unwrap_or_default();
    let found = Rows::of(world, per).select(&candidates)?.cells(&cap.per)?;
    Ok(candidates.into_iter().zip(found).filter(|(_, key)| keys.contains(key)).map(|(row, _)| row).collect())
}
