//! The funnel of a measure: how many rows are judged, and how many are left after each condition, in its order.
//!
//! A row leaves where its first condition is false, so the last step holds 符合, 待核实 and 待定标准 together.

use crate::measures::{Decided, Failing, Verdict};
use crate::policy::model::{Measure, Pipeline};
use crate::sql::ir::MeasureId;

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
}

/// Counts a measure's funnel from its verdicts.
pub fn funnel(pipeline: &Pipeline, decided: &Decided<'_>) -> Funnel {
    let measure = &pipeline.measures[decided.measure];
    let mut failed = vec![0_u64; measure.clauses.len() + 3];
    let mut left = [0_u64; 3];
    for verdict in &decided.verdicts {
        match verdict {
            Verdict::Eligible => left[0] += 1,
            Verdict::Unknown => left[1] += 1,
            Verdict::Unset => left[2] += 1,
            Verdict::Ineligible(failing) => failed[place(measure, *failing)] += 1,
        }
    }
    let judged = decided.verdicts.len() as u64;
    let mut rest = judged;
    let mut steps = Vec::new();
    for (place, (number, says)) in conditions(measure).into_iter().enumerate() {
        rest -= failed[place];
        if let Some(says) = says {
            steps.push(Step { number, says, left: rest });
        }
    }
    Funnel { measure: decided.measure, judged, steps, left }
}

/// 政策有效期, 主体状态, the clauses, 金额为零: what each is called; no words where the measure has no such condition.
fn conditions(measure: &Measure) -> Vec<(String, Option<String>)> {
    let named = |name: &str, there: bool| (name.to_string(), there.then(|| name.to_string()));
    let mut all = vec![named(IN_FORCE, measure.in_force.is_some()), named(SUBJECT, measure.subject.alive.is_some())];
    all.extend(measure.clauses.iter().enumerate().map(|(i, c)| ((i + 1).to_string(), Some(c.says.clone()))));
    all.push(("金额".to_string(), measure.amount.is_some().then(|| "金额大于零".to_string())));
    all
}

fn place(measure: &Measure, failing: Failing) -> usize {
    match failing {
        Failing::InForce => 0,
        Failing::Subject => 1,
        Failing::Clause(i) => 2 + usize::from(i),
        Failing::Zero => 2 + measure.clauses.len(),
    }
}

const IN_FORCE: &str = "政策有效期";
const SUBJECT: &str = "主体状态";
