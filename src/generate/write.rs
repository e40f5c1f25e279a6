//! Rows as CSV: UTF-8, header first, blocks of rows made in parallel and written in order.

use super::dirt::{Damaged, Spoiler};
use super::model::{Count, TableId};
use super::rows::{Cell, Desk, World};
use super::{GenerateError, Written};
use crate::policy::source::Source;
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Rows counted per block.
const BLOCK: u64 = 1 << 14;
/// Blocks that are made before any is written, per thread.
const AHEAD: usize = 4;

/// Some rows as they stand in the file.
#[derive(Default)]
pub(super) struct Block {
    pub bytes: Vec<u8>,
    /// Lines, which are records: no cell holds a line break.
    pub lines: u64,
    /// With lines counted from the block's first, which is 0.
    pub damaged: Vec<Damaged>,
}

/// Writes one source and notes its damaged lines.
pub(super) fn source(
    world: &World<'_>,
    source: &Source,
    table: TableId,
    spoiler: &Spoiler<'_>,
    out: &Path,
    damaged: &mut Vec<Damaged>,
) -> Result<Written, GenerateError> {
    let path = out.join(format!("{}.csv", source.name));
    let io = |error| GenerateError::Io { path: path.clone(), error };
    let mut file = BufWriter::new(File::create(&path).map_err(io)?);
    let header = header(source);
    file.write_all(&header).map_err(io)?;
    let mut written = Written { source: source.name.clone(), path: path.clone(), rows: 0, bytes: header.len() as u64, damaged: 0 };
    let ranges = ranges(world, table);
    for some in ranges.chunks(AHEAD * rayon::current_num_threads().max(1)) {
        let blocks: Vec<Result<Block, GenerateError>> = some.par_iter().map(|&range| block(world, source, table, spoiler, range)).collect();
        for block in blocks {
            let block = block?;
            file.write_all(&block.bytes).map_err(io)?;
            written.damaged += block.damaged.len() as u64;
            damaged.extend(block.damaged.into_iter().map(|d| Damaged { line: written.rows + d.line + 2, ..d }));
            written.rows += block.lines;
            written.bytes += block.bytes.len() as u64;
        }
    }
    file.flush().map_err(io)?;
    Ok(written)
}

fn header(source: &Source) -> Vec<u8> {
    let mut header = Vec::new();
    for column in &source.columns {
        push_cell(&mut header, &column.name);
    }
    end_line(&mut header);
    header
}

/// Row numbers from and to, the rows of one parent never apart.
fn ranges(world: &World<'_>, table: TableId) -> Vec<(u64, u64)> {
    let rows = world.rows[table];
    let step = match world.plan.tables[table].count {
        Count::Children { times, .. } => BLOCK.div_ceil(times.max(1)) * times.max(1),
        _ => BLOCK,
    };
    (0..rows.div_ceil(step)).map(|n| (n * step, ((n + 1) * step).min(rows))).collect()
}

fn block(
    world: &World<'_>,
    source: &Source,
    table: TableId,
    spoiler: &Spoiler<'_>,
    (from, to): (u64, u64),
) -> Result<Block, GenerateError> {
    let plan = &world.plan.tables[table];
    let mut desk = Desk::new(world);
    let mut block = Block::default();
    let mut row = from;
    while row < to {
        if let Count::Children { parent, times } = plan.count
            && !desk.is_there(parent, row / times)
        {
            row = (row / times + 1) * times;
            continue;
        }
        if desk.is_there(table, row) {
            match spoiler.chosen(row) {
                None => clean_row(&mut desk, source, table, row, &mut block)?,
                Some(stream) => {
                    let cells = cells(&mut desk, source, table, row)?;
                    spoiler.spoil(cells, stream, &mut block);
                }
            }
        }
        if let Some(fault) = desk.fault.take() {
            return Err(fault);
        }
        row += 1;
    }
    Ok(block)
}

fn clean_row(desk: &mut Desk<'_>, source: &Source, table: TableId, row: u64, block: &mut Block) -> Result<(), GenerateError> {
    for at in 0..source.columns.len() {
        let cell = written_cell(desk, source, table, row, at)?;
        desk.write(&mut block.bytes, &cell, &source.columns[at].kind);
        block.bytes.push(b',');
    }
    end_line(&mut block.bytes);
    block.lines += 1;
    Ok(())
}

/// A row's cells as text.
fn cells(desk: &mut Desk<'_>, source: &Source, table: TableId, row: u64) -> Result<Vec<String>, GenerateError> {
    let text = |at: usize| {
        let cell = written_cell(desk, source, table, row, at)?;
        Ok(desk.written(&cell, &source.columns[at].kind).into_owned())
    };
    (0..source.columns.len()).map(text).collect()
}

fn written_cell<'p>(desk: &mut Desk<'p>, source: &Source, table: TableId, row: u64, at: usize) -> Result<Cell<'p>, GenerateError> {
    let plan = desk.table(table);
    let cell = match plan.written[at] {
        Some(column) => desk.cell(table, row, column),
        None => Cell::Null,
    };
    if cell == Cell::Null && source.columns[at].required {
        return Err(GenerateError::Empty { table: plan.name.clone(), row, column: source.columns[at].name.clone() });
    }
    Ok(cell)
}

/// Appends a cell, quoted where it must be, and a comma.
pub(super) fn push_cell(line: &mut Vec<u8>, cell: &str) {
    push_text(line, cell);
    line.push(b',');
}

/// Appends a cell, quoted where it must be.
pub(super) fn push_text(line: &mut Vec<u8>, cell: &str) {
    if cell.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        line.push(b'"');
        line.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(cell.as_bytes());
    }
}

/// Ends a line after its last cell's comma.
pub(super) fn end_line(line: &mut Vec<u8>) {
    line.pop();
    line.push(b'\n');
}
