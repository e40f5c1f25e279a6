//! Exact numbers: money in 分 (scale 2), rates and plain decimals in units of 1e-8 (scale 8), and the one rounding.
//!
//! Text becomes an integer of known scale or a fault, never a nearby number; no float anywhere. Quotients are rounded
//! here alone, half away from zero (四舍五入): [`round_half_away`], and [`round_big`] where 128 bits are too few.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use rust_decimal::Decimal;
use std::iter;
use std::ops::{AddAssign, Sub};

/// The largest amount that the data contract allows, in 分: 9,999,999,999,999.99 yuan.
pub const MONEY_LIMIT: i64 = 999_999_999_999_999;

/// Decimal places of stored money.
pub const MONEY_SCALE: u32 = 2;
/// Decimal places of stored rates and plain decimals.
pub const RATE_SCALE: u32 = 8;

/// Why a text is no number of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// No number at all.
    Form,
    /// Thousands commas that do not part groups of three.
    Grouping,
    /// `1.2E+11`: a spreadsheet has dropped digits.
    Scientific,
    /// A number with a unit that this column does not carry.
    Unit,
    /// An amount of a foreign currency.
    Currency,
    /// More significant decimals than the type holds.
    Scale,
    /// Larger than the type holds.
    Range,
}

/// Reads `-1234.5` into 分 and nothing harder: the spelling of nearly every cell.
#[inline]
pub fn parse_plain_money(text: &[u8]) -> Option<i64> {
    let fen = parse_plain(text, 2, 13)?;
    (-MONEY_LIMIT..=MONEY_LIMIT).contains(&fen).then_some(fen)
}

/// Reads `0.0435` into units of 1e-8 and nothing harder.
#[inline]
pub fn parse_plain_decimal(text: &[u8]) -> Option<i64> {
    parse_plain(text, 8, 10)
}

/// Reads `-1234` and nothing harder.
#[inline]
pub fn parse_plain_int(text: &[u8]) -> Option<i64> {
    parse_plain(text, 0, 18)
}

/// What a suffix behind an amount multiplies it by: `万元` by 10^4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Half-width, without brackets and blanks around it.
    pub suffix: String,
    /// The power of ten.
    pub power: i32,
}

impl Unit {
    /// A unit from its suffix and factor; none where the factor is no power of ten up to 10^12.
    pub fn new(suffix: &str, factor: &str) -> Option<Unit> {
        let zeros = factor.strip_prefix('1')?;
        let fits = zeros.len() <= 12 && zeros.bytes().all(|byte| byte == b'0') && !bare(suffix).is_empty();
        fits.then(|| Unit { suffix: bare(suffix).to_owned(), power: zeros.len() as i32 })
    }

    /// Every spelling of a unit of yuan (`元`, `百元`, `千元`, `万元`, `百万元`, `亿元`), and of the yuan itself.
    pub fn spellings(unit: &str) -> Option<Vec<Unit>> {
        let multiple = unit.strip_suffix('元').unwrap_or(unit);
        let power = match multiple {
            "" => 0,
            "百" => 2,
            "千" => 3,
            "万" => 4,
            "百万" => 6,
            "亿" => 8,
            _ => return None,
        };
        const YUAN: [&str; 4] = ["元", "人民币", "元人民币", "人民币元"];
        let own = ["", "元", "人民币", "元人民币", "人民币元"].map(|yuan| Unit { suffix: format!("{multiple}{yuan}"), power });
        let plain = YUAN.map(|yuan| Unit { suffix: yuan.to_owned(), power: 0 });
        Some(own.into_iter().filter(|unit| !unit.suffix.is_empty()).chain(plain).collect())
    }
}

/// The unit of money that a word is, as people write it above a table: `万元`, `人民币万元`, `千美元`; none where it is no such word.
/// 万 and 亿 alone count yuan.
pub fn unit_word(word: &str) -> Option<String> {
    let bare = word.strip_prefix("人民币").unwrap_or(word);
    let bare = bare.strip_suffix("人民币").or(bare.strip_suffix("(人民币)")).unwrap_or(bare);
    const MULTIPLES: [&str; 9] = ["", "百", "千", "万", "十万", "百万", "千万", "亿", "十亿"];
    let money =
        MULTIPLES.into_iter().find_map(|multiple| Some((multiple, bare.strip_prefix(multiple)?)).filter(|(_, rest)| is_currency(rest)));
    match money {
        Some((multiple, "圆" | "元")) => Some(format!("{multiple}元")),
        Some((multiple, currency)) => Some(format!("{multiple}{currency}")),
        None => matches!(bare, "万" | "百万" | "千万" | "亿").then(|| format!("{bare}元")),
    }
}

fn is_currency(word: &str) -> bool {
    matches!(word, "元" | "圆") || CURRENCIES.contains(&word) || CURRENCY_CODES.contains(&word.to_ascii_uppercase().as_str())
}

/// Reads yuan into 分. `units` are the suffixes that the column may carry, in brackets or not (`22.5000(万元)`). The text
/// is trimmed and half-width.
pub fn parse_money(text: &str, units: &[Unit]) -> Result<i64, NumberFault> {
    parse_money_in(text, units, 0)
}

/// As [`parse_money`], where a bare number counts so many zeros more than yuan: 4 for 万元.
pub fn parse_money_in(text: &str, units: &[Unit], power: i32) -> Result<i64, NumberFault> {
    let read = || {
        let (number, shift) = if units.is_empty() { (text, None) } else { split_unit(text, units)? };
        let shift = shift.unwrap_or(power);
        let fen = parse_number(number, true)?.at_scale(MONEY_SCALE as i32 + shift)?;
        if (-MONEY_LIMIT..=MONEY_LIMIT).contains(&fen) { Ok(fen) } else { Err(NumberFault::Range) }
    };
    match read() {
        Err(NumberFault::Unit | NumberFault::Form) if names_currency(text) => Err(NumberFault::Currency),
        result => result,
    }
}

/// Reads `0.0435` or `4.35%` into units of 1e-8.
pub fn parse_rate(text: &str) -> Result<i64, NumberFault> {
    match text.strip_suffix('%') {
        Some(percent) => parse_number(percent.trim_end(), false)?.at_scale(RATE_SCALE as i32 - 2),
        None => parse_decimal(text),
    }
}

/// Reads a plain number into units of 1e-8.
pub fn parse_decimal(text: &str) -> Result<i64, NumberFault> {
    parse_number(text, false)?.at_scale(RATE_SCALE as i32)
}

/// Reads a whole number, thousands commas allowed.
pub fn parse_int(text: &str) -> Result<i64, NumberFault> {
    if text.contains('.') && parse_number(text, true).is_ok() {
        return Err(NumberFault::Scale);
    }
    parse_number(text, true)?.at_scale(0)
}

/// A decimal as people write it in a rule or set it, without trailing zeros: the integer and its scale.
pub fn decimal(text: &str) -> Option<(i128, u32)> {
    let number = Decimal::from_str_exact(text.trim()).ok()?.normalize();
    Some((number.mantissa(), number.scale()))
}

/// What people set (a parameter, a budget), in units of 10^-`places`; none where it has more decimals or is too large.
pub fn parse_set(text: &str, places: u32) -> Option<i64> {
    let (number, scale) = decimal(text)?;
    i64::try_from(number.checked_mul(10_i128.pow(places.checked_sub(scale)?))?).ok()
}

/// Yuan that people set.
pub fn parse_set_money(text: &str) -> Option<Fen> {
    parse_set(text, MONEY_SCALE).filter(|fen| (-MONEY_LIMIT..=MONEY_LIMIT).contains(fen)).map(Fen)
}

/// Money in 分: an amount in 64 bits, what amounts come to in 128.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen<N = i64>(pub N);

/// A sum of amounts, which no delivery can overflow.
pub type FenSum = Fen<i128>;

impl Fen {
    pub const ZERO: Fen = Fen(0);

    /// Never below zero.
    pub fn less(self, taken: Fen) -> Fen {
        Fen(self.0.saturating_sub(taken.0).max(0))
    }

    pub fn plus(self, more: Fen) -> Fen {
        Fen(self.0.saturating_add(more.0))
    }
}

impl<N: Into<i128>> Fen<N> {
    /// `-1234.50`.
    pub fn plain(self) -> String {
        format_places(self.0.into(), MONEY_SCALE)
    }

    /// `-1,234.50`.
    pub fn grouped(self) -> String {
        let mut text = String::new();
        self.write_grouped(&mut text);
        text
    }

    /// Appends `-1,234.50`.
    pub fn write_grouped(self, out: &mut String) {
        write(out, self.0.into(), MONEY_SCALE, Form::Grouped);
    }
}

impl From<Fen> for FenSum {
    fn from(amount: Fen) -> FenSum {
        Fen(amount.0.into())
    }
}

impl<N: Sub<Output = N>> Sub for Fen<N> {
    type Output = Fen<N>;

    fn sub(self, other: Fen<N>) -> Fen<N> {
        Fen(self.0 - other.0)
    }
}

impl<N: Into<i128>> AddAssign<Fen<N>> for FenSum {
    fn add_assign(&mut self, amount: Fen<N>) {
        self.0 += amount.0.into();
    }
}

impl<N: Into<i128>> iter::Sum<Fen<N>> for FenSum {
    fn sum<I: Iterator<Item = Fen<N>>>(amounts: I) -> FenSum {
        Fen(amounts.map(|amount| amount.0.into()).sum())
    }
}

/// Yuan as people say it: `10万元`, `5000元`, `0.5元`.
pub fn in_words(fen: i128) -> String {
    const WAN: i128 = 10_000 * 100;
    const YI: i128 = 10_000 * WAN;
    let (unit, word) = match fen {
        0 => (1_00, "元"),
        _ if fen % YI == 0 => (YI, "亿元"),
        _ if fen % WAN == 0 => (WAN, "万元"),
        _ => return format!("{}元", format_plain(fen, MONEY_SCALE)),
    };
    format!("{}{word}", fen / unit)
}

/// A number of this scale with all its decimals: `0.300000`, `-12`; never `-0`.
pub fn format_places(value: i128, places: u32) -> String {
    let mut text = String::new();
    write_places(&mut text, value, places);
    text
}

/// A number of this scale without trailing zeros: `0.0435`, `12`.
pub fn format_plain(value: i128, places: u32) -> String {
    let mut text = String::new();
    write_plain(&mut text, value, places);
    text
}

/// Appends what [`format_places`] gives.
pub fn write_places(out: &mut String, value: i128, places: u32) {
    write(out, value, places, Form::Whole);
}

/// Appends what [`format_plain`] gives.
pub fn write_plain(out: &mut String, value: i128, places: u32) {
    write(out, value, places, Form::Plain);
}

/// How a number is written: with all its decimals, with thousands commas as well, or without trailing zeros.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Grouped,
    Plain,
}

/// Digits are made from the last to the first, in a piece of the stack where they fit.
fn write(out: &mut String, value: i128, places: u32, form: Form) {
    /// The digits of an `i128`, commas between them, sign and point.
    const WHOLE: usize = 64;
    let places = places as usize;
    let (mut short, mut long) = ([0; 2 * WHOLE], Vec::new());
    let text: &mut [u8] = if places <= WHOLE {
        &mut short
    } else {
        long.resize(places + WHOLE, 0);
        &mut long
    };
    let mut rest = value.unsigned_abs();
    let mut from = text.len();
    let mut put = |byte: u8| {
        from -= 1;
        text[from] = byte;
    };
    let mut has_decimals = false;
    for _ in 0..places {
        let digit = last_digit(&mut rest);
        has_decimals |= digit != b'0' || form != Form::Plain;
        if has_decimals {
            put(digit);
        }
    }
    if has_decimals {
        put(b'.');
    }
    put(last_digit(&mut rest));
    let mut written = 1;
    while rest > 0 {
        if form == Form::Grouped && written % 3 == 0 {
            put(b',');
        }
        put(last_digit(&mut rest));
        written += 1;
    }
    if value < 0 {
        put(b'-');
    }
    out.push_str(std::str::from_utf8(&text[from..]).unwrap_or_default());
}

/// Takes the last digit off a number. Nearly every number fits 64 bits, whose division is many times faster.
#[inline]
fn last_digit(rest: &mut u128) -> u8 {
    let digit = match u64::try_from(*rest) {
        Ok(small) => {
            *rest = u128::from(small / 10);
            (small % 10) as u8
        }
        Err(_) => {
            let digit = (*rest % 10) as u8;
            *rest /= 10;
            digit
        }
    };
    b'0' + digit
}

/// Digits with the point before the last of them, so many.
pub fn pointed(is_negative: bool, digits: &str, places: usize) -> String {
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let (sign, point) = (if is_negative { "-" } else { "" }, if places > 0 { "." } else { "" });
    format!("{sign}{whole}{point}{fraction}")
}

/// The integer nearest to `numerator / denominator`, half away from zero. None where there is none in range.
pub fn round_half_away(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator == 0 {
        return None;
    }
    let (dividend, divisor) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    let rounded = quotient + u128::from(rest >= divisor - rest);
    if (numerator < 0) != (denominator < 0) && rounded <= i128::MIN.unsigned_abs() {
        return Some((rounded as i128).wrapping_neg());
    }
    i128::try_from(rounded).ok()
}

/// As [`round_half_away`] for integers of any size. None where the denominator is zero.
pub fn round_big(numerator: &BigInt, denominator: &BigInt) -> Option<BigInt> {
    if denominator.is_zero() {
        return None;
    }
    let (dividend, divisor) = (numerator.abs(), denominator.abs());
    let (quotient, rest) = (&dividend / &divisor, &dividend % &divisor);
    let rounded = if &rest + &rest >= divisor { quotient + 1 } else { quotient };
    Some(if numerator.is_negative() == denominator.is_negative() { rounded } else { -rounded })
}

/// Digits and a point at a fixed scale, at most `whole` digits before it.
#[inline]
fn parse_plain(text: &[u8], scale: usize, whole: usize) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut value = 0i64;
    let mut at = 0;
    while at < digits.len() && digits[at].wrapping_sub(b'0') < 10 {
        if at == whole {
            return None;
        }
        value = value * 10 + (digits[at] - b'0') as i64;
        at += 1;
    }
    if at == 0 {
        return None;
    }
    let mut decimals = 0;
    if at < digits.len() {
        let fraction = &digits[at + 1..];
        if digits[at] != b'.' || fraction.is_empty() || fraction.len() > scale {
            return None;
        }
        for &byte in fraction {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            value = value * 10 + digit as i64;
        }
        decimals = fraction.len();
    }
    const POWER: [i64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let value = value * POWER[scale - decimals];
    Some(if negative { -value } else { value })
}

/// A number as written: digits × 10^-decimals, without trailing zeros after the point.
struct Number {
    negative: bool,
    digits: u128,
    decimals: i32,
}

impl Number {
    fn at_scale(&self, scale: i32) -> Result<i64, NumberFault> {
        if self.digits == 0 {
            return Ok(0);
        }
        let places = scale - self.decimals;
        if places < 0 {
            // `4.00%` has no significant decimals, `100.0%` at a smaller scale has zeros to give.
            let power = 10u128.checked_pow(places.unsigned_abs()).ok_or(NumberFault::Scale)?;
            return if self.digits.is_multiple_of(power) { self.signed(self.digits / power) } else { Err(NumberFault::Scale) };
        }
        let power = 10u128.checked_pow(places.unsigned_abs()).ok_or(NumberFault::Range)?;
        self.signed(self.digits.checked_mul(power).ok_or(NumberFault::Range)?)
    }

    fn signed(&self, value: u128) -> Result<i64, NumberFault> {
        let value = i64::try_from(value).map_err(|_| NumberFault::Range)?;
        Ok(if self.negative { -value } else { value })
    }
}

fn parse_number(text: &str, commas: bool) -> Result<Number, NumberFault> {
    let (negative, unsigned) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|c: char| !matches!(c, '0'..='9' | ',' | '.')).unwrap_or(unsigned.len());
    let (body, rest) = unsigned.split_at(end);
    if !rest.is_empty() || body.is_empty() {
        return Err(name_rest(body, rest));
    }
    let (whole, fraction) = match body.split_once('.') {
        Some((_, "")) => return Err(NumberFault::Form),
        Some((whole, fraction)) => (whole, fraction),
        None => (body, ""),
    };
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains(['.', ',']) {
        return Err(NumberFault::Form);
    }
    if whole.contains(',') && !(commas && is_grouped(whole)) {
        return Err(NumberFault::Grouping);
    }
    let fraction = fraction.trim_end_matches('0');
    let mut digits = 0u128;
    for byte in whole.bytes().chain(fraction.bytes()).filter(|&byte| byte != b',') {
        digits = digits.checked_mul(10).and_then(|digits| digits.checked_add((byte - b'0') as u128)).ok_or(NumberFault::Range)?;
    }
    Ok(Number { negative, digits, decimals: fraction.len() as i32 })
}

/// What follows a number that should have ended, or stands where one should have begun.
fn name_rest(body: &str, rest: &str) -> NumberFault {
    if body.is_empty() {
        const YUAN: [&str; 5] = ["¥", "￥", "人民币", "RMB", "CNY"];
        let number = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let is_yuan = YUAN.iter().any(|yuan| rest.strip_prefix(yuan).is_some_and(number));
        return if is_yuan { NumberFault::Unit } else { NumberFault::Form };
    }
    if let Some(exponent) = rest.strip_prefix(['E', 'e']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if !exponent.is_empty() && exponent.bytes().all(|byte| byte.is_ascii_digit()) {
            return NumberFault::Scientific;
        }
    }
    let rest = rest.trim_start();
    if rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '(' | '%')) { NumberFault::Unit } else { NumberFault::Form }
}

/// Groups of three after a first one of one to three.
fn is_grouped(whole: &str) -> bool {
    let mut groups = whole.split(',');
    groups.next().is_some_and(|first| (1..=3).contains(&first.len())) && groups.all(|group| group.len() == 3)
}

/// Takes the unit off a number; the second value is the power of ten that it stands for, none where there is none.
fn split_unit<'a>(text: &'a str, units: &[Unit]) -> Result<(&'a str, Option<i32>), NumberFault> {
    let end = text.rfind(|c: char| c.is_ascii_digit()).map_or(0, |at| at + 1);
    let (number, suffix) = text.split_at(end);
    if bare(suffix).is_empty() {
        return Ok((text, None));
    }
    match units.iter().find(|unit| unit.suffix == bare(suffix)) {
        Some(_) if number.is_empty() => Err(NumberFault::Form),
        Some(unit) => Ok((number, Some(unit.power))),
        None => parse_number(text, true).and(Err(NumberFault::Unit)),
    }
}

/// A suffix without the brackets and blanks around it.
fn bare(suffix: &str) -> &str {
    let suffix = suffix.trim();
    suffix.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(suffix).trim()
}

/// Currencies other than the yuan.
const CURRENCIES: [&str; 26] = [
    "美元",
    "美金",
    "港元",
    "港币",
    "欧元",
    "日元",
    "日圆",
    "英镑",
    "澳元",
    "加元",
    "加拿大元",
    "澳大利亚元",
    "新加坡元",
    "韩元",
    "韩圆",
    "台币",
    "法郎",
    "马克",
    "卢布",
    "泰铢",
    "卢比",
    "克朗",
    "里拉",
    "林吉特",
    "澳门元",
    "新西兰元",
];
/// Their codes.
const CURRENCY_CODES: [&str; 10] = ["USD", "HKD", "EUR", "JPY", "GBP", "AUD", "CAD", "CHF", "SGD", "KRW"];

/// Whether an amount (anything with a digit) says that it is of another currency than the yuan.
fn names_currency(text: &str) -> bool {
    if !text.contains(|character: char| character.is_ascii_digit()) {
        return false;
    }
    let upper = text.to_ascii_uppercase();
    CURRENCIES.iter().any(|name| text.contains(name))
        || CURRENCY_CODES.iter().any(|code| upper.contains(code))
        || text.contains(['$', '€', '£'])
}
