//! `huiqi diff`: what differs between the ledgers of two published runs, and why.

use super::{ExitStatus, Failure, Outcome, looking_back, stages};
use crate::cli::{Config, DiffArgs};
use crate::publish::{self, Manifest};
use crate::reports;

pub fn diff(args: DiffArgs, config: &Config) -> Outcome {
    let out = config.out(args.out);
    let failed = |e: &dyn std::fmt::Display| Failure::new(ExitStatus::Io, e);
    let before = publish::resolve(&args.before, &out).map_err(|e| failed(&e))?;
    let after = publish::resolve(&args.after, &out).map_err(|e| failed(&e))?;
    let read = |run: &std::path::Path| Manifest::read(run).map_err(|e| failed(&e));
    let (old, new) = (read(&before)?, read(&after)?);
    // Only the pipeline of that run says what its measures read; without it every difference counts for every measure.
    let pipeline = stages::pipeline_of(&new).ok().filter(|p| p.sha256 == new.pipeline.sha256);
    let basis = |run: &std::path::Path, manifest| publish::basis(run, manifest).map_err(|e| failed(&e));
    let (was, is) = (basis(&before, &old)?, basis(&after, &new)?);
    let lines = |book| publish::Ledger::of(&after, book);
    let mut changes = looking_back::compare((&before, &was), lines, &is, pipeline.as_ref()).map_err(|e| failed(&e))?;
    // What the later run said of this very change, it said with its data at hand.
    if new.previous.as_deref() == Some(old.run.as_str()) {
        let mut told = publish::causes(&after).map_err(|e| failed(&e))?;
        for change in &mut changes {
            let told = told.remove(&*change.line().number);
            if let Some(cause) = told {
                change.cause = cause;
            }
        }
    }
    super::print(&reports::diff_page(&changes, &was, &is, args.movers))
}
