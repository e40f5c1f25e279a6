//! Turns facts into verdicts, one per judged row of each measure, with the first failing clause and the rounded amount.
//!
//! Three-valued: a false clause beats an unknown one, an unknown one beats an unset parameter (spec 2, rules 3 to 5).
//! Each clause is evaluated once, as a column; everything later (ledger, explanations, near misses) reads these columns.
//! Never does: settle several rows together, or write anything.

mod decide;
mod missing;

pub use decide::{Decided, built_on, decide_all, decide_rows, may_be_unset};
pub use missing::{Lacks, Missing, missing};

/// What a measure says of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// 符合.
    Eligible,
    /// 不符合, by this clause.
    Ineligible(Failing),
    /// 待核实: some data is missing.
    Unknown,
    /// 待定标准: eligible, but nobody has named the amount.
    Unset,
}

/// The first clause that is false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failing {
    /// 政策有效期.
    InForce,
    /// 主体状态.
    Subject,
    /// A clause of the measure, from 0.
    Clause(u16),
    /// 金额为零.
    Zero,
}

impl Failing {
    /// As cases and explanations name it: the ledger's words, or the clause's number from 1.
    pub fn name(self) -> String {
        match self {
            Failing::InForce => "政策有效期".to_string(),
            Failing::Subject => "主体状态".to_string(),
            Failing::Clause(i) => (u32::from(i) + 1).to_string(),
            Failing::Zero => "金额为零".to_string(),
        }
    }
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
