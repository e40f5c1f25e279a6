//! `huiqi generate`: synthetic, consistent, deterministic data of every source.

use super::{ExitStatus, Failure, Outcome, stages};
use crate::cli::{Config, GenerateArgs};
use crate::delivery::Ratio;
use crate::diagnostic;
use crate::generate::{self, Report};
use crate::policy::{Broken, Overlay};
use std::io::IsTerminal;

pub fn generate(args: GenerateArgs, config: &Config) -> Outcome {
    let dir = config.pipeline(args.pipeline.pipeline);
    let pipeline = stages::pipeline(&dir, &Overlay::default())?;
    let plan = generate::load(&dir, &pipeline).map_err(|broken| match broken {
        Broken::Io(path, e) => Failure::new(ExitStatus::Io, format!("cannot read {}: {e}", path.display())),
        Broken::Invalid(findings, files) => {
            Failure::new(ExitStatus::InvalidPipeline, diagnostic::render(&findings, &files, std::io::stderr().is_terminal()))
        }
    })?;
    eprint!("{}", diagnostic::render(&plan.warnings, &plan.files, std::io::stderr().is_terminal()));
    let dirty = args.dirty.as_deref().map(share).transpose()?;
    let report =
        generate::generate(&pipeline, &plan, args.enterprises, args.seed, &args.out, dirty).map_err(|e| Failure::new(ExitStatus::Io, e))?;
    print(&report);
    Ok(ExitStatus::Ok)
}

/// A share in units of 1e-8, as the generator takes it.
fn share(text: &str) -> Result<u64, Failure> {
    let usage = || Failure::new(ExitStatus::Usage, format!("--dirty: `{text}` is not a fraction such as 0.05"));
    let ratio = Ratio::parse(text).ok_or_else(usage)?;
    let units = u128::from(ratio.numerator) * 100_000_000 / u128::from(ratio.denominator);
    u64::try_from(units).map_err(|_| usage())
}

fn print(report: &Report) {
    for file in &report.files {
        println!("{}\t{} rows\t{} bytes", file.path.display(), file.rows, file.bytes);
    }
    if let Some(list) = &report.dirty {
        println!("{}\tthe damaged lines", list.display());
    }
}
