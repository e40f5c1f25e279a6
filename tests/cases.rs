//! The worked cases of the shipped pipeline: all of them hold.

use huiqi::cases;
use huiqi::diagnostic::render;
use huiqi::policy::{Broken, load};
use std::path::Path;

#[test]
fn every_worked_case_holds() {
    let pipeline = match load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/xinzhou-2022"))) {
        Ok(pipeline) => pipeline,
        Err(Broken::Io(path, e)) => panic!("{}: {e}", path.display()),
        Err(Broken::Invalid(findings, files)) => panic!("\n{}", render(&findings, &files, false)),
    };
    let all: Vec<usize> = (0..pipeline.measures.len()).collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let report = cases::run(&pipeline, &all, threads);
    assert!(report.findings.is_empty(), "\n{}", render(&report.findings, &pipeline.files, false));
    let without: Vec<&str> = pipeline.measures.iter().filter(|m| m.cases.is_empty()).map(|m| m.id.as_str()).collect();
    assert!(without.is_empty(), "measures without a case: {without:?}");
    assert!(report.cases >= pipeline.measures.len());
}
