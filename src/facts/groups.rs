//! The rows of an indicator's table → one row per group, with what is counted in it: what the table's columns are evaluated on.
//!
//! What each row brings in is computed once, as one column per slice and aggregate; the rows of several sources stand below
//! each other, each bringing nothing into what is made from another's. Every way of grouping then is one group-by on a
//! small key. Sums are exact; a group without a value has NULL (a count 0, "any" false).

use super::rows::Rows;
use super::world::World;
use crate::policy::indicator::{Dimension, Grouping};
use crate::sql::EvalError;
use crate::sql::ir::{Aggregate, Expr, GroupValue, Node, Output, Row};
use crate::value::Type;
use polars::prelude as pl;
use polars::prelude::*;
use std::collections::HashMap;

type Evaluated<T> = Result<T, EvalError>;

const KEY: &str = "#by";
/// There for every row: a frame without columns has no height.
const THERE: &str = "#there";
/// Group, dimension and slice as printed.
const NAMES: [(&str, GroupValue); 3] = [("#g", GroupValue::Name), ("#d", GroupValue::Dimension), ("#s", GroupValue::Slice)];
/// The name of a group whose key is missing.
const NO_NAME: &str = "（缺）";

/// The rows of a table, ready to be grouped in several ways.
pub struct Groups<'w> {
    world: &'w World<'w>,
    grouping: &'w Grouping,
    aggregates: Vec<(&'w Expr, &'w Aggregate)>,
    /// The rows of each part that count, and what they bring in: slice by slice, aggregate by aggregate.
    parts: Vec<(Rows<'w>, DataFrame)>,
}

impl<'w> Groups<'w> {
    /// Computes what each row brings into every aggregate that the columns are made from.
    pub fn of(world: &'w World<'w>, grouping: &'w Grouping) -> Evaluated<Self> {
        let aggregates = aggregates_of(grouping);
        let mut groups = Groups { world, grouping, aggregates, parts: Vec::new() };
        for (at, part) in grouping.parts.iter().enumerate() {
            let rows = Rows::of(world, part.source).filter(&part.counted)?;
            let part = groups.brought(at, rows)?;
            groups.parts.push(part);
        }
        groups.complete()?;
        Ok(groups)
    }

    /// One row per group of a dimension, once for each slice. A dimension without a key has one group, named as the
    /// dimension: where no row counts it is there for a total only.
    pub fn by(&mut self, at: usize) -> Evaluated<Vec<Rows<'w>>> {
        let dimension = &self.grouping.dimensions[at];
        let rows = self.rows_of(dimension)?;
        let Some(key) = dimension.by.as_ref().and_then(|by| by.first()) else {
            let none = rows.height() == 0 && !dimension.total;
            return if none { Ok(Vec::new()) } else { self.whole(at) };
        };
        let groups = rows.lazy().group_by([pl::col(KEY)]).agg(self.outputs()).collect()?;
        let mut keys = Rows::made(self.world, groups.clone(), HashMap::from([(key.clone(), KEY.into())]));
        let names: Vec<String> = keys.texts(key)?.into_iter().map(|n| n.unwrap_or_else(|| NO_NAME.to_string())).collect();
        self.slices(&groups, &names, dimension)
    }

    /// All rows of a dimension as one group, there even where no row counts; once for each slice.
    pub fn whole(&mut self, at: usize) -> Evaluated<Vec<Rows<'w>>> {
        let dimension = &self.grouping.dimensions[at];
        let groups = self.rows_of(dimension)?.lazy().select(self.outputs()).collect()?;
        self.slices(&groups, std::slice::from_ref(&dimension.name), dimension)
    }

    /// What the rows of one part bring in.
    fn brought(&self, part: usize, mut rows: Rows<'w>) -> Evaluated<(Rows<'w>, DataFrame)> {
        let (mut columns, mut names) = (vec![pl::lit(true).alias(THERE)], vec![pl::col(THERE)]);
        for s in 0..self.slice_names().len() {
            let slice = self.grouping.slices.get(s).map(|slice| &slice.when[part]);
            for (a, (_, aggregate)) in self.aggregates.iter().enumerate() {
                if aggregate.source == self.grouping.parts[part].source {
                    columns.push(brought(&mut rows, aggregate, slice)?.alias(name(s, a)));
                    names.push(pl::col(name(s, a)));
                }
            }
        }
        let brought = rows.frame().clone().lazy().with_columns(columns).select(names).collect()?;
        check_sums(&brought)?;
        Ok((rows, brought))
    }

    /// Gives every part all columns, in one order: into what is made from another's rows, its own bring nothing.
    fn complete(&mut self) -> Evaluated<()> {
        let mut order = vec![PlSmallStr::from(THERE)];
        for s in 0..self.slice_names().len() {
            for (a, (_, aggregate)) in self.aggregates.iter().enumerate() {
                let name = name(s, a);
                let held = self.parts.iter().find_map(|(_, frame)| frame.column(&name).ok());
                let held = held.map_or(DataType::Null, |column| column.dtype().clone());
                for (_, frame) in &mut self.parts {
                    if frame.get_column_index(&name).is_none() {
                        let rows = frame.height();
                        frame.with_column(match aggregate.output {
                            Output::Any(_) | Output::Count | Output::Exists => Column::new_scalar(name.clone(), Scalar::from(false), rows),
                            _ => Column::full_null(name.clone(), rows, &held),
                        })?;
                    }
                }
                order.push(name);
            }
        }
        for (_, frame) in &mut self.parts {
            *frame = frame.select(order.iter().cloned())?;
        }
        Ok(())
    }

    /// The rows that a dimension takes, of all parts, with what it groups them by.
    fn rows_of(&mut self, dimension: &Dimension) -> Evaluated<DataFrame> {
        let mut all: Option<DataFrame> = None;
        for (at, (rows, brought)) in self.parts.iter_mut().enumerate() {
            let mut frame = brought.clone();
            if let Some(by) = &dimension.by {
                frame.with_column(rows.column(&by[at])?.with_name(KEY.into()))?;
            }
            if let Some(within) = &dimension.within {
                let mask = rows.condition(&within[at])?;
                frame = frame.filter(&mask)?;
            }
            match &mut all {
                Some(all) => {
                    all.vstack_mut(&frame)?;
                }
                None => all = Some(frame),
            }
        }
        all.ok_or_else(|| EvalError::Engine("a table has no source".into()))
    }

    /// The names of the slices; one without a name where there are none.
    fn slice_names(&self) -> Vec<&'w str> {
        match self.grouping.slices.is_empty() {
            true => vec![""],
            false => self.grouping.slices.iter().map(|s| s.name.as_str()).collect(),
        }
    }

    /// Every aggregate of every slice, over the rows of a group.
    fn outputs(&self) -> Vec<pl::Expr> {
        let mut all = vec![pl::len().alias("#rows")];
        for s in 0..self.slice_names().len() {
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

    /// The groups as each slice sees them.
    fn slices(&self, groups: &DataFrame, names: &[String], dimension: &Dimension) -> Evaluated<Vec<Rows<'w>>> {
        let n = groups.height();
        let seen = |(s, slice): (usize, &str)| {
            let mut frame = groups.clone();
            let mut computed = HashMap::new();
            for (a, (e, _)) in self.aggregates.iter().enumerate() {
                computed.insert(own(e), name(s, a));
            }
            for (column, value) in NAMES {
                let texts = match value {
                    GroupValue::Name => Column::new(column.into(), names),
                    GroupValue::Dimension => Column::new(column.into(), vec![dimension.name.as_str(); n]),
                    _ => Column::new(column.into(), vec![slice; n]),
                };
                frame.with_column(texts)?;
                computed.insert(Expr::new(Node::Group { row: Row::Own, value }, Type::Text), column.into());
            }
            Ok(Rows::made(self.world, frame, computed))
        };
        self.slice_names().into_iter().enumerate().map(seen).collect()
    }
}

fn name(slice: usize, aggregate: usize) -> PlSmallStr {
    format!("#{slice}.{aggregate}").into()
}

/// The distinct aggregates that the columns are made from.
fn aggregates_of(grouping: &Grouping) -> Vec<(&Expr, &Aggregate)> {
    let mut found: Vec<(&Expr, &Aggregate)> = Vec::new();
    for column in &grouping.columns {
        column.value.walk(&mut |e| {
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

/// One value out of a group's values; rows without one do not count, but leave "any" unknown.
fn aggregate(output: &Output, value: pl::Expr) -> pl::Expr {
    match output {
        Output::Exists | Output::Count => value.first(),
        Output::CountDistinct(_) => value.drop_nulls().n_unique().cast(DataType::Int64),
        // Integers that wrap would go wrong in silence: sums are kept in 128 bits.
        Output::Sum(_) => pl::when(value.clone().count().gt(pl::lit(0)))
            .then(value.cast(DataType::Int128).sum())
            .otherwise(pl::lit(pl::NULL).cast(DataType::Int128)),
        Output::Min(_) => value.min(),
        Output::Max(_) => value.max(),
        Output::Any(_) => pl::when(value.clone().fill_null(pl::lit(false)).any(true))
            .then(pl::lit(true))
            .otherwise(pl::when(value.is_null().any(true)).then(pl::lit(pl::NULL).cast(DataType::Boolean)).otherwise(pl::lit(false))),
        Output::First { .. } => value.first(),
    }
}
