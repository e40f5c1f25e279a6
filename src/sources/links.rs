//! How sources point to one another: which must be read first, whose codes come first, which codes lead nowhere.

use super::codes::NO_ID;
use super::contract::{Contract, Store};
use super::fill::Values;
use super::{Codes, Unmatched};
use crate::schema::{BySource, ColumnKind, Personal, Source, SourceId, Sources};
use std::collections::BTreeMap;
use typed_index_collections::ti_vec;

/// The ids of a source's keys.
#[derive(Debug, Clone, Default)]
pub struct Members(Vec<u64>);

impl Members {
    /// The ids that stand in a key column.
    pub fn of(ids: &[u32]) -> Members {
        let mut members = Members::default();
        for &id in ids.iter().filter(|&&id| id != NO_ID) {
            let word = id as usize / 64;
            if word >= members.0.len() {
                members.0.resize(word + 1, 0);
            }
            members.0[word] |= 1 << (id % 64);
        }
        members
    }

    #[inline]
    pub fn contains(&self, id: u32) -> bool {
        self.0.get(id as usize / 64).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }
}

/// The source to which most loose keys point: its codes come first in the dictionary.
pub fn register(sources: &Sources) -> Option<SourceId> {
    let count = |id: SourceId| {
        let columns = sources.iter().flat_map(|source| &source.columns);
        columns.filter(|column| column.references.is_some_and(|r| r.source == id && !r.strict)).count()
    };
    let counted = sources.keys().map(|id| (count(id), id)).filter(|&(count, _)| count > 0);
    counted.max_by_key(|&(count, id)| (count, std::cmp::Reverse(id))).map(|(_, id)| id)
}

/// The wanted sources and all that their keys lead to.
pub fn with_targets(sources: &Sources, wanted: &BySource<bool>) -> BySource<bool> {
    let mut all: BySource<bool> = sources.keys().map(|id| wanted.get(id) == Some(&true)).collect();
    let mut open: Vec<SourceId> = all.keys().filter(|&id| all[id]).collect();
    while let Some(id) = open.pop() {
        for reference in sources[id].columns.iter().filter_map(|column| column.references) {
            if !std::mem::replace(&mut all[reference.source], true) {
                open.push(reference.source);
            }
        }
    }
    all
}

/// Sources in the order of reading: the register, then each after those that its keys lead to.
pub fn reading_order(sources: &Sources) -> Result<Vec<SourceId>, String> {
    let mut order = Vec::new();
    let mut state = ti_vec![Visit::New; sources.len()];
    for id in register(sources).into_iter().chain(sources.keys()) {
        visit(sources, id, &mut state, &mut order)?;
    }
    Ok(order)
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    New,
    Open,
    Done,
}

fn visit(sources: &Sources, id: SourceId, state: &mut BySource<Visit>, order: &mut Vec<SourceId>) -> Result<(), String> {
    match state[id] {
        Visit::Done => return Ok(()),
        Visit::Open => return Err(format!("the keys of {} lead back to it", sources[id].name)),
        Visit::New => state[id] = Visit::Open,
    }
    for reference in sources[id].columns.iter().filter_map(|column| column.references) {
        if reference.source != id {
            visit(sources, reference.source, state, order)?;
        } else if reference.strict {
            return Err(format!("a strict key of {} points to itself", sources[id].name));
        }
    }
    state[id] = Visit::Done;
    order.push(id);
    Ok(())
}

/// The columns of a source with strict keys, and where they point.
pub fn strict(source: &Source) -> Vec<(usize, SourceId)> {
    references(source, true)
}

fn references(source: &Source, strict: bool) -> Vec<(usize, SourceId)> {
    let reference = |column: usize| source.columns[column].references.filter(|reference| reference.strict == strict);
    (0..source.columns.len()).filter_map(|column| Some((column, reference(column)?.source))).collect()
}

/// Counts the codes of loose keys that lead nowhere: by column and code, and the rows that hold any.
pub fn unmatched(
    contract: &Contract,
    columns: &[Values],
    members: &BySource<Option<Members>>,
    codes: &Codes,
) -> (Vec<(String, String, u64)>, Vec<bool>) {
    let mut listed = Vec::new();
    let mut rows = vec![false; columns.first().map_or(0, Values::len)];
    for (column, target) in references(contract.source, false) {
        let (Some(members), Values::Id(ids)) = (&members[target], &columns[column]) else {
            continue;
        };
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for (row, &id) in ids.iter().enumerate() {
            if id != NO_ID && !members.contains(id) && !is_person(contract, columns, column, row, codes.get(id as usize)) {
                *counts.entry(id).or_default() += 1;
                rows[row] = true;
            }
        }
        let name = &contract.columns[column].column.name;
        listed.extend(counts.into_iter().map(|(id, count)| (name.clone(), codes.get(id as usize).to_owned(), count)));
    }
    (listed, rows)
}

/// Persons are not looked for among enterprises.
fn is_person(contract: &Contract, columns: &[Values], column: usize, row: usize, code: &str) -> bool {
    let rule = &contract.columns[column].column.personal;
    let word = || {
        let Personal::If { column: other, .. } = rule else { return None };
        match (&columns[*other], &contract.columns[*other].column.kind) {
            (Values::Index(places), ColumnKind::Enum(options)) => options.values.get(places[row] as usize).map(|word| word.into()),
            (Values::Text(texts), _) => Some(String::from_utf8_lossy(texts.get(row))).filter(|word| !word.is_empty()),
            _ => None,
        }
    };
    rule.holds(code, word)
}

/// The column whose ids other sources' keys are looked up among.
pub fn key_column(contract: &Contract) -> Option<usize> {
    let column = contract.source.primary_key.first().copied()?;
    (contract.columns[column].store == Store::Id).then_some(column)
}

impl Unmatched {
    pub(super) fn of(source: SourceId, (column, code, rows): (String, String, u64)) -> Unmatched {
        Unmatched { source, column, code, rows }
    }
}
