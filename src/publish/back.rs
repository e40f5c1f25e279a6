//! Reads the tables of a published run back, line by line, for what looks back to it.
//!
//! Never does: prove them (that is [`mod@super::verify`]), or hold a ledger in memory.

use super::csv::plain;
use super::manifest::Manifest;
use crate::ledger::columns::{BY_MEASURE, Column, DELTA, DELTA_FILE, LEDGER, PAYMENTS, PAYMENTS_FILE, SUMMARY, SUMMARY_FILE};
use crate::money;
use crate::reports::{Basis, Cause, Entry, Standing};
use csv::StringRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Why a published table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {what}", path.display())]
pub struct BackError {
    path: PathBuf,
    what: String,
}

/// What a run was computed from, as its folder says.
pub fn basis(run: &Path, manifest: &Manifest) -> Result<Basis, BackError> {
    let only = if manifest.partial { Some(measures(run)?) } else { None };
    Ok(Basis {
        run: manifest.run.clone(),
        as_of: manifest.as_of.clone(),
        pipeline: manifest.pipeline.sha256.clone(),
        files: manifest.pipeline.files.clone(),
        version: manifest.version.clone(),
        parameters: manifest.parameters.clone(),
        inputs: manifest.inputs.iter().map(|i| [i.source.clone(), i.path.clone(), i.sha256.clone()]).collect(),
        only,
    })
}

/// The measures that a run computed.
fn measures(run: &Path) -> Result<BTreeSet<String>, BackError> {
    let [dimension, group] = ["维度", "分组"].map(|name| place(&SUMMARY, name));
    let named = rows(&run.join(SUMMARY_FILE), &SUMMARY)?.filter_map(|row| match row {
        Ok(row) if row.get(dimension) != Some(BY_MEASURE) => None,
        row => Some(row.map(|row| cell(&row, group))),
    });
    named.collect()
}

/// The lines of one ledger of a run, in its order.
pub fn ledger(run: &Path, file: &str) -> Result<impl Iterator<Item = Result<Entry, BackError>> + use<>, BackError> {
    let line = line_places(&LEDGER);
    let [before, cut, reason, amount, ceiling, status, payer] =
        ["核定前金额", "核减金额", "核减原因", "金额", "上限金额", "状态", "出资方"].map(|name| place(&LEDGER, name));
    let path = run.join(file);
    let rows = rows(&path, &LEDGER)?;
    Ok(rows.map(move |row| {
        let row = row?;
        let fen = |at| fen(&path, &row, at);
        Ok(Entry {
            before: fen(before)?,
            cut: fen(cut)?,
            reason: cell(&row, reason),
            amount: fen(amount)?,
            ceiling: fen(ceiling)?,
            status: cell(&row, status),
            payer: cell(&row, payer),
            ..entry(&row, line)
        })
    }))
}

/// 原因 and 原因说明 of a run's delta.csv, by 台账编号; nothing where it has none.
pub fn causes(run: &Path) -> Result<BTreeMap<String, Cause>, BackError> {
    let path = run.join(DELTA_FILE);
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let [number, names, says] = ["台账编号", "原因", "原因说明"].map(|name| place(&DELTA, name));
    let read = |row: Result<StringRecord, BackError>| {
        let row = row?;
        Ok((cell(&row, number), Cause { names: cell(&row, names).into(), says: cell(&row, says).into() }))
    };
    rows(&path, &DELTA)?.map(read).collect()
}

/// The rows of a run's payments.csv: line, 台账 and 应兑付; nothing where it has none.
pub fn accounts(run: &Path) -> Result<Vec<(Entry, Standing, i128)>, BackError> {
    let path = run.join(PAYMENTS_FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let line = line_places(&PAYMENTS);
    let [standing, due] = ["台账", "应兑付"].map(|name| place(&PAYMENTS, name));
    let read = |row: Result<StringRecord, BackError>| {
        let row = row?;
        let named = Standing::ALL.into_iter().find(|s| row.get(standing) == Some(s.name()));
        let standing = named.ok_or_else(|| wrong(&path, &row, "台账"))?;
        Ok((entry(&row, line), standing, i128::from(fen(&path, &row, due)?.unwrap_or(0))))
    };
    rows(&path, &PAYMENTS)?.map(read).collect()
}

/// Where the columns stand that say which line a row speaks of.
fn line_places(columns: &[Column]) -> [usize; 10] {
    ["台账编号", "措施编号", "条款", "措施名称", "类型", "统一社会信用代码", "主体名称", "区划代码", "来源单据", "所属期"]
        .map(|name| place(columns, name))
}

fn entry(row: &StringRecord, places: [usize; 10]) -> Entry {
    let [number, measure, article, title, kind, subject, name, county, document, period] = places.map(|at| cell(row, at));
    Entry { number, measure, article, title, kind, subject, name, county, document, period, ..Entry::default() }
}

fn place(columns: &[Column], name: &str) -> usize {
    columns.iter().position(|column| column.name == name).unwrap_or(usize::MAX)
}

fn cell(row: &StringRecord, at: usize) -> String {
    plain(row.get(at).unwrap_or_default()).to_string()
}

fn fen(path: &Path, row: &StringRecord, at: usize) -> Result<Option<i64>, BackError> {
    let text = row.get(at).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    money::parse_plain_money(text.as_bytes()).map(Some).ok_or_else(|| wrong(path, row, text))
}

fn wrong(path: &Path, row: &StringRecord, what: &str) -> BackError {
    let line = row.position().map_or(0, |p| p.line());
    BackError { path: path.to_owned(), what: format!("line {line}: {what}") }
}

/// The rows of a table, whose header must be these columns.
pub(super) fn rows(path: &Path, columns: &[Column]) -> Result<impl Iterator<Item = Result<StringRecord, BackError>> + use<>, BackError> {
    let failed = |what: String| BackError { path: path.to_owned(), what };
    let file = File::open(path).map_err(|e| failed(e.to_string()))?;
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 20, file));
    let headers = reader.headers().map_err(|e| failed(e.to_string()))?;
    if !headers.iter().map(|h| h.trim_start_matches('\u{feff}')).eq(columns.iter().map(|c| c.name)) {
        return Err(failed("its columns are not those of this version".to_owned()));
    }
    let path = path.to_owned();
    Ok(reader.into_records().map(move |row| row.map_err(|e| BackError { path: path.clone(), what: e.to_string() })))
}
