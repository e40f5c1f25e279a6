//! Rows that share a key, and rows that ask for them, as slots: small numbers that index arrays.
//!
//! A key that is one code is its own slot, its dense id: nothing is hashed. Other keys get a slot when they are first met. Rows whose
//! key is not whole have none, as NULL equals nothing.

use super::ints::Ints;
use super::rows::Rows;
use super::view::View;
use super::world::NONE;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, Output};
use crate::value::Cell;
use foldhash::fast::FixedState;
use polars::prelude::*;
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash, Hasher};

type Evaluated<T> = Result<T, EvalError>;

/// Which slot each row stands in or asks for; [`NONE`]: in none.
pub(super) struct Slots {
    /// Of the related rows.
    pub inner: Vec<u32>,
    /// Of the rows at hand; one that nothing stands in may still be named.
    pub outer: Vec<u32>,
    pub count: usize,
}

impl Slots {
    /// By the parts of a key, each of the related rows and of the rows at hand; ids of codes are below `codes`.
    pub(super) fn of(parts: &[(Column, Column)], codes: usize) -> Evaluated<Slots> {
        if let [(inner, outer)] = parts
            && let (Ok(inner), Ok(outer)) = (inner.as_materialized_series().u32(), outer.as_materialized_series().u32())
        {
            let ids = |column: &UInt32Chunked| column.iter().map(|id| id.unwrap_or(NONE)).collect();
            return Ok(Slots { inner: ids(inner), outer: ids(outer), count: codes });
        }
        let views = |of: fn(&(Column, Column)) -> &Column| parts.iter().map(|part| View::of(of(part))).collect::<Evaluated<Vec<_>>>();
        let (inner, outer) = (views(|part| &part.0)?, views(|part| &part.1)?);
        let mut met = Met::new(&inner);
        let found = (0..inner.first().map_or(0, View::len)).map(|row| met.slot(row)).collect();
        let asked = (0..outer.first().map_or(0, View::len)).map(|row| met.find(&outer, row)).collect();
        Ok(Slots { inner: found, outer: asked, count: met.first.len() })
    }

    /// Every pair of a row at hand and a related row of its slot, in the order of the first, then of the second.
    pub(super) fn pairs(&self) -> (IdxCa, IdxCa) {
        let mut ends = vec![0_u32; self.count + 1];
        self.inner.iter().filter(|slot| **slot != NONE).for_each(|slot| ends[*slot as usize + 1] += 1);
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut next = ends.clone();
        let mut rows = vec![0_u32; ends[self.count] as usize];
        for (row, slot) in self.inner.iter().enumerate().filter(|(_, slot)| **slot != NONE) {
            rows[next[*slot as usize] as usize] = row as u32;
            next[*slot as usize] += 1;
        }
        let (mut outer, mut inner) = (Vec::new(), Vec::new());
        for (row, slot) in self.outer.iter().enumerate().filter(|(_, slot)| **slot != NONE) {
            let related = &rows[ends[*slot as usize] as usize..ends[*slot as usize + 1] as usize];
            outer.resize(outer.len() + related.len(), row as u32);
            inner.extend_from_slice(related);
        }
        (IdxCa::from_vec(PlSmallStr::EMPTY, outer), IdxCa::from_vec(PlSmallStr::EMPTY, inner))
    }

    /// Each row's own of what [`folded`] made.
    pub(super) fn gathered(&self, folded: &Column) -> Evaluated<Column> {
        let nothing = self.count as u32;
        let places = self.outer.iter().map(|slot| if *slot == NONE { nothing } else { *slot }).collect();
        Ok(folded.take(&IdxCa::from_vec(PlSmallStr::EMPTY, places))?)
    }
}

/// Keys that were met, in chains by their hash.
struct Met<'v, 'w> {
    keys: &'v [View<'w>],
    /// The first key of each chain; the next one behind each.
    chains: Vec<u32>,
    next: Vec<u32>,
    /// The row in which each was met first.
    first: Vec<u32>,
}

impl<'v, 'w> Met<'v, 'w> {
    fn new(keys: &'v [View<'w>]) -> Met<'v, 'w> {
        let rows = keys.first().map_or(0, View::len);
        Met { keys, chains: vec![NONE; (rows * 2).next_power_of_two()], next: Vec::new(), first: Vec::new() }
    }

    /// The slot of a row of these keys, a new one where its key is.
    fn slot(&mut self, row: usize) -> u32 {
        let Some(chain) = self.chain(self.keys, row) else {
            return NONE;
        };
        let known = self.within(chain, self.keys, row);
        if known != NONE {
            return known;
        }
        let slot = self.first.len() as u32;
        self.first.push(row as u32);
        self.next.push(std::mem::replace(&mut self.chains[chain], slot));
        slot
    }

    /// The slot of a row of other keys.
    fn find(&self, keys: &[View<'_>], row: usize) -> u32 {
        self.chain(keys, row).map_or(NONE, |chain| self.within(chain, keys, row))
    }

    fn within(&self, chain: usize, keys: &[View<'_>], row: usize) -> u32 {
        let is_same = |slot: u32| {
            let first = self.first[slot as usize] as usize;
            self.keys.iter().zip(keys).all(|(known, key)| known.at(first) == key.at(row))
        };
        let mut slot = self.chains[chain];
        while slot != NONE && !is_same(slot) {
            slot = self.next[slot as usize];
        }
        slot
    }

    /// The chain of a whole key.
    fn chain(&self, keys: &[View<'_>], row: usize) -> Option<usize> {
        let mut hasher = FixedState::with_seed(0x6875_6971).build_hasher();
        for key in keys {
            match key.at(row) {
                Cell::Null => return None,
                Cell::Number(number) => (number as u64).hash(&mut hasher),
                Cell::Text(text) => text.hash(&mut hasher),
            }
        }
        Some(hasher.finish() as usize & (self.chains.len() - 1))
    }
}

/// What an output makes of the rows of each slot, and last of none. Rows without a value do not count, but leave "any" unknown.
pub(super) fn folded<'w>(rows: &mut Rows<'w>, output: &Output, ties: &[Expr], slots: &[u32], count: usize) -> Evaluated<Column> {
    let each = || slots.iter().enumerate().filter(|(_, slot)| **slot != NONE).map(|(row, slot)| (row, *slot as usize));
    Ok(match output {
        Output::Exists => {
            let mut found = vec![false; count + 1];
            each().for_each(|(_, slot)| found[slot] = true);
            BooleanChunked::from_slice(PlSmallStr::EMPTY, &found).into_column()
        }
        Output::Count => {
            let mut found = vec![0_i64; count + 1];
            each().for_each(|(_, slot)| found[slot] += 1);
            Int64Chunked::from_vec(PlSmallStr::EMPTY, found).into_column()
        }
        Output::CountDistinct(value) => {
            let values = View::of(&rows.column(value)?)?;
            let mut met: Vec<(usize, Cell<&str>)> = each().map(|(row, slot)| (slot, values.at(row))).collect();
            met.retain(|(_, value)| *value != Cell::Null);
            met.sort_unstable();
            met.dedup();
            let mut found = vec![0_i64; count + 1];
            met.into_iter().for_each(|(slot, _)| found[slot] += 1);
            Int64Chunked::from_vec(PlSmallStr::EMPTY, found).into_column()
        }
        Output::Any(value) => {
            let values = rows.condition(value)?;
            let mut found = vec![Some(false); count + 1];
            for (row, slot) in each() {
                found[slot] = match (found[slot], values.get(row)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (None, _) | (_, None) => None,
                    _ => Some(false),
                };
            }
            BooleanChunked::from_iter(found).into_column()
        }
        Output::Sum(value) => summed(&Ints::of(&rows.column(value)?)?, each(), count),
        Output::Min(value) => least(rows, value, each(), count, Ordering::Less)?,
        Output::Max(value) => least(rows, value, each(), count, Ordering::Greater)?,
        Output::First { value, order } => {
            let firsts = firsts(rows, order, ties, each(), count)?;
            rows.column(value)?.take(&places(&firsts))?
        }
    })
}

/// Integers that wrap would go wrong in silence: sums are kept in 128 bits.
fn summed(values: &Ints, each: impl Iterator<Item = (usize, usize)>, count: usize) -> Column {
    let (mut sums, mut known) = (vec![0_i128; count + 1], vec![false; count + 1]);
    for (row, slot) in each {
        if let Some(value) = values.at(row) {
            sums[slot] = sums[slot].wrapping_add(value);
            known[slot] = true;
        }
    }
    let known = known.into_iter().collect();
    Int128Chunked::from_vec_validity(PlSmallStr::EMPTY, sums, Some(known)).into_column()
}

/// The least or greatest value of each slot.
fn least(
    rows: &mut Rows<'_>,
    value: &Expr,
    each: impl Iterator<Item = (usize, usize)>,
    count: usize,
    wanted: Ordering,
) -> Evaluated<Column> {
    let column = rows.column(value)?;
    let values = View::of(&column)?;
    let mut found = vec![NONE; count + 1];
    for (row, slot) in each {
        let best = found[slot];
        if values.at(row) != Cell::Null && (best == NONE || values.at(row).cmp(&values.at(best as usize)) == wanted) {
            found[slot] = row as u32;
        }
    }
    Ok(column.take(&places(&found))?)
}

/// The first row of each slot in this order, NULL last, ties broken.
pub(super) fn firsts(
    rows: &mut Rows<'_>,
    order: &[(Expr, bool)],
    ties: &[Expr],
    each: impl Iterator<Item = (usize, usize)>,
    count: usize,
) -> Evaluated<Vec<u32>> {
    let mut keys = Vec::new();
    for (e, down) in order.iter().map(|(e, down)| (e, *down)).chain(ties.iter().map(|e| (e, false))) {
        keys.push((rows.view(e)?, down));
    }
    let is_before = |row: usize, other: usize| {
        let compared = keys.iter().map(|(key, down)| match (key.at(row), key.at(other)) {
            (Cell::Null, Cell::Null) => Ordering::Equal,
            (Cell::Null, _) => Ordering::Greater,
            (_, Cell::Null) => Ordering::Less,
            (a, b) if *down => b.cmp(&a),
            (a, b) => a.cmp(&b),
        });
        compared.into_iter().find(|order| order.is_ne()) == Some(Ordering::Less)
    };
    let mut found = vec![NONE; count + 1];
    for (row, slot) in each {
        if found[slot] == NONE || is_before(row, found[slot] as usize) {
            found[slot] = row as u32;
        }
    }
    Ok(found)
}

fn places(rows: &[u32]) -> IdxCa {
    rows.iter().map(|row| (*row != NONE).then_some(*row)).collect()
}
