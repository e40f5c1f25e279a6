//! What is wrong in the pipeline files, where it stands, and how it is shown.
//!
//! A [`Diagnostic`] is a value; [`render`] is the only place that turns it into text. Diagnostics are sorted by
//! file and position, so the same pipeline always prints the same page.

mod mistake;
mod render;

pub use mistake::Mistake;
pub use render::render;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// Which pipeline file a diagnostic speaks about: an index into [`Files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// The texts of all pipeline files, owned in one place.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<(String, String)>,
}

impl Files {
    /// Keeps a file's text; `path` is what diagnostics print.
    pub fn add(&mut self, path: String, text: String) -> FileId {
        self.files.push((path, text));
        FileId(self.files.len() as u32 - 1)
    }

    /// The file that diagnostics print as `path`.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.files.iter().position(|(known, _)| known == path).map(|i| FileId(i as u32))
    }

    pub fn path(&self, id: FileId) -> &str {
        &self.files[id.0 as usize].0
    }

    pub fn text(&self, id: FileId) -> &str {
        &self.files[id.0 as usize].1
    }

    /// Line (from 1) of a byte offset.
    pub fn line(&self, place: &Place) -> usize {
        let text = self.text(place.file);
        1 + text[..place.span.start.min(text.len())].matches('\n').count()
    }
}

/// Words in a pipeline file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub file: FileId,
    /// Bytes of the file.
    pub span: Range<usize>,
}

/// A string as it stands in a file: the value, and the place of its quoted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub value: String,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One finding in a pipeline file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Mistake,
    pub message: String,
    pub place: Option<Place>,
    /// What to do.
    pub hint: Option<String>,
    /// It may follow from another one: what it misses is there, and wrong.
    pub follows: bool,
}

impl Diagnostic {
    pub fn error(code: Mistake, place: Place, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, code, message: message.into(), place: Some(place), hint: None, follows: false }
    }

    pub fn warning(code: Mistake, place: Place, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Names the known names that look like the unknown one, where there are any.
    pub fn similar<'a>(self, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        match similar(name, known) {
            near if near.is_empty() => self,
            near => self.hint(format!("similar: {}", near.join(", "))),
        }
    }
}

/// Marks what follows from other mistakes: names that nobody knows because the file or the key that gives them, or a name in
/// `failed`, is wrong itself.
fn mark_consequences(found: &mut [Diagnostic], failed: &BTreeSet<String>, files: &Files) {
    let is_unknown = |d: &Diagnostic| matches!(d.code, Mistake::UnknownName | Mistake::UnknownSource | Mistake::UnknownMeasure);
    let stem =
        |place: &Place| files.path(place.file).rsplit('/').next().and_then(|name| name.rsplit_once('.')).map(|(stem, _)| stem.to_string());
    let wrong =
        found.iter().filter(|d| d.severity == Severity::Error).filter_map(|d| Some((stem(d.place.as_ref()?)?, d.place.as_ref()?.file)));
    let wrong: Vec<(String, FileId)> = wrong.collect();
    for d in found.iter_mut().filter(|d| is_unknown(d)) {
        let Some(place) = &d.place else { continue };
        let words = files.text(place.file).get(place.span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
        let name = words.split('.').next().unwrap_or_default();
        d.follows = failed.contains(words) || failed.contains(name) || wrong.iter().any(|(stem, file)| stem == name && *file != place.file);
    }
}

/// Where findings are gathered while files are read.
#[derive(Debug, Default)]
pub struct Findings {
    found: RefCell<Vec<Diagnostic>>,
    /// Names that would be known, were what gives them right.
    failed: RefCell<BTreeSet<String>>,
}

impl Findings {
    pub fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Notes a name that is given, by something that is wrong.
    pub fn fail(&self, name: &Text) {
        self.failed.borrow_mut().insert(name.value.clone());
    }

    /// What was found; the mistake is kept where nothing was.
    pub fn keep<T>(&self, found: Result<T, Diagnostic>) -> Option<T> {
        found.map_err(|mistake| self.push(mistake)).ok()
    }

    /// How many there are so far: tells whether something in between reported any.
    pub fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// All that was found, what follows from others marked.
    pub fn of_files(self, files: &Files) -> Vec<Diagnostic> {
        let (mut found, failed) = (self.found.into_inner(), self.failed.into_inner());
        mark_consequences(&mut found, &failed, files);
        found
    }

    pub fn into_inner(self) -> Vec<Diagnostic> {
        self.found.into_inner()
    }
}

/// Where a name stands among the known ones, or what to say of it: `there is no source …`.
pub fn find<'a, Id: From<usize>>(
    what: &str,
    code: Mistake,
    (name, place): (&str, &Place),
    mut known: impl Iterator<Item = &'a str> + Clone,
) -> Result<Id, Diagnostic> {
    let names = known.clone();
    let unknown = || Diagnostic::error(code, place.clone(), format!("there is no {what} `{name}`")).similar(name, names);
    known.position(|one| one == name).map(Id::from).ok_or_else(unknown)
}

/// Up to three known names that look like `name`, for hints.
pub fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut scored: Vec<(usize, &str)> = known.map(|k| (strsim::levenshtein(name, k), k)).collect();
    scored.sort();
    let limit = name.chars().count().div_ceil(2);
    scored.into_iter().filter(|(d, _)| *d <= limit).map(|(_, k)| k).take(3).collect()
}
