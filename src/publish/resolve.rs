//! Finds the run that somebody names.

use super::manifest::MANIFEST_FILE;
use super::{CURRENT, RUNS};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why there is no run of a name.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    #[error("there is no run {run}: neither a folder that holds one nor a run id under {}", out.display())]
    NotThere { run: String, out: PathBuf },
    #[error("{} holds no run: it has no {MANIFEST_FILE}", folder.display())]
    NoRun { folder: PathBuf },
    #[error("cannot read {}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

/// The folder of a run, links followed, so that it stays the same run whatever `current` names later. `run` is a folder that holds a run
/// (`out/current`, `out/runs/<id>`, a copy elsewhere) or the id of a run under `out`.
pub fn resolve(run: &str, out: &Path) -> Result<PathBuf, ResolveError> {
    let as_folder = Path::new(run);
    let as_id = out.join(RUNS).join(run);
    let is_id = as_folder.file_name() == Some(OsStr::new(run));
    let folder = if as_folder.join(MANIFEST_FILE).is_file() {
        as_folder
    } else if is_id && as_id.is_dir() {
        &as_id
    } else if as_folder.is_dir() {
        as_folder
    } else {
        return Err(ResolveError::NotThere { run: run.to_owned(), out: out.to_owned() });
    };
    let folder = fs::canonicalize(folder).map_err(|error| ResolveError::Io { path: folder.to_owned(), error })?;
    if folder.join(MANIFEST_FILE).is_file() { Ok(folder) } else { Err(ResolveError::NoRun { folder }) }
}

/// The id of the run that `current` names; none where there is no link, or one that leads nowhere.
pub fn current(out: &Path) -> io::Result<Option<String>> {
    let link = out.join(CURRENT);
    let target = match fs::read_link(&link) {
        Ok(target) => target,
        // Not there, or no link.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_whole = fs::exists(link.join(MANIFEST_FILE))?;
    Ok(target.file_name().filter(|_| is_whole).map(|name| name.to_string_lossy().into_owned()))
}
