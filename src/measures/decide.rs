//! One measure over all its rows.

use super::{Failing, Verdict};
use crate::facts::{List, Rows, World};
use crate::policy::model::{Measure, Setting};
use crate::policy::reach;
use crate::policy::source::MONEY_SCALE;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, MeasureId, Node};
use polars::prelude::BooleanChunked;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a measure decided: columns of equal length, one entry per judged row.
pub struct Decided<'w> {
    pub measure: MeasureId,
    /// Every source that it reads was delivered; otherwise it says 未提供数据, whatever its other sources show.
    pub delivered: bool,
    /// The rows, for whoever evaluates more expressions over them.
    pub rows: Rows<'w>,
    /// Row numbers in the measure's source.
    pub row_numbers: Vec<u32>,
    pub in_force: Option<BooleanChunked>,
    pub alive: Option<BooleanChunked>,
    /// One per clause; a clause put off by an unset parameter is true.
    pub clauses: Vec<BooleanChunked>,
    pub verdicts: Vec<Verdict>,
    /// 核定前金额 in 分, where the amount could be computed, whatever the verdict.
    pub amounts: Option<Vec<Option<i64>>>,
}

/// Decides every wanted measure, those that build on another's list after it, with `threads` at work.
pub fn decide_all<'w>(world: &'w World<'w>, wanted: &[MeasureId], threads: usize) -> Result<Vec<Decided<'w>>, (MeasureId, EvalError)> {
    let mut all = BTreeMap::new();
    for wave in waves(world, wanted) {
        for decided in decide_wave(world, &wave, threads)? {
            publish(world, &decided);
            all.insert(decided.measure, decided);
        }
    }
    Ok(all.into_values().collect())
}

/// The measures with those they build on, each after what it reads.
fn waves(world: &World<'_>, wanted: &[MeasureId]) -> Vec<Vec<MeasureId>> {
    let mut depth: BTreeMap<MeasureId, usize> = BTreeMap::new();
    fn visit(world: &World<'_>, m: MeasureId, depth: &mut BTreeMap<MeasureId, usize>) -> usize {
        if let Some(d) = depth.get(&m) {
            return *d;
        }
        depth.insert(m, 0);
        let needs = built_on(&world.pipeline.measures[m]);
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

/// The measures whose lists this one's clauses read.
pub fn built_on(measure: &Measure) -> Vec<MeasureId> {
    fn lists(e: &Expr, found: &mut Vec<MeasureId>) {
        if let Node::OnList { measure, .. } = e.node {
            found.push(measure);
        }
        e.children().into_iter().for_each(|c| lists(c, found));
    }
    let mut found = Vec::new();
    measure.clauses.iter().for_each(|c| lists(&c.when, &mut found));
    found
}

fn decide_wave<'w>(world: &'w World<'w>, wave: &[MeasureId], threads: usize) -> Result<Vec<Decided<'w>>, (MeasureId, EvalError)> {
    // Threads of our own, not the pool's: a fact is computed under a lock, and a pool's thread that waits would steal work.
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, wave.len().max(1)) {
            scope.spawn(|| {
                while let Some(&m) = wave.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let decided = decide(world, m).map_err(|e| (m, e));
                    if let Ok(mut all) = results.lock() {
                        all.push(decided);
                    }
                }
            });
        }
    });
    let mut all = results.into_inner().unwrap_or_default();
    // The same error whatever thread met its own first.
    all.sort_by_key(|r| match r {
        Ok(d) => d.measure,
        Err((m, _)) => *m,
    });
    all.into_iter().collect()
}

fn publish(world: &World<'_>, decided: &Decided<'_>) {
    let measure = &world.pipeline.measures[decided.measure];
    let mut rows = vec![false; world.frame(measure.per).height()];
    let mut codes = vec![false; world.tables.codes.len()];
    let link = measure.subject.column.or(measure.subject.link);
    let ids = link.map(|c| world.frame(measure.per).columns()[c].clone());
    let ids = ids.as_ref().and_then(|c| c.as_materialized_series().u32().ok());
    for (&row, verdict) in decided.row_numbers.iter().zip(&decided.verdicts) {
        if *verdict == Verdict::Eligible {
            rows[row as usize] = true;
            if let Some(id) = ids.and_then(|ids| ids.get(row as usize)) {
                codes[id as usize] = true;
            }
        }
    }
    world.publish_list(decided.measure, List { rows, codes });
}

fn decide<'w>(world: &'w World<'w>, m: MeasureId) -> Result<Decided<'w>, EvalError> {
    judge(world, m, Rows::of(world, world.pipeline.measures[m].per))
}

/// Decides a measure for some rows of its source only, named by row number, and makes its list known for them.
///
/// The lists that it builds on must be known for these rows.
pub fn decide_rows<'w>(world: &'w World<'w>, m: MeasureId, rows: &[u32]) -> Result<Decided<'w>, EvalError> {
    let decided = judge(world, m, Rows::of(world, world.pipeline.measures[m].per).select(rows)?)?;
    publish(world, &decided);
    Ok(decided)
}

fn judge<'w>(world: &'w World<'w>, m: MeasureId, mut rows: Rows<'w>) -> Result<Decided<'w>, EvalError> {
    let measure = &world.pipeline.measures[m];
    if let Some(judged) = &measure.judged {
        rows = rows.filter(judged)?;
    }
    let read = reach::sources_read(world.pipeline, &[m], &[]);
    let delivered = world.delivered_all(&read);
    let n = rows.len();
    let in_force = measure.in_force.as_ref().map(|e| rows.condition(e)).transpose()?;
    // Nothing else is asked of a measure out of force: its parameters need no value then.
    let lapsed = n > 0 && in_force.as_ref().is_some_and(|c| !c.any_kleene().unwrap_or(true));
    let row_numbers = rows.row_numbers();
    if lapsed || n == 0 {
        let verdicts = vec![Verdict::Ineligible(Failing::InForce); n];
        return Ok(Decided {
            measure: m,
            delivered,
            rows,
            row_numbers,
            in_force,
            alive: None,
            clauses: Vec::new(),
            verdicts,
            amounts: None,
        });
    }
    let alive = measure.subject.alive.as_ref().map(|e| rows.condition(e)).transpose()?;
    let clauses = clause_columns(world, measure, &mut rows)?;
    let (amounts, lacking) = amount_columns(world, measure, &mut rows)?;
    let verdicts = verdicts(n, in_force.as_ref(), alive.as_ref(), &clauses, amounts.as_deref(), &lacking);
    Ok(Decided { measure: m, delivered, rows, row_numbers, in_force, alive, clauses, verdicts, amounts })
}

/// Each clause's column; where an unset parameter alone leaves it open, it is put off (true).
fn clause_columns(world: &World<'_>, measure: &Measure, rows: &mut Rows<'_>) -> Result<Vec<BooleanChunked>, EvalError> {
    let list: Vec<&Expr> = measure.clauses.iter().map(|c| &c.when).collect();
    let mut columns = rows.conditions(&list)?;
    let mut stand_ins = None;
    for (column, e) in columns.iter_mut().zip(&list) {
        if !may_be_unset(world, e) {
            continue;
        }
        let stand_ins = stand_ins.get_or_insert_with(|| rows.with_stand_ins());
        let with_value = stand_ins.condition(e)?;
        *column = column.iter().zip(with_value.iter()).map(|(value, filled)| value.or(filled.map(|_| true))).collect();
    }
    Ok(columns)
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
    if !may_be_unset(world, &amount.value) {
        return Ok((Some(amounts), Vec::new()));
    }
    let filled = rows.with_stand_ins().rounded(&amount.value, MONEY_SCALE)?;
    let lacking = filled.iter().map(|f| if f.is_some() { Lacking::Parameter } else { Lacking::Cell }).collect();
    Ok((Some(amounts), lacking))
}

/// Whether a parameter that the expression reads may be without a value for some row.
pub fn may_be_unset(world: &World<'_>, e: &Expr) -> bool {
    if let Node::Parameter { parameter, .. } = e.node {
        let entries = &world.parameter(parameter).entries;
        if entries.iter().any(|entry| !matches!(entry.value, Setting::One(_))) {
            return true;
        }
    }
    e.children().into_iter().any(|c| may_be_unset(world, c))
}

fn verdicts(
    n: usize,
    in_force: Option<&BooleanChunked>,
    alive: Option<&BooleanChunked>,
    clauses: &[BooleanChunked],
    amounts: Option<&[Option<i64>]>,
    lacking: &[Lacking],
) -> Vec<Verdict> {
    let mut states: Vec<State> = vec![State::Holds; n];
    let named = in_force.map(|c| (c, Failing::InForce)).into_iter().chain(alive.map(|c| (c, Failing::Subject)));
    let numbered = clauses.iter().enumerate().map(|(i, c)| (c, Failing::Clause(i as u16)));
    for (column, failing) in named.chain(numbered) {
        for (state, value) in states.iter_mut().zip(column.iter()) {
            match (value, *state) {
                (_, State::Fails(_)) | (Some(true), _) => {}
                (Some(false), _) => *state = State::Fails(failing),
                (None, _) => *state = State::Open,
            }
        }
    }
    states.iter().enumerate().map(|(row, state)| verdict(*state, amounts.map(|a| a[row]), lacking.get(row).copied())).collect()
}

#[derive(Clone, Copy)]
enum State {
    Holds,
    Open,
    Fails(Failing),
}

/// Spec 2, how rules 3, 4 and 5 meet.
fn verdict(state: State, amount: Option<Option<i64>>, lacking: Option<Lacking>) -> Verdict {
    match (state, amount) {
        (State::Fails(failing), _) => Verdict::Ineligible(failing),
        (_, Some(Some(amount))) if amount <= 0 => Verdict::Ineligible(Failing::Zero),
        (State::Open, _) => Verdict::Unknown,
        (State::Holds, Some(None)) if lacking == Some(Lacking::Parameter) => Verdict::Unset,
        (State::Holds, Some(None)) => Verdict::Unknown,
        (State::Holds, _) => Verdict::Eligible,
    }
}
