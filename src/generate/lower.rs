//! Resolved expressions → [`Code`]: scales made explicit, enum words made indices, what a plan cannot say refused.

use super::code::{Code, Which};
use super::names::{Shape, link_of};
use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::money::{MONEY_SCALE, RATE_SCALE};
use crate::policy::source::ColumnKind;
use crate::policy::toml::Findings;
use crate::sql::functions::Function;
use crate::sql::ir::{Arithmetic, EnumType, Expr, Item, Node, Number, Row, Type, Unit, Value};
use crate::value::EnumValues;
use std::sync::Arc;

/// Lowers the expressions that stand at one place.
pub(super) struct Lower<'a> {
    pub findings: &'a Findings,
    pub place: Place,
    /// What the resolver's sources stand for.
    pub shapes: &'a [Shape],
    /// What the as-of date means.
    pub as_of: i32,
}

impl Lower<'_> {
    /// An expression whose value becomes a cell of this kind; a mistake is reported.
    pub fn to_kind(&self, e: Expr, kind: &ColumnKind) -> Option<Code> {
        let e = match (kind, &e.ty) {
            (ColumnKind::Enum(values), Type::Text) => self.enumerated(e, values)?,
            _ => e,
        };
        let scale = scale_of(kind);
        match (&e.ty, scale) {
            (Type::Number(n), Some(scale)) => Some(rescaled(self.code(&e)?, n.scale, scale)),
            (found, _) if fits(kind, found) => self.code(&e),
            (found, _) => {
                let message = format!("a cell of this column is {}, not {}", kind.ty().name(), found.name());
                self.findings.push(Diagnostic::error(Mistake::WrongType, self.place.clone(), message));
                None
            }
        }
    }

    /// A condition.
    pub fn condition(&self, e: &Expr) -> Option<Code> {
        if !matches!(e.ty, Type::Bool | Type::Null) {
            let message = format!("expected bool, found {}", e.ty.name());
            self.findings.push(Diagnostic::error(Mistake::WrongType, self.place.clone(), message));
            return None;
        }
        self.code(e)
    }

    /// Texts that stand for an enum's values, as those values.
    fn enumerated(&self, e: Expr, values: &EnumValues) -> Option<Expr> {
        let ty = Type::Enum(EnumType(Arc::new(values.clone())));
        let node = match e.node {
            Node::Literal(Value::Text(word)) => match values.values.iter().position(|v| *v == word) {
                Some(i) => Node::Literal(Value::Enum(i as u8)),
                None => {
                    let message = format!("`{word}` is not a value of this column");
                    let hint = format!("its values: {}", values.values.join(" | "));
                    self.findings.push(Diagnostic::error(Mistake::UnknownValue, self.place.clone(), message).hint(hint));
                    return None;
                }
            },
            Node::Literal(Value::Null) => Node::Literal(Value::Null),
            Node::Case { branches, otherwise } => {
                let branches: Option<Vec<(Expr, Expr)>> =
                    branches.into_iter().map(|(condition, value)| Some((condition, self.enumerated(value, values)?))).collect();
                let otherwise = match otherwise {
                    Some(value) => Some(Box::new(self.enumerated(*value, values)?)),
                    None => None,
                };
                Node::Case { branches: branches?, otherwise }
            }
            Node::Call(Function::Coalesce, list) => {
                let list: Option<Vec<Expr>> = list.into_iter().map(|item| self.enumerated(item, values)).collect();
                Node::Call(Function::Coalesce, list?)
            }
            _ => {
                let hint = "give the column that it comes from the same type: like = …, or type = \"source.column\"";
                let message = "a text of the row cannot become an enum";
                self.findings.push(Diagnostic::error(Mistake::WrongType, self.place.clone(), message).hint(hint));
                return None;
            }
        };
        Some(Expr::new(node, ty))
    }

    fn code(&self, e: &Expr) -> Option<Code> {
        Some(match &e.node {
            Node::Literal(value) => constant(value),
            Node::AsOf => Code::Int(i128::from(self.as_of)),
            Node::Year => Code::Int(i128::from(crate::period::civil(self.as_of).0)),
            Node::Item { row, item: Item::Column(column), .. } => Code::Column { row: which(*row), column: *column },
            Node::Through { key, source, item: Item::Column(column) } => self.through(key, *source, *column)?,
            Node::Not(inner) => Code::Not(self.boxed(inner)?),
            Node::And(parts) => Code::And(self.list(parts)?),
            Node::Or(parts) => Code::Or(self.list(parts)?),
            Node::Compare(op, a, b) => {
                let (a, b) = self.pair(a, b)?;
                Code::Compare(*op, Box::new(a), Box::new(b))
            }
            Node::InList { value, list } => {
                let scale = list.iter().chain([&**value]).filter_map(|e| number(&e.ty)).map(|n| n.scale).max();
                let item = |e: &Expr| Some(aligned(self.code(e)?, &e.ty, scale));
                let items: Option<Vec<Code>> = list.iter().map(item).collect();
                Code::In(Box::new(item(value)?), items?)
            }
            Node::IsNull(inner) => Code::IsNull(self.boxed(inner)?),
            Node::Is(truth, inner) => Code::Is(*truth, self.boxed(inner)?),
            Node::StartsWith { value, prefix } => Code::StartsWith(self.boxed(value)?, prefix.clone()),
            Node::Case { branches, otherwise } => self.case(branches, otherwise.as_deref(), &e.ty)?,
            Node::Negate(inner) => Code::Negate(self.boxed(inner)?),
            Node::Arithmetic(op, a, b) => self.arithmetic(*op, a, b)?,
            Node::Call(function, args) => self.call(*function, args, &e.ty)?,
            _ => return self.unsupported(),
        })
    }

    fn through(&self, key: &Expr, alias: usize, column: usize) -> Option<Code> {
        let (Node::Item { row, .. }, Some(link)) = (&key.node, link_of(self.shapes, alias)) else { return self.unsupported() };
        Some(Code::Through { row: which(*row), link, column })
    }

    fn case(&self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>, ty: &Type) -> Option<Code> {
        let scale = number(ty).map(|n| n.scale);
        let value = |e: &Expr| Some(aligned(self.code(e)?, &e.ty, scale));
        let branches: Option<Vec<(Code, Code)>> = branches.iter().map(|(condition, e)| Some((self.code(condition)?, value(e)?))).collect();
        let otherwise = match otherwise {
            Some(e) => value(e)?,
            None => Code::Null,
        };
        Some(Code::Case(branches?, Box::new(otherwise)))
    }

    fn arithmetic(&self, op: Arithmetic, a: &Expr, b: &Expr) -> Option<Code> {
        let (left, right) = match op {
            Arithmetic::Add | Arithmetic::Subtract => self.pair(a, b)?,
            Arithmetic::Multiply => (self.code(a)?, self.code(b)?),
            Arithmetic::Divide => {
                let divisor = number(&b.ty).map_or(0, |n| n.scale);
                (rescaled(self.code(a)?, 0, divisor), self.code(b)?)
            }
        };
        Some(Code::Arithmetic(op, Box::new(left), Box::new(right)))
    }

    fn call(&self, function: Function, args: &[Expr], ty: &Type) -> Option<Code> {
        match function {
            Function::CodeText => self.code(args.first()?),
            Function::WorkDays => self.unsupported(),
            _ => {
                let scale = number(ty).map(|n| n.scale);
                let args: Option<Vec<Code>> = args.iter().map(|e| Some(aligned(self.code(e)?, &e.ty, scale))).collect();
                Some(Code::Call(function, args?))
            }
        }
    }

    /// Two numbers at one scale, or two other values as they stand.
    fn pair(&self, a: &Expr, b: &Expr) -> Option<(Code, Code)> {
        let scale = number(&a.ty).into_iter().chain(number(&b.ty)).map(|n| n.scale).max();
        Some((aligned(self.code(a)?, &a.ty, scale), aligned(self.code(b)?, &b.ty, scale)))
    }

    fn boxed(&self, e: &Expr) -> Option<Box<Code>> {
        self.code(e).map(Box::new)
    }

    fn list(&self, parts: &[Expr]) -> Option<Vec<Code>> {
        parts.iter().map(|e| self.code(e)).collect()
    }

    fn unsupported<T>(&self) -> Option<T> {
        let message =
            "a plan's expressions see their own row and the rows that links lead to: no subqueries, lists, parameters or working days";
        self.findings.push(Diagnostic::error(Mistake::Unsupported, self.place.clone(), message));
        None
    }
}

fn which(row: Row) -> Which {
    match row {
        Row::Own => Which::Own,
        Row::Around => Which::Around,
    }
}

fn constant(value: &Value) -> Code {
    match value {
        Value::Null => Code::Null,
        Value::Bool(b) => Code::Int(i128::from(*b)),
        Value::Number(n) => Code::Int(*n),
        Value::Text(text) => Code::Text(text.clone()),
        Value::Enum(i) => Code::Int(i128::from(*i)),
        Value::Date(days) => Code::Int(i128::from(*days)),
        Value::DateTime(ms) => Code::Int(i128::from(*ms)),
    }
}

fn number(ty: &Type) -> Option<Number> {
    match ty {
        Type::Number(n) => Some(*n),
        _ => None,
    }
}

fn aligned(code: Code, ty: &Type, scale: Option<u32>) -> Code {
    match (number(ty), scale) {
        (Some(n), Some(scale)) => rescaled(code, n.scale, scale),
        _ => code,
    }
}

fn rescaled(code: Code, from: u32, to: u32) -> Code {
    if from == to { code } else { Code::Scale(to as i32 - from as i32, Box::new(code)) }
}

/// Decimal places of a kind's stored numbers; `None` for what is no number.
pub(super) fn scale_of(kind: &ColumnKind) -> Option<u32> {
    match kind {
        ColumnKind::Int => Some(0),
        ColumnKind::Money => Some(MONEY_SCALE),
        ColumnKind::Rate | ColumnKind::Decimal => Some(RATE_SCALE),
        _ => None,
    }
}

fn fits(kind: &ColumnKind, ty: &Type) -> bool {
    *ty == Type::Null || *ty == kind.ty()
}

/// The kind of a helper column that holds an expression's values.
pub(super) fn kind_of(ty: &Type) -> Option<ColumnKind> {
    Some(match ty {
        Type::Bool => ColumnKind::Bool,
        Type::Number(Number { unit: Unit::Money, .. }) => ColumnKind::Money,
        Type::Number(Number { unit: Unit::Rate, .. }) => ColumnKind::Rate,
        Type::Number(Number { scale: 0, .. }) => ColumnKind::Int,
        Type::Number(_) => ColumnKind::Decimal,
        Type::Text | Type::Code => ColumnKind::Text,
        Type::Enum(values) => ColumnKind::Enum((*values.0).clone()),
        Type::Date => ColumnKind::Date,
        Type::DateTime => ColumnKind::DateTime,
        Type::Null => return None,
    })
}
