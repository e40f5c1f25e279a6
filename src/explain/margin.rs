//! By how much a test was met or missed, exact, in the smallest steps in which its value is written.
//!
//! A strict bound that is hit exactly is missed by one step (0.01 元, 1 天). A rate that a ratio misses is given in
//! hundredths of a percent, rounded so that it is never less than what is really missing.

use super::values::Values;
use crate::money;
use crate::sql::ir::Comparison;
use crate::value::Unit;

/// By how much, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// `差 3 天`, `超出 0.01 元`, `余 12 人`.
    pub text: String,
    /// See `Gap::distance`.
    pub distance: i128,
}

/// By how much, in steps of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// How many steps are missing; of a test that is met, 0.
    pub missing: i128,
    /// How many steps the value may still go.
    spare: i128,
    /// What is missing as a share of the threshold, in units of 1e-9 (of a year for days); 0 where nothing is.
    pub distance: i128,
    /// The same; nothing where it is a share of no threshold: of zero, or of a day.
    pub share: Option<i128>,
}

pub const SHARE: i128 = 1_000_000_000;
const YEAR: i128 = 365;
/// Ratios are shown to hundredths of a percent: 1e-4.
const RATIO_SCALE: u32 = 4;

impl Gap {
    /// In words: `差`, `超出` or `余`, and the steps as `say` writes them.
    pub fn margin(self, lacks: &str, say: impl Fn(i128) -> String) -> Margin {
        let text = if self.missing > 0 { format!("{lacks} {}", say(self.missing)) } else { format!("余 {}", say(self.spare)) };
        Margin { text, distance: self.distance }
    }
}

/// What a number is called that is on the wrong side of a bound.
pub fn lacks(op: Comparison) -> &'static str {
    match op {
        Comparison::Less | Comparison::LessOrEqual => "超出",
        _ => "差",
    }
}

/// A number against a bound; nothing where one is missing or equality is met.
pub fn of_numbers(value: &Values, op: Comparison, bound: &Values, row: usize) -> Option<Gap> {
    value.unit()?;
    let ((v, step), (b, scale)) = (value.number(row)?, bound.number(row)?);
    let most = step.max(scale);
    let (exact, limit) = (scaled(v, step, most)?, scaled(b, scale, most)?);
    let unit_step = 10_i128.checked_pow(most - step)?;
    let missing = steps(exact, op, limit, unit_step)?;
    if missing == 0 && matches!(op, Comparison::Equal | Comparison::NotEqual) {
        return None;
    }
    let spare = spare(exact, op, limit, unit_step)?;
    // Nothing is a share of zero: there the distance counts whole units.
    let whole = if limit == 0 { 10_i128.checked_pow(most)? } else { limit.checked_abs()? };
    let distance = div_ceil(missing.checked_mul(unit_step)?.checked_mul(SHARE)?, whole);
    Some(Gap { missing, spare, distance, share: (limit != 0).then_some(distance) })
}

/// Steps of a value as people read them, with their unit.
pub fn amount(value: &Values, unit: &str, steps: i128) -> String {
    let scale = value.scale();
    let text = match value.unit() {
        Some(Unit::Money) if scale == 2 => money::Fen(steps).grouped(),
        Some(Unit::Rate) if scale >= 2 => money::format_plain(steps, scale - 2),
        _ => money::format_plain(steps, scale),
    };
    if unit.is_empty() { text } else { format!("{text} {unit}") }
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

/// A date against a window, in days.
pub fn of_window(date: &Values, from: Option<&Values>, to: Option<&Values>, row: usize) -> Option<Gap> {
    let day = date.number(row)?.0;
    let bound = |side: Option<&Values>| side.and_then(|v| v.number(row)).map(|n| n.0);
    let missing = bound(from).map(|from| from - day).into_iter().chain(bound(to).map(|to| day - to)).max()?;
    let distance = if missing > 0 { div_ceil(missing.checked_mul(SHARE)?, YEAR) } else { 0 };
    Some(Gap { missing: missing.max(0), spare: (-missing).max(0), distance, share: None })
}

/// A part of a whole against a rate, in hundredths of a percent, and the ratio itself, which never looks better than it
/// is; nothing where the whole is not positive.
pub fn of_ratio(part: &Values, whole: &Values, op: Comparison, rate: &Values, row: usize) -> Option<(i128, Gap)> {
    let ((p, part_scale), (w, whole_scale), (r, rate_scale)) = (part.number(row)?, whole.number(row)?, rate.number(row)?);
    if w <= 0 {
        return None;
    }
    // All over one divisor: part ÷ whole × 10^4, and rate × 10^4.
    let rate_divisor = 10_i128.checked_pow(rate_scale)?;
    let plain_divisor = w.checked_mul(10_i128.checked_pow(part_scale)?)?;
    let units = p.checked_mul(10_i128.checked_pow(whole_scale + RATIO_SCALE)?)?.checked_mul(rate_divisor)?;
    let wanted = r.checked_mul(plain_divisor)?.checked_mul(10_i128.checked_pow(RATIO_SCALE)?)?;
    let divisor = plain_divisor.checked_mul(rate_divisor)?;
    let up = matches!(op, Comparison::Greater | Comparison::GreaterOrEqual);
    let shown = if up { units.div_euclid(divisor) } else { div_ceil(units, divisor) };
    let missing = steps(units, op, wanted, divisor)?;
    let limit = if r == 0 { rate_divisor } else { r.checked_abs()? };
    let missing_rate = missing.checked_mul(rate_divisor)?.checked_mul(SHARE / 10_i128.pow(RATIO_SCALE))?;
    let distance = div_ceil(missing_rate, limit);
    let gap = Gap { missing, spare: spare(units, op, wanted, divisor)?, distance, share: (r != 0).then_some(distance) };
    Some((shown, gap))
}

/// Hundredths of a percent as a percentage without its sign.
pub fn percent(hundredths: i128) -> String {
    money::format_plain(hundredths, RATIO_SCALE - 2)
}

fn scaled(value: i128, from: u32, to: u32) -> Option<i128> {
    value.checked_mul(10_i128.checked_pow(to.checked_sub(from)?)?)
}

fn div_ceil(a: i128, b: i128) -> i128 {
    -(-a).div_euclid(b)
}
