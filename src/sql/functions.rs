//! The functions an expression may call: argument types, result, and what a NULL does.
//!
//! One table for everything: an expression that names a function not listed here is refused, and evaluators
//! match on [`Function`] exhaustively. A NULL argument makes the result NULL, except in COALESCE.

use super::ir::{Number, Type, Unit};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    Year,
    Month,
    Day,
    Hour,
    /// The last day of the date's month.
    MonthEnd,
    MakeDate,
    AddDays,
    /// The same day n months on, or that month's last.
    AddMonths,
    AddYears,
    /// Days from the first date to the second, counting the first and not the last.
    DaysBetween,
    /// Calendar months from the month of the first date to that of the second.
    MonthsBetween,
    /// The day of a datetime.
    ToDate,
    /// A datetime at a full hour of a day.
    AtHour,
    AddHours,
    /// Working days after the first date up to and including the second.
    WorkDays,
    /// The first n characters.
    Left,
    Length,
    Coalesce,
    Least,
    Greatest,
    /// A code of the dictionary as text: put in by the resolver, never written.
    CodeText,
}

use Function::*;

const NAMES: [(&str, Function); 19] = [
    ("YEAR", Year),
    ("MONTH", Month),
    ("DAY", Day),
    ("HOUR", Hour),
    ("MONTH_END", MonthEnd),
    ("MAKE_DATE", MakeDate),
    ("ADD_DAYS", AddDays),
    ("ADD_MONTHS", AddMonths),
    ("ADD_YEARS", AddYears),
    ("DAYS_BETWEEN", DaysBetween),
    ("MONTHS_BETWEEN", MonthsBetween),
    ("AT_HOUR", AtHour),
    ("ADD_HOURS", AddHours),
    ("WORKDAYS", WorkDays),
    ("LEFT", Left),
    ("LENGTH", Length),
    ("COALESCE", Coalesce),
    ("LEAST", Least),
    ("GREATEST", Greatest),
];

impl Function {
    pub fn named(name: &str) -> Option<Function> {
        NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, f)| *f)
    }

    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(n, _)| *n)
    }

    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, f)| *f == self).map_or("CAST", |(n, _)| n)
    }

    /// The parameter types of functions with a fixed signature; `None` for COALESCE, LEAST and GREATEST.
    pub fn signature(self) -> Option<(&'static [Type], Type)> {
        const D: Type = Type::Date;
        const T: Type = Type::DateTime;
        const I: Type = Type::INT;
        const S: Type = Type::Text;
        Some(match self {
            Year | Month | Day => (&[D], I),
            Hour => (&[T], I),
            MonthEnd => (&[D], D),
            MakeDate => (&[I, I, I], D),
            AddDays | AddMonths | AddYears => (&[D, I], D),
            DaysBetween | MonthsBetween | WorkDays => (&[D, D], I),
            ToDate => (&[T], D),
            AtHour => (&[D, I], T),
            AddHours => (&[T, I], T),
            Left => (&[S, I], S),
            Length => (&[S], I),
            CodeText => (&[Type::Code], S),
            Coalesce | Least | Greatest => return None,
        })
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
