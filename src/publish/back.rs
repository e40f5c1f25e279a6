//! Reads the tables of a published run back, line by line, for what looks back to it.
//!
//! A header that is not the table's is an error. Never does: prove a run (that is [`mod@super::verify`]), or hold a ledger in memory.

use super::csv::plain;
use super::manifest::Manifest;
use super::tables::{LINE, Table, delta, ledger, payments, summary, withheld};
use crate::ledger::Book;
use crate::ledger::columns::{BY_MEASURE, Cells};
use crate::money;
use crate::reports::{Amounts, Basis, Cause, Past, Standing, Turn};
use csv::StringRecord;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
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
    use summary::Column;
    let (mut computed, mut missing) = (BTreeSet::new(), BTreeSet::new());
    for row in rows(run, &summary::TABLE)? {
        let row = row?;
        if row.text(Column::Dimension) == BY_MEASURE {
            let measure = row.text(Column::Group).to_string();
            missing.extend((!row.text(Column::Missing).is_empty()).then(|| measure.clone()));
            computed.insert(measure);
        }
    }
    Ok(manifest.basis(manifest.partial.then_some(computed), missing))
}

/// The lines of one ledger of a run, in its order.
pub fn ledger(run: &Path, book: Book) -> Result<impl Iterator<Item = Result<Past, BackError>> + use<>, BackError> {
    Ok(rows(run, ledger::of(book))?.map(|row| past(row?)))
}

/// The lines that a run withheld, in their order; nothing where it has none.
pub fn withheld(run: &Path) -> Result<impl Iterator<Item = Result<Past, BackError>> + use<>, BackError> {
    Ok(rows_if_there(run, &withheld::TABLE)?.map(|row| past(row?)))
}

/// The cells of the lines with these numbers, by number, of a run's ledgers and of what it withheld.
pub fn whole_lines(run: &Path, numbers: &HashSet<String>) -> Result<HashMap<String, Vec<String>>, BackError> {
    let mut found = HashMap::new();
    let mut add = |row: Row| {
        let number = row.text(ledger::Column::Number);
        if numbers.contains(number) {
            let cells = ledger::COLUMNS.iter().zip(&row.record);
            let cells = cells.map(|(column, cell)| if column.cells == Cells::Text { plain(cell) } else { cell }.to_string()).collect();
            found.insert(number.to_string(), cells);
        }
    };
    for book in Book::ALL {
        rows(run, ledger::of(book))?.try_for_each(|row| row.map(&mut add))?;
    }
    rows_if_there(run, &withheld::TABLE)?.try_for_each(|row| row.map(&mut add))?;
    Ok(found)
}

/// A row with the columns of a ledger.
fn past(row: Row) -> Result<Past, BackError> {
    use ledger::Column;
    let [before, cut, amount, ceiling] = [Column::Before, Column::Cut, Column::Amount, Column::Ceiling].map(|column| row.fen(column));
    let amounts = Amounts { before: before?, cut: cut?, amount: amount?, ceiling: ceiling? };
    let further = [Column::Reason, Column::Status, Column::Payer].map(|column| row.text(column));
    Ok(Past::new(&[&row.line()[..], &further].concat(), amounts))
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

/// The lines that a run withdrew or carried over, with what they were granted; nothing where it has no delta.
pub fn gone(run: &Path) -> Result<Vec<(Past, Standing)>, BackError> {
    use delta::Column;
    let mut found = Vec::new();
    for row in rows_if_there(run, &delta::TABLE)? {
        let row = row?;
        let turn = Turn::ALL.into_iter().find(|turn| row.text(Column::Turn) == turn.name());
        if let Some(standing) = turn.and_then(Standing::after).filter(|standing| *standing != Standing::Withheld) {
            let amounts = Amounts { amount: row.fen(Column::OldAmount)?, ..Amounts::default() };
            found.push((Past::new(&row.line(), amounts), standing));
        }
    }
    Ok(found)
}

/// Whether payments were delivered to a run.
pub fn has_accounts(run: &Path) -> bool {
    run.join(payments::TABLE.path).exists()
}

/// The rows of a run's payments.csv: line, 台账 and 应兑付; nothing where it has none.
pub fn accounts(run: &Path) -> Result<Vec<(Past, Standing, i128)>, BackError> {
    use payments::Column;
    let read = |row: Row| {
        let standing = Standing::ALL.into_iter().find(|s| row.text(Column::Standing) == s.name());
        let standing = standing.ok_or_else(|| row.wrong(Column::Standing))?;
        Ok((Past::new(&row.line(), Amounts::default()), standing, i128::from(row.fen(Column::Due)?.unwrap_or(0))))
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

    /// Money in 分; nothing where the cell is empty.
    fn fen(&self, column: impl Into<usize>) -> Result<Option<i64>, BackError> {
        let at = column.into();
        match &self.record[at] {
            "" => Ok(None),
            text => money::parse_plain_money(text.as_bytes()).map(Some).ok_or_else(|| self.wrong(at)),
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
