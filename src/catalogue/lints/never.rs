//! Clauses that no row can meet: constants that contradict each other on one column.
//!
//! Looks at conjunctions of comparisons with constants only; whatever it does not understand counts as possible.

use crate::diagnostic::Diagnostic;
use crate::policy::model::{Measure, Pipeline};
use crate::sql::ir::{Comparison, Expr, Node, Type, Value};
use std::collections::{BTreeSet, HashMap};

/// A constant, numbers at one scale.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Constant {
    Number(i128),
    Text(String),
}

/// What values are left for one column.
#[derive(Debug, Clone, Default)]
struct Left {
    /// Only NULL, or anything but NULL.
    null: Option<bool>,
    /// (bound, the bound itself is out).
    low: Option<(i128, bool)>,
    high: Option<(i128, bool)>,
    among: Option<BTreeSet<Constant>>,
    not: BTreeSet<Constant>,
    impossible: bool,
}

type Columns = HashMap<Expr, Left>;

pub fn never_true(pipeline: &Pipeline) -> Vec<Diagnostic> {
    pipeline.measures.iter().flat_map(of_measure).collect()
}

fn of_measure(measure: &Measure) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut together = Columns::new();
    if let Some(judged) = &measure.judged {
        let (possible, place) = (add(&mut together, judged), measure.judged_place.clone());
        if let (false, Some(place)) = (possible, place) {
            found.push(Diagnostic::warning("never-true", place, "no row can meet this condition: its constants contradict each other"));
            return found;
        }
    }
    for clause in &measure.clauses {
        let message = if !add(&mut Columns::new(), &clause.when) {
            "this clause can never be true: its constants contradict each other"
        } else if !add(&mut together, &clause.when) {
            "this clause can never be true where the ones before it are: their constants contradict each other"
        } else {
            continue;
        };
        found.push(Diagnostic::warning("never-true", clause.place.clone(), message));
        break;
    }
    found
}

/// Narrows the columns by a condition that must be true; false where nothing is left.
fn add(columns: &mut Columns, e: &Expr) -> bool {
    match &e.node {
        Node::And(list) => list.iter().all(|part| add(columns, part)),
        Node::Named { body, .. } => add(columns, body),
        Node::Literal(Value::Bool(false) | Value::Null) => false,
        Node::Is(wanted, inner) => boolean(columns, inner, *wanted),
        Node::Not(inner) => not(columns, inner),
        Node::IsNull(inner) => narrow(columns, inner, |left| left.set_null(true)),
        Node::Compare(op, a, b) => match (constant(a), constant(b)) {
            (None, Some(c)) => narrow(columns, a, |left| left.compare(*op, c)),
            (Some(c), None) => narrow(columns, b, |left| left.compare(op.turned(), c)),
            _ => true,
        },
        Node::InList { value, list } => match list.iter().map(constant).collect::<Option<BTreeSet<_>>>() {
            Some(set) => narrow(columns, value, |left| left.keep(set)),
            None => true,
        },
        Node::Item { .. } | Node::Through { .. } => boolean(columns, e, true),
        _ => true,
    }
}

fn not(columns: &mut Columns, e: &Expr) -> bool {
    match &e.node {
        Node::IsNull(inner) => narrow(columns, inner, |left| left.set_null(false)),
        Node::InList { value, list } => match list.iter().map(constant).collect::<Option<BTreeSet<_>>>() {
            Some(set) => narrow(columns, value, |left| {
                left.set_null(false);
                left.not.extend(set);
            }),
            None => true,
        },
        _ => boolean(columns, e, false),
    }
}

fn boolean(columns: &mut Columns, e: &Expr, wanted: bool) -> bool {
    narrow(columns, e, |left| left.keep(BTreeSet::from([Constant::Number(i128::from(wanted))])))
}

/// Only what a row holds is followed.
fn narrow(columns: &mut Columns, e: &Expr, by: impl FnOnce(&mut Left)) -> bool {
    if !matches!(e.node, Node::Item { .. } | Node::Through { .. }) {
        return true;
    }
    let left = columns.entry(e.clone()).or_default();
    by(left);
    left.possible()
}

fn constant(e: &Expr) -> Option<Constant> {
    let Node::Literal(value) = &e.node else {
        return None;
    };
    Some(match (value, &e.ty) {
        (Value::Number(n), Type::Number(number)) => Constant::Number(n.checked_mul(10i128.checked_pow(12u32.checked_sub(number.scale)?)?)?),
        (Value::Enum(i), _) => Constant::Number(i128::from(*i)),
        (Value::Date(d), _) => Constant::Number(i128::from(*d)),
        (Value::DateTime(ms), _) => Constant::Number(i128::from(*ms)),
        (Value::Bool(b), _) => Constant::Number(i128::from(*b)),
        (Value::Text(t), _) => Constant::Text(t.clone()),
        _ => return None,
    })
}

impl Left {
    fn set_null(&mut self, null: bool) {
        self.impossible |= self.null.is_some_and(|known| known != null);
        self.null = Some(null);
    }

    fn keep(&mut self, set: BTreeSet<Constant>) {
        self.set_null(false);
        self.among = Some(match self.among.take() {
            Some(known) => known.intersection(&set).cloned().collect(),
            None => set,
        });
    }

    fn compare(&mut self, op: Comparison, c: Constant) {
        self.set_null(false);
        match (op, c) {
            (Comparison::Equal, c) => self.keep(BTreeSet::from([c])),
            (Comparison::NotEqual, c) => {
                self.not.insert(c);
            }
            (Comparison::Less, Constant::Number(n)) => self.at_most(n, true),
            (Comparison::LessOrEqual, Constant::Number(n)) => self.at_most(n, false),
            (Comparison::Greater, Constant::Number(n)) => self.at_least(n, true),
            (Comparison::GreaterOrEqual, Constant::Number(n)) => self.at_least(n, false),
            _ => {}
        }
    }

    fn at_most(&mut self, n: i128, out: bool) {
        let new = (n, out);
        self.high = Some(self.high.map_or(new, |h| if (n, !out) < (h.0, !h.1) { new } else { h }));
    }

    fn at_least(&mut self, n: i128, out: bool) {
        let new = (n, out);
        self.low = Some(self.low.map_or(new, |l| if new > l { new } else { l }));
    }

    fn possible(&self) -> bool {
        let meets = |c: &Constant| match c {
            Constant::Number(n) => {
                self.low.is_none_or(|(l, out)| if out { *n > l } else { *n >= l })
                    && self.high.is_none_or(|(h, out)| if out { *n < h } else { *n <= h })
            }
            Constant::Text(_) => true,
        };
        let crossed = match (self.low, self.high) {
            (Some((l, l_out)), Some((h, h_out))) => l > h || (l == h && (l_out || h_out)),
            _ => false,
        };
        let none = self.among.as_ref().is_some_and(|set| !set.iter().any(|c| meets(c) && !self.not.contains(c)));
        !self.impossible && !crossed && !none
    }
}
