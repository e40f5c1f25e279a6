//! By how much a test was met or missed, exact, in the smallest steps in which its value is written.
//!
//! A strict bound that is hit exactly is missed by one step (0.01 元, 1 天). A rate that a ratio misses is given in
//! hundredths of a percent, rounded so that it is never less than what is really missing.

use super::values::Values;
use crate::ledger::plain;
use crate::money;
use crate::sql::ir::{Comparison, Unit};

/// By how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// `差 3 天`, `超出 0.01 元`, `余 12 人`.
    pub text: String,
    /// What is missing as a share of the threshold, in units of 1e-9 (of a year for days); 0 where nothing is.
    pub distance: i128,
}

const SHARE: i128 = 1_000_000_000;
const YEAR: i128 = 365;
/// Ratios are shown to hundredths of a percent: 1e-4.
const RATIO_SCALE: u32 = 4;

/// A number against a bound.
pub fn of_numbers(value: &Values, op: Comparison, bound: &Values, unit: &str, row: usize) -> Option<Margin> {
    let unit_of_value = value.unit()?;
    let ((v, step), (b, scale)) = (value.number(row)?, bound.number(row)?);
    let most = step.max(scale);
    let (exact, limit) = (scaled(v, step, most)?, scaled(b, scale, most)?);
    let unit_step = 10_i128.checked_pow(most - step)?;
    let missing = steps(exact, op, limit, unit_step)?;
    let say = |word: &str, steps: i128| format!("{word} {}{}", amount(steps, step, unit_of_value), spaced(unit));
    if missing == 0 && matches!(op, Comparison::Equal | Comparison::NotEqual) {
        return None;
    }
    if missing == 0 {
        return Some(Margin { text: say("余", spare(exact, op, limit, unit_step)?), distance: 0 });
    }
    let word = match op {
        Comparison::Less | Comparison::LessOrEqual => "超出",
        _ => "差",
    };
    // Nothing is a share of zero: there the distance counts whole units.
    let whole = if limit == 0 { 10_i128.checked_pow(most)? } else { limit.checked_abs()? };
    let distance = div_ceil(missing.checked_mul(unit_step)?.checked_mul(SHARE)?, whole);
    Some(Margin { text: say(word, missing), distance })
}

/// How many steps the value is on the wrong side; 0 if on the right one.
fn steps(value: i128, op: Comparison, limit: i128, step: i128) -> Option<i128> {
    let up = limit.checked_sub(value)?;
    let down = value.checked_sub(limit)?;
    Some(match op {
        Comparison::GreaterOrEqual => div_ceil(up, step).max(0),
        Comparison::Greater => (up.div_euclid(step) + 1).max(0),
        Comparison::LessOrEqual => div_ceil(down, step).max(0),
        Comparison::Less => (down.div_euclid(step) + 1).max(0),
        Comparison::Equal => div_ceil(up.abs(), step),
        Comparison::NotEqual => i128::from(up == 0),
    })
}

/// How many steps the value may still go before it is on the wrong side.
fn spare(value: i128, op: Comparison, limit: i128, step: i128) -> Option<i128> {
    let (over, under) = (value.checked_sub(limit)?, limit.checked_sub(value)?);
    Some(match op {
        Comparison::GreaterOrEqual => over.div_euclid(step),
        Comparison::Greater => div_ceil(over, step) - 1,
        Comparison::LessOrEqual => under.div_euclid(step),
        Comparison::Less => div_ceil(under, step) - 1,
        Comparison::Equal | Comparison::NotEqual => 0,
    })
}

/// A date against a window.
pub fn of_window(date: &Values, from: Option<&Values>, to: Option<&Values>, row: usize) -> Option<Margin> {
    let day = date.number(row)?.0;
    let bound = |side: Option<&Values>| side.map(|v| v.number(row).map(|n| n.0));
    let early = bound(from).map(|b| b.map(|from| from - day));
    let late = bound(to).map(|b| b.map(|to| day - to));
    let missing = early.into_iter().chain(late).flatten().max()?;
    if missing > 0 {
        return Some(Margin { text: format!("差 {missing} 天"), distance: div_ceil(missing.checked_mul(SHARE)?, YEAR) });
    }
    Some(Margin { text: format!("余 {} 天", -missing), distance: 0 })
}

/// The ratio as a rate that never looks better than it is, and its margin; `None` where the whole is not positive.
pub fn of_ratio(part: &Values, whole: &Values, op: Comparison, rate: &Values, row: usize) -> Option<(String, Option<Margin>)> {
    let ((p, part_scale), (w, whole_scale), (r, rate_scale)) = (part.number(row)?, whole.number(row)?, rate.number(row)?);
    if w <= 0 {
        return None;
    }
    // In hundredths of a percent: part ÷ whole × 10^4, and rate × 10^4 over the same divisor.
    let divisor = w.checked_mul(10_i128.checked_pow(part_scale)?)?;
    let units = p.checked_mul(10_i128.checked_pow(whole_scale + RATIO_SCALE)?)?;
    let wanted = r.checked_mul(divisor)?.checked_mul(10_i128.checked_pow(RATIO_SCALE)?)?;
    let rate_divisor = 10_i128.checked_pow(rate_scale)?;
    let (units, divisor) = (units.checked_mul(rate_divisor)?, divisor.checked_mul(rate_divisor)?);
    let up = matches!(op, Comparison::Greater | Comparison::GreaterOrEqual);
    let shown = if up { units.div_euclid(divisor) } else { div_ceil(units, divisor) };
    let text = |steps: i128| plain(steps, RATIO_SCALE - 2);
    let missing = steps(units, op, wanted, divisor)?;
    let margin = if missing > 0 {
        let whole = if r == 0 { rate_divisor } else { r.checked_abs()? };
        let missing_rate = missing.checked_mul(rate_divisor)?.checked_mul(SHARE / 10_i128.pow(RATIO_SCALE))?;
        Margin { text: format!("{} {} %", if up { "还差" } else { "超出" }, text(missing)), distance: div_ceil(missing_rate, whole) }
    } else {
        Margin { text: format!("余 {} %", text(spare(units, op, wanted, divisor)?)), distance: 0 }
    };
    Some((format!("{}%", text(shown)), Some(margin)))
}

fn scaled(value: i128, from: u32, to: u32) -> Option<i128> {
    value.checked_mul(10_i128.checked_pow(to.checked_sub(from)?)?)
}

fn div_ceil(a: i128, b: i128) -> i128 {
    -(-a).div_euclid(b)
}

/// Steps of a value as people read them.
fn amount(steps: i128, scale: u32, unit: Unit) -> String {
    match unit {
        Unit::Money if scale == 2 => money::format_yuan_grouped(steps),
        Unit::Rate if scale >= 2 => plain(steps, scale - 2),
        _ => plain(steps, scale),
    }
}

fn spaced(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" {unit}") }
}
