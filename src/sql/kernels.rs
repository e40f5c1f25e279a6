//! What the date functions compute, on the integers that columns store (days, milliseconds, counts).

use super::functions::Function;
use crate::period;

const DAY_MS: i128 = 86_400_000;
const HOUR_MS: i128 = 3_600_000;

/// The working days of the pipeline's calendar.
pub trait Calendar: Sync {
    /// Working days after `from` up to and including `to`, both days since 1970-01-01 (negative where `to` is before `from`);
    /// or the first day of these that the calendar does not have.
    fn working_days(&self, from: i32, to: i32) -> Result<i32, i32>;
}

/// A call's value from its arguments, none of which is NULL; `None` where the result does not exist.
pub fn call(function: Function, args: &[i128], calendar: &dyn Calendar) -> Option<i128> {
    let day = |i: usize| args.get(i).and_then(|v| i32::try_from(*v).ok());
    let number = |i: usize| args.get(i).copied();
    Some(match function {
        Function::Year => i128::from(period::civil(day(0)?).0),
        Function::Month => i128::from(period::civil(day(0)?).1),
        Function::Day => i128::from(period::civil(day(0)?).2),
        Function::Hour => number(0)?.rem_euclid(DAY_MS) / HOUR_MS,
        Function::MonthEnd => i128::from(period::month_end(day(0)?)),
        Function::MakeDate => {
            let part = |i| u32::try_from(number(i)?).ok();
            i128::from(period::days(i32::try_from(number(0)?).ok()?, part(1)?, part(2)?)?)
        }
        Function::AddDays => number(0)? + number(1)?,
        Function::AddMonths => i128::from(period::add_months(day(0)?, i32::try_from(number(1)?).ok()?)?),
        Function::AddYears => i128::from(period::add_months(day(0)?, i32::try_from(number(1)?).ok()?.checked_mul(12)?)?),
        Function::DaysBetween => number(1)? - number(0)?,
        Function::MonthsBetween => {
            let ((y1, m1, _), (y2, m2, _)) = (period::civil(day(0)?), period::civil(day(1)?));
            i128::from((y2 - y1) * 12) + i128::from(m2) - i128::from(m1)
        }
        Function::ToDate => number(0)?.div_euclid(DAY_MS),
        Function::AtHour => number(0)? * DAY_MS + number(1)? * HOUR_MS,
        Function::AddHours => number(0)? + number(1)? * HOUR_MS,
        Function::WorkDays => i128::from(calendar.working_days(day(0)?, day(1)?).ok()?),
        Function::Left | Function::Length | Function::Coalesce | Function::Least | Function::Greatest | Function::CodeText => return None,
    })
}
