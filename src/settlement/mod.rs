//! Turns verdicts into awards, one per eligible row, with what caps and shared envelopes cut from it.
//!
//! Guarantees: works on rounded amounts; 核定前金额 − 核减金额 = 金额 on every award; a row cut to nothing stays.
//! Orders go by the unmasked codes, never by row order. Never does: judge a row.

mod cap;
mod shared;

use crate::facts::World;
use crate::measures::{Decided, Verdict};
use crate::sql::EvalError;
use crate::sql::ir::MeasureId;

/// One ledger row's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Position among the measure's judged rows.
    pub row: usize,
    /// 分; `None` for lists, for 待定标准, and where a measure has no amount.
    pub money: Option<Money>,
    pub unset: bool,
}

/// 核定前金额, 核减金额 and why, in 分.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub before: i64,
    pub cut: i64,
    pub reasons: Vec<Cut>,
}

impl Money {
    pub fn amount(&self) -> i64 {
        self.before - self.cut
    }
}

/// Why an award was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// The measure's own cap.
    Cap,
    /// A higher award of this group stands (index into the pipeline's groups).
    HighestOf(usize),
    /// The year's money of this budget is spent (index into the pipeline's budgets).
    Budget(usize),
}

/// A measure's verdicts and its awards.
pub struct Settled<'w> {
    pub decided: Decided<'w>,
    pub awards: Vec<Award>,
}

impl<'w> Settled<'w> {
    /// The measure's id in the pipeline.
    pub fn measure(&self) -> MeasureId {
        self.decided.measure
    }
}

/// Settles all measures: each by its own cap, then the groups and budgets that are switched on.
pub fn settle<'w>(world: &'w World<'w>, decided: Vec<Decided<'w>>) -> Result<Vec<Settled<'w>>, (MeasureId, EvalError)> {
    let mut all = Vec::new();
    for mut decided in decided {
        let measure = decided.measure;
        let mut awards = awards(&decided);
        if let Some(cap) = &world.pipeline.measures[measure].cap {
            cap::apply(cap, &mut decided, &mut awards).map_err(|e| (measure, e))?;
        }
        all.push(Settled { decided, awards });
    }
    shared::highest_of(world, &mut all)?;
    shared::budgets(world, &mut all)?;
    Ok(all)
}

fn awards(decided: &Decided<'_>) -> Vec<Award> {
    decided
        .verdicts
        .iter()
        .enumerate()
        .filter_map(|(row, verdict)| {
            let money = || {
                let before = decided.amounts.as_ref()?[row]?;
                Some(Money { before, cut: 0, reasons: Vec::new() })
            };
            match verdict {
                Verdict::Eligible => Some(Award { row, money: money(), unset: false }),
                Verdict::Unset => Some(Award { row, money: None, unset: true }),
                _ => None,
            }
        })
        .collect()
}
