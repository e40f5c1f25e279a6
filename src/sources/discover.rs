//! Finds the files of each source under a folder, and names those that belong to none.
//!
//! A source's are `<name>` or `<title>` with a readable extension ([`Format::of`]), a folder of either name, and what the `files` of its
//! source file name; all are parts of one table in the order of their names. What programs leave behind is passed over.

use super::format::Format;
use super::seen::{Kin, Stray};
use super::{ReadError, stray};
use crate::schema::{BySource, Source, SourceId, Sources};
use encoding_rs::GB18030;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use typed_index_collections::ti_vec;

/// Folders are looked into so deep for files that somebody may have meant.
const DEPTH: usize = 4;

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
    pub strays: Vec<Stray>,
    /// Sources that were sent in more than one place, with the places.
    pub twice: Vec<(SourceId, Vec<String>)>,
}

/// Lists what was delivered for the wanted sources; reference tables come from the pipeline's own folder.
pub fn list(sources: &Sources, data: &Path, tables: &Path, wanted: &BySource<bool>) -> Result<Found, ReadError> {
    let mut listing = Listing::new(sources, wanted, false);
    listing.list(data)?;
    let Listing { mut found, places, .. } = listing;
    if sources.iter().zip(wanted).any(|(source, wanted)| source.reference && *wanted) {
        let mut own = Listing::new(sources, wanted, true);
        own.list(tables)?;
        found.deliveries.iter_mut().zip(own.found.deliveries).for_each(|(all, own)| all.extend(own));
    }
    for deliveries in &mut found.deliveries {
        deliveries.sort_by(|one, other| one.shown.cmp(&other.shown));
    }
    found.strays.sort_by(|one, other| one.path.cmp(&other.path));
    let places = places.into_iter_enumerated().filter(|(_, places)| places.len() > 1);
    found.twice = places.map(|(source, places)| (source, places.into_iter().collect())).collect();
    Ok(found)
}

/// A folder on its way to be listed.
struct Listing<'a> {
    sources: &'a Sources,
    wanted: &'a BySource<bool>,
    /// Whether it is the pipeline's own.
    reference: bool,
    found: Found,
    /// Per source the names under which it was sent; all that patterns take count as one.
    places: BySource<BTreeSet<String>>,
}

impl<'a> Listing<'a> {
    fn new(sources: &'a Sources, wanted: &'a BySource<bool>, reference: bool) -> Listing<'a> {
        let found = Found { deliveries: ti_vec![Vec::new(); sources.len()], ..Found::default() };
        Listing { sources, wanted, reference, found, places: ti_vec![BTreeSet::new(); sources.len()] }
    }

    fn list(&mut self, root: &Path) -> Result<(), ReadError> {
        for entry in entries(root)? {
            self.take(entry, root, 1)?;
        }
        Ok(())
    }

    /// Takes a file or folder that stands in no source's folder.
    fn take(&mut self, entry: Entry, root: &Path, depth: usize) -> Result<(), ReadError> {
        let format = Format::of(&entry.shown).filter(|_| !entry.is_folder);
        let owner = self.owner(&entry, depth);
        match owner {
            Some((source, _)) if self.sources[source].reference != self.reference => self.stray(&entry.shown, Kin::Reference(source)),
            Some((source, _)) if !self.wanted[source] => {}
            Some((source, place)) if entry.is_folder => {
                let before = self.found.deliveries[source].len();
                self.take_parts(source, &entry, root, 1)?;
                if self.found.deliveries[source].len() > before {
                    self.places[source].insert(place);
                }
            }
            Some((source, place)) if format.is_some() => {
                self.places[source].insert(place);
                self.deliver(source, entry, root);
            }
            Some((source, _)) => self.stray(&entry.shown, Kin::Source(source)),
            None => self.pass(entry, root, depth)?,
        }
        Ok(())
    }

    /// The source that takes an entry, and the name under which it counts as sent.
    fn owner(&self, entry: &Entry, depth: usize) -> Option<(SourceId, String)> {
        let by_pattern = |source: &Source| source.files.iter().any(|pattern| fits(pattern, &entry.shown));
        let stem = if entry.is_folder { &entry.shown } else { Format::of(&entry.shown).map_or("", |(stem, _)| stem) };
        let by_name = |source: &Source| depth == 1 && !stem.is_empty() && (source.name == stem || source.title == stem);
        let place = |source: SourceId| match by_pattern(&self.sources[source]) {
            true => self.sources[source].files.join(" "),
            false => entry.shown.clone(),
        };
        if let Some(source) = self.sources.position(by_name) {
            return Some((source, place(source)));
        }
        // What the patterns of two sources take is neither's.
        let mut fitting = self.sources.keys().filter(|&source| by_pattern(&self.sources[source]));
        fitting.next().filter(|_| fitting.next().is_none()).map(|source| (source, place(source)))
    }

    /// Notes a file or folder that nobody takes; what stands in a folder is looked at one by one.
    fn pass(&mut self, entry: Entry, root: &Path, depth: usize) -> Result<(), ReadError> {
        let kin = self.kin(&entry);
        if self.reference {
            return Ok(());
        }
        let is_closed = kin != Kin::Nobody || depth == DEPTH || is_hidden(&entry.shown) || is_refused(&entry.path, root, true);
        match entries(&entry.path) {
            Ok(inside) if entry.is_folder && !is_closed => {
                inside.into_iter().try_for_each(|inside| self.take(inside.within(&entry), root, depth + 1))
            }
            _ => {
                self.stray(&entry.shown, kin);
                Ok(())
            }
        }
    }

    /// Takes all that can be read in a source's folder.
    fn take_parts(&mut self, source: SourceId, folder: &Entry, root: &Path, depth: usize) -> Result<(), ReadError> {
        for part in entries(&folder.path)? {
            let part = part.within(folder);
            match Format::of(&part.shown) {
                Some(_) if !part.is_folder && depth == 1 => self.deliver(source, part, root),
                _ if part.is_folder && depth < DEPTH && !is_refused(&part.path, root, true) => {
                    self.take_parts(source, &part, root, depth + 1)?
                }
                _ => self.stray(&part.shown, Kin::Source(source)),
            }
        }
        Ok(())
    }

    fn deliver(&mut self, source: SourceId, entry: Entry, root: &Path) {
        if let Some((_, format)) = Format::of(&entry.shown) {
            let Entry { path, shown, .. } = entry;
            let refused = is_refused(&path, root, false);
            self.found.deliveries[source].push(Delivery { source, path, shown, format, refused });
        }
    }

    fn stray(&mut self, shown: &str, kin: Kin) {
        self.found.strays.push(Stray { path: shown.to_owned(), kin });
    }

    /// The source whose name or title an entry's name is, once what people add to names is taken off.
    fn kin(&self, entry: &Entry) -> Kin {
        let name = entry.shown.rsplit('/').next().unwrap_or_default();
        let bare = stray::bare(name, !entry.is_folder);
        let is_its =
            |source: &Source| [&source.name, &source.title].into_iter().any(|own| !bare.is_empty() && stray::bare(own, false) == bare);
        let found = self.sources.keys().find(|&source| !self.sources[source].reference && is_its(&self.sources[source]));
        found.map_or(Kin::Nobody, Kin::Source)
    }
}

fn is_hidden(shown: &str) -> bool {
    shown.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

/// Every file that can be read, whosever it is, and the names of what cannot.
pub fn all(folder: &Path) -> Result<(Vec<Delivery>, Vec<String>), ReadError> {
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for entry in entries(folder)? {
        let inside = if entry.is_folder { entries(&entry.path)? } else { Vec::new() };
        let found = match entry.is_folder {
            true => inside.into_iter().map(|part| part.within(&entry)).collect(),
            false => vec![entry],
        };
        for entry in found {
            match Format::of(&entry.shown) {
                Some((_, format)) if !entry.is_folder => {
                    let refused = is_refused(&entry.path, folder, false);
                    files.push(Delivery { source: SourceId::from(0), path: entry.path, shown: entry.shown, format, refused });
                }
                _ => others.push(entry.shown),
            }
        }
    }
    Ok((files, others))
}

/// Whether a path leads out of the folder in which it stands, nowhere, or to what is no file (a pipe would be waited
/// for without end). The folder itself may be a link.
fn is_refused(path: &Path, root: &Path, is_folder: bool) -> bool {
    let within = match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root),
        _ => false,
    };
    !within || !(if is_folder { path.is_dir() } else { path.is_file() })
}

/// A file or folder.
struct Entry {
    path: PathBuf,
    /// Its name for people; with [`Entry::within`] the path.
    shown: String,
    is_folder: bool,
}

impl Entry {
    fn within(self, folder: &Entry) -> Entry {
        Entry { shown: format!("{}/{}", folder.shown, self.shown), ..self }
    }
}

/// What stands in a folder, in the order of the names that people see; never two of one name.
fn entries(folder: &Path) -> Result<Vec<Entry>, ReadError> {
    let error = |error| ReadError::Io { path: folder.to_owned(), error };
    let read: Result<Vec<PathBuf>, _> = fs::read_dir(folder).map_err(error)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = read.map_err(error)?;
    // Names that are text keep theirs, whatever the others say.
    paths.sort_by_cached_key(|path| (path.file_name().and_then(OsStr::to_str).is_none(), path.clone()));
    let (mut taken, mut entries) = (BTreeSet::new(), Vec::new());
    for path in paths {
        let shown = shown(path.file_name().unwrap_or_default(), &taken);
        if !stray::is_litter(&shown) {
            let is_folder = path.is_dir();
            taken.insert(shown.clone());
            entries.push(Entry { path, shown, is_folder });
        }
    }
    entries.sort_by(|one, other| one.shown.cmp(&other.shown));
    Ok(entries)
}

/// A file name as people see it: as text, else as GB18030, else with its bytes as `\xNN`.
fn shown(name: &OsStr, taken: &BTreeSet<String>) -> String {
    let bytes = name.as_encoded_bytes();
    let escaped = |all: bool| {
        bytes.iter().fold(String::new(), |mut shown, &byte| {
            // Writing to a String cannot fail.
            let _ = if byte.is_ascii() && !all { write!(shown, "{}", byte as char) } else { write!(shown, "\\x{byte:02X}") };
            shown
        })
    };
    let text = std::str::from_utf8(bytes).ok().map(str::to_owned);
    let text = text.or_else(|| GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned()));
    let is_plain = |text: &String| !taken.contains(text) && !text.contains(['\u{FFFD}', '/']);
    let mut shown = text.filter(is_plain).or_else(|| Some(escaped(false)).filter(is_plain)).unwrap_or_else(|| escaped(true));
    while taken.contains(&shown) {
        shown.push('_');
    }
    shown
}

/// Whether a path under the data folder fits a source's pattern, in which a star stays in its folder.
fn fits(pattern: &str, path: &str) -> bool {
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::default() };
    glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_with(path, options))
}
