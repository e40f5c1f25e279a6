//! Calendar days as days since 1970-01-01 and moments as milliseconds since then, in the proleptic Gregorian calendar.
//!
//! Knows years 1 to 9999. Never reads the clock, knows no time zone.

use std::fmt::Write;

/// Milliseconds of one day.
pub const DAY_MS: i64 = 86_400_000;

/// Why a text is no date or moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFault {
    /// None of the spellings.
    Form,
    /// Spelt well, but there is no such day or time of day.
    NoSuchDay,
}

/// Days since 1970-01-01 of a day that exists.
pub fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 || day > month_length(year, month) {
        return None;
    }
    // Years that begin in March put the leap day last; an era is 400 of them.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Year, month and day of days since 1970-01-01.
pub fn civil(days: i32) -> (i32, u32, u32) {
    let shifted = days as i64 + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    let year = (year_of_era + era * 400) as i32 + i32::from(month <= 2);
    (year, month, day)
}

/// Days of a month (1 to 12).
pub fn month_length(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The same day some months later (or earlier), or that month's last where there is none; none outside years 1 to 9999.
pub fn add_months(date: i32, months: i32) -> Option<i32> {
    let (year, month, day) = civil(date);
    let total = (year as i64 * 12 + month as i64 - 1).checked_add(months as i64)?;
    let year = i32::try_from(total.div_euclid(12)).ok()?;
    let month = total.rem_euclid(12) as u32 + 1;
    days(year, month, day.min(month_length(year, month)))
}

/// The same day some years later (or earlier), or 28 February for a 29th.
pub fn add_years(date: i32, years: i32) -> Option<i32> {
    add_months(date, years.checked_mul(12)?)
}

/// The last day of the date's month.
pub fn month_end(date: i32) -> i32 {
    let (year, month, day) = civil(date);
    date + (month_length(year, month) - day) as i32
}

/// Calendar months from one date's month to another's; the days do not count.
pub fn months_between(from: i32, to: i32) -> i32 {
    let ((from_year, from_month, _), (to_year, to_month, _)) = (civil(from), civil(to));
    (to_year - from_year) * 12 + to_month as i32 - from_month as i32
}

/// 0 for Monday to 6 for Sunday.
pub fn weekday(date: i32) -> u32 {
    (date as i64 + 3).rem_euclid(7) as u32
}

/// Reads `2022-01-05` and nothing else: the spelling of nearly every cell.
#[inline]
pub fn parse_iso_date(text: &[u8]) -> Option<i32> {
    let text: &[u8; 10] = text.try_into().ok()?;
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let mut wrong = false;
    let mut digit = |at: usize| {
        let value = text[at].wrapping_sub(b'0');
        wrong |= value > 9;
        value as u32
    };
    let year = ((digit(0) * 10 + digit(1)) * 10 + digit(2)) * 10 + digit(3);
    let month = digit(5) * 10 + digit(6);
    let day = digit(8) * 10 + digit(9);
    if wrong { None } else { days(year as i32, month, day) }
}

/// Reads `2022-01-05`, `2022/1/5`, `20220105` or `2022年1月5日`, trimmed and half-width.
pub fn parse_date(text: &str) -> Result<i32, DateFault> {
    let (year, month, day) = date_parts(text).ok_or(DateFault::Form)?;
    days(year as i32, month, day).ok_or(DateFault::NoSuchDay)
}

/// Reads a date and ` HH:MM[:SS]`, to milliseconds since 1970-01-01.
pub fn parse_datetime(text: &str) -> Result<i64, DateFault> {
    let (date, time) = text.split_once(' ').ok_or(DateFault::Form)?;
    let date = parse_date(date)?;
    let mut parts = time.trim_start().split(':');
    let mut next = |shortest: usize| parts.next().and_then(|part| digits(part, shortest, 2));
    let (hour, minute) = (next(1).ok_or(DateFault::Form)?, next(2).ok_or(DateFault::Form)?);
    let second = match parts.next() {
        Some(part) => digits(part, 2, 2).ok_or(DateFault::Form)?,
        None => 0,
    };
    if parts.next().is_some() {
        return Err(DateFault::Form);
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(DateFault::NoSuchDay);
    }
    Ok(date as i64 * DAY_MS + (hour * 3600 + minute * 60 + second) as i64 * 1000)
}

/// `2022-01-05`.
pub fn format_date(date: i32) -> String {
    let mut text = String::with_capacity(10);
    write_date(&mut text, date);
    text
}

/// Appends `2022-01-05`.
pub fn write_date(out: &mut String, date: i32) {
    let (year, month, day) = civil(date);
    let Ok(year @ 0..=9999) = u32::try_from(year) else {
        // Writing to a String cannot fail.
        let _ = write!(out, "{year:04}-{month:02}-{day:02}");
        return;
    };
    let digit = |value: u32| b'0' + (value % 10) as u8;
    let text = [
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ];
    out.push_str(std::str::from_utf8(&text).unwrap_or_default());
}

/// `2022-01-05 09:30:00`.
pub fn format_datetime(moment: i64) -> String {
    let date = moment.div_euclid(DAY_MS) as i32;
    let second = moment.rem_euclid(DAY_MS) / 1000;
    format!("{} {:02}:{:02}:{:02}", format_date(date), second / 3600, second / 60 % 60, second % 60)
}

fn date_parts(text: &str) -> Option<(u32, u32, u32)> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((digits(&text[..4], 4, 4)?, digits(&text[4..6], 2, 2)?, digits(&text[6..], 2, 2)?));
    }
    let (year, month, day) = match text.strip_suffix('日') {
        Some(text) => {
            let (year, rest) = text.split_once('年')?;
            let (month, day) = rest.split_once('月')?;
            (year, month, day)
        }
        None => {
            let separator = if text.contains('-') { '-' } else { '/' };
            let (year, rest) = text.split_once(separator)?;
            let (month, day) = rest.split_once(separator)?;
            (year, month, day)
        }
    };
    Some((digits(year, 4, 4)?, digits(month, 1, 2)?, digits(day, 1, 2)?))
}

fn digits(text: &str, shortest: usize, longest: usize) -> Option<u32> {
    let fits = (shortest..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The day after, by the rules of the calendar alone.
    fn next(year: i32, month: u32, day: u32) -> (i32, u32, u32) {
        let leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        match (month, day) {
            (12, 31) => (year + 1, 1, 1),
            _ if day == lengths[month as usize - 1] => (year, month + 1, 1),
            _ => (year, month, day + 1),
        }
    }

    #[test]
    fn every_day_of_the_calendar_goes_there_and_back() {
        let mut expected = days(1, 1, 1).expect("the first day");
        assert_eq!(expected, -719_162);
        let mut date = (1, 1, 1);
        while date.0 <= 9999 {
            assert_eq!(days(date.0, date.1, date.2), Some(expected), "{date:?}");
            assert_eq!(civil(expected), date);
            if expected % 29 == 0 {
                let text = format_date(expected);
                assert_eq!((parse_date(&text), parse_iso_date(text.as_bytes())), (Ok(expected), Some(expected)));
            }
            date = next(date.0, date.1, date.2);
            expected += 1;
        }
    }

    #[test]
    fn months_clamp_to_the_last_day() {
        let plus = |text: &str, months| add_months(parse_date(text).expect("a date"), months).map(format_date);
        assert_eq!(plus("2022-01-31", 1).as_deref(), Some("2022-02-28"));
        assert_eq!(plus("2024-02-29", 12).as_deref(), Some("2025-02-28"));
        assert_eq!(plus("2022-03-31", -1).as_deref(), Some("2022-02-28"));
        assert_eq!(plus("2021-12-15", 24).as_deref(), Some("2023-12-15"));
        assert_eq!(plus("9999-12-15", 1), None);
        assert_eq!(plus("0001-01-15", -1), None);
        assert_eq!(format_date(month_end(parse_date("2024-02-01").expect("a date"))), "2024-02-29");
    }

    #[test]
    fn spellings_of_the_specification() {
        let day = days(2022, 1, 5);
        for text in ["2022-01-05", "2022/1/5", "20220105", "2022年1月5日", "2022-1-5", "2022年01月05日", "2022/01/05"] {
            assert_eq!(parse_date(text).ok(), day, "{text}");
        }
        for text in ["2022-02-30", "20221301", "2022年2月29日", "0000-01-01", "2022/0/1"] {
            assert_eq!(parse_date(text), Err(DateFault::NoSuchDay), "{text}");
        }
        for text in ["", "22-01-05", "2022-01", "2022-01/05", "2022.1.5", "2022-01-05 00:00", "5/1/2022", "+202-1-5", "2022-001-5"] {
            assert_eq!(parse_date(text), Err(DateFault::Form), "{text}");
        }
    }

    #[test]
    fn moments() {
        let moment = parse_datetime("2022/1/5 9:30").expect("a moment");
        assert_eq!(format_datetime(moment), "2022-01-05 09:30:00");
        assert_eq!(parse_datetime("2022-01-05 23:59:59").map(format_datetime), Ok("2022-01-05 23:59:59".into()));
        assert_eq!(parse_datetime("2022-01-05 24:00"), Err(DateFault::NoSuchDay));
        assert_eq!(parse_datetime("2022-01-05"), Err(DateFault::Form));
        assert_eq!(parse_datetime("2022-01-05 10"), Err(DateFault::Form));
        assert_eq!(parse_datetime("2022-01-05 10:00:00.5"), Err(DateFault::Form));
        assert_eq!(weekday(days(2022, 4, 8).expect("a day")), 4);
        assert_eq!(months_between(days(2021, 12, 31).expect("a day"), days(2022, 2, 1).expect("a day")), 2);
    }
}
