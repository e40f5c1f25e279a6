//! Reads a published run back and proves it, by another path than it was written.
//!
//! Proves: the files are those of the manifest, byte for byte, and no others; every CSV is written as it should be; the
//! fixed tables have their columns and order; 核定前金额 − 核减金额 = 金额 in every row; Σ ledger = Σ by measure = Σ by county = Σ by payer per
//! kind, in checked i128; delta.csv and payments.csv add up, what is 未提供 is withheld, and all that the ledger grants is owed in the latter; 台账编号 are unique; rows in = accepted + superseded + rejected; nobody's identity number shows.
//! Gathers all findings before it says anything. Never does: compute a run again, or change a file.

mod back;
mod finding;
mod ledger;
mod persons;
mod quality;
mod summary;
mod table;

pub use finding::{Check, Finding};

use super::manifest::{MANIFEST_FILE, Manifest, Total};
use super::tables::{self, delta, payments, rejects, sources, withheld};
use super::{run_id, sha256};
use crate::ledger::Book;
use finding::Findings;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, fs, io};

/// What a run that holds was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub run: String,
    pub partial: bool,
    /// The manifest's own file not counted.
    pub files: usize,
    pub bytes: u64,
    /// By 类型, added up from the ledgers.
    pub totals: BTreeMap<String, Total>,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let partial = if self.partial { " (partial)" } else { "" };
        write!(f, "run {}{partial} holds: {} files, {} bytes", self.run, self.files, self.bytes)?;
        self.totals.iter().try_for_each(|(kind, total)| write!(f, "\n{kind}: {} rows, {}", total.rows, total.amount))
    }
}

/// Proves the run in a folder, or says everything that is wrong with it, in the order of file and line.
pub fn verify(run: &Path) -> Result<Verified, Vec<Finding>> {
    let mut findings = Findings::default();
    let manifest = match Manifest::read(run) {
        Ok(manifest) => manifest,
        Err(error) => {
            findings.add(Check::Manifest, MANIFEST_FILE, None, || error.to_string());
            return Err(findings.finish());
        }
    };
    check_name(&manifest, &mut findings);
    check_presence(run, &manifest, &mut findings);
    let readings: Vec<Reading> = manifest.files.par_iter().map(|(file, _)| read_file(run, file, &manifest)).collect();
    let mut parts = Parts::default();
    for reading in readings {
        findings.extend(reading.findings);
        match reading.part {
            Part::Ledger(ledger) => ledger::merge(&mut parts.ledger, ledger, &mut findings),
            Part::Summary(summary) => parts.summary = summary,
            Part::Sources(sources) => parts.sources = sources,
            Part::Rejects(rejects) => parts.rejects = rejects,
            Part::Payments(listed) => parts.payments = Some(listed),
            Part::Delta(held) => parts.said = held,
            Part::Withheld(held) => parts.held = held,
            Part::Other => {}
        }
    }
    let totals = parts.ledger.totals();
    summary::check(&parts.ledger, &parts.summary, &manifest, &mut findings);
    back::check(parts.payments, &parts.ledger, &mut findings);
    back::check_withheld(&parts.said, &parts.held, &parts.ledger, &mut findings);
    quality::check(&parts.sources, &parts.rejects, &manifest, &mut findings);
    let findings = findings.finish();
    if !findings.is_empty() {
        return Err(findings);
    }
    let bytes = manifest.files.values().map(|record| record.bytes).sum();
    Ok(Verified { run: manifest.run, partial: manifest.partial, files: manifest.files.len(), bytes, totals })
}

/// What the checks across files need.
#[derive(Default)]
struct Parts {
    ledger: ledger::Sums,
    summary: summary::Groups,
    sources: quality::Sources,
    rejects: quality::Rejects,
    /// Σ 应兑付 of what stands in the ledger, in 分.
    payments: Option<i128>,
    /// What is 未提供 by delta.csv, and by withheld.csv.
    said: back::Held,
    held: back::Held,
}

/// One file, read and judged by itself.
struct Reading {
    findings: Findings,
    part: Part,
}

enum Part {
    Ledger(ledger::Sums),
    Summary(summary::Groups),
    Sources(quality::Sources),
    Rejects(quality::Rejects),
    Payments(i128),
    Delta(back::Held),
    Withheld(back::Held),
    Other,
}

/// The name of a run says what it was computed from.
fn check_name(manifest: &Manifest, findings: &mut Findings) {
    let expected = manifest.identity().map(|identity| run_id::run_id(&identity));
    if expected.as_ref() != Some(&manifest.run) {
        let expected = expected.as_deref().unwrap_or("no run: its as_of is no date");
        findings.add(Check::RunName, MANIFEST_FILE, None, || {
            format!("the run is named {}, what it says it was computed from names {expected}", manifest.run)
        });
    }
}

/// Every file that a run must have is listed, and every file that is there.
fn check_presence(run: &Path, manifest: &Manifest, findings: &mut Findings) {
    for table in tables::ALL.into_iter().filter(|table| table.is_always && !manifest.files.contains_key(table.path)) {
        findings.add(Check::Missing, table.path, None, || "the manifest does not list it".to_owned());
    }
    match list(run) {
        Err(error) => findings.add(Check::Manifest, "", None, || format!("cannot list the run: {error}")),
        Ok(files) => {
            for file in files.iter().filter(|file| *file != MANIFEST_FILE && !manifest.files.contains_key(*file)) {
                findings.add(Check::Foreign, file, None, || "the manifest does not list it".to_owned());
            }
        }
    }
}

/// Everything in a folder that is no folder, by its path with `/`.
fn list(run: &Path) -> io::Result<Vec<String>> {
    let (mut files, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(run.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() { &mut folders } else { &mut files }.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn read_file(run: &Path, file: &str, manifest: &Manifest) -> Reading {
    let mut findings = Findings::default();
    let other = |findings| Reading { findings, part: Part::Other };
    let bytes = match fs::read(run.join(file)) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.add(Check::Missing, file, None, || error.to_string());
            return other(findings);
        }
    };
    let record = &manifest.files[file];
    if bytes.len() as u64 != record.bytes {
        findings.add(Check::Changed, file, None, || format!("has {} bytes, was published with {}", bytes.len(), record.bytes));
    } else if sha256([bytes.as_slice()]) != record.sha256 {
        findings.add(Check::Changed, file, None, || "its SHA-256 is not the published one".to_owned());
    }
    if file.ends_with(".csv") || file.ends_with(".html") {
        persons::check(file, &bytes, &mut findings);
    }
    if !file.ends_with(".csv") {
        return other(findings);
    }
    let declared = tables::Table::at(file);
    let mut table = table::Table { file, bytes: &bytes, declared, rows: record.rows, findings: &mut findings };
    let is = |declared: &tables::Table| declared.path == file;
    let ledger = Book::ALL.into_iter().find(|&book| is(tables::ledger::of(book)));
    let mut part = Part::Other;
    match ledger {
        Some(book) => part = Part::Ledger(ledger::read(&mut table, book)),
        _ if is(&tables::summary::TABLE) => part = Part::Summary(summary::read(&mut table)),
        _ if is(&sources::TABLE) => part = Part::Sources(quality::read_sources(&mut table)),
        _ if is(&rejects::TABLE) => part = Part::Rejects(quality::read_rejects(&mut table)),
        _ if is(&payments::TABLE) => part = Part::Payments(back::read_payments(&mut table)),
        _ if is(&delta::TABLE) => part = Part::Delta(back::read_delta(&mut table)),
        _ if is(&withheld::TABLE) => part = Part::Withheld(back::read_withheld(&mut table)),
        // Of the others only form and order are known.
        _ => table.each(|_, _| {}),
    }
    Reading { findings, part }
}
