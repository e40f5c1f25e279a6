//! One table in every form of a delivery, read with all checks on, beside a bare loop of the `csv` crate over the same
//! file: rows and bytes per second.
//!
//! `HUIQI_ENTERPRISES=300000 cargo bench --bench reading` (default 20,000 enterprises). The files stay under
//! `target/tmp/reading-<enterprises>/`; then, for DuckDB's typed parse of the CSV among them,
//! `pip install duckdb` and `python3 benches/duckdb_read_csv.py target/tmp/reading-300000/utf-8/vat_returns.csv`.

#[path = "../tests/support/forms.rs"]
mod forms;
mod setup;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use forms::{Shape, Table, gb18030, gzip, utf16, zstd};
use huiqi::schema::{ColumnKind, Source};
use huiqi::sources;
use setup::{city, folder};
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The table that is largest in every city.
const TABLE: &str = "vat_returns";
/// What a sheet holds below its header.
const SHEET_ROWS: usize = 1_000_000;
const FORMS: [&str; 7] = ["utf-8", "gb18030", "utf-16", "gzip", "zstd", "xlsx", "parquet"];

fn main() {
    divan::main();
}

/// The table in one form.
struct Delivered {
    data: PathBuf,
    file: PathBuf,
    rows: usize,
    bytes: u64,
}

fn source() -> &'static Source {
    city().pipeline.sources.iter().find(|source| source.name == TABLE).expect("the table")
}

/// The table as generated, its columns shaped as their types are.
fn table() -> &'static Table {
    static TABLE_OF_CITY: OnceLock<Table> = OnceLock::new();
    TABLE_OF_CITY.get_or_init(|| {
        let shape = |kind: &ColumnKind| match kind {
            ColumnKind::Date => Shape::Day,
            ColumnKind::Int => Shape::Whole,
            ColumnKind::Money => Shape::Decimal(2),
            ColumnKind::Rate | ColumnKind::Decimal => Shape::Decimal(8),
            _ => Shape::Text,
        };
        let columns = source().columns.iter().map(|column| (column.name.clone(), shape(&column.kind))).collect();
        let mut reader = csv::Reader::from_path(city().data.join(format!("{TABLE}.csv"))).expect("a table");
        let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
        Table { columns, rows }
    })
}

/// Writes the table in a form, where it is not there yet.
fn delivered(form: &str) -> Delivered {
    let table = table();
    let rows = if form == "xlsx" { table.rows.len().min(SHEET_ROWS) } else { table.rows.len() };
    let extension = match form {
        "gzip" => "csv.gz",
        "zstd" => "csv.zst",
        "xlsx" | "parquet" => form,
        _ => "csv",
    };
    let data = folder("reading").join(form);
    let file = data.join(format!("{TABLE}.{extension}"));
    if !file.exists() {
        let text = || table.csv(&table.order(), ',', "\n");
        let bytes = match form {
            "gb18030" => gb18030(&text()),
            "utf-16" => utf16(&text(), u16::to_le_bytes),
            "gzip" => gzip(text().as_bytes()),
            "zstd" => zstd(text().as_bytes()),
            "xlsx" => table.part(0..rows).xlsx(true),
            "parquet" => table.parquet(),
            _ => text().into_bytes(),
        };
        fs::create_dir_all(&data).expect("a folder");
        fs::write(&file, bytes).expect("a file");
    }
    let bytes = fs::metadata(&file).expect("a file").len();
    Delivered { data, file, rows, bytes }
}

/// A file to a checked table. Bytes are those of the file as delivered.
#[divan::bench(args = FORMS, sample_count = 5, sample_size = 1)]
fn huiqi_with_all_checks(bencher: Bencher, form: &str) {
    let (delivered, sources) = (delivered(form), &city().pipeline.sources);
    let wanted = sources.iter().map(|source| source.name == TABLE).collect::<huiqi::schema::BySource<bool>>();
    bencher.counter(BytesCount::new(delivered.bytes)).counter(ItemsCount::new(delivered.rows)).bench(|| {
        let read = sources::read(sources, &delivered.data, &city().tables, &wanted).expect("a table");
        assert!(
            read.rejects.is_empty() && read.files.iter().map(|file| file.accepted + file.superseded).sum::<u64>() == delivered.rows as u64
        );
        read
    });
}

/// Every cell looked at, none checked: the same file, cut by the `csv` crate.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn csv_crate_without_any(bencher: Bencher) {
    let delivered = delivered("utf-8");
    bencher.counter(BytesCount::new(delivered.bytes)).counter(ItemsCount::new(delivered.rows)).bench(|| {
        let mut reader = csv::Reader::from_path(&delivered.file).expect("a table");
        let (mut record, mut length) = (csv::ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record).expect("a row") {
            length += record.iter().map(|cell| black_box(cell).len()).sum::<usize>();
        }
        length
    });
}
