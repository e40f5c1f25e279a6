//! A source's declaration made ready for reading: what each cell may say, and its value if it says that.
//!
//! [`Check::read`] is the whole meaning of a cell; [`super::fill`] only knows quicker ways to the same values.

use super::normal;
use super::rules::Rule;
use super::words::Words;
use crate::schema::{Column, ColumnKind, Source};
use crate::value::Cell;
use crate::{money, period, uscc};
use regex::Regex;
use std::borrow::Cow;

/// How a column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Id in the code dictionary, u32.
    Id,
    Text,
    /// Place among the enum's values, u8.
    Index,
    /// Days since 1970-01-01, i32.
    Day,
    /// Milliseconds since then, i64.
    Moment,
    /// Integer of the type's scale, i64.
    Number,
    Flag,
}

impl Store {
    /// How a declared column is stored.
    pub fn of(column: &Column) -> Store {
        match &column.kind {
            ColumnKind::Uscc | ColumnKind::Id => Store::Id,
            ColumnKind::Code if column.entity || column.references.is_some() => Store::Id,
            ColumnKind::Code | ColumnKind::Text => Store::Text,
            ColumnKind::Enum(_) => Store::Index,
            ColumnKind::Date => Store::Day,
            ColumnKind::DateTime => Store::Moment,
            ColumnKind::Int | ColumnKind::Money | ColumnKind::Rate | ColumnKind::Decimal => Store::Number,
            ColumnKind::Bool => Store::Flag,
        }
    }
}

/// A cell's value, in the units of storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Code(Cow<'a, str>),
    Text(&'a str),
    Index(u8),
    Day(i32),
    Number(i64),
    Flag(bool),
}

impl Value<'_> {
    /// As it is stored.
    pub fn cell(&self) -> Cell<&str> {
        match self {
            Value::Code(code) => Cell::Text(code),
            Value::Text(text) => Cell::Text(text),
            Value::Index(place) => Cell::Number(i128::from(*place)),
            Value::Day(day) => Cell::Number(i128::from(*day)),
            Value::Number(number) => Cell::Number(i128::from(*number)),
            Value::Flag(flag) => Cell::Number(i128::from(*flag)),
        }
    }
}

/// A source, ready for reading.
pub struct Contract<'a> {
    pub source: &'a Source,
    pub columns: Vec<Check<'a>>,
}

/// A column, ready for reading.
pub struct Check<'a> {
    pub column: &'a Column,
    pub store: Store,
    /// What may stand for which enum value.
    pub words: Words,
    pub default: Option<&'a str>,
    pub minimum: Option<i64>,
    pub maximum: Option<i64>,
    is_rate: bool,
    pub pattern: Option<Regex>,
    /// Name and aliases, as headers are compared.
    pub names: Vec<String>,
    /// The usual values, ascending; none where any may be.
    pub usual: Vec<i64>,
    missing: Vec<&'a str>,
}

/// What exports write where there is nothing; in a column of text it may be the text.
const NOTHING: [&str; 8] = ["-", "—", "——", "/", "无", "N/A", "NULL", "\\N"];
/// Bytes of the longest of them, in full width.
const LONGEST_NOTHING: usize = 12;
/// The greatest rate, 100 %.
const MOST: i64 = 100_000_000;

impl<'a> Contract<'a> {
    /// Makes a source ready; the error names the column whose declaration cannot be used.
    pub fn new(source: &'a Source) -> Result<Contract<'a>, String> {
        let columns = source.columns.iter().map(|column| Check::new(source, column)).collect::<Result<_, _>>()?;
        Ok(Contract { source, columns })
    }
}

impl<'a> Check<'a> {
    fn new(source: &'a Source, column: &'a Column) -> Result<Check<'a>, String> {
        let wrong = |what: &str, text: &str| format!("{}.{}: {what} `{text}` cannot be read", source.name, column.name);
        let mut check = Check {
            column,
            store: Store::of(column),
            words: Words::of(&column.kind).ok_or_else(|| wrong("enum of more than 255 values", ""))?,
            default: column.default.as_deref(),
            minimum: None,
            maximum: None,
            is_rate: column.kind == ColumnKind::Rate,
            pattern: None,
            names: std::iter::once(&column.name).chain(&column.aliases).map(|name| normal::name(name)).collect(),
            usual: Vec::new(),
            missing: source.missing_values.iter().chain(&column.missing_values).map(String::as_str).collect(),
        };
        let limit = |what, text: Option<&str>| match text.map(|text| check.read(text)) {
            None | Some(Ok(None)) => Ok(None),
            Some(Ok(Some(Value::Number(value)))) => Ok(Some(value)),
            Some(Ok(Some(Value::Day(value)))) => Ok(Some(value as i64)),
            _ => Err(wrong(what, text.unwrap_or_default())),
        };
        let (minimum, maximum) = (limit("minimum", column.minimum.as_deref())?, limit("maximum", column.maximum.as_deref())?);
        let pattern = match &column.pattern {
            Some(text) => Some(Regex::new(&format!("^(?:{text})$")).map_err(|_| wrong("pattern", text))?),
            None => None,
        };
        let usual = |text: &String| limit("usual", Some(text)).map(Option::unwrap_or_default);
        let mut usual: Vec<i64> = column.usual.iter().map(usual).collect::<Result<_, _>>()?;
        usual.sort_unstable();
        (check.minimum, check.maximum, check.pattern, check.usual) = (minimum, maximum, pattern, usual);
        if let Some(text) = check.default
            && check.read(text).is_err()
        {
            return Err(wrong("default", text));
        }
        Ok(check)
    }

    /// Whether an empty cell simply has no value.
    pub fn allows_empty(&self) -> bool {
        !self.column.required && self.default.is_none()
    }

    /// Whether any normalised code will do.
    pub fn has_no_rules(&self) -> bool {
        self.column.allowed.is_none() && self.pattern.is_none()
    }

    /// Whether a file without it cannot be read.
    pub fn must_be_there(&self) -> bool {
        self.column.required && self.default.is_none()
    }

    /// Whether a bracket in a header says the unit that it is declared to count in.
    pub fn counts_in(&self, unit: &str) -> bool {
        self.column.unit.as_ref().is_some_and(|own| self.column.units.iter().any(|one| one.power == own.power && one.suffix == unit))
    }

    /// Whether a text that is not empty means "empty". None that is longer than a few bytes does, unless the column says so.
    #[inline]
    pub fn is_nothing(&self, cell: &[u8]) -> bool {
        let may_be = match cell {
            _ if !self.missing.is_empty() => true,
            [b'-' | b'/' | b'N' | b'\\' | 0x80.., ..] => cell.len() <= LONGEST_NOTHING,
            _ => false,
        };
        may_be && std::str::from_utf8(cell).is_ok_and(|cell| self.says_nothing(cell))
    }

    fn says_nothing(&self, cell: &str) -> bool {
        if !self.missing.is_empty() {
            return self.missing.contains(&cell);
        }
        let is_text = self.column.kind == ColumnKind::Text;
        !is_text && cell.len() <= LONGEST_NOTHING && NOTHING.contains(&&*normal::half_width(cell)) && self.words.find_any(cell).is_none()
    }

    /// Reads a cell. `None` is an empty cell that may be empty.
    pub fn read<'c>(&'c self, cell: &'c str) -> Result<Option<Value<'c>>, Rule> {
        let cell = normal::trim(cell);
        if !cell.is_empty() && !self.says_nothing(cell) {
            return self.read_value(cell).map(Some);
        }
        match self.default {
            Some(default) => self.read_value(default).map(Some),
            None if self.column.required => Err(Rule::ValueRequired),
            None => Ok(None),
        }
    }

    fn read_value<'c>(&self, cell: &'c str) -> Result<Value<'c>, Rule> {
        let kind = &self.column.kind;
        let number = |result: Result<i64, money::NumberFault>| result.map_err(|fault| Rule::of_number(kind, fault));
        let value = match kind {
            ColumnKind::Text => Value::Text(cell),
            ColumnKind::Code | ColumnKind::Uscc | ColumnKind::Id => Value::Code(self.read_code(cell)?),
            ColumnKind::Enum(_) => Value::Index(self.words.find_any(cell).ok_or(Rule::EnumValue)?),
            ColumnKind::Bool => Value::Flag(read_flag(&normal::half_width(cell)).ok_or(Rule::BoolValue)?),
            ColumnKind::Date => Value::Day(period::parse_date(&normal::half_width(cell)).map_err(Rule::of_date)?),
            ColumnKind::DateTime => Value::Number(period::parse_datetime(&normal::half_width(cell)).map_err(Rule::of_moment)?),
            ColumnKind::Int => Value::Number(number(money::parse_int(&normal::half_width(cell)))?),
            ColumnKind::Money => Value::Number(number(self.read_money(&normal::half_width(cell)))?),
            ColumnKind::Rate => Value::Number(number(money::parse_rate(&normal::half_width(cell)))?),
            ColumnKind::Decimal => Value::Number(number(money::parse_decimal(&normal::half_width(cell)))?),
        };
        match value {
            Value::Number(number) => self.in_limits(number).map(|()| value),
            Value::Day(day) => self.in_limits(day as i64).map(|()| value),
            _ => Ok(value),
        }
    }

    /// Whether a number or day lies within the column's limits.
    #[inline]
    pub fn in_limits(&self, value: i64) -> Result<(), Rule> {
        if self.minimum.is_some_and(|minimum| value < minimum) {
            return Err(Rule::LimitMinimum);
        }
        if self.maximum.is_some_and(|maximum| value > maximum) {
            return Err(Rule::LimitMaximum);
        }
        if self.is_rate && !(-MOST..=MOST).contains(&value) {
            return Err(Rule::ValueRange);
        }
        Ok(())
    }

    fn read_money(&self, cell: &str) -> Result<i64, money::NumberFault> {
        money::parse_money_in(cell, &self.column.units, self.column.unit.as_ref().map_or(0, |unit| unit.power))
    }

    fn read_code<'c>(&self, cell: &'c str) -> Result<Cow<'c, str>, Rule> {
        let code = normal::code(cell);
        match self.column.kind {
            ColumnKind::Uscc => uscc::check_uscc(code.as_bytes()).map_err(Rule::of_uscc)?,
            ColumnKind::Id => check_id(code.as_bytes())?,
            _ => self.check_code(&code)?,
        }
        Ok(code)
    }

    /// What a normalised code may be: no formula, of the table of codes, of the pattern.
    #[inline]
    pub fn check_code(&self, code: &str) -> Result<(), Rule> {
        if normal::is_formula(code) {
            return Err(Rule::CodeFormula);
        }
        if self.column.allowed.as_ref().is_some_and(|allowed| !allowed.contains_key(code)) {
            return Err(Rule::CodeAllowed);
        }
        if self.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(code)) {
            return Err(Rule::CodePattern);
        }
        Ok(())
    }
}

/// A code of an enterprise or a person; what is neither is named by what it looks most like.
fn check_id(code: &[u8]) -> Result<(), Rule> {
    if uscc::is_uscc(code) || uscc::is_identity_number(code) {
        return Ok(());
    }
    if code.len() == 15 && uscc::looks_like_identity_number(code) {
        return Err(Rule::IdOldNumber);
    }
    match uscc::check_identity_number(code) {
        // No province begins with 9: 18 digits that do are a credit code with a wrong character.
        Err(fault @ (uscc::IdentityFault::BirthDate | uscc::IdentityFault::CheckDigit)) if code[0] < b'9' => Err(Rule::of_identity(fault)),
        _ => uscc::check_uscc(code).map_err(Rule::of_uscc),
    }
}

fn read_flag(cell: &str) -> Option<bool> {
    match cell {
        "是" | "1" => Some(true),
        "否" | "0" => Some(false),
        _ if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("y") => Some(true),
        _ if cell.eq_ignore_ascii_case("false") || cell.eq_ignore_ascii_case("n") => Some(false),
        _ => None,
    }
}
