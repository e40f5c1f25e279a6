//! Chapter by chapter: which article is served by what, and the funnel of every measure.

use super::{Bar, Contents, bar, count};
use crate::catalogue::{self, ArticleCoverage};
use crate::ledger::columns::BY_MEASURE;
use crate::policy::model::Measure;
use crate::reports::Funnel;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Chapter {
    title: String,
    first: u32,
    last: u32,
    /// 计算 10，监测 3: articles by what is done with them.
    counts: String,
    measures: Vec<Row>,
    /// Articles that no measure serves: number, title, and what is done with them.
    others: Vec<(u32, String, String)>,
}

/// One measure.
#[derive(Serialize)]
struct Row {
    article: u32,
    id: String,
    title: String,
    kind: &'static str,
    judged: String,
    /// 符合, 不符合, 待核实, 待定标准.
    verdicts: [String; 4],
    /// Empty where the kind carries none.
    amount: String,
    /// A source that it reads was not delivered.
    missing: bool,
    /// What each condition left: number, words, and the bar of what is left.
    steps: Vec<(String, String, Bar)>,
}

pub(super) fn chapters(contents: &Contents<'_>) -> Vec<Chapter> {
    let articles = catalogue::coverage(contents.pipeline);
    let chapter = |chapter: &crate::policy::model::Chapter| {
        let of_chapter = catalogue::of_chapter(&articles, chapter);
        let served = of_chapter.iter().flat_map(|article| &article.measures);
        Chapter {
            title: chapter.title.clone(),
            first: chapter.first,
            last: chapter.last,
            counts: catalogue::counts(of_chapter.iter().copied()),
            measures: served.filter_map(|measure| row(contents, measure)).collect(),
            others: of_chapter.iter().filter(|article| article.measures.is_empty()).map(|article| other(article)).collect(),
        }
    };
    contents.pipeline.chapters.iter().map(chapter).collect()
}

/// A measure that the run computed.
fn row(contents: &Contents<'_>, measure: &Measure) -> Option<Row> {
    let of_measure = |funnel: &&Funnel| contents.pipeline.measures[funnel.measure].id == measure.id;
    let funnel = contents.funnels.iter().find(of_measure)?;
    let sums = contents.summary.iter().find(|row| row.dimension == BY_MEASURE && row.group == measure.id)?;
    let judged = u128::from(funnel.judged);
    let steps = funnel.steps.iter().map(|step| (step.number.clone(), step.says.clone(), bar(count(step.left), step.left.into(), judged)));
    Some(Row {
        article: measure.article,
        id: measure.id.clone(),
        title: measure.title.clone(),
        kind: measure.kind.name(),
        judged: count(funnel.judged),
        verdicts: sums.verdicts.map(count),
        amount: if measure.amount.is_some() { sums.total.grouped() } else { String::new() },
        missing: sums.missing,
        steps: steps.collect(),
    })
}

fn other(article: &ArticleCoverage<'_>) -> (u32, String, String) {
    let figures = article.indicators.iter().map(|i| i.title.as_str()).chain(article.targets.iter().map(|(_, t)| t.name.as_str()));
    let mut says: Vec<&str> = figures.collect();
    if says.is_empty() {
        says.extend(article.not_computed.iter().map(|n| n.reason.trim_end_matches('。')));
    }
    says.dedup();
    (article.number, article.title.to_string(), format!("{}：{}", article.standing().name(), says.join("；")))
}
