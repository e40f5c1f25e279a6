//! A condition taken apart: what must all hold, what is enough, and at the bottom tests that a value meets or misses.
//!
//! Negations are pushed down to the tests, named functions and yes-or-no facts are opened, bounds on one date become
//! one window. A test keeps the expression that decides it, so nothing here judges: it only says where to look.

use crate::policy::model::Pipeline;
use crate::sql::functions::Function;
use crate::sql::ir::{Arithmetic, Comparison, Expr, Item, Node, Output, Row};
use crate::sql::rebase::through;
use crate::value::{Number, Type, Unit, Value};

/// How a condition is made.
#[derive(Debug, Clone)]
pub enum Shape {
    All(Vec<Shape>),
    Any(Vec<Shape>),
    /// The first branch whose condition is true; else the last.
    Chosen {
        branches: Vec<(Expr, Shape)>,
        otherwise: Box<Shape>,
    },
    Test(Box<Test>),
}

/// One thing to look at.
#[derive(Debug, Clone)]
pub struct Test {
    /// True where the test is met.
    pub holds: Expr,
    pub about: About,
}

#[derive(Debug, Clone)]
pub enum About {
    /// A number against another.
    Bound {
        value: Expr,
        op: Comparison,
        bound: Expr,
    },
    /// A date between two days, both included.
    Window {
        date: Expr,
        from: Option<Expr>,
        to: Option<Expr>,
    },
    /// A part of a whole against a rate: `part op whole × rate`; `growth`: the part is what the whole has grown by.
    Ratio {
        part: Expr,
        whole: Expr,
        op: Comparison,
        rate: Expr,
        growth: bool,
    },
    OneOf {
        value: Expr,
        list: Vec<Expr>,
        negated: bool,
    },
    Prefix {
        value: Expr,
        prefix: String,
        negated: bool,
    },
    /// There is a value.
    Present {
        value: Expr,
        negated: bool,
    },
    /// There are related rows.
    Related {
        query: Expr,
        negated: bool,
    },
    /// On another measure's list.
    Listed {
        list: Expr,
        negated: bool,
    },
    Flag {
        value: Expr,
        negated: bool,
    },
}

/// Facts within facts are opened so deep; what lies deeper is a yes or no.
const DEPTH: u8 = 4;

/// Takes a condition apart.
pub fn shape(pipeline: &Pipeline, condition: &Expr) -> Shape {
    Shaper { pipeline }.of(condition, true, DEPTH)
}

struct Shaper<'p> {
    pipeline: &'p Pipeline,
}

impl Shaper<'_> {
    fn of(&self, e: &Expr, positive: bool, depth: u8) -> Shape {
        match &e.node {
            Node::Named { body, .. } => self.of(body, positive, depth),
            Node::Not(x) => self.of(x, !positive, depth),
            Node::And(list) | Node::Or(list) => {
                let parts: Vec<Shape> = list.iter().map(|x| self.of(x, positive, depth)).collect();
                if matches!(e.node, Node::And(_)) == positive { all(parts) } else { any(parts) }
            }
            Node::Is(wanted, x) => self.of(x, *wanted == positive, depth),
            Node::Literal(Value::Bool(b)) => {
                if *b == positive {
                    Shape::All(Vec::new())
                } else {
                    Shape::Any(Vec::new())
                }
            }
            Node::Case { branches, otherwise: Some(otherwise) } => Shape::Chosen {
                branches: branches.iter().map(|(c, v)| (c.clone(), self.of(v, positive, depth))).collect(),
                otherwise: Box::new(self.of(otherwise, positive, depth)),
            },
            Node::Item { row: Row::Own, item: Item::Fact(f), .. } if depth > 0 => {
                self.of(&self.pipeline.facts[*f].value, positive, depth - 1)
            }
            Node::Through { key, item: Item::Fact(f), .. } if depth > 0 => {
                self.of(&through(&self.pipeline.facts[*f].value, key), positive, depth - 1)
            }
            _ => test(e, positive),
        }
    }
}

fn test(e: &Expr, positive: bool) -> Shape {
    let negated = !positive;
    let about = match &e.node {
        Node::Compare(op, a, b) => compare(if positive { *op } else { op.denied() }, a, b),
        Node::InList { value, list } => Some(About::OneOf { value: (**value).clone(), list: list.clone(), negated }),
        Node::StartsWith { value, prefix } => Some(About::Prefix { value: (**value).clone(), prefix: prefix.clone(), negated }),
        Node::IsNull(x) => Some(About::Present { value: (**x).clone(), negated: positive }),
        Node::Subquery(q) if matches!(q.output, Output::Exists | Output::Any(_)) => Some(About::Related { query: e.clone(), negated }),
        Node::OnList { .. } => Some(About::Listed { list: e.clone(), negated }),
        _ => None,
    };
    let about = about.unwrap_or_else(|| About::Flag { value: e.clone(), negated });
    let holds = if positive { e.clone() } else { Expr::new(Node::Not(Box::new(e.clone())), Type::Bool) };
    Shape::Test(Box::new(Test { holds, about }))
}

/// Nested conjunctions as one, the windows on one date as one window.
fn all(parts: Vec<Shape>) -> Shape {
    let mut flat: Vec<Shape> = Vec::new();
    for part in parts {
        let inner = match part {
            Shape::All(inner) => inner,
            other => vec![other],
        };
        for one in inner {
            if !merged(&mut flat, &one) {
                flat.push(one);
            }
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Shape::All(flat) }
}

fn any(parts: Vec<Shape>) -> Shape {
    let mut flat: Vec<Shape> = Vec::new();
    for part in parts {
        match part {
            Shape::Any(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Shape::Any(flat) }
}

/// Adds a window to one on the same date.
fn merged(flat: &mut [Shape], one: &Shape) -> bool {
    let Shape::Test(new) = one else {
        return false;
    };
    let About::Window { date, from, to } = &new.about else {
        return false;
    };
    for part in flat {
        if let Shape::Test(known) = part
            && let About::Window { date: same, from: first, to: last } = &mut known.about
            && same == date
        {
            *first = tighter(Function::Greatest, first.take(), from.clone());
            *last = tighter(Function::Least, last.take(), to.clone());
            known.holds = Expr::new(Node::And(vec![known.holds.clone(), new.holds.clone()]), Type::Bool);
            return true;
        }
    }
    false
}

fn tighter(function: Function, a: Option<Expr>, b: Option<Expr>) -> Option<Expr> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Expr::new(Node::Call(function, vec![a, b]), Type::Date)),
        (a, b) => a.or(b),
    }
}

fn compare(op: Comparison, a: &Expr, b: &Expr) -> Option<About> {
    // What stands still is the threshold, what changes with the row is the value.
    let (value, op, bound) = if standing(a) < standing(b) { (b, op.turned(), a) } else { (a, op, b) };
    match (&value.ty, &bound.ty) {
        (Type::Number(_), Type::Number(_)) => {
            Some(year_window(value, op, bound).or_else(|| ratio(value, op, bound)).unwrap_or_else(|| About::Bound {
                value: value.clone(),
                op,
                bound: bound.clone(),
            }))
        }
        (Type::Date, Type::Date) => date_window(value.clone(), op, bound.clone(), bound.clone()).or_else(|| other(value, op, bound)),
        (Type::DateTime, Type::DateTime) => Some(About::Bound { value: value.clone(), op, bound: bound.clone() }),
        _ => other(value, op, bound),
    }
}

fn other(value: &Expr, op: Comparison, bound: &Expr) -> Option<About> {
    let negated = match op {
        Comparison::Equal => false,
        Comparison::NotEqual => true,
        _ => return None,
    };
    Some(About::OneOf { value: value.clone(), list: vec![bound.clone()], negated })
}

/// 0: one value for the run; 1: a parameter is in it; 2: the row's own.
fn standing(e: &Expr) -> u8 {
    if e.rows() == (false, false) {
        0
    } else if holds_parameter(e) {
        1
    } else {
        2
    }
}

fn holds_parameter(e: &Expr) -> bool {
    matches!(e.node, Node::Parameter { .. }) || e.children().into_iter().any(holds_parameter)
}

/// `YEAR(d) = n` and its like as days.
fn year_window(value: &Expr, op: Comparison, bound: &Expr) -> Option<About> {
    let Node::Call(Function::Year, args) = &value.node else {
        return None;
    };
    let number = |n| Expr::literal(Value::Number(n), Type::INT);
    let day = |m, d| Expr::new(Node::Call(Function::MakeDate, vec![bound.clone(), number(m), number(d)]), Type::Date);
    date_window(args.first()?.clone(), op, day(1, 1), day(12, 31))
}

/// A date against a span of days that counts as one value.
fn date_window(date: Expr, op: Comparison, first: Expr, last: Expr) -> Option<About> {
    let shift = |e: Expr, n: i128| {
        let n = Expr::literal(Value::Number(n), Type::INT);
        Some(Expr::new(Node::Call(Function::AddDays, vec![e, n]), Type::Date))
    };
    let (from, to) = match op {
        Comparison::Equal => (Some(first), Some(last)),
        Comparison::GreaterOrEqual => (Some(first), None),
        Comparison::Greater => (shift(last, 1), None),
        Comparison::LessOrEqual => (None, Some(last)),
        Comparison::Less => (None, shift(first, -1)),
        Comparison::NotEqual => return None,
    };
    Some(About::Window { date, from, to })
}

/// `part op whole × rate`, with a rate that stands still.
fn ratio(value: &Expr, op: Comparison, bound: &Expr) -> Option<About> {
    let Node::Arithmetic(Arithmetic::Multiply, x, y) = &bound.node else {
        return None;
    };
    let is_rate = |e: &Expr| matches!(e.ty, Type::Number(Number { unit: Unit::Rate, .. })) && e.rows() == (false, false);
    let (whole, rate) = if is_rate(y) {
        (x, y)
    } else if is_rate(x) {
        (y, x)
    } else {
        return None;
    };
    if whole.rows() == (false, false) || matches!(op, Comparison::Equal | Comparison::NotEqual) {
        return None;
    }
    let growth = matches!(&value.node, Node::Arithmetic(Arithmetic::Subtract, _, before) if before == whole);
    Some(About::Ratio { part: value.clone(), whole: (**whole).clone(), op, rate: (**rate).clone(), growth })
}
