//! Finds the run before: the one that a run's delta, payments and findings look back to.

use super::RUNS;
use super::manifest::{Manifest, ManifestError};
use std::cmp::Reverse;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why nobody can say which run was before.
#[derive(Debug, thiserror::Error)]
pub enum BeforeError {
    #[error("cannot list {}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Of the whole runs under `out` up to this one's 截止日, and not made from the same as it: those of the greatest 截止日, and of these
/// the one that was published last.
pub fn before(out: &Path, now: &Manifest) -> Result<Option<Manifest>, BeforeError> {
    let mut days = days(&out.join(RUNS))?;
    days.retain(|(day, _)| *day <= now.as_of);
    days.sort_by_key(|(day, _)| Reverse(day.clone()));
    for of_day in days.chunk_by(|(one, _), (other, _)| one == other) {
        let mut found = Vec::new();
        for (_, folder) in of_day {
            let manifest = Manifest::read(folder)?;
            if !manifest.partial && !manifest.is_made_like(now) {
                found.push(manifest);
            }
        }
        let last = found.into_iter().max_by(|one, other| (&one.clock.finished, &one.run).cmp(&(&other.clock.finished, &other.run)));
        if last.is_some() {
            return Ok(last);
        }
    }
    Ok(None)
}

/// The runs of a folder with the day that each one's name begins with.
fn days(runs: &Path) -> Result<Vec<(String, PathBuf)>, BeforeError> {
    let failed = |error| BeforeError::Io { path: runs.to_owned(), error };
    let entries = match fs::read_dir(runs) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let day = name.get(..10).filter(|day| crate::period::parse_iso_date(day.as_bytes()).is_some());
        found.extend(day.map(|day| (day.to_owned(), path)));
    }
    Ok(found)
}
