//! The same delivery in every form that it may take gives the same tables, and the same rows are refused by the same rules.

mod support;

use huiqi::sources::CheckedTables;
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rust_xlsxwriter::{Format, Workbook};
use std::io::Write;
use std::sync::Arc;
use support::{CODES, read_files, rows};

const HEADER: [&str; 8] = ["编号", "统一社会信用代码", "客户类型", "日期", "金额", "利率", "是否", "备注"];

/// Names and bytes.
type Files = Vec<(&'static str, Vec<u8>)>;

/// Rows of every kind: legal in several spellings, refused by several rules, repeated.
fn table() -> Vec<Vec<String>> {
    let mut table = Vec::new();
    for n in 0..300 {
        let code = if n % 41 == 7 { "911409211119208460" } else { CODES[n % 3] };
        let kind = ["小型企业", "CS04", "", "大企业"][if n % 53 == 5 { 3 } else { n % 3 }];
        let day = if n % 47 == 11 { "2022-02-30".to_owned() } else { format!("2022-{:02}-{:02}", n % 12 + 1, n % 28 + 1) };
        let money = match n % 5 {
            0 => format!("{}", n * 1000),
            1 => format!("{n}.5"),
            2 => format!("-{n}.25"),
            3 if n % 2 == 1 => format!("{n}.125"),
            _ => String::new(),
        };
        let note = ["忻州㐂", "一,二", "说\"三\"", "两\n行", ""][n % 5];
        let number = if n % 59 == 13 { n - 1 } else { n };
        let (number, flag) = (format!("K{number:03}"), if n % 2 == 0 { "是" } else { "N" });
        let cells = [&number, code, kind, &day, &money, "0.0435", flag, note];
        table.push(cells.map(str::to_owned).to_vec());
    }
    table
}

fn csv(order: &[usize], delimiter: char, line_end: &str, rows: &[Vec<String>]) -> String {
    let header: Vec<String> = HEADER.map(str::to_owned).to_vec();
    let quoted = |cell: &String| {
        let plain = !cell.contains([delimiter, '"', '\n', '\r']);
        if plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    let line = |row: &Vec<String>| order.iter().map(|&at| quoted(&row[at])).collect::<Vec<_>>().join(&delimiter.to_string()) + line_end;
    std::iter::once(&header).chain(rows).map(line).collect()
}

/// A workbook; typed: days as serials, numbers as numbers, `是` as a flag.
fn xlsx(typed: bool, table: &[Vec<String>]) -> Vec<u8> {
    let (mut book, day) = (Workbook::new(), Format::new().set_num_format("yyyy/m/d"));
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 7, "报送表", &Format::new()).expect("a title");
    for (place, name) in (0..).zip(HEADER) {
        sheet.write(2, place, name).expect("a cell");
    }
    for (at, row) in (3..).zip(table) {
        for (place, cell) in (0..).zip(row) {
            let date = huiqi::period::parse_date(cell).ok().filter(|_| place == 3);
            let number = cell.parse::<f64>().ok().filter(|_| matches!(place, 4 | 5));
            let written = match (typed, date, number) {
                (true, Some(date), _) => sheet.write_with_format(at, place, date + 25_569, &day),
                (true, _, Some(number)) => sheet.write(at, place, number),
                (true, ..) if cell == "是" => sheet.write(at, place, true),
                _ => sheet.write(at, place, cell.as_str()),
            };
            written.expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

/// A Parquet file; money a double, rates a decimal, flags as flags, the rest text.
fn parquet(table: &[Vec<String>]) -> Vec<u8> {
    let schema = "message rows { optional binary 编号 (UTF8); optional binary 统一社会信用代码 (UTF8); optional binary 客户类型 (UTF8); \
                  optional binary 日期 (UTF8); optional double 金额; optional binary 利率 (DECIMAL(18,8)); optional boolean 是否; \
                  optional binary 备注 (UTF8); }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).expect("a writer");
    for rows in table.chunks(100) {
        let mut group = writer.next_row_group().expect("a group");
        let mut at = 0;
        while let Some(mut column) = group.next_column().expect("a column") {
            let cells: Vec<&str> = rows.iter().map(|row| row[at].as_str()).collect();
            let levels: Vec<i16> = cells.iter().map(|cell| i16::from(!cell.is_empty())).collect();
            let filled = cells.into_iter().filter(|cell| !cell.is_empty());
            let written = match column.untyped() {
                ColumnWriter::DoubleColumnWriter(column) => {
                    let values: Vec<f64> = filled.map(|cell| cell.parse().expect("a number")).collect();
                    column.write_batch(&values, Some(&levels), None)
                }
                ColumnWriter::BoolColumnWriter(column) => {
                    let values: Vec<bool> = filled.map(|cell| cell == "是").collect();
                    column.write_batch(&values, Some(&levels), None)
                }
                ColumnWriter::ByteArrayColumnWriter(column) => {
                    // 0.0435 at scale 8.
                    let value = |cell: &str| if at == 5 { 4_350_000i32.to_be_bytes().to_vec() } else { cell.as_bytes().to_vec() };
                    let values: Vec<ByteArray> = filled.map(|cell| ByteArray::from(value(cell))).collect();
                    column.write_batch(&values, Some(&levels), None)
                }
                _ => panic!("no such column"),
            };
            written.expect("values");
            column.close().expect("a column");
            at += 1;
        }
        group.close().expect("a group");
    }
    writer.into_inner().expect("a file")
}

/// Tables without lines, and what was refused: key, column, rule.
fn outcome(read: &CheckedTables) -> (Vec<String>, Vec<String>) {
    let mut kept: Vec<String> = rows(read).iter().filter_map(|row| row.split_once(": ").map(|(_, row)| row.to_owned())).collect();
    let mut refused: Vec<String> = read.rejects.iter().map(|reject| format!("{} {} {}", reject.key, reject.column, reject.rule)).collect();
    kept.sort();
    refused.sort();
    (kept, refused)
}

#[test]
fn every_form_gives_the_same_tables() {
    let (table, order) = (table(), [0, 1, 2, 3, 4, 5, 6, 7]);
    let text = csv(&order, ',', "\n", &table);
    let expected = outcome(&read_files(&[("records.csv", text.as_bytes())]));
    assert!(expected.0.len() > 200 && expected.1.len() > 20, "{} {}", expected.0.len(), expected.1.len());
    let utf16 = |text: &str| "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("gzip");
    let (first, second) =
        (csv(&[7, 3, 1, 0, 6, 5, 4, 2], ';', "\r\n", &table[..90]), csv(&[5, 0, 1, 2, 3, 4, 6, 7], '\t', "\n", &table[90..170]));
    let parts: [(&str, Vec<u8>); 3] = [
        ("records/01.csv", encoding_rs::GB18030.encode(&first).0.into_owned()),
        ("records/02.csv.zst", zstd::encode_all(second.as_bytes(), 3).expect("zstd")),
        ("records/03.xlsx", xlsx(true, &table[170..])),
    ];
    let forms: [(&str, Files); 10] = [
        ("gb18030", vec![("records.csv", encoding_rs::GB18030.encode(&text).0.into_owned())]),
        ("bom", vec![("records.csv", format!("\u{FEFF}{text}").into_bytes())]),
        ("utf-16", vec![("records.csv", utf16(&csv(&order, '\t', "\r\n", &table)))]),
        ("pipes", vec![("records.csv", csv(&order, '|', "\r\n", &table).into_bytes())]),
        ("gzip", vec![("records.csv.gz", gzip.finish().expect("gzip"))]),
        ("zstd", vec![("records.csv.zst", zstd::encode_all(text.as_bytes(), 3).expect("zstd"))]),
        ("text cells", vec![("records.xlsx", xlsx(false, &table))]),
        ("typed cells", vec![("records.xlsx", xlsx(true, &table))]),
        ("parquet", vec![("records.parquet", parquet(&table))]),
        ("parts", parts.into()),
    ];
    for (form, files) in &forms {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let actual = outcome(&read_files(&files));
        assert_eq!(actual.1, expected.1, "{form}");
        assert_eq!(actual.0, expected.0, "{form}");
    }
}

#[test]
fn damaged_parquet_is_refused_whole() {
    let whole = parquet(&table());
    let mut spoilt = whole.clone();
    spoilt[whole.len() / 3..whole.len() / 2].fill(0xFF);
    for bytes in [&whole[..whole.len() / 2], &whole[whole.len() / 2..], b"PAR1", b"", &spoilt] {
        let read = read_files(&[("records.parquet", bytes)]);
        assert_eq!(support::refused(&read), ["records.parquet:1 file.unreadable"]);
    }
}
