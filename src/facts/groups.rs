//! Rows of one source → one row per group, with what is counted in it: the rows that an indicator's columns are evaluated on.
//!
//! What each row brings in is computed once, as one column per slice and aggregate; every way of grouping then is one
//! group-by on a small key. Sums are exact; a group without a value has NULL (a count 0, "any" false).

use super::related::aggregate;
use super::rows::Rows;
use crate::sql::EvalError;
use crate::sql::ir::{Aggregate, Expr, GroupValue, Node, Output, Row, Type};
use polars::prelude as pl;
use polars::prelude::*;
use std::collections::HashMap;

type Evaluated<T> = Result<T, EvalError>;

const KEY: &str = "#by";
/// Group, dimension and slice as printed.
const NAMES: [(&str, GroupValue); 3] = [("#g", GroupValue::Name), ("#d", GroupValue::Dimension), ("#s", GroupValue::Slice)];
/// The name of a group whose key is missing.
const NO_NAME: &str = "（缺）";

/// Some of the rows, by name; all of them where there is no condition.
pub struct Part<'e> {
    pub name: &'e str,
    pub when: Option<&'e Expr>,
}

/// Rows of a source, ready to be grouped in several ways.
pub struct Groups<'w, 'e> {
    rows: Rows<'w>,
    slices: Vec<Part<'e>>,
    aggregates: Vec<(&'e Expr, &'e Aggregate)>,
    /// What each row brings in: slice by slice, aggregate by aggregate.
    brought: DataFrame,
}

impl<'w, 'e> Groups<'w, 'e> {
    /// Computes what each row brings into every aggregate that `columns` are made from.
    pub fn new(mut rows: Rows<'w>, slices: Vec<Part<'e>>, columns: &[&'e Expr]) -> Evaluated<Self> {
        let aggregates = aggregates_of(columns);
        let mut parts = Vec::new();
        for (s, slice) in slices.iter().enumerate() {
            for (a, (_, aggregate)) in aggregates.iter().enumerate() {
                parts.push(brought(&mut rows, aggregate, slice.when)?.alias(name(s, a)));
            }
        }
        let names: Vec<pl::Expr> = (0..slices.len()).flat_map(|s| (0..aggregates.len()).map(move |a| pl::col(name(s, a)))).collect();
        let brought = rows.frame().clone().lazy().with_columns(parts).select(names).collect()?;
        check_sums(&brought)?;
        Ok(Groups { rows, slices, aggregates, brought })
    }

    /// One row per group, once for each slice; without a key all rows are one group, named as the dimension.
    pub fn by(&mut self, dimension: &str, key: Option<&Expr>) -> Evaluated<Vec<Rows<'w>>> {
        let (groups, names) = match key {
            _ if self.rows.is_empty() => return Ok(Vec::new()),
            None => (self.brought.clone().lazy().select(self.outputs()).collect()?, vec![dimension.to_string()]),
            Some(key) => {
                let mut frame = self.brought.clone();
                frame.with_column(self.rows.column(key)?.with_name(KEY.into()))?;
                let groups = frame.lazy().group_by([pl::col(KEY)]).agg(self.outputs()).collect()?;
                let mut keys = Rows::made(self.rows.world, groups.clone(), HashMap::from([(key.clone(), KEY.into())]));
                let names = keys.texts(key)?.into_iter().map(|n| n.unwrap_or_else(|| NO_NAME.to_string())).collect();
                (groups, names)
            }
        };
        (0..self.slices.len()).map(|s| self.slice(&groups, &names, dimension, s)).collect()
    }

    /// Every aggregate of every slice, over the rows of a group.
    fn outputs(&self) -> Vec<pl::Expr> {
        let mut all = vec![pl::len().alias("#rows")];
        for s in 0..self.slices.len() {
            for (a, (_, spec)) in self.aggregates.iter().enumerate() {
                let column = pl::col(name(s, a));
                let value = match spec.output {
                    Output::Count | Output::Exists => column.sum().cast(DataType::Int64),
                    _ => aggregate(&spec.output, column),
                };
                all.push(value.alias(name(s, a)));
            }
        }
        all
    }

    /// The groups as one slice sees them.
    fn slice(&self, groups: &DataFrame, names: &[String], dimension: &str, s: usize) -> Evaluated<Rows<'w>> {
        let n = groups.height();
        let mut frame = groups.clone();
        let mut computed = HashMap::new();
        for (a, (e, _)) in self.aggregates.iter().enumerate() {
            computed.insert(own(e), name(s, a));
        }
        for (column, value) in NAMES {
            let texts = match value {
                GroupValue::Name => Column::new(column.into(), names),
                GroupValue::Dimension => Column::new(column.into(), vec![dimension; n]),
                _ => Column::new(column.into(), vec![self.slices[s].name; n]),
            };
            frame.with_column(texts)?;
            computed.insert(Expr::new(Node::Group { row: Row::Own, value }, Type::Text), column.into());
        }
        Ok(Rows::made(self.rows.world, frame, computed))
    }
}

fn name(slice: usize, aggregate: usize) -> PlSmallStr {
    format!("#{slice}.{aggregate}").into()
}

/// The distinct aggregates that some columns are made from.
fn aggregates_of<'e>(columns: &[&'e Expr]) -> Vec<(&'e Expr, &'e Aggregate)> {
    let mut found: Vec<(&Expr, &Aggregate)> = Vec::new();
    for column in columns {
        column.walk(&mut |e| {
            if let Node::Group { value: GroupValue::Aggregate(a), .. } = &e.node
                && found.iter().all(|(_, known)| *known != &**a)
            {
                found.push((e, a));
            }
        });
    }
    found
}

/// The aggregate as the group's own row says it.
fn own(e: &Expr) -> Expr {
    match &e.node {
        Node::Group { value, .. } => Expr::new(Node::Group { row: Row::Own, value: value.clone() }, e.ty.clone()),
        _ => e.clone(),
    }
}

/// What a row brings into an aggregate of a slice: NULL (for a count and for "any": false) where it does not count.
fn brought(rows: &mut Rows<'_>, aggregate: &Aggregate, slice: Option<&Expr>) -> Evaluated<pl::Expr> {
    let conditions: Vec<Expr> = slice.into_iter().chain(&aggregate.filter).cloned().collect();
    let counts = match conditions.is_empty() {
        true => None,
        false => Some(rows.lowered(&Expr::new(Node::And(conditions), Type::Bool))?),
    };
    let value = match &aggregate.output {
        Output::Count | Output::Exists => {
            return Ok(counts.map_or(pl::lit(true), |c| c.fill_null(pl::lit(false))));
        }
        Output::CountDistinct(e) | Output::Sum(e) | Output::Min(e) | Output::Max(e) | Output::Any(e) => rows.lowered(e)?,
        Output::First { .. } => return Err(EvalError::Engine("the rows of a group have no order".into())),
    };
    let nothing = match &aggregate.output {
        Output::Any(_) => pl::lit(false),
        _ => pl::lit(pl::NULL),
    };
    Ok(match counts {
        Some(counts) => pl::when(counts).then(value).otherwise(nothing),
        None => value,
    })
}

/// Sums of 128-bit values that could wrap are refused; those of 64-bit values cannot.
fn check_sums(brought: &DataFrame) -> Evaluated<()> {
    let rows = brought.height().max(1) as i128;
    for column in brought.columns() {
        if let Ok(values) = column.as_materialized_series().i128() {
            let largest = values.iter().flatten().map(i128::unsigned_abs).max().unwrap_or(0);
            if largest > (i128::MAX / rows) as u128 {
                return Err(EvalError::Engine("a sum over the rows of a group may be larger than 128 bits".into()));
            }
        }
    }
    Ok(())
}
