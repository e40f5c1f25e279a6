//! The stages that several verbs share: pipeline, data, verdicts, ledger lines; their errors become failures here.

use super::{ExitStatus, Failure};
use crate::delivery::Taken;
use crate::diagnostic::{self, Diagnostic, Mistake};
use crate::facts::World;
use crate::indicators::{self, Kpis};
use crate::ledger;
use crate::parallel;
use crate::period;
use crate::policy::indicator::IndicatorId;
use crate::policy::model::{Measure, Pipeline};
use crate::policy::{Broken, Overlay, load};
use crate::publish::Manifest;
use crate::publish::tables::Computed;
use crate::schema::BySource;
use crate::settlement::{self, Settled};
use crate::sources::{self, CheckedTables, ReadError};
use crate::sql::EvalError;
use crate::sql::ir::MeasureId;
use std::io::IsTerminal;
use std::path::Path;

/// The values that a run sets, from a file and from flags (later ones win).
pub fn overlay(params: Option<&Path>, set: &[String]) -> Result<Overlay, Failure> {
    let usage = |e: &dyn std::fmt::Display| Failure::new(ExitStatus::Usage, e);
    let mut overlay = Overlay::default();
    if let Some(path) = params {
        let text =
            std::fs::read_to_string(path).map_err(|e| Failure::new(ExitStatus::Io, format!("cannot read {}: {e}", path.display())))?;
        overlay.add_file(&text).map_err(|e| usage(&format!("{}: {e}", path.display())))?;
    }
    for text in set {
        overlay.set(text).map_err(|e| usage(&format!("--set: {e}")))?;
    }
    Ok(overlay)
}

/// The pipeline of a folder with these values laid over it.
pub fn pipeline(dir: &Path, overlay: &Overlay) -> Result<Pipeline, Failure> {
    let mut pipeline = bare(dir)?;
    overlay.apply(&mut pipeline).map_err(|e| Failure::new(ExitStatus::Usage, e))?;
    Ok(pipeline)
}

/// The pipeline of a folder as its files say it.
fn bare(dir: &Path) -> Result<Pipeline, Failure> {
    load(dir).map_err(|broken| match broken {
        Broken::Io(path, e) => Failure::new(ExitStatus::Io, format!("cannot read {}: {e}", path.display())),
        Broken::Invalid(findings, files) => {
            let page = diagnostic::render(&findings, &files, std::io::stderr().is_terminal());
            Failure::new(ExitStatus::InvalidPipeline, format!("{page}{} findings in {}; nothing was run", findings.len(), dir.display()))
        }
    })
}

/// The pipeline of a run, with the values that the run set.
pub fn pipeline_of(manifest: &Manifest) -> Result<Pipeline, Failure> {
    let overlay = Overlay::recorded(&manifest.parameters).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    pipeline(Path::new(&manifest.place.pipeline), &overlay)
}

/// The checked tables of a delivery.
pub fn read(pipeline: &Pipeline, pipeline_dir: &Path, data: &Path, wanted: &BySource<bool>) -> Result<CheckedTables, Failure> {
    if !data.is_dir() {
        return Err(Failure::new(ExitStatus::Io, format!("{} is not a folder of delivered files", data.display())));
    }
    sources::read(&pipeline.sources, data, &pipeline_dir.join("tables"), wanted).map_err(|e| {
        let status = match e {
            ReadError::Io { .. } => ExitStatus::Io,
            ReadError::Contract(_) => ExitStatus::InvalidPipeline,
            _ => ExitStatus::Failed,
        };
        Failure::new(status, e)
    })
}

/// Takes the sources of a delivery as it was found that they are to be taken.
pub fn take(taken: &Taken, pipeline: &Pipeline, data: &mut CheckedTables) -> Result<(), Failure> {
    taken.apply(&pipeline.sources, data).map_err(|e| Failure::new(ExitStatus::Failed, e))
}

/// Verdicts and awards of these measures, and of those whose lists they read.
pub fn settle<'w>(world: &'w World<'w>, wanted: &[MeasureId], threads: usize) -> Result<Vec<Settled<'w>>, Failure> {
    let failed = |(measure, e): (MeasureId, EvalError)| evaluation(world, Some(&world.pipeline.measures[measure]), e);
    settlement::settle(world, wanted, threads).map_err(failed)
}

/// Verdicts, awards and ledger lines of these measures.
pub fn compute<'w>(world: &'w World<'w>, wanted: &[MeasureId], threads: usize) -> Result<Computed<'w>, Failure> {
    let failed = |(measure, e): (MeasureId, EvalError)| evaluation(world, Some(&world.pipeline.measures[measure]), e);
    let settled = settle(world, wanted, threads)?;
    let written = parallel::each(&settled, threads, |one| {
        let failed = |e| failed((one.measure(), e));
        Ok((ledger::lines(world, one).map_err(failed)?, ledger::undetermined(world, one).map_err(failed)?))
    });
    let (lines, undetermined): (Vec<_>, Vec<_>) = written.into_iter().collect::<Result<Vec<_>, Failure>>()?.into_iter().unzip();
    let summary = ledger::summarise(&settled, &lines).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    Ok(Computed { settled, lines, summary, undetermined })
}

/// The tables of these indicators.
pub fn indicators(world: &World<'_>, wanted: &[IndicatorId]) -> Result<Kpis, Failure> {
    indicators::evaluate(world, wanted).map_err(|(indicator, e)| {
        let mut failure = evaluation(world, None, e);
        failure.message = format!("{}: {}", world.pipeline.indicators[indicator].name, failure.message);
        failure
    })
}

/// An evaluation error as people can act on it.
pub fn evaluation(world: &World<'_>, measure: Option<&Measure>, e: EvalError) -> Failure {
    let pipeline = world.pipeline;
    let of = measure.map_or(String::new(), |m| format!("{}: ", m.id));
    match e {
        EvalError::NoValue(id) => {
            let parameter = &pipeline.parameters[id];
            let day = period::format_date(world.as_of);
            let message = format!("`{}` has no value on {day}", parameter.name);
            let found = Diagnostic::error(Mistake::NoValue, parameter.place.clone(), message)
                .hint("add an entry that is in force on that day, or run as of another day");
            Failure::new(ExitStatus::InvalidPipeline, diagnostic::render(&[found], &pipeline.files, std::io::stderr().is_terminal()))
        }
        EvalError::TooLarge { .. } => Failure::new(ExitStatus::Failed, format!("{of}{e}")),
        EvalError::Calendar(..) => Failure::new(ExitStatus::InvalidPipeline, format!("{of}{e}; extend the calendar table of the pipeline")),
        EvalError::Engine(_) => Failure::new(ExitStatus::Failed, format!("{of}{e}")),
    }
}
