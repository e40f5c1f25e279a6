//! Typed expressions of a plan, lowered so far that a row can be worked out without looking at a type again.
//!
//! Numbers are integers; where two scales meet, the lowered form says by which power of ten. Three-valued as SQL.

use super::model::TableId;
use super::rows::{Cell, Desk};
use crate::money::round_half_away;
use crate::sql::functions;
use crate::sql::functions::Function;
use crate::sql::ir::{Arithmetic, Comparison};
use std::borrow::Cow;
use std::cmp::Ordering;

/// An expression over one row, and in a link's condition over the row around it.
pub(super) enum Code {
    Null,
    Int(i128),
    Text(String),
    Column {
        row: Which,
        column: usize,
    },
    /// A column of the row that a link leads to.
    Through {
        row: Which,
        link: usize,
        column: usize,
    },
    Not(Box<Code>),
    And(Vec<Code>),
    Or(Vec<Code>),
    Compare(Comparison, Box<Code>, Box<Code>),
    In(Box<Code>, Vec<Code>),
    IsNull(Box<Code>),
    Is(bool, Box<Code>),
    StartsWith(Box<Code>, String),
    Case(Vec<(Code, Code)>, Box<Code>),
    Negate(Box<Code>),
    /// Add, subtract and multiply as they stand; division with the divisor's scale made up for, rounded half away.
    Arithmetic(Arithmetic, Box<Code>, Box<Code>),
    /// × 10^n, or ÷ 10^n rounded half away from zero.
    Scale(i32, Box<Code>),
    Call(Function, Vec<Code>),
}

impl Code {
    /// The expressions directly inside.
    pub fn children(&self) -> Vec<&Code> {
        match self {
            Code::Null | Code::Int(_) | Code::Text(_) | Code::Column { .. } | Code::Through { .. } => Vec::new(),
            Code::Not(inner)
            | Code::IsNull(inner)
            | Code::Is(_, inner)
            | Code::StartsWith(inner, _)
            | Code::Negate(inner)
            | Code::Scale(_, inner) => vec![inner],
            Code::And(list) | Code::Or(list) | Code::Call(_, list) => list.iter().collect(),
            Code::Compare(_, a, b) | Code::Arithmetic(_, a, b) => vec![a, b],
            Code::In(value, list) => std::iter::once(&**value).chain(list).collect(),
            Code::Case(branches, otherwise) => branches.iter().flat_map(|(c, v)| [c, v]).chain([&**otherwise]).collect(),
        }
    }
}

/// The row at hand, or the one around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Own,
    Around,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub own: (TableId, u64),
    pub around: (TableId, u64),
}

impl At {
    pub fn row(table: TableId, row: u64) -> At {
        At { own: (table, row), around: (table, row) }
    }

    fn of(self, which: Which) -> (TableId, u64) {
        match which {
            Which::Own => self.own,
            Which::Around => self.around,
        }
    }
}

/// Dates are worked out without a calendar of working days.
struct NoCalendar;

impl functions::Calendar for NoCalendar {
    fn working_days(&self, from: i32, _: i32) -> Result<i32, i32> {
        Err(from)
    }
}

impl<'p> Desk<'p> {
    /// The value of an expression; NULL too where a number overflows.
    pub(super) fn value(&mut self, code: &'p Code, at: At) -> Cell<'p> {
        match code {
            Code::Null => Cell::Null,
            Code::Int(value) => Cell::Int(*value),
            Code::Text(text) => Cell::Text(Cow::Borrowed(text)),
            Code::Column { row, column } => {
                let (table, row) = at.of(*row);
                self.cell(table, row, *column)
            }
            Code::Through { row, link, column } => {
                let (table, row) = at.of(*row);
                match self.linked(table, row, *link) {
                    Some((table, row)) => self.cell(table, row, *column),
                    None => Cell::Null,
                }
            }
            Code::Case(branches, otherwise) => {
                for (condition, value) in branches {
                    if self.holds(condition, at) == Some(true) {
                        return self.value(value, at);
                    }
                }
                self.value(otherwise, at)
            }
            Code::Negate(inner) => self.number(inner, at).map_or(Cell::Null, |n| Cell::Int(-n)),
            Code::Arithmetic(op, a, b) => self.arithmetic(*op, a, b, at).map_or(Cell::Null, Cell::Int),
            Code::Scale(power, inner) => self.number(inner, at).and_then(|n| scaled(n, *power)).map_or(Cell::Null, Cell::Int),
            Code::Call(function, args) => self.call(*function, args, at),
            _ => match self.holds(code, at) {
                Some(truth) => Cell::Int(i128::from(truth)),
                None => Cell::Null,
            },
        }
    }

    /// The truth of a condition; `None` where it is unknown.
    pub(super) fn holds(&mut self, code: &'p Code, at: At) -> Option<bool> {
        match code {
            Code::Not(inner) => self.holds(inner, at).map(|truth| !truth),
            Code::And(parts) => self.all(parts, at, false),
            Code::Or(parts) => self.all(parts, at, true),
            Code::Compare(op, a, b) => {
                let (a, b) = (self.value(a, at), self.value(b, at));
                Some(compares(*op, order(&a, &b)?))
            }
            Code::In(value, list) => {
                let value = self.value(value, at);
                let mut unknown = false;
                for item in list {
                    match order(&value, &self.value(item, at)) {
                        Some(Ordering::Equal) => return Some(true),
                        Some(_) => {}
                        None => unknown = true,
                    }
                }
                (!unknown).then_some(false)
            }
            Code::IsNull(inner) => Some(self.value(inner, at) == Cell::Null),
            Code::Is(wanted, inner) => Some(self.holds(inner, at) == Some(*wanted)),
            Code::StartsWith(inner, prefix) => match self.value(inner, at) {
                Cell::Text(text) => Some(text.starts_with(prefix.as_str())),
                _ => None,
            },
            _ => match self.value(code, at) {
                Cell::Int(value) => Some(value != 0),
                _ => None,
            },
        }
    }

    /// AND (`decisive` false) or OR (`decisive` true) of several conditions.
    fn all(&mut self, parts: &'p [Code], at: At, decisive: bool) -> Option<bool> {
        let mut unknown = false;
        for part in parts {
            match self.holds(part, at) {
                Some(truth) if truth == decisive => return Some(decisive),
                Some(_) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(!decisive)
    }

    fn number(&mut self, code: &'p Code, at: At) -> Option<i128> {
        match self.value(code, at) {
            Cell::Int(value) => Some(value),
            _ => None,
        }
    }

    fn arithmetic(&mut self, op: Arithmetic, a: &'p Code, b: &'p Code, at: At) -> Option<i128> {
        let (a, b) = (self.number(a, at)?, self.number(b, at)?);
        match op {
            Arithmetic::Add => a.checked_add(b),
            Arithmetic::Subtract => a.checked_sub(b),
            Arithmetic::Multiply => a.checked_mul(b),
            Arithmetic::Divide => round_half_away(a, b),
        }
    }

    fn call(&mut self, function: Function, args: &'p [Code], at: At) -> Cell<'p> {
        match function {
            Function::Coalesce => args.iter().map(|a| self.value(a, at)).find(|v| *v != Cell::Null).unwrap_or(Cell::Null),
            Function::Least | Function::Greatest => {
                let numbers: Option<Vec<i128>> = args.iter().map(|a| self.number(a, at)).collect();
                let chosen = numbers.and_then(|n| if function == Function::Least { n.into_iter().min() } else { n.into_iter().max() });
                chosen.map_or(Cell::Null, Cell::Int)
            }
            Function::Left | Function::Length => self.text_call(function, args, at),
            _ => {
                let numbers: Option<Vec<i128>> = args.iter().map(|a| self.number(a, at)).collect();
                numbers.and_then(|n| functions::call(function, &n, &NoCalendar).ok().flatten()).map_or(Cell::Null, Cell::Int)
            }
        }
    }

    fn text_call(&mut self, function: Function, args: &'p [Code], at: At) -> Cell<'p> {
        let Some(Cell::Text(text)) = args.first().map(|a| self.value(a, at)) else { return Cell::Null };
        if function == Function::Length {
            return Cell::Int(text.chars().count() as i128);
        }
        match args.get(1).and_then(|n| self.number(n, at)).and_then(|n| usize::try_from(n).ok()) {
            Some(n) => Cell::Text(Cow::Owned(text.chars().take(n).collect())),
            None => Cell::Null,
        }
    }
}

fn order(a: &Cell<'_>, b: &Cell<'_>) -> Option<Ordering> {
    match (a, b) {
        (Cell::Int(a), Cell::Int(b)) => Some(a.cmp(b)),
        (Cell::Text(a), Cell::Text(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn compares(op: Comparison, order: Ordering) -> bool {
    match op {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn scaled(value: i128, power: i32) -> Option<i128> {
    let factor = 10i128.checked_pow(power.unsigned_abs())?;
    if power < 0 { round_half_away(value, factor) } else { value.checked_mul(factor) }
}
