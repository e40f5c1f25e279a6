//! Turns verdicts into awards, one per eligible row, with what caps and shared envelopes cut from it, step by step.
//!
//! Guarantees: works on rounded amounts; 核定前金额 − 核减金额 = 金额 on every award; a row cut to nothing stays; every step that an
//! award went through leaves its trace, cut or not. Orders go by the unmasked codes, never by row order. Lists are made of what
//! is settled, for the measures that somebody reads: a list and the ledger cannot disagree.
//! Never does: judge a row, but for one whose limit nobody knows: it is 待核实.

mod audit;
mod cap;
mod list;
mod shared;
mod together;

pub use together::{RowSets, together};

use crate::facts::World;
use crate::measures::{self, Decided, Verdict};
use crate::money::Fen;
use crate::sql::EvalError;
use crate::sql::ir::MeasureId;
use std::collections::BTreeMap;

/// One ledger row's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Position among the measure's judged rows.
    pub row: usize,
    /// `None` for lists, for 待定标准, and where a measure has no amount.
    pub money: Option<Money>,
    pub unset: bool,
}

/// 核定前金额 and the steps to 金额.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    pub before: Fen,
    /// In the order in which they were taken.
    pub steps: Vec<Step>,
}

impl Money {
    /// 金额.
    pub fn amount(&self) -> Fen {
        self.steps.last().map_or(self.before, |step| step.paid)
    }

    /// 核减金额.
    pub fn cut(&self) -> Fen {
        self.before - self.amount()
    }

    /// What cut it, in order.
    pub fn cuts(&self) -> impl Iterator<Item = Limit> + '_ {
        let came = std::iter::once(self.before).chain(self.steps.iter().map(|step| step.paid));
        self.steps.iter().zip(came).filter(|(step, came)| step.paid < *came).map(|(step, _)| step.by)
    }

    fn take(&mut self, by: Limit, room: Room) {
        let paid = self.amount().min(room.left());
        self.steps.push(Step { by, room, paid });
    }
}

/// What an award was held against, the room that it found, and what was left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub by: Limit,
    pub room: Room,
    pub paid: Fen,
}

/// What may cut an award.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The measure's own cap.
    Cap,
    /// A higher award of this group stands (index into the pipeline's groups).
    HighestOf(usize),
    /// The year's money of this budget (index into the pipeline's budgets).
    Budget(usize),
}

/// What stands when an award's turn comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    pub limit: Fen,
    /// By earlier years.
    pub used: Fen,
    /// Awards of this year that came before.
    pub ahead: u64,
    /// What they took.
    pub spent: Fen,
}

impl Room {
    /// A limit that nobody has touched.
    fn of(limit: Fen, used: Fen) -> Room {
        Room { limit, used, ahead: 0, spent: Fen::ZERO }
    }

    /// Never below zero.
    pub fn left(&self) -> Fen {
        self.limit.less(self.used).less(self.spent)
    }

    /// After one more award.
    fn after(self, paid: Fen) -> Room {
        Room { ahead: self.ahead + 1, spent: self.spent.plus(paid), ..self }
    }
}

/// A measure's verdicts and its awards.
pub struct Settled<'w> {
    pub decided: Decided<'w>,
    /// In the order of the judged rows.
    pub awards: Vec<Award>,
}

impl<'w> Settled<'w> {
    /// The measure's id in the pipeline.
    pub fn measure(&self) -> MeasureId {
        self.decided.measure
    }
}

/// What went wrong, and in which measure.
pub type Failed = (MeasureId, EvalError);

/// Decides and settles these measures and those whose lists they read, with `threads` at work: each by its own cap, then the
/// groups and budgets that are switched on.
pub fn settle<'w>(world: &'w World<'w>, wanted: &[MeasureId], threads: usize) -> Result<Vec<Settled<'w>>, Failed> {
    let mut all = BTreeMap::new();
    for wave in measures::waves(world, wanted) {
        for decided in measures::decide_wave(world, &wave, threads)? {
            all.insert(decided.measure, by_itself(world, decided)?);
        }
    }
    jointly(world, all)
}

/// The same for some rows of measures only; the rows that settle together with them must be among these (see [`together`]).
pub fn settle_rows<'w>(world: &'w World<'w>, rows: &RowSets) -> Result<Vec<Settled<'w>>, Failed> {
    let wanted: Vec<MeasureId> = rows.keys().copied().collect();
    let mut all = BTreeMap::new();
    for m in measures::waves(world, &wanted).into_iter().flatten() {
        let of_measure: Vec<u32> = rows.get(&m).into_iter().flatten().copied().collect();
        let decided = measures::decide_rows(world, m, &of_measure).map_err(|e| (m, e))?;
        all.insert(m, by_itself(world, decided)?);
    }
    jointly(world, all)
}

/// A measure's awards under its own cap, and its list where another reads it.
fn by_itself<'w>(world: &'w World<'w>, mut decided: Decided<'w>) -> Result<Settled<'w>, Failed> {
    let measure = decided.measure;
    let failed = |e| (measure, e);
    let mut awards = awards(&decided);
    if let Some(cap) = &world.pipeline.measures[measure].cap {
        cap::apply(cap, &mut decided, &mut awards).map_err(failed)?;
    }
    let mut settled = Settled { decided, awards };
    if world.is_read(measure) {
        list::publish(world, &mut settled).map_err(failed)?;
    }
    Ok(settled)
}

fn jointly<'w>(world: &'w World<'w>, all: BTreeMap<MeasureId, Settled<'w>>) -> Result<Vec<Settled<'w>>, Failed> {
    let mut all: Vec<Settled<'w>> = all.into_values().collect();
    shared::highest_of(world, &mut all)?;
    shared::budgets(world, &mut all)?;
    all.iter().try_for_each(audit::check)?;
    Ok(all)
}

fn awards(decided: &Decided<'_>) -> Vec<Award> {
    let award = |(row, verdict): (usize, &Verdict)| {
        let money = || Some(Money { before: Fen(decided.amounts.as_ref()?[row]?), steps: Vec::new() });
        match verdict {
            Verdict::Eligible => Some(Award { row, money: money(), unset: false }),
            Verdict::Unset => Some(Award { row, money: None, unset: true }),
            _ => None,
        }
    };
    decided.verdicts.iter().enumerate().filter_map(award).collect()
}
