//! Builds a run beside its place and puts it there at once.
//!
//! `out/.staging-<run>-<process>/` is filled file by file: written, its size checked, made read-only, brought to the
//! disk. Then the folders are brought to the disk, the whole is renamed to `out/runs/<run>/`, and the link `out/current`
//! is replaced by renaming a new one over it. A stop before the rename leaves the old run alone; one after it leaves two
//! whole runs, of which `current` names the old or the new one. What a dead run left is removed by the next.
//! A run that is published already is compared and kept; only `current` moves, and never to an earlier 截止日.
//! What is refused is built likewise and put at `out/refused`, until a run is published.

use super::csv::{self, Csv};
use super::manifest::{FileRecord, MANIFEST_FILE, Manifest};
use super::tables::Listing;
use super::{CURRENT, Failed, Lock, PublishError, REFUSED, RUNS, make_folder, resolve, sha256, signals, sync_folder};
use crate::ledger::columns::Column;
use crate::texts::hex;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

const STAGING_PREFIX: &str = ".staging-";
const LINK_PREFIX: &str = ".current-";

/// Told before every act on the disk what it is and on what; an error takes the act's place. For tests that stop a run between any
/// two acts.
pub type Watch<'a> = dyn Fn(&'static str, &Path) -> io::Result<()> + Sync + 'a;

/// A run that is being built; gone when dropped unpublished.
pub struct Staging<'a> {
    lock: &'a Lock,
    run: String,
    folder: PathBuf,
    files: Mutex<BTreeMap<String, FileRecord>>,
    watch: &'a Watch<'a>,
}

/// The bytes of a file to be published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    bytes: Vec<u8>,
    rows: Option<u64>,
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub run: String,
    pub folder: PathBuf,
    /// Whether it was not there before.
    pub is_new: bool,
    /// Whether `current` names it now.
    pub is_current: bool,
}

impl From<Csv> for Body {
    fn from(csv: Csv) -> Body {
        Body { rows: Some(csv.rows), bytes: csv.bytes }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Body {
        Body { bytes, rows: None }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Body {
        text.into_bytes().into()
    }
}

impl<'a> Staging<'a> {
    /// Removes what dead runs have left and makes an empty folder for this one.
    pub fn begin(lock: &'a mut Lock, run: &str) -> Result<Staging<'a>, PublishError> {
        Staging::begin_watched(lock, run, &|_, _| Ok(()))
    }

    /// As [`Staging::begin`], every act on the disk being watched.
    pub fn begin_watched(lock: &'a mut Lock, run: &str, watch: &'a Watch<'a>) -> Result<Staging<'a>, PublishError> {
        if !is_name(run) || Path::new(run).components().count() != 1 {
            return Err(PublishError::Name { path: run.to_owned() });
        }
        let folder = lock.out().join(format!("{STAGING_PREFIX}{run}-{}", std::process::id()));
        let staging = Staging { lock, run: run.to_owned(), folder, files: Mutex::default(), watch };
        staging.remove_left_over()?;
        signals::unfinished().insert(staging.folder.clone());
        staging.act("make the folder", &staging.folder, || fs::create_dir(&staging.folder))?;
        Ok(staging)
    }

    /// Writes one file of the run, `ledger/awards.csv`. Several threads may write different files.
    pub fn write(&self, path: &str, body: impl Into<Body>) -> Result<FileRecord, PublishError> {
        let (body, place) = (body.into(), self.place_of(path)?);
        let write = || self.create(path, &place).and_then(|file| self.fill(&place, file, &body.bytes));
        let (hash, written) = rayon::join(|| sha256([body.bytes.as_slice()]), write);
        let bytes = written?;
        Ok(self.keep(path, FileRecord { sha256: hash, bytes, rows: body.rows }))
    }

    /// As [`Staging::write`], a table that never stands in memory whole: the rows of one listing after those of another, each block of
    /// them hashed and written while the next ones are formatted.
    pub fn write_table<'l>(
        &self,
        path: &str,
        columns: &[Column],
        listings: impl IntoIterator<Item = Listing<'l>>,
    ) -> Result<FileRecord, PublishError> {
        let place = self.place_of(path)?;
        let mut file = self.create(path, &place)?;
        let (mut hasher, mut bytes, mut rows) = (Sha256::new(), 0, 0);
        let mut take = |block: &[u8]| {
            hasher.update(block);
            bytes += block.len() as u64;
            self.act("write", &place, || file.write_all(block))
        };
        take(&csv::header(columns))?;
        for listing in listings {
            csv::stream(columns, listing.len, |at, out| listing.fill(at, out), &mut take)?;
            rows += listing.len as u64;
        }
        self.close(&place, &file, bytes)?;
        Ok(self.keep(path, FileRecord { sha256: hex(&hasher.finalize()), bytes, rows: Some(rows) }))
    }

    /// Where a file of the run stands until it is published; its folder is made.
    fn place_of(&self, path: &str) -> Result<PathBuf, PublishError> {
        if !is_name(path) {
            return Err(PublishError::Name { path: path.to_owned() });
        }
        let place = self.folder.join(path);
        if let Some(parent) = place.parent() {
            self.act("make the folder", parent, || fs::create_dir_all(parent))?;
        }
        Ok(place)
    }

    fn create(&self, path: &str, place: &Path) -> Result<File, PublishError> {
        match self.act("create", place, || File::options().write(true).create_new(true).open(place)) {
            Err(PublishError::Io { error, .. }) if error.kind() == ErrorKind::AlreadyExists => {
                Err(PublishError::Name { path: path.to_owned() })
            }
            other => other,
        }
    }

    fn keep(&self, path: &str, record: FileRecord) -> FileRecord {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), record.clone());
        record
    }

    /// Puts what was written at `out/refused`, in the place of what was refused before; gives its folder.
    pub fn refuse(self) -> Result<PathBuf, PublishError> {
        let refused = self.remove_refused()?;
        let mut unfinished = signals::unfinished();
        self.act("rename", &self.folder, || fs::rename(&self.folder, &refused))?;
        unfinished.remove(&self.folder);
        drop(unfinished);
        self.act("bring to the disk", self.lock.out(), || sync_folder(self.lock.out()))?;
        Ok(refused)
    }

    fn remove_refused(&self) -> Result<PathBuf, PublishError> {
        let refused = self.lock.out().join(REFUSED);
        if fs::exists(&refused).failed("look for", &refused)? {
            self.act("remove", &refused, || fs::remove_dir_all(&refused))?;
        }
        Ok(refused)
    }

    /// Puts the run in its place. The manifest's `run` and `files` are filled in here. What must not be current is published beside.
    pub fn publish(self, mut manifest: Manifest, may_be_current: bool) -> Result<Published, PublishError> {
        manifest.run.clone_from(&self.run);
        manifest.files = std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner));
        self.write_new(&self.folder.join(MANIFEST_FILE), &manifest.to_bytes())?;
        self.sync_folders(&manifest)?;
        let (runs, place) = (self.lock.out().join(RUNS), self.place());
        self.act("make the folder", &runs, || make_folder(&runs))?;
        let is_there = fs::exists(&place).failed("look for", &place)?;
        if is_there {
            self.compare(&place, &manifest)?;
        }
        // From here to the end a signal waits. (Locals go before `self`, whose drop takes the guard again.)
        let mut unfinished = signals::unfinished();
        if is_there {
            self.act("remove", &self.folder, || fs::remove_dir_all(&self.folder))?;
        } else {
            self.act("rename", &self.folder, || fs::rename(&self.folder, &place))?;
        }
        unfinished.remove(&self.folder);
        self.act("bring to the disk", &runs, || sync_folder(&runs))?;
        let is_current = may_be_current && self.make_current(&manifest)?;
        self.remove_refused()?;
        drop(unfinished);
        Ok(Published { run: self.run.clone(), folder: place, is_new: !is_there, is_current })
    }

    fn place(&self) -> PathBuf {
        self.lock.out().join(RUNS).join(&self.run)
    }

    /// Every act on the disk goes through here.
    fn act<T>(&self, doing: &'static str, path: &Path, act: impl FnOnce() -> io::Result<T>) -> Result<T, PublishError> {
        (self.watch)(doing, path).and_then(|()| act()).failed(doing, path)
    }

    /// Nobody else can be at work under the lock, so every unfinished folder is a dead run's.
    fn remove_left_over(&self) -> Result<(), PublishError> {
        let out = self.lock.out();
        for entry in fs::read_dir(out).failed("list", out)? {
            let path = entry.failed("list", out)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(STAGING_PREFIX) {
                self.act("remove", &path, || fs::remove_dir_all(&path))?;
            } else if name.starts_with(LINK_PREFIX) {
                self.act("remove", &path, || fs::remove_file(&path))?;
            }
        }
        Ok(())
    }

    fn write_new(&self, place: &Path, bytes: &[u8]) -> Result<(), PublishError> {
        let file = self.act("create", place, || File::options().write(true).create_new(true).open(place))?;
        self.fill(place, file, bytes).map(|_| ())
    }

    /// Writes a new file whole; gives its size.
    fn fill(&self, place: &Path, mut file: File, bytes: &[u8]) -> Result<u64, PublishError> {
        self.act("write", place, || file.write_all(bytes))?;
        let written = bytes.len() as u64;
        self.close(place, &file, written)?;
        Ok(written)
    }

    /// Makes sure that a file is on the disk as it was written, and that nobody changes it.
    fn close(&self, place: &Path, file: &File, written: u64) -> Result<(), PublishError> {
        let metadata = self.act("look at", place, || file.metadata())?;
        if metadata.len() != written {
            return Err(PublishError::Size { path: place.to_owned(), written, found: metadata.len() });
        }
        let mut permissions = metadata.permissions();
        permissions.set_readonly(true);
        match self.act("make read-only", place, || file.set_permissions(permissions)) {
            // Some file systems know no permissions; the run is whole without them.
            Err(PublishError::Io { error, .. }) if error.kind() == ErrorKind::Unsupported => {}
            other => other?,
        }
        self.act("bring to the disk", place, || file.sync_all())
    }

    /// The names of the files and folders of the run.
    fn sync_folders(&self, manifest: &Manifest) -> Result<(), PublishError> {
        let parents = manifest.files.keys().flat_map(|file| Path::new(file).ancestors().skip(1));
        let mut folders: BTreeSet<PathBuf> = parents.map(|folder| self.folder.join(folder)).collect();
        folders.insert(self.folder.clone());
        folders.iter().rev().try_for_each(|folder| self.act("bring to the disk", folder, || sync_folder(folder)))
    }

    /// Whether the run that is there is this one: as it was recorded, and as its bytes are now.
    fn compare(&self, place: &Path, manifest: &Manifest) -> Result<(), PublishError> {
        (self.watch)("compare", place).failed("compare", place)?;
        let files = match Manifest::read(place) {
            Ok(published) => {
                let changed = published
                    .files
                    .par_iter()
                    .filter(|(name, record)| !fs::read(place.join(name)).is_ok_and(|bytes| sha256([bytes.as_slice()]) == record.sha256));
                let changed: Vec<String> = changed.map(|(name, _)| name.clone()).collect();
                if changed.is_empty() { published.differences(manifest) } else { changed }
            }
            Err(_) => vec![MANIFEST_FILE.to_owned()],
        };
        if files.is_empty() {
            return Ok(());
        }
        Err(PublishError::Differs { run: self.run.clone(), folder: place.to_owned(), files })
    }

    /// Makes `current` name this run, unless it names one of a later 截止日; a partial one only where no other is named. Says whether
    /// it does now.
    fn make_current(&self, manifest: &Manifest) -> Result<bool, PublishError> {
        let (out, current) = (self.lock.out(), self.lock.out().join(CURRENT));
        let named = resolve::current(out).failed("read the link", &current)?;
        if named.as_deref() == Some(&*self.run) {
            return Ok(true);
        }
        // A run's name begins with its 截止日.
        let is_later = |named: &String| named.get(..manifest.as_of.len()).is_some_and(|day| *day > *manifest.as_of);
        if named.is_some_and(|named| manifest.partial || is_later(&named)) {
            return Ok(false);
        }
        let link = out.join(format!("{LINK_PREFIX}{}", std::process::id()));
        self.act("make the link", &link, || symlink(Path::new(RUNS).join(&self.run), &link))?;
        self.act("rename", &link, || fs::rename(&link, &current)).inspect_err(|_| {
            let _ = fs::remove_file(&link);
        })?;
        self.act("bring to the disk", out, || sync_folder(out))?;
        Ok(true)
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // Gone already where the run was published; what cannot be removed, the next run removes.
        let _ = fs::remove_dir_all(&self.folder);
        signals::unfinished().remove(&self.folder);
    }
}

/// Whether a path stays in the folder that it is joined to and has one spelling only.
fn is_name(path: &str) -> bool {
    let is_normal = |component: Component| matches!(component, Component::Normal(_));
    let joined: PathBuf = Path::new(path).components().filter(|component| is_normal(*component)).collect();
    !path.is_empty() && joined.as_os_str() == path && path != MANIFEST_FILE
}
