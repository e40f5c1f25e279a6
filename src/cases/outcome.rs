//! What a measure makes of a case's rows.

use super::delivery::Delivery;
use crate::facts::World;
use crate::ledger::lines;
use crate::measures::{Decided, Lacks, Verdict, missing};
use crate::money::Fen;
use crate::period;
use crate::policy::Overlay;
use crate::policy::conditions::ConditionId;
use crate::policy::model::{Case, CaseAward, Measure, Parameter, Pipeline, Settlement, SettlementCase};
use crate::policy::reach::reach;
use crate::settlement::{Settled, settle};
use crate::sources::{CheckedTables, read_texts};
use crate::sql::EvalError;
use crate::sql::ir::{MeasureId, ParameterId};
use std::collections::{BTreeMap, BTreeSet};
use typed_index_collections::TiVec;

/// One judged row, as a case speaks of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: &'static str,
    /// The first condition that is false, or of a 待核实 row the first that is unknown.
    pub condition: Option<ConditionId>,
    pub before: Option<String>,
    pub cut: Option<String>,
    pub amount: Option<String>,
    pub status: Option<&'static str>,
    /// 核减原因; none where nothing was cut.
    pub reason: Option<String>,
    /// Columns, and titles of sources, without their year.
    pub missing: Vec<String>,
}

/// The outcome of every judged row, in the order in which they stand; or why there is none.
pub fn of(pipeline: &Pipeline, measure: MeasureId, case: &Case) -> Result<Vec<Outcome>, Vec<String>> {
    let law = &pipeline.measures[measure];
    let tables = tables(pipeline, &[measure], &Delivery::of(pipeline, law, case)?)?;
    let as_of = case.as_of.or(law.example.as_of).unwrap_or_else(|| year_end(pipeline));
    let parameters = parameters(pipeline, std::iter::once((law, case))).map_err(|text| vec![text])?;
    let world = World::with_parameters(pipeline, parameters.as_ref().unwrap_or(&pipeline.parameters), &tables, as_of);
    let (outcomes, ()) = judged(&world, measure, |_, _| Ok(())).map_err(|e| vec![said(pipeline, &e)])?;
    Ok(outcomes)
}

/// The outcome of each award of a settlement's case, in their order, with that settlement switched on; or why there is none.
pub fn of_settlement(pipeline: &Pipeline, settlement: &Settlement, case: &SettlementCase) -> Result<Vec<Outcome>, Vec<String>> {
    let one = |text: String| vec![text];
    let measures: Vec<MeasureId> = case.awards.iter().map(|a| a.measure).collect::<BTreeSet<_>>().into_iter().collect();
    let (delivery, rows) = Delivery::together(pipeline, &case.awards)?;
    let tables = tables(pipeline, &measures, &delivery)?;
    let of_awards = case.awards.iter().map(|a| (&pipeline.measures[a.measure], &a.case));
    let parameters = parameters(pipeline, of_awards).map_err(one)?;
    let as_of = case.as_of.unwrap_or_else(|| year_end(pipeline));
    let world = World::with_parameters(pipeline, parameters.as_ref().unwrap_or(&pipeline.parameters), &tables, as_of);
    let world = world.settled_by(settlement);
    let wrong = |e: EvalError| one(said(pipeline, &e));
    let settled = settle(&world, &measures, 1).map_err(|(_, e)| wrong(e))?;
    let mut all = BTreeMap::new();
    for settled in settled.iter().filter(|s| measures.contains(&s.measure())) {
        let numbers = settled.decided.row_numbers.iter().copied();
        let outcomes = outcomes(&world, settled).map_err(wrong)?;
        all.extend(numbers.zip(outcomes).map(|(row, outcome)| ((settled.measure(), row as usize), outcome)));
    }
    let of_award = |(award, row): (&CaseAward, usize)| {
        let not_judged = || one(format!("the row of `{}` is not judged", pipeline.measures[award.measure].id));
        all.get(&(award.measure, row)).cloned().ok_or_else(not_judged)
    };
    case.awards.iter().zip(rows).map(of_award).collect()
}

/// A delivery as the reader takes it, with those of the pipeline's own tables that these measures read.
pub fn tables(pipeline: &Pipeline, measures: &[MeasureId], delivery: &Delivery) -> Result<CheckedTables, Vec<String>> {
    let one = |text: String| vec![text];
    let read = reach(pipeline, measures, &[]).sources;
    let texts = delivery.texts(pipeline, &read).map_err(one)?;
    let tables = read_texts(&pipeline.sources, texts).map_err(|e| one(e.to_string()))?;
    refused(pipeline, &tables)?;
    Ok(tables)
}

/// Where neither the case nor the example names a day: the last of the year in which the document took effect.
pub fn year_end(pipeline: &Pipeline) -> i32 {
    let effective = pipeline.document.effective_from;
    period::days(period::civil(effective).0, 12, 31).unwrap_or(effective)
}

/// A row of a case that the reader would not accept makes the case meaningless.
pub fn refused(pipeline: &Pipeline, tables: &CheckedTables) -> Result<(), Vec<String>> {
    let texts: Vec<String> = tables
        .rejects
        .iter()
        .map(|r| format!("a row of {} is refused: {} `{}`: {}", pipeline.sources[r.source].name, r.column, r.value, r.reason))
        .collect();
    if texts.is_empty() { Ok(()) } else { Err(texts) }
}

/// The pipeline's parameters with the example's and the case's of each measure laid over them; `None` where there are none.
fn parameters<'c>(
    pipeline: &Pipeline,
    cases: impl Iterator<Item = (&'c Measure, &'c Case)>,
) -> Result<Option<TiVec<ParameterId, Parameter>>, String> {
    let mut overlay = Overlay::default();
    for (measure, case) in cases {
        for (name, value) in measure.example.parameters.iter().chain(&case.parameters) {
            let (name, key) = match name.split_once('.') {
                Some((name, key)) => (name, Some(key.to_string())),
                None => (name.as_str(), None),
            };
            overlay.settings.insert((measure.id.clone(), name.to_string(), key), value.clone());
        }
    }
    if overlay.settings.is_empty() {
        return Ok(None);
    }
    let mut parameters = pipeline.parameters.clone();
    overlay.apply_to(pipeline, &mut parameters).map_err(|e| e.to_string())?;
    Ok(Some(parameters))
}

fn said(pipeline: &Pipeline, e: &EvalError) -> String {
    match e {
        EvalError::NoValue(id) => format!("`{}` has no value on that day", pipeline.parameters[*id].name),
        other => other.to_string(),
    }
}

/// Decides, settles and books one measure, and asks `more` of what it decided.
pub fn judged<T>(
    world: &World<'_>,
    measure: MeasureId,
    more: impl FnOnce(&mut Decided<'_>, &[Outcome]) -> Result<T, EvalError>,
) -> Result<(Vec<Outcome>, T), EvalError> {
    let settled = settle(world, &[measure], 1).map_err(|(_, e)| e)?;
    let Some(mut settled) = settled.into_iter().find(|s| s.measure() == measure) else {
        return Err(EvalError::Engine("the measure was not decided".to_string()));
    };
    let outcomes = outcomes(world, &settled)?;
    let more = more(&mut settled.decided, &outcomes)?;
    Ok((outcomes, more))
}

/// What a measure made of each of its rows.
fn outcomes(world: &World<'_>, settled: &Settled<'_>) -> Result<Vec<Outcome>, EvalError> {
    let lacks = missing(world, &settled.decided)?;
    let verdicts = settled.decided.verdicts.iter().enumerate();
    let mut outcomes: Vec<Outcome> = verdicts.map(|(row, verdict)| verdict_of(&settled.decided, row, *verdict, &lacks)).collect();
    book(world, settled, &mut outcomes)?;
    Ok(outcomes)
}

fn verdict_of(decided: &Decided<'_>, row: usize, verdict: Verdict, lacks: &Lacks) -> Outcome {
    let mut outcome = Outcome { verdict: verdict.name(), ..Outcome::default() };
    match verdict {
        Verdict::Ineligible(condition) => outcome.condition = Some(condition),
        Verdict::Unknown => {
            outcome.condition = first_unknown(decided, row);
            if let Ok(place) = lacks.rows.binary_search(&(row as u32)) {
                outcome.missing = lacks.of(place).iter().map(|m| m.data.clone()).collect();
                outcome.missing.sort();
                outcome.missing.dedup();
            }
        }
        // 待定标准 is 符合 with a status of its own.
        Verdict::Unset => outcome.verdict = Verdict::Eligible.name(),
        Verdict::Eligible => {}
    }
    outcome
}

/// The first condition of a row that is unknown.
fn first_unknown(decided: &Decided<'_>, row: usize) -> Option<ConditionId> {
    let asked = decided.judged.iter().filter(|judged| judged.id != ConditionId::Amount);
    asked.filter(|judged| judged.holds.get(row).is_none()).map(|judged| judged.id).next()
}

/// Adds what the ledger says of the rows that are in it.
fn book(world: &World<'_>, settled: &Settled<'_>, outcomes: &mut [Outcome]) -> Result<(), EvalError> {
    let text = |amount: Option<Fen>| amount.map(Fen::plain);
    for line in lines(world, settled)?.lines {
        let outcome = &mut outcomes[line.row];
        (outcome.before, outcome.cut, outcome.amount) = (text(line.before), text(line.cut), text(line.amount));
        outcome.status = Some(line.status);
        outcome.reason = Some(line.reason).filter(|text| !text.is_empty());
    }
    Ok(())
}
