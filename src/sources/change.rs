//! Tables in which some cells say something else: for questions, never for a run.
//!
//! A cell is read as one of a delivered file would be, so it must pass the checks of its column; a code must be known where its
//! column demands it. Key columns stay as they are: whose rows they are is for the caller to see to.

use super::contract::{Contract, Value};
use super::rules::Rule;
use super::{CheckedTables, Codes, ReadError};
use crate::schema::{SourceId, Sources};
use polars::prelude::*;
use std::sync::Arc;

/// One cell of an accepted row, and what it shall say, as a file would write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub source: SourceId,
    pub row: u32,
    pub column: usize,
    pub cell: String,
}

/// Why a cell cannot say that.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// In the words of a reject.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The tables with these cells changed.
pub fn change(sources: &Sources, tables: &CheckedTables, changes: &[Change]) -> Result<CheckedTables, ChangeError> {
    let mut changed = tables.clone();
    for change in changes {
        one(sources, &mut changed, change)?;
    }
    Ok(changed)
}

fn one(sources: &Sources, tables: &mut CheckedTables, change: &Change) -> Result<(), ChangeError> {
    let source = &sources[change.source];
    let contract = Contract::new(source).map_err(ReadError::Contract)?;
    let check = &contract.columns[change.column];
    let refused = |rule: Rule, note: &str| ChangeError::Refused(rule.reason(Some(check.column), note));
    let value = check.read(&change.cell).map_err(|rule| refused(rule, ""))?;
    let id = match &value {
        Some(Value::Code(code)) if check.store == super::contract::Store::Id => {
            if let Some(target) = check.column.references.filter(|r| r.strict).map(|r| r.source)
                && !is_key(sources, tables, target, code)
            {
                return Err(refused(Rule::KeyUnknown, &sources[target].title));
            }
            Some(find_or_push(&mut tables.codes, code))
        }
        _ => None,
    };
    let Some(table) = &mut tables.tables[change.source] else {
        return Ok(());
    };
    let engine = |e: PolarsError| ChangeError::Read(ReadError::Engine(e.to_string()));
    let old = table.frame.columns()[change.column].as_materialized_series().clone();
    let new = single(&old, value.as_ref(), id).map_err(engine)?;
    let mask = BooleanChunked::from_iter_values("".into(), (0..old.len()).map(|row| row != change.row as usize));
    let column = old.zip_with(&mask, &new).map_err(engine)?;
    table.frame.with_column(column.into_column()).map_err(engine)?;
    Ok(())
}

/// One value as a column of the old one's name and type.
fn single(old: &Series, value: Option<&Value<'_>>, id: Option<u32>) -> PolarsResult<Series> {
    let name = old.name().clone();
    let one = match (value, id) {
        (None, _) => return Ok(Series::full_null(name, 1, old.dtype())),
        (_, Some(id)) => Series::new(name, [id]),
        (Some(Value::Code(code)), None) => Series::new(name, [code.as_ref()]),
        (Some(Value::Text(text)), _) => Series::new(name, [*text]),
        (Some(Value::Index(place)), _) => Series::new(name, [*place]),
        (Some(Value::Day(day)), _) => Series::new(name, [*day]),
        (Some(Value::Number(number)), _) => Series::new(name, [*number]),
        (Some(Value::Flag(flag)), _) => Series::new(name, [*flag]),
    };
    one.cast(old.dtype())
}

fn find_or_push(codes: &mut Arc<Codes>, code: &str) -> u32 {
    let known = (0..codes.len()).find(|id| codes.get(*id) == code);
    known.unwrap_or_else(|| Arc::make_mut(codes).push(code)) as u32
}

/// Whether a source has a row of this key; what was not delivered is not checked, as when a run reads.
fn is_key(sources: &Sources, tables: &CheckedTables, target: SourceId, code: &str) -> bool {
    let (Some(table), Some(&key)) = (&tables.tables[target], sources[target].primary_key.first()) else {
        return true;
    };
    match table.frame.columns()[key].as_materialized_series().u32() {
        Ok(ids) => ids.iter().flatten().any(|id| tables.codes.get(id as usize) == code),
        Err(_) => true,
    }
}
