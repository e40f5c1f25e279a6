//! What several measures settle together, where it is switched on: of several the highest, and budgets.

use super::{Failed, Limit, Money, Room, Settled};
use crate::facts::World;
use crate::money::Fen;
use crate::sql::ir::{Expr, MeasureId};
use crate::value::Cell;
use std::collections::{BTreeMap, HashMap};

/// 就高不重复: of a subject's awards in the group only the highest stands; of equals the first in the group's order of measures.
pub fn highest_of(world: &World<'_>, all: &mut [Settled<'_>]) -> Result<(), Failed> {
    for (number, group) in world.settlement().highest_of.iter().enumerate().filter(|(_, g)| g.enabled) {
        let mut best: HashMap<Cell, (Fen, usize, usize)> = HashMap::new();
        let members = members(world, all, &group.measures, &BTreeMap::new())?;
        for (subject, measure, award) in &members {
            let amount = all[*measure].awards[*award].money.as_ref().map_or(Fen::ZERO, Money::amount);
            let found = best.entry(subject.clone()).or_insert((amount, *measure, *award));
            if amount > found.0 {
                *found = (amount, *measure, *award);
            }
        }
        for (subject, measure, award) in members {
            let stands = best.get(&subject).is_some_and(|b| (b.1, b.2) == (measure, award));
            let highest = best.get(&subject).map_or(Fen::ZERO, |b| b.0);
            if let Some(money) = &mut all[measure].awards[award].money {
                // The highest takes all that the group leaves to its subject.
                let room = Room::of(highest, Fen::ZERO);
                money.take(Limit::HighestOf(number), if stands { room } else { room.after(highest) });
            }
        }
    }
    Ok(())
}

/// A fund's money of the year, spent measure by measure as the budget names them, within one in its declared order.
pub fn budgets(world: &World<'_>, all: &mut [Settled<'_>]) -> Result<(), Failed> {
    for (number, budget) in world.settlement().budgets.iter().enumerate().filter(|(_, b)| b.enabled) {
        let Some(&year) = budget.amounts.get(&world.year) else {
            continue;
        };
        let mut room = Room::of(year, Fen::ZERO);
        for (_, measure, award) in members(world, all, &budget.measures, &budget.order)? {
            if let Some(money) = &mut all[measure].awards[award].money {
                money.take(Limit::Budget(number), room);
                room = room.after(money.amount());
            }
        }
    }
    Ok(())
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
