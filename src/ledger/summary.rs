//! summary.csv: verdicts and sums by measure, county and payer, and the proof that they agree.

use super::columns::{BY_COUNTY, BY_MEASURE, BY_PAYER, NO_COUNTY, NO_PAYER, UNSET};
use super::lines::{Line, Lines};
use crate::measures::Verdict;
use crate::money::FenSum;
use crate::policy::model::Kind;
use crate::settlement::Settled;
use std::collections::BTreeMap;
use thiserror::Error;

/// One row of summary.csv; amounts in 分.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// 措施 | 区划代码 | 出资方.
    pub dimension: &'static str,
    pub group: String,
    pub kind: Kind,
    /// 符合, 不符合, 待核实, 待定标准.
    pub verdicts: [u64; 4],
    /// Of a measure: its source was not delivered.
    pub missing: bool,
    pub total: FenSum,
}

/// The ledger does not add up: nothing may be published.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{kind}: the ledger sums to {}, by {dimension} to {}", ledger.plain(), sum.plain())]
pub struct OutOfBalance {
    pub kind: &'static str,
    pub dimension: &'static str,
    pub ledger: FenSum,
    pub sum: FenSum,
}

/// Sums by measure, by county and by payer; rows of one kind are never added to another's.
pub fn summarise(settled: &[Settled<'_>], lines: &[Lines<'_>]) -> Result<Vec<Summary>, OutOfBalance> {
    let mut rows: BTreeMap<(u8, String, Kind), Summary> = BTreeMap::new();
    for (settled, lines) in settled.iter().zip(lines) {
        let kind = lines.measure.kind;
        let mut counties: BTreeMap<&str, Sum> = BTreeMap::new();
        let mut whole = Sum::default();
        for line in &lines.lines {
            whole.add(line);
            counties.entry(lines.county(line)).or_default().add(line);
        }
        let row = entry(&mut rows, 0, BY_MEASURE, &lines.measure.id, kind);
        row.missing = !settled.decided.delivered;
        row.total += whole.total;
        for verdict in &settled.decided.verdicts {
            row.verdicts[position(*verdict)] += 1;
        }
        for (county, sum) in counties {
            entry(&mut rows, 1, BY_COUNTY, or(county, NO_COUNTY), kind).add(sum);
        }
        if !lines.lines.is_empty() {
            entry(&mut rows, 2, BY_PAYER, or(lines.measure.payer.as_deref().unwrap_or(""), NO_PAYER), kind).add(whole);
        }
    }
    let rows: Vec<Summary> = rows.into_values().collect();
    balance(lines, &rows)?;
    Ok(rows)
}

/// What some lines of a measure come to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    eligible: u64,
    unset: u64,
    total: FenSum,
}

impl Sum {
    fn add(&mut self, line: &Line) {
        *(if line.status == UNSET { &mut self.unset } else { &mut self.eligible }) += 1;
        self.total += line.amount.unwrap_or_default();
    }
}

impl Summary {
    fn add(&mut self, sum: Sum) {
        self.verdicts[position(Verdict::Eligible)] += sum.eligible;
        self.verdicts[position(Verdict::Unset)] += sum.unset;
        self.total += sum.total;
    }
}

type Rows = BTreeMap<(u8, String, Kind), Summary>;

fn entry<'r>(rows: &'r mut Rows, rank: u8, dimension: &'static str, group: &str, kind: Kind) -> &'r mut Summary {
    let new = || Summary { dimension, group: group.to_string(), kind, verdicts: [0; 4], missing: false, total: FenSum::default() };
    rows.entry((rank, group.to_string(), kind)).or_insert_with(new)
}

fn or<'t>(text: &'t str, none: &'t str) -> &'t str {
    if text.is_empty() { none } else { text }
}

fn position(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Eligible => 0,
        Verdict::Ineligible(_) => 1,
        Verdict::Unknown => 2,
        Verdict::Unset => 3,
    }
}

/// Σ ledger = Σ by measure = Σ by county = Σ by payer, per kind.
fn balance(lines: &[Lines<'_>], rows: &[Summary]) -> Result<(), OutOfBalance> {
    for (name, kind) in Kind::ALL {
        let of_kind = lines.iter().filter(|l| l.measure.kind == kind).flat_map(|l| &l.lines);
        let ledger: FenSum = of_kind.filter_map(|l| l.amount).sum();
        for dimension in [BY_MEASURE, BY_COUNTY, BY_PAYER] {
            let sum: FenSum = rows.iter().filter(|r| r.dimension == dimension && r.kind == kind).map(|r| r.total).sum();
            if sum != ledger {
                return Err(OutOfBalance { kind: name, dimension, ledger, sum });
            }
        }
    }
    Ok(())
}
