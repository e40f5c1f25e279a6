//! `huiqi verify`: a published run read back and proven by another path than the one that wrote it; with `--replay` computed again.

use super::{ExitStatus, Failure, Outcome, run};
use crate::cli::{Config, RunOptions, VerifyArgs};
use crate::delivery::{Accept, Limits, Ratio};
use crate::publish::signals::Scratch;
use crate::publish::{self, Manifest};
use std::path::{Path, PathBuf};

pub fn verify(args: VerifyArgs, config: Config, quiet: bool) -> Outcome {
    let out = config.out(args.out);
    let run = publish::resolve(&args.run, &out).map_err(|e| Failure::new(ExitStatus::Io, e))?;
    match publish::verify(&run) {
        Ok(verified) => println!("{}: {verified}", run.display()),
        Err(findings) => {
            let lines: Vec<String> = findings.iter().map(|f| f.to_string()).collect();
            return Err(Failure::new(
                ExitStatus::Failed,
                format!("{}\n{} findings in {}", lines.join("\n"), findings.len(), run.display()),
            ));
        }
    }
    if args.replay { replay(&run, quiet) } else { Ok(ExitStatus::Ok) }
}

/// Computes the run again from its recorded inputs, beside the published ones, and compares every file.
fn replay(run: &Path, quiet: bool) -> Outcome {
    let recorded = Manifest::read(run).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    publish::signals::install().map_err(|e| Failure::new(ExitStatus::Io, e))?;
    let scratch = Scratch::new().map_err(|e| Failure::new(ExitStatus::Io, format!("cannot make a temporary folder: {e}")))?;
    let (published, _) = run::execute(&options(&recorded, scratch.path())?, quiet)?;
    let again = Manifest::read(&published.folder).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    drop(scratch);
    let mut differing = recorded.differences(&again);
    if recorded.run != again.run {
        differing.push(format!("the inputs (now run {})", again.run));
    }
    if !differing.is_empty() {
        return Err(Failure::new(ExitStatus::Failed, format!("replay of {} differs in {}", recorded.run, differing.join(", "))));
    }
    println!("replay: {} files, every byte the same", recorded.files.len());
    Ok(ExitStatus::Ok)
}

/// The options that a manifest records; rejects were accepted then, so they are now.
fn options(recorded: &Manifest, out: &Path) -> Result<RunOptions, Failure> {
    let as_of = crate::period::parse_iso_date(recorded.as_of.as_bytes());
    Ok(RunOptions {
        pipeline: PathBuf::from(&recorded.place.pipeline),
        data: PathBuf::from(&recorded.place.data),
        as_of: as_of.ok_or_else(|| Failure::new(ExitStatus::Failed, format!("{} is not a day", recorded.as_of)))?,
        out: out.to_path_buf(),
        params: None,
        set: recorded.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        only: recorded.options.only.clone(),
        without: recorded.options.without.clone(),
        near_misses: recorded.options.near_misses,
        limits: Limits { max_rejects: Ratio::WHOLE, max_drop: Ratio::WHOLE },
        accepts: recorded.options.accept.iter().filter_map(|text| Accept::parse(text).ok()).collect(),
        taken: recorded.taken.clone(),
        threads: crate::cli::processors(),
    })
}
