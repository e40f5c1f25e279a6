//! Turns facts into verdicts, one per judged row of each measure, with the first failing clause and the rounded amount.
//!
//! Three-valued: a false clause beats an unknown one, an unknown one beats an unset parameter (spec 2, rules 3 to 5).
//! Each condition is evaluated once, as a column; everything later (ledger, explanations, near misses) reads this record.
//! Never does: settle several rows together, or write anything.

mod alone;
mod decide;
mod missing;

pub use decide::{Decided, Judged, decide_rows, decide_wave, waves};
pub use missing::{Lacks, Missing, missing};

use crate::policy::conditions::ConditionId;

/// What a measure says of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// 符合.
    Eligible,
    /// 不符合: the first condition that is false.
    Ineligible(ConditionId),
    /// 待核实: some data is missing.
    Unknown,
    /// 待定标准: eligible, but nobody has named the amount.
    Unset,
}

impl Verdict {
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Eligible => "符合",
            Verdict::Ineligible(_) => "不符合",
            Verdict::Unknown => "待核实",
            Verdict::Unset => "待定标准",
        }
    }
}
