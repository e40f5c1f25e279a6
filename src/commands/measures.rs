//! `huiqi measures`: the catalogue, one measure as its article reads, or where each figure went.

use super::{ExitStatus, Failure, Outcome, stages};
use crate::catalogue;
use crate::cli::{Config, MeasuresArgs};
use crate::diagnostic::similar;
use crate::policy::Overlay;
use std::io::{ErrorKind, Write};

pub fn measures(args: MeasuresArgs, config: &Config) -> Outcome {
    let pipeline = stages::pipeline(&config.pipeline(args.pipeline.pipeline), &Overlay::default())?;
    let page = match (&args.id, args.figures) {
        (_, true) => catalogue::figures_page(&pipeline),
        (None, false) => catalogue::catalogue(&pipeline),
        (Some(id), false) => {
            let known = || pipeline.measures.iter().map(|m| m.id.as_str());
            let found = pipeline.measure(id).ok_or_else(|| {
                let near = similar(id, known()).join(", ");
                let hint = if near.is_empty() { String::new() } else { format!("; similar: {near}") };
                Failure::new(ExitStatus::Usage, format!("there is no measure `{id}`{hint}"))
            })?;
            catalogue::page(&pipeline, &pipeline.measures[found])
        }
    };
    match std::io::stdout().write_all(page.as_bytes()) {
        // Whoever reads no further has seen enough.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::new(ExitStatus::Io, format!("cannot write: {e}"))),
        _ => Ok(ExitStatus::Ok),
    }
}
