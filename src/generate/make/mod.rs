//! A plan, a size and a seed → files: rows are worked out from their numbers alone, so that blocks of them are made in
//! parallel and a row can copy from any other.

mod block;
mod codes;
mod data;
mod dirt;
mod draw;
mod drawing;
mod line;
mod readings;
pub mod report;
mod stretch;
mod write;

use super::plan::model::{Plan, Share};
use crate::facts::World;
use crate::policy::model::Pipeline;
use crate::schema::{BySource, SourceId};
use crate::sources::CheckedTables;
use data::Data;
use dirt::{Damaged, Spoiler};
use report::{GenerateError, Report, Written};
use std::path::Path;
use stretch::Sheet;
use typed_index_collections::ti_vec;

/// Writes every planned source for so many enterprises into the folder `out`, which is made where it is missing.
///
/// `dirty` is the share of rows to damage, in units of 1e-8; the damaged lines are then listed beside the folder, in
/// `<out>.dirty.csv`. Files of the same names are replaced, others in the folder are left alone.
pub fn generate(
    pipeline: &Pipeline,
    plan: &Plan,
    enterprises: u64,
    seed: u64,
    out: &Path,
    dirty: Option<u64>,
) -> Result<Report, GenerateError> {
    // Formulas read no table of a delivery: what they speak of is made here.
    let tables = CheckedTables { tables: ti_vec![None; pipeline.sources.len()], ..CheckedTables::default() };
    let world = World::new(pipeline, &tables, plan.settings.as_of);
    let data = Data::new(plan, &world, enterprises, seed)?;
    std::fs::create_dir_all(out).map_err(|error| GenerateError::Io { path: out.to_owned(), error })?;
    let share = Share(dirty.unwrap_or(0).min(Share::WHOLE.0));
    let sheet = |id: SourceId| Sheet { source: &pipeline.sources[id], spoiler: Spoiler::new(pipeline, plan, id, share, seed) };
    let sheets: BySource<Option<Sheet<'_>>> = plan.tables.iter().map(|table| table.source.map(sheet)).collect();
    let (files, damaged): (Vec<Written>, Vec<Vec<Damaged>>) = write::write(&data, &sheets, out)?.into_iter().unzip();
    let dirty = match dirty {
        Some(_) => Some(dirt::write_list(out, &damaged.concat())?),
        None => None,
    };
    Ok(Report { files, dirty })
}
