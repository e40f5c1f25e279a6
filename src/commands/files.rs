//! The files of a run, from what it found: ledgers, indicators, lists, the account of the data, the workbook and the page.

use super::run::publishing;
use super::stages::{self, Computed};
use super::{ExitStatus, Failure};
use crate::cli::{REPORT, WORKBOOK};
use crate::delivery::Finding;
use crate::facts::World;
use crate::indicators::Kpis;
use crate::ledger::Book;
use crate::ledger::columns::{
    FINDINGS_FILE, FUNNEL_FILE, MATCHES_FILE, NEAR_MISSES_FILE, REJECTS_FILE, SOURCES_FILE, SUMMARY_FILE, UNDETERMINED_FILE, UNMATCHED_FILE,
};
use crate::publish::{self, Body, Manifest, PublishError, Staging, tables};
use crate::reports::{self, Contents, Funnel};
use crate::sources::CheckedTables;

/// What a run found.
pub struct Found<'f> {
    pub world: &'f World<'f>,
    pub data: &'f CheckedTables,
    /// Of the delivery as a whole.
    pub findings: &'f [Finding],
    pub computed: &'f Computed<'f>,
    pub kpis: &'f Kpis,
}

/// Writes all that does not look back to the run before.
pub fn write(staging: &Staging<'_>, found: &Found<'_>, manifest: &Manifest) -> Result<(), Failure> {
    let pipeline = found.world.pipeline;
    write_tables(staging, found).map_err(publishing)?;
    let funnels: Vec<Funnel> = found.computed.settled.iter().map(|s| reports::funnel(pipeline, &s.decided)).collect();
    staging.write(FUNNEL_FILE, tables::funnel(pipeline, &funnels)).map_err(publishing)?;
    let wanted = |part: &str| !manifest.options.without.iter().any(|w| w == part);
    // A workbook is made on one thread: the near misses go on beside it.
    let book = || if wanted(WORKBOOK) { write_workbook(staging, found) } else { Ok(()) };
    let (written, near_misses) = rayon::join(book, || write_near_misses(staging, found));
    written?;
    let near_misses = near_misses?;
    if wanted(REPORT) {
        let page = report(found, &funnels, near_misses, manifest).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
        staging.write(reports::REPORT_FILE, page).map_err(publishing)?;
    }
    Ok(())
}

fn write_tables(staging: &Staging<'_>, found: &Found<'_>) -> Result<(), PublishError> {
    let Found { world, data, findings, computed, kpis } = found;
    let sources = &world.pipeline.sources;
    let mut files: Vec<(String, Body)> = Vec::new();
    for book in Book::ALL {
        files.push((book.file().into(), tables::ledger(book, &computed.lines).into()));
    }
    for kpi in &kpis.tables {
        files.push((format!("kpi/{}.csv", kpi.name), tables::kpi(kpi).into()));
    }
    files.push((SUMMARY_FILE.into(), tables::summary(&computed.summary).into()));
    files.push((MATCHES_FILE.into(), tables::matches(&reports::matches(&computed.lines)).into()));
    files.push((UNDETERMINED_FILE.into(), tables::undetermined(&computed.undetermined).into()));
    files.push((FINDINGS_FILE.into(), tables::findings(findings).into()));
    files.push((REJECTS_FILE.into(), tables::rejects(sources, &data.rejects).into()));
    files.push((UNMATCHED_FILE.into(), tables::unmatched(sources, &data.unmatched).into()));
    files.push((SOURCES_FILE.into(), tables::sources(sources, data).into()));
    for (path, body) in files {
        staging.write(&path, body)?;
    }
    Ok(())
}

/// The near misses, which may be millions, one measure after the other.
fn write_near_misses(staging: &Staging<'_>, found: &Found<'_>) -> Result<u64, Failure> {
    let Found { world, computed, .. } = found;
    let mut failed = None;
    let mut settled = computed.settled.iter();
    let parts = std::iter::from_fn(|| {
        let one = settled.next()?;
        match reports::near_misses(world, &one.decided) {
            Ok(found) => Some(tables::near_misses(&found)),
            Err(e) => {
                failed = Some(stages::evaluation(world, Some(&world.pipeline.measures[one.measure()]), e));
                None
            }
        }
    });
    let written = staging.write_parts(NEAR_MISSES_FILE, parts);
    match failed {
        Some(failure) => Err(failure),
        None => written.map(|record| record.rows.unwrap_or(0)).map_err(publishing),
    }
}

fn write_workbook(staging: &Staging<'_>, found: &Found<'_>) -> Result<(), Failure> {
    let title = &found.world.pipeline.document.title;
    let book = publish::workbook(staging.folder(), title, found.world.as_of, publish::SHEET_ROWS);
    let book = book.map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    staging.write(publish::WORKBOOK_FILE, book).map_err(publishing)?;
    Ok(())
}

fn report(found: &Found<'_>, funnels: &[Funnel], near_misses: u64, manifest: &Manifest) -> Result<String, reports::TemplateError> {
    reports::report(&Contents {
        pipeline: found.world.pipeline,
        run: &manifest.run,
        as_of: found.world.as_of,
        partial: manifest.partial,
        parameters: &manifest.parameters,
        summary: &found.computed.summary,
        funnels,
        undetermined: &found.computed.undetermined,
        kpis: found.kpis,
        data: found.data,
        near_misses,
    })
}
