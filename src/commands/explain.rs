//! `huiqi explain`: why a subject is or is not on each measure, or what a KPI is made from, out of what a published run was computed from.

use super::recorded::Recorded;
use super::selection::Selection;
use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, ExplainArgs, ExplainForm};
use crate::diagnostic::similar;
use crate::explain::{self, Answer, Form, Named};
use crate::facts::World;
use crate::indicators::Kpi;
use serde::Serialize;

/// Lines that are named where several fit.
const LISTED: usize = 5;

pub fn explain(args: ExplainArgs, config: &Config) -> Outcome {
    let recorded = Recorded::of(args.run, config.out(args.out))?;
    let Some(code) = args.code else { return kpi(&recorded, &args.kpi, args.format) };
    let mut question = recorded.question(&code, &args.measure)?;
    let wanted = recorded.sources_of(&question.measures);
    let data = recorded.read(&wanted)?;
    // A world that is for few keeps what it has computed of them: each question has its own.
    let world = || World::new(&recorded.pipeline, &data, recorded.as_of).for_few();
    let mut found = find(&world(), &question, &recorded)?;
    if found.is_none() {
        match &explain::by_name(&world(), &code)[..] {
            [] => {}
            [one] => {
                question.code.clone_from(&one.code);
                found = find(&world(), &question, &recorded)?;
            }
            several => return print_names(several, args.format),
        }
    }
    let mut answer = found.ok_or_else(|| nobody(&world(), &question, &code, &recorded))?;
    answer.notices = recorded.changes(&data, &wanted);
    print(&answer, args.format)
}

/// What a line of a KPI table is made from.
fn kpi(recorded: &Recorded, asked: &[String], form: ExplainForm) -> Outcome {
    let [table, row] = asked else { return Err(Failure::new(ExitStatus::Usage, "--kpi takes a table and a line of it")) };
    let indicators = recorded.indicators(table)?;
    let wanted = Selection::reaching(&recorded.pipeline, &[], indicators.clone()).sources;
    let data = recorded.read(&wanted)?;
    let world = World::new(&recorded.pipeline, &data, recorded.as_of);
    let kpis = stages::indicators(&world, &indicators)?;
    let Some(kpi) = kpis.tables.iter().find(|kpi| kpi.name == *table) else {
        return Err(Failure::new(ExitStatus::Failed, format!("{table} has no lines in run {}", recorded.manifest.run)));
    };
    let line = only_line(kpi, row)?;
    let failed = |e| stages::evaluation(&world, None, e);
    let mut answer = explain::figures(&world, kpi, line).map_err(failed)?;
    answer.run.clone_from(&recorded.manifest.run);
    answer.notices = recorded.changes(&data, &wanted);
    write(&answer, form, explain::kpi_page)
}

/// The one line that these words name.
fn only_line<'k>(kpi: &'k Kpi, words: &str) -> Result<&'k [String], Failure> {
    let lines = explain::named(kpi, words);
    if let [line] = lines[..] {
        return Ok(line);
    }
    let names: Vec<String> = kpi.rows.iter().map(|row| explain::name(kpi, row)).collect();
    let message = if lines.is_empty() {
        let near = similar(words, names.iter().map(String::as_str));
        let near = if near.is_empty() { names.iter().take(3).map(String::as_str).collect() } else { near };
        format!("no line of {} is named `{words}`; such as: {}", kpi.name, near.join(", "))
    } else {
        let some: Vec<String> = lines.iter().take(LISTED).map(|row| explain::name(kpi, row)).collect();
        let more = if lines.len() > LISTED { ", …" } else { "" };
        format!("{} lines of {} are named `{words}`: {}{more}", lines.len(), kpi.name, some.join(", "))
    };
    Err(Failure::new(ExitStatus::Usage, message))
}

/// What there is to say of the subject in this world; somebody who is not in it at all is a failure.
pub(super) fn answer(world: &World<'_>, question: &explain::Question, typed: &str, recorded: &Recorded) -> Result<Answer, Failure> {
    find(world, question, recorded)?.ok_or_else(|| nobody(world, question, typed, recorded))
}

fn find(world: &World<'_>, question: &explain::Question, recorded: &Recorded) -> Result<Option<Answer>, Failure> {
    let pipeline = world.pipeline;
    let failed = |(measure, e): explain::Failed| stages::evaluation(world, measure.map(|m| &pipeline.measures[m]), e);
    let mut answer = explain::answer(world, question).map_err(failed)?;
    answer.iter_mut().for_each(|answer| answer.run.clone_from(&recorded.manifest.run));
    Ok(answer)
}

/// Nobody is called so; codes that nearly are may be meant.
fn nobody(world: &World<'_>, question: &explain::Question, typed: &str, recorded: &Recorded) -> Failure {
    let mut message = format!("`{typed}` is nobody's code or name in the inputs of run {}", recorded.manifest.run);
    let alike = explain::alike(world, &question.code);
    for Named { code, name } in alike.iter().take(SIMILAR) {
        message.push_str(&format!("\nsimilar: {code} {name}"));
    }
    Failure::new(ExitStatus::Failed, message)
}

/// So many similar codes are named.
const SIMILAR: usize = 5;

/// Several have a name that holds what was typed: which of them is meant, whoever asks knows.
fn print_names(found: &[Named], form: ExplainForm) -> Outcome {
    if let ExplainForm::Json = form {
        let text = serde_json::to_string_pretty(found).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
        return super::print(&(text + "\n"));
    }
    let lines: String = found.iter().map(|Named { code, name }| format!("{code}  {name}\n")).collect();
    super::print(&lines)
}

pub(super) fn print(answer: &Answer, form: ExplainForm) -> Outcome {
    write(answer, form, explain::page)
}

fn write<A: Serialize>(answer: &A, form: ExplainForm, page: fn(&A, Form) -> String) -> Outcome {
    let text = match form {
        ExplainForm::Text => page(answer, Form::Text),
        ExplainForm::Markdown => page(answer, Form::Markdown),
        ExplainForm::Json => serde_json::to_string_pretty(answer).map(|t| t + "\n").map_err(|e| Failure::new(ExitStatus::Failed, e))?,
    };
    super::print(&text)
}
