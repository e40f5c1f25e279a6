//! What may stand with what, and what type comes of it.

use crate::value::{Number, Type, Unit};

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
