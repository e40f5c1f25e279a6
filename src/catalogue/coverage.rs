//! Which article is served by what.
//!
//! Grain: one [`ArticleCoverage`] per article of the document, in its order.

use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::policy::indicator::{Indicator, Target};
use crate::policy::model::{Chapter, Measure, NotComputed, Pipeline};
use std::collections::BTreeMap;

/// What is done with an article, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// A measure pays, relieves or deducts.
    Computed,
    /// A measure names who is on a list or up to which ceiling.
    Listed,
    /// An indicator or a target follows it.
    Monitored,
    /// No data decides it; the entry says why.
    NotComputed,
    Uncovered,
}

impl Standing {
    pub const ALL: [Standing; 5] = [Standing::Computed, Standing::Listed, Standing::Monitored, Standing::NotComputed, Standing::Uncovered];

    pub fn name(self) -> &'static str {
        match self {
            Standing::Computed => "计算",
            Standing::Listed => "名单",
            Standing::Monitored => "监测",
            Standing::NotComputed => "不计算",
            Standing::Uncovered => "未覆盖",
        }
    }
}

/// One article and all that speaks of it.
pub struct ArticleCoverage<'p> {
    pub number: u32,
    /// Empty where the pipeline does not have the article's text.
    pub title: &'p str,
    pub measures: Vec<&'p Measure>,
    /// Tables of figures.
    pub indicators: Vec<&'p Indicator>,
    /// Each name once.
    pub targets: Vec<(&'p Indicator, &'p Target)>,
    pub not_computed: Vec<&'p NotComputed>,
    place: &'p Place,
}

impl ArticleCoverage<'_> {
    pub fn standing(&self) -> Standing {
        let pays = |m: &&Measure| m.kind.has_amount();
        match self {
            a if a.measures.iter().any(pays) => Standing::Computed,
            a if !a.measures.is_empty() => Standing::Listed,
            a if !a.indicators.is_empty() || !a.targets.is_empty() => Standing::Monitored,
            a if !a.not_computed.is_empty() => Standing::NotComputed,
            _ => Standing::Uncovered,
        }
    }
}

/// Every article: those whose text the pipeline has, and those that its chapters count.
pub fn coverage(pipeline: &Pipeline) -> Vec<ArticleCoverage<'_>> {
    let mut known: BTreeMap<u32, (&str, &Place)> = BTreeMap::new();
    for chapter in &pipeline.chapters {
        known.extend((chapter.first..=chapter.last).map(|n| (n, ("", &chapter.place))));
    }
    known.extend(pipeline.articles.iter().map(|a| (a.number, (a.title.as_str(), &a.place))));
    known.into_iter().map(|(number, (title, place))| one(pipeline, number, title, place)).collect()
}

fn one<'p>(pipeline: &'p Pipeline, number: u32, title: &'p str, place: &'p Place) -> ArticleCoverage<'p> {
    let mut targets: Vec<(&Indicator, &Target)> = Vec::new();
    for indicator in &pipeline.indicators {
        for target in indicator.targets.iter().filter(|t| t.article == number) {
            if targets.iter().all(|(_, t)| t.name != target.name) {
                targets.push((indicator, target));
            }
        }
    }
    let mut measures: Vec<&Measure> = pipeline.measures.iter().filter(|m| m.article == number).collect();
    measures.sort_by_key(|m| id_order(&m.id));
    ArticleCoverage {
        number,
        title,
        measures,
        indicators: pipeline.indicators.iter().filter(|i| i.table.is_some() && i.articles.contains(&number)).collect(),
        targets,
        not_computed: pipeline.not_computed.iter().filter(|n| n.article == number).collect(),
        place,
    }
}

/// Ids by their numbers: 20-2 before 20-10.
fn id_order(id: &str) -> Vec<(u32, String)> {
    id.split('-').map(|part| (part.parse().unwrap_or(u32::MAX), part.to_string())).collect()
}

/// The articles of a chapter.
pub fn of_chapter<'a, 'p>(articles: &'a [ArticleCoverage<'p>], chapter: &Chapter) -> Vec<&'a ArticleCoverage<'p>> {
    articles.iter().filter(|a| (chapter.first..=chapter.last).contains(&a.number)).collect()
}

/// 计算 28、名单 4 …, kinds that do not occur left out.
pub fn counts<'a, 'p: 'a>(articles: impl Iterator<Item = &'a ArticleCoverage<'p>>) -> String {
    let mut counted: BTreeMap<Standing, usize> = BTreeMap::new();
    articles.for_each(|a| *counted.entry(a.standing()).or_default() += 1);
    let parts: Vec<String> = counted.into_iter().map(|(standing, n)| format!("{} {n}", standing.name())).collect();
    parts.join("，")
}

/// The articles that nothing speaks of, each an error.
pub fn uncovered(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let open = coverage(pipeline).into_iter().filter(|a| a.standing() == Standing::Uncovered);
    open.map(|a| {
        let message = format!("no measure, indicator or target speaks of article {}, and no entry says why it is not computed", a.number);
        Diagnostic::error(Mistake::UncoveredArticle, a.place.clone(), message)
            .hint("write a measure, an indicator, or a [[not_computed]] entry in articles/")
    })
    .collect()
}
