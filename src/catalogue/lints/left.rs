//! What values are left for an expression once some conditions must be true of a row.
//!
//! Every deterministic expression of a row has one value there, so conditions over equal expressions can be held together.
//! Whatever is not understood counts as possible: what is called impossible here is.

use crate::sql::ir::{Comparison, Expr};
use crate::value::Type;
use std::collections::{BTreeSet, HashMap};

/// A constant, numbers at one scale.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constant {
    Number(i128),
    Text(String),
}

/// What is left for each expression.
pub type Columns = HashMap<Expr, Left>;

/// What values are left for one expression.
#[derive(Debug, Clone, Default)]
pub struct Left {
    /// Only NULL, or anything but NULL.
    null: Option<bool>,
    /// (bound, the bound itself is out).
    low: Option<(i128, bool)>,
    high: Option<(i128, bool)>,
    among: Option<BTreeSet<Constant>>,
    not: BTreeSet<Constant>,
    /// What a text begins with.
    prefix: Option<String>,
    impossible: bool,
}

impl Left {
    /// Everything that a value of this type can be.
    pub fn of(ty: &Type) -> Left {
        let numbers = |n: usize| (0..n as i128).map(Constant::Number).collect();
        let among = match ty {
            Type::Bool => Some(numbers(2)),
            Type::Enum(values) => Some(numbers(values.0.values.len())),
            _ => None,
        };
        Left { among, ..Left::default() }
    }

    pub fn set_null(&mut self, null: bool) {
        self.impossible |= self.null.is_some_and(|known| known != null);
        self.null = Some(null);
    }

    pub fn keep(&mut self, set: BTreeSet<Constant>) {
        self.set_null(false);
        self.among = Some(match self.among.take() {
            Some(known) => known.intersection(&set).cloned().collect(),
            None => set,
        });
    }

    pub fn exclude(&mut self, set: BTreeSet<Constant>) {
        self.set_null(false);
        self.not.extend(set);
    }

    pub fn begin_with(&mut self, prefix: &str) {
        self.set_null(false);
        let known = self.prefix.take().unwrap_or_default();
        self.impossible |= !known.starts_with(prefix) && !prefix.starts_with(&known);
        self.prefix = Some(if known.len() > prefix.len() { known } else { prefix.to_string() });
    }

    /// Compared with something that is one of these constants, nobody knows which.
    pub fn compare(&mut self, op: Comparison, with: BTreeSet<Constant>) {
        let numbers = || with.iter().filter_map(|c| if let Constant::Number(n) = c { Some(*n) } else { None });
        let (least, greatest) = (numbers().min(), numbers().max());
        match op {
            Comparison::Equal => self.keep(with),
            Comparison::NotEqual if with.len() == 1 => self.exclude(with),
            Comparison::NotEqual => self.set_null(false),
            Comparison::Less => self.at_most(greatest, true),
            Comparison::LessOrEqual => self.at_most(greatest, false),
            Comparison::Greater => self.at_least(least, true),
            Comparison::GreaterOrEqual => self.at_least(least, false),
        }
    }

    fn at_most(&mut self, n: Option<i128>, out: bool) {
        self.set_null(false);
        let Some(n) = n else {
            return;
        };
        self.high = Some(self.high.map_or((n, out), |h| if (n, !out) < (h.0, !h.1) { (n, out) } else { h }));
    }

    fn at_least(&mut self, n: Option<i128>, out: bool) {
        self.set_null(false);
        let Some(n) = n else {
            return;
        };
        self.low = Some(self.low.map_or((n, out), |l| l.max((n, out))));
    }

    /// Whether any value is left.
    pub fn possible(&self) -> bool {
        let crossed = match (self.low, self.high) {
            (Some((l, l_out)), Some((h, h_out))) => l > h || (l == h && (l_out || h_out)),
            _ => false,
        };
        // NULL alone needs no value.
        let none = self.null != Some(true) && self.among.as_ref().is_some_and(|set| !set.iter().any(|c| self.meets(c)));
        !self.impossible && !crossed && !none
    }

    fn meets(&self, c: &Constant) -> bool {
        let fits = match c {
            Constant::Number(n) => {
                self.low.is_none_or(|(l, out)| if out { *n > l } else { *n >= l })
                    && self.high.is_none_or(|(h, out)| if out { *n < h } else { *n <= h })
            }
            Constant::Text(text) => self.prefix.as_ref().is_none_or(|p| text.starts_with(p)),
        };
        fits && !self.not.contains(c)
    }
}
