//! Holds the summary and the manifest's totals against the sums of the ledgers.

use super::finding::{Check, Findings};
use super::ledger::{Sum, Sums, fen};
use super::table::Table;
use crate::ledger::columns::{BY_COUNTY, BY_MEASURE, BY_PAYER};
use crate::money;
use crate::publish::manifest::{MANIFEST_FILE, Manifest, Total};
use crate::publish::tables::summary::{COLUMNS, Column, TABLE};
use std::collections::BTreeMap;

const SUMMARY_FILE: &str = TABLE.path;

/// In the order of [`Sums::by_group`].
const DIMENSIONS: [&str; 3] = [BY_MEASURE, BY_COUNTY, BY_PAYER];

/// What the summary says, by dimension: 分组 and 类型 → line and sum.
#[derive(Default)]
pub(super) struct Groups {
    by_group: [BTreeMap<(String, String), (u64, Sum)>; 3],
}

pub(super) fn read(table: &mut Table) -> Groups {
    let mut groups = Groups::default();
    let file = table.file;
    table.each(|row, findings| {
        let Some(at) = DIMENSIONS.iter().position(|name| *name == row.cell(Column::Dimension)) else {
            findings.add(Check::Cell, file, Some(row.line), || format!("维度 {} is none", row.cell(Column::Dimension)));
            return;
        };
        for at in [Column::Eligible, Column::Ineligible, Column::Unknown, Column::Unset].into_iter().filter(|&at| row.count(at).is_none()) {
            findings.add(Check::Cell, file, Some(row.line), || format!("{} is no count: {:?}", COLUMNS[at as usize].name, row.cell(at)));
        }
        let money = if row.cell(Column::Total).is_empty() { Some(0) } else { fen(row.cell(Column::Total)) };
        if money.is_none() {
            findings.add(Check::Cell, file, Some(row.line), || format!("金额合计 is no plain amount: {:?}", row.cell(Column::Total)));
        }
        let unset = row.count(Column::Unset).unwrap_or(0);
        let sum = Sum { rows: row.count(Column::Eligible).unwrap_or(0) + unset, unset, amount: money };
        let key = (row.plain(Column::Group).to_owned(), row.cell(Column::Kind).to_owned());
        if let Some((first, _)) = groups.by_group[at].insert(key, (row.line, sum)) {
            findings.add(Check::Summary, file, Some(row.line), || format!("this group stands on line {first} too"));
        }
    });
    groups
}

pub(super) fn check(ledger: &Sums, summary: &Groups, manifest: &Manifest, findings: &mut Findings) {
    for ((dimension, groups), sums) in DIMENSIONS.iter().zip(&summary.by_group).zip(&ledger.by_group) {
        check_kinds(dimension, groups, ledger, findings);
        for ((group, kind), (line, said)) in groups {
            let sum = sums.get(group).and_then(|kinds| kinds.get(kind)).copied().unwrap_or_default();
            if *said != sum {
                findings.add(Check::Summary, SUMMARY_FILE, Some(*line), || {
                    format!("{dimension} {group} {kind}: {}, the ledger has {}", show(said), show(&sum))
                });
            }
        }
        let of_ledger = sums.iter().flat_map(|(group, kinds)| kinds.iter().map(move |(kind, sum)| ((group.clone(), kind.clone()), sum)));
        for ((group, kind), sum) in of_ledger.filter(|(group, _)| !groups.contains_key(group)) {
            findings.add(Check::Summary, SUMMARY_FILE, None, || {
                format!("{dimension} {group} {kind} is not there, the ledger has {}", show(sum))
            });
        }
    }
    check_totals(ledger, manifest, findings);
}

/// Σ ledger = Σ of a dimension, per kind.
fn check_kinds(dimension: &str, groups: &BTreeMap<(String, String), (u64, Sum)>, ledger: &Sums, findings: &mut Findings) {
    for (kind, sum) in &ledger.by_kind {
        let mut total = Sum::default();
        groups.iter().filter(|((_, of), _)| of == kind).for_each(|(_, (_, said))| total.add(*said));
        if (total.rows, total.amount) != (sum.rows, sum.amount) || sum.amount.is_none() {
            findings.add(Check::Summary, SUMMARY_FILE, None, || {
                format!("Σ by {dimension} of {kind}: {}, the ledgers have {}", show(&total), show(sum))
            });
        }
    }
}

fn check_totals(ledger: &Sums, manifest: &Manifest, findings: &mut Findings) {
    let totals = ledger.totals();
    let none = Total { rows: 0, amount: "0.00".to_owned() };
    for kind in totals.keys().chain(manifest.totals.keys().filter(|kind| !totals.contains_key(*kind))) {
        let (said, sum) = (manifest.totals.get(kind).unwrap_or(&none), totals.get(kind).unwrap_or(&none));
        if said != sum {
            findings.add(Check::Totals, MANIFEST_FILE, None, || {
                format!("{kind}: {} rows of {}, the ledgers have {} of {}", said.rows, said.amount, sum.rows, sum.amount)
            });
        }
    }
}

fn show(sum: &Sum) -> String {
    let amount = sum.amount.map_or("an amount that is none".to_owned(), |fen| money::Fen(fen).plain());
    format!("{} rows ({} without an amount yet) of {amount}", sum.rows, sum.unset)
}
