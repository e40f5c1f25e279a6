//! The tables of a run that look back to the run before: `ledger/delta.csv` and `ledger/payments.csv`.

use super::run::publishing;
use super::{ExitStatus, Failure};
use crate::ledger::columns::{DELTA_FILE, LEDGERS, PAYMENTS_FILE};
use crate::policy::model::Pipeline;
use crate::publish::{self, BackError, Manifest, RUNS, Staging, tables};
use crate::reports::{self, Accounts, Change, Comparison};
use crate::sources::CheckedTables;
use std::path::Path;

/// Writes both, once the ledgers are written: the delta where there is a run before, payments where they were delivered and every
/// measure was computed.
pub fn write(staging: &Staging<'_>, pipeline: &Pipeline, data: &CheckedTables, manifest: &Manifest, out: &Path) -> Result<(), Failure> {
    let before = manifest.previous.as_ref().map(|id| out.join(RUNS).join(id));
    let mut changes = Vec::new();
    if let Some(before) = &before {
        let previous = Manifest::read(before).map_err(|e| unreadable(out, e))?;
        changes = compare((before, &previous), (staging.folder(), manifest), Some(pipeline)).map_err(|e| unreadable(out, e))?;
        staging.write(DELTA_FILE, tables::delta(&changes)).map_err(publishing)?;
    }
    let paid = reports::paid(pipeline, data).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    if let Some(paid) = paid.filter(|_| !manifest.partial) {
        let mut accounts = Accounts::new(paid);
        gather(&mut accounts, staging.folder(), before.as_deref(), &changes).map_err(|e| unreadable(out, e))?;
        staging.write(PAYMENTS_FILE, tables::payments(&accounts.finish())).map_err(publishing)?;
    }
    Ok(())
}

/// The changes from one run's folder to another's; what the measures read is that of the later run's pipeline.
pub fn compare(
    (before, old): (&Path, &Manifest),
    (now, new): (&Path, &Manifest),
    pipeline: Option<&Pipeline>,
) -> Result<Vec<Change>, BackError> {
    let mut comparison = Comparison::default();
    for (file, _) in LEDGERS {
        comparison.add(publish::ledger(before, file)?, publish::ledger(now, file)?)?;
    }
    Ok(comparison.finish(&publish::basis(before, old)?, &publish::basis(now, new)?, pipeline))
}

fn gather(accounts: &mut Accounts, now: &Path, before: Option<&Path>, changes: &[Change]) -> Result<(), BackError> {
    for (file, _) in LEDGERS {
        for line in publish::ledger(now, file)? {
            accounts.listed(line?);
        }
    }
    accounts.gone(changes);
    if let Some(before) = before {
        for (line, standing, due) in publish::accounts(before)? {
            accounts.remembered(line, standing, due);
        }
    }
    Ok(())
}

/// Without the run before, nobody would learn what was withdrawn: that is for people to decide.
fn unreadable(out: &Path, e: impl std::fmt::Display) -> Failure {
    let current = out.join(publish::CURRENT);
    let message =
        format!("{e}; nothing was published: put the run before in order, or remove {} to publish without a delta", current.display());
    Failure::new(ExitStatus::Io, message)
}
