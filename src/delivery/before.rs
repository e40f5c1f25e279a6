//! What one run knows of its delivery for the next: per source the accepted rows, and per optional column how many of them say
//! something.
//!
//! Of a source that is not used (set aside, or gone) the next run knows what this one knew from the run before, until the source comes
//! again, is accepted, or 本年 ends: a fault that lasts for several nights is one on each of them.

use super::Look;
use crate::schema::{Source, SourceId, Sources};
use crate::sources::{CheckedTables, Table};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The run before, as far as the next one compares with it.
pub struct Before {
    /// 截止日.
    pub as_of: i32,
    /// By source.
    pub known: BTreeMap<String, Known>,
}

/// What a source held.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Accepted rows.
    pub rows: u64,
    /// By optional column: rows in which it is not empty.
    pub columns: BTreeMap<String, u64>,
}

impl Before {
    /// What it knew of a source, if it was of the same 本年.
    pub(super) fn of(&self, source: &Source, as_of: i32) -> Option<&Known> {
        self.known.get(&source.name).filter(|_| crate::period::civil(self.as_of).0 == crate::period::civil(as_of).0)
    }
}

impl<'l> Look<'l> {
    /// What the run before knew of the sources of this one.
    pub(super) fn known_before(&self) -> impl Iterator<Item = (SourceId, &'l Source, &'l Known)> + use<'l, '_> {
        let as_of = self.wanted.as_of;
        self.sources().filter_map(move |(id, source)| Some((id, source, self.before?.of(source, as_of)?)))
    }
}

/// What the next run is to know; the tables as they are used.
pub fn known(sources: &Sources, as_of: i32, data: &CheckedTables, before: Option<&Before>) -> BTreeMap<String, Known> {
    let delivered = sources.iter().zip(&data.tables).filter(|(source, _)| !source.reference);
    let known = delivered.filter_map(|(source, table)| {
        let known = match table {
            Some(table) => of_table(source, table),
            None => before?.of(source, as_of)?.clone(),
        };
        Some((source.name.clone(), known))
    });
    known.collect()
}

fn of_table(source: &Source, table: &Table) -> Known {
    let columns = source.columns.iter().zip(table.frame.columns()).filter(|(column, _)| !column.required);
    let said = columns.map(|(column, cells)| (column.name.clone(), (cells.len() - cells.null_count()) as u64));
    Known { rows: table.frame.height() as u64, columns: said.collect() }
}
