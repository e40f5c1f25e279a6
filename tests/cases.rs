//! The worked cases of the shipped pipeline, its settlement's too: all of them hold, and every measure decides its boundary days.

use huiqi::cases::{self, Report};
use huiqi::diagnostic::render;
use huiqi::policy::model::Pipeline;
use huiqi::policy::{Broken, load};
use std::path::Path;

fn pipeline() -> Pipeline {
    match load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/xinzhou-2022"))) {
        Ok(pipeline) => pipeline,
        Err(Broken::Io(path, e)) => panic!("{}: {e}", path.display()),
        Err(Broken::Invalid(findings, files)) => panic!("\n{}", render(&findings, &files, false)),
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

fn hold(pipeline: &Pipeline, report: &Report) {
    assert!(report.findings.is_empty(), "\n{}", render(&report.findings, &pipeline.files, false));
}

#[test]
fn every_worked_case_holds() {
    let pipeline = pipeline();
    let all: Vec<_> = pipeline.measures.keys().collect();
    let report = cases::run(&pipeline, &all, threads());
    hold(&pipeline, &report);
    let without: Vec<&str> = pipeline.measures.iter().filter(|m| m.cases.is_empty()).map(|m| m.id.as_str()).collect();
    assert!(without.is_empty(), "measures without a case: {without:?}");
    assert!(report.cases >= pipeline.measures.len());
}

#[test]
fn every_measure_decides_the_days_on_which_something_changes() {
    let pipeline = pipeline();
    let all: Vec<_> = pipeline.measures.keys().collect();
    let report = cases::on_boundary_days(&pipeline, &all, threads());
    hold(&pipeline, &report);
    // The document's first day and its review date, each with the days beside it, of every measure.
    assert!(report.cases >= 6 * pipeline.measures.len(), "{} evaluations", report.cases);
}

#[test]
fn what_is_settled_together_is_off_and_its_cases_switch_it_on() {
    let pipeline = pipeline();
    let (groups, budgets) = (&pipeline.settlement.highest_of, &pipeline.settlement.budgets);
    assert!(groups.len() >= 2 && budgets.len() >= 2);
    assert!(groups.iter().all(|g| !g.enabled) && budgets.iter().all(|b| !b.enabled));
    hold(&pipeline, &cases::of_settlement(&pipeline, threads()));
    // The cases cut: what they expect does not come out of measures settled each by itself.
    let expected = |cut: &str| {
        let cases = groups.iter().flat_map(|g| &g.cases).chain(budgets.iter().flat_map(|b| &b.cases));
        cases.flat_map(|c| &c.awards).flat_map(|a| &a.case.expect).filter(|e| e.status.as_deref() == Some(cut)).count()
    };
    assert!(expected("已达上限") > 2 && expected("超预算") > 2);
}
