//! From a code to its answer: find the rows, decide and settle them, say why.

use super::answer::*;
use super::find::{Asked, with_dependencies};
use super::reading::{Reading, Seen};
use super::settled::steps;
use super::shape::shape;
use super::unfold::{Unfolding, place};
use crate::facts::{Rows, World};
use crate::ledger::{self, Basis, Line, Lines, Subjects};
use crate::measures::{self, Decided, Judged, Verdict};
use crate::money::Fen;
use crate::period;
use crate::policy::conditions;
use crate::policy::model::Measure;
use crate::settlement::{self, RowSets, Settled};
use crate::sql::EvalError;
use crate::sql::ir::MeasureId;
use crate::uscc;
use std::collections::{BTreeMap, BTreeSet};

/// What to explain.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// A code as it is, or as the ledger publishes it.
    pub code: String,
    /// Empty: every measure.
    pub measures: Vec<MeasureId>,
    /// 来源单据 as published; `None`: every row.
    pub document: Option<String>,
    /// So many rows of a measure are explained.
    pub rows: usize,
}

/// Why nothing can be said: the measure at fault, if it is one's, and what was wrong.
pub type Failed = (Option<MeasureId>, EvalError);

/// Answers a question. The world should be one [for few](World::for_few) that nothing else was asked.
///
/// `None`: no row of any measure in question is about this code, and no registration either.
pub fn answer<'w>(world: &'w World<'w>, question: &Question) -> Result<Option<Answer>, Failed> {
    let pipeline = world.pipeline;
    let asked = Asked::of(world, &question.code);
    let all: Vec<MeasureId> = pipeline.measures.keys().collect();
    let wanted = if question.measures.is_empty() { &all } else { &question.measures };
    let mut own = RowSets::new();
    for &m in wanted {
        own.insert(m, asked.rows(&pipeline.measures[m]).map_err(|e| (Some(m), e))?.0);
    }
    let needed = with_dependencies(world, &asked, &own).map_err(|e| (None, e))?;
    let settled = settlement::settle_rows(world, &needed).map_err(|(m, e)| (Some(m), e))?;
    let settled: BTreeMap<MeasureId, Settled<'w>> = settled.into_iter().map(|s| (s.measure(), s)).collect();
    let mut answer = Answer {
        code: question.code.clone(),
        name: String::new(),
        county: String::new(),
        run: String::new(),
        as_of: period::format_date(world.as_of),
        document: pipeline.document.number.clone(),
        notices: Vec::new(),
        measures: Vec::new(),
        rejected: rejected(world, &question.code),
    };
    for &m in wanted {
        let measure = &pipeline.measures[m];
        let (rows, more) = match (own.get(&m).filter(|rows| !rows.is_empty()), settled.get(&m)) {
            (Some(own), Some(settled)) => explain(world, measure, settled, own, question, &mut answer).map_err(|e| (Some(m), e))?,
            _ => (Vec::new(), 0),
        };
        answer.measures.push(of_measure(world, measure, rows, more));
    }
    let known = registered(world, &mut answer).map_err(|e| (None, e))?;
    if uscc::is_personal(answer.code.as_bytes()) {
        answer.code = uscc::mask(&answer.code);
    }
    let found = known || !answer.rejected.is_empty() || answer.measures.iter().any(|m| !m.rows.is_empty());
    Ok(found.then_some(answer))
}

fn of_measure(world: &World<'_>, measure: &Measure, rows: Vec<RowAnswer>, more: usize) -> MeasureAnswer {
    let source = &world.pipeline.sources[measure.per];
    let nothing = match (rows.is_empty(), world.delivered(measure.per)) {
        (false, _) => None,
        (true, false) => Some(format!("未提供数据：没有收到{}（{}）", source.title, source.department)),
        (true, true) => Some(format!("{}中没有该主体的记录", source.title)),
    };
    MeasureAnswer {
        id: measure.id.clone(),
        article: measure.article,
        title: measure.title.clone(),
        kind: measure.kind.name(),
        payer: measure.payer.clone().filter(|p| !p.is_empty()),
        offices: measure.offices.clone(),
        text: measure.text.clone(),
        nothing,
        rows,
        more,
    }
}

/// Everything that explains a measure's rows reads, over the rows to explain.
struct Explained<'a, 'w> {
    world: &'w World<'w>,
    measure: &'a Measure,
    settled: &'a Settled<'w>,
    /// Positions among the decided rows.
    positions: Vec<u32>,
    rows: Rows<'w>,
    subjects: Subjects<'w>,
    readings: Vec<Read<'a, 'w>>,
    basis: Basis<'w>,
    lines: Lines<'w>,
    /// What 待核实 rows lack, by position among the decided rows.
    lacks: BTreeMap<u32, Vec<String>>,
}

/// A condition, read.
struct Read<'a, 'w> {
    condition: conditions::Condition<'a>,
    /// None where nothing was asked, or of the amount, which has no test.
    reading: Option<Reading<'w>>,
    outcomes: Vec<Outcome>,
}

fn explain<'w>(
    world: &'w World<'w>,
    measure: &Measure,
    settled: &Settled<'w>,
    own: &BTreeSet<u32>,
    question: &Question,
    answer: &mut Answer,
) -> Result<(Vec<RowAnswer>, usize), EvalError> {
    let decided = &settled.decided;
    let is_own = |at: &u32| own.contains(&decided.row_numbers[*at as usize]);
    let positions: Vec<u32> = (0..decided.row_numbers.len() as u32).filter(is_own).collect();
    if positions.is_empty() {
        return Ok((Vec::new(), 0));
    }
    let mut rows = decided.rows.select(&positions)?;
    let subjects = Subjects::of(world.pipeline, measure, &mut rows)?;
    let basis = Basis::of(world, measure, &mut rows)?;
    let readings = read_conditions(world, measure, decided, &positions, &mut rows)?;
    let lines = ledger::lines(world, settled)?;
    let lacks = lacks(world, decided)?;
    answer.code = subjects.code(0).to_string();
    if let Some(name) = (0..positions.len()).map(|at| subjects.name(at)).find(|n| !n.is_empty()) {
        answer.name = name.to_string();
    }
    let mut explained = Explained { world, measure, settled, positions, rows, subjects, readings, basis, lines, lacks };
    let document = |at: usize| explained.subjects.document(at);
    let mut order: Vec<usize> = (0..explained.positions.len()).collect();
    order.retain(|&at| question.document.as_ref().is_none_or(|d| d == document(at)));
    order.sort_by(|&a, &b| document(a).cmp(document(b)));
    let more = order.len().saturating_sub(question.rows);
    order.truncate(question.rows);
    let rows: Result<Vec<RowAnswer>, EvalError> = order.into_iter().map(|at| explained.row(at)).collect();
    Ok((rows?, more))
}

/// What every 待核实 row lacks, and who delivers it.
fn lacks<'w>(world: &'w World<'w>, decided: &Decided<'w>) -> Result<BTreeMap<u32, Vec<String>>, EvalError> {
    let found = measures::missing(world, decided)?;
    let said = |place: usize| found.of(place).iter().map(|m| format!("{m}（{}）", m.department)).collect();
    Ok(found.rows.iter().enumerate().map(|(place, &row)| (row, said(place))).collect())
}

/// The tests of a measure's conditions over the rows to explain, and what the verdict's record says of each.
fn read_conditions<'a, 'w>(
    world: &'w World<'w>,
    measure: &'a Measure,
    decided: &Decided<'w>,
    positions: &[u32],
    rows: &mut Rows<'w>,
) -> Result<Vec<Read<'a, 'w>>, EvalError> {
    let mut all = Vec::new();
    for (at, condition) in measure.conditions().into_iter().enumerate() {
        let Some(test) = condition.when else { continue };
        let Some(judged) = decided.judged.get(at) else {
            all.push(Read { condition, reading: None, outcomes: vec![Outcome::NotAsked; positions.len()] });
            continue;
        };
        let outcomes = positions.iter().map(|&row| outcome(judged, row as usize)).collect();
        all.push(Read { condition, reading: Some(Reading::of(world, &shape(world.pipeline, test), rows)?), outcomes });
    }
    Ok(all)
}

fn outcome(judged: &Judged, row: usize) -> Outcome {
    match (judged.put_off.as_ref().and_then(|put_off| put_off.get(row)), judged.holds.get(row)) {
        (Some(true), _) => Outcome::PutOff,
        (_, Some(true)) => Outcome::Holds,
        (_, Some(false)) => Outcome::Fails,
        (_, None) => Outcome::Open,
    }
}

impl<'w> Explained<'_, 'w> {
    fn row(&mut self, at: usize) -> Result<RowAnswer, EvalError> {
        let position = self.positions[at] as usize;
        let decided = &self.settled.decided;
        let verdict = decided.verdicts[position];
        let failing = match verdict {
            Verdict::Ineligible(id) => self.measure.condition(id),
            _ => None,
        };
        let unfolded = self.unfold(at)?;
        let line = self.lines.lines.iter().find(|l| l.row == position);
        Ok(RowAnswer {
            document: self.subjects.document(at).to_string(),
            place: place(self.world, self.measure.per, decided.row_numbers[position]),
            verdict: verdict.name(),
            failing: failing.map(|condition| condition.title()),
            is_others: failing.is_some_and(|condition| condition.picks),
            missing: self.lacks.get(&self.positions[at]).cloned().unwrap_or_default(),
            conditions: self.readings.iter().map(|read| condition(read, at)).collect(),
            amount: self.amount(at, position, verdict),
            settlement: self.steps(position),
            ledger: line.map(|line| entry(&self.lines, line)),
            parameters: unfolded.parameters,
            facts: unfolded.facts,
        })
    }

    /// What settlement did to the row's award, where it did anything.
    fn steps(&self, position: usize) -> Option<String> {
        let awards = &self.settled.awards;
        let award = awards.binary_search_by_key(&position, |award| award.row).ok().map(|at| &awards[at])?;
        let steps = steps(self.world.pipeline, self.measure, award.money.as_ref()?);
        (!steps.is_empty()).then(|| steps.join("；"))
    }

    fn amount(&self, at: usize, position: usize, verdict: Verdict) -> Option<AmountAnswer> {
        let decided = &self.settled.decided;
        let Some(amount) = &self.measure.amount else {
            self.measure.basis.as_ref()?;
            return Some(AmountAnswer { says: String::new(), formula: self.basis.row(at, |_| ()) });
        };
        // Nothing was computed where the measure is out of force.
        let amounts = decided.amounts.as_ref()?;
        let formula = self.basis.row(at, |text| match (amounts[position], verdict) {
            (Some(fen), _) => text.push_str(&format!(" = {}", Fen(fen).grouped())),
            (None, Verdict::Unset) => text.push_str("，标准待定"),
            (None, _) => text.push_str("，缺数据或标准，未能计算"),
        });
        Some(AmountAnswer { says: amount.says.clone(), formula })
    }

    /// Facts and parameters of everything that was asked of the row.
    fn unfold(&mut self, at: usize) -> Result<Unfolding<'w>, EvalError> {
        let mut row = self.rows.select(&[at as u32])?;
        let mut unfolding = Unfolding::new(self.world);
        let measure = self.measure;
        for test in self.readings.iter().filter(|read| read.reading.is_some()).filter_map(|read| read.condition.when) {
            unfolding.add(test, &mut row)?;
        }
        if self.settled.decided.amounts.is_some() {
            let amount = measure.amount.iter().map(|a| &a.value);
            let cap = measure.cap.iter().flat_map(|c| std::iter::once(&c.limit).chain(&c.used));
            for e in amount.chain(cap) {
                unfolding.add(e, &mut row)?;
            }
        }
        Ok(unfolding)
    }
}

fn condition(read: &Read<'_, '_>, at: usize) -> Condition {
    let mut seen = Vec::new();
    if let Some(reading) = &read.reading {
        reading.tests(at, &mut seen);
    }
    Condition {
        number: read.condition.id.name(),
        says: read.condition.says.to_string(),
        outcome: read.outcomes[at],
        tests: seen.into_iter().map(test).collect(),
    }
}

fn test(seen: Seen) -> TestAnswer {
    let outcome = match seen.holds {
        Some(true) => Outcome::Holds,
        Some(false) => Outcome::Fails,
        None => Outcome::Open,
    };
    TestAnswer { name: seen.label, value: seen.value, threshold: seen.threshold, margin: seen.margin.map(|m| m.text), outcome }
}

fn entry(lines: &Lines<'_>, line: &Line) -> LedgerEntry {
    let yuan = |fen: Option<Fen>| fen.map(Fen::grouped);
    LedgerEntry {
        id: line.id(),
        period: lines.period(line).to_string(),
        status: line.status,
        before: yuan(line.before),
        cut: yuan(line.cut),
        reason: line.reason.clone(),
        amount: yuan(line.amount),
        ceiling: yuan(line.ceiling),
    }
}

/// Rows of this code that were refused; only who knows a whole code is told of them. A person's stands in them masked: those
/// of whoever has the same first and last characters are told too.
fn rejected(world: &World<'_>, code: &str) -> Vec<String> {
    if code.contains('*') {
        return Vec::new();
    }
    let masked = uscc::mask(code);
    let of_code = world.tables.rejects.iter().filter(|r| r.raw.contains(code) || r.raw.contains(&masked));
    of_code.take(REJECTED).map(|r| format!("{} 第 {} 行 {}：{}（{}）", r.file, r.line, r.column, r.reason, r.rule)).collect()
}

/// So many refused rows are listed.
const REJECTED: usize = 20;

/// Name and county of a registered subject; whether it is one.
fn registered(world: &World<'_>, answer: &mut Answer) -> Result<bool, EvalError> {
    let pipeline = world.pipeline;
    let Some(source) = pipeline.roles.register else {
        return Ok(false);
    };
    let codes = &world.tables.codes;
    let Some(row) = (0..codes.len() as u32).find(|id| codes.get(*id as usize) == answer.code).and_then(|id| world.row_number(source, id))
    else {
        return Ok(false);
    };
    let declared = &pipeline.sources[source];
    let mut rows = Rows::of(world, source).select(&[row])?;
    let mut text = |column: Option<usize>| -> Result<String, EvalError> {
        let Some(column) = column else {
            return Ok(String::new());
        };
        Ok(rows.texts(&declared.item(source, column))?.into_iter().next().flatten().unwrap_or_default())
    };
    answer.name = text(declared.label)?;
    let county = text(declared.county)?;
    answer.county = pipeline.counties.get(&county).cloned().unwrap_or(county);
    Ok(true)
}
