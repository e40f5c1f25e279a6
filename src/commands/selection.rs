//! `--only`: which measures and indicators are computed, and which sources they need.

use super::{ExitStatus, Failure};
use crate::cli::RunOptions;
use crate::delivery::Wanted;
use crate::diagnostic::similar;
use crate::policy::indicator::IndicatorId;
use crate::policy::model::Pipeline;
use crate::policy::reach::{self, Reach};
use crate::schema::{self, BySource};
use crate::sql::ir::MeasureId;

/// What a run computes; what it builds on is added where it is decided.
pub struct Selection {
    pub measures: Vec<MeasureId>,
    pub indicators: Vec<IndicatorId>,
    /// Per source: it is needed.
    pub sources: BySource<bool>,
}

impl Selection {
    /// Everything, or what the patterns name (`42-*` allowed); a pattern that names nothing is an error.
    pub fn of(pipeline: &Pipeline, only: &[String]) -> Result<Selection, Failure> {
        let measures: Vec<MeasureId> = pipeline.measures.keys().filter(|&m| is_named(&pipeline.measures[m].id, only)).collect();
        let indicators: Vec<IndicatorId> = pipeline.indicators.keys().filter(|&i| is_named(&pipeline.indicators[i].name, only)).collect();
        if only.is_empty() {
            return Ok(Selection { measures, indicators, sources: schema::all(&pipeline.sources) });
        }
        let names = || pipeline.measures.iter().map(|m| m.id.as_str()).chain(pipeline.indicators.iter().map(|i| i.name.as_str()));
        if let Some(unknown) = only.iter().find(|pattern| !names().any(|name| matches(pattern, name))) {
            let near = similar(unknown, names()).join(", ");
            let message = format!("--only: no measure or indicator is called `{unknown}`; similar: {near}");
            return Err(Failure::new(ExitStatus::Usage, message));
        }
        Ok(Selection::reaching(pipeline, &measures, indicators))
    }

    /// These, and everything that they build on or are settled with.
    pub fn reaching(pipeline: &Pipeline, measures: &[MeasureId], indicators: Vec<IndicatorId>) -> Selection {
        let reached = reach::reach(pipeline, measures, &indicators);
        let sources = pipeline.sources.keys().map(|s| reached.sources.contains(&s)).collect();
        Selection { measures: reached.measures.into_iter().collect(), indicators, sources }
    }

    /// What a run as of its day wants to know of its delivery.
    pub fn wanted<'w>(&'w self, pipeline: &'w Pipeline, options: &'w RunOptions, today: i32) -> Wanted<'w> {
        let Selection { measures, indicators, sources } = self;
        let RunOptions { as_of, limits, accepts, .. } = options;
        Wanted { pipeline, measures, indicators, sources, as_of: *as_of, today, limits: *limits, accepts }
    }

    /// What it takes to say how these measures come out, and to tell their subjects apart by size.
    pub fn with_sizes(pipeline: &Pipeline, measures: &[MeasureId]) -> Selection {
        let mut selection = Selection::reaching(pipeline, measures, Vec::new());
        let mut size = Reach::default();
        pipeline.size.iter().for_each(|&fact| size.fact(pipeline, fact));
        size.sources.into_iter().for_each(|source| selection.sources[source] = true);
        selection
    }
}

fn is_named(name: &str, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|pattern| matches(pattern, name))
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name
            .strip_prefix(head)
            .is_some_and(|tail| tail.char_indices().map(|(at, _)| at).chain([tail.len()]).any(|at| matches(rest, &tail[at..]))),
    }
}
