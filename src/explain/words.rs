//! An expression as people say it: `本年营业收入 − 上年营业收入`, `迁入日期加来忻年数（年）`.
//!
//! Only names and signs, no values: values stand beside it. Whatever has no short form is called by what it reads.

use crate::facts::{Cell, World};
use crate::ledger::{label, shown};
use crate::sql::functions::Function;
use crate::sql::ir::{Arithmetic, Comparison, Expr, Node, Type, Value};

/// What an expression is called.
pub fn words(world: &World<'_>, e: &Expr) -> String {
    say(world, e, 0)
}

/// `level`: how tightly the surrounding operator binds (0 none, 1 sum, 2 product, 3 divisor).
fn say(world: &World<'_>, e: &Expr, level: u8) -> String {
    match &e.node {
        Node::Literal(value) => literal(value, &e.ty),
        Node::Named { name, args, .. } => call(world, name, args),
        Node::Arithmetic(op, a, b) => {
            let (own, right, sign) = match op {
                Arithmetic::Add => (1, 1, "+"),
                Arithmetic::Subtract => (1, 2, "−"),
                Arithmetic::Multiply => (2, 2, "×"),
                Arithmetic::Divide => (2, 3, "÷"),
            };
            let text = format!("{} {sign} {}", say(world, a, own), say(world, b, right));
            if own < level { format!("（{text}）") } else { text }
        }
        Node::Negate(a) => format!("−{}", say(world, a, 3)),
        Node::Round(a) => say(world, a, level),
        Node::Call(function, args) => function_words(world, *function, args),
        _ => label(world, e).unwrap_or_default(),
    }
}

/// A named function with its arguments, where they are more than the row's own columns.
fn call(world: &World<'_>, name: &str, args: &[Expr]) -> String {
    if args.iter().all(|a| matches!(a.node, Node::Item { .. } | Node::Parameter { .. })) {
        return name.to_string();
    }
    let args: Vec<String> = args.iter().map(|a| words(world, a)).collect();
    format!("{name}（{}）", args.join("，"))
}

fn function_words(world: &World<'_>, function: Function, args: &[Expr]) -> String {
    let said: Vec<String> = args.iter().map(|a| words(world, a)).collect();
    let arg = |i: usize| said.get(i).map_or("", String::as_str);
    match function {
        Function::Year => format!("{}的年份", arg(0)),
        Function::Month => format!("{}的月份", arg(0)),
        Function::Day => format!("{}的日", arg(0)),
        Function::Hour => format!("{}的小时", arg(0)),
        Function::MonthEnd => format!("{}所在月的最后一天", arg(0)),
        Function::MakeDate => {
            let sign = if arg(0).ends_with(|c: char| c.is_ascii_digit()) { "年" } else { "" };
            format!("{}{sign}{}月{}日", arg(0), arg(1), arg(2))
        }
        Function::AddDays => format!("{}加{}（天）", arg(0), arg(1)),
        Function::AddMonths => format!("{}加{}（月）", arg(0), arg(1)),
        Function::AddYears => format!("{}加{}（年）", arg(0), arg(1)),
        Function::AddHours => format!("{}加{}（小时）", arg(0), arg(1)),
        Function::DaysBetween => format!("{}到{}的天数", arg(0), arg(1)),
        Function::MonthsBetween => format!("{}到{}的月数", arg(0), arg(1)),
        Function::WorkDays => format!("{}到{}的工作日数", arg(0), arg(1)),
        Function::AtHour => format!("{}{}时", arg(0), arg(1)),
        Function::Left => format!("{}的前{}位", arg(0), arg(1)),
        Function::Length => format!("{}的位数", arg(0)),
        Function::Least => format!("取小（{}）", said.join("，")),
        Function::Greatest => format!("取大（{}）", said.join("，")),
        Function::ToDate | Function::CodeText => arg(0).to_string(),
        // The alternatives of a value that may be missing go by the first.
        Function::Coalesce => arg(0).to_string(),
    }
}

fn literal(value: &Value, ty: &Type) -> String {
    let cell = match value {
        Value::Null => Cell::Null,
        Value::Bool(b) => Cell::Number(i128::from(*b)),
        Value::Number(n) => Cell::Number(*n),
        Value::Text(t) => Cell::Text(t.clone()),
        Value::Enum(i) => Cell::Number(i128::from(*i)),
        Value::Date(d) => Cell::Number(i128::from(*d)),
        Value::DateTime(ms) => Cell::Number(i128::from(*ms)),
    };
    shown(cell.view(), ty)
}

/// The sign of a comparison.
pub fn sign(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "=",
        Comparison::NotEqual => "≠",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "≤",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => "≥",
    }
}
