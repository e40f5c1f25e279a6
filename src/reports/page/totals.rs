//! Sums of a run by kind, payer and county, as the page shows them. Kinds are never added together.

use super::{Bar, Contents, bar, count};
use crate::ledger::Summary;
use crate::ledger::columns::{BY_COUNTY, BY_MEASURE, BY_PAYER};
use crate::money::FenSum;
use crate::policy::model::Kind;
use serde::Serialize;

/// One kind over all measures.
#[derive(Serialize)]
pub(super) struct KindTotal {
    name: &'static str,
    lines: String,
    /// None where no measure of the kind carries amounts.
    amount: Option<String>,
    /// 待定标准, where there are any.
    unset: Option<String>,
}

/// One payer's grants.
#[derive(Serialize)]
pub(super) struct Payer {
    name: String,
    lines: String,
    amount: Bar,
}

/// The chart of one kind: a bar per county.
#[derive(Serialize)]
pub(super) struct Chart {
    kind: &'static str,
    counties: Vec<County>,
}

#[derive(Serialize)]
pub(super) struct County {
    code: String,
    name: String,
    lines: String,
    amount: Bar,
}

/// Ledger lines of a row of sums: 符合 and 待定标准.
fn lines(row: &Summary) -> u64 {
    row.verdicts[0] + row.verdicts[3]
}

fn of<'a>(contents: &'a Contents<'_>, dimension: &'a str, kind: Kind) -> impl Iterator<Item = &'a Summary> {
    contents.summary.iter().filter(move |row| row.dimension == dimension && row.kind == kind)
}

/// Every kind that some computed measure is of.
pub(super) fn kinds(contents: &Contents<'_>) -> Vec<KindTotal> {
    let total = |&(name, kind): &(&'static str, Kind)| {
        let rows: Vec<&Summary> = of(contents, BY_MEASURE, kind).collect();
        let carries = contents.pipeline.measures.iter().any(|m| m.kind == kind && m.amount.is_some());
        let unset = rows.iter().map(|row| row.verdicts[3]).sum();
        (!rows.is_empty()).then(|| KindTotal {
            name,
            lines: count(rows.iter().map(|row| lines(row)).sum()),
            amount: carries.then(|| rows.iter().map(|row| row.total).sum::<FenSum>().grouped()),
            unset: (unset > 0).then(|| count(unset)),
        })
    };
    Kind::ALL.iter().filter_map(total).collect()
}

/// Who pays the grants, the largest sum first.
pub(super) fn payers(contents: &Contents<'_>) -> Vec<Payer> {
    let mut rows: Vec<&Summary> = of(contents, BY_PAYER, Kind::Grant).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.total));
    let widest = widest(&rows);
    let payer = |row: &Summary| Payer { name: row.group.clone(), lines: count(lines(row)), amount: amount(row, widest) };
    rows.into_iter().map(payer).collect()
}

/// A chart per kind that carries amounts.
pub(super) fn counties(contents: &Contents<'_>) -> Vec<Chart> {
    let chart = |&(kind, of_kind): &(&'static str, Kind)| {
        let rows: Vec<&Summary> = of(contents, BY_COUNTY, of_kind).collect();
        let widest = widest(&rows);
        let county = |row: &Summary| County {
            code: row.group.clone(),
            name: contents.pipeline.counties.get(&row.group).cloned().unwrap_or_default(),
            lines: count(lines(row)),
            amount: amount(row, widest),
        };
        (widest > 0).then(|| Chart { kind, counties: rows.into_iter().map(county).collect() })
    };
    Kind::ALL.iter().filter_map(chart).collect()
}

fn widest(rows: &[&Summary]) -> u128 {
    rows.iter().map(|row| row.total.0.unsigned_abs()).max().unwrap_or(0)
}

fn amount(row: &Summary, widest: u128) -> Bar {
    bar(row.total.grouped(), row.total.0.unsigned_abs(), widest)
}
