//! `huiqi profile`: what lies in a data folder, against a pipeline's sources, and what a run would find in it.

use super::run::today;
use super::selection::Selection;
use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, ProfileArgs};
use crate::delivery::{self, Wanted};
use crate::policy::Overlay;
use crate::profile;
use crate::sources::ReadError;
use std::time::SystemTime;

pub fn profile(args: ProfileArgs, config: &Config) -> Outcome {
    let usage = |e| Failure::new(ExitStatus::Usage, e);
    let (as_of, (limits, accepts)) = (config.as_of(args.as_of).map_err(usage)?, config.limits(args.limits).map_err(usage)?);
    let folder = config.pipeline(args.pipeline.pipeline);
    let pipeline = stages::pipeline(&folder, &Overlay::default())?;
    let data = config.data(args.data);
    let found = profile::profile(&data, &pipeline.sources).map_err(|error| {
        let status = if matches!(error, ReadError::Io { .. }) { ExitStatus::Io } else { ExitStatus::Failed };
        Failure::new(status, error)
    })?;
    let Selection { measures, indicators, sources } = &Selection::of(&pipeline, &[])?;
    let wanted =
        Wanted { pipeline: &pipeline, measures, indicators, sources, as_of, today: today(SystemTime::now()), limits, accepts: &accepts };
    let looked = delivery::look(&wanted, &stages::read(&pipeline, &folder, &data, sources)?, None);
    let findings: Vec<String> = looked.findings.iter().map(|finding| finding.line() + "\n").collect();
    super::print(&format!("{}\n{}", profile::write(&found, &pipeline.sources), findings.concat()))
}
