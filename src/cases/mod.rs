//! Runs the worked cases of measure files: each becomes a tiny delivery that is read, judged, settled and booked as a run
//! would do it, and what comes out is compared with what the case expects. One finding per difference, at the case.
//!
//! Guarantees: a case sees the rows that it names and nothing else; the result does not depend on thread count.
//! Never does: change a pipeline, or read a file.

mod boundaries;
mod compare;
mod delivery;
mod described;
mod outcome;
mod placeholders;
mod together;

pub use boundaries::on_boundary_days;
pub use together::of_settlement;

pub use described::{Described, described};

use crate::diagnostic::{Diagnostic, Mistake};
use crate::parallel;
use crate::policy::model::{Case, Pipeline};
use crate::sql::ir::MeasureId;

/// How many cases (or days) were run, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Report {
    pub cases: usize,
    pub findings: Vec<Diagnostic>,
}

/// Runs every case of these measures, with `threads` at work.
pub fn run(pipeline: &Pipeline, measures: &[MeasureId], threads: usize) -> Report {
    let cases: Vec<(MeasureId, &Case)> = measures.iter().flat_map(|&m| pipeline.measures[m].cases.iter().map(move |c| (m, c))).collect();
    let findings = parallel::each(&cases, threads, |(measure, case)| check(pipeline, *measure, case)).concat();
    Report { cases: cases.len(), findings }
}

/// What is wrong with one case.
fn check(pipeline: &Pipeline, measure: MeasureId, case: &Case) -> Vec<Diagnostic> {
    let finding = |code, place, text| Diagnostic::error(code, place, format!("{}: {text}", case.says));
    match outcome::of(pipeline, measure, case) {
        Ok(outcomes) => {
            let differences = compare::differences(case, &outcomes).into_iter();
            differences.map(|(place, text)| finding(Mistake::CaseFailed, place, text)).collect()
        }
        Err(troubles) => troubles.into_iter().map(|text| finding(Mistake::CaseCells, case.place.clone(), text)).collect(),
    }
}
