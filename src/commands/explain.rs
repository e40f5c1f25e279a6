//! `huiqi explain`: why a subject is or is not on each measure, from what a published run was computed from.

use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, ExplainArgs, ExplainForm};
use crate::explain::{self, Answer, Form, Question};
use crate::facts::World;
use crate::ledger::columns::LEDGERS;
use crate::period;
use crate::policy::model::Pipeline;
use crate::policy::reach;
use crate::policy::source::SourceId;
use crate::publish::{self, CURRENT, Manifest};
use crate::sources::CheckedTables;
use crate::sql::ir::MeasureId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub fn explain(args: ExplainArgs, config: &Config) -> Outcome {
    let out = config.out(args.out);
    let run = args.run.unwrap_or_else(|| out.join(CURRENT).display().to_string());
    let folder = publish::resolve(&run, &out).map_err(|e| Failure::new(ExitStatus::Io, e))?;
    let manifest = Manifest::read(&folder).map_err(|e| Failure::new(ExitStatus::Io, format!("{}: {e}", folder.display())))?;
    let pipeline = stages::pipeline_of(&manifest)?;
    let question = question(&args.code, &args.measure, &pipeline, &folder)?;
    // Only what the measures in question read, and the registrations of the subject.
    let wanted = match question.measures.is_empty() {
        true => vec![true; pipeline.sources.len()],
        false => {
            let read = reach::reach(&pipeline, &question.measures, &[]).sources;
            (0..pipeline.sources.len())
                .map(|s| read.contains(&s) || pipeline.sources[s].core && pipeline.sources[s].label.is_some())
                .collect()
        }
    };
    let data = stages::read(&pipeline, Path::new(&manifest.place.pipeline), Path::new(&manifest.place.data), &wanted)?;
    let as_of = period::parse_iso_date(manifest.as_of.as_bytes())
        .ok_or_else(|| Failure::new(ExitStatus::Failed, format!("{}: as_of `{}` is no day", folder.display(), manifest.as_of)))?;
    let world = World::new(&pipeline, &data, as_of).for_few();
    let failed = |(measure, e): explain::Failed| stages::evaluation(&world, measure.map(|m| &pipeline.measures[m]), e);
    let answer = explain::answer(&world, &question).map_err(failed)?;
    let Some(mut answer) = answer else {
        let message = format!("`{}` is nobody's code in the inputs of run {}", args.code, manifest.run);
        return Err(Failure::new(ExitStatus::Failed, message));
    };
    answer.run.clone_from(&manifest.run);
    answer.notices = changes(&manifest, &pipeline, &data, &wanted);
    print(&answer, args.format)
}

/// What was typed: a code, or the number of a ledger line.
fn question(code: &str, measures: &[String], pipeline: &Pipeline, run: &Path) -> Result<Question, Failure> {
    let code = code.trim().to_uppercase();
    let mut wanted: Vec<MeasureId> = Vec::new();
    for id in measures {
        let found = pipeline.measure(id);
        wanted.push(found.ok_or_else(|| Failure::new(ExitStatus::Usage, format!("--measure: there is no measure `{id}`")))?);
    }
    let Some([measure, subject, document]) = ledger_line(run, &code)? else {
        let rows = if wanted.is_empty() { ROWS } else { usize::MAX };
        return Ok(Question { code, measures: wanted, document: None, rows });
    };
    let measure = pipeline.measure(&measure);
    let measure =
        measure.ok_or_else(|| Failure::new(ExitStatus::Failed, "the measure of this ledger line is no longer in the pipeline"))?;
    Ok(Question { code: subject, measures: vec![measure], document: Some(document), rows: usize::MAX })
}

/// So many rows of each measure are explained where all measures are; with `--measure`, all rows.
const ROWS: usize = 24;

/// 措施编号, 统一社会信用代码 and 来源单据 of the ledger line with this number.
fn ledger_line(run: &Path, number: &str) -> Result<Option<[String; 3]>, Failure> {
    for (file, _) in LEDGERS {
        let path = run.join(file);
        let failed = |e: csv::Error| Failure::new(ExitStatus::Io, format!("cannot read {}: {e}", path.display()));
        let mut reader = csv::Reader::from_path(&path).map_err(failed)?;
        let headers = reader.headers().map_err(failed)?.clone();
        let place = |name: &str| headers.iter().position(|h| h.trim_start_matches('\u{feff}') == name);
        let (Some(id), Some(places)) = (place("台账编号"), places_of(&place)) else {
            continue;
        };
        for record in reader.records() {
            let record = record.map_err(failed)?;
            if record.get(id) == Some(number) {
                return Ok(Some(places.map(|at| record.get(at).unwrap_or_default().to_string())));
            }
        }
    }
    Ok(None)
}

fn places_of(place: &dyn Fn(&str) -> Option<usize>) -> Option<[usize; 3]> {
    Some([place("措施编号")?, place("统一社会信用代码")?, place("来源单据")?])
}

/// What is no longer as the run read it, of the sources that were read again.
fn changes(manifest: &Manifest, pipeline: &Pipeline, data: &CheckedTables, wanted: &[bool]) -> Vec<String> {
    let mut notices = Vec::new();
    if pipeline.sha256 != manifest.pipeline.sha256 {
        notices.push(format!("措施文件（{}）在该次运行之后已有改动，以下按现在的文件说明", manifest.place.pipeline));
    }
    let is_delivered = |s: &SourceId| wanted[*s] && !pipeline.sources[*s].reference;
    let now = data.files.iter().filter(|f| is_delivered(&f.source)).map(|f| (f.path.as_str(), f.sha256.as_str()));
    let now: BTreeMap<&str, &str> = now.collect();
    let recorded = manifest.inputs.iter().filter(|i| pipeline.source(&i.source).as_ref().is_some_and(is_delivered));
    let recorded: BTreeMap<&str, &str> = recorded.map(|i| (i.path.as_str(), i.sha256.as_str())).collect();
    let files: BTreeSet<&str> = now.keys().chain(recorded.keys()).filter(|path| now.get(**path) != recorded.get(**path)).copied().collect();
    if !files.is_empty() {
        let files: Vec<&str> = files.into_iter().collect();
        notices.push(format!("以下数据文件在该次运行之后已有改动，以下按现在的文件说明：{}", files.join("、")));
    }
    notices
}

fn print(answer: &Answer, form: ExplainForm) -> Outcome {
    let text = match form {
        ExplainForm::Text => explain::page(answer, Form::Text),
        ExplainForm::Markdown => explain::page(answer, Form::Markdown),
        ExplainForm::Json => serde_json::to_string_pretty(answer).map(|t| t + "\n").map_err(|e| Failure::new(ExitStatus::Failed, e))?,
    };
    super::print(&text)
}
