//! Columns as the integers that exact programs compute with, and back.

use crate::sql::EvalError;
use crate::sql::exact::Inputs;
use crate::sql::ir::Expr;
use crate::sql::lower;
use crate::value::Type;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::bitmap::Bitmap;
use std::collections::HashMap;

type Evaluated<T> = Result<T, EvalError>;

/// A column's cells as integers.
pub(super) enum Ints {
    /// One value for all rows.
    Same(Option<i128>),
    Small(PrimitiveArray<i64>),
    Large(PrimitiveArray<i128>),
}

impl Ints {
    pub(super) fn of(column: &Column) -> Evaluated<Ints> {
        let series = match column.as_scalar_column() {
            Some(same) => same.as_single_value_series(),
            None => column.as_materialized_series().clone(),
        };
        let series = series.to_physical_repr().rechunk();
        let ints = match series.dtype() {
            DataType::Int128 => Ints::Large(series.i128()?.downcast_as_array().clone()),
            DataType::Null => return Ok(Ints::Same(None)),
            _ => Ints::Small(series.cast(&DataType::Int64)?.i64()?.downcast_as_array().clone()),
        };
        if series.len() == 1 {
            return Ok(Ints::Same(ints.at(0)));
        }
        Ok(ints)
    }

    pub(super) fn at(&self, row: usize) -> Option<i128> {
        match self {
            Ints::Same(v) => *v,
            Ints::Small(array) => array.get(row).map(i128::from),
            Ints::Large(array) => array.get(row),
        }
    }
}

/// The distinct inputs of some programs.
pub(super) struct Parts<'a> {
    pub(super) computed: &'a HashMap<Expr, PlSmallStr>,
    pub(super) list: Vec<Expr>,
}

impl lower::ProgramInputs for Parts<'_> {
    fn is_known(&self, e: &Expr) -> bool {
        self.computed.contains_key(e)
    }

    fn input(&mut self, e: &Expr) -> usize {
        self.list.iter().position(|p| p == e).unwrap_or_else(|| {
            self.list.push(e.clone());
            self.list.len() - 1
        })
    }
}

pub(super) struct At<'a> {
    pub(super) inputs: &'a [Ints],
    pub(super) row: usize,
}

impl Inputs for At<'_> {
    fn get(&self, index: usize) -> Option<i128> {
        self.inputs[index].at(self.row)
    }
}

/// A column of a type from its stored integers; `Err` names a row whose value does not fit.
pub fn ints_column(values: Vec<Option<i128>>, ty: &Type) -> Result<Column, usize> {
    let (mut small, mut full) = (Vec::with_capacity(values.len()), true);
    for (row, value) in values.iter().enumerate() {
        full &= value.is_some();
        match i64::try_from(value.unwrap_or_default()) {
            Ok(value) => small.push(value),
            Err(_) if matches!(ty, Type::Number(_)) => return Ok(Int128Chunked::from_iter(values).into_column()),
            Err(_) => return Err(row),
        }
    }
    let known = (!full).then(|| values.iter().map(Option::is_some).collect::<Bitmap>());
    let column = Int64Chunked::from_vec_validity(PlSmallStr::EMPTY, small, known).into_column();
    match ty {
        Type::Number(_) => Ok(column),
        // Days are stored in 32 bits; one beyond them does not exist.
        Type::Date => column.cast(&DataType::Int32).and_then(|c| c.cast(&DataType::Date)).map_err(|_| 0),
        _ => column.cast(&lower::dtype(ty)).map_err(|_| 0),
    }
}
