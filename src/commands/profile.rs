//! `huiqi profile`: what lies in a data folder, against a pipeline's sources.

use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, ProfileArgs};
use crate::policy::Overlay;
use crate::profile;
use crate::sources::ReadError;

pub fn profile(args: ProfileArgs, config: &Config) -> Outcome {
    let pipeline = stages::pipeline(&config.pipeline(args.pipeline.pipeline), &Overlay::default())?;
    let data = config.data(args.data);
    let found = profile::profile(&data, &pipeline.sources).map_err(|error| {
        let status = if matches!(error, ReadError::Io { .. }) { ExitStatus::Io } else { ExitStatus::Failed };
        Failure::new(status, error)
    })?;
    print!("{}", profile::write(&found, &pipeline.sources));
    Ok(ExitStatus::Ok)
}
