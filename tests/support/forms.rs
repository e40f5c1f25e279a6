//! A table in every form that a delivery may take.
#![allow(dead_code)]

use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rust_xlsxwriter::{Format, Workbook};
use std::io::Write;
use std::sync::Arc;

/// How a column's cells are stored where a form has types: in a workbook those that fit, the rest as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text,
    Double,
    /// A decimal of this scale.
    Decimal(u32),
    Whole,
    Day,
    /// `是`; anything else is no.
    Flag,
}

/// Columns and rows of cells as a CSV file has them.
#[derive(Debug, Clone)]
pub struct Table {
    pub columns: Vec<(String, Shape)>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Some of the rows.
    pub fn part(&self, rows: std::ops::Range<usize>) -> Table {
        Table { columns: self.columns.clone(), rows: self.rows[rows].to_vec() }
    }

    /// The columns as declared.
    pub fn order(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }

    pub fn csv(&self, order: &[usize], delimiter: char, line_end: &str) -> String {
        let header: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let quoted = |cell: &String| {
            let plain = !cell.contains([delimiter, '"', '\n', '\r']);
            if plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
        };
        let line = |row: &Vec<String>| order.iter().map(|&at| quoted(&row[at])).collect::<Vec<_>>().join(&delimiter.to_string()) + line_end;
        std::iter::once(&header).chain(&self.rows).map(line).collect()
    }

    /// A workbook with a title above its header; typed: days as serials, numbers as numbers, flags as flags.
    pub fn xlsx(&self, typed: bool) -> Vec<u8> {
        let (mut book, day) = (Workbook::new(), Format::new().set_num_format("yyyy/m/d"));
        let sheet = book.add_worksheet();
        sheet.merge_range(0, 0, 0, 7, "报送表", &Format::new()).expect("a title");
        for (place, (name, _)) in (0..).zip(&self.columns) {
            sheet.write(2, place, name.as_str()).expect("a cell");
        }
        for (at, row) in (3..).zip(&self.rows) {
            for (place, (cell, (_, shape))) in (0..).zip(row.iter().zip(&self.columns)) {
                let date = huiqi::period::parse_date(cell).ok().filter(|_| *shape == Shape::Day);
                let number = cell.parse::<f64>().ok().filter(|_| matches!(shape, Shape::Double | Shape::Decimal(_) | Shape::Whole));
                let written = match (typed, date, number) {
                    (true, Some(date), _) => sheet.write_with_format(at, place, date + 25_569, &day),
                    (true, _, Some(number)) => sheet.write(at, place, number),
                    (true, ..) if *shape == Shape::Flag && cell == "是" => sheet.write(at, place, true),
                    _ => sheet.write(at, place, cell.as_str()),
                };
                written.expect("a cell");
            }
        }
        book.save_to_buffer().expect("a workbook")
    }

    /// A Parquet file, every column of its shape; an empty cell is null.
    pub fn parquet(&self) -> Vec<u8> {
        let field = |(name, shape): &(String, Shape)| match shape {
            Shape::Text => format!("optional binary {name} (UTF8); "),
            Shape::Double => format!("optional double {name}; "),
            Shape::Decimal(scale) => format!("optional binary {name} (DECIMAL(18,{scale})); "),
            Shape::Whole => format!("optional int64 {name}; "),
            Shape::Day => format!("optional int32 {name} (DATE); "),
            Shape::Flag => format!("optional boolean {name}; "),
        };
        let schema = format!("message rows {{ {}}}", self.columns.iter().map(field).collect::<String>());
        let schema = Arc::new(parse_message_type(&schema).expect("a schema"));
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).expect("a writer");
        for rows in self.rows.chunks(self.rows.len().div_ceil(3).max(1)) {
            let mut group = writer.next_row_group().expect("a group");
            let mut at = 0;
            while let Some(mut column) = group.next_column().expect("a column") {
                let cells: Vec<&str> = rows.iter().map(|row| row[at].as_str()).collect();
                write_column(column.untyped(), self.columns[at].1, &cells);
                column.close().expect("a column");
                at += 1;
            }
            group.close().expect("a group");
        }
        writer.into_inner().expect("a file")
    }
}

fn write_column(column: &mut ColumnWriter, shape: Shape, cells: &[&str]) {
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
    let filled: Vec<&str> = cells.iter().copied().filter(|cell| !cell.is_empty()).collect();
    let written = match column {
        ColumnWriter::DoubleColumnWriter(column) => column.write_batch(&parsed::<f64>(&filled), Some(&levels), None),
        ColumnWriter::Int64ColumnWriter(column) => column.write_batch(&parsed::<i64>(&filled), Some(&levels), None),
        ColumnWriter::Int32ColumnWriter(column) => {
            let days: Vec<i32> = filled.iter().map(|cell| huiqi::period::parse_date(cell).expect("a day")).collect();
            column.write_batch(&days, Some(&levels), None)
        }
        ColumnWriter::BoolColumnWriter(column) => {
            let flags: Vec<bool> = filled.iter().map(|cell| *cell == "是").collect();
            column.write_batch(&flags, Some(&levels), None)
        }
        ColumnWriter::ByteArrayColumnWriter(column) => {
            let value = |cell: &&str| match shape {
                Shape::Decimal(scale) => unscaled(cell, scale).to_be_bytes().to_vec(),
                _ => cell.as_bytes().to_vec(),
            };
            let values: Vec<ByteArray> = filled.iter().map(|cell| ByteArray::from(value(cell))).collect();
            column.write_batch(&values, Some(&levels), None)
        }
        _ => panic!("no such column"),
    };
    written.expect("values");
}

fn parsed<T: std::str::FromStr>(cells: &[&str]) -> Vec<T> {
    cells.iter().map(|cell| cell.parse().ok().expect("a number")).collect()
}

/// `0.0435` at scale 8 is 4350000.
fn unscaled(cell: &str, scale: u32) -> i64 {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    format!("{whole}{fraction:0<width$}", width = scale as usize).parse().expect("a decimal")
}

pub fn gb18030(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = encoding_rs::GB18030.encode(text);
    assert!(!lost, "GB18030 has every character");
    bytes.into_owned()
}

/// UTF-16 with its mark, units written by `u16::to_le_bytes` or `u16::to_be_bytes`.
pub fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(unit).collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(bytes).expect("gzip");
    gzip.finish().expect("gzip")
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).expect("zstd")
}

/// A fixed permutation (a small linear congruential generator; no clock, no seed from outside).
pub fn shuffle<T>(rows: &mut [T]) {
    let mut state: u64 = 2022;
    for at in (1..rows.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(at, (state >> 33) as usize % (at + 1));
    }
}
