//! Whose rows are asked for, and which other rows must be decided with them so that they come out as in a run.
//!
//! Beside a subject's own rows these are: rows that share a cap with them, rows of the lists that their clauses read, the
//! same subject's rows in a group that settles together, every row of a budget that is switched on, and persons whose
//! masked numbers agree (their ledger lines are numbered together).

use crate::facts::{Cell, Rows, World};
use crate::ledger::Subjects;
use crate::measures::built_on;
use crate::policy::model::{Cap, Measure};
use crate::policy::source::SourceId;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, MeasureId, Node, Type};
use crate::uscc;
use std::collections::{BTreeMap, BTreeSet, HashSet};

type Found<T> = Result<T, EvalError>;

/// Row numbers by measure.
pub type RowSets = BTreeMap<MeasureId, BTreeSet<u32>>;

/// Somebody, by a code as it is or as it is published.
pub struct Asked<'w> {
    world: &'w World<'w>,
    code: String,
    /// Per dense id: it is this code, or cannot be told from it when masked.
    ids: Vec<bool>,
}

impl<'w> Asked<'w> {
    pub fn of(world: &'w World<'w>, code: &str) -> Asked<'w> {
        let codes = &world.tables.codes;
        let ids = (0..codes.len() as u32).map(|id| looks_like(codes.get(id as usize), code)).collect();
        Asked { world, code: code.to_string(), ids }
    }

    /// The rows of a source that name the asked code in any of their columns.
    pub fn rows_of(&self, source: SourceId) -> Vec<u32> {
        let frame = self.world.frame(source);
        let mut found = BTreeSet::new();
        for column in frame.columns() {
            if let Ok(ids) = column.as_materialized_series().u32() {
                let is_meant = |id: Option<u32>| id.is_some_and(|id| self.ids[id as usize]);
                found.extend(ids.iter().enumerate().filter(|(_, id)| is_meant(*id)).map(|(row, _)| row as u32));
            }
        }
        found.into_iter().collect()
    }

    /// The rows of a measure whose subject is asked for, and those that are numbered with them.
    pub fn rows(&self, measure: &Measure) -> Found<(BTreeSet<u32>, BTreeSet<u32>)> {
        let alike = self.alike(measure)?;
        if alike.is_empty() {
            return Ok(Default::default());
        }
        let mut rows = Rows::of(self.world, measure.per).select(&alike)?;
        let subjects = Subjects::of(self.world.pipeline, measure, &mut rows)?;
        let is_asked = |at: usize| subjects.is_about(at, &self.code);
        let own: BTreeSet<u32> = alike.iter().enumerate().filter(|(at, _)| is_asked(*at)).map(|(_, row)| *row).collect();
        let published: HashSet<&str> = (0..alike.len()).filter(|at| is_asked(*at)).map(|at| subjects.code(at)).collect();
        let with = alike.iter().enumerate().filter(|(at, _)| published.contains(subjects.code(*at))).map(|(_, row)| *row).collect();
        Ok((own, with))
    }

    /// Rows whose subject may be meant, by its code alone.
    fn alike(&self, measure: &Measure) -> Found<Vec<u32>> {
        let code = &measure.subject.code;
        let mut rows = Rows::of(self.world, measure.per);
        if code.ty == Type::Code {
            let ids = rows.column(code)?;
            let is_meant = |id: Option<u32>| id.is_some_and(|id| self.ids[id as usize]);
            let ids = ids.as_materialized_series().u32()?;
            return Ok(ids.iter().enumerate().filter(|(_, id)| is_meant(*id)).map(|(row, _)| row as u32).collect());
        }
        let cells = rows.cells_of(code)?;
        let is_meant = |cell: &Cell| matches!(cell, Cell::Text(t) if looks_like(t, &self.code));
        Ok(cells.iter().enumerate().filter(|(_, cell)| is_meant(cell)).map(|(row, _)| row as u32).collect())
    }
}

/// The same code, or one that is published alike if it is a person's.
fn looks_like(code: &str, asked: &str) -> bool {
    code == asked || code.len() == asked.len() && ends_agree(code, asked) && uscc::mask(code) == uscc::mask(asked)
}

/// A cheap look before the exact one.
fn ends_agree(a: &str, b: &str) -> bool {
    a.as_bytes().last() == b.as_bytes().last()
}

/// Every row that must be decided so that `own` rows come out as in a run, of every measure concerned.
pub fn with_dependencies(world: &World<'_>, asked: &Asked<'_>, own: &RowSets) -> Found<RowSets> {
    let mut all = RowSets::new();
    let pipeline = world.pipeline;
    for (&m, rows) in own {
        let mut rows = rows.clone();
        for group in pipeline.settlement.highest_of.iter().filter(|g| g.enabled && g.measures.contains(&m)) {
            for &member in group.measures.iter().filter(|k| **k != m) {
                demand(world, member, asked.rows(&pipeline.measures[member])?.1, &mut all)?;
            }
        }
        for budget in pipeline.settlement.budgets.iter().filter(|b| b.enabled && b.measures.contains(&m)) {
            for &member in &budget.measures {
                let height = world.frame(pipeline.measures[member].per).height() as u32;
                demand(world, member, (0..height).collect(), &mut all)?;
            }
        }
        rows.extend(asked.rows(&pipeline.measures[m])?.1);
        demand(world, m, rows, &mut all)?;
    }
    Ok(all)
}

/// Adds rows of a measure, those that share a cap with them, and those of the lists that their clauses read.
fn demand(world: &World<'_>, m: MeasureId, mut rows: BTreeSet<u32>, all: &mut RowSets) -> Found<()> {
    let measure = &world.pipeline.measures[m];
    if let Some(cap) = &measure.cap {
        rows.extend(sharing_cap(world, measure.per, cap, &rows)?);
    }
    let known = all.entry(m).or_default();
    rows.retain(|row| !known.contains(row));
    known.extend(&rows);
    if rows.is_empty() {
        return Ok(());
    }
    if built_on(measure).is_empty() {
        return Ok(());
    }
    let numbers: Vec<u32> = rows.into_iter().collect();
    let mut asking = Rows::of(world, measure.per).select(&numbers)?;
    let mut lists = Vec::new();
    measure.clauses.iter().for_each(|c| lists_of(&c.when, &mut lists));
    for (list, code) in lists {
        let wanted = match code {
            Some(code) => rows_of_codes(world, list, &mut asking, &code)?,
            None => numbers.iter().copied().collect(),
        };
        demand(world, list, wanted, all)?;
    }
    Ok(())
}

fn lists_of(e: &Expr, found: &mut Vec<(MeasureId, Option<Expr>)>) {
    if let Node::OnList { measure, code } = &e.node {
        found.push((*measure, code.as_deref().cloned()));
    }
    e.children().into_iter().for_each(|c| lists_of(c, found));
}

/// The rows of a list's measure that are about these codes.
fn rows_of_codes(world: &World<'_>, list: MeasureId, asking: &mut Rows<'_>, code: &Expr) -> Found<BTreeSet<u32>> {
    let measure = &world.pipeline.measures[list];
    let Some(key) = measure.subject.key() else {
        return Ok(BTreeSet::new());
    };
    let wanted: HashSet<u32> = asking.column(code)?.as_materialized_series().u32()?.iter().flatten().collect();
    let ids = Rows::of(world, measure.per).column(key)?;
    let ids = ids.as_materialized_series().u32()?;
    Ok(ids.iter().enumerate().filter(|(_, id)| id.is_some_and(|id| wanted.contains(&id))).map(|(row, _)| row as u32).collect())
}

/// The rows that share a cap with one of these.
fn sharing_cap(world: &World<'_>, per: SourceId, cap: &Cap, rows: &BTreeSet<u32>) -> Found<Vec<u32>> {
    let numbers: Vec<u32> = rows.iter().copied().collect();
    let keys: HashSet<Vec<Cell>> = Rows::of(world, per).select(&numbers)?.cells(&cap.per)?.into_iter().collect();
    // One part of the key at a time: the first leaves few rows for the others.
    let mut candidates: Option<Vec<u32>> = None;
    for (part, e) in cap.per.iter().enumerate() {
        let wanted: HashSet<&Cell> = keys.iter().filter_map(|key| key.get(part)).collect();
        let mut among = match &candidates {
            Some(rows) => Rows::of(world, per).select(rows)?,
            None => Rows::of(world, per),
        };
        let numbers = among.row_numbers();
        let cells = among.cells_of(e)?;
        candidates = Some(numbers.into_iter().zip(&cells).filter(|(_, cell)| wanted.contains(cell)).map(|(row, _)| row).collect());
    }
    let candidates = candidates.unwrap_or_default();
    let found = Rows::of(world, per).select(&candidates)?.cells(&cap.per)?;
    Ok(candidates.into_iter().zip(found).filter(|(_, key)| keys.contains(key)).map(|(row, _)| row).collect())
}
