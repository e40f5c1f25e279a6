//! `--threads`: one size for every pool that works for a run.
//!
//! The pools of rayon and of Polars take their size from the environment that the process starts in; nothing can size Polars'
//! later. So a process that is asked for another size begins anew in an environment that says it.

use super::{ExitStatus, Failure};
use crate::cli::{Command, Config};
use std::os::unix::process::CommandExt;

const POOLS: [&str; 2] = ["RAYON_NUM_THREADS", "POLARS_MAX_THREADS"];

/// Returns where the pools have the size that was asked for, or none was.
pub fn size_pools(command: &Command, config: &Config) -> Result<(), Failure> {
    let asked = match command {
        Command::Run(args) => args.threads,
        Command::Simulate(args) => args.threads,
        _ => return Ok(()),
    };
    let Some(threads) = asked.or(config.threads).map(|threads| threads.to_string()) else { return Ok(()) };
    if POOLS.iter().all(|pool| std::env::var(pool).is_ok_and(|size| size == threads)) {
        return Ok(());
    }
    let failed = |e: std::io::Error| Failure::new(ExitStatus::Failed, format!("cannot start again with {threads} threads: {e}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut again = std::process::Command::new(program);
    again.args(std::env::args_os().skip(1)).envs(POOLS.map(|pool| (pool, &threads)));
    // Returns only where it could not.
    Err(failed(again.exec()))
}
