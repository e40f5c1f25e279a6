//! The state of the data: what was delivered, what was refused and why, and what is missing from whom.

use super::{Contents, count};
use crate::ledger::Undetermined;
use crate::schema::SourceId;
use crate::sources::FileReport;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Missing data that the page names; the file has every row.
const NAMED: usize = 30;

/// What a department owes.
#[derive(Serialize)]
pub(super) struct Lacking {
    departments: String,
    data: String,
    rows: String,
    /// Measures that wait for it.
    measures: usize,
}

/// One delivered file.
#[derive(Serialize)]
pub(super) struct File {
    title: String,
    path: String,
    /// 行数, 接收, 更替, 拒收, 未匹配登记.
    counts: [String; 5],
    refused: bool,
    encoding: String,
}

/// A source without a file.
#[derive(Serialize)]
pub(super) struct Undelivered {
    source: String,
    title: String,
    department: String,
}

/// Refused rows of one source by rule.
#[derive(Serialize)]
pub(super) struct Refused {
    title: String,
    rule: &'static str,
    columns: String,
    errors: String,
}

/// What is missing, the most wanted first.
pub(super) fn lacking(undetermined: &[Undetermined<'_>]) -> Vec<Lacking> {
    let mut wanted: BTreeMap<(&str, &str), (u64, BTreeSet<&str>)> = BTreeMap::new();
    for (one, row) in undetermined.iter().flat_map(|u| u.rows.iter().map(move |row| (u, row))) {
        let (rows, measures) = wanted.entry((&row.departments, &row.data)).or_default();
        *rows += 1;
        measures.insert(&one.measure.id);
    }
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    wanted.sort_by_key(|(_, (rows, _))| Reverse(*rows));
    let lacking = wanted.into_iter().take(NAMED).map(|((departments, data), (rows, measures))| Lacking {
        departments: departments.to_string(),
        data: data.to_string(),
        rows: count(rows),
        measures: measures.len(),
    });
    lacking.collect()
}

pub(super) fn files(contents: &Contents<'_>) -> Vec<File> {
    let delivered = contents.data.files.iter().filter(|f| !contents.pipeline.sources[f.source].reference);
    let file = |f: &FileReport| {
        let source = &contents.pipeline.sources[f.source];
        File {
            title: source.title.clone(),
            path: f.path.clone(),
            counts: [f.rows, f.accepted, f.superseded, f.rejected, f.unmatched].map(count),
            refused: f.rejected > 0,
            encoding: f.encoding.clone(),
        }
    };
    delivered.map(file).collect()
}

pub(super) fn undelivered(contents: &Contents<'_>) -> Vec<Undelivered> {
    let sources = contents.pipeline.sources.iter().zip(&contents.data.tables);
    let missing = sources.filter(|(source, table)| !source.reference && table.is_none());
    let undelivered =
        missing.map(|(s, _)| Undelivered { source: s.name.clone(), title: s.title.clone(), department: s.department.clone() });
    undelivered.collect()
}

pub(super) fn refused(contents: &Contents<'_>) -> Vec<Refused> {
    let mut rules: BTreeMap<(SourceId, &'static str), (u64, BTreeSet<&str>)> = BTreeMap::new();
    for reject in &contents.data.rejects {
        let (errors, columns) = rules.entry((reject.source, reject.rule)).or_default();
        *errors += 1;
        columns.insert(&reject.column);
    }
    let refused = rules.into_iter().map(|((source, rule), (errors, columns))| Refused {
        title: contents.pipeline.sources[source].title.clone(),
        rule,
        columns: columns.into_iter().collect::<Vec<_>>().join("、"),
        errors: count(errors),
    });
    refused.collect()
}
