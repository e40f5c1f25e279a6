//! `huiqi explain`: why a subject is or is not on each measure, from what a published run was computed from.

use super::recorded::Recorded;
use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, ExplainArgs, ExplainForm};
use crate::explain::{self, Answer, Form};
use crate::facts::World;

pub fn explain(args: ExplainArgs, config: &Config) -> Outcome {
    let recorded = Recorded::of(args.run, config.out(args.out))?;
    let question = recorded.question(&args.code, &args.measure)?;
    let wanted = recorded.sources_of(&question.measures);
    let data = recorded.read(&wanted)?;
    let world = World::new(&recorded.pipeline, &data, recorded.as_of).for_few();
    let mut answer = answer(&world, &question, &args.code, &recorded)?;
    answer.notices = recorded.changes(&data, &wanted);
    print(&answer, args.format)
}

/// What there is to say of the subject in this world; somebody who is not in it at all is a failure.
pub(super) fn answer(world: &World<'_>, question: &explain::Question, typed: &str, recorded: &Recorded) -> Result<Answer, Failure> {
    let pipeline = world.pipeline;
    let failed = |(measure, e): explain::Failed| stages::evaluation(world, measure.map(|m| &pipeline.measures[m]), e);
    let answer = explain::answer(world, question).map_err(failed)?;
    let nobody = || Failure::new(ExitStatus::Failed, format!("`{typed}` is nobody's code in the inputs of run {}", recorded.manifest.run));
    let mut answer = answer.ok_or_else(nobody)?;
    answer.run.clone_from(&recorded.manifest.run);
    Ok(answer)
}

pub(super) fn print(answer: &Answer, form: ExplainForm) -> Outcome {
    let text = match form {
        ExplainForm::Text => explain::page(answer, Form::Text),
        ExplainForm::Markdown => explain::page(answer, Form::Markdown),
        ExplainForm::Json => serde_json::to_string_pretty(answer).map(|t| t + "\n").map_err(|e| Failure::new(ExitStatus::Failed, e))?,
    };
    super::print(&text)
}
