//! Reads a Parquet file as a text of records (see [`super::grid`]): rows are numbered from 1, the schema is the header.
//!
//! Integers, decimals and days are exact; a float is written as a workbook's number is ([`super::cell`]).

use super::cell::{Cell, number_text};
use super::contract::Contract;
use super::fault::{FileFault, Unread, unread};
use super::format::unpack_limit;
use super::header;
use super::rules::Rule;
use super::sheet::{Book, Writer, guarded};
use crate::{money, period};
use bytes::Bytes;
use num_bigint::BigInt;
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

/// The most cells of a file: rows cost nothing where they are all the same.
const MAX_CELLS: u64 = 4_000_000_000;

/// Opens a Parquet file.
pub fn open(bytes: &[u8], contract: &Contract) -> Book {
    guarded("Parquet 文件结构已损坏", || read(bytes, contract))
}

fn read(bytes: &[u8], contract: &Contract) -> Result<Book, FileFault> {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(bytes)).map_err(|error| unread(why(bytes), error))?;
    let metadata = file.metadata();
    let declared: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size()).fold(0, i64::saturating_add);
    let limit = unpack_limit(bytes.len());
    if declared.unsigned_abs() > limit {
        let note = format!("声明 {declared} 字节，上限 {limit} 字节");
        return Err(FileFault::new(Rule::FileDeclaredSize, note));
    }
    let names = metadata.file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned());
    let header: Vec<(u32, Cell)> = (0..).zip(names.map(Cell::Text)).collect();
    let mut preview = Writer::new(None, MAX_CELLS);
    let _ = preview.row(0, &header);
    let layout = header::find(&preview.finish("parquet")?, contract);
    let below = layout.as_ref().ok().map(|layout| (contract, layout));
    let mut writer = Writer::new(below, MAX_CELLS);
    writer.keeps_blank = true;
    let _ = writer.row(0, &header);
    for (number, row) in (1..).zip(file.get_row_iter(None).map_err(damaged)?) {
        let row = row.map_err(damaged)?;
        let cells: Vec<(u32, Cell)> = (0..).zip(row.get_column_iter().map(|(_, field)| cell_of(field))).collect();
        if writer.row(number, &cells).is_break() {
            break;
        }
        if writer.length() > limit {
            let note = format!("{} 字节展开后超过 {limit} 字节", bytes.len());
            return Err(FileFault::new(Rule::FileBomb, note));
        }
    }
    Ok(Book::of(writer.finish("parquet")?, layout))
}

fn damaged(error: impl ToString) -> FileFault {
    unread(Unread::Damaged, error)
}

/// The file begins and ends with its mark.
fn why(bytes: &[u8]) -> Unread {
    const MARK: &[u8] = b"PAR1";
    match (bytes.starts_with(MARK), bytes.ends_with(MARK)) {
        (false, _) => Unread::Other,
        (true, false) => Unread::Cut,
        (true, true) => Unread::Damaged,
    }
}

fn cell_of(field: &Field) -> Cell {
    match field {
        Field::Null => Cell::Empty,
        Field::Bool(flag) => Cell::Flag(*flag),
        // What has too many digits stays a number, and is refused as one.
        Field::Double(value) => number_text(*value).map_or(Cell::Number(*value), Cell::Text),
        // The shortest decimal that is this float and no other.
        Field::Float(value) => Cell::Text(value.to_string()),
        Field::Str(text) => Cell::Text(text.clone()),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(_) => Cell::NoText,
        },
        Field::Date(day) => Cell::Moment(period::format_date(*day)),
        Field::TimestampMillis(moment) => moment_of(moment.saturating_mul(1000)),
        Field::TimestampMicros(moment) => moment_of(*moment),
        Field::Decimal(value) => Cell::Text(decimal_text(value)),
        other => Cell::Text(other.to_string()),
    }
}

fn moment_of(micros: i64) -> Cell {
    let (millis, rest) = (micros.div_euclid(1000), micros.rem_euclid(1_000_000));
    let text = period::format_datetime(millis - millis.rem_euclid(1000)).replace(' ', "T");
    Cell::Moment(if rest == 0 { text } else { format!("{text}.{rest:06}") })
}

/// A decimal with all its places.
fn decimal_text(value: &Decimal) -> String {
    let (number, places) = (BigInt::from_signed_bytes_be(value.data()), value.scale().unsigned_abs() as usize);
    money::pointed(number.sign() == num_bigint::Sign::Minus, &number.magnitude().to_string(), places)
}
