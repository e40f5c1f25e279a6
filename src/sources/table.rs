//! Joins the parts of a source into one typed table of its accepted current rows.

use super::codes::NO_ID;
use super::contract::{Contract, Store};
use super::fill::{NO_DAY, NO_INDEX, NO_NUMBER, TextColumn, Values};
use super::part::Part;
use polars::prelude::*;
use polars_arrow::array::{BooleanArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::ArrowDataType;
use rayon::prelude::*;

/// Joins the columns of all parts, in their order; `keep` says per row whether it stays.
pub fn join(contract: &Contract, parts: &mut [Part], keep: &[bool]) -> Vec<Values> {
    let all = keep.iter().all(|&keep| keep);
    let keep = if all { None } else { Some(keep) };
    let mut columns: Vec<Vec<Values>> = contract.columns.iter().map(|_| Vec::with_capacity(parts.len())).collect();
    for part in parts {
        for (column, values) in columns.iter_mut().zip(std::mem::take(&mut part.columns)) {
            column.push(values);
        }
    }
    let stores: Vec<Store> = contract.columns.iter().map(|check| check.store).collect();
    stores.into_par_iter().zip(columns).map(|(store, pieces)| join_column(store, pieces, keep)).collect()
}

/// Joins what is kept per row beside the columns.
pub fn join_slices<T: Copy>(pieces: &[Vec<T>], keep: &[bool]) -> Vec<T> {
    let values = pieces.iter().flatten().zip(keep);
    values.filter(|(_, keep)| **keep).map(|(value, _)| *value).collect()
}

fn join_column(store: Store, pieces: Vec<Values>, keep: Option<&[bool]>) -> Values {
    macro_rules! pieces_of {
        ($kind:ident) => {
            pieces.into_iter().filter_map(|piece| if let Values::$kind(values) = piece { Some(values) } else { None })
        };
    }
    match store {
        Store::Id => Values::Id(concat(pieces_of!(Id), keep)),
        Store::Index => Values::Index(concat(pieces_of!(Index), keep)),
        Store::Day => Values::Day(concat(pieces_of!(Day), keep)),
        Store::Moment | Store::Number => Values::Number(concat(pieces_of!(Number), keep)),
        Store::Flag => Values::Flag(concat(pieces_of!(Flag), keep)),
        Store::Text => {
            let (mut views, mut heaps) = (Vec::new(), Vec::new());
            for (at, mut texts) in pieces_of!(Text).enumerate() {
                for view in texts.views.iter_mut().filter(|view| !view.is_inline()) {
                    view.buffer_idx = at as u32;
                }
                views.push(texts.views);
                heaps.append(&mut texts.heaps);
            }
            Values::Text(TextColumn { views: concat(views.into_iter(), keep), heaps })
        }
    }
}

fn concat<T: Copy>(pieces: impl Iterator<Item = Vec<T>>, keep: Option<&[bool]>) -> Vec<T> {
    let mut pieces: Vec<Vec<T>> = pieces.collect();
    let Some(keep) = keep else {
        if pieces.len() == 1 {
            return pieces.swap_remove(0);
        }
        return pieces.concat();
    };
    let mut all = Vec::with_capacity(keep.iter().filter(|&&keep| keep).count());
    let mut first = 0;
    for piece in pieces {
        let kept = piece.iter().zip(&keep[first..]).filter(|(_, keep)| **keep);
        all.extend(kept.map(|(value, _)| *value));
        first += piece.len();
    }
    all
}

/// The typed frame, one column per declared column. Nothing is copied but bits.
pub fn frame(contract: &Contract, columns: Vec<Values>) -> PolarsResult<DataFrame> {
    let height = columns.first().map_or(0, Values::len);
    let series: Vec<Column> = contract
        .columns
        .iter()
        .zip(columns)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(check, values)| series(check.column.name.as_str().into(), check.store, values).map(Series::into_column))
        .collect::<PolarsResult<_>>()?;
    DataFrame::new(height, series)
}

fn series(name: PlSmallStr, store: Store, values: Values) -> PolarsResult<Series> {
    Ok(match values {
        Values::Id(ids) => {
            let valid = validity(&ids, NO_ID);
            UInt32Chunked::from_vec_validity(name, ids, valid).into_series()
        }
        Values::Index(places) => {
            let valid = validity(&places, NO_INDEX);
            UInt8Chunked::from_vec_validity(name, places, valid).into_series()
        }
        Values::Day(days) => {
            let valid = validity(&days, NO_DAY);
            Int32Chunked::from_vec_validity(name, days, valid).into_date().into_series()
        }
        Values::Number(numbers) => {
            let valid = validity(&numbers, NO_NUMBER);
            let numbers = Int64Chunked::from_vec_validity(name, numbers, valid);
            match store {
                Store::Moment => numbers.into_datetime(TimeUnit::Milliseconds, None).into_series(),
                _ => numbers.into_series(),
            }
        }
        Values::Flag(flags) => {
            let valid = validity(&flags, NO_INDEX);
            let bits = Bitmap::from_iter(flags.iter().map(|&flag| flag == 1));
            let array = BooleanArray::new(ArrowDataType::Boolean, bits, valid);
            BooleanChunked::with_chunk(name, array).into_series()
        }
        Values::Text(texts) => {
            let valid = texts.views.iter().any(|view| view.length == 0);
            let valid = valid.then(|| Bitmap::from_iter(texts.views.iter().map(|view| view.length != 0)));
            let heaps: Vec<_> = texts.heaps.into_iter().map(Into::into).collect();
            let array = Utf8ViewArray::try_new(ArrowDataType::Utf8View, texts.views.into(), heaps.into(), valid)?;
            StringChunked::with_chunk(name, array).into_series()
        }
    })
}

fn validity<T: Copy + PartialEq>(values: &[T], none: T) -> Option<Bitmap> {
    if !values.contains(&none) {
        return None;
    }
    Some(Bitmap::from_iter(values.iter().map(|&value| value != none)))
}
