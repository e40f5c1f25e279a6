//! The files of a run, from what it found: its tables, the workbook and the page.

use super::stages;
use super::{ExitStatus, Failure};
use crate::cli::{REPORT, WORKBOOK};
use crate::publish::tables::{self, Found, Rows, Table, near_misses};
use crate::publish::{self, Manifest, Sheet, Staging};
use crate::reports::{self, Contents};

/// Writes them all.
pub fn write(staging: &Staging<'_>, found: &Found<'_>, manifest: &Manifest) -> Result<(), Failure> {
    let wanted = |part: &str| !manifest.options.without.iter().any(|w| w == part);
    // A workbook is made on one thread: the tables go on beside it.
    let book = || if wanted(WORKBOOK) { write_workbook(staging, found) } else { Ok(()) };
    let (written, tables) = rayon::join(book, || write_tables(staging, found));
    let near_misses = tables?;
    written?;
    if wanted(REPORT) {
        let page = report(found, near_misses, manifest).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
        staging.write(reports::REPORT_FILE, page)?;
    }
    Ok(())
}

/// Writes every table; gives how many near misses there are.
fn write_tables(staging: &Staging<'_>, found: &Found<'_>) -> Result<u64, Failure> {
    for kpi in &found.kpis.tables {
        staging.write(&tables::kpi::path(kpi), tables::kpi::csv(kpi))?;
    }
    let mut near_misses = 0;
    for table in tables::ALL {
        let rows = write_table(staging, found, table)?;
        if table.path == near_misses::TABLE.path {
            near_misses = rows;
        }
    }
    Ok(near_misses)
}

/// Writes a table, if the run has it; gives its rows.
fn write_table(staging: &Staging<'_>, found: &Found<'_>, table: &Table) -> Result<u64, Failure> {
    let written = match table.rows {
        Rows::Whole(rows) => match rows(found) {
            Some(rows) => staging.write_table(table.path, table.columns, [rows]),
            None => return Ok(0),
        },
        Rows::ByMeasure(rows) => {
            let mut failed = None;
            let parts = found.computed.settled.iter().map_while(|one| match rows(found, one) {
                Ok(rows) => Some(rows),
                Err(e) => {
                    failed = Some(stages::evaluation(found.world, Some(&found.world.pipeline.measures[one.measure()]), e));
                    None
                }
            });
            let written = staging.write_table(table.path, table.columns, parts);
            match failed {
                Some(failure) => return Err(failure),
                None => written,
            }
        }
    };
    Ok(written?.rows.unwrap_or(0))
}

fn write_workbook(staging: &Staging<'_>, found: &Found<'_>) -> Result<(), Failure> {
    let sheet = |table: &'static Table| match (table.sheet, &table.rows) {
        (Some(name), Rows::Whole(rows)) => rows(found).map(|rows| Sheet { name: name(), columns: table.columns, rows }),
        _ => None,
    };
    let sheets: Vec<Sheet<'_>> = tables::ALL.into_iter().filter_map(sheet).collect();
    let title = &found.world.pipeline.document.title;
    let book = publish::workbook(title, found.world.as_of, &sheets, publish::SHEET_ROWS);
    let book = book.map_err(|e| Failure::new(ExitStatus::Failed, format!("cannot make {}: {e}", publish::WORKBOOK_FILE)))?;
    staging.write(publish::WORKBOOK_FILE, book)?;
    Ok(())
}

fn report(found: &Found<'_>, near_misses: u64, manifest: &Manifest) -> Result<String, reports::TemplateError> {
    reports::report(&Contents {
        pipeline: found.world.pipeline,
        run: &manifest.run,
        as_of: found.world.as_of,
        partial: manifest.partial,
        parameters: &manifest.parameters,
        summary: &found.computed.summary,
        funnels: found.funnels,
        undetermined: &found.computed.undetermined,
        kpis: found.kpis,
        data: found.world.tables,
        findings: found.findings,
        near_misses,
    })
}
