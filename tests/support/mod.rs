//! Sources and folders for tests of the reader.
#![allow(dead_code)]

use huiqi::schema::{Column, ColumnKind, Personal, Reference, Source, Sources};
use huiqi::sources::{CheckedTables, read};
use huiqi::value::EnumValues;
use polars::prelude::*;
use std::fs;
use std::path::Path;

/// A source from words: `table("records", "编号+申报版次", "编号 code!, 金额 money, 类型 enum 甲|乙")`.
pub fn table(name: &str, key: &str, columns: &str) -> Source {
    let columns: Vec<Column> = columns.split(',').map(|text| column(text.trim())).collect();
    let place = |name: &str| columns.iter().position(|column| column.name == name).expect("a key column");
    Source {
        name: name.into(),
        title: format!("{name}名录"),
        department: "测试局".into(),
        core: false,
        may_be_empty: false,
        may_shrink: false,
        reference: false,
        primary_key: key.split('+').map(place).collect(),
        version: columns.iter().position(|column| column.name == "申报版次"),
        columns,
        dated_by: None,
        snapshot_of: None,
        label: None,
        county: None,
        ..Source::default()
    }
}

fn column(text: &str) -> Column {
    let mut words = text.split(' ');
    let name = words.next().expect("a name");
    let kind = words.next().expect("a type");
    let values = EnumValues { values: words.next().unwrap_or_default().split('|').map(Into::into).collect(), ..EnumValues::default() };
    let kind_of = match kind.trim_end_matches('!') {
        "code" => ColumnKind::Code,
        "uscc" => ColumnKind::Uscc,
        "id" => ColumnKind::Id,
        "text" => ColumnKind::Text,
        "enum" => ColumnKind::Enum(values),
        "date" => ColumnKind::Date,
        "datetime" => ColumnKind::DateTime,
        "int" => ColumnKind::Int,
        "money" => ColumnKind::Money,
        "rate" => ColumnKind::Rate,
        "decimal" => ColumnKind::Decimal,
        "bool" => ColumnKind::Bool,
        other => panic!("{other}"),
    };
    Column { required: kind.ends_with('!'), default: (name == "申报版次").then(|| "1".into()), ..Column::new(name, kind_of) }
}

/// Banks, registrations, and a table with a column of every type, in the order of their names.
pub fn sources() -> Sources {
    let mut banks = table("banks", "金融机构代码", "金融机构代码 code!, 机构名称 text!");
    banks.columns[0].entity = true;
    let mut records = table(
        "records",
        "编号+申报版次",
        "编号 code!, 统一社会信用代码 uscc!, 申报版次 int, 证件号码 id, 金融机构代码 code, 客户类型 enum 小型企业|微型企业, \
         日期 date, 时间 datetime, 人数 int, 金额 money, 利率 rate, 面积 decimal, 是否 bool, 区划代码 code, 行业代码 code, 备注 text",
    );
    let column = |name: &str, source: &Source| source.column(name).expect("a column");
    let (code, bank) = (column("统一社会信用代码", &records), column("金融机构代码", &records));
    records.columns[code].references = Some(Reference { source: 2.into(), strict: false });
    records.columns[code].aliases = vec!["社会信用代码".into(), "信用代码".into(), "UNISCID".into()];
    records.columns[bank].references = Some(Reference { source: 0.into(), strict: true });
    records.columns[bank].entity = true;
    let person = column("证件号码", &records);
    records.columns[person].personal = Personal::Always;
    if let ColumnKind::Enum(options) = &mut records.columns[5].kind {
        options.codes.extend([("CS03".to_string(), 0), ("CS04".to_string(), 1)]);
    }
    let count = column("人数", &records);
    (records.columns[count].minimum, records.columns[count].maximum) = (Some("0".into()), Some("1000000".into()));
    let (county, industry) = (column("区划代码", &records), column("行业代码", &records));
    records.columns[county].allowed = Some([("140902".to_string(), "忻府区".to_string())].into());
    records.columns[industry].pattern = Some("[A-T][0-9]{2,4}".into());
    Sources::from(vec![banks, records, table("registrations", "统一社会信用代码", "统一社会信用代码 uscc!, 名称 text!")])
}

/// Codes of enterprises that are valid.
pub const CODES: [&str; 3] = ["91140902MA0H000018", "91140921MA0H00002U", "92140902MA0H0000A1"];

/// An identity number that is valid.
pub const PERSON: &str = "140902198702076149";

/// A folder with these files.
pub fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    folder
}

/// Reads a folder with [`sources`].
pub fn read_folder(folder: &Path) -> CheckedTables {
    let sources = sources();
    read(&sources, folder, folder, &huiqi::schema::all(&sources)).unwrap_or_else(|error| panic!("{error}"))
}

/// Reads `records.csv` beside registrations of [`CODES`] and one bank.
pub fn read_records(bytes: &[u8]) -> CheckedTables {
    read_files(&[("records.csv", bytes)])
}

/// Reads some files beside registrations of [`CODES`] and one bank.
pub fn read_files(files: &[(&str, &[u8])]) -> CheckedTables {
    let rows: String = CODES.iter().map(|code| format!("{code},公司\n")).collect();
    let registrations = format!("统一社会信用代码,名称\n{rows}");
    let mut all = vec![("banks.csv", "金融机构代码,机构名称\nB01,甲银行\n".as_bytes()), ("registrations.csv", registrations.as_bytes())];
    all.extend_from_slice(files);
    read_folder(folder(&all).path())
}

/// The rows of `records` as text, each with its line, cells by `|`.
pub fn rows(read: &CheckedTables) -> Vec<String> {
    rows_of(read, &sources().raw[1])
}

/// As [`rows`], where `records` are declared otherwise.
pub fn rows_of(read: &CheckedTables, records: &Source) -> Vec<String> {
    let Some(table) = &read.tables.raw[1] else { return Vec::new() };
    let show = |column: &Column, row: usize| -> String {
        let value = table.frame.column(&column.name).and_then(|values| values.get(row)).expect("a value");
        match (value, &column.kind) {
            (AnyValue::Null, _) => String::new(),
            (AnyValue::UInt32(id), _) => read.codes.get(id as usize).to_owned(),
            (AnyValue::UInt8(place), ColumnKind::Enum(options)) => options.values[place as usize].clone(),
            (AnyValue::Date(day), _) => huiqi::period::format_date(day),
            (AnyValue::Datetime(moment, ..) | AnyValue::DatetimeOwned(moment, ..), _) => huiqi::period::format_datetime(moment),
            (AnyValue::String(text), _) => text.to_owned(),
            (AnyValue::StringOwned(text), _) => text.to_string(),
            (AnyValue::Int64(number), _) => number.to_string(),
            (AnyValue::Boolean(flag), _) => flag.to_string(),
            (other, _) => panic!("{other:?}"),
        }
    };
    (0..table.frame.height())
        .map(|row| {
            let cells: Vec<String> = records.columns.iter().map(|column| show(column, row)).collect();
            format!("{}: {}", table.line[row], cells.join("|").trim_end_matches('|'))
        })
        .collect()
}

/// The rejects as `file:line rule`.
pub fn refused(read: &CheckedTables) -> Vec<String> {
    read.rejects.iter().map(|reject| format!("{}:{} {}", reject.file, reject.line, reject.rule)).collect()
}
