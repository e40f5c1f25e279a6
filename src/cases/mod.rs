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
use crate::policy::model::{Case, Pipeline};
use crate::sql::ir::MeasureId;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many cases (or days) were run, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Report {
    pub cases: usize,
    pub findings: Vec<Diagnostic>,
}

/// Runs every case of these measures, with `threads` at work.
pub fn run(pipeline: &Pipeline, measures: &[MeasureId], threads: usize) -> Report {
    let cases: Vec<(MeasureId, &Case)> = measures.iter().flat_map(|&m| pipeline.measures[m].cases.iter().map(move |c| (m, c))).collect();
    let findings = each(&cases, threads, |(measure, case)| check(pipeline, *measure, case));
    Report { cases: cases.len(), findings }
}

/// What `work` finds in each item, in the order of the items, whatever thread came first.
fn each<T: Sync>(items: &[T], threads: usize, work: impl Fn(&T) -> Vec<Diagnostic> + Sync) -> Vec<Diagnostic> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else {
                        break;
                    };
                    let findings = work(item);
                    if let (false, Ok(mut found)) = (findings.is_empty(), found.lock()) {
                        found.push((at, findings));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().flat_map(|(_, findings)| findings).collect()
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
