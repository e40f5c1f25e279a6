//! Indicators as the page shows them: every target, and of each table the rows of its first dimension.

use crate::indicators::{Kpi, Kpis, MET_COLUMN};
use crate::policy::indicator::TARGETS;
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows of a table that the page shows; the file has them all.
const SHOWN: usize = 20;

/// A table, or the first rows of it.
#[derive(Serialize)]
pub(super) struct Table<'a> {
    name: &'a str,
    title: &'a str,
    header: &'a [String],
    /// Whether a column holds figures, which stand to the right.
    figures: Vec<bool>,
    rows: &'a [Vec<String>],
    /// How many rows more the file has.
    more: usize,
    /// What the indicator says besides.
    remarks: Vec<&'a str>,
}

pub(super) fn targets(kpis: &Kpis) -> Option<Table<'_>> {
    kpis.tables.iter().find(|kpi| kpi.name == TARGETS).map(|kpi| table(kpis, kpi, usize::MAX))
}

/// How many targets are met, missed, pending …, each word of 达标 with its count.
pub(super) fn reached(kpis: &Kpis) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for row in kpis.tables.iter().filter(|kpi| kpi.name == TARGETS).flat_map(|kpi| &kpi.rows) {
        *counts.entry(row[MET_COLUMN].as_str()).or_default() += 1;
    }
    counts
}

pub(super) fn tables(kpis: &Kpis) -> Vec<Table<'_>> {
    kpis.tables.iter().filter(|kpi| kpi.name != TARGETS).map(|kpi| table(kpis, kpi, SHOWN)).collect()
}

fn table<'a>(kpis: &'a Kpis, kpi: &'a Kpi, most: usize) -> Table<'a> {
    let shown = kpi.rows.len().min(most);
    Table {
        name: &kpi.name,
        title: &kpi.title,
        header: &kpi.header,
        figures: kpi.kinds.iter().map(|kind| matches!(kind, crate::indicators::Kind::Figure)).collect(),
        rows: &kpi.rows[..shown],
        more: kpi.rows.len() - shown,
        remarks: kpis.remarks.iter().filter(|(title, _)| *title == kpi.title).map(|(_, says)| says.as_str()).collect(),
    }
}
