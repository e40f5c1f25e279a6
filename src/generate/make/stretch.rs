//! Stretches of rows → their lines: some rows of a table without a parent and everything that descends from them, so that
//! what children copy from their parents is made once.

use super::block::Block;
use super::data::Data;
use super::dirt::{Lines, Spoiler};
use super::line::{push_cell, written};
use super::report::{GenerateError, Made};
use crate::facts::View;
use crate::generate::plan::model::{Count, TableId};
use crate::schema::{BySource, Source};
use crate::value::Cell;
use std::borrow::Cow;

/// Rows counted in one stretch, those of all its tables together: at most so many …
const MOST: u64 = 1 << 19;
/// … and not split further to give every thread a stretch where there are no more than these.
const FEW: u64 = 1 << 16;

/// What the rows of a table are written as.
pub struct Sheet<'p> {
    pub source: &'p Source,
    pub spoiler: Spoiler<'p>,
}

/// Some rows of a table without a parent.
pub struct Stretch {
    table: TableId,
    from: u64,
    to: u64,
}

/// All rows of all tables that are written; `sheets` by table.
pub fn stretches(data: &Data<'_>, sheets: &BySource<Option<Sheet<'_>>>) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    for (table, plan) in data.plan.tables.iter_enumerated() {
        let family = descendants(data, table);
        if matches!(plan.count, Count::Children { .. }) || family.iter().all(|(member, _)| sheets[*member].is_none()) {
            continue;
        }
        let rows = data.rows[table];
        let counted = family.iter().fold(0_u64, |sum, (_, times)| sum.saturating_add(*times)).saturating_mul(rows);
        let parts = if counted <= FEW { 1 } else { counted.div_ceil(MOST).next_multiple_of(rayon::current_num_threads() as u64) };
        let step = rows.div_ceil(parts).max(1);
        stretches.extend((0..rows.div_ceil(step)).map(|n| Stretch { table, from: n * step, to: ((n + 1) * step).min(rows) }));
    }
    stretches
}

/// A table and those that descend from it, and how many rows of each belong to one of its own.
fn descendants(data: &Data<'_>, table: TableId) -> Vec<(TableId, u64)> {
    let mut family = vec![(table, 1)];
    for child in data.plan.children(table) {
        let times = data.plan.tables[child].times();
        family.extend(descendants(data, child).into_iter().map(|(member, rows)| (member, rows.saturating_mul(times))));
    }
    family
}

impl Stretch {
    /// The lines of each table, parents first.
    pub fn lines(&self, data: &Data<'_>, sheets: &BySource<Option<Sheet<'_>>>) -> Made<Vec<(TableId, Lines)>> {
        let mut lines = Vec::new();
        let mut block = Block::there(data, self.table, (self.from..self.to).collect())?;
        add_lines(data, self.table, &mut block, sheets, &mut lines)?;
        Ok(lines)
    }
}

/// Adds the lines of a block and of what descends from it.
fn add_lines<'d>(
    data: &'d Data<'d>,
    table: TableId,
    block: &mut Block<'d>,
    sheets: &BySource<Option<Sheet<'_>>>,
    lines: &mut Vec<(TableId, Lines)>,
) -> Made<()> {
    if let Some(sheet) = &sheets[table] {
        lines.push((table, lines_of(data, table, block, sheet)?));
    }
    data.plan.children(table).try_for_each(|child| block.with_children(child, |children| add_lines(data, child, children, sheets, lines)))
}

fn lines_of(data: &Data<'_>, table: TableId, block: &mut Block<'_>, sheet: &Sheet<'_>) -> Made<Lines> {
    let (plan, declared, settings) = (&data.plan.tables[table], &sheet.source.columns, &data.plan.settings);
    let mut columns = Vec::new();
    for (column, declared) in plan.written.iter().zip(declared) {
        let made = column.map(|column| block.column(column)).transpose()?;
        if declared.required
            && let Some(at) = made.as_ref().and_then(|made| made.is_null().first_true_idx())
        {
            return Err(GenerateError::Empty { table: plan.name.clone(), row: block.rows[at], column: declared.name.clone() });
        }
        columns.push(made.as_ref().map(View::of).transpose()?);
    }
    let cell = |at: usize, column: usize| match &columns[column] {
        Some(column) => column.at(at),
        None => Cell::Null,
    };
    let mut lines = Lines::default();
    for (at, row) in block.rows.iter().enumerate() {
        match sheet.spoiler.chosen(*row) {
            None => {
                for (column, declared) in declared.iter().enumerate() {
                    push_cell(&mut lines.bytes, cell(at, column), &declared.kind, settings);
                    lines.bytes.push(b',');
                }
                lines.end();
            }
            Some(stream) => {
                let cells = declared.iter().enumerate().map(|(column, declared)| written(cell(at, column), &declared.kind, settings));
                sheet.spoiler.spoil(cells.map(Cow::into_owned).collect(), stream, &mut lines);
            }
        }
    }
    Ok(lines)
}
