//! Reads the tables of a published run back, line by line, for what looks back to it.
//!
//! A header that is not the table's is an error. Never does: prove a run (that is [`mod@super::verify`]), or hold a ledger in memory.

use super::csv::plain;
use super::manifest::Manifest;
use super::tables::{LINE, Table, delta, ledger, payments, summary, withheld};
use crate::ledger::columns::{BY_MEASURE, Cells, Column};
use crate::ledger::{Book, number_of};
use crate::money::{self, Fen, FenSum};
use crate::reports::{Amounts, Basis, Brief, Cause, Listed, Past, Standing, Turn, Walk};
use csv::StringRecord;
use std::collections::{BTreeMap, HashMap, HashSet};
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
    let named = |row: &Row| {
        let is_measure = row.text(Column::Dimension) == BY_MEASURE;
        Ok(is_measure.then(|| (row.text(Column::Group).to_string(), !row.text(Column::Missing).is_empty())))
    };
    let measures = Rows::of(run, &summary::TABLE)?.read(named)?;
    let missing = measures.iter().filter(|(_, is_missing)| *is_missing).map(|(measure, _)| measure.clone()).collect();
    Ok(manifest.basis(manifest.partial.then(|| measures.iter().map(|(measure, _)| measure.clone()).collect()), missing))
}

/// The cells of the lines with these numbers, by number, of a run's ledgers and of what it withheld.
pub fn whole_lines(run: &Path, numbers: &HashSet<String>) -> Result<HashMap<String, Vec<String>>, BackError> {
    let ledgers = Book::ALL.map(|book| Rows::of(run, ledger::of(book)).map(Some));
    let whole = |row: &Row| {
        let number = row.text(ledger::Column::Number);
        let text = |(column, cell): (&Column<'_>, &str)| if column.cells == Cells::Text { plain(cell) } else { cell }.to_string();
        let cells = || (number.to_string(), ledger::COLUMNS.iter().zip(&row.record).map(text).collect());
        Ok(numbers.contains(number).then(cells))
    };
    let mut found = HashMap::new();
    for rows in ledgers.into_iter().chain([Rows::if_there(run, &withheld::TABLE)]) {
        found.extend(rows?.map(|rows| rows.read(whole)).transpose()?.unwrap_or_default());
    }
    Ok(found)
}

/// The lines of one ledger of a run, in its order.
pub struct Ledger {
    rows: Rows,
    /// Of the row at hand; none after the last.
    amounts: Option<Amounts>,
}

impl Ledger {
    /// Stands at the first line.
    pub fn of(run: &Path, book: Book) -> Result<Ledger, BackError> {
        Ledger::begin(Rows::of(run, ledger::of(book))?)
    }

    /// The lines that a run withheld; none where it has no such table.
    pub fn withheld(run: &Path) -> Result<Option<Ledger>, BackError> {
        Rows::if_there(run, &withheld::TABLE)?.map(Ledger::begin).transpose()
    }

    fn begin(rows: Rows) -> Result<Ledger, BackError> {
        let mut ledger = Ledger { rows, amounts: None };
        ledger.next()?;
        Ok(ledger)
    }

    fn past(&self) -> Option<Past> {
        use ledger::Column;
        let amounts = self.amounts?;
        let row = &self.rows.row;
        let further = [Column::Reason, Column::Status, Column::Payer].map(|column| row.text(column));
        Some(Past::new(&[&row.line()[..], &further].concat(), amounts))
    }
}

impl Walk<'_, BackError> for Ledger {
    fn line(&self) -> Option<Brief<'_>> {
        use ledger::Column;
        let amounts = self.amounts?;
        let text = |column: Column| self.rows.row.text(column);
        Some(Brief {
            number: number_of(text(Column::Number)),
            measure: text(Column::Measure),
            subject: text(Column::Subject),
            document: text(Column::Document),
            kind: text(Column::Kind),
            county: text(Column::County),
            reason: text(Column::Reason),
            status: text(Column::Status),
            payer: text(Column::Payer),
            amounts,
        })
    }

    fn next(&mut self) -> Result<(), BackError> {
        use ledger::Column;
        self.amounts = match self.rows.next()? {
            Some(row) => {
                let [before, cut, amount, ceiling] =
                    [Column::Before, Column::Cut, Column::Amount, Column::Ceiling].map(|column| row.fen(column));
                Some(Amounts { before: before?, cut: cut?, amount: amount?, ceiling: ceiling? })
            }
            None => None,
        };
        Ok(())
    }

    fn keep(&self) -> Option<Listed<'static>> {
        self.past().map(Listed::Past)
    }
}

/// The line of a run's ledgers with this 台账编号.
pub fn line(run: &Path, number: &str) -> Result<Option<Past>, BackError> {
    for book in Book::ALL {
        let mut lines = Ledger::of(run, book)?;
        while lines.amounts.is_some() {
            if lines.rows.row.text(ledger::Column::Number) == number {
                return Ok(lines.past());
            }
            lines.next()?;
        }
    }
    Ok(None)
}

/// 原因 and 原因说明 of a run's delta.csv, by 台账编号; nothing where it has none.
pub fn causes(run: &Path) -> Result<BTreeMap<String, Cause>, BackError> {
    use delta::Column;
    let read = |row: &Row| {
        let cause = Cause { names: row.text(Column::Causes).into(), says: row.text(Column::Says).into() };
        Ok(Some((row.text(Column::Number).to_string(), cause)))
    };
    let rows = Rows::if_there(run, &delta::TABLE)?.map(|rows| rows.read(read)).transpose()?;
    Ok(rows.into_iter().flatten().collect())
}

/// The lines that a run withdrew or carried over, with what they were granted; nothing where it has no delta.
pub fn gone(run: &Path) -> Result<Vec<(Past, Standing)>, BackError> {
    use delta::Column;
    let read = |row: &Row| {
        let turn = Turn::ALL.into_iter().find(|turn| row.text(Column::Turn) == turn.name());
        let Some(standing) = turn.and_then(Standing::after).filter(|standing| *standing != Standing::Withheld) else { return Ok(None) };
        let amounts = Amounts { amount: row.fen(Column::OldAmount)?, ..Amounts::default() };
        Ok(Some((Past::new(&row.line(), amounts), standing)))
    };
    Ok(Rows::if_there(run, &delta::TABLE)?.map(|rows| rows.read(read)).transpose()?.unwrap_or_default())
}

/// Whether payments were delivered to a run.
pub fn has_accounts(run: &Path) -> bool {
    run.join(payments::TABLE.path).exists()
}

/// The rows of a run's payments.csv: line, 台账 and 应兑付; nothing where it has none.
pub fn accounts(run: &Path) -> Result<Vec<(Past, Standing, FenSum)>, BackError> {
    use payments::Column;
    let read = |row: &Row| {
        let standing = Standing::ALL.into_iter().find(|s| row.text(Column::Standing) == s.name());
        let standing = standing.ok_or_else(|| row.wrong(Column::Standing))?;
        Ok(Some((Past::new(&row.line(), Amounts::default()), standing, row.fen(Column::Due)?.unwrap_or_default().into())))
    };
    let rows = Rows::if_there(run, &payments::TABLE)?.map(|rows| rows.read(read)).transpose()?;
    Ok(rows.unwrap_or_default())
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

/// The rows of a table of a run, one at a time in the same place.
struct Rows {
    reader: csv::Reader<BufReader<File>>,
    row: Row,
}

impl Rows {
    fn of(run: &Path, table: &'static Table) -> Result<Rows, BackError> {
        let path: Arc<Path> = run.join(table.path).into();
        let failed = |what: String| BackError { path: path.clone(), what };
        let file = File::open(&*path).map_err(|e| failed(e.to_string()))?;
        let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 20, file));
        let header = reader.headers().map_err(|e| failed(e.to_string()))?;
        let header: Vec<&str> = header.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
        if let Some(what) = table.mismatch(&header) {
            return Err(failed(what));
        }
        Ok(Rows { reader, row: Row { record: StringRecord::new(), table, path } })
    }

    /// As [`Rows::of`]; none where the run has no such table.
    fn if_there(run: &Path, table: &'static Table) -> Result<Option<Rows>, BackError> {
        run.join(table.path).exists().then(|| Rows::of(run, table)).transpose()
    }

    fn next(&mut self) -> Result<Option<&Row>, BackError> {
        let failed = |e: csv::Error| BackError { path: self.row.path.clone(), what: e.to_string() };
        let is_there = self.reader.read_record(&mut self.row.record).map_err(failed)?;
        Ok(is_there.then_some(&self.row))
    }

    /// What is read of every row, where something is.
    fn read<T>(mut self, read: impl Fn(&Row) -> Result<Option<T>, BackError>) -> Result<Vec<T>, BackError> {
        let mut found = Vec::new();
        while let Some(row) = self.next()? {
            found.extend(read(row)?);
        }
        Ok(found)
    }
}
