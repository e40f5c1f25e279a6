//! Turns 待核实 verdicts into what is missing, one list per row: the empty cell, or the row that is not on file, and who delivers it.
//!
//! Only the parts of a rule that are themselves unknown are looked into: of `a AND b` with a known `a` only `b`, of a
//! comparison the side without a value, of a fact its definition on that row. Everything is done for all rows at once.
//! A value that lacks only an unset parameter is not missing data. Never does: change a verdict.

mod absent;
mod lists;
mod search;

pub use lists::Missing;

use super::{Decided, Verdict};
use crate::facts::World;
use crate::sql::EvalError;
use lists::{EMPTY, Lists};
use search::{Search, Site};

/// What the 待核实 rows of a measure lack.
pub struct Lacks {
    /// Positions among the measure's judged rows, ascending.
    pub rows: Vec<u32>,
    /// Per such row its list, an index into `lists`.
    pub list: Vec<u32>,
    /// The distinct lists, each in the order in which the article asks.
    pub lists: Vec<Vec<Missing>>,
}

impl Lacks {
    /// What the row at this place of `rows` lacks.
    pub fn of(&self, place: usize) -> &[Missing] {
        &self.lists[self.list[place] as usize]
    }
}

/// Finds what every 待核实 row of a measure lacks; `decided` as settlement left it.
pub fn missing<'w>(world: &'w World<'w>, decided: &Decided<'w>) -> Result<Lacks, EvalError> {
    let measure = &world.pipeline.measures[decided.measure];
    let unknown = |(row, verdict): (usize, &Verdict)| (*verdict == Verdict::Unknown).then_some(row as u32);
    let rows: Vec<u32> = decided.verdicts.iter().enumerate().filter_map(unknown).collect();
    let mut out = vec![EMPTY; rows.len()];
    if rows.is_empty() {
        return Ok(Lacks { rows, list: out, lists: Vec::new() });
    }
    let mut search = Search { world, lists: Lists::default() };
    let mut site = Site::of(decided.rows.select(&rows)?.with_stand_ins());
    for (condition, judged) in measure.conditions().iter().zip(&decided.judged) {
        let Some(e) = condition.when else { continue };
        let open: Vec<u32> = (0..rows.len()).filter(|&i| judged.holds.get(rows[i] as usize).is_none()).map(|i| i as u32).collect();
        search.explain(e, &mut site, &open, &mut out)?;
    }
    let everything: Vec<u32> = (0..rows.len() as u32).collect();
    if let Some(amount) = &measure.amount {
        let uncounted = |i: &u32| decided.amounts.as_ref().is_some_and(|a| a[rows[*i as usize] as usize].is_none());
        let open: Vec<u32> = everything.iter().copied().filter(uncounted).collect();
        if world.may_be_unset(&amount.value) {
            search.parts([&amount.value].into_iter(), &mut site, &open, &mut out)?;
        } else {
            search.explain(&amount.value, &mut site, &open, &mut out)?;
        }
    }
    // A row that settlement put back lacks its cap's limit.
    if let Some(cap) = &measure.cap {
        let open: Vec<u32> = everything.into_iter().filter(|&i| out[i as usize] == EMPTY).collect();
        search.parts([&cap.limit].into_iter(), &mut site, &open, &mut out)?;
    }
    Ok(Lacks { rows, list: out, lists: search.lists.finish() })
}
