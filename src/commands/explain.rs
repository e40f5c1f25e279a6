//! `huiqi explain`: why a subject is or is not on each measure, from what a published run was computed from.

use super::recorded::Recorded;
use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, ExplainArgs, ExplainForm};
use crate::explain::{self, Answer, Form, Named};
use crate::facts::World;

pub fn explain(args: ExplainArgs, config: &Config) -> Outcome {
    let recorded = Recorded::of(args.run, config.out(args.out))?;
    let mut question = recorded.question(&args.code, &args.measure)?;
    let wanted = recorded.sources_of(&question.measures);
    let data = recorded.read(&wanted)?;
    let world = World::new(&recorded.pipeline, &data, recorded.as_of).for_few();
    let mut found = find(&world, &question, &recorded)?;
    if found.is_none() {
        match &explain::by_name(&world, &args.code)[..] {
            [] => {}
            [one] => {
                question.code.clone_from(&one.code);
                found = find(&world, &question, &recorded)?;
            }
            several => return print_names(several, args.format),
        }
    }
    let mut answer = found.ok_or_else(|| nobody(&world, &question, &args.code, &recorded))?;
    answer.notices = recorded.changes(&data, &wanted);
    print(&answer, args.format)
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
    let text = match form {
        ExplainForm::Text => explain::page(answer, Form::Text),
        ExplainForm::Markdown => explain::page(answer, Form::Markdown),
        ExplainForm::Json => serde_json::to_string_pretty(answer).map(|t| t + "\n").map_err(|e| Failure::new(ExitStatus::Failed, e))?,
    };
    super::print(&text)
}
