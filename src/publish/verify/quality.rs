//! Holds the account of the delivered files together: sources.csv by itself, against rejects.csv, against the manifest.

use super::finding::{Check, Findings};
use super::table::Table;
use crate::publish::manifest::{Counts, MANIFEST_FILE, Manifest};
use crate::publish::tables::{rejects, sources};
use std::collections::{BTreeMap, BTreeSet};

const SOURCES_FILE: &str = sources::TABLE.path;
const REJECTS_FILE: &str = rejects::TABLE.path;

/// Source and path of a delivered file.
type FileKey = (String, String);

/// sources.csv: file → line, counts, hash.
#[derive(Default)]
pub(super) struct Sources {
    files: BTreeMap<FileKey, (u64, Counts, String)>,
}

/// rejects.csv: file → the lines of its rejected rows.
#[derive(Default)]
pub(super) struct Rejects {
    lines: BTreeMap<FileKey, BTreeSet<u64>>,
}

/// 行号 of what is wrong with a file as a whole; no row stands there, the header does.
const WHOLE_FILE: u64 = 1;

pub(super) fn read_sources(table: &mut Table) -> Sources {
    let mut found = Sources::default();
    let file = table.file;
    use sources::Column;
    let counts = [Column::Rows, Column::Accepted, Column::Superseded, Column::Rejected, Column::Unmatched];
    table.each(|row, findings| {
        let [Some(rows), Some(accepted), Some(superseded), Some(rejected), Some(unmatched)] = counts.map(|at| row.count(at)) else {
            findings.add(Check::Cell, file, Some(row.line), || "a count is none".to_owned());
            return;
        };
        let counts = Counts { rows, accepted, superseded, rejected, unmatched };
        if !adds_up(&counts) {
            findings.add(Check::Counts, file, Some(row.line), || show(&counts));
        }
        let key = (row.cell(Column::Source).to_owned(), row.plain(Column::File).to_owned());
        if let Some((first, ..)) = found.files.insert(key, (row.line, counts, row.cell(Column::Hash).to_owned())) {
            findings.add(Check::Inputs, file, Some(row.line), || format!("this file stands on line {first} too"));
        }
    });
    found
}

pub(super) fn read_rejects(table: &mut Table) -> Rejects {
    let mut found = Rejects::default();
    let file = table.file;
    use rejects::Column;
    table.each(|row, findings| match row.count(Column::Line) {
        Some(at) if at > 0 => {
            let key = (row.cell(Column::Source).to_owned(), row.plain(Column::File).to_owned());
            found.lines.entry(key).or_default().insert(at);
        }
        _ => findings.add(Check::Cell, file, Some(row.line), || format!("行号 is no line: {:?}", row.cell(Column::Line))),
    });
    found
}

pub(super) fn check(sources: &Sources, rejects: &Rejects, manifest: &Manifest, findings: &mut Findings) {
    let none = BTreeSet::new();
    for (key, (line, counts, _)) in &sources.files {
        let lines = rejects.lines.get(key).unwrap_or(&none);
        // Of a file that is refused whole no row is listed by itself.
        let expected = if lines.contains(&WHOLE_FILE) { counts.rows } else { lines.len() as u64 };
        if counts.rejected != expected {
            findings.add(Check::Rejects, SOURCES_FILE, Some(*line), || {
                format!("{} {}: 拒收 {}, {REJECTS_FILE} has {expected}", key.0, key.1, counts.rejected)
            });
        }
    }
    for (source, path) in rejects.lines.keys().filter(|key| !sources.files.contains_key(*key)) {
        findings.add(Check::Rejects, REJECTS_FILE, None, || format!("{source} {path} is no delivered file"));
    }
    check_inputs(sources, manifest, findings);
}

/// The manifest's account of the inputs is that of sources.csv.
fn check_inputs(sources: &Sources, manifest: &Manifest, findings: &mut Findings) {
    let mut tell = |what: String| findings.add(Check::Inputs, MANIFEST_FILE, None, || what);
    let mut by_source: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut listed = BTreeSet::new();
    for input in &manifest.inputs {
        let key = (input.source.clone(), input.path.clone());
        match sources.files.get(&key) {
            Some((_, counts, hash)) if *counts == input.counts && *hash == input.sha256 => {}
            Some((line, ..)) => tell(format!("{} {} is not as {SOURCES_FILE}:{line} has it", input.source, input.path)),
            None => tell(format!("{} {} is not in {SOURCES_FILE}", input.source, input.path)),
        }
        *by_source.entry(&input.source).or_default() += input.counts;
        listed.insert(key);
    }
    for (source, path) in sources.files.keys().filter(|key| !listed.contains(*key)) {
        tell(format!("{source} {path} of {SOURCES_FILE} is not listed"));
    }
    if !by_source.iter().map(|(source, counts)| (*source, counts)).eq(manifest.sources.iter().map(|(s, c)| (s.as_str(), c))) {
        tell("the counts by source are not the sums of the inputs'".to_owned());
    }
}

fn adds_up(counts: &Counts) -> bool {
    let parts = [counts.superseded, counts.rejected];
    parts.iter().try_fold(counts.accepted, |sum, part| sum.checked_add(*part)) == Some(counts.rows)
}

fn show(counts: &Counts) -> String {
    let Counts { rows, accepted, superseded, rejected, .. } = counts;
    format!("行数 {rows} is not 接收 {accepted} + 更替 {superseded} + 拒收 {rejected}")
}
