//! Values out of the related rows of another source: filtered, matched by key, and brought to one value per row at hand.
//!
//! Without a condition on both rows the related rows are folded into one value per key, and each row at hand takes its own; with
//! one, the matching pairs of rows are made, the condition is evaluated on them, and they are folded by the row at hand. Row order
//! never matters: ties are broken by the primary key.

use super::rows::Rows;
use super::slots::{self, Slots, folded};
use super::world::NONE;
use crate::sql::EvalError;
use crate::sql::functions::Function;
use crate::sql::ir::{Expr, Item, Node, Output, Row, Subquery};
use crate::sql::lower;
use crate::value::Type;
use polars::prelude::*;
use std::collections::HashMap;

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
        let joint = !q.joint.is_empty() || q.output.expressions().iter().any(|e| e.rows().1);
        let ties = ties(&inner, q);
        let value = if q.keys.is_empty() {
            let all = vec![0; inner.len()];
            folded(&mut inner, &q.output, &ties, &all, 1)?.new_from_index(0, self.len())
        } else if joint {
            let mut pairs = self.pairs(&mut inner, q, Vec::new())?;
            let row_of = numbers(&pairs, ROW)?;
            folded(&mut pairs, &q.output, &ties, &row_of, self.len())?.slice(0, self.len())
        } else {
            let slots = self.slots(&mut inner, q)?;
            slots.gathered(&folded(&mut inner, &q.output, &ties, &slots.inner, slots.count)?)?
        };
        match ty {
            Type::Number(_) => Ok(value),
            _ => Ok(value.cast(&lower::dtype(ty))?),
        }
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
        let related = Column::new(RELATED.into(), inner.row_numbers());
        let mut pairs = self.pairs(&mut inner, q, vec![related])?;
        if let Output::First { order, .. } = &q.output {
            let (ties, row_of) = (ties(&inner, q), numbers(&pairs, ROW)?);
            let each = row_of.iter().map(|row| *row as usize).enumerate();
            let firsts = slots::firsts(&mut pairs, order, &ties, each, self.len().max(1))?;
            pairs = pairs.taken(&IdxCa::from_vec(PlSmallStr::EMPTY, firsts.into_iter().filter(|row| *row != NONE).collect()))?;
        }
        Ok(Matches { outer: numbers(&pairs, ROW)?, inner: numbers(&pairs, RELATED)?, pairs })
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

    /// The pairs themselves: `#row` numbers the rows at hand; `right_columns` of the related rows come along.
    fn pairs(&mut self, inner: &mut Self, q: &Subquery, mut right_columns: Vec<Column>) -> Evaluated<Self> {
        let mut left = vec![Column::new(ROW.into(), (0..self.len() as u32).collect::<Vec<u32>>())];
        let mut computed: HashMap<Expr, PlSmallStr> = HashMap::new();
        for e in q.joint.iter().chain(q.output.expressions()).chain(&ties(inner, q)) {
            one_sided(e, &mut |part, around| {
                if computed.contains_key(part) {
                    return Ok(());
                }
                let name: PlSmallStr = format!("#p{}", computed.len()).into();
                if around {
                    left.push(self.column(&part.lifted())?.with_name(name.clone()));
                } else {
                    right_columns.push(inner.column(part)?.with_name(name.clone()));
                }
                computed.insert(part.clone(), name);
                Ok(())
            })?;
        }
        // Related rows that no row at hand picks stand beside row 0.
        let (outer, related) = if q.keys.is_empty() {
            let all = (0..inner.len() as u32).collect();
            (None, IdxCa::from_vec(PlSmallStr::EMPTY, all))
        } else {
            let (outer, related) = self.slots(inner, q)?.pairs();
            (Some(outer), related)
        };
        let mut columns = Vec::with_capacity(left.len() + right_columns.len());
        match &outer {
            Some(outer) => left.iter().try_for_each(|column| column.take(outer).map(|taken| columns.push(taken)))?,
            None => columns.push(Column::new(ROW.into(), vec![0_u32; related.len()])),
        }
        right_columns.iter().try_for_each(|column| column.take(&related).map(|taken| columns.push(taken)))?;
        let mut pairs = Rows::made(self.world, DataFrame::new(related.len(), columns)?, computed.clone());
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

    /// The related rows by key, and which of them each row at hand asks for.
    fn slots(&mut self, inner: &mut Self, q: &Subquery) -> Evaluated<Slots> {
        let mut parts = Vec::new();
        for (inner_key, outer) in &q.keys {
            parts.push((inner.column(inner_key)?, self.column(outer)?));
        }
        Slots::of(&parts, self.world.tables.codes.len())
    }
}

/// A column of numbers of rows.
fn numbers(pairs: &Rows<'_>, name: &str) -> Evaluated<Vec<u32>> {
    Ok(pairs.frame().column(name)?.as_materialized_series().u32()?.iter().flatten().collect())
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

/// What breaks ties of an ordered subquery: the parts of the primary key.
fn ties(rows: &Rows<'_>, q: &Subquery) -> Vec<Expr> {
    let Output::First { order, .. } = &q.output else {
        return Vec::new();
    };
    if order.is_empty() {
        return Vec::new();
    }
    let source = &rows.world.pipeline.sources[q.source];
    let named = |e: &Expr| q.keys.iter().map(|(k, _)| k).chain(order.iter().map(|(o, _)| o)).any(|k| k == e);
    source.primary_key.iter().map(|&c| source.item(q.source, c)).filter(|e| !named(e)).collect()
}
