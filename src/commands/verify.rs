//! `huiqi verify`: a published run read back and proven by another path than the one that wrote it.

use super::{ExitStatus, Failure, Outcome};
use crate::cli::{Config, VerifyArgs};
use crate::publish;

pub fn verify(args: VerifyArgs, config: Config, _quiet: bool) -> Outcome {
    let out = config.out(args.out);
    let run = publish::resolve(&args.run, &out).map_err(|e| Failure::new(ExitStatus::Io, e))?;
    match publish::verify(&run) {
        Ok(verified) => {
            println!("{}: {verified}", run.display());
            Ok(ExitStatus::Ok)
        }
        Err(findings) => {
            let lines: Vec<String> = findings.iter().map(|f| f.to_string()).collect();
            Err(Failure::new(ExitStatus::Failed, format!("{}\n{} findings in {}", lines.join("\n"), findings.len(), run.display())))
        }
    }
}
