//! What must hold of every award, looked at on every run before anything is written.

use super::{Award, Failed, Settled};
use crate::measures::Verdict;
use crate::money::Fen;
use crate::sql::EvalError;

/// Verdict and award agree, each award stands once, and every step leaves no more than it found, in money and in room.
pub fn check(settled: &Settled<'_>) -> Result<(), Failed> {
    let granted = settled.decided.verdicts.iter().filter(|v| matches!(v, Verdict::Eligible | Verdict::Unset)).count();
    let in_order = settled.awards.is_sorted_by(|a, b| a.row < b.row);
    let wrong = settled.awards.iter().find(|award| !is_sound(settled, award)).map(|award| award.row);
    if granted == settled.awards.len() && in_order && wrong.is_none() {
        return Ok(());
    }
    let row = wrong.and_then(|row| settled.decided.row_numbers.get(row)).map_or(String::new(), |row| format!(", row {row} of its source"));
    let what = format!("its awards do not agree with its verdicts or limits{row}: nothing may be published");
    Err((settled.measure(), EvalError::Engine(what)))
}

fn is_sound(settled: &Settled<'_>, award: &Award) -> bool {
    let agrees = match settled.decided.verdicts.get(award.row) {
        Some(Verdict::Eligible) => !award.unset,
        Some(Verdict::Unset) => award.unset && award.money.is_none(),
        _ => false,
    };
    let sound = award.money.as_ref().is_none_or(|money| {
        let mut came = money.before;
        let step_by_step = money.steps.iter().all(|step| {
            let fits = (Fen::ZERO..=came).contains(&step.paid) && step.paid <= step.room.left();
            came = step.paid;
            fits
        });
        money.before > Fen::ZERO && step_by_step && money.cut() >= Fen::ZERO
    });
    agrees && sound
}
