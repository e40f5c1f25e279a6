//! Columns as the integers that exact programs compute with, and back.

use crate::sql::EvalError;
use crate::sql::exact::{Bits, Cells, Figures, Inputs, Values};
use crate::sql::ir::Expr;
use crate::sql::lower;
use crate::value::Type;
use polars::prelude::*;
use polars_arrow::array::{Array, BooleanArray, PrimitiveArray};
use polars_arrow::bitmap::Bitmap;
use std::collections::HashMap;
use std::ops::Range;

type Evaluated<T> = Result<T, EvalError>;

/// A column's cells as integers.
pub(super) enum Ints {
    /// One value for all rows.
    Same(Option<i128>),
    Small(PrimitiveArray<i64>),
    Days(PrimitiveArray<i32>),
    Large(PrimitiveArray<i128>),
    Flags(BooleanArray),
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
            DataType::Int32 => Ints::Days(series.i32()?.downcast_as_array().clone()),
            DataType::Boolean => Ints::Flags(series.bool()?.downcast_as_array().clone()),
            DataType::Null => return Ok(Ints::Same(None)),
            _ => Ints::Small(series.cast(&DataType::Int64)?.i64()?.downcast_as_array().clone()),
        };
        if series.len() == 1 {
            return Ok(Ints::Same(ints.at(0)));
        }
        Ok(ints)
    }

    #[inline]
    pub(super) fn at(&self, row: usize) -> Option<i128> {
        match self {
            Ints::Same(v) => *v,
            Ints::Small(array) => array.get(row).map(i128::from),
            Ints::Days(array) => array.get(row).map(i128::from),
            Ints::Large(array) => array.get(row),
            Ints::Flags(array) => array.get(row).map(i128::from),
        }
    }

    fn cells(&self, rows: &Range<usize>) -> Cells<'_> {
        match self {
            Ints::Same(value) => Cells::Same(*value),
            Ints::Small(array) => Cells::Small { values: &array.values()[rows.clone()], known: validity(array.validity(), rows) },
            Ints::Days(array) => Cells::Days { values: &array.values()[rows.clone()], known: validity(array.validity(), rows) },
            Ints::Large(array) => Cells::Large { values: &array.values()[rows.clone()], known: validity(array.validity(), rows) },
            Ints::Flags(array) => Cells::Flags { values: bits_of(array.values(), rows), known: validity(array.validity(), rows) },
        }
    }
}

/// The days of the one input that differs from row to row, where there are fewer of them than rows.
pub(super) struct Days<'a> {
    pub(super) input: usize,
    pub(super) first: i32,
    pub(super) count: usize,
    days: &'a PrimitiveArray<i32>,
}

impl<'a> Days<'a> {
    pub(super) fn of(inputs: &'a [Ints], rows: usize) -> Option<Days<'a>> {
        let mut differing = inputs.iter().enumerate().filter(|(_, input)| !matches!(input, Ints::Same(_)));
        let (Some((input, Ints::Days(days))), None) = (differing.next(), differing.next()) else {
            return None;
        };
        let known = || days.iter().flatten();
        let (first, last) = (*known().min()?, *known().max()?);
        let count = usize::try_from(i64::from(last) - i64::from(first) + 1).ok().filter(|count| *count < rows)?;
        Some(Days { input, first, count, days })
    }

    /// What was computed for each day, for every row.
    pub(super) fn spread(&self, by_day: &Figures) -> Figures {
        let place = |day: i32| (day - self.first) as usize;
        match by_day {
            Figures { values: Values::Small(small), known: None } if self.days.null_count() == 0 => {
                Figures { values: Values::Small(self.days.values().iter().map(|day| small[place(*day)]).collect()), known: None }
            }
            _ => {
                let by_day: Vec<Option<i128>> = by_day.iter().collect();
                self.days.iter().map(|day| day.and_then(|day| by_day[place(*day)])).collect()
            }
        }
    }
}

impl From<Figures> for Ints {
    fn from(figures: Figures) -> Ints {
        match figures.values {
            Values::Small(values) => Ints::Small(PrimitiveArray::from_vec(values).with_validity(figures.known)),
            Values::Large(values) => Ints::Large(PrimitiveArray::from_vec(values).with_validity(figures.known)),
        }
    }
}

fn bits_of<'a>(bitmap: &'a Bitmap, rows: &Range<usize>) -> Bits<'a> {
    let (bytes, from, _) = bitmap.as_slice();
    Bits { bytes, from: from + rows.start, len: rows.len() }
}

fn validity<'a>(known: Option<&'a Bitmap>, rows: &Range<usize>) -> Option<Bits<'a>> {
    known.map(|known| bits_of(known, rows))
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

impl Inputs for Vec<Ints> {
    fn cells(&self, index: usize, rows: &Range<usize>) -> Cells<'_> {
        self[index].cells(rows)
    }
}

/// A column of a type from its stored integers; `Err` names a row whose value does not fit.
pub fn ints_column(figures: Figures, ty: &Type) -> Result<Column, usize> {
    let column = match figures.values {
        // Days are stored in 32 bits.
        Values::Small(values) if *ty == Type::Date && values.iter().all(|day| i32::try_from(*day).is_ok()) => {
            let days = values.into_iter().map(|day| day as i32).collect();
            return Ok(Int32Chunked::from_vec_validity(PlSmallStr::EMPTY, days, figures.known).into_date().into_column());
        }
        Values::Small(values) => Int64Chunked::from_vec_validity(PlSmallStr::EMPTY, values, figures.known).into_column(),
        Values::Large(values) if matches!(ty, Type::Number(_)) => {
            return Ok(Int128Chunked::from_vec_validity(PlSmallStr::EMPTY, values, figures.known).into_column());
        }
        Values::Large(_) => return Err(figures.iter().position(|value| value.is_some_and(|v| i64::try_from(v).is_err())).unwrap_or(0)),
    };
    match ty {
        Type::Number(_) => Ok(column),
        // A day beyond them does not exist.
        Type::Date => column.cast(&DataType::Int32).and_then(|c| c.cast(&DataType::Date)).map_err(|_| 0),
        _ => column.cast(&lower::dtype(ty)).map_err(|_| 0),
    }
}
