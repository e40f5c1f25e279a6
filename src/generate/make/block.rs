//! Some rows of one table: which of them are there, the rows that their links lead to, and any column of theirs.
//!
//! Everything is worked out when it is first asked for, and from row numbers alone: no row depends on which other
//! rows are in the block.

use super::data::Data;
use super::draw::below;
use super::drawing::Drawing;
use super::readings::{Readings, gather, numbers};
use super::report::Made;
use crate::generate::plan::model::{Count, Formula, LinkKind, PlanTable, Read, TableId};
use crate::sql::ir::Row;
use polars::prelude::*;

/// How often a link looks for a row that is there and fits, before its own row is left out.
const TRIES: u64 = 400;
/// Pairs of rows that a link looks at in one go, beyond one for each row.
const PAIRS: usize = 1 << 16;

/// Rows of one table.
pub struct Block<'d> {
    data: &'d Data<'d>,
    table: TableId,
    pub rows: Vec<u64>,
    columns: Vec<Option<Column>>,
    links: Vec<Option<Linked<'d>>>,
}

/// The rows that a link leads to, each once.
struct Linked<'d> {
    block: Block<'d>,
    /// Per row that leads here: where its target stands in the block, if it is there.
    place: IdxCa,
}

impl<'d> Linked<'d> {
    fn new(block: Block<'d>, targets: impl Iterator<Item = Option<u64>>) -> Linked<'d> {
        let mut last = 0;
        let mut place = |target: u64| {
            // Children of one parent stand together.
            if block.rows.get(last) != Some(&target) {
                last = block.rows.binary_search(&target).ok()?;
            }
            Some(last as IdxSize)
        };
        let places: Vec<Option<IdxSize>> = targets.map(|target| place(target?)).collect();
        let full: Option<Vec<IdxSize>> = places.iter().copied().collect();
        let place = full.map_or_else(|| IdxCa::from_iter(places), |full| IdxCa::from_vec(PlSmallStr::EMPTY, full));
        Linked { block, place }
    }
}

/// Each row once, in ascending order.
fn distinct(rows: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut rows: Vec<u64> = rows.collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

impl<'d> Block<'d> {
    /// Rows as they were counted, whether they are there or not.
    fn of(data: &'d Data<'d>, table: TableId, rows: Vec<u64>) -> Block<'d> {
        let plan = &data.plan.tables[table];
        let links = plan.links.iter().map(|_| None).collect();
        Block { data, table, rows, columns: vec![None; plan.columns.len()], links }
    }

    /// Those of some rows, which ascend, that are there.
    pub fn there(data: &'d Data<'d>, table: TableId, mut rows: Vec<u64>) -> Made<Block<'d>> {
        rows.retain(|row| data.counts(table, *row));
        let mut block = Block::of(data, table, rows);
        if let Count::Children { parent, times } = block.plan().count {
            let parents = Block::there(data, parent, distinct(block.rows.iter().map(|row| row / times)))?;
            block.links[0] = Some(Linked::new(parents, block.rows.iter().map(|row| Some(row / times))));
            block.retain_linked(0)?;
        }
        block.choose()?;
        Ok(block)
    }

    /// Does something with the rows of a child table that belong to these and are there; to them these rows are lent.
    pub fn with_children<T>(&mut self, table: TableId, act: impl FnOnce(&mut Block<'d>) -> Made<T>) -> Made<T> {
        let parents = std::mem::replace(self, Block::of(self.data, self.table, Vec::new()));
        let times = self.data.plan.tables[table].times();
        let (mut rows, mut place) = (Vec::new(), Vec::new());
        for (at, parent) in (0..).zip(&parents.rows) {
            for row in parent * times..(parent + 1) * times {
                if self.data.counts(table, row) {
                    rows.push(row);
                    place.push(at);
                }
            }
        }
        let mut children = Block::of(self.data, table, rows);
        children.links[0] = Some(Linked { block: parents, place: IdxCa::from_vec(PlSmallStr::EMPTY, place) });
        children.choose()?;
        let done = act(&mut children);
        if let Some(parents) = children.links[0].take() {
            *self = parents.block;
        }
        done
    }

    /// Leaves out what the plan's conditions leave out, and rows whose links lead nowhere.
    fn choose(&mut self) -> Made<()> {
        // One after the other: what a later condition reads is made only of rows that are left.
        for filter in &self.plan().filters {
            let holds = self.readings(&[filter])?.truth(filter)?;
            self.retain(|at| holds.at(at))?;
        }
        (0..self.links.len()).try_for_each(|link| self.retain_linked(link))
    }

    fn plan(&self) -> &'d PlanTable {
        &self.data.plan.tables[self.table]
    }

    /// Leaves out the rows whose link leads nowhere.
    fn retain_linked(&mut self, link: usize) -> Made<()> {
        let place = &self.linked(link)?.place;
        if place.null_count() == 0 {
            return Ok(());
        }
        let place = place.clone();
        self.retain(|at| place.get(at).is_some())
    }

    fn retain(&mut self, keep: impl Fn(usize) -> bool) -> Made<()> {
        let (mut rows, mut kept) = (Vec::new(), Vec::new());
        for (at, row) in self.rows.iter().enumerate() {
            if keep(at) {
                rows.push(*row);
                kept.push(at as IdxSize);
            }
        }
        if rows.len() == self.rows.len() {
            return Ok(());
        }
        self.rows = rows;
        for column in self.columns.iter_mut().flatten() {
            *column = column.take_slice(&kept)?;
        }
        for linked in self.links.iter_mut().flatten() {
            linked.place = linked.place.take(&kept[..])?;
        }
        Ok(())
    }

    /// A column of the rows.
    pub fn column(&mut self, column: usize) -> Made<Column> {
        if let Some(made) = &self.columns[column] {
            return Ok(made.clone());
        }
        let plan = &self.plan().columns[column];
        let stream = self.data.streams[self.table].columns[column];
        let made = Drawing { column: plan, readings: &self.readings(&plan.formulas())? }.cells(stream)?;
        self.columns[column] = Some(made.clone());
        Ok(made)
    }

    /// What formulas of these rows read.
    fn readings(&mut self, formulas: &[&Formula]) -> Made<Readings<'_>> {
        let columns = gather(formulas, |read| self.read(read))?;
        Ok(Readings { data: self.data, table: self.table, rows: &self.rows, columns })
    }

    /// A column of the rows, or of those that a link leads to.
    fn read(&mut self, read: Read) -> Made<Column> {
        let Some(link) = read.link else { return self.column(read.column) };
        let linked = self.linked(link)?;
        Ok(linked.block.column(read.column)?.take(&linked.place)?)
    }

    /// The rows that a link leads to.
    fn linked(&mut self, link: usize) -> Made<&mut Linked<'d>> {
        let linked = match self.links[link].take() {
            Some(linked) => linked,
            None => self.follow(link)?,
        };
        Ok(self.links[link].insert(linked))
    }

    fn follow(&mut self, link: usize) -> Made<Linked<'d>> {
        let (data, plan) = (self.data, self.plan());
        let target = plan.links[link].target;
        let rows = data.rows[target];
        let times = plan.times();
        let stream = data.streams[self.table].links[link];
        let targets: Vec<Option<u64>> = match &plan.links[link].kind {
            LinkKind::Parent => self.rows.iter().map(|row| Some(row / times)).collect(),
            LinkKind::Apart => {
                let apart = |row: &u64| (rows > 0).then(|| (below(stream.at(row / times), rows) + row % times) % rows);
                self.rows.iter().map(apart).collect()
            }
            LinkKind::Any(condition) => self.search(link, condition.as_ref())?,
            LinkKind::Row(number) => {
                let readings = self.readings(&[number])?;
                let numbers = numbers(&readings.values(number, &readings.all())?)?.into_iter();
                let targets: Vec<Option<u64>> =
                    numbers.map(|number| u64::try_from(number?).ok()?.checked_sub(1).filter(|row| *row < rows)).collect();
                let block = Block::there(data, target, distinct(targets.iter().flatten().copied()))?;
                return Ok(Linked::new(block, targets.into_iter()));
            }
        };
        let block = Block::of(data, target, distinct(targets.iter().flatten().copied()));
        Ok(Linked::new(block, targets.into_iter()))
    }

    /// For each row the first row among those drawn that is there and fits.
    fn search(&mut self, link: usize, condition: Option<&Formula>) -> Made<Vec<Option<u64>>> {
        let (data, target) = (self.data, self.plan().links[link].target);
        let rows = data.rows[target];
        let stream = data.streams[self.table].links[link];
        let mut found = vec![None; self.rows.len()];
        let (mut tried, mut width) = (0, 1);
        while rows > 0 && tried < TRIES {
            let open: Vec<usize> = (0..found.len()).filter(|&at| found[at].is_none()).collect();
            if open.is_empty() {
                break;
            }
            // More and more at once, as fewer and fewer rows are left to search for.
            let upto = tried + width.min((PAIRS / open.len()).max(1) as u64).min(TRIES - tried);
            let drawn = open.into_iter().flat_map(|at| {
                let tries = stream.row(self.rows[at]);
                (tried..upto).map(move |n| (at as IdxSize, below(tries.at(n), rows)))
            });
            let drawn: Vec<(IdxSize, u64)> = drawn.collect();
            for (at, candidate) in self.fitting(target, condition, drawn)? {
                found[at as usize].get_or_insert(candidate);
            }
            (tried, width) = (upto, width * 2);
        }
        Ok(found)
    }

    /// The pairs of a row's position and a candidate of which the candidate is there and the condition holds.
    fn fitting(&mut self, target: TableId, condition: Option<&Formula>, mut pairs: Vec<(IdxSize, u64)>) -> Made<Vec<(IdxSize, u64)>> {
        let mut candidates = Block::there(self.data, target, distinct(pairs.iter().map(|(_, candidate)| *candidate)))?;
        let place = |candidate: &u64| candidates.rows.binary_search(candidate).ok();
        pairs.retain(|(_, candidate)| place(candidate).is_some());
        let Some(condition) = condition else { return Ok(pairs) };
        let own: Vec<IdxSize> = pairs.iter().filter_map(|(_, candidate)| place(candidate)).map(|place| place as IdxSize).collect();
        let around: Vec<IdxSize> = pairs.iter().map(|(at, _)| *at).collect();
        let columns = gather(&[condition], |read| match read.row {
            Row::Own => Ok(candidates.read(read)?.take_slice(&own)?),
            Row::Around => Ok(self.read(read)?.take_slice(&around)?),
        })?;
        let rows: Vec<u64> = around.iter().map(|at| self.rows[*at as usize]).collect();
        let holds = Readings { data: self.data, table: self.table, rows: &rows, columns }.truth(condition)?;
        Ok(pairs.into_iter().enumerate().filter(|(at, _)| holds.at(*at)).map(|(_, pair)| pair).collect())
    }
}
