//! The same delivery in every form that it may take gives the same ledgers and KPI tables, byte for byte.

use crate::house::{House, ROOT};
use crate::tables::{Shape, Table, gb18030, gzip, shuffle, utf16, zstd};
use huiqi::{
    policy,
    schema::{ColumnKind, Source},
};
use std::fs;
use std::path::Path;

/// A source's files: names under the data folder, and bytes.
type Files = Vec<(String, Vec<u8>)>;

#[test]
fn every_form_of_the_delivery_gives_the_same_ledgers() {
    let house = House::new();
    let plain = house.run("plain", &["--without", "workbook,report"]);
    assert_eq!(plain.status, 0, "{}", plain.stderr);
    let (expected, tables) = (house.figures("plain"), tables(&house));
    assert!(expected.len() > 8, "{expected:?}");
    type Form = fn(&str, &Table) -> Files;
    let forms: [(&str, Form); 9] = [
        ("utf-8-bom", |name, table| vec![(format!("{name}.csv"), format!("\u{FEFF}{}", comma(table)).into_bytes())]),
        ("gb18030", |name, table| vec![(format!("{name}.csv"), gb18030(&comma(table)))]),
        ("utf-16le", |name, table| vec![(format!("{name}.csv"), utf16(&table.csv(&table.order(), '\t', "\r\n"), u16::to_le_bytes))]),
        ("utf-16be", |name, table| vec![(format!("{name}.csv"), utf16(&comma(table), u16::to_be_bytes))]),
        ("gzip", |name, table| vec![(format!("{name}.csv.gz"), gzip(table.csv(&table.order(), ';', "\n").as_bytes()))]),
        ("zstd", |name, table| vec![(format!("{name}.csv.zst"), zstd(comma(table).as_bytes()))]),
        ("xlsx", |name, table| vec![(format!("{name}.xlsx"), table.xlsx(true))]),
        ("parquet", |name, table| vec![(format!("{name}.parquet"), table.parquet())]),
        ("parts", parts),
    ];
    for (form, files) in forms {
        deliver(&house, &tables, files);
        let ran = house.run(form, &["--without", "workbook,report"]);
        assert_eq!(ran.status, 0, "{form}: {}", ran.stderr);
        for ((name, wanted), (found, bytes)) in expected.iter().zip(house.figures(form)) {
            assert!(*name == found && *wanted == bytes, "{form}: {name} differs");
        }
        assert_eq!(house.figures(form).len(), expected.len(), "{form}");
    }
}

fn comma(table: &Table) -> String {
    table.csv(&table.order(), ',', "\r\n")
}

/// Shuffled rows in three parts of three forms, each with its columns in another order.
fn parts(name: &str, table: &Table) -> Files {
    let mut table = table.clone();
    shuffle(&mut table.rows);
    let (rows, mut order) = (table.rows.len(), table.order());
    let (first, second) = (rows / 3, rows * 2 / 3);
    order.reverse();
    vec![
        (format!("{name}/2022-01.csv"), gb18030(&table.part(0..first).csv(&order, ',', "\n"))),
        (format!("{name}/2022-02.xlsx"), table.part(first..second).xlsx(false)),
        (format!("{name}/2022-03.csv.zst"), zstd(table.part(second..rows).csv(&table.order(), '|', "\r\n").as_bytes())),
    ]
}

/// Every table of the house's delivery, its columns shaped as their types are.
fn tables(house: &House) -> Vec<(String, Table)> {
    let Ok(pipeline) = policy::load(&Path::new(ROOT).join("pipelines/xinzhou-2022")) else { panic!("the pipeline does not load") };
    let delivered = pipeline.sources.iter().filter(|source| house.path("data").join(format!("{}.csv", source.name)).exists());
    let table = |source: &Source| {
        let mut reader = csv::Reader::from_path(house.path("data").join(format!("{}.csv", source.name))).unwrap();
        let header: Vec<String> = reader.headers().unwrap().iter().map(|name| name.trim_start_matches('\u{FEFF}').to_owned()).collect();
        let columns = header.into_iter().map(|name| {
            let shape = source.column(&name).map_or(Shape::Text, |at| shape(&source.columns[at].kind));
            (name, shape)
        });
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
        (source.name.clone(), Table { columns: columns.collect(), rows: rows.collect() })
    };
    let tables: Vec<(String, Table)> = delivered.map(table).collect();
    assert!(tables.len() > 30, "{}", tables.len());
    tables
}

fn shape(kind: &ColumnKind) -> Shape {
    match kind {
        ColumnKind::Date => Shape::Day,
        ColumnKind::Int => Shape::Whole,
        ColumnKind::Money => Shape::Decimal(2),
        ColumnKind::Rate | ColumnKind::Decimal => Shape::Decimal(8),
        ColumnKind::Bool => Shape::Flag,
        _ => Shape::Text,
    }
}

/// Replaces the delivery.
fn deliver(house: &House, tables: &[(String, Table)], files: fn(&str, &Table) -> Files) {
    fs::remove_dir_all(house.path("data")).unwrap();
    for (name, bytes) in tables.iter().flat_map(|(name, table)| files(name, table)) {
        let path = house.path("data").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
