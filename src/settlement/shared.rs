//! What several measures settle together, where it is switched on: of several the highest, and budgets.

use super::{Award, Cut, Settled};
use crate::facts::{Cell, World};
use crate::sql::EvalError;
use crate::sql::ir::{Expr, MeasureId};
use std::collections::{BTreeMap, HashMap};

type Failed = (MeasureId, EvalError);

/// 就高不重复: of a subject's awards in the group only the highest stands; of equals the first in the group's order of measures.
pub fn highest_of(world: &World<'_>, all: &mut [Settled<'_>]) -> Result<(), Failed> {
    for (number, group) in world.settlement().highest_of.iter().enumerate().filter(|(_, g)| g.enabled) {
        let mut best: HashMap<Cell, (i64, usize, usize)> = HashMap::new();
        let members = members(world, all, &group.measures, &BTreeMap::new())?;
        for (subject, measure, award) in &members {
            let amount = amount_of(&all[*measure].awards[*award]);
            let found = best.entry(subject.clone()).or_insert((amount, *measure, *award));
            if amount > found.0 {
                *found = (amount, *measure, *award);
            }
        }
        for (subject, measure, award) in members {
            if best.get(&subject).is_some_and(|b| (b.1, b.2) != (measure, award)) {
                cut_to(&mut all[measure].awards[award], 0, Cut::HighestOf(number));
            }
        }
    }
    Ok(())
}

/// A fund's money of the year, spent measure by measure as the budget names them, within one in its declared order.
pub fn budgets(world: &World<'_>, all: &mut [Settled<'_>]) -> Result<(), Failed> {
    for (number, budget) in world.settlement().budgets.iter().enumerate().filter(|(_, b)| b.enabled) {
        let Some(&money) = budget.amounts.get(&world.year) else {
            continue;
        };
        let mut room = money;
        for (_, measure, award) in members(world, all, &budget.measures, &budget.order)? {
            let amount = amount_of(&all[measure].awards[award]);
            let paid = amount.min(room.max(0));
            cut_to(&mut all[measure].awards[award], paid, Cut::Budget(number));
            room -= paid;
        }
    }
    Ok(())
}

fn amount_of(award: &Award) -> i64 {
    award.money.as_ref().map_or(0, |m| m.amount())
}

fn cut_to(award: &mut Award, paid: i64, reason: Cut) {
    if let Some(money) = &mut award.money
        && paid < money.amount()
    {
        money.cut = money.before - paid;
        money.reasons.push(reason);
    }
}

/// The paying awards of some measures as (subject, measure, award): the measures as they are named; within one by `order`
/// where it says so, then by subject and row key.
fn members(
    world: &World<'_>,
    all: &[Settled<'_>],
    wanted: &[MeasureId],
    order: &BTreeMap<MeasureId, Vec<Expr>>,
) -> Result<Vec<(Cell, usize, usize)>, Failed> {
    let mut found = Vec::new();
    for (position, settled) in wanted.iter().filter_map(|m| all.iter().enumerate().find(|(_, s)| s.measure() == *m)) {
        let failed = |e| (settled.measure(), e);
        let paying: Vec<usize> = (0..settled.awards.len()).filter(|&i| settled.awards[i].money.is_some()).collect();
        let rows: Vec<u32> = paying.iter().map(|&i| settled.awards[i].row as u32).collect();
        let mut rows = settled.decided.rows.select(&rows).map_err(failed)?;
        let measure = &world.pipeline.measures[settled.measure()];
        let first = rows.cells(order.get(&settled.measure()).map_or(&[], Vec::as_slice)).map_err(failed)?;
        let subjects = rows.cells_of(&measure.subject.code).map_err(failed)?;
        let keys = rows.key_cells(measure.per).map_err(failed)?;
        let mut own: Vec<_> = first.into_iter().zip(subjects).zip(keys).zip(paying).collect();
        own.sort();
        found.extend(own.into_iter().map(|(((_, subject), _), award)| (subject, position, award)));
    }
    Ok(found)
}
