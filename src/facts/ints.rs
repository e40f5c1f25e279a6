//! Columns as the integers that exact programs compute with, and back.

use crate::sql::EvalError;
use crate::sql::exact::Inputs;
use crate::sql::ir::{Expr, Type};
use crate::sql::lower;
use polars::prelude::*;
use std::collections::HashMap;

type Evaluated<T> = Result<T, EvalError>;

/// A column's cells as integers.
pub(super) enum Ints {
    /// One value for all rows.
    Same(Option<i128>),
    Small(Int64Chunked),
    Large(Int128Chunked),
}

impl Ints {
    pub(super) fn of(column: &Column) -> Evaluated<Ints> {
        let series = match column.as_scalar_column() {
            Some(same) => same.as_single_value_series(),
            None => column.as_materialized_series().clone(),
        };
        let series = series.to_physical_repr().rechunk();
        let ints = match series.dtype() {
            DataType::Int128 => Ints::Large(series.i128()?.clone()),
            DataType::Null => return Ok(Ints::Same(None)),
            _ => Ints::Small(series.cast(&DataType::Int64)?.i64()?.clone()),
        };
        if series.len() == 1 {
            return Ok(Ints::Same(ints.at(0)));
        }
        Ok(ints)
    }

    pub(super) fn at(&self, row: usize) -> Option<i128> {
        match self {
            Ints::Same(v) => *v,
            Ints::Small(ca) => ca.get(row).map(i128::from),
            Ints::Large(ca) => ca.get(row),
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
pub(super) fn ints_column(values: Vec<Option<i128>>, ty: &Type) -> Result<Column, usize> {
    if matches!(ty, Type::Number(_)) && values.iter().any(|v| v.is_some_and(|v| i64::try_from(v).is_err())) {
        return Ok(Int128Chunked::from_iter(values).into_column());
    }
    let mut small: Vec<Option<i64>> = Vec::with_capacity(values.len());
    for (row, value) in values.into_iter().enumerate() {
        small.push(value.map(i64::try_from).transpose().map_err(|_| row)?);
    }
    let column = Int64Chunked::from_iter(small).into_column();
    match ty {
        Type::Number(_) => Ok(column),
        // Days are stored in 32 bits; one beyond them does not exist.
        Type::Date => column.cast(&DataType::Int32).and_then(|c| c.cast(&DataType::Date)).map_err(|_| 0),
        _ => column.cast(&lower::dtype(ty)).map_err(|_| 0),
    }
}
