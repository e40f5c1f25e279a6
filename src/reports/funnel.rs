//! The funnel of a measure: how many rows are judged, and how many are left after each condition, in its order.
//!
//! A row leaves where its first condition is false, so the last step holds 符合, 待核实 and 待定标准 together. Beside it stands how
//! many rows the condition fails alone: without it they would not be 不符合.

use crate::measures::{Decided, Verdict};
use crate::policy::conditions::{Condition, ConditionId};
use crate::policy::model::Pipeline;
use crate::sql::ir::MeasureId;
use std::collections::BTreeMap;

/// One measure's funnel; counts are judged rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    pub measure: MeasureId,
    pub judged: u64,
    pub steps: Vec<Step>,
    /// 符合, 待核实, 待定标准: what is left at the end.
    pub left: [u64; 3],
}

/// A condition and what it left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub number: String,
    pub says: String,
    /// Rows that no condition up to this one has failed.
    pub left: u64,
    /// 仅差此条: rows that it alone fails; none where rows were not asked all conditions, as of a measure out of force.
    pub alone: Option<u64>,
}

/// Counts a measure's funnel from its verdicts.
pub fn funnel(pipeline: &Pipeline, decided: &Decided<'_>) -> Funnel {
    let mut failed: BTreeMap<ConditionId, u64> = BTreeMap::new();
    let mut left = [0_u64; 3];
    for verdict in &decided.verdicts {
        match verdict {
            Verdict::Eligible => left[0] += 1,
            Verdict::Unknown => left[1] += 1,
            Verdict::Unset => left[2] += 1,
            Verdict::Ineligible(condition) => *failed.entry(*condition).or_default() += 1,
        }
    }
    let judged = decided.verdicts.len() as u64;
    let mut rest = judged;
    let conditions = pipeline.measures[decided.measure].conditions();
    let alone = decided.alone();
    let all_asked = judged == 0 || alone.len() == conditions.len();
    let steps = conditions.into_iter().enumerate().map(|(at, condition)| {
        rest -= failed.get(&condition.id).copied().unwrap_or(0);
        let (number, says) = named(&condition);
        let alone = all_asked.then(|| alone.get(at).map_or(0, |rows| rows.set_bits() as u64));
        Step { number, says, left: rest, alone }
    });
    Funnel { measure: decided.measure, judged, steps: steps.collect(), left }
}

/// 步骤 and 条件.
fn named(condition: &Condition<'_>) -> (String, String) {
    match condition.id {
        ConditionId::Clause(_) => (condition.id.name(), condition.says.to_string()),
        ConditionId::Amount => ("金额".to_string(), "金额大于零".to_string()),
        ConditionId::InForce | ConditionId::Subject => (condition.id.name(), condition.id.name()),
    }
}
