//! `huiqi hypothetical`: what a described enterprise would get, or a real one with other cells, by the code that decides runs.

use super::recorded::{self, Recorded};
use super::{ExitStatus, Failure, Outcome, explain as explaining, simulate, stages};
use crate::cases::{self, Described};
use crate::cli::{Config, ExplainForm, HypotheticalArgs, TableForm};
use crate::diagnostic;
use crate::explain::{self, Answer, Edit, EditError, Question};
use crate::facts::World;
use crate::ledger::columns::{Column, code, number, text};
use crate::policy::model::Pipeline;
use crate::policy::{Broken, enterprise, reach};
use crate::reports::{Cell, Table};
use crate::schema::SourceId;
use crate::sources::{self, Change, ChangeError};
use crate::sql::ir::MeasureId;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;

pub fn hypothetical(args: HypotheticalArgs, config: &Config) -> Outcome {
    if args.format == TableForm::Csv && !args.measure.is_empty() {
        return Err(usage("--format csv: an explanation is no table; leave --measure out, or write text or json"));
    }
    if Path::new(&args.whose).extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
        return of_file(args, config);
    }
    let (params, set) = (&args.parameters.params, &args.parameters.set);
    if args.pipeline.pipeline.is_some() || args.as_of.is_some() || params.is_some() || !set.is_empty() {
        return Err(usage("--pipeline, --as-of, --params and --set are for a FILE.toml; a real enterprise is judged as its run did"));
    }
    if args.change.is_empty() {
        return Err(usage("say with --change what would be different (as it is: huiqi explain)"));
    }
    of_code(args, config)
}

fn usage(e: impl ToString) -> Failure {
    Failure::new(ExitStatus::Usage, e)
}

/// The columns of a described enterprise's answer.
const JUDGED: [Column<'static>; 7] =
    [code("措施编号"), text("措施名称"), text("类型"), code("来源单据"), text("结论"), text("说明"), number("金额")];

/// The columns of two answers beside each other.
const BESIDE: [Column<'static>; 10] = [
    code("措施编号"),
    text("措施名称"),
    text("类型"),
    code("来源单据"),
    text("原结论"),
    text("现结论"),
    text("原说明"),
    text("现说明"),
    number("原金额"),
    number("现金额"),
];

/// An enterprise that a file describes.
fn of_file(args: HypotheticalArgs, config: &Config) -> Outcome {
    if !args.change.is_empty() || args.run.is_some() {
        return Err(usage("--change and --run are for the code of a real enterprise; change the file"));
    }
    let text =
        std::fs::read_to_string(&args.whose).map_err(|e| Failure::new(ExitStatus::Io, format!("cannot read {}: {e}", args.whose)))?;
    let params = args.parameters.params.or_else(|| config.params.clone());
    let set: Vec<String> = config.set.iter().cloned().chain(args.parameters.set).collect();
    let pipeline = stages::pipeline(&config.pipeline(args.pipeline.pipeline), &stages::overlay(params.as_deref(), &set)?)?;
    let wanted = recorded::measures(&pipeline, &args.measure)?;
    let described = describe(&pipeline, &args.whose, text)?;
    let as_of = match args.as_of {
        Some(day) => config.as_of(Some(day)).map_err(usage)?,
        None => described.as_of,
    };
    let world = World::new(&pipeline, &described.tables, as_of).for_few();
    let question = Question { code: described.code.clone(), measures: wanted.clone(), document: None, rows: usize::MAX };
    let failed = |(measure, e): explain::Failed| stages::evaluation(&world, measure.map(|m| &pipeline.measures[m]), e);
    let nobody = || Failure::new(ExitStatus::Failed, format!("{}: nobody is described here", args.whose));
    let answer = explain::answer(&world, &question).map_err(failed)?.ok_or_else(nobody)?;
    if !wanted.is_empty() {
        return explaining::print(&answer, form(args.format));
    }
    let row = |(named, said): explain::Short| {
        let said = said.into_iter().next().unwrap_or_default();
        named.into_iter().chain(said).map(Cell::Text).collect()
    };
    let rows = explain::verdicts(&answer).into_iter().map(row).collect();
    simulate::print(&Table { head: head(&answer), columns: JUDGED.to_vec(), rows, sections: false }, args.format)
}

fn describe(pipeline: &Pipeline, shown: &str, text: String) -> Result<Described, Failure> {
    let example = enterprise(shown, text).map_err(|broken| match broken {
        Broken::Io(path, e) => Failure::new(ExitStatus::Io, format!("cannot read {}: {e}", path.display())),
        Broken::Invalid(findings, files) => usage(diagnostic::render(&findings, &files, std::io::stderr().is_terminal())),
    })?;
    cases::described(pipeline, &example).map_err(|troubles| usage(format!("{shown}: {}", troubles.join("\n"))))
}

/// A real enterprise, some of whose cells say something else.
fn of_code(args: HypotheticalArgs, config: &Config) -> Outcome {
    let recorded = Recorded::of(args.run, config.out(args.out))?;
    let pipeline = &recorded.pipeline;
    let edits: Result<Vec<Edit>, EditError> = args.change.iter().map(|text| Edit::parse(text, pipeline)).collect();
    let edits = edits.map_err(|e| usage(format!("--change: {e}")))?;
    let mut question = recorded.question(&args.whose, &args.measure)?;
    question.rows = usize::MAX;
    if question.measures.is_empty() {
        question.measures = reading(pipeline, &recorded.selection()?.measures, &edits);
    }
    let mut wanted = recorded.sources_of(&question.measures);
    edits.iter().for_each(|edit| wanted[edit.source] = true);
    let data = recorded.read(&wanted)?;
    let world = World::new(pipeline, &data, recorded.as_of).for_few();
    let (changes, says) = found(&world, &edits, &question.code)?;
    let changed = sources::change(&pipeline.sources, &data, &changes).map_err(|e| refused(e, &args.change))?;
    let before = explaining::answer(&world, &question, &args.whose, &recorded)?;
    let world = World::new(pipeline, &changed, recorded.as_of).for_few();
    let mut now = explaining::answer(&world, &question, &args.whose, &recorded)?;
    let mut head = head(&before);
    head.push(("假设", says.join("；")));
    now.notices = recorded.changes(&data, &wanted);
    if !now.notices.is_empty() {
        head.push(("注意", now.notices.join("；")));
    }
    let rows: Vec<Vec<Cell>> = explain::beside(&before, &now).into_iter().map(beside).collect();
    if rows.is_empty() {
        head.push(("结果", "各项措施的结论和金额都不变".to_string()));
    }
    let table = Table { head, columns: BESIDE.to_vec(), rows, sections: false };
    if args.measure.is_empty() {
        return simulate::print(&table, args.format);
    }
    now.notices.extend(says.into_iter().map(|says| format!("假设 {says}")));
    match args.format {
        TableForm::Json => {
            let page = serde_json::json!({ "比较": table.json(), "解释": &now });
            let page = serde_json::to_string_pretty(&page).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
            super::print(&(page + "\n"))
        }
        _ => super::print(&format!("{}\n{}", table.text(), explain::page(&now, explain::Form::Text))),
    }
}

/// The measures of the run that read a source of which something is changed.
fn reading(pipeline: &Pipeline, computed: &[MeasureId], edits: &[Edit]) -> Vec<MeasureId> {
    let changed: BTreeSet<SourceId> = edits.iter().map(|edit| edit.source).collect();
    computed.iter().copied().filter(|&m| !reach::reach(pipeline, &[m], &[]).sources.is_disjoint(&changed)).collect()
}

fn found(world: &World<'_>, edits: &[Edit], code: &str) -> Result<(Vec<Change>, Vec<String>), Failure> {
    let one = |edit: &Edit| {
        edit.find(world, code).map_err(|e| match e {
            EditError::Evaluation(e) => stages::evaluation(world, None, e),
            other => usage(format!("--change: {other}")),
        })
    };
    let both: Result<Vec<(Change, String)>, Failure> = edits.iter().map(one).collect();
    Ok(both?.into_iter().unzip())
}

fn refused(e: ChangeError, typed: &[String]) -> Failure {
    match e {
        ChangeError::Refused(reason) => usage(format!("--change: {}: {reason}", typed.join(", "))),
        ChangeError::Read(e) => Failure::new(ExitStatus::Failed, e),
    }
}

/// 原 and 现 of each column beside each other.
fn beside((named, said): explain::Short) -> Vec<Cell> {
    let [before, now] = [0, 1].map(|at| said.get(at).cloned().unwrap_or_default());
    let pairs = before.into_iter().zip(now).flat_map(|(before, now)| [before, now]);
    named.into_iter().chain(pairs).map(Cell::Text).collect()
}

fn head(answer: &Answer) -> Vec<(&'static str, String)> {
    let who = [answer.name.as_str(), &answer.code, &answer.county];
    let who: Vec<&str> = who.into_iter().filter(|text| !text.is_empty()).collect();
    let mut head = vec![("主体", who.join(" ")), ("政策", answer.document.clone()), ("截止日", answer.as_of.clone())];
    if !answer.run.is_empty() {
        head.push(("运行", answer.run.clone()));
    }
    head
}

fn form(form: TableForm) -> ExplainForm {
    match form {
        TableForm::Json => ExplainForm::Json,
        TableForm::Text | TableForm::Csv => ExplainForm::Text,
    }
}
