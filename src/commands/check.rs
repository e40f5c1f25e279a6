//! `huiqi check`: every pipeline file compiled, its worked cases run, each measure evaluated on the days on which something
//! changes for it, every article accounted for; all findings on one page.

use super::{ExitStatus, Outcome, stages};
use crate::cli::{Config, PipelineArgs};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::policy::Overlay;
use crate::sql::ir::MeasureId;
use crate::{cases, catalogue, explain};
use std::io::IsTerminal;

pub fn check(args: PipelineArgs, config: &Config, quiet: bool) -> Outcome {
    let dir = config.pipeline(args.pipeline);
    let pipeline = stages::pipeline(&dir, &Overlay::default())?;
    let all: Vec<MeasureId> = pipeline.measures.keys().collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let worked = cases::run(&pipeline, &all, threads);
    let mut findings = pipeline.warnings.clone();
    findings.extend(worked.findings);
    let together = cases::of_settlement(&pipeline, threads);
    findings.extend(together.findings);
    let days = cases::on_boundary_days(&pipeline, &all, threads);
    findings.extend(days.findings);
    findings.extend(catalogue::uncovered(&pipeline));
    findings.extend(catalogue::lint(&pipeline));
    findings.extend(explain::bands(&pipeline));
    let errors = findings.iter().filter(|d| d.severity == Severity::Error).count();
    let shown: Vec<Diagnostic> = findings.into_iter().filter(|d| !quiet || d.severity == Severity::Error).collect();
    if !shown.is_empty() {
        eprint!("{}", diagnostic::render(&shown, &pipeline.files, std::io::stderr().is_terminal()));
    }
    if errors > 0 {
        let warnings = shown.len() - errors.min(shown.len());
        eprintln!("errors: {errors}, warnings: {warnings}, in {}", dir.display());
        return Ok(ExitStatus::InvalidPipeline);
    }
    let articles = catalogue::coverage(&pipeline).len();
    println!(
        "{}: {} sources, {} facts, {} parameters, {} measures, {} indicators, {} cases, {} evaluations on boundary days, {articles}/{articles} articles: ok",
        dir.display(),
        pipeline.sources.len(),
        pipeline.facts.len(),
        pipeline.parameters.len(),
        pipeline.measures.len(),
        pipeline.indicators.len(),
        worked.cases + together.cases,
        days.cases
    );
    Ok(ExitStatus::Ok)
}
