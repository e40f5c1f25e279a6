//! A resolved, typed expression: every name is one thing, every number has a scale.
//!
//! Two equal expressions compare equal and hash alike, so that an evaluator computes each once.

use super::functions::Function;
use crate::schema::{Source, SourceId, id};
use crate::value::{Type, Value};

id! {
    /// A fact of the pipeline.
    FactId
}
id! {
    /// A parameter of the pipeline.
    ParameterId
}
id! {
    /// A measure of the pipeline, in the order of their files.
    MeasureId
}

/// A resolved expression.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Expr {
    pub node: Node,
    pub ty: Type,
}

/// Which row a name speaks of, inside a subquery: its own, or the row around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Row {
    Own,
    Around,
}

/// A column or a fact of a source's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Item {
    Column(usize),
    Fact(FactId),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    Literal(Value),
    /// 截止日.
    AsOf,
    /// The year of 截止日.
    Year,
    /// A column or fact of the row at hand.
    Item {
        row: Row,
        source: SourceId,
        item: Item,
    },
    /// A column or fact of the row of `source` that `key` names; NULL where there is none.
    Through {
        key: Box<Expr>,
        source: SourceId,
        item: Item,
    },
    /// A fact that is one value for the run.
    RunValue(FactId),
    /// A dated value, read at `at` (default 截止日) and, if keyed, under `by`.
    Parameter {
        parameter: ParameterId,
        at: Option<Box<Expr>>,
        by: Option<Box<Expr>>,
    },
    /// The code is 符合 in that measure; or, without a code, this very row is.
    OnList {
        measure: MeasureId,
        code: Option<Box<Expr>>,
    },
    Subquery(Box<Subquery>),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    InList {
        value: Box<Expr>,
        list: Vec<Expr>,
    },
    IsNull(Box<Expr>),
    /// `IS TRUE` / `IS FALSE`: two-valued.
    Is(bool, Box<Expr>),
    StartsWith {
        value: Box<Expr>,
        prefix: String,
    },
    Case {
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Box<Expr>>,
    },
    Negate(Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    /// A named function's result, kept as a unit so that an explanation can name it.
    Named {
        name: String,
        args: Vec<Expr>,
        body: Box<Expr>,
    },
    /// Rounded to 分, half away from zero: made by the engine, never written.
    Round(Box<Expr>),
    /// What is known of a group of rows, where an indicator's column is evaluated: the row at hand is the group.
    Group {
        row: Row,
        value: GroupValue,
    },
}

/// What can be said of a group of rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GroupValue {
    /// 维度: the name of what the rows are grouped by.
    Dimension,
    /// 分组: the group as it is printed.
    Name,
    /// 口径: the name of the slice.
    Slice,
    Aggregate(Box<Aggregate>),
}

/// One value out of the rows of a group; its expressions are said by those rows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Aggregate {
    /// Whose rows: a group may have rows of several sources.
    pub source: SourceId,
    /// Never `Exists` or `First`.
    pub output: Output,
    /// Only the rows for which this is true count.
    pub filter: Option<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// The operator with its sides exchanged: `a < b` as `b > a`.
    pub fn turned(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    /// What holds where the comparison is false.
    pub fn denied(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// One value out of the related rows of another source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subquery {
    pub source: SourceId,
    /// Equalities: an expression of the inner row, and one of the row around (resolved as its own row).
    pub keys: Vec<(Expr, Expr)>,
    /// Conditions on the inner row alone.
    pub filters: Vec<Expr>,
    /// Conditions on both rows.
    pub joint: Vec<Expr>,
    pub output: Output,
}

/// How the related rows become one value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Output {
    Exists,
    Count,
    CountDistinct(Expr),
    Sum(Expr),
    Min(Expr),
    Max(Expr),
    /// Three-valued: true if any is true, else unknown if any is unknown, else false.
    Any(Expr),
    /// The first row's value in this order (descending where true); the primary key breaks ties.
    First {
        value: Expr,
        order: Vec<(Expr, bool)>,
    },
}

impl Output {
    /// The expressions it is made from, its order among them.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Output::Exists | Output::Count => vec![],
            Output::CountDistinct(e) | Output::Sum(e) | Output::Min(e) | Output::Max(e) | Output::Any(e) => vec![e],
            Output::First { value, order } => std::iter::once(value).chain(order.iter().map(|(e, _)| e)).collect(),
        }
    }
}

impl Source {
    /// The expression of a column of this source's own row.
    pub fn item(&self, id: SourceId, column: usize) -> Expr {
        let declared = &self.columns[column];
        let ty = declared.ty();
        Expr::new(Node::Item { row: Row::Own, source: id, item: Item::Column(column) }, ty)
    }
}

impl Expr {
    pub fn new(node: Node, ty: Type) -> Expr {
        Expr { node, ty }
    }

    pub fn literal(value: Value, ty: Type) -> Expr {
        Expr { node: Node::Literal(value), ty }
    }

    /// A date as it is; a year as its last day, so that what is in force on 31 December is that year's.
    pub fn as_day(self) -> Expr {
        if self.ty != Type::INT {
            return self;
        }
        let number = |n| Expr::literal(Value::Number(n), Type::INT);
        Expr::new(Node::Call(Function::MakeDate, vec![self, number(12), number(31)]), Type::Date)
    }

    /// The expressions directly inside; of a subquery the ones evaluated on the row at hand, of an aggregate none.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.node {
            Node::Literal(_) | Node::AsOf | Node::Year | Node::Item { .. } | Node::RunValue(_) | Node::Group { .. } => {
                vec![]
            }
            Node::Through { key, .. } => vec![key],
            Node::Parameter { at, by, .. } => at.iter().chain(by).map(|e| &**e).collect(),
            Node::OnList { code, .. } => code.iter().map(|e| &**e).collect(),
            Node::Subquery(q) => q.keys.iter().map(|(_, outer)| outer).collect(),
            Node::Not(e) | Node::IsNull(e) | Node::Is(_, e) | Node::Negate(e) | Node::Round(e) => {
                vec![e]
            }
            Node::StartsWith { value, .. } => vec![value],
            Node::And(list) | Node::Or(list) | Node::Call(_, list) => list.iter().collect(),
            Node::Compare(_, a, b) | Node::Arithmetic(_, a, b) => vec![a, b],
            Node::InList { value, list } => std::iter::once(&**value).chain(list).collect(),
            Node::Case { branches, otherwise } => branches.iter().flat_map(|(c, v)| [c, v]).chain(otherwise.iter().map(|e| &**e)).collect(),
            Node::Named { body, .. } => vec![body],
        }
    }

    /// Calls `f` with this expression and everything inside it, whichever row it speaks of.
    pub fn walk<'e>(&'e self, f: &mut dyn FnMut(&'e Expr)) {
        f(self);
        self.children().into_iter().for_each(|c| c.walk(f));
        match &self.node {
            Node::Subquery(q) => {
                q.keys.iter().for_each(|(inner, _)| inner.walk(f));
                q.filters.iter().chain(&q.joint).chain(q.output.expressions()).for_each(|e| e.walk(f));
            }
            Node::Group { value: GroupValue::Aggregate(a), .. } => {
                a.output.expressions().into_iter().chain(&a.filter).for_each(|e| e.walk(f))
            }
            _ => {}
        }
    }

    /// The same expression with `f` applied to each child (for a subquery: its outer keys and joint conditions' outer parts are left to `f_joint`).
    pub fn map_children(&self, f: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
        let mut boxed = |e: &Expr| Box::new(f(e));
        let node = match &self.node {
            Node::Through { key, source, item } => Node::Through { key: boxed(key), source: *source, item: *item },
            Node::Parameter { parameter, at, by } => {
                Node::Parameter { parameter: *parameter, at: at.as_deref().map(&mut boxed), by: by.as_deref().map(&mut boxed) }
            }
            Node::OnList { measure, code } => Node::OnList { measure: *measure, code: code.as_deref().map(boxed) },
            Node::Not(e) => Node::Not(boxed(e)),
            Node::IsNull(e) => Node::IsNull(boxed(e)),
            Node::Is(b, e) => Node::Is(*b, boxed(e)),
            Node::Negate(e) => Node::Negate(boxed(e)),
            Node::Round(e) => Node::Round(boxed(e)),
            Node::StartsWith { value, prefix } => Node::StartsWith { value: boxed(value), prefix: prefix.clone() },
            Node::Compare(op, a, b) => Node::Compare(*op, boxed(a), boxed(b)),
            Node::Arithmetic(op, a, b) => Node::Arithmetic(*op, boxed(a), boxed(b)),
            Node::And(list) => Node::And(list.iter().map(f).collect()),
            Node::Or(list) => Node::Or(list.iter().map(f).collect()),
            Node::Call(function, list) => Node::Call(*function, list.iter().map(f).collect()),
            Node::InList { value, list } => Node::InList { value: Box::new(f(value)), list: list.iter().map(f).collect() },
            Node::Case { branches, otherwise } => Node::Case {
                branches: branches.iter().map(|(c, v)| (f(c), f(v))).collect(),
                otherwise: otherwise.as_deref().map(|e| Box::new(f(e))),
            },
            Node::Named { name, args, body } => {
                Node::Named { name: name.clone(), args: args.iter().map(&mut *f).collect(), body: Box::new(f(body)) }
            }
            Node::Literal(_) | Node::AsOf | Node::Year | Node::Item { .. } | Node::RunValue(_) => self.node.clone(),
            Node::Subquery(_) | Node::Group { .. } => self.node.clone(),
        };
        Expr { node, ty: self.ty.clone() }
    }

    /// Whether the value may be a true fraction, which no column holds.
    pub fn is_fraction(&self) -> bool {
        match &self.node {
            Node::Arithmetic(Arithmetic::Divide, ..) => true,
            Node::Arithmetic(_, a, b) => a.is_fraction() || b.is_fraction(),
            Node::Negate(e) => e.is_fraction(),
            Node::Named { body, .. } => body.is_fraction(),
            Node::Call(f, list) if f.choice().is_some() => list.iter().any(Expr::is_fraction),
            Node::Case { branches, otherwise } => {
                branches.iter().any(|(_, v)| v.is_fraction()) || otherwise.as_ref().is_some_and(|e| e.is_fraction())
            }
            _ => false,
        }
    }

    /// Which rows the expression reads: (its own, the one around).
    pub fn rows(&self) -> (bool, bool) {
        match &self.node {
            Node::Item { row: Row::Own, .. } | Node::Group { row: Row::Own, .. } => (true, false),
            Node::Item { row: Row::Around, .. } | Node::Group { row: Row::Around, .. } => (false, true),
            // A row's verdict in another measure, read without a code, is read by the row itself.
            Node::OnList { code: None, .. } => (true, false),
            _ => self.children().iter().map(|c| c.rows()).fold((false, false), |a, b| (a.0 | b.0, a.1 | b.1)),
        }
    }

    /// An expression that only reads the row around, as that row itself would say it.
    pub fn lifted(&self) -> Expr {
        self.with_rows(Row::Around, Row::Own)
    }

    /// An expression of a row, as it is said inside a subquery around whose row it stands.
    pub fn lowered(&self) -> Expr {
        self.with_rows(Row::Own, Row::Around)
    }

    fn with_rows(&self, from: Row, to: Row) -> Expr {
        match &self.node {
            Node::Item { row, source, item } if *row == from => {
                Expr { node: Node::Item { row: to, source: *source, item: *item }, ty: self.ty.clone() }
            }
            Node::Group { row, value } if *row == from => Expr { node: Node::Group { row: to, value: value.clone() }, ty: self.ty.clone() },
            Node::Subquery(q) => {
                let mut q = q.clone();
                for (_, outer) in &mut q.keys {
                    *outer = outer.with_rows(from, to);
                }
                Expr { node: Node::Subquery(q), ty: self.ty.clone() }
            }
            _ => self.map_children(&mut |e| e.with_rows(from, to)),
        }
    }
}
