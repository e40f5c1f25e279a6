//! What a case expects against what came out, in words.

use super::outcome::Outcome;
use crate::diagnostic::Place;
use crate::policy::conditions::ConditionId;
use crate::policy::model::{Case, Expect};

/// Every difference with the expectation it is about; rows are counted from 1, the case's own row first.
pub fn differences(case: &Case, outcomes: &[Outcome]) -> Vec<(Place, String)> {
    let whole = |text: String| vec![(case.place.clone(), text)];
    if case.expect.is_empty() {
        return whole("it expects nothing: write `expect` or `expect_rows`".to_string());
    }
    if case.expect.len() > outcomes.len() {
        return whole(format!("it expects {} judged rows, {} were judged", case.expect.len(), outcomes.len()));
    }
    let several = outcomes.len() > 1;
    let rows = case.expect.iter().zip(outcomes).enumerate();
    rows.flat_map(|(row, (expect, outcome))| {
        let row = if several { format!("row {}: ", row + 1) } else { String::new() };
        let place = expect.place.as_ref().unwrap_or(&case.place);
        of_row(expect, outcome).into_iter().map(move |text| (place.clone(), format!("{row}{text}")))
    })
    .collect()
}

fn of_row(expect: &Expect, outcome: &Outcome) -> Vec<String> {
    if expect.verdict.as_deref().is_some_and(|verdict| verdict != outcome.verdict) {
        return vec![format!("expected verdict {}, got {}", expect.verdict.as_deref().unwrap_or_default(), described(outcome))];
    }
    let clause = outcome.condition.map(ConditionId::name);
    let parts = [
        ("clause", &expect.clause, clause.as_deref()),
        ("before", &expect.before, outcome.before.as_deref()),
        ("cut", &expect.cut, outcome.cut.as_deref()),
        ("amount", &expect.amount, outcome.amount.as_deref()),
        ("status", &expect.status, outcome.status),
        ("reason", &expect.reason, outcome.reason.as_deref()),
    ];
    let differs = |(what, expected, came): (&str, &Option<String>, Option<&str>)| {
        let expected = expected.as_deref().filter(|e| came != Some(*e))?;
        Some(format!("expected {what} {expected}, got {}", came.unwrap_or("none")))
    };
    let mut found: Vec<String> = parts.into_iter().filter_map(differs).collect();
    let mut expected = expect.missing.clone();
    expected.sort();
    if !expected.is_empty() && expected != outcome.missing {
        found.push(format!("expected missing {}, got {}", expected.join("、"), named(&outcome.missing)));
    }
    found
}

/// A verdict with what decided it.
fn described(outcome: &Outcome) -> String {
    match outcome.condition {
        Some(condition) => format!("{} by clause {}{}", outcome.verdict, condition.name(), lacking(outcome)),
        None => format!("{}{}", outcome.verdict, lacking(outcome)),
    }
}

fn lacking(outcome: &Outcome) -> String {
    if outcome.missing.is_empty() { String::new() } else { format!(", missing {}", named(&outcome.missing)) }
}

fn named(missing: &[String]) -> String {
    if missing.is_empty() { "none".to_string() } else { missing.join("、") }
}
