//! Whose rows are asked for, and which other rows must be decided with them so that they come out as in a run.
//!
//! Beside a subject's own rows these are: rows that settle with them, rows of the lists that their clauses read, and persons
//! whose masked numbers agree (their ledger lines are numbered together).

use crate::facts::{Rows, World};
use crate::ledger::Subjects;
use crate::policy::model::Measure;
use crate::schema::SourceId;
use crate::settlement::{RowSets, together};
use crate::sql::EvalError;
use crate::sql::ir::{Expr, MeasureId, Node};
use crate::uscc;
use crate::value::{Cell, Type};
use std::collections::{BTreeSet, HashSet};

type Found<T> = Result<T, EvalError>;

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

/// Every row that must be decided so that `own` rows come out and are numbered as in a run, of every measure concerned.
pub fn with_dependencies(world: &World<'_>, asked: &Asked<'_>, own: &RowSets) -> Found<RowSets> {
    let mut wanted = Vec::new();
    for (&m, rows) in own {
        wanted.extend([(m, rows.clone()), (m, asked.rows(&world.pipeline.measures[m])?.1)]);
    }
    dependencies(world, wanted)
}

/// These rows of measures, and every row that must be decided so that they come out as in a run: those that settle with them,
/// those of the lists that they read, and whatever those need in their turn. Persons whose masked numbers agree are not looked for.
pub fn dependencies(world: &World<'_>, mut wanted: Vec<(MeasureId, BTreeSet<u32>)>) -> Found<RowSets> {
    let mut all = RowSets::new();
    while let Some((m, rows)) = wanted.pop() {
        let known = all.entry(m).or_default();
        let new: BTreeSet<u32> = rows.into_iter().filter(|row| known.insert(*row)).collect();
        if !new.is_empty() {
            wanted.extend(together(world, m, &new)?);
            wanted.extend(on_lists(world, m, &new)?);
        }
    }
    Ok(all)
}

/// The rows of the lists that these rows of a measure ask.
fn on_lists(world: &World<'_>, m: MeasureId, rows: &BTreeSet<u32>) -> Found<Vec<(MeasureId, BTreeSet<u32>)>> {
    let measure = &world.pipeline.measures[m];
    let mut lists = Vec::new();
    measure.asks().into_iter().for_each(|e| lists_of(e, &mut lists));
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<u32> = rows.iter().copied().collect();
    let mut asking = Rows::of(world, measure.per).select(&numbers)?;
    let found = lists.into_iter().map(|(list, code)| match code {
        Some(code) => Ok((list, rows_of_codes(world, list, &mut asking, &code)?)),
        None => Ok((list, rows.clone())),
    });
    found.collect()
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
