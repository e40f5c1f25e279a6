//! Bytes kept under the output folder for later runs: a run is the same without them, only what it says of the run before is less.
//!
//! Whole or not there, named by what they are made from, never changed; what nobody will ask for again is removed.

use super::PublishError;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder under the output folder.
pub const CACHE: &str = "cache";

fn place(out: &Path, name: &str) -> PathBuf {
    out.join(CACHE).join(name)
}

/// What is kept under this name, if anything can be read.
pub fn read(out: &Path, name: &str) -> Option<Vec<u8>> {
    fs::read(place(out, name)).ok()
}

pub fn has(out: &Path, name: &str) -> bool {
    place(out, name).is_file()
}

/// Keeps bytes under a name.
pub fn keep(out: &Path, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
    let (path, part) = (place(out, name), place(out, &format!("{name}.part")));
    let failed = |doing, path: &Path| {
        let path = path.to_owned();
        move |error| PublishError::Io { doing, path, error }
    };
    let folder = out.join(CACHE);
    fs::create_dir_all(&folder).map_err(failed("create", &folder))?;
    fs::write(&part, bytes).map_err(failed("write", &part))?;
    fs::rename(&part, &path).map_err(failed("rename", &path))
}

/// Removes everything but these names. What cannot be removed stays.
pub fn prune(out: &Path, wanted: &BTreeSet<String>) {
    let entries = fs::read_dir(out.join(CACHE)).into_iter().flatten().flatten();
    for entry in entries.filter(|e| !wanted.contains(&*e.file_name().to_string_lossy())) {
        let _ = fs::remove_file(entry.path());
    }
}
