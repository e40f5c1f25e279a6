//! Every measure on every day on which something changes for it, on the day before and on the day after.
//!
//! The example's row goes with the day: where the measure or one of its parameters is read at a date of the row, that date
//! stands on the day. A run as of the day must decide the row, and every parameter that it reads must have one value, be
//! declared unset, or belong to a measure that is out of force then. (Two values on one day are refused when files are read.)

use super::outcome::{self, Outcome};
use super::{Report, delivery::Delivery};
use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::facts::World;
use crate::measures::Decided;
use crate::parallel;
use crate::period;
use crate::policy::conditions::ConditionId;
use crate::policy::model::{Case, Measure, Parameter, Pipeline};
use crate::policy::reach::{self, Reach};
use crate::schema::ColumnKind;
use crate::sources::CheckedTables;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, FactId, Item, MeasureId, Node, ParameterId, Row};
use crate::value::{Cell, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Evaluates those of these measures that have an example on their days, with `threads` at work; one evaluation per measure and day.
pub fn on_boundary_days(pipeline: &Pipeline, measures: &[MeasureId], threads: usize) -> Report {
    let told: Vec<MeasureId> = measures.iter().copied().filter(|&m| !pipeline.measures[m].example.row.is_empty()).collect();
    let evaluations = told.iter().map(|&m| days(pipeline, &pipeline.measures[m]).len()).sum();
    Report { cases: evaluations, findings: parallel::each(&told, threads, |&m| of_measure(pipeline, m)).concat() }
}

/// The days of a measure, each with the words that make it one.
fn days(pipeline: &Pipeline, measure: &Measure) -> BTreeMap<i32, Place> {
    let mut found = BTreeMap::new();
    let mut around = |day: i32, place: &Place| {
        for beside in [day, day - 1, day + 1] {
            found.entry(beside).or_insert_with(|| place.clone());
        }
    };
    for id in Reach::of_measure(pipeline, measure).parameters {
        let p = &pipeline.parameters[id];
        for (i, entry) in p.entries.iter().enumerate() {
            entry.from.iter().for_each(|&from| around(from, &p.place));
            // Where the next entry begins the day after, that is the boundary.
            let followed = p.entries.get(i + 1).is_some_and(|next| next.from == entry.to.map(|to| to + 1));
            entry.to.iter().filter(|_| !followed).for_each(|&to| around(to, &p.place));
        }
    }
    let place = measure.effect.place.as_ref().unwrap_or(&measure.place);
    measure.effect.from.iter().chain(&measure.effect.to).for_each(|&day| around(day, place));
    for e in reach::expressions(measure) {
        e.walk(&mut |part| {
            if let Node::Literal(Value::Date(day)) = part.node {
                around(day, place);
            }
        });
    }
    around(pipeline.document.effective_from, place);
    pipeline.document.review_after.iter().for_each(|(day, _)| around(*day, place));
    found
}

/// What is wrong on a measure's days: of each thing that is wrong, the first day.
fn of_measure(pipeline: &Pipeline, id: MeasureId) -> Vec<Diagnostic> {
    let measure = &pipeline.measures[id];
    let read = reads(pipeline, measure);
    let mut delivered: Option<(Case, CheckedTables)> = None;
    let mut findings: Vec<Diagnostic> = Vec::new();
    for (day, place) in days(pipeline, measure) {
        let case = case_on(pipeline, measure, &read, day);
        // Most measures read nothing at a date of the row: one delivery serves all their days.
        if delivered.as_ref().is_none_or(|(known, _)| known.row != case.row) {
            match deliver(pipeline, id, &case) {
                Ok(tables) => delivered = Some((case, tables)),
                Err(troubles) => return vec![undecided(measure, day, &place, &troubles.join("; "))],
            }
        }
        let Some((_, tables)) = &delivered else {
            continue;
        };
        for found in on_day(pipeline, id, &read, tables, day, &place) {
            if findings.iter().all(|known| (known.code, &known.place) != (found.code, &found.place)) {
                findings.push(found);
            }
        }
    }
    findings
}

fn deliver(pipeline: &Pipeline, id: MeasureId, case: &Case) -> Result<CheckedTables, Vec<String>> {
    let delivery = Delivery::of(pipeline, &pipeline.measures[id], case)?;
    outcome::tables(pipeline, &[id], &delivery)
}

/// What a run as of this day makes of the row, if anything is wrong with it.
fn on_day(pipeline: &Pipeline, id: MeasureId, read: &[Read<'_>], tables: &CheckedTables, day: i32, place: &Place) -> Vec<Diagnostic> {
    let measure = &pipeline.measures[id];
    let world = World::new(pipeline, tables, day);
    match outcome::judged(&world, id, |decided, outcomes| lacking(pipeline, read, day, decided, outcomes)) {
        Ok((_, lacking)) => lacking.into_iter().map(|(p, day)| uncovered(measure, &pipeline.parameters[p], day)).collect(),
        Err(EvalError::NoValue(p)) => vec![uncovered(measure, &pipeline.parameters[p], day)],
        Err(e) => vec![undecided(measure, day, place, &e.to_string())],
    }
}

fn uncovered(measure: &Measure, parameter: &Parameter, day: i32) -> Diagnostic {
    let day = period::format_date(day);
    let text = format!("`{}` has no value on {day}, when `{}` is in force", parameter.name, measure.id);
    Diagnostic::error(Mistake::UncoveredDay, parameter.place.clone(), text)
        .hint("add an entry for that day (without a value where nobody has named one), or let `in_force` leave it out")
}

fn undecided(measure: &Measure, day: i32, place: &Place, why: &str) -> Diagnostic {
    let day = period::format_date(day);
    Diagnostic::error(Mistake::UndecidedDay, place.clone(), format!("`{}` cannot decide its example on {day}: {why}", measure.id))
}

/// The parameters without a value on the day on which they are read, while the measure is in force for the row.
fn lacking(
    pipeline: &Pipeline,
    read: &[Read<'_>],
    as_of: i32,
    decided: &mut Decided<'_>,
    outcomes: &[Outcome],
) -> Result<Vec<(ParameterId, i32)>, EvalError> {
    let mut found = Vec::new();
    for r in read {
        let Some(parameter) = r.parameter else {
            continue;
        };
        let days = match r.at {
            Some(at) => decided.rows.cells_of(at)?,
            None => vec![Cell::Number(i128::from(as_of)); outcomes.len()],
        };
        for (cell, outcome) in days.into_iter().zip(outcomes) {
            let Cell::Number(day) = cell else {
                continue;
            };
            let Ok(day) = i32::try_from(day) else {
                continue;
            };
            if pipeline.parameters[parameter].on(day).is_none() && outcome.condition != Some(ConditionId::InForce) {
                found.push((parameter, day));
            }
        }
    }
    Ok(found)
}

/// A parameter that is read, or the dates of effect where there is none, and the date of the row at which; none: 截止日.
struct Read<'p> {
    parameter: Option<ParameterId>,
    at: Option<&'p Expr>,
}

/// Everything dated that a measure reads itself; what is read at dates of related rows is theirs.
fn reads<'p>(pipeline: &'p Pipeline, measure: &'p Measure) -> Vec<Read<'p>> {
    let read = Reach::of_measure(pipeline, measure).parameters.into_iter().filter(|&p| !pipeline.parameters[p].row_dated);
    let mut found: Vec<Read<'_>> = read.map(|p| Read { parameter: Some(p), at: None }).collect();
    let mut facts = BTreeSet::new();
    for e in reach::expressions(measure) {
        own_reads(pipeline, e, &mut facts, &mut found);
    }
    found.extend(measure.in_force.as_ref().and_then(compared).map(|at| Read { parameter: None, at: Some(at) }));
    found
}

/// What the dates of effect are compared with.
fn compared(in_force: &Expr) -> Option<&Expr> {
    match &in_force.node {
        Node::And(parts) => parts.first().and_then(compared),
        Node::Compare(_, at, _) => Some(&**at),
        _ => None,
    }
}

fn own_reads<'p>(pipeline: &'p Pipeline, e: &'p Expr, facts: &mut BTreeSet<FactId>, found: &mut Vec<Read<'p>>) {
    match &e.node {
        Node::Parameter { parameter, at: Some(at), .. } => found.push(Read { parameter: Some(*parameter), at: Some(&**at) }),
        Node::Item { row: Row::Own, item: Item::Fact(f), .. } if facts.insert(*f) => {
            own_reads(pipeline, &pipeline.facts[*f].value, facts, found);
        }
        _ => {}
    }
    e.children().into_iter().for_each(|child| own_reads(pipeline, child, facts, found));
}

/// The example with its row on this day: every date moves by as many days as the one that is read; a year becomes the day's.
fn case_on(pipeline: &Pipeline, measure: &Measure, read: &[Read<'_>], day: i32) -> Case {
    let columns = &pipeline.sources[measure.per].columns;
    let mut case = Case::of_example(measure.place.clone());
    let mut read_columns = BTreeSet::new();
    for at in read.iter().filter_map(|r| r.at) {
        at.walk(&mut |part| {
            if let Node::Item { row: Row::Own, source, item: Item::Column(c) } = part.node {
                read_columns.extend((source == measure.per).then_some(c));
            }
        });
    }
    let cell = |name: &str| measure.example.row.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let date = |name: &str| period::parse_iso_date(cell(name)?.as_bytes());
    for c in read_columns {
        let column = &columns[c];
        match (&column.kind, date(&column.name)) {
            (ColumnKind::Date, Some(stands)) => {
                let moved = columns.iter().filter(|c| c.kind == ColumnKind::Date).filter_map(|c| Some((&c.name, date(&c.name)?)));
                case.row.extend(moved.map(|(name, own)| (name.clone(), period::format_date(own + (day - stands)))));
            }
            (ColumnKind::Int, _) => case.row.push((column.name.clone(), period::civil(day).0.to_string())),
            _ => {}
        }
    }
    case
}
