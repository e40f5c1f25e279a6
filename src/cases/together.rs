//! The worked cases of what several measures settle together: each is switched on for its cases, and alone.

use super::{Report, compare, outcome};
use crate::diagnostic::{Diagnostic, Mistake};
use crate::parallel;
use crate::policy::model::{Pipeline, Settlement, SettlementCase};

/// Runs the cases of every group and every budget, with `threads` at work. An entry without a case is a finding.
pub fn of_settlement(pipeline: &Pipeline, threads: usize) -> Report {
    let own = &pipeline.settlement;
    let mut findings = Vec::new();
    let mut cases: Vec<(Settlement, &SettlementCase)> = Vec::new();
    for (i, group) in own.highest_of.iter().enumerate() {
        cases.extend(group.cases.iter().map(|case| (switched(own, Some(i), None, case), case)));
    }
    for (i, budget) in own.budgets.iter().enumerate() {
        cases.extend(budget.cases.iter().map(|case| (switched(own, None, Some(i), case), case)));
    }
    let groups = own.highest_of.iter().filter(|g| g.cases.is_empty()).map(|g| (&g.name, &g.place));
    let budgets = own.budgets.iter().filter(|b| b.cases.is_empty()).map(|b| (&b.name, &b.place));
    for (name, place) in groups.chain(budgets) {
        let text = format!("`{name}` has no worked case: nobody can see what it does");
        findings.push(Diagnostic::error(Mistake::Settlement, place.clone(), text));
    }
    findings.extend(parallel::each(&cases, threads, |(settlement, case)| check(pipeline, settlement, case)).concat());
    Report { cases: cases.len(), findings }
}

/// The settlement with this group or budget alone switched on, the year's money as the case says.
fn switched(all: &Settlement, group: Option<usize>, budget: Option<usize>, case: &SettlementCase) -> Settlement {
    let mut settlement = all.clone();
    for (i, g) in settlement.highest_of.iter_mut().enumerate() {
        g.enabled = group == Some(i);
    }
    for (i, b) in settlement.budgets.iter_mut().enumerate() {
        b.enabled = budget == Some(i);
        if let (true, Some(amounts)) = (b.enabled, &case.amounts) {
            b.amounts = amounts.clone();
        }
    }
    settlement
}

fn check(pipeline: &Pipeline, settlement: &Settlement, case: &SettlementCase) -> Vec<Diagnostic> {
    let finding = |code, place, text| Diagnostic::error(code, place, format!("{}: {text}", case.says));
    match outcome::of_settlement(pipeline, settlement, case) {
        Ok(outcomes) => {
            let awards = case.awards.iter().zip(&outcomes);
            let found = awards.flat_map(|(award, outcome)| compare::differences(&award.case, std::slice::from_ref(outcome)));
            found.map(|(place, text)| finding(Mistake::CaseFailed, place, text)).collect()
        }
        Err(troubles) => troubles.into_iter().map(|text| finding(Mistake::CaseCells, case.place.clone(), text)).collect(),
    }
}
