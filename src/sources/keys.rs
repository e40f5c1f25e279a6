//! Finds rows with the same primary key, and versions that later ones have superseded. Exact: a hash only proposes.
//!
//! Of equal keys the first in file order stays. Where a column numbers versions, the rows that agree in the other key
//! columns are one record, of which the greatest version is current.

use super::codes;
use super::contract::Contract;
use super::fill::Values;
use super::part::Part;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;

/// Rows that share one table of the search.
const SHARE: usize = 1 << 17;

/// Rows over all parts, numbered through.
pub struct Rows<'a> {
    parts: &'a [Part],
    offsets: Vec<usize>,
}

impl<'a> Rows<'a> {
    pub fn new(parts: &'a [Part]) -> Rows<'a> {
        let mut offsets = vec![0];
        for part in parts {
            offsets.push(offsets[offsets.len() - 1] + part.rows());
        }
        Rows { parts, offsets }
    }

    pub fn len(&self) -> usize {
        self.offsets[self.parts.len()]
    }

    /// The part of a row, by number, and its place there.
    pub fn locate(&self, row: usize) -> (usize, usize) {
        let part = self.offsets.partition_point(|&offset| offset <= row) - 1;
        (part, row - self.offsets[part])
    }

    /// The number of a part's first row.
    pub fn offset(&self, part: usize) -> usize {
        self.offsets[part]
    }
}

/// What the keys of a source say.
#[derive(Default)]
pub struct Resolved {
    /// (row, the row that it repeats), ascending by row.
    pub duplicates: Vec<(usize, usize)>,
    /// Rows of which a later version is there.
    pub superseded: Vec<usize>,
}

/// Compares the keys of all live rows.
pub fn resolve(rows: &Rows, contract: &Contract, live: &[bool]) -> Resolved {
    let version = contract.source.version;
    let columns: Vec<usize> = contract.source.primary_key.iter().copied().filter(|&column| Some(column) != version).collect();
    let hashes: Vec<u64> = rows.parts.par_iter().flat_map_iter(|part| hash_part(part, &columns)).collect();
    let shares = (rows.len() / SHARE + 1).next_power_of_two();
    let mut repeats: Vec<(u32, u32)> =
        (0..shares).into_par_iter().flat_map_iter(|share| search(rows, &columns, &hashes, live, share, shares)).collect();
    repeats.par_sort_unstable();
    let mut resolved = Resolved::default();
    for group in repeats.chunk_by(|one, other| one.0 == other.0) {
        let members = std::iter::once(group[0].0).chain(group.iter().map(|&(_, row)| row)).map(|row| row as usize);
        resolve_group(rows, version, members.collect(), &mut resolved);
    }
    resolved.duplicates.sort_unstable();
    resolved
}

/// Rows of equal key but for the version, in file order.
fn resolve_group(rows: &Rows, version: Option<usize>, members: Vec<usize>, resolved: &mut Resolved) {
    let number = |row: usize| version.map_or(0, |column| version_of(rows, column, row));
    let mut by_version: Vec<(i64, usize)> = members.into_iter().map(|row| (number(row), row)).collect();
    by_version.sort_unstable();
    let mut current: Option<usize> = None;
    for same in by_version.chunk_by(|one, other| one.0 == other.0) {
        let first = same[0].1;
        resolved.duplicates.extend(same[1..].iter().map(|&(_, row)| (row, first)));
        resolved.superseded.extend(current.replace(first));
    }
}

fn version_of(rows: &Rows, column: usize, row: usize) -> i64 {
    let (part, row) = rows.locate(row);
    match &rows.parts[part].columns[column] {
        Values::Number(numbers) => numbers[row],
        Values::Day(days) => days[row] as i64,
        _ => 0,
    }
}

fn hash_part(part: &Part, columns: &[usize]) -> Vec<u64> {
    let mut hashes = vec![0x9E37_79B9_7F4A_7C15; part.rows()];
    for &column in columns {
        match &part.columns[column] {
            Values::Id(values) => mix(&mut hashes, values.iter().map(|&value| value as u64)),
            Values::Text(texts) => mix(&mut hashes, (0..texts.views.len()).map(|row| codes::hash(texts.get(row)))),
            Values::Index(values) | Values::Flag(values) => mix(&mut hashes, values.iter().map(|&value| value as u64)),
            Values::Day(values) => mix(&mut hashes, values.iter().map(|&value| value as u64)),
            Values::Number(values) => mix(&mut hashes, values.iter().map(|&value| value as u64)),
        }
    }
    hashes
}

#[inline]
fn mix(hashes: &mut [u64], values: impl Iterator<Item = u64>) {
    for (hash, value) in hashes.iter_mut().zip(values) {
        let product = (*hash ^ value) as u128 * 0xA076_1D64_78BD_642F_u128;
        *hash = (product as u64 ^ (product >> 64) as u64).wrapping_add(0xE703_7ED1_A0B4_28DB);
    }
}

/// Finds the repeats among the rows whose hash falls to one share: (first row, row of equal key).
fn search(rows: &Rows, columns: &[usize], hashes: &[u64], live: &[bool], share: usize, shares: usize) -> Vec<(u32, u32)> {
    let falls_here = |hash: u64| (hash >> 48) as usize & (shares - 1) == share;
    let mut first: HashTable<u32> = HashTable::with_capacity(hashes.iter().filter(|&&hash| falls_here(hash)).count());
    let mut repeats = Vec::new();
    for (row, (&hash, _)) in hashes.iter().zip(live).enumerate().filter(|(_, (hash, live))| **live && falls_here(**hash)) {
        match first.entry(
            hash,
            |&known| hashes[known as usize] == hash && equal(rows, columns, known as usize, row),
            |&known| hashes[known as usize],
        ) {
            Entry::Occupied(known) => repeats.push((*known.get(), row as u32)),
            Entry::Vacant(free) => drop(free.insert(row as u32)),
        }
    }
    repeats
}

fn equal(rows: &Rows, columns: &[usize], one: usize, other: usize) -> bool {
    let ((one_part, one), (other_part, other)) = (rows.locate(one), rows.locate(other));
    let (one_part, other_part) = (&rows.parts[one_part], &rows.parts[other_part]);
    columns.iter().all(|&column| match (&one_part.columns[column], &other_part.columns[column]) {
        (Values::Id(ones), Values::Id(others)) => ones[one] == others[other],
        (Values::Text(ones), Values::Text(others)) => ones.get(one) == others.get(other),
        (Values::Index(ones), Values::Index(others)) | (Values::Flag(ones), Values::Flag(others)) => ones[one] == others[other],
        (Values::Day(ones), Values::Day(others)) => ones[one] == others[other],
        (Values::Number(ones), Values::Number(others)) => ones[one] == others[other],
        _ => false,
    })
}
