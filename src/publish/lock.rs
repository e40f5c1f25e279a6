//! One run at a time per output folder: an operating system's lock on `.lock`, with the holder's name in it.
//!
//! The lock ends with the process, however it ends, so nothing is ever stale; the text is for the message alone.
//! Never does: wait, or read the clock and the environment (the command hands the holder's name down).

use super::{Failed, PublishError};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The name of the lock's file under the output folder.
pub const LOCK_FILE: &str = ".lock";

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// When it was taken, as text.
    pub since: String,
    pub host: String,
    pub user: String,
    pub process: u32,
}

/// The output folder, held by this run alone until dropped.
#[derive(Debug)]
pub struct Lock {
    out: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the output folder, which is made where it is not there; at once or not at all.
    pub fn take(out: &Path, holder: &Holder) -> Result<Lock, PublishError> {
        super::make_folder(out).failed("make the folder", out)?;
        let path = out.join(LOCK_FILE);
        let mut options = File::options();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(&path).failed("open", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // A holder that cannot be read is a lock all the same.
                let _ = file.read_to_string(&mut holder);
                return Err(PublishError::Held { out: out.to_owned(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(error).failed("lock", &path),
        }
        let text = holder.to_string();
        file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).failed("write", &path)?;
        Ok(Lock { out: out.to_owned(), file })
    }

    /// The folder that is held.
    pub fn out(&self) -> &Path {
        &self.out
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The file stays: whoever waits on it would otherwise lock one that nobody can find.
        let _ = self.file.set_len(0).and_then(|()| self.file.rewind());
        let _ = self.file.unlock();
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "process {} of {} on {} since {}", self.process, self.user, self.host, self.since)
    }
}
