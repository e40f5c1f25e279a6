//! The worked cases of the shipped pipeline: all of them hold.

use huiqi::diagnostic::render;
use huiqi::policy::{Broken, load};
use std::path::Path;

#[test]
fn every_worked_case_holds() {
    let pipeline =
        match load(Path::new(&std::env::var("PL").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/xinzhou-2022").to_string()))) {
            Ok(pipeline) => pipeline,
            Err(Broken::Io(path, e)) => panic!("{}: {e}", path.display()),
            Err(Broken::Invalid(findings, files)) => panic!("\n{}", render(&findings, &files, false)),
        };
    let only = std::env::var("ONLY").unwrap_or_default();
    let all: Vec<usize> = (0..pipeline.measures.len()).filter(|&m| pipeline.measures[m].id.starts_with(&only)).collect();
    let start = std::time::Instant::now();
    let report = huiqi::cases::run(&pipeline, &all, 2);
    eprintln!("{} cases in {:?}", report.cases, start.elapsed());
    assert!(report.findings.is_empty(), "\n{}{} findings", render(&report.findings, &pipeline.files, false), report.findings.len());
}
