//! An expression as people say it: `本年营业收入 − 上年营业收入`, `迁入日期加来忻年数（年）`.
//!
//! Only names and signs, no values: values stand beside it. Whatever has no short form is called by what it reads.

use crate::facts::World;
use crate::ledger::label;
use crate::sql::ir::{Arithmetic, Comparison, Expr, Node};

/// What an expression is called.
pub fn words(world: &World<'_>, e: &Expr) -> String {
    say(world, e, 0)
}

/// `level`: how tightly the surrounding operator binds (0 none, 1 sum, 2 product, 3 divisor).
fn say(world: &World<'_>, e: &Expr, level: u8) -> String {
    match &e.node {
        Node::Literal(value) => e.ty.shown(value.cell()),
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
        Node::Call(function, args) => {
            let said: Vec<String> = args.iter().map(|a| words(world, a)).collect();
            (function.entry().words)(&said)
        }
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
