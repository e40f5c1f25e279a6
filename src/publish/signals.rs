//! Ends the process on SIGINT and SIGTERM with 130 and 143, leaving no half run.
//!
//! A staging or scratch folder that is being filled is removed; a run that is just being put in its place gets there first. A second
//! signal ends the process at once: what it leaves is cleaned up by the next run, as after a crash.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, process, thread};

/// Staging and scratch folders of this process: what is not published. Held while one is being put in its place.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Removing a folder that other threads still write to may need more than one try.
const TRIES: usize = 10;

/// Handles the signals from now on. To be called once, before anything is written.
pub fn install() -> io::Result<()> {
    let seen = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order the first signal finds the flag unset.
        flag::register_conditional_shutdown(signal, exit_code(signal), Arc::clone(&seen))?;
        flag::register(signal, Arc::clone(&seen))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let unfinished = unfinished();
            unfinished.iter().for_each(|folder| remove(folder));
            // Still held, so that nothing is put in its place any more.
            process::exit(exit_code(signal));
        }
    })?;
    Ok(())
}

/// What a shell says of a process that a signal ended.
pub fn exit_code(signal: i32) -> i32 {
    128 + signal
}

/// The unfinished folders, which no signal touches while the guard lives.
pub(super) fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that nobody else can guess or enter, among the system's temporary ones; gone when dropped, or when a signal ends the process.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> io::Result<Scratch> {
        // No signal may come between the making and the knowing.
        let mut unfinished = unfinished();
        let folder = tempfile::Builder::new().prefix("huiqi-").permissions(fs::Permissions::from_mode(0o700)).tempdir()?.keep();
        unfinished.insert(folder.clone());
        Ok(Scratch(folder))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.0);
        unfinished().remove(&self.0);
    }
}

fn remove(folder: &Path) {
    for _ in 0..TRIES {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
    }
}
