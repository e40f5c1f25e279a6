//! Reads the tables of a published run back, line by line, for what looks back to it.
//!
//! A header that is not the table's is an error. Never does: prove a run (that is [`mod@super::verify`]), or hold a ledger in memory.

use super::csv::plain;
use super::manifest::Manifest;
use super::tables::{LINE, Table, delta, ledger, payments, summary};
use crate::ledger::Book;
use crate::ledger::columns::BY_MEASURE;
use crate::money::{self, Fen, FenSum};
use crate::reports::{Amounts, Basis, Cause, Past, Standing};
use csv::StringRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

/// Why a published table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {what}", path.display())]
pub struct BackError {
    path: Arc<Path>,
    what: String,
}

/// What a run was computed from, as its folder says.
pub fn basis(run: &Path, manifest: &Manifest) -> Result<Basis, BackError> {
    let only = if manifest.partial { Some(measures(run)?) } else { None };
    Ok(manifest.basis(only))
}

/// The measures that a run computed.
fn measures(run: &Path) -> Result<BTreeSet<String>, BackError> {
    use summary::Column;
    let named = rows(run, &summary::TABLE)?.filter_map(|row| match row {
        Ok(row) if row.text(Column::Dimension) != BY_MEASURE => None,
        row => Some(row.map(|row| row.text(Column::Group).to_string())),
    });
    named.collect()
}

/// The lines of one ledger of a run, in its order.
pub fn ledger(run: &Path, book: Book) -> Result<impl Iterator<Item = Result<Past, BackError>> + use<>, BackError> {
    use ledger::Column;
    let past = |row: Row| {
        let [before, cut, amount, ceiling] = [Column::Before, Column::Cut, Column::Amount, Column::Ceiling].map(|column| row.fen(column));
        let amounts = Amounts { before: before?, cut: cut?, amount: amount?, ceiling: ceiling? };
        let further = [Column::Reason, Column::Status, Column::Payer].map(|column| row.text(column));
        Ok(Past::new(&[&row.line()[..], &further].concat(), amounts))
    };
    Ok(rows(run, ledger::of(book))?.map(move |row| past(row?)))
}

/// The line of a run's ledgers with this 台账编号.
pub fn line(run: &Path, number: &str) -> Result<Option<Past>, BackError> {
    for book in Book::ALL {
        let found = ledger(run, book)?.find(|line| line.as_ref().map_or(true, |line| line.entry().number == number));
        if let Some(line) = found {
            return line.map(Some);
        }
    }
    Ok(None)
}

/// 原因 and 原因说明 of a run's delta.csv, by 台账编号; nothing where it has none.
pub fn causes(run: &Path) -> Result<BTreeMap<String, Cause>, BackError> {
    use delta::Column;
    let read = |row: Row| {
        let cause = Cause { names: row.text(Column::Causes).into(), says: row.text(Column::Says).into() };
        (row.text(Column::Number).to_string(), cause)
    };
    rows_if_there(run, &delta::TABLE)?.map(|row| row.map(read)).collect()
}

/// The rows of a run's payments.csv: line, 台账 and 应兑付; nothing where it has none.
pub fn accounts(run: &Path) -> Result<Vec<(Past, Standing, FenSum)>, BackError> {
    use payments::Column;
    let read = |row: Row| {
        let standing = Standing::ALL.into_iter().find(|s| row.text(Column::Standing) == s.name());
        let standing = standing.ok_or_else(|| row.wrong(Column::Standing))?;
        Ok((Past::new(&row.line(), Amounts::default()), standing, row.fen(Column::Due)?.unwrap_or_default().into()))
    };
    rows_if_there(run, &payments::TABLE)?.map(|row| read(row?)).collect()
}

/// A row of a table whose header was found right, asked by the table's columns.
struct Row {
    record: StringRecord,
    table: &'static Table,
    path: Arc<Path>,
}

impl Row {
    fn text(&self, column: impl Into<usize>) -> &str {
        plain(&self.record[column.into()])
    }

    /// What says which ledger line the row speaks of, of a table that begins with it.
    fn line(&self) -> [&str; LINE] {
        std::array::from_fn(|column| self.text(column))
    }

    /// Money; nothing where the cell is empty.
    fn fen(&self, column: impl Into<usize>) -> Result<Option<Fen>, BackError> {
        let at = column.into();
        match &self.record[at] {
            "" => Ok(None),
            text => money::parse_plain_money(text.as_bytes()).map(|fen| Some(Fen(fen))).ok_or_else(|| self.wrong(at)),
        }
    }

    fn wrong(&self, column: impl Into<usize>) -> BackError {
        let (at, row) = (column.into(), self.record.position().map_or(0, |p| p.record()));
        let what = format!("row {row}: {} cannot be `{}`", self.table.columns[at].name, &self.record[at]);
        BackError { path: self.path.clone(), what }
    }
}

/// The rows of a table of a run.
fn rows(run: &Path, table: &'static Table) -> Result<impl Iterator<Item = Result<Row, BackError>> + use<>, BackError> {
    let path: Arc<Path> = run.join(table.path).into();
    let failed = |what: String| BackError { path: path.clone(), what };
    let file = File::open(&*path).map_err(|e| failed(e.to_string()))?;
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 20, file));
    let header = reader.headers().map_err(|e| failed(e.to_string()))?;
    let header: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
    if let Some(what) = table.mismatch(&header) {
        return Err(failed(what));
    }
    Ok(reader.into_records().map(move |record| match record {
        Ok(record) => Ok(Row { record, table, path: path.clone() }),
        Err(e) => Err(BackError { path: path.clone(), what: e.to_string() }),
    }))
}

/// As [`rows`]; none where the run has no such table.
fn rows_if_there(run: &Path, table: &'static Table) -> Result<impl Iterator<Item = Result<Row, BackError>> + use<>, BackError> {
    let rows = if run.join(table.path).exists() { Some(rows(run, table)?) } else { None };
    Ok(rows.into_iter().flatten())
}
