//! One measure over all its rows.

use super::Verdict;
use crate::facts::{Rows, World};
use crate::money::MONEY_SCALE;
use crate::parallel;
use crate::policy::conditions::ConditionId;
use crate::policy::model::Measure;
use crate::policy::reach;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, MeasureId, Node};
use polars::prelude::BooleanChunked;
use polars_arrow::bitmap::iterator::TrueIdxIter;
use std::collections::BTreeMap;

/// What a measure decided: columns of equal length, one entry per judged row.
pub struct Decided<'w> {
    pub measure: MeasureId,
    /// Every source that it reads was delivered; otherwise it says 未提供数据, whatever its other sources show.
    pub delivered: bool,
    /// The rows, for whoever evaluates more expressions over them.
    pub rows: Rows<'w>,
    /// Row numbers in the measure's source.
    pub row_numbers: Vec<u32>,
    /// In the order of [`Measure::conditions`]; only the first where the measure is out of force for every row: nothing else was asked.
    pub judged: Vec<Judged>,
    pub verdicts: Vec<Verdict>,
    /// 核定前金额 in 分, where the amount could be computed, whatever the verdict.
    pub amounts: Option<Vec<Option<i64>>>,
}

/// What one condition says of every row.
pub struct Judged {
    pub id: ConditionId,
    /// Of a condition put off by an unset parameter, true; of an amount, whether it is above zero.
    pub holds: BooleanChunked,
    /// For which rows it is only put off.
    pub put_off: Option<BooleanChunked>,
}

/// The measures with those they build on, each after what it reads.
pub fn waves(world: &World<'_>, wanted: &[MeasureId]) -> Vec<Vec<MeasureId>> {
    let mut depth: BTreeMap<MeasureId, usize> = BTreeMap::new();
    fn visit(world: &World<'_>, m: MeasureId, depth: &mut BTreeMap<MeasureId, usize>) -> usize {
        if let Some(d) = depth.get(&m) {
            return *d;
        }
        depth.insert(m, 0);
        let needs = world.pipeline.measures[m].lists();
        let own = needs.into_iter().map(|n| visit(world, n, depth) + 1).max().unwrap_or(0);
        depth.insert(m, own);
        own
    }
    for &m in wanted {
        visit(world, m, &mut depth);
    }
    let last = depth.values().copied().max().unwrap_or(0);
    (0..=last).map(|d| depth.iter().filter(|(_, v)| **v == d).map(|(m, _)| *m).collect()).collect()
}

/// Decides measures whose lists are known, with `threads` at work.
pub fn decide_wave<'w>(world: &'w World<'w>, wave: &[MeasureId], threads: usize) -> Result<Vec<Decided<'w>>, (MeasureId, EvalError)> {
    // Of several errors that of the first measure, whatever thread met its own first.
    parallel::each(wave, threads, |&m| decide(world, m).map_err(|e| (m, e))).into_iter().collect()
}

fn decide<'w>(world: &'w World<'w>, m: MeasureId) -> Result<Decided<'w>, EvalError> {
    judge(world, m, Rows::of(world, world.pipeline.measures[m].per))
}

/// Decides a measure for some rows of its source only, named by row number. The lists that it builds on must be known for these.
pub fn decide_rows<'w>(world: &'w World<'w>, m: MeasureId, rows: &[u32]) -> Result<Decided<'w>, EvalError> {
    judge(world, m, Rows::of(world, world.pipeline.measures[m].per).select(rows)?)
}

fn judge<'w>(world: &'w World<'w>, m: MeasureId, mut rows: Rows<'w>) -> Result<Decided<'w>, EvalError> {
    let measure = &world.pipeline.measures[m];
    if let Some(judged) = &measure.judged {
        rows = rows.filter(judged)?;
    }
    let read = reach::sources_read(world.pipeline, &[m], &[]);
    let delivered = world.delivered_all(&read);
    let (n, row_numbers) = (rows.len(), rows.row_numbers());
    let in_force = measure.in_force.as_ref().map(|e| rows.condition(e)).transpose()?;
    let mut judged: Vec<Judged> = in_force.map(|holds| Judged { id: ConditionId::InForce, holds, put_off: None }).into_iter().collect();
    // Nothing else is asked of a measure out of force: its parameters need no value then.
    let lapsed = n > 0 && judged.iter().any(|j| !j.holds.any_kleene().unwrap_or(true));
    if lapsed || n == 0 {
        let verdicts = vec![Verdict::Ineligible(ConditionId::InForce); n];
        return Ok(Decided { measure: m, delivered, rows, row_numbers, judged, verdicts, amounts: None });
    }
    judge_conditions(world, measure, &mut rows, &mut judged)?;
    let (amounts, lacking) = amount_columns(world, measure, &mut rows)?;
    if let Some(amounts) = &amounts {
        let holds = amounts.iter().map(|amount| amount.map(|fen| fen > 0)).collect();
        judged.push(Judged { id: ConditionId::Amount, holds, put_off: None });
    }
    let verdicts = verdicts(n, &judged, &lacking);
    Ok(Decided { measure: m, delivered, rows, row_numbers, judged, verdicts, amounts })
}

/// 主体状态 and the clauses; where an unset parameter leaves a clause open, it is put off (true).
fn judge_conditions(world: &World<'_>, measure: &Measure, rows: &mut Rows<'_>, judged: &mut Vec<Judged>) -> Result<(), EvalError> {
    let asked = measure.conditions().into_iter().filter(|c| c.id != ConditionId::InForce);
    let (ids, tests): (Vec<ConditionId>, Vec<&Expr>) = asked.filter_map(|c| Some((c.id, c.when?))).unzip();
    for ((id, e), holds) in ids.into_iter().zip(&tests).zip(rows.conditions(&tests)?) {
        if !world.may_be_unset(e) {
            judged.push(Judged { id, holds, put_off: None });
            continue;
        }
        let unset = unset(world, e, rows)?;
        let put_off: BooleanChunked = holds.iter().zip(unset).map(|(holds, unset)| Some(holds.is_none() && unset)).collect();
        let holds = holds.iter().zip(put_off.iter()).map(|(holds, put_off)| holds.or(put_off.filter(|p| *p))).collect();
        judged.push(Judged { id, holds, put_off: Some(put_off) });
    }
    Ok(())
}

/// For which rows a parameter that the expression reads has no value, although what it is looked up by is known.
fn unset(world: &World<'_>, e: &Expr, rows: &mut Rows<'_>) -> Result<Vec<bool>, EvalError> {
    if !matches!(e.node, Node::Parameter { .. }) {
        let mut any = vec![false; rows.len()];
        for child in e.children().into_iter().filter(|c| world.may_be_unset(c)) {
            any.iter_mut().zip(unset(world, child, rows)?).for_each(|(any, unset)| *any |= unset);
        }
        return Ok(any);
    }
    let filled = rows.with_stand_ins().nulls(e)?;
    Ok(rows.nulls(e)?.into_iter().zip(filled).map(|(null, filled)| null && !filled).collect())
}

/// Why an amount could not be computed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lacking {
    Cell,
    Parameter,
}

type Amounts = (Option<Vec<Option<i64>>>, Vec<Lacking>);

/// The rounded amounts, and for those that are missing what they lack (empty: a cell, always).
fn amount_columns(world: &World<'_>, measure: &Measure, rows: &mut Rows<'_>) -> Result<Amounts, EvalError> {
    let Some(amount) = &measure.amount else {
        return Ok((None, Vec::new()));
    };
    let amounts = rows.rounded(&amount.value, MONEY_SCALE)?;
    if !world.may_be_unset(&amount.value) {
        return Ok((Some(amounts), Vec::new()));
    }
    let filled = rows.with_stand_ins().rounded(&amount.value, MONEY_SCALE)?;
    let lacking = filled.iter().map(|f| if f.is_some() { Lacking::Parameter } else { Lacking::Cell }).collect();
    Ok((Some(amounts), lacking))
}

/// Spec 2, how rules 3, 4 and 5 meet: a false condition (an amount of zero is the last) beats an open one, that an unset parameter.
fn verdicts(n: usize, judged: &[Judged], lacking: &[Lacking]) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Eligible; n];
    for Judged { id, holds, .. } in judged {
        let array = holds.downcast_as_array();
        let is_true = array.validity().map_or_else(|| array.values().clone(), |known| array.values() & known);
        // Of a row for which it holds a condition says nothing.
        for row in TrueIdxIter::new(n, Some(&!&is_true)) {
            let only_unset = *id == ConditionId::Amount && lacking.get(row) == Some(&Lacking::Parameter);
            let verdict = &mut verdicts[row];
            match (holds.get(row), *verdict) {
                (_, Verdict::Ineligible(_)) => {}
                (Some(_), _) => *verdict = Verdict::Ineligible(*id),
                (None, Verdict::Eligible) if only_unset => *verdict = Verdict::Unset,
                (None, _) => *verdict = Verdict::Unknown,
            }
        }
    }
    verdicts
}
