//! Turns the tables of a run into one published folder, whole or not there at all.
//!
//! `Lock::take` → `Staging::begin` → `Staging::write` per file → `Staging::publish`; later `resolve` and `verify`.
//! Guarantees: whatever stops a run and whenever, `out/current` names the old run or the new one, each whole; a run never
//! changes after publication; the same identity ([`run_id::Identity`]) gives the same folder name and the same bytes, but
//! for what [`manifest`] says. Never does: read the clock or the environment, decide what stands in a table.

mod back;
mod before;
pub mod cache;
pub mod csv;
pub mod lock;
pub mod manifest;
mod resolve;
pub mod run_id;
pub mod signals;
mod staging;
pub mod tables;
pub mod verify;
mod workbook;

pub use back::{BackError, Ledger, accounts, basis, causes, gone, has_accounts, line, whole_lines};
pub use before::{BeforeError, before};
pub use lock::{Holder, Lock};
pub use manifest::Manifest;
pub use resolve::{ResolveError, current, resolve};
pub use staging::{Body, Published, Staging, Watch};
pub use verify::{Check, Finding, Verified, verify};
pub use workbook::{SHEET_ROWS, Sheet, WORKBOOK_FILE, workbook};

use crate::texts::hex;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The folder under the output folder that holds the runs.
pub const RUNS: &str = "runs";
/// The folder under the output folder that says why the last run was refused.
pub const REFUSED: &str = "refused";
/// The link under the output folder that names the newest run.
pub const CURRENT: &str = "current";

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The command exits with 5.
    #[error("another run holds {}: {}", out.display(), if holder.is_empty() { "its name cannot be read" } else { holder })]
    Held { out: PathBuf, holder: String },
    /// The command exits with 7.
    #[error("cannot {doing} {}: {error}", path.display())]
    Io { doing: &'static str, path: PathBuf, error: io::Error },
    /// A file on the disk has another size than was written.
    #[error("{} has {found} bytes on the disk, {written} were written", path.display())]
    Size { path: PathBuf, written: u64, found: u64 },
    /// The same identity was published before with other bytes, or the published files have changed since.
    #[error("run {run} is published already and differs from this one in {}; move {} away to publish it anew", files.join(", "), folder.display())]
    Differs { run: String, folder: PathBuf, files: Vec<String> },
    /// A bug: two files of one name, or a name that leaves the run's folder.
    #[error("{path:?} cannot be the name of a published file, or is taken")]
    Name { path: String },
}

/// What kind of trouble an I/O error is, for the message and the scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoFault {
    DiskFull,
    Permission,
    Other,
}

impl PublishError {
    /// The kind of I/O error, if it is one.
    pub fn io_fault(&self) -> Option<IoFault> {
        match self {
            PublishError::Io { error, .. } => Some(match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => IoFault::DiskFull,
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => IoFault::Permission,
                _ => IoFault::Other,
            }),
            PublishError::Size { .. } => Some(IoFault::Other),
            _ => None,
        }
    }
}

/// Says what was being done to what when an I/O error came.
trait Failed<T> {
    fn failed(self, doing: &'static str, path: &Path) -> Result<T, PublishError>;
}

impl<T> Failed<T> for io::Result<T> {
    fn failed(self, doing: &'static str, path: &Path) -> Result<T, PublishError> {
        self.map_err(|error| PublishError::Io { doing, path: path.to_owned(), error })
    }
}

/// Makes a folder and what leads to it, and makes sure that a new one is found again after a power cut.
fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}

/// Brings the names in a folder to the disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some network file systems cannot; they have no stronger promise to give.
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::InvalidInput) => Ok(()),
        other => other,
    }
}

/// SHA-256 of bytes in pieces, in hexadecimal digits.
fn sha256<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    pieces.into_iter().for_each(|piece| hasher.update(piece));
    hex(&hasher.finalize())
}
