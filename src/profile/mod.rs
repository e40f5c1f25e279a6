//! What lies in a folder of delivered files, before anybody runs anything over it: for people who write source files and
//! for people who send them.
//!
//! Reads every file as the reader would; decides nothing and publishes nothing. Persons' numbers are masked.

mod column;
mod draft;
mod guess;
mod page;

pub use page::write;

use crate::schema::{Source, SourceId, Sources};
use crate::sources::ReadError;
use crate::sources::inspect::{self, Checks, Entry, Inspected, Record};
use column::ColumnProfile;
use std::collections::BTreeMap;
use std::path::Path;

/// A data folder.
pub struct Profile {
    pub files: Vec<FileProfile>,
    /// Names of files that cannot be read as tables.
    pub others: Vec<String>,
}

/// One file.
pub struct FileProfile {
    pub path: String,
    pub encoding: String,
    pub delimiter: Option<char>,
    pub header_line: u32,
    pub source: Option<SourceId>,
    /// Why a run would not read it, in Chinese.
    pub faults: Vec<String>,
    /// Records below the header, damaged ones among them.
    pub rows: u64,
    /// Records that could not be cut, by rule: how many, the first line and its reason.
    pub damaged: BTreeMap<&'static str, (u64, u32, String)>,
    /// The file's columns, in its order.
    pub columns: Vec<ColumnProfile>,
    /// Declared columns that it lacks.
    pub absent: Vec<usize>,
    /// Rows whose key stood before.
    pub repeated_keys: u64,
    /// A source file for it, where no source is its own.
    pub suggestion: Option<String>,
}

/// Looks at every file of a folder.
pub fn profile(folder: &Path, sources: &Sources) -> Result<Profile, ReadError> {
    let (entries, others) = inspect::list(folder)?;
    let files = entries.iter().map(|entry| profile_file(entry, sources)).collect::<Result<_, _>>()?;
    Ok(Profile { files, others })
}

fn profile_file(entry: &Entry, sources: &Sources) -> Result<FileProfile, ReadError> {
    let file = inspect::inspect(entry, sources)?;
    let source = file.source.map(|id| &sources[id]);
    let checks = source.map(Checks::new).transpose()?;
    let declared = |field: usize| file.fields.iter().position(|at| *at == Some(field));
    let mut columns: Vec<ColumnProfile> =
        file.names.iter().enumerate().map(|(field, name)| ColumnProfile::new(name, declared(field))).collect();
    let key = key_fields(&file, source);
    let (mut rows, mut damaged, mut keys) = (0, BTreeMap::new(), column::Seen::default());
    file.records(|record| {
        rows += 1;
        match record {
            Record::Row(line, cells) => {
                for (column, cell) in columns.iter_mut().zip(cells) {
                    column.take(line, cell, checks.as_ref());
                }
                if let Some(key) = &key {
                    let parts: Vec<String> = key.iter().map(|&field| inspect::plain(cells[field]).to_uppercase()).collect();
                    keys.take(&parts.join("\u{1F}"));
                }
            }
            Record::Damaged(line, rule, reason) => damaged.entry(rule).or_insert((0, line, reason)).0 += 1,
        }
    });
    let suggestion = (source.is_none() && !columns.is_empty()).then(|| draft::source_file(entry.stem(), &columns, rows));
    Ok(FileProfile {
        path: entry.shown().to_owned(),
        absent: (0..file.fields.len()).filter(|&column| file.fields[column].is_none()).collect(),
        encoding: file.encoding,
        delimiter: file.delimiter,
        header_line: file.header_line,
        source: file.source,
        faults: file.faults,
        rows,
        damaged,
        columns,
        repeated_keys: keys.repeated,
        suggestion,
    })
}

/// Where the parts of the key stand; a part that the file lacks has one value throughout.
fn key_fields(file: &Inspected, source: Option<&Source>) -> Option<Vec<usize>> {
    let key: Vec<usize> = source?.primary_key.iter().filter_map(|&column| file.fields.get(column).copied().flatten()).collect();
    (!key.is_empty()).then_some(key)
}
