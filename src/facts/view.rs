//! Values of one expression over some rows, read where they are stored.

use super::ints::Ints;
use crate::sources::Codes;
use crate::sql::EvalError;
use crate::value::Cell;
use polars::prelude::*;
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};

/// One expression's values, by position among the rows; nothing is copied but the column's handle.
pub struct View<'w> {
    stored: Stored<'w>,
    len: usize,
}

enum Stored<'w> {
    Codes(&'w Codes, UInt32Chunked),
    Texts(Utf8ViewArray),
    /// Places among the values of an enum.
    Words(PrimitiveArray<u8>),
    Ints(Ints),
}

impl<'w> View<'w> {
    pub(super) fn of_codes(codes: &'w Codes, ids: &Column) -> PolarsResult<Self> {
        let ids = ids.as_materialized_series().u32()?.rechunk().into_owned();
        Ok(View { len: ids.len(), stored: Stored::Codes(codes, ids) })
    }

    /// A column's values; of codes only the ids.
    pub fn of(column: &Column) -> Result<Self, EvalError> {
        let (series, len) = (column.as_materialized_series(), column.len());
        let stored = match series.dtype() {
            DataType::String => Stored::Texts(series.str()?.rechunk().downcast_as_array().clone()),
            DataType::UInt8 => Stored::Words(series.u8()?.rechunk().downcast_as_array().clone()),
            _ => Stored::Ints(Ints::of(column)?),
        };
        Ok(View { stored, len })
    }

    pub(super) fn of_ints(ints: Ints, len: usize) -> Self {
        View { stored: Stored::Ints(ints), len }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of the row at this position.
    pub fn at(&self, row: usize) -> Cell<&str> {
        match &self.stored {
            Stored::Codes(codes, ids) => ids.get(row).map_or(Cell::Null, |id| Cell::Text(codes.get(id as usize))),
            Stored::Texts(texts) => texts.get(row).map_or(Cell::Null, Cell::Text),
            Stored::Words(places) => places.get(row).map_or(Cell::Null, |place| Cell::Number(place.into())),
            Stored::Ints(ints) => ints.at(row).map_or(Cell::Null, Cell::Number),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = Cell<&str>> {
        (0..self.len).map(|row| self.at(row))
    }
}
