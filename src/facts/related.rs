//! Values out of the related rows of another source: filtered, matched by key, and brought to one value per row at hand.
//!
//! Without a condition on both rows this is one group-by and one join; with one, the matching pairs of rows are
//! made and the condition is evaluated on them. Row order never matters: ties are broken by the primary key.

use super::rows::Rows;
use crate::sql::EvalError;
use crate::sql::functions::Function;
use crate::sql::ir::{Expr, Item, Node, Output, Row, Subquery};
use crate::sql::lower;
use crate::value::Type;
use polars::prelude as pl;
use polars::prelude::*;
use std::collections::HashMap;

const VALUE: &str = "#value";
const COUNT: &str = "#count";
const ROW: &str = "#row";
const RELATED: &str = "#related";

/// So many rows at most look their related rows up by key; more are joined.
const FEW: usize = 64;

type Evaluated<T> = Result<T, EvalError>;

/// The related rows that a subquery's value comes from, one entry per pair of rows.
pub struct Matches<'w> {
    /// Positions among the rows at hand; all 0 where a subquery has no key and so means the same for every row.
    pub outer: Vec<u32>,
    /// Row numbers in the related source.
    pub inner: Vec<u32>,
    /// The pairs themselves, for expressions that read both rows.
    pub pairs: Rows<'w>,
}

impl<'w> Rows<'w> {
    /// The subquery's value for every row at hand.
    pub(super) fn related(&mut self, q: &Subquery, ty: &Type) -> Evaluated<Column> {
        let mut inner = self.inner_rows(q)?;
        if q.keys.is_empty() {
            let frame = output_frame(&mut inner, q, Vec::new())?;
            let found = aggregated(frame, &[], &q.output)?;
            return Ok(finished(found, &q.output, ty)?.new_from_index(0, self.len()));
        }
        let joint = !q.joint.is_empty() || q.output.expressions().iter().any(|e| e.rows().1);
        let found = if joint { self.paired(&mut inner, q)? } else { self.matched(&mut inner, q)? };
        finished(found, &q.output, ty)
    }

    /// The related source's rows that meet the conditions on them alone (of those that share a key, where few rows ask).
    fn inner_rows(&mut self, q: &Subquery) -> Evaluated<Self> {
        let mut rows = Rows::of(self.world, q.source);
        if let Some(few) = self.sharing_key(q)? {
            rows = rows.select(&few)?;
        }
        // A day outside of the calendar is an error only in rows that the other conditions leave.
        let (last, first): (Vec<&Expr>, Vec<&Expr>) = q.filters.iter().partition(|e| asks_calendar(e));
        for part in [first, last] {
            if !part.is_empty() {
                rows = rows.filter(&Expr::new(Node::And(part.into_iter().cloned().collect()), Type::Bool))?;
            }
        }
        Ok(rows)
    }

    /// Where few rows ask, the related rows that share the first comparable key with one of them; `None`: any may.
    fn sharing_key(&mut self, q: &Subquery) -> Evaluated<Option<Vec<u32>>> {
        let all = self.world.frame(q.source);
        if self.len() > FEW || all.height() <= FEW {
            return Ok(None);
        }
        for (inner, outer) in &q.keys {
            let Node::Item { row: Row::Own, item: Item::Column(c), .. } = inner.node else {
                continue;
            };
            let (wanted, held) = (self.column(outer)?, all.columns()[c].as_materialized_series().clone());
            let wanted = wanted.as_materialized_series();
            if let (Ok(wanted), Ok(held)) = (wanted.u32(), held.u32()) {
                return Ok(Some(places_of(held.iter(), wanted.iter())));
            }
            if let (Ok(wanted), Ok(held)) = (wanted.str(), held.str()) {
                return Ok(Some(places_of(held.iter(), wanted.iter())));
            }
        }
        Ok(None)
    }

    /// The rows that a subquery's value is made of: of an ordered one the row it picks, else all that meet its conditions.
    pub fn matches(&mut self, q: &Subquery) -> Evaluated<Matches<'w>> {
        let mut inner = self.inner_rows(q)?;
        let numbers = Column::new(RELATED.into(), inner.row_numbers());
        let mut pairs = self.pairs(&mut inner, q, vec![numbers])?;
        if let Output::First { order, .. } = &q.output {
            let ties = ties(&inner, q);
            pairs = first_of_each(pairs, order, &ties)?;
        }
        let numbers = |name: &str| -> Evaluated<Vec<u32>> {
            Ok(pairs.frame().column(name)?.as_materialized_series().u32()?.iter().flatten().collect())
        };
        Ok(Matches { outer: numbers(ROW)?, inner: numbers(RELATED)?, pairs })
    }

    /// The same rows as (position of the row at hand, row number in the source), in that order.
    ///
    /// A subquery without a key speaks of the whole source: no rows are listed.
    pub fn related_rows(&mut self, q: &Subquery) -> Evaluated<Vec<(u32, u32)>> {
        if q.keys.is_empty() {
            return Ok(Vec::new());
        }
        let Matches { outer, inner, .. } = self.matches(q)?;
        let mut list: Vec<(u32, u32)> = outer.into_iter().zip(inner).collect();
        list.sort_unstable();
        Ok(list)
    }

    /// Grouped by key, then joined.
    fn matched(&mut self, inner: &mut Self, q: &Subquery) -> Evaluated<DataFrame> {
        let (left, names) = self.key_frame(q)?;
        let mut keys = Vec::new();
        for ((inner_key, _), name) in q.keys.iter().zip(&names) {
            keys.push(inner.column(inner_key)?.with_name(name.clone()));
        }
        let frame = output_frame(inner, q, keys)?;
        let groups = aggregated(frame, &names, &q.output)?;
        join(left, groups, &names, JoinType::Left)
    }

    /// Every pair of rows that belong together, grouped by the row at hand.
    fn paired(&mut self, inner: &mut Self, q: &Subquery) -> Evaluated<DataFrame> {
        let mut pairs = self.pairs(inner, q, Vec::new())?;
        let row = pairs.frame().column(ROW)?.clone();
        let frame = output_frame(&mut pairs, q, vec![row])?;
        let groups = aggregated(frame, &[ROW.into()], &q.output)?;
        let all = DataFrame::new(self.len(), vec![row_numbers(self.len())])?;
        join(all, groups, &[ROW.into()], JoinType::Left)
    }

    /// The pairs themselves: `#row` numbers the rows at hand; `right_columns` of the related rows come along.
    fn pairs(&mut self, inner: &mut Self, q: &Subquery, mut right_columns: Vec<Column>) -> Evaluated<Self> {
        let (mut left, names) = self.key_frame(q)?;
        for ((inner_key, _), name) in q.keys.iter().zip(&names) {
            right_columns.push(inner.column(inner_key)?.with_name(name.clone()));
        }
        left.with_column(row_numbers(self.len()))?;
        let mut computed: HashMap<Expr, PlSmallStr> = HashMap::new();
        for e in q.joint.iter().chain(q.output.expressions()).chain(&ties(inner, q)) {
            one_sided(e, &mut |part, around| {
                if computed.contains_key(part) {
                    return Ok(());
                }
                let name: PlSmallStr = format!("#p{}", computed.len()).into();
                if around {
                    left.with_column(self.column(&part.lifted())?.with_name(name.clone()))?;
                } else {
                    right_columns.push(inner.column(part)?.with_name(name.clone()));
                }
                computed.insert(part.clone(), name);
                Ok(())
            })?;
        }
        let right = DataFrame::new(inner.len(), right_columns)?;
        let pairs = if names.is_empty() { of_no_row(right)? } else { join(left, right, &names, JoinType::Inner)? };
        let mut pairs = Rows::made(self.world, pairs, computed.clone());
        if !q.joint.is_empty() {
            let mask = pairs.condition(&Expr::new(Node::And(q.joint.clone()), Type::Bool))?;
            pairs = Rows::made(self.world, pairs.frame().filter(&mask)?, computed);
        }
        Ok(pairs)
    }

    /// The rows that a subquery's value is made of, whichever row at hand they belong to; without a key all that meet its conditions.
    pub fn behind(&mut self, q: &Subquery) -> Evaluated<Vec<u32>> {
        if q.keys.is_empty() {
            return Ok(self.inner_rows(q)?.row_numbers());
        }
        let mut rows: Vec<u32> = self.related_rows(q)?.into_iter().map(|(_, row)| row).collect();
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The outer keys of every row at hand.
    fn key_frame(&mut self, q: &Subquery) -> Evaluated<(DataFrame, Vec<PlSmallStr>)> {
        let (mut columns, mut names) = (Vec::new(), Vec::new());
        for (i, (_, outer)) in q.keys.iter().enumerate() {
            let name: PlSmallStr = format!("#k{i}").into();
            columns.push(self.column(outer)?.with_name(name.clone()));
            names.push(name);
        }
        Ok((DataFrame::new(self.len(), columns)?, names))
    }
}

fn row_numbers(n: usize) -> Column {
    Column::new(ROW.into(), (0..n as u32).collect::<Vec<u32>>())
}

/// Related rows that no row at hand picks: they stand beside row 0.
fn of_no_row(mut right: DataFrame) -> Evaluated<DataFrame> {
    let height = right.height();
    right.with_column(Column::new(ROW.into(), vec![0_u32; height]))?;
    Ok(right)
}

/// Of the pairs of each row at hand the first in this order.
fn first_of_each<'w>(mut pairs: Rows<'w>, order: &[(Expr, bool)], ties: &[Expr]) -> Evaluated<Rows<'w>> {
    let position = Column::new(VALUE.into(), (0..pairs.len() as u32).collect::<Vec<u32>>());
    let mut columns = vec![pairs.frame().column(ROW)?.clone(), position];
    let (mut by, mut descending) = (vec![PlSmallStr::from(ROW)], vec![false]);
    for (i, (e, down)) in order.iter().map(|(e, down)| (e, *down)).chain(ties.iter().map(|e| (e, false))).enumerate() {
        let name: PlSmallStr = format!("#o{i}").into();
        columns.push(pairs.column(e)?.with_name(name.clone()));
        by.push(name);
        descending.push(down);
    }
    let frame = DataFrame::new(pairs.len(), columns)?;
    let sorted = frame.sort(by, SortMultipleOptions::default().with_order_descending_multi(descending).with_nulls_last(true))?;
    let (rows, positions) = (sorted.column(ROW)?.as_materialized_series().u32()?, sorted.column(VALUE)?.as_materialized_series().u32()?);
    let mut last = None;
    let mut firsts = Vec::new();
    for (row, position) in rows.iter().zip(positions.iter()) {
        if row != last {
            firsts.extend(position);
            last = row;
        }
    }
    pairs.taken(&IdxCa::from_vec("".into(), firsts))
}

/// The places of the held values that are wanted.
fn places_of<T: Ord>(held: impl Iterator<Item = Option<T>>, wanted: impl Iterator<Item = Option<T>>) -> Vec<u32> {
    let mut wanted: Vec<T> = wanted.flatten().collect();
    wanted.sort_unstable();
    wanted.dedup();
    let is_wanted = |value: &T| match &wanted[..] {
        [one] => one == value,
        many => many.binary_search(value).is_ok(),
    };
    held.enumerate().filter(|(_, value)| value.as_ref().is_some_and(is_wanted)).map(|(place, _)| place as u32).collect()
}

/// Calls `f` with the largest parts that read one side only: (part, whether it is the row around).
fn one_sided(e: &Expr, f: &mut dyn FnMut(&Expr, bool) -> Evaluated<()>) -> Evaluated<()> {
    match e.rows() {
        (true, false) => f(e, false),
        (false, true) => f(e, true),
        (false, false) => Ok(()),
        (true, true) => e.children().into_iter().try_for_each(|c| one_sided(c, f)),
    }
}

fn asks_calendar(e: &Expr) -> bool {
    matches!(e.node, Node::Call(Function::WorkDays, _)) || e.children().into_iter().any(asks_calendar)
}

/// What breaks ties of an ordered subquery: the parts of the primary key, codes as text.
fn ties(rows: &Rows<'_>, q: &Subquery) -> Vec<Expr> {
    let Output::First { order, .. } = &q.output else {
        return Vec::new();
    };
    if order.is_empty() {
        return Vec::new();
    }
    let source = &rows.world.pipeline.sources[q.source];
    let named = |e: &Expr| q.keys.iter().map(|(k, _)| k).chain(order.iter().map(|(o, _)| o)).any(|k| k == e);
    source
        .primary_key
        .iter()
        .map(|&c| source.item(q.source, c))
        .filter(|e| !named(e))
        .map(|e| match e.ty {
            Type::Code => Expr::new(Node::Call(Function::CodeText, vec![e]), Type::Text),
            _ => e,
        })
        .collect()
}

/// The columns that an output is aggregated from, in its order if it has one.
fn output_frame(rows: &mut Rows<'_>, q: &Subquery, mut columns: Vec<Column>) -> Evaluated<DataFrame> {
    let value = match &q.output {
        Output::Exists | Output::Count => None,
        Output::CountDistinct(e) | Output::Sum(e) | Output::Min(e) | Output::Max(e) | Output::Any(e) => Some(e),
        Output::First { value, .. } => Some(value),
    };
    match value {
        Some(e) => columns.push(rows.column(e)?.with_name(VALUE.into())),
        None => columns.push(Column::new_scalar(VALUE.into(), Scalar::from(true), rows.len())),
    }
    let (mut by, mut descending) = (Vec::new(), Vec::new());
    if let Output::First { order, .. } = &q.output {
        let ties: Vec<(Expr, bool)> = ties(rows, q).into_iter().map(|e| (e, false)).collect();
        for (i, (e, down)) in order.iter().chain(&ties).enumerate() {
            let name: PlSmallStr = format!("#o{i}").into();
            columns.push(rows.column(e)?.with_name(name.clone()));
            by.push(name);
            descending.push(*down);
        }
    }
    let frame = DataFrame::new(rows.len(), columns)?;
    if by.is_empty() {
        return Ok(frame);
    }
    Ok(frame.sort(by, SortMultipleOptions::default().with_order_descending_multi(descending).with_nulls_last(true))?)
}

/// One row per group: its keys, the output's value, how many rows it has.
fn aggregated(frame: DataFrame, keys: &[PlSmallStr], output: &Output) -> Evaluated<DataFrame> {
    let aggregates = [aggregate(output, pl::col(VALUE)).alias(VALUE), pl::len().cast(DataType::Int64).alias(COUNT)];
    let lazy = frame.lazy();
    let lazy = if keys.is_empty() {
        lazy.select(aggregates)
    } else {
        lazy.group_by(keys.iter().map(|k| pl::col(k.clone())).collect::<Vec<_>>()).agg(aggregates)
    };
    Ok(lazy.collect()?)
}

/// One value out of a group's values; rows without one do not count, but leave "any" unknown.
pub(super) fn aggregate(output: &Output, value: pl::Expr) -> pl::Expr {
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

fn join(left: DataFrame, right: DataFrame, keys: &[PlSmallStr], how: JoinType) -> Evaluated<DataFrame> {
    let on: Vec<pl::Expr> = keys.iter().map(|k| pl::col(k.clone())).collect();
    let mut args = JoinArgs::new(how);
    args.maintain_order = MaintainOrderJoin::Left;
    Ok(left.lazy().join(right.lazy(), on.clone(), on, args).collect()?)
}

/// The joined value, with what no rows mean.
fn finished(found: DataFrame, output: &Output, ty: &Type) -> Evaluated<Column> {
    let count = pl::col(COUNT).fill_null(pl::lit(0_i64));
    let value = pl::col(VALUE);
    let value = match output {
        Output::Exists => count.gt(pl::lit(0_i64)),
        Output::Count => count,
        Output::CountDistinct(_) => value.fill_null(pl::lit(0_i64)),
        Output::Any(_) => pl::when(count.eq(pl::lit(0_i64))).then(pl::lit(false)).otherwise(value),
        Output::Sum(_) => value,
        Output::Min(_) | Output::Max(_) | Output::First { .. } => match ty {
            Type::Number(_) => value,
            _ => value.cast(lower::dtype(ty)),
        },
    };
    let out = found.lazy().select([value.alias(VALUE)]).collect()?;
    Ok(out.column(VALUE)?.clone())
}
