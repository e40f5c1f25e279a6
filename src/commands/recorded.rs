//! What a published run was computed from, read again for whoever asks about it.

use super::selection::Selection;
use super::{ExitStatus, Failure, stages};
use crate::delivery::{Finding, Level};
use crate::explain::Question;
use crate::period;
use crate::policy::indicator::{IndicatorId, TARGETS};
use crate::policy::model::Pipeline;
use crate::policy::reach;
use crate::publish::{self, CURRENT, Manifest};
use crate::schema::{self, BySource, SourceId};
use crate::sources::{CheckedTables, with_targets};
use crate::sql::ir::MeasureId;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A run, and the pipeline that it names with the values that it set.
pub struct Recorded {
    pub folder: PathBuf,
    pub manifest: Manifest,
    pub pipeline: Pipeline,
    /// Days since 1970-01-01.
    pub as_of: i32,
}

impl Recorded {
    /// The run of this name, or the current one.
    pub fn of(run: Option<String>, out: PathBuf) -> Result<Recorded, Failure> {
        let run = run.unwrap_or_else(|| out.join(CURRENT).display().to_string());
        let folder = publish::resolve(&run, &out).map_err(|e| Failure::new(ExitStatus::Io, e))?;
        let manifest = Manifest::read(&folder).map_err(|e| Failure::new(ExitStatus::Io, format!("{}: {e}", folder.display())))?;
        let pipeline = stages::pipeline_of(&manifest)?;
        let as_of = period::parse_iso_date(manifest.as_of.as_bytes())
            .ok_or_else(|| Failure::new(ExitStatus::Failed, format!("{}: as_of `{}` is no day", folder.display(), manifest.as_of)))?;
        Ok(Recorded { folder, manifest, pipeline, as_of })
    }

    /// What the run computed.
    pub fn selection(&self) -> Result<Selection, Failure> {
        Selection::of(&self.pipeline, &self.manifest.options.only)
    }

    /// The indicators that fill a table: the one of its name, or all that the run computed of those with targets.
    pub fn indicators(&self, table: &str) -> Result<Vec<IndicatorId>, Failure> {
        let computed = self.selection()?.indicators;
        let fills = |&id: &IndicatorId| table == TARGETS || self.pipeline.indicators[id].name == table;
        let found: Vec<IndicatorId> = computed.iter().copied().filter(fills).collect();
        if found.is_empty() {
            let known: BTreeSet<&str> = computed.iter().map(|&id| self.pipeline.indicators[id].name.as_str()).chain([TARGETS]).collect();
            let known: Vec<&str> = known.into_iter().collect();
            let message = format!("run {} has no KPI table `{table}`; it has: {}", self.manifest.run, known.join(", "));
            return Err(Failure::new(ExitStatus::Usage, message));
        }
        Ok(found)
    }

    /// The measures that are named.
    pub fn measures(&self, ids: &[String]) -> Result<Vec<MeasureId>, Failure> {
        measures(&self.pipeline, ids)
    }

    /// What was typed: a code, or the number of a ledger line.
    pub fn question(&self, code: &str, measures: &[String]) -> Result<Question, Failure> {
        let code = code.trim().to_uppercase();
        let wanted = self.measures(measures)?;
        let line = publish::line(&self.folder, &code).map_err(|e| Failure::new(ExitStatus::Io, e))?;
        let Some(line) = line else {
            let rows = if wanted.is_empty() { ROWS } else { usize::MAX };
            return Ok(Question { code, measures: wanted, document: None, rows });
        };
        let line = line.entry();
        let measure = self.pipeline.measure(line.measure);
        let measure =
            measure.ok_or_else(|| Failure::new(ExitStatus::Failed, "the measure of this ledger line is no longer in the pipeline"))?;
        Ok(Question { code: line.subject.into(), measures: vec![measure], document: Some(line.document.into()), rows: usize::MAX })
    }

    /// What these measures read, and the registrations of the subject; for no measures everything.
    pub fn sources_of(&self, measures: &[MeasureId]) -> BySource<bool> {
        let sources = &self.pipeline.sources;
        if measures.is_empty() {
            return schema::all(sources);
        }
        let read = reach::reach(&self.pipeline, measures, &[]).sources;
        sources.keys().map(|s| read.contains(&s) || sources[s].core && sources[s].label.is_some()).collect()
    }

    /// The run's inputs as they lie there now, each source taken as the run took it.
    pub fn read(&self, wanted: &BySource<bool>) -> Result<CheckedTables, Failure> {
        let place = &self.manifest.place;
        let mut data = stages::read(&self.pipeline, Path::new(&place.pipeline), Path::new(&place.data), wanted)?;
        stages::take(&self.manifest.taken, &self.pipeline, &mut data)?;
        Ok(data)
    }

    /// What is no longer as the run read it, of the sources that were read again.
    pub fn changes(&self, data: &CheckedTables, wanted: &BySource<bool>) -> Vec<String> {
        let (manifest, pipeline) = (&self.manifest, &self.pipeline);
        let mut notices = Vec::new();
        if pipeline.sha256 != manifest.pipeline.sha256 {
            notices.push(format!("措施文件（{}）在该次运行之后已有改动，以下按现在的文件说明", manifest.place.pipeline));
        }
        let is_aside = |finding: &&Finding| finding.level == Level::Warn && manifest.taken.aside.contains(&finding.source);
        notices.extend(manifest.findings.iter().filter(is_aside).map(|f| format!("{}在该次运行中没有采用：{}", f.source, f.says)));
        // A partial run recorded nothing of what it did not read.
        let read = self.selection().map_or_else(|_| wanted.clone(), |s| with_targets(&pipeline.sources, &s.sources));
        let is_delivered = |s: &SourceId| wanted[*s] && read[*s] && !pipeline.sources[*s].reference;
        let now = data.files.iter().filter(|f| is_delivered(&f.source)).map(|f| (f.path.as_str(), f.sha256.as_str()));
        let now: BTreeMap<&str, &str> = now.collect();
        let recorded = manifest.inputs.iter().filter(|i| pipeline.source(&i.source).as_ref().is_some_and(is_delivered));
        let recorded: BTreeMap<&str, &str> = recorded.map(|i| (i.path.as_str(), i.sha256.as_str())).collect();
        let files: BTreeSet<&str> =
            now.keys().chain(recorded.keys()).filter(|path| now.get(**path) != recorded.get(**path)).copied().collect();
        if !files.is_empty() {
            let files: Vec<&str> = files.into_iter().collect();
            notices.push(format!("以下数据文件在该次运行之后已有改动，以下按现在的文件说明：{}", files.join("、")));
        }
        notices
    }
}

/// The measures with these ids.
pub fn measures(pipeline: &Pipeline, ids: &[String]) -> Result<Vec<MeasureId>, Failure> {
    let one = |id: &String| {
        let unknown = || Failure::new(ExitStatus::Usage, format!("--measure: there is no measure `{id}`"));
        pipeline.measure(id).ok_or_else(unknown)
    };
    ids.iter().map(one).collect()
}

/// So many rows of each measure are explained where all measures are; with `--measure`, all rows.
const ROWS: usize = 24;
