//! The rows of a source as digests: enough to say which rows two runs do not share, whatever became of the files since.
//!
//! A row has the digest of its key, the digest of what rules read of it (a change that no rule sees is none), and those of the codes
//! that it names. Digests depend on what cells say, never on row order or on how codes are stored.

use crate::facts::World;
use crate::period;
use crate::policy::model::Pipeline;
use crate::policy::reach::expressions;
use crate::schema::{ColumnKind, SourceId};
use crate::sql::ir::{Expr, Item, Node};
use polars::prelude::*;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The digests of one source's rows, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// Of the columns that rules read: digests of different ones cannot be compared.
    columns: u64,
    /// Numbers per row: key, content, then the codes.
    width: usize,
    rows: Vec<u64>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Added,
    Removed,
    Changed,
}

impl Fate {
    pub fn name(self) -> &'static str {
        match self {
            Fate::Added => "新交付",
            Fate::Removed => "不再交付",
            Fate::Changed => "改动",
        }
    }
}

/// A row that two runs do not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    pub key: u64,
    pub fate: Fate,
    /// Of the codes that it names.
    pub codes: Vec<u64>,
}

impl Digests {
    /// Of the rows of a source.
    pub fn of(world: &World<'_>, source: SourceId) -> PolarsResult<Digests> {
        let declared = &world.pipeline.sources[source];
        let read = columns_read(world.pipeline, source);
        let names: Vec<&str> = read.iter().map(|&c| declared.columns[c].name.as_str()).collect();
        let keys = row_keys(world, source)?;
        let mut content = vec![0; keys.len()];
        for &column in &read {
            fold(&mut content, &cells(world, source, column)?);
        }
        let is_code = |c: &usize| world.frame(source).columns()[*c].dtype() == &DataType::UInt32;
        let codes: Vec<Vec<u64>> =
            (0..declared.columns.len()).filter(is_code).map(|c| cells(world, source, c)).collect::<PolarsResult<_>>()?;
        let mut order: Vec<(u64, u64, u32)> =
            keys.iter().zip(&content).zip(0..).map(|((key, content), row)| (*key, *content, row)).collect();
        order.par_sort_unstable();
        let width = 2 + codes.len();
        let mut rows = Vec::with_capacity(keys.len() * width);
        for (key, content, row) in order {
            rows.extend([key, content]);
            rows.extend(codes.iter().map(|column| column[row as usize]));
        }
        Ok(Digests { columns: of_bytes(names.join("|").as_bytes()), width, rows })
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 * (2 + self.rows.len()));
        [self.columns, self.width as u64].iter().chain(&self.rows).for_each(|n| bytes.extend_from_slice(&n.to_le_bytes()));
        bytes
    }

    /// `None`: these are no digests.
    pub fn from_bytes(bytes: &[u8]) -> Option<Digests> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let numbers: Vec<u64> = numbers.iter().map(|n| u64::from_le_bytes(*n)).collect();
        let (&[columns, width], rows) = numbers.split_first_chunk::<2>()?;
        let width = usize::try_from(width).ok()?;
        let is_whole = rest.is_empty() && width >= 2 && rows.len().is_multiple_of(width);
        is_whole.then(|| Digests { columns, width, rows: rows.to_vec() })
    }

    /// The rows that the later run does not share with this one; `None` where they cannot be compared.
    pub fn changes(&self, later: &Digests) -> Option<Vec<RowChange>> {
        if self.columns != later.columns || self.width != later.width {
            return None;
        }
        let mut found = Vec::new();
        let mut push = |row: &[u64], fate| found.push(RowChange { key: row[0], fate, codes: row[2..].to_vec() });
        let (mut old, mut new) = (self.rows.chunks_exact(self.width).peekable(), later.rows.chunks_exact(later.width).peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Some(found),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old[0].cmp(&new[0]),
            };
            match order {
                Ordering::Less => old.next().into_iter().for_each(|row| push(row, Fate::Removed)),
                Ordering::Greater => new.next().into_iter().for_each(|row| push(row, Fate::Added)),
                Ordering::Equal => {
                    let both = old.next().zip(new.next());
                    both.into_iter().filter(|(old, new)| old[1] != new[1]).for_each(|(_, new)| push(new, Fate::Changed));
                }
            }
        }
    }
}

/// The columns of a source that some rule reads, and the county that a ledger line names.
fn columns_read(pipeline: &Pipeline, source: SourceId) -> Vec<usize> {
    let mut found: BTreeSet<usize> = pipeline.sources[source].county.into_iter().collect();
    let mut note = |e: &Expr| {
        e.walk(&mut |part| match &part.node {
            Node::Item { source: s, item: Item::Column(c), .. } | Node::Through { source: s, item: Item::Column(c), .. }
                if *s == source =>
            {
                found.insert(*c);
            }
            _ => {}
        });
    };
    pipeline.measures.iter().flat_map(expressions).for_each(&mut note);
    pipeline.facts.iter().for_each(|fact| note(&fact.value));
    found.into_iter().collect()
}

/// The digest of every row's key.
pub fn row_keys(world: &World<'_>, source: SourceId) -> PolarsResult<Vec<u64>> {
    let mut keys = vec![0; world.frame(source).height()];
    for &column in &world.pipeline.sources[source].primary_key {
        fold(&mut keys, &cells(world, source, column)?);
    }
    Ok(keys)
}

/// The digest of the key that a 来源单据 says; `None` where it hides a part of it.
pub fn key_of(pipeline: &Pipeline, source: SourceId, document: &str) -> Option<u64> {
    let declared = &pipeline.sources[source];
    let parts: Vec<&str> = document.split('|').collect();
    if parts.len() != declared.primary_key.len() {
        return None;
    }
    let mut key = [0];
    for (part, &column) in parts.into_iter().zip(&declared.primary_key) {
        let cell = match &declared.columns[column].kind {
            ColumnKind::Date => of_number(i64::from(period::parse_iso_date(part.as_bytes())?)),
            ColumnKind::Int => of_number(part.parse().ok()?),
            _ => of_code(part)?,
        };
        fold(&mut key, &[cell]);
    }
    Some(key[0])
}

/// The digest of a code as published; `None` where it is masked.
pub fn of_code(code: &str) -> Option<u64> {
    (!code.contains('*')).then(|| of_bytes(code.as_bytes()))
}

/// The digests of the codes in one row, by column.
pub fn codes_in(world: &World<'_>, source: SourceId, row: u32) -> Vec<(usize, u64)> {
    let frame = world.frame(source);
    let code = |(column, values): (usize, &Column)| {
        let id = values.as_materialized_series().u32().ok()?.get(row as usize)?;
        Some((column, of_bytes(world.tables.codes.get(id as usize).as_bytes())))
    };
    frame.columns().iter().enumerate().filter_map(code).collect()
}

/// The digest of a key of one code.
pub fn key_of_code(code: u64) -> u64 {
    let mut key = [0];
    fold(&mut key, &[code]);
    key[0]
}

/// The digest of every cell of a column.
fn cells(world: &World<'_>, source: SourceId, column: usize) -> PolarsResult<Vec<u64>> {
    const NOTHING: u64 = 0x51ed_270b_9f2c_1d37;
    let frame = world.frame(source);
    let series = frame.columns()[column].as_materialized_series();
    let codes = &world.tables.codes;
    Ok(match (series.dtype(), &world.pipeline.sources[source].columns[column].kind) {
        (DataType::UInt32, _) => {
            series.u32()?.iter().map(|id| id.map_or(NOTHING, |id| of_bytes(codes.get(id as usize).as_bytes()))).collect()
        }
        (DataType::UInt8, ColumnKind::Enum(options)) => {
            let words: Vec<u64> = options.values.iter().map(|word| of_bytes(word.as_bytes())).collect();
            series.u8()?.iter().map(|at| at.and_then(|at| words.get(usize::from(at)).copied()).unwrap_or(NOTHING)).collect()
        }
        (DataType::String, _) => series.str()?.iter().map(|text| text.map_or(NOTHING, |text| of_bytes(text.as_bytes()))).collect(),
        _ => {
            let numbers = series.to_physical_repr().cast(&DataType::Int64)?;
            numbers.i64()?.iter().map(|number| number.map_or(NOTHING, of_number)).collect()
        }
    })
}

fn fold(rows: &mut [u64], cells: &[u64]) {
    for (row, cell) in rows.iter_mut().zip(cells) {
        *row = scatter(row.rotate_left(23) ^ cell);
    }
}

fn of_number(number: i64) -> u64 {
    scatter(number.cast_unsigned())
}

/// Folded eight bytes at a time, and scattered: there are millions of them.
fn of_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().copied().chain([last, (bytes.len() as u64).to_le_bytes()]);
    scatter(words.fold(0xcbf2_9ce4_8422_2325, |hash: u64, word| {
        let mixed = (hash ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 32
    }))
}

/// The finish of splitmix64: every bit of the input moves every bit of the output.
fn scatter(mut n: u64) -> u64 {
    n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
