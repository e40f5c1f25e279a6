//! What is wrong with a published run, and where.

use std::collections::BTreeMap;
use std::fmt;

/// Findings of one kind in one file that are told one by one; the rest is counted.
const TOLD: u64 = 20;

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// The manifest can be read.
    Manifest,
    /// The run's name is that of its inputs.
    RunName,
    /// A file is there.
    Missing,
    /// No other file is there.
    Foreign,
    /// Size and hash are the published ones.
    Changed,
    /// BOM, UTF-8, CRLF, quotes only where needed, as many cells as columns.
    Form,
    /// The columns are those of the table.
    Columns,
    /// As many rows as the manifest says.
    Rows,
    /// A cell holds what its column should.
    Cell,
    /// No text cell would be run by a spreadsheet.
    Formula,
    /// 核定前金额 − 核减金额 = 金额.
    Amount,
    /// Rows stand in their total order.
    Order,
    /// 台账编号 are unique.
    AwardNumber,
    /// The summary is the ledgers' sum.
    Summary,
    /// The manifest's totals are the ledgers' sums.
    Totals,
    /// Rows in = accepted + superseded + rejected.
    Counts,
    /// Rejected rows are those of rejects.csv.
    Rejects,
    /// The manifest's inputs are those of sources.csv.
    Inputs,
    /// No identity number shows.
    Person,
}

impl Check {
    /// In the order in which they are declared, with their stable codes.
    pub const ALL: [(Check, &'static str); 19] = [
        (Check::Manifest, "manifest"),
        (Check::RunName, "run-name"),
        (Check::Missing, "missing"),
        (Check::Foreign, "foreign"),
        (Check::Changed, "changed"),
        (Check::Form, "form"),
        (Check::Columns, "columns"),
        (Check::Rows, "rows"),
        (Check::Cell, "cell"),
        (Check::Formula, "formula"),
        (Check::Amount, "amount"),
        (Check::Order, "order"),
        (Check::AwardNumber, "award-number"),
        (Check::Summary, "summary"),
        (Check::Totals, "totals"),
        (Check::Counts, "counts"),
        (Check::Rejects, "rejects"),
        (Check::Inputs, "inputs"),
        (Check::Person, "person"),
    ];

    pub fn code(self) -> &'static str {
        Check::ALL.iter().find(|(check, _)| *check == self).map_or("", |(_, code)| code)
    }
}

/// One thing that is wrong; ordered by file, line, check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path in the run's folder.
    pub file: String,
    /// Physical line, from 1.
    pub line: Option<u64>,
    pub check: Check,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}: {}", self.check.code(), self.what)
    }
}

/// Gathers findings; a file that is wrong in every row does not fill the memory.
#[derive(Default)]
pub(super) struct Findings {
    told: Vec<Finding>,
    counts: BTreeMap<(String, Check), u64>,
}

impl Findings {
    pub(super) fn add(&mut self, check: Check, file: &str, line: Option<u64>, what: impl FnOnce() -> String) {
        let count = self.counts.entry((file.to_owned(), check)).or_default();
        *count += 1;
        if *count <= TOLD {
            self.told.push(Finding { file: file.to_owned(), line, check, what: what() });
        }
    }

    pub(super) fn extend(&mut self, other: Findings) {
        self.told.extend(other.told);
        for (place, count) in other.counts {
            *self.counts.entry(place).or_default() += count;
        }
    }

    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.told.sort();
        for ((file, check), count) in self.counts {
            let told = self.told.iter().filter(|finding| finding.file == file && finding.check == check).count() as u64;
            if count > told {
                self.told.push(Finding { file, line: None, check, what: format!("{} more of these", count - told) });
            }
        }
        self.told
    }
}
