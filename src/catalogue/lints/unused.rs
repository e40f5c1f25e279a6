//! Parameters, facts and functions that no measure and no indicator reads.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::policy::indicator::IndicatorId;
use crate::policy::model::Pipeline;
use crate::policy::reach::reach;
use crate::sql::ir::MeasureId;

pub fn unused(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let measures: Vec<MeasureId> = pipeline.measures.keys().collect();
    let indicators: Vec<IndicatorId> = pipeline.indicators.keys().collect();
    let mut read = reach(pipeline, &measures, &indicators);
    pipeline.size.iter().for_each(|&fact| read.fact(pipeline, fact));
    let mut found = Vec::new();
    for (_, p) in pipeline.parameters.iter_enumerated().filter(|(id, _)| !read.parameters.contains(id)) {
        let shown = format!("no measure, indicator or fact in use reads `{}`", p.name);
        found.push(Diagnostic::warning(Mistake::UnusedParameter, p.place.clone(), shown).hint("remove it, or use it"));
    }
    for (id, fact) in pipeline.facts.iter_enumerated() {
        let used = match pipeline.functions.contains_key(&fact.name) {
            true => read.functions.contains(&fact.name),
            false => read.facts.contains(&id),
        };
        if !used {
            let shown = format!("no measure or indicator reads `{}`", fact.name);
            found.push(Diagnostic::warning(Mistake::UnusedFact, fact.place.clone(), shown).hint("remove the file, or use it"));
        }
    }
    found
}
