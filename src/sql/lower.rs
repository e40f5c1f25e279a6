//! Typed expression → Polars expression over a frame, and → exact program over columns.
//!
//! Conditions, comparisons and texts become Polars expressions, whose `and`, `or` and `not` are SQL's three-valued
//! ones. Names, arithmetic and dates are leaves: a [`Leaves`] implementation says which column holds them.

use super::EvalError;
use super::exact::Program;
use super::functions::{Choice, Computed};
use super::ir::*;
use crate::value::{Type, Value};
use polars::prelude as pl;
use polars::prelude::{DataType, lit};

type Lowered<T> = Result<T, EvalError>;

/// Where the values of leaves stand.
pub trait Leaves {
    /// The column of the frame (or the constant) that holds the value of `e`; `None` to look at its parts.
    fn leaf(&mut self, e: &Expr) -> Lowered<Option<pl::Expr>>;
}

/// Whether a node's value cannot be said by Polars alone.
pub fn is_leaf(e: &Expr) -> bool {
    match &e.node {
        Node::Item { .. } | Node::Through { .. } | Node::Parameter { .. } | Node::RunValue(_) => true,
        Node::AsOf | Node::Year | Node::OnList { .. } | Node::Subquery(_) | Node::Round(_) | Node::Group { .. } => true,
        Node::Negate(_) | Node::Arithmetic(..) => true,
        Node::Call(f, _) => match f.entry().computed {
            Computed::Texts(_) => false,
            Computed::Choice(Choice::First) => is_numeric(&e.ty),
            _ => true,
        },
        Node::Case { .. } => is_numeric(&e.ty),
        Node::Compare(_, a, b) => compares_numbers(a, b),
        Node::Literal(_) | Node::Not(_) | Node::And(_) | Node::Or(_) | Node::InList { .. } | Node::IsNull(_) => false,
        Node::Is(..) | Node::StartsWith { .. } | Node::Named { .. } => false,
    }
}

/// Numbers and, being integers as well, dates.
pub fn is_numeric(ty: &Type) -> bool {
    matches!(ty, Type::Number(_) | Type::Date | Type::DateTime)
}

/// Two numbers that a column comparison cannot compare as they are stored.
fn compares_numbers(a: &Expr, b: &Expr) -> bool {
    match (&a.ty, &b.ty) {
        (Type::Number(x), Type::Number(y)) => {
            let (simple_a, simple_b) = (stored(a, y.scale), stored(b, x.scale));
            !(simple_a && simple_b && (x.scale == y.scale || rescaled(a, y.scale).is_some() || rescaled(b, x.scale).is_some()))
        }
        _ => false,
    }
}

/// A number that stands as such in one column, or a constant of at most this scale.
fn stored(e: &Expr, scale: u32) -> bool {
    match &e.node {
        Node::Literal(_) => rescaled(e, scale).is_some(),
        Node::Item { .. }
        | Node::Through { .. }
        | Node::Parameter { .. }
        | Node::RunValue(_)
        | Node::Subquery(_)
        | Node::Group { .. }
        | Node::Year
        | Node::Round(_) => true,
        Node::Call(f, _) => f.choice().is_none(),
        Node::Named { body, .. } => stored(body, scale),
        _ => false,
    }
}

/// A literal's stored integer at a larger scale.
fn rescaled(e: &Expr, scale: u32) -> Option<i64> {
    let (Node::Literal(Value::Number(value)), Type::Number(n)) = (&e.node, &e.ty) else {
        return None;
    };
    let factor = 10_i128.checked_pow(scale.checked_sub(n.scale)?)?;
    i64::try_from(value.checked_mul(factor)?).ok()
}

/// The Polars expression of `e`.
pub fn lower(e: &Expr, leaves: &mut dyn Leaves) -> Lowered<pl::Expr> {
    if let Some(leaf) = leaves.leaf(e)? {
        return Ok(leaf);
    }
    Ok(match &e.node {
        Node::Literal(value) => literal(value, &e.ty),
        Node::Named { body, .. } => lower(body, leaves)?,
        Node::Not(x) => lower(x, leaves)?.not(),
        Node::And(list) => fold(list, leaves, pl::Expr::and)?,
        Node::Or(list) => fold(list, leaves, pl::Expr::or)?,
        // No column holds a fraction, but how it stands to itself is NULL exactly where it is.
        Node::IsNull(x) if x.is_fraction() => compare(Comparison::Equal, x, x, leaves)?.is_null(),
        Node::IsNull(x) => lower(x, leaves)?.is_null(),
        Node::Is(wanted, x) => {
            let value = lower(x, leaves)?;
            if *wanted { value.fill_null(lit(false)) } else { value.not().fill_null(lit(false)) }
        }
        Node::Compare(op, a, b) => compare(*op, a, b, leaves)?,
        Node::InList { value, list } => {
            let mut found: Option<pl::Expr> = None;
            for item in list {
                let same = compare(Comparison::Equal, value, item, leaves)?;
                found = Some(found.map_or(same.clone(), |f| f.or(same)));
            }
            found.unwrap_or_else(|| lit(false))
        }
        Node::StartsWith { value, prefix } => lower(value, leaves)?.str().starts_with(lit(prefix.as_str())),
        Node::Case { branches, otherwise } => case(branches, otherwise.as_deref(), &e.ty, leaves)?,
        Node::Call(f, args) => {
            let list: Lowered<Vec<pl::Expr>> = args.iter().map(|a| lower(a, leaves)).collect();
            match f.entry().computed {
                Computed::Texts(compute) => compute(list?),
                Computed::Choice(Choice::First) => {
                    let mut list = list?.into_iter();
                    let first = list.next().unwrap_or_else(|| lit(pl::NULL));
                    list.fold(first, |value, next| value.fill_null(next))
                }
                _ => return Err(EvalError::Engine(format!("no column holds {}", f.name()))),
            }
        }
        other => return Err(EvalError::Engine(format!("no column holds {other:?}"))),
    })
}

fn fold(list: &[Expr], leaves: &mut dyn Leaves, join: fn(pl::Expr, pl::Expr) -> pl::Expr) -> Lowered<pl::Expr> {
    let mut all: Option<pl::Expr> = None;
    for item in list {
        let value = lower(item, leaves)?;
        all = Some(match all {
            Some(a) => join(a, value),
            None => value,
        });
    }
    Ok(all.unwrap_or_else(|| lit(true)))
}

fn compare(op: Comparison, a: &Expr, b: &Expr, leaves: &mut dyn Leaves) -> Lowered<pl::Expr> {
    if compares_numbers(a, b) {
        let whole = Expr::new(Node::Compare(op, Box::new(a.clone()), Box::new(b.clone())), Type::Bool);
        return lower(&whole, leaves);
    }
    let (mut left, mut right) = (lower(a, leaves)?, lower(b, leaves)?);
    if let (Type::Number(x), Type::Number(y)) = (&a.ty, &b.ty) {
        if let Some(value) = rescaled(a, y.scale) {
            left = lit(value);
        } else if let Some(value) = rescaled(b, x.scale) {
            right = lit(value);
        }
    }
    Ok(match op {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.neq(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lt_eq(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gt_eq(right),
    })
}

fn case(branches: &[(Expr, Expr)], otherwise: Option<&Expr>, ty: &Type, leaves: &mut dyn Leaves) -> Lowered<pl::Expr> {
    let mut value = match otherwise {
        Some(e) => lower(e, leaves)?,
        None => literal(&Value::Null, ty),
    };
    for (condition, result) in branches.iter().rev() {
        value = pl::when(lower(condition, leaves)?).then(lower(result, leaves)?).otherwise(value);
    }
    Ok(value)
}

/// How values of a type are stored.
pub fn dtype(ty: &Type) -> DataType {
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Number(_) => DataType::Int64,
        Type::Text => DataType::String,
        Type::Code => DataType::UInt32,
        Type::Enum(_) => DataType::UInt8,
        Type::Date => DataType::Date,
        Type::DateTime => DataType::Datetime(pl::TimeUnit::Milliseconds, None),
        Type::Null => DataType::Null,
    }
}

/// A constant.
pub fn literal(value: &Value, ty: &Type) -> pl::Expr {
    match value {
        Value::Null => lit(pl::NULL).cast(dtype(ty)),
        Value::Bool(b) => lit(*b),
        Value::Number(n) => match i64::try_from(*n) {
            Ok(n) => lit(n),
            Err(_) => lit(*n),
        },
        Value::Text(s) => lit(s.as_str()),
        Value::Enum(i) => lit(*i),
        Value::Date(d) => lit(*d).cast(DataType::Date),
        Value::DateTime(ms) => lit(*ms).cast(DataType::Datetime(pl::TimeUnit::Milliseconds, None)),
    }
}

/// Where a program's inputs come from.
pub trait ProgramInputs {
    /// Whether the value of `e` stands in a column already, so that its parts need not be looked at.
    fn is_known(&self, e: &Expr) -> bool;
    /// The index of the input that holds the value of `e`.
    fn input(&mut self, e: &Expr) -> usize;
}

/// The exact program of a numeric expression.
pub fn program(e: &Expr, inputs: &mut dyn ProgramInputs) -> Lowered<Program> {
    let scale = match &e.ty {
        Type::Number(n) => n.scale,
        _ => 0,
    };
    if inputs.is_known(e) {
        return Ok(Program::Input { index: inputs.input(e), scale });
    }
    let mut part = |e: &Expr| program(e, inputs).map(Box::new);
    Ok(match &e.node {
        Node::Literal(Value::Number(value)) => Program::Constant { value: *value, scale },
        Node::Literal(Value::Date(days)) => Program::Constant { value: i128::from(*days), scale: 0 },
        Node::Literal(Value::DateTime(ms)) => Program::Constant { value: i128::from(*ms), scale: 0 },
        Node::Literal(_) => Program::Null,
        Node::Named { body, .. } => program(body, inputs)?,
        Node::Negate(a) => Program::Negate(part(a)?),
        Node::Arithmetic(op, a, b) => {
            let (a, b) = (part(a)?, part(b)?);
            match op {
                Arithmetic::Add => Program::Add(a, b),
                Arithmetic::Subtract => Program::Subtract(a, b),
                Arithmetic::Multiply => Program::Multiply(a, b),
                Arithmetic::Divide => Program::Divide(a, b),
            }
        }
        Node::Round(a) => Program::Round(part(a)?, crate::money::MONEY_SCALE),
        Node::Call(f, args) if f.choice().is_some() => {
            let list: Lowered<Vec<Program>> = args.iter().map(|a| program(a, inputs)).collect();
            match f.choice() {
                Some(Choice::Least) => Program::Least(list?),
                Some(Choice::Greatest) => Program::Greatest(list?),
                _ => Program::Coalesce(list?),
            }
        }
        Node::Case { branches, otherwise } => {
            let mut chosen = Vec::new();
            for (condition, value) in branches {
                chosen.push((inputs.input(condition), program(value, inputs)?));
            }
            let otherwise = otherwise.as_ref().map(|o| program(o, inputs)).transpose()?.map(Box::new);
            Program::Case { branches: chosen, otherwise }
        }
        _ => Program::Input { index: inputs.input(e), scale },
    })
}
