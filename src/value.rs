//! What values are: types, the unit of numbers, one cell as stored, and how it is written.

use crate::money::{self, MONEY_SCALE, RATE_SCALE};
use crate::period;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an expression's values are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Type {
    Bool,
    Number(Number),
    Text,
    /// A code of the dictionary.
    Code,
    /// An index into the values of an enum column.
    Enum(EnumType),
    Date,
    DateTime,
    /// `NULL` written out: fits every type.
    Null,
}

/// Integers of a known scale: value = stored ÷ 10^scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    pub scale: u32,
    pub unit: Unit,
}

/// What a number measures; money × money and money + rate make no sense and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Yuan.
    Money,
    /// A fraction.
    Rate,
    /// A count, a year, days, an area.
    Plain,
    /// A number written in the expression: takes the unit of what it meets.
    Literal,
}

/// The values of an enum, compared by content.
#[derive(Debug, Clone)]
pub struct EnumType(pub Arc<EnumValues>);

impl PartialEq for EnumType {
    fn eq(&self, other: &Self) -> bool {
        self.0.values == other.0.values
    }
}
impl Eq for EnumType {}
impl std::hash::Hash for EnumType {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.values.hash(state);
    }
}

impl EnumType {
    /// The word of a stored number.
    fn word(&self, number: i128) -> Option<&str> {
        self.0.values.get(usize::try_from(number).ok()?).map(String::as_str)
    }
}

impl Type {
    pub const INT: Type = Type::Number(Number { scale: 0, unit: Unit::Plain });
    pub const MONEY: Type = Type::Number(Number { scale: MONEY_SCALE, unit: Unit::Money });
    pub const RATE: Type = Type::Number(Number { scale: RATE_SCALE, unit: Unit::Rate });
    pub const DECIMAL: Type = Type::Number(Number { scale: RATE_SCALE, unit: Unit::Plain });

    /// The word a diagnostic uses.
    pub fn name(&self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Number(Number { unit: Unit::Money, .. }) => "money",
            Type::Number(Number { unit: Unit::Rate, .. }) => "rate",
            Type::Number(Number { scale: 0, .. }) => "int",
            Type::Number(_) => "decimal",
            Type::Text => "text",
            Type::Code => "code",
            Type::Enum(_) => "enum",
            Type::Date => "date",
            Type::DateTime => "datetime",
            Type::Null => "null",
        }
    }

    /// A value as it stands in a CSV and as a part of a row key: exact, without thousands; empty where there is none.
    pub fn text<'c>(&self, cell: Cell<&'c str>) -> Cow<'c, str> {
        match cell {
            Cell::Null => "".into(),
            Cell::Text(text) => text.into(),
            Cell::Number(_) => {
                let mut text = String::new();
                self.write_text(cell, &mut text);
                text.into()
            }
        }
    }

    /// Appends what [`Type::text`] gives.
    pub fn write_text(&self, cell: Cell<&str>, out: &mut String) {
        let number = match cell {
            Cell::Null => return,
            Cell::Text(text) => return out.push_str(text),
            Cell::Number(number) => number,
        };
        match self {
            Type::Date if let Ok(day) = i32::try_from(number) => period::write_date(out, day),
            Type::DateTime if let Ok(moment) = i64::try_from(number) => out.push_str(&period::format_datetime(moment)),
            Type::Enum(values) if let Some(word) = values.word(number) => out.push_str(word),
            Type::Bool => out.push_str(if number == 1 { "是" } else { "否" }),
            Type::Number(Number { scale, unit: Unit::Money }) => money::write_places(out, number, *scale),
            Type::Number(Number { scale, .. }) => money::write_plain(out, number, *scale),
            _ => money::write_plain(out, number, 0),
        }
    }

    /// A value as people read it: money with thousands commas, rates as percent, what is missing named.
    pub fn shown(&self, cell: Cell<&str>) -> String {
        let mut text = String::new();
        self.write_shown(cell, &mut text);
        text
    }

    /// Appends what [`Type::shown`] gives.
    pub fn write_shown(&self, cell: Cell<&str>, out: &mut String) {
        match (cell, self) {
            (Cell::Null, _) => out.push_str("（缺）"),
            (Cell::Number(fen), Type::Number(Number { scale: MONEY_SCALE, unit: Unit::Money })) => money::Fen(fen).write_grouped(out),
            (Cell::Number(value), Type::Number(Number { scale: scale @ 2.., unit: Unit::Rate })) => {
                money::write_plain(out, value, scale - 2);
                out.push('%');
            }
            (Cell::Number(value), Type::Number(Number { scale, .. })) => money::write_plain(out, value, *scale),
            _ => self.write_text(cell, out),
        }
    }
}

/// The values of an enum column and what else may stand for them in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnumValues {
    pub values: Vec<String>,
    /// Alias or code → index into `values`.
    pub codes: BTreeMap<String, usize>,
}

/// A constant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    Null,
    Bool(bool),
    /// Stored integer; the scale is the expression's type.
    Number(i128),
    Text(String),
    /// Index into the enum's values.
    Enum(u8),
    /// Days since 1970-01-01.
    Date(i32),
    /// Milliseconds since 1970-01-01.
    DateTime(i64),
}

impl Value {
    /// As it is stored.
    pub fn cell(&self) -> Cell<&str> {
        match self {
            Value::Null => Cell::Null,
            Value::Bool(flag) => Cell::Number(i128::from(*flag)),
            Value::Number(number) => Cell::Number(*number),
            Value::Text(text) => Cell::Text(text),
            Value::Enum(place) => Cell::Number(i128::from(*place)),
            Value::Date(day) => Cell::Number(i128::from(*day)),
            Value::DateTime(moment) => Cell::Number(i128::from(*moment)),
        }
    }
}

/// One value of a key or an order: codes as text, enums and numbers as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell<T = String> {
    Null,
    Number(i128),
    Text(T),
}

impl<T> Cell<T> {
    /// The same with its text, if it has one, as something else.
    pub fn map<U>(self, text: impl FnOnce(T) -> U) -> Cell<U> {
        match self {
            Cell::Null => Cell::Null,
            Cell::Number(n) => Cell::Number(n),
            Cell::Text(t) => Cell::Text(text(t)),
        }
    }
}

impl Cell<&str> {
    pub fn to_owned(self) -> Cell {
        self.map(str::to_string)
    }
}

impl Cell {
    pub fn view(&self) -> Cell<&str> {
        match self {
            Cell::Null => Cell::Null,
            Cell::Number(n) => Cell::Number(*n),
            Cell::Text(t) => Cell::Text(t),
        }
    }
}
