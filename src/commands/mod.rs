//! One file per verb: the only place that wires stages, reads the clock and the environment, and turns errors into exit codes.

mod check;
mod diff;
mod explain;
mod files;
mod generate;
mod help;
mod hypothetical;
mod looking_back;
mod measures;
mod profile;
mod recorded;
mod run;
mod selection;
mod simulate;
mod stages;
mod threads;
mod verify;

use crate::cli::{Cli, Command, Config};
use crate::publish::PublishError;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// How a command ended; the numbers are the contract with the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    /// Published, with rejected rows or 警告.
    Attention = 3,
    /// A delivery with a finding of 拦截: nothing published.
    Refused = 4,
    /// Another run holds the lock.
    Locked = 5,
    InvalidPipeline = 6,
    Io = 7,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> ExitCode {
        ExitCode::from(status as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    pub status: ExitStatus,
    /// Whole sentences, as they go to stderr.
    pub message: String,
}

impl Failure {
    pub fn new(status: ExitStatus, message: impl ToString) -> Failure {
        Failure { status, message: message.to_string() }
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Failure {
        let status = match &error {
            PublishError::Held { .. } => ExitStatus::Locked,
            error if error.io_fault().is_some() => ExitStatus::Io,
            _ => ExitStatus::Failed,
        };
        Failure::new(status, error)
    }
}

pub type Outcome = Result<ExitStatus, Failure>;

/// Runs what the user asked for.
pub fn execute(cli: Cli) -> ExitStatus {
    // Whoever closes the pipe of a verb that only tells something has read enough; a run must not end for a closed log.
    if !matches!(cli.command, Command::Run(_)) {
        let _ = signal_hook::flag::register_conditional_shutdown(signal_hook::consts::SIGPIPE, 0, Arc::new(AtomicBool::new(true)));
    }
    let config = Config::read(Path::new(".")).map_err(|e| Failure::new(ExitStatus::Usage, e));
    let config = config.and_then(|config| threads::size_pools(&cli.command, &config).map(|()| config));
    let outcome = config.and_then(|config| match cli.command {
        Command::Run(args) => run::run(args, config, cli.quiet),
        Command::Check(args) => check::check(args, &config, cli.quiet),
        Command::Explain(args) => explain::explain(args, &config),
        Command::Hypothetical(args) => hypothetical::hypothetical(args, &config),
        Command::Help(args) => help::help(args),
        Command::Generate(args) => generate::generate(args, &config),
        Command::Profile(args) => profile::profile(args, &config),
        Command::Measures(args) => measures::measures(args, &config),
        Command::Diff(args) => diff::diff(args, &config),
        Command::Simulate(args) => simulate::simulate(args, config, cli.quiet),
        Command::Verify(args) => verify::verify(args, config, cli.quiet),
    });
    match outcome {
        Ok(status) => status,
        Err(failure) => {
            eprintln!("{}", failure.message.trim_end());
            failure.status
        }
    }
}

/// Brings a page to stdout.
fn print(text: &str) -> Outcome {
    match std::io::stdout().write_all(text.as_bytes()) {
        // Whoever reads no further has seen enough.
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::new(ExitStatus::Io, format!("cannot write: {e}"))),
        _ => Ok(ExitStatus::Ok),
    }
}
