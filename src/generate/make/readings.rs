//! What formulas read of some rows, and their values there: computed by the engine, as everything in a run is.

use super::data::Data;
use super::report::{GenerateError, Made};
use crate::facts::{Rows, View, ints_column};
use crate::generate::plan::model::{Formula, Read, TableId};
use crate::sql::ir::Expr;
use crate::sql::{EvalError, lower};
use crate::value::Cell;
use polars::prelude::*;
use polars_arrow::bitmap::Bitmap;
use std::collections::HashMap;

/// The columns that some formulas read, over rows of one table.
pub struct Readings<'a> {
    pub data: &'a Data<'a>,
    pub table: TableId,
    /// The rows' numbers.
    pub rows: &'a [u64],
    pub columns: HashMap<Read, Column>,
}

/// Where a condition is true.
pub struct Truth(Bitmap);

impl Truth {
    /// What is unknown is not true.
    fn of(truths: &BooleanChunked) -> Truth {
        let truths = truths.downcast_as_array();
        Truth(truths.validity().map_or_else(|| truths.values().clone(), |known| truths.values() & known))
    }

    /// At this place among those asked about.
    pub fn at(&self, place: usize) -> bool {
        self.0.get_bit(place)
    }
}

/// A column's numbers, days and the like, where they are not too large.
pub fn numbers(column: &Column) -> Made<Vec<Option<i64>>> {
    let number = |cell| if let Cell::Number(value) = cell { i64::try_from(value).ok() } else { None };
    Ok(View::of(column)?.iter().map(number).collect())
}

/// What some formulas read, each column once.
pub fn gather(formulas: &[&Formula], mut read: impl FnMut(Read) -> Made<Column>) -> Made<HashMap<Read, Column>> {
    let mut columns = HashMap::new();
    for (_, wanted) in formulas.iter().flat_map(|formula| &formula.reads) {
        if !columns.contains_key(wanted) {
            columns.insert(*wanted, read(*wanted)?);
        }
    }
    Ok(columns)
}

impl Readings<'_> {
    /// A formula's values at some positions, which ascend.
    pub fn values(&self, formula: &Formula, at: &[IdxSize]) -> Made<Column> {
        let dtype = lower::dtype(&formula.expr.ty);
        if at.is_empty() {
            return Ok(Column::new_empty(PlSmallStr::EMPTY, &dtype));
        }
        if let ([(part, read)], None) = (&formula.reads[..], formula.places)
            && *part == formula.expr
        {
            return Ok(self.read(read, at)?);
        }
        let mut rows = self.frame(&[formula], at)?;
        let values = match formula.places {
            Some(places) => rows.figures(&formula.expr, places).and_then(|values| {
                ints_column(values, &formula.expr.ty).map_err(|row| EvalError::TooLarge { source_name: String::new(), row })
            }),
            // Where all is constants, the engine's type is narrower than a cell's.
            None => rows.column(&formula.expr).and_then(|values| Ok(values.strict_cast(&dtype)?)),
        };
        values.map_err(|error| self.named(error, at))
    }

    /// The positions of all rows.
    pub fn all(&self) -> Vec<IdxSize> {
        (0..self.rows.len() as IdxSize).collect()
    }

    /// The truth of a condition at all positions.
    pub fn truth(&self, condition: &Formula) -> Made<Truth> {
        Ok(self.truths(&[condition], &self.all())?.remove(0))
    }

    /// The truth of several conditions at some positions.
    pub fn truths(&self, conditions: &[&Formula], at: &[IdxSize]) -> Made<Vec<Truth>> {
        if at.is_empty() || conditions.is_empty() {
            return Ok(conditions.iter().map(|_| Truth(Bitmap::new())).collect());
        }
        let list: Vec<&Expr> = conditions.iter().map(|condition| &condition.expr).collect();
        let truths = self.frame(conditions, at)?.conditions(&list).map_err(|error| self.named(error, at))?;
        Ok(truths.iter().map(Truth::of).collect())
    }

    /// The rows as the engine takes them: what the formulas read of them stands in columns.
    fn frame(&self, formulas: &[&Formula], at: &[IdxSize]) -> Made<Rows<'_>> {
        let (mut columns, mut names) = (Vec::new(), HashMap::new());
        for (part, read) in formulas.iter().flat_map(|formula| &formula.reads) {
            if names.contains_key(part) {
                continue;
            }
            let name: PlSmallStr = columns.len().to_string().into();
            columns.push(self.read(read, at)?.with_name(name.clone()));
            names.insert(part.clone(), name);
        }
        Ok(Rows::made(self.data.world, DataFrame::new(at.len(), columns)?, names))
    }

    fn read(&self, read: &Read, at: &[IdxSize]) -> PolarsResult<Column> {
        let column = &self.columns[read];
        if at.len() == self.rows.len() { Ok(column.clone()) } else { column.take_slice(at) }
    }

    fn named(&self, error: EvalError, at: &[IdxSize]) -> GenerateError {
        GenerateError::Engine(match error {
            EvalError::TooLarge { row, .. } => {
                let source_name = self.data.plan.tables[self.table].name.clone();
                EvalError::TooLarge { source_name, row: self.rows[at[row] as usize] as usize }
            }
            error => error,
        })
    }
}
