//! `huiqi check`: every pipeline file compiled, all findings on one page.

use super::{ExitStatus, Outcome, stages};
use crate::cli::{Config, PipelineArgs};
use crate::diagnostic;
use crate::policy::Overlay;
use std::io::IsTerminal;

pub fn check(args: PipelineArgs, config: &Config, quiet: bool) -> Outcome {
    let dir = config.pipeline(args.pipeline);
    let pipeline = stages::pipeline(&dir, &Overlay::default())?;
    if !pipeline.warnings.is_empty() && !quiet {
        eprint!("{}", diagnostic::render(&pipeline.warnings, &pipeline.files, std::io::stderr().is_terminal()));
    }
    println!(
        "{}: {} sources, {} facts, {} parameters, {} measures: ok",
        dir.display(),
        pipeline.sources.len(),
        pipeline.facts.len(),
        pipeline.parameters.len(),
        pipeline.measures.len()
    );
    Ok(ExitStatus::Ok)
}
