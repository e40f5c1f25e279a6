//! What is wrong in the pipeline files, where it stands, and how it is shown.
//!
//! A [`Diagnostic`] is a value; [`render`] is the only place that turns it into text. Diagnostics are sorted by
//! file and position, so the same pipeline always prints the same page.

mod mistake;
mod render;

pub use mistake::Mistake;
pub use render::render;
use std::cell::RefCell;
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
}

impl Diagnostic {
    pub fn error(code: Mistake, place: Place, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, code, message: message.into(), place: Some(place), hint: None }
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

/// Where findings are gathered while files are read.
#[derive(Debug, Default)]
pub struct Findings(RefCell<Vec<Diagnostic>>);

impl Findings {
    pub fn push(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    /// What was found; the mistake is kept where nothing was.
    pub fn keep<T>(&self, found: Result<T, Diagnostic>) -> Option<T> {
        found.map_err(|mistake| self.push(mistake)).ok()
    }

    /// How many there are so far: tells whether something in between reported any.
    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    pub fn into_inner(self) -> Vec<Diagnostic> {
        self.0.into_inner()
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
