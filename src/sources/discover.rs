//! Finds the files of each source under a folder, and names those that belong to none.
//!
//! `<source>.csv`, `.csv.gz`, `.csv.zst`, `.xlsx`, `.xls`, `.parquet`, or a folder `<source>/` of such files, read as one table in the order of
//! their names.

use super::ReadError;
use super::format::Format;
use crate::schema::{BySource, SourceId, Sources};
use std::fs;
use std::path::{Path, PathBuf};
use typed_index_collections::ti_vec;

/// One delivered file.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub source: SourceId,
    pub path: PathBuf,
    /// Path under the folder, `/` between parts.
    pub shown: String,
    pub format: Format,
    /// A link that leads out of the folder, or no regular file: never opened.
    pub refused: bool,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// By source, each in file order.
    pub deliveries: BySource<Vec<Delivery>>,
    pub warnings: Vec<String>,
}

/// Lists what was delivered for the wanted sources; reference tables come from the pipeline's own folder.
pub fn list(sources: &Sources, data: &Path, tables: &Path, wanted: &BySource<bool>) -> Result<Found, ReadError> {
    let mut found = Found { deliveries: ti_vec![Vec::new(); sources.len()], warnings: Vec::new() };
    list_folder(sources, data, false, wanted, &mut found)?;
    if sources.iter().zip(wanted).any(|(source, wanted)| source.reference && *wanted) {
        list_folder(sources, tables, true, wanted, &mut found)?;
    }
    for deliveries in &mut found.deliveries {
        deliveries.sort_by(|one, other| one.shown.cmp(&other.shown));
    }
    for (source, deliveries) in sources.iter().zip(&found.deliveries) {
        let places = deliveries.iter().filter(|delivery| !delivery.shown.contains('/')).count();
        let folder = deliveries.iter().any(|delivery| delivery.shown.contains('/'));
        if places + usize::from(folder) > 1 {
            found.warnings.push(format!("{}: delivered in more than one place; all are read as parts of one table", source.name));
        }
    }
    Ok(found)
}

fn list_folder(sources: &Sources, folder: &Path, reference: bool, wanted: &BySource<bool>, found: &mut Found) -> Result<(), ReadError> {
    for (name, path) in entries(folder)? {
        let is_folder = path.is_dir();
        let stem = if is_folder { Some(name.as_str()) } else { Format::of(&name).map(|(stem, _)| stem) };
        let source = stem.and_then(|stem| sources.position(|source| source.name == stem));
        match source {
            Some(source) if sources[source].reference != reference => {
                found.warnings.push(format!("{name}: ignored, this table is part of the pipeline"));
            }
            Some(source) if !wanted[source] => {}
            Some(source) if is_folder => list_parts(source, &name, folder, found)?,
            Some(source) => {
                if let Some((_, format)) = Format::of(&name) {
                    let refused = is_refused(&path, folder);
                    found.deliveries[source].push(Delivery { source, path, shown: name, format, refused });
                }
            }
            None => found.warnings.push(format!("{name}: no source file describes it; ignored")),
        }
    }
    Ok(())
}

fn list_parts(source: SourceId, name: &str, root: &Path, found: &mut Found) -> Result<(), ReadError> {
    for (part, path) in entries(&root.join(name))? {
        let shown = format!("{name}/{part}");
        match Format::of(&part) {
            Some((_, format)) if !path.is_dir() => {
                let refused = is_refused(&path, root);
                found.deliveries[source].push(Delivery { source, path, shown, format, refused });
            }
            _ => found.warnings.push(format!("{shown}: not a file that can be read; ignored")),
        }
    }
    Ok(())
}

/// Every file that can be read, whosever it is, and the names of what cannot.
pub fn all(folder: &Path) -> Result<(Vec<Delivery>, Vec<String>), ReadError> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for (name, path) in entries(folder)? {
        let inside = if path.is_dir() { entries(&path)? } else { Vec::new() };
        let parts = inside.into_iter().map(|(part, path)| (format!("{name}/{part}"), path));
        let found = if path.is_dir() { parts.collect() } else { vec![(name.clone(), path)] };
        for (shown, path) in found {
            match Format::of(&shown) {
                Some((_, format)) if !path.is_dir() => {
                    let refused = is_refused(&path, folder);
                    files.push(Delivery { source: SourceId::from(0), path, shown, format, refused });
                }
                _ => others.push(shown),
            }
        }
    }
    Ok((files, others))
}

/// Whether a path leads out of the folder in which it stands, nowhere, or to what is no file (a pipe would be waited
/// for without end). The folder itself may be a link.
fn is_refused(path: &Path, root: &Path) -> bool {
    let within = match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    };
    !within || !path.is_file()
}

/// Names and paths in a folder, in the order of their names.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, ReadError> {
    let error = |error| ReadError::Io { path: folder.to_owned(), error };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path()));
    }
    entries.sort();
    Ok(entries)
}
