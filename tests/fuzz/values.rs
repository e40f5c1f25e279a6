//! Whatever a cell says: the parsers never panic, agree with oracles that share no code with them, and what they make
//! of a value's own spelling is the value; a column reads a cell in bulk as it reads it alone.

use crate::support::{self, CODES};
use huiqi::money::{self, MONEY_LIMIT, Unit};
use huiqi::sources::inspect::{Checks, Meaning};
use huiqi::sources::read_texts;
use huiqi::{period, uscc};
use rust_decimal::Decimal;

/// Checks one cell's text.
pub fn check(text: &str) {
    check_money(text);
    check_scaled(text);
    check_int(text);
    check_date(text);
    check_moment(text);
    check_codes(text.as_bytes());
    check_columns(text);
}

/// Sign and digits of a plain number, its commas (in threes) taken out where they are allowed; independent of the parser.
fn plain(text: &str, commas: bool) -> Option<String> {
    let (sign, rest) = match text.chars().next()? {
        '-' | '\u{2212}' => ("-", &text[text.chars().next()?.len_utf8()..]),
        '+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_some_and(|fraction| fraction.is_empty() || !digits(fraction)) || (whole.is_empty() && fraction.is_none()) {
        return None;
    }
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.len() > 1;
    if !groups.iter().all(|group| digits(group)) || (grouped && !commas) {
        return None;
    }
    if grouped && (groups[0].is_empty() || groups[0].len() > 3 || groups[1..].iter().any(|group| group.len() != 3)) {
        return None;
    }
    let whole = if whole.is_empty() { "0".to_owned() } else { groups.concat() };
    Some(format!("{sign}{whole}.{}", fraction.unwrap_or("0")))
}

/// The value in units of 10^-scale, where it is whole; none where it is not a number, or too long for the oracle.
fn exact(text: &str, commas: bool, scale: u32) -> Option<Option<i128>> {
    let Some(plain) = plain(text, commas) else { return Some(None) };
    let short = plain.trim_end_matches('0').trim_end_matches('.');
    let (sign, digits) = short.strip_prefix('-').map_or(("", short), |rest| ("-", rest));
    let digits = digits.trim_start_matches('0');
    if digits.len() > 27 {
        return None;
    }
    let point = if digits.is_empty() || digits.starts_with('.') { "0" } else { "" };
    let value = Decimal::from_str_exact(&format!("{sign}{point}{digits}")).ok()?;
    let scaled = value.checked_mul(Decimal::from(10u64.pow(scale)))?;
    Some((scaled == scaled.trunc()).then(|| scaled.trunc().mantissa() / 10i128.pow(scaled.trunc().scale())))
}

fn check_money(text: &str) {
    let read = money::parse_money(text, &[]);
    if let Some(wanted) = exact(text, true, 2) {
        let wanted = wanted.filter(|fen| fen.unsigned_abs() <= MONEY_LIMIT as u128);
        assert_eq!(read.ok().map(i128::from), wanted, "{text:?}");
    }
    if let Some(fen) = money::parse_plain_money(text.as_bytes()) {
        assert_eq!(read, Ok(fen), "{text:?}");
    }
    let Ok(fen) = read else { return };
    for written in [money::Fen(fen).plain(), money::Fen(fen).grouped()] {
        assert_eq!(money::parse_money(&written, &[]), Ok(fen), "{text:?} {written}");
    }
    let units: Vec<Unit> = ["万元", "亿元"].iter().filter_map(|unit| Unit::spellings(unit)).flatten().collect();
    for (suffix, power) in [("元", 0), ("万元", 4), ("(万)", 4), ("万人民币", 4), ("亿", 8)] {
        let wanted = fen.checked_mul(10_i64.pow(power)).filter(|fen| fen.abs() <= MONEY_LIMIT);
        assert_eq!(money::parse_money(&format!("{text}{suffix}"), &units).ok(), wanted, "{text:?}{suffix}");
    }
}

fn check_scaled(text: &str) {
    let in_range = |value: i128| i64::try_from(value).ok().filter(|value| *value != i64::MIN);
    let read = money::parse_decimal(text);
    if let Some(wanted) = exact(text, false, 8) {
        assert_eq!(read.ok(), wanted.and_then(in_range), "{text:?}");
    }
    if let Some(value) = money::parse_plain_decimal(text.as_bytes()) {
        assert_eq!(read, Ok(value), "{text:?}");
    }
    if let Ok(value) = read {
        assert_eq!(money::parse_decimal(&money::format_plain(i128::from(value), 8)), Ok(value), "{text:?}");
    }
    let rate = money::parse_rate(text);
    match text.strip_suffix('%') {
        None => assert_eq!(rate, read, "{text:?}"),
        Some(percent) => {
            if let Some(wanted) = exact(percent.trim_end(), false, 6) {
                assert_eq!(rate.ok(), wanted.and_then(in_range), "{text:?}");
            }
        }
    }
}

fn check_int(text: &str) {
    let read = money::parse_int(text);
    if let Some(wanted) = exact(text, true, 0) {
        // `12.0` is a whole number, but not written as one.
        let wanted = wanted.filter(|_| !text.contains('.')).and_then(|value| i64::try_from(value).ok()).filter(|value| *value != i64::MIN);
        assert_eq!(read.ok(), wanted, "{text:?}");
    }
    if let Some(value) = money::parse_plain_int(text.as_bytes()) {
        assert_eq!(read, Ok(value), "{text:?}");
    }
    if let Ok(value) = read {
        assert_eq!(money::parse_int(&value.to_string()), Ok(value), "{text:?}");
    }
}

/// Year, month and day of a spelling that the specification lists, and whether there is such a day.
fn day(text: &str) -> Option<((u32, u32, u32), bool)> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let numbers: Vec<&str> = match text.len() {
        8 if is_digits(text) => vec![&text[..4], &text[4..6], &text[6..]],
        _ if text.ends_with('日') => {
            let marks: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
            if marks != "年月日" {
                return None;
            }
            text.split(['年', '月', '日']).take(3).collect()
        }
        _ => {
            let marks: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
            if marks != "--" && marks != "//" {
                return None;
            }
            text.split(['-', '/']).collect()
        }
    };
    if !numbers.iter().all(|number| is_digits(number)) || numbers[0].len() != 4 || numbers[1..].iter().any(|part| part.len() > 2) {
        return None;
    }
    let number = |at: usize| numbers[at].parse::<u32>().ok();
    let (year, month, day) = (number(0)?, number(1)?, number(2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let exists = year > 0 && (1..=12).contains(&month) && (1..=lengths[month as usize - 1]).contains(&day);
    Some(((year, month, day), exists))
}

fn check_date(text: &str) {
    let read = period::parse_date(text);
    match day(text) {
        None => assert_eq!(read, Err(period::DateFault::Form), "{text:?}"),
        Some((_, false)) => assert_eq!(read, Err(period::DateFault::NoSuchDay), "{text:?}"),
        Some((parts, true)) => {
            let date = read.unwrap_or_else(|fault| panic!("{text:?} {fault:?}"));
            let (year, month, day) = period::civil(date);
            assert_eq!((year as u32, month, day), parts, "{text:?}");
            assert_eq!(period::parse_iso_date(period::format_date(date).as_bytes()), Some(date), "{text:?}");
        }
    }
    if let Some(date) = period::parse_iso_date(text.as_bytes()) {
        assert_eq!(read, Ok(date), "{text:?}");
    }
}

fn check_moment(text: &str) {
    let Ok(moment) = period::parse_datetime(text) else { return };
    let written = period::format_datetime(moment);
    assert_eq!(period::parse_datetime(&written), Ok(moment), "{text:?} {written}");
    let numbers = |text: &str| text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u32>().ok()).collect::<Vec<u32>>();
    let (time, wanted) = (text.split_once(' ').map_or("", |(_, time)| time), numbers(&written));
    let mut time = numbers(time);
    time.resize(3, 0);
    assert_eq!(time, wanted[3..], "{text:?} {written}");
}

/// GB 32100 and GB 11643 by their formulas.
fn check_codes(code: &[u8]) {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Option<Vec<usize>> = code.iter().map(|byte| ALPHABET.iter().position(|known| known == byte)).collect();
    let is_valid = values.is_some_and(|values| {
        values.len() == 18 && {
            let sum: usize = values[..17].iter().zip(0..).map(|(value, at)| value * (3usize.pow(at) % 31)).sum();
            (31 - sum % 31) % 31 == values[17]
        }
    });
    assert_eq!(uscc::is_uscc(code), is_valid, "{:?}", String::from_utf8_lossy(code));
    if uscc::is_identity_number(code) {
        let sum: u32 = code[..17].iter().zip(0..17).map(|(digit, at)| (digit - b'0') as u32 * (2u32.pow(17 - at) % 11)).sum();
        assert_eq!(code[17], b"10X98765432"[sum as usize % 11], "{:?}", String::from_utf8_lossy(code));
        let date = String::from_utf8_lossy(&code[6..14]).into_owned();
        assert!(period::parse_date(&date).is_ok() && (date.starts_with("19") || date.starts_with("20")), "{date}");
    }
    let shown = String::from_utf8_lossy(code);
    assert_eq!(uscc::mask(&shown).chars().count(), shown.chars().count());
}

/// One row per column with this cell in it: accepted, or refused by the rule that the cell alone breaks.
fn check_columns(text: &str) {
    let sources = support::sources();
    let (records, checks) = (&sources.raw[1], Checks::new(&sources.raw[1]).expect("checks"));
    let cell = format!("\"{}\"", text.replace('"', "\"\""));
    let mut file = records.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",") + "\n";
    for at in 0..records.columns.len() {
        let cells: Vec<String> = (0..records.columns.len())
            .map(|column| match column {
                _ if column == at => cell.clone(),
                0 => format!("编号{at}"),
                1 => CODES[0].to_owned(),
                _ => String::new(),
            })
            .collect();
        file += &(cells.join(",") + "\n");
    }
    // Cells that break the table itself are the reader's business.
    if text.contains(['\0', '\n', '\r', '\u{FFFD}']) || text.len() > 1 << 12 {
        return;
    }
    let read = read_texts(&sources, vec![(1.into(), file)]).expect("tables");
    for (at, column) in records.columns.iter().enumerate() {
        let alone = match checks.read(at, text) {
            Meaning::Bad(rule, _) => Some(rule),
            Meaning::Missing if column.required => Some("value.required"),
            _ => None,
        };
        let refused = read.rejects.iter().find(|reject| reject.line as usize == at + 2).map(|reject| reject.rule);
        assert_eq!(refused, alone, "{text:?} as {}", column.name);
    }
}
