//! The source rows behind a printed figure: of a share or a growth, those behind its numerator.

use super::Kpi;
use super::targets::{ACTUAL_COLUMN, objects};
use crate::facts::{Rows, World};
use crate::policy::indicator::{Column, Grouping, Indicator, Object, TARGETS, Target};
use crate::schema::SourceId;
use crate::sql::EvalError;
use crate::sql::ir::{Aggregate, Arithmetic, Expr, GroupValue, Item, Node, Output, Row, Subquery};
use crate::value::Type;

/// Rows of one source, by their numbers in its table, ascending, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    pub source: SourceId,
    pub rows: Vec<u32>,
}

/// A printed figure and the rows that it is made from, one entry per source, in the order of the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    pub column: String,
    pub value: String,
    pub behind: Vec<Behind>,
}

/// What stands behind each figure of a printed row. The words and goals of a row have no rows behind them.
pub fn figures(world: &World<'_>, kpi: &Kpi, row: &[String]) -> Result<Vec<Figure>, EvalError> {
    let figure = |at: usize, behind: Vec<Behind>| Figure { column: kpi.header[at].clone(), value: row[at].clone(), behind };
    if kpi.name == TARGETS {
        return Ok(vec![figure(ACTUAL_COLUMN, behind_target(world, row)?)]);
    }
    let indicator = world.pipeline.indicators.iter().find(|indicator| indicator.name == kpi.name);
    let Some(grouping) = indicator.and_then(|indicator| indicator.table.as_ref()) else { return Ok(Vec::new()) };
    let Some(dimension) = grouping.dimensions.iter().position(|dimension| dimension.name == row[0]) else { return Ok(Vec::new()) };
    let slice = row[..kpi.keys].get(2).and_then(|name| grouping.slices.iter().position(|slice| slice.name == *name));
    let shown = grouping.columns.iter().filter(|column| !column.hidden);
    let behind = |column: &Column| rows_of_group(world, grouping, dimension, &row[1], slice, &column.value);
    (kpi.keys..).zip(shown).map(|(at, column)| Ok(figure(at, behind(column)?))).collect()
}

/// The rows behind what a row of the table of targets says was reached.
fn behind_target(world: &World<'_>, row: &[String]) -> Result<Vec<Behind>, EvalError> {
    let all = world.pipeline.indicators.iter().flat_map(|indicator| indicator.targets.iter().map(move |target| (indicator, target)));
    let mut named = all.filter(|(_, target)| target.article.to_string() == row[0] && target.name == row[1]);
    named.try_fold(Vec::new(), |found, (indicator, target)| match found.is_empty() {
        true => target_rows(world, indicator, target, &row[2]),
        false => Ok(found),
    })
}

/// The rows behind an expression of one group.
fn rows_of_group(
    world: &World<'_>,
    grouping: &Grouping,
    dimension: usize,
    group: &str,
    slice: Option<usize>,
    value: &Expr,
) -> Result<Vec<Behind>, EvalError> {
    let mut sought: Vec<Aggregate> = Vec::new();
    numerator(value, &mut |part| {
        if let Node::Group { value: GroupValue::Aggregate(a), .. } = &part.node {
            sought.push((**a).clone());
        }
    });
    let dimension = &grouping.dimensions[dimension];
    let mut found = Vec::new();
    for (at, part) in grouping.parts.iter().enumerate() {
        let counts: Vec<Expr> = sought.iter().filter(|a| a.source == part.source).map(counts_in).collect();
        if counts.is_empty() {
            continue;
        }
        let mut rows = Rows::of(world, part.source).filter(&part.counted)?;
        if let Some(within) = &dimension.within {
            rows = rows.filter(&within[at])?;
        }
        if let Some(by) = &dimension.by {
            let names = rows.texts(&by[at])?;
            let inside: Vec<u32> = (0..).zip(names).filter(|(_, name)| name.as_deref() == Some(group)).map(|(at, _)| at).collect();
            rows = rows.select(&inside)?;
        }
        if let Some(slice) = slice.and_then(|s| grouping.slices.get(s)) {
            rows = rows.filter(&slice.when[at])?;
        }
        let rows = rows.filter(&Expr::new(Node::Or(counts), Type::Bool))?;
        found.push(Behind { source: part.source, rows: rows.row_numbers() });
    }
    Ok(merged(found))
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
fn target_rows(world: &World<'_>, indicator: &Indicator, target: &Target, object: &str) -> Result<Vec<Behind>, EvalError> {
    if let (Object::Group { name, dimension, slice }, Some(grouping)) = (&target.object, &indicator.table) {
        let known = name == object;
        return if known { rows_of_group(world, grouping, *dimension, name, *slice, &target.actual) } else { Ok(Vec::new()) };
    }
    let objects = objects(world, target, None, &mut None)?;
    let Some(at) = objects.names.iter().position(|n| n == object) else {
        return Ok(Vec::new());
    };
    let mut rows = if objects.names.len() == 1 { objects.rows } else { objects.rows.select(&[at as u32])? };
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
