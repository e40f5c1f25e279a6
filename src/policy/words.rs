//! Expressions in words: what a value is called, and a condition or a subquery read out whole.
//!
//! No values of rows: they stand beside. What the engine adds to a subquery (only rows up to 截止日) is read out like the rest.

use super::model::Pipeline;
use crate::schema::SourceId;
use crate::sql::ir::{Arithmetic, Comparison, Expr, GroupValue, Item, MeasureId, Node, Output, Row, Subquery};

/// What a leaf is called; nothing where it has no name.
pub fn label(pipeline: &Pipeline, e: &Expr) -> Option<String> {
    Some(match &e.node {
        Node::Item { source, item, .. } | Node::Through { source, item, .. } => item_name(pipeline, *source, *item),
        Node::RunValue(f) => pipeline.facts[*f].name.clone(),
        Node::Parameter { parameter, .. } => pipeline.parameters[*parameter].name.clone(),
        Node::Named { name, .. } => name.clone(),
        Node::Year => "本年".to_owned(),
        Node::AsOf => "截止日".to_owned(),
        Node::Subquery(q) => {
            let title = &pipeline.sources[q.source].title;
            match &q.output {
                Output::Sum(v) | Output::Min(v) | Output::Max(v) | Output::First { value: v, .. } => {
                    label(pipeline, v).map_or_else(|| title.clone(), |of| format!("{title}·{of}"))
                }
                _ => title.clone(),
            }
        }
        _ => return None,
    })
}

fn item_name(pipeline: &Pipeline, source: SourceId, item: Item) -> String {
    match item {
        Item::Column(c) => pipeline.sources[source].columns[c].name.clone(),
        Item::Fact(f) => pipeline.facts[f].name.clone(),
    }
}

/// What an expression is called: `本年营业收入 − 上年营业收入`. Whatever has no short form is called by what it reads.
pub fn words(pipeline: &Pipeline, e: &Expr) -> String {
    Words { pipeline, is_whole: false }.say(e, 0)
}

/// An expression read out whole, conditions and subqueries with all that they ask.
pub fn read_out(pipeline: &Pipeline, e: &Expr) -> String {
    Words { pipeline, is_whole: true }.say(e, 0)
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

struct Words<'p> {
    pipeline: &'p Pipeline,
    is_whole: bool,
}

/// How tightly operators bind: what binds looser than what surrounds it stands in brackets.
const OR: u8 = 1;
const AND: u8 = 2;
const TEST: u8 = 3;
const SUM: u8 = 4;
const PRODUCT: u8 = 5;
const DIVISOR: u8 = 6;

impl Words<'_> {
    /// `level`: how tightly the surrounding operator binds.
    fn say(&self, e: &Expr, level: u8) -> String {
        let (own, text) = match &e.node {
            // The short form says no condition: what its tests saw is said beside it.
            Node::Not(_) | Node::And(_) | Node::Or(_) | Node::Compare(..) | Node::InList { .. } | Node::IsNull(_) if !self.is_whole => {
                return String::new();
            }
            Node::Is(..) | Node::StartsWith { .. } | Node::OnList { .. } | Node::Case { .. } if !self.is_whole => return String::new(),
            Node::Literal(value) => return e.ty.shown(value.cell()),
            Node::Named { name, args, .. } => return self.named(name, args),
            Node::Round(a) => return self.say(a, level),
            Node::Negate(a) => return format!("−{}", self.say(a, DIVISOR)),
            Node::Call(function, args) => return (function.entry().words)(&self.all(args)),
            Node::Arithmetic(op, a, b) => self.arithmetic(*op, a, b),
            Node::And(parts) => (AND, self.joined(parts, AND, "，且 ")),
            Node::Or(parts) => (OR, self.joined(parts, TEST, " 或 ")),
            Node::Not(a) => (TEST, self.negated(a)),
            Node::Compare(op, a, b) => (TEST, format!("{} {} {}", self.say(a, SUM), sign(*op), self.say(b, SUM))),
            Node::InList { value, list } => (TEST, format!("{} 是 {}", self.say(value, SUM), self.all(list).join("、"))),
            Node::IsNull(a) => (TEST, format!("{} 空缺", self.say(a, SUM))),
            Node::Is(true, a) => (TEST, format!("已知 {}", self.say(a, TEST))),
            Node::Is(false, a) => (TEST, format!("已知不是 {}", self.say(a, TEST))),
            Node::StartsWith { value, prefix } => (TEST, format!("{} 以 {prefix} 开头", self.say(value, SUM))),
            Node::OnList { measure, code } => (TEST, self.on_list(*measure, code.as_deref())),
            Node::Case { branches, otherwise } => return self.case(branches, otherwise.as_deref()),
            Node::Subquery(q) if self.is_whole => (TEST, self.subquery(q)),
            Node::Group { value, .. } => return self.group(value),
            Node::Item { row: Row::Around, source, item } if self.is_whole => {
                return format!("本行的{}", item_name(self.pipeline, *source, *item));
            }
            _ => return label(self.pipeline, e).unwrap_or_default(),
        };
        if own < level { format!("（{text}）") } else { text }
    }

    fn all(&self, list: &[Expr]) -> Vec<String> {
        list.iter().map(|e| self.say(e, 0)).collect()
    }

    fn joined(&self, parts: &[Expr], level: u8, with: &str) -> String {
        parts.iter().map(|part| self.say(part, level)).collect::<Vec<_>>().join(with)
    }

    /// A named function with its arguments, where they are more than the row's own columns.
    fn named(&self, name: &str, args: &[Expr]) -> String {
        if args.iter().all(|a| matches!(a.node, Node::Item { .. } | Node::Parameter { .. })) {
            return name.to_owned();
        }
        format!("{name}（{}）", self.all(args).join("，"))
    }

    fn arithmetic(&self, op: Arithmetic, a: &Expr, b: &Expr) -> (u8, String) {
        let (own, right, sign) = match op {
            Arithmetic::Add => (SUM, SUM, "+"),
            Arithmetic::Subtract => (SUM, PRODUCT, "−"),
            Arithmetic::Multiply => (PRODUCT, PRODUCT, "×"),
            Arithmetic::Divide => (PRODUCT, DIVISOR, "÷"),
        };
        (own, format!("{} {sign} {}", self.say(a, own), self.say(b, right)))
    }

    fn negated(&self, e: &Expr) -> String {
        match &e.node {
            Node::IsNull(a) => format!("{} 已填", self.say(a, SUM)),
            Node::InList { value, list } => format!("{} 不是 {}", self.say(value, SUM), self.all(list).join("、")),
            Node::Subquery(q) if self.is_whole && q.output == Output::Exists => format!("没有{}", self.rows_of(q)),
            _ => format!("不是 {}", self.say(e, TEST)),
        }
    }

    fn on_list(&self, measure: MeasureId, code: Option<&Expr>) -> String {
        let measure = &self.pipeline.measures[measure];
        let who = code.map_or(String::new(), |code| format!("{} ", self.say(code, SUM)));
        format!("{who}符合 {} {}", measure.id, measure.title)
    }

    fn case(&self, branches: &[(Expr, Expr)], otherwise: Option<&Expr>) -> String {
        let mut said: Vec<String> =
            branches.iter().map(|(when, value)| format!("{} 时 {}", self.say(when, 0), self.say(value, 0))).collect();
        said.extend(otherwise.map(|value| format!("其余 {}", self.say(value, 0))));
        format!("（{}）", said.join("；"))
    }

    fn subquery(&self, q: &Subquery) -> String {
        let rows = self.rows_of(q);
        match &q.output {
            Output::Exists => format!("有{rows}"),
            Output::Any(condition) => format!("{rows}之中有一行 {}", self.say(condition, TEST)),
            Output::Count => format!("{rows}的行数"),
            Output::CountDistinct(value) => format!("{rows}的{}个数", self.say(value, 0)),
            Output::Sum(value) => format!("{rows}的{}之和", self.say(value, 0)),
            Output::Min(value) => format!("{rows}的{}最小者", self.say(value, 0)),
            Output::Max(value) => format!("{rows}的{}最大者", self.say(value, 0)),
            Output::First { value, order } => {
                let by: Vec<String> =
                    order.iter().map(|(by, down)| format!("{}{}", self.say(by, 0), if *down { "从大到小" } else { "" })).collect();
                let by = if by.is_empty() { String::new() } else { format!("按{}排", by.join("、")) };
                format!("{rows}{by}第一行的{}", self.say(value, 0))
            }
        }
    }

    /// `受影响主体名单（统一社会信用代码 = 本行的借款主体，且 认定日期 ≤ 截止日）`.
    fn rows_of(&self, q: &Subquery) -> String {
        let around = |e: &Expr| match &e.node {
            Node::Item { source, item, .. } => format!("本行的{}", item_name(self.pipeline, *source, *item)),
            _ => self.say(e, SUM),
        };
        let keys = q.keys.iter().map(|(inner, outer)| format!("{} = {}", self.say(inner, SUM), around(outer)));
        let asked: Vec<String> = keys.chain(q.filters.iter().chain(&q.joint).map(|e| self.say(e, AND))).collect();
        let title = &self.pipeline.sources[q.source].title;
        if asked.is_empty() { title.clone() } else { format!("{title}（{}）", asked.join("，且 ")) }
    }

    fn group(&self, value: &GroupValue) -> String {
        match value {
            GroupValue::Dimension => "维度".to_owned(),
            GroupValue::Name => "分组".to_owned(),
            GroupValue::Slice => "口径".to_owned(),
            GroupValue::Aggregate(_) => "本组的合计".to_owned(),
        }
    }
}
