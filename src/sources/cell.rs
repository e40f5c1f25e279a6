//! A cell of a workbook as the text that a CSV export of it would hold, without what floats and formats do to it.
//!
//! A workbook shows fifteen significant digits, so a number is written with no more: 0.1 + 0.2 is `0.3`. A number that
//! needs more digits has lost some and is refused, as is a formula without a value.

use super::rules::Rule;
use crate::period;
use crate::schema::ColumnKind;
use std::borrow::Cow;
use std::fmt::Write;

/// What a workbook holds in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Flag(bool),
    /// A number under a date format: days since the workbook's first day.
    Serial(f64),
    /// `2022-01-05T09:30:00`.
    Moment(String),
    /// `#DIV/0!`.
    Error(String),
    /// A formula whose value was never computed.
    NoValue,
    /// Bytes that are no text.
    NoText,
}

/// Serials of unformatted numbers that are dates: 1927-05-18 to 9999-12-31. A year alone (`2022`) is none of them.
const SERIALS: std::ops::RangeInclusive<f64> = 10_000.0..=2_958_465.999_999;
/// Days from the serial 0 of either date system to 1970-01-01.
const EPOCH_1900: i64 = 25_569;
const EPOCH_1904: i64 = 24_107;

impl Cell {
    /// Whether there is nothing in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => super::normal::trim(text).is_empty(),
            _ => false,
        }
    }

    /// The text for a column of this type (none: nobody's), or the rule that it breaks and what to show of it.
    pub fn text(&self, kind: Option<&ColumnKind>, is_1904: bool) -> Result<Cow<'_, str>, (Rule, String)> {
        let is_day = matches!(kind, Some(ColumnKind::Date | ColumnKind::DateTime));
        match self {
            Cell::Empty => Ok("".into()),
            Cell::Text(text) => Ok(text.into()),
            Cell::Flag(flag) => Ok(if *flag { "TRUE" } else { "FALSE" }.into()),
            Cell::Number(value) if is_day && SERIALS.contains(value) => Ok(serial_text(*value, kind, is_1904).into()),
            Cell::Number(value) => number_text(*value).map(Cow::Owned),
            Cell::Serial(value) => Ok(serial_text(*value, kind, is_1904).into()),
            Cell::Moment(text) => Ok(moment_text(text, kind).into()),
            Cell::Error(error) => Err((Rule::CellError, error.clone())),
            Cell::NoValue => Err((Rule::CellFormula, String::new())),
            Cell::NoText => Err((Rule::RowBytes, '\u{FFFD}'.to_string())),
        }
    }
}

/// At most fifteen significant digits, no exponent.
pub fn number_text(value: f64) -> Result<String, (Rule, String)> {
    let text = format!("{value:.14e}");
    let lost = || (Rule::CellDigits, text.replace('e', "E"));
    let (mantissa, exponent) = text.split_once('e').ok_or_else(lost)?;
    let exponent: i32 = exponent.parse().map_err(|_| lost())?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    if exponent >= 15 {
        return Err(lost());
    }
    if digits.is_empty() {
        return Ok("0".into());
    }
    let point = exponent + 1;
    Ok(match usize::try_from(point) {
        Err(_) | Ok(0) => format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(point) if point >= digits.len() => format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
    })
}

/// A serial as a day, with the time of day where there is one or the column wants one.
#[expect(clippy::float_arithmetic, reason = "a workbook keeps moments as floats; no amount comes this way")]
fn serial_text(serial: f64, kind: Option<&ColumnKind>, is_1904: bool) -> String {
    // Milliseconds are all that a serial holds: 09:30 is 0.39583333333575865 days.
    let total = (serial * period::DAY_MS as f64).round();
    if !(0.0..3e6 * period::DAY_MS as f64).contains(&total) {
        return format!("{serial}");
    }
    let (mut day, time) = ((total as i64).div_euclid(period::DAY_MS), (total as i64).rem_euclid(period::DAY_MS));
    let mut text = String::new();
    // The 1900 system counts a 29 February 1900 that never was.
    let is_phantom = !is_1904 && day == 60;
    if !is_1904 && day < 60 {
        day += 1;
    }
    if is_phantom {
        text.push_str("1900-02-29");
    } else {
        let days = day - if is_1904 { EPOCH_1904 } else { EPOCH_1900 };
        text.push_str(&i32::try_from(days).map(period::format_date).unwrap_or_default());
    }
    if time != 0 || matches!(kind, Some(ColumnKind::DateTime)) {
        let (seconds, rest) = (time / 1000, time % 1000);
        // Writing to a String cannot fail.
        let _ = write!(text, " {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if rest != 0 {
            let _ = write!(text, ".{rest:03}");
        }
    }
    text
}

/// An ISO moment as the other spellings have it.
fn moment_text(text: &str, kind: Option<&ColumnKind>) -> String {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    let time = time.trim_end_matches('Z');
    let time = time.split_once('.').filter(|(_, rest)| rest.bytes().all(|byte| byte == b'0')).map_or(time, |(whole, _)| whole);
    match kind {
        Some(ColumnKind::DateTime) if time.is_empty() => format!("{day} 00:00:00"),
        Some(ColumnKind::DateTime) => format!("{day} {time}"),
        _ if matches!(time, "" | "00:00:00") => day.to_owned(),
        _ => format!("{day} {time}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64) -> String {
        number_text(value).unwrap_or_else(|(rule, shown)| format!("{}:{shown}", rule.code()))
    }

    #[test]
    fn numbers_have_fifteen_digits() {
        let cases = [
            (0.1 + 0.2, "0.3"),
            (1234567.8900000001, "1234567.89"),
            (-0.0, "0"),
            (-1.5, "-1.5"),
            (0.0435, "0.0435"),
            (140902.0, "140902"),
            (9_999_999_999_999.99, "9999999999999.99"),
            (1e-9, "0.000000001"),
            (100.0, "100"),
            (1234.567, "1234.567"),
            (9.114_092_111_192_085e17, "cell.digits:9.11409211119208E17"),
            (f64::NAN, "cell.digits:NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(shown(value), text);
        }
    }

    #[test]
    fn serials_of_both_systems() {
        let (day, moment) = (Some(&ColumnKind::Date), Some(&ColumnKind::DateTime));
        let show = |cell: Cell, kind, is_1904| cell.text(kind, is_1904).expect("text").into_owned();
        assert_eq!(show(Cell::Serial(44566.0), day, false), "2022-01-05");
        assert_eq!(show(Cell::Number(44566.0), day, false), "2022-01-05");
        assert_eq!(show(Cell::Number(44566.0), None, false), "44566");
        assert_eq!(show(Cell::Number(2022.0), day, false), "2022");
        assert_eq!(show(Cell::Number(20220105.0), day, false), "20220105");
        assert_eq!(show(Cell::Serial(43104.0), day, true), "2022-01-05");
        assert_eq!(show(Cell::Serial(44566.395833333336), moment, false), "2022-01-05 09:30:00");
        assert_eq!(show(Cell::Serial(44566.0), moment, false), "2022-01-05 00:00:00");
        assert_eq!(show(Cell::Serial(44566.5), day, false), "2022-01-05 12:00:00");
        assert_eq!(show(Cell::Serial(1.0), None, false), "1900-01-01");
        assert_eq!(show(Cell::Serial(60.0), None, false), "1900-02-29");
        assert_eq!(show(Cell::Serial(61.0), None, false), "1900-03-01");
        assert_eq!(show(Cell::Moment("2022-01-05T00:00:00.000Z".into()), day, false), "2022-01-05");
        assert_eq!(show(Cell::Moment("2022-01-05T09:30:00".into()), moment, false), "2022-01-05 09:30:00");
    }
}
