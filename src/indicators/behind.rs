//! The source rows behind a printed figure: of a share or a growth, those behind its numerator.

use super::targets::objects;
use crate::facts::{Rows, World};
use crate::policy::indicator::{Grouping, Target};
use crate::policy::source::SourceId;
use crate::sql::EvalError;
use crate::sql::ir::{Aggregate, Arithmetic, Expr, GroupValue, Item, Node, Output, Row, Subquery, Type};

/// Rows of one source, by their numbers in its table, ascending, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub source: SourceId,
    pub rows: Vec<u32>,
}

/// The rows behind a column of one group. `dimension`, `slice` and `column` are positions in the grouping, `group` is
/// the group as it is printed (anything where the dimension has one group only).
pub fn figure_rows(
    world: &World<'_>,
    grouping: &Grouping,
    dimension: usize,
    group: &str,
    slice: Option<usize>,
    column: usize,
) -> Result<Behind, EvalError> {
    let mut rows = Rows::of(world, grouping.source).filter(&grouping.counted)?;
    if let Some(by) = grouping.dimensions.get(dimension).and_then(|d| d.by.as_ref()) {
        let names = rows.texts(by)?;
        let inside: Vec<u32> = (0..).zip(names).filter(|(_, name)| name.as_deref() == Some(group)).map(|(at, _)| at).collect();
        rows = rows.select(&inside)?;
    }
    if let Some(slice) = slice.and_then(|s| grouping.slices.get(s)) {
        rows = rows.filter(&slice.when)?;
    }
    let mut sought: Vec<Expr> = Vec::new();
    if let Some(column) = grouping.columns.get(column) {
        numerator(&column.value, &mut |part| {
            if let Node::Group { value: GroupValue::Aggregate(a), .. } = &part.node {
                sought.push(counts_in(a));
            }
        });
    }
    let rows = rows.filter(&Expr::new(Node::Or(sought), Type::Bool))?;
    Ok(Behind { source: grouping.source, rows: rows.row_numbers() })
}

/// Whether a row has something that an aggregate is made from.
fn counts_in(aggregate: &Aggregate) -> Expr {
    let mut parts: Vec<Expr> = aggregate.filter.iter().cloned().collect();
    match &aggregate.output {
        Output::CountDistinct(e) | Output::Sum(e) | Output::Min(e) | Output::Max(e) => {
            let missing = Expr::new(Node::IsNull(Box::new(e.clone())), Type::Bool);
            parts.push(Expr::new(Node::Not(Box::new(missing)), Type::Bool));
        }
        Output::Any(_) | Output::Count | Output::Exists | Output::First { .. } => {}
    }
    Expr::new(Node::And(parts), Type::Bool)
}

/// The rows behind what one object of a target has reached, one entry per source, in the order of the sources.
pub fn target_rows(world: &World<'_>, target: &Target, object: &str) -> Result<Vec<Behind>, EvalError> {
    let (rows, names) = objects(world, target)?;
    let Some(at) = names.iter().position(|n| n == object) else {
        return Ok(Vec::new());
    };
    let mut rows = if names.len() == 1 { rows } else { rows.select(&[at as u32])? };
    let own = rows.row_numbers();
    let mut queries: Vec<Subquery> = Vec::new();
    let mut found: Vec<Behind> = Vec::new();
    behind_value(world, &target.actual, &mut |part| match &part.node {
        Node::Subquery(q) => queries.push((**q).clone()),
        Node::Item { row: Row::Own, source, .. } => found.push(Behind { source: *source, rows: own.clone() }),
        _ => {}
    });
    for q in queries {
        found.push(Behind { source: q.source, rows: rows.behind(&q)? });
    }
    Ok(merged(found))
}

/// The numerators of a value, those of the facts that it names with it.
fn behind_value(world: &World<'_>, e: &Expr, f: &mut dyn FnMut(&Expr)) {
    numerator(e, &mut |part| match &part.node {
        Node::RunValue(fact) | Node::Item { item: Item::Fact(fact), .. } => behind_value(world, &world.pipeline.facts[*fact].value, f),
        _ => f(part),
    });
}

/// Calls `f` with the leaves that a value is made from: not with divisors, nor with what only decides which value stands.
fn numerator(e: &Expr, f: &mut dyn FnMut(&Expr)) {
    match &e.node {
        Node::Arithmetic(Arithmetic::Divide, dividend, _) => numerator(dividend, f),
        Node::Case { branches, otherwise } => {
            branches.iter().map(|(_, value)| value).chain(otherwise.as_deref()).for_each(|value| numerator(value, f));
        }
        Node::Subquery(_) => f(e),
        _ => match e.children()[..] {
            [] => f(e),
            ref parts => parts.iter().for_each(|part| numerator(part, f)),
        },
    }
}

fn merged(mut found: Vec<Behind>) -> Vec<Behind> {
    found.sort_by_key(|b| b.source);
    let mut merged: Vec<Behind> = Vec::new();
    for next in found {
        match merged.last_mut() {
            Some(last) if last.source == next.source => last.rows.extend(next.rows),
            _ => merged.push(next),
        }
    }
    for behind in &mut merged {
        behind.rows.sort_unstable();
        behind.rows.dedup();
    }
    merged
}
