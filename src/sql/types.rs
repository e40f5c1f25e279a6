//! What values are: types, the unit of numbers, and what may stand with what.

use crate::policy::source::{ColumnKind, EnumValues, MONEY_SCALE, RATE_SCALE};
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

impl Type {
    pub const INT: Type = Type::Number(Number { scale: 0, unit: Unit::Plain });
    pub const MONEY: Type = Type::Number(Number { scale: MONEY_SCALE, unit: Unit::Money });
    pub const RATE: Type = Type::Number(Number { scale: RATE_SCALE, unit: Unit::Rate });
    pub const DECIMAL: Type = Type::Number(Number { scale: RATE_SCALE, unit: Unit::Plain });

    /// The type of a column's cells.
    pub fn of_column(kind: &ColumnKind, entity: bool) -> Type {
        match kind {
            _ if entity => Type::Code,
            ColumnKind::Code | ColumnKind::Uscc | ColumnKind::Id | ColumnKind::Text => Type::Text,
            ColumnKind::Enum(values) => Type::Enum(EnumType(Arc::new(values.clone()))),
            ColumnKind::Date => Type::Date,
            ColumnKind::DateTime => Type::DateTime,
            ColumnKind::Int => Type::INT,
            ColumnKind::Money => Type::MONEY,
            ColumnKind::Rate => Type::RATE,
            ColumnKind::Decimal => Type::DECIMAL,
            ColumnKind::Bool => Type::Bool,
        }
    }

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
}

/// Whether a value of type `found` may stand where `wanted` is asked for.
pub fn fits(wanted: &Type, found: &Type) -> bool {
    match (wanted, found) {
        (_, Type::Null) => true,
        (Type::Number(w), Type::Number(f)) => w.scale >= f.scale && (w.unit == f.unit || f.unit == Unit::Literal),
        _ => wanted == found,
    }
}

/// The common type of two alternatives (CASE branches, LEAST, comparisons), if there is one.
pub fn common(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Null, t) | (t, Type::Null) => Some(t.clone()),
        (Type::Number(x), Type::Number(y)) => {
            let unit = common_unit(x.unit, y.unit)?;
            Some(Type::Number(Number { scale: x.scale.max(y.scale), unit }))
        }
        _ if a == b => Some(a.clone()),
        _ => None,
    }
}

fn common_unit(a: Unit, b: Unit) -> Option<Unit> {
    match (a, b) {
        (Unit::Literal, u) | (u, Unit::Literal) => Some(u),
        _ if a == b => Some(a),
        _ => None,
    }
}

/// The type of a product.
pub fn product(a: Number, b: Number) -> Option<Number> {
    use Unit::*;
    let unit = match (a.unit, b.unit) {
        (Money, Money) => return None,
        (Money, _) | (_, Money) => Money,
        (Rate, _) | (_, Rate) => Rate,
        (Literal, Literal) => Literal,
        _ => Plain,
    };
    Some(Number { scale: a.scale + b.scale, unit })
}

/// The type of a quotient; its scale is the dividend's, the value is an exact fraction.
pub fn quotient(a: Number, b: Number) -> Option<Number> {
    use Unit::*;
    let unit = match (a.unit, b.unit) {
        (Money, Money) | (Plain, Plain) => Rate,
        (_, Money) => return None,
        (Rate, Rate) => Plain,
        (u, _) => u,
    };
    Some(Number { scale: a.scale, unit })
}
