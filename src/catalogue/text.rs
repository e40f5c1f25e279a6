//! The catalogue for a terminal.

use super::coverage::{ArticleCoverage, Standing, counts, coverage, of_chapter};
use crate::policy::model::Pipeline;

/// Every chapter and article with what serves it.
pub fn catalogue(pipeline: &Pipeline) -> String {
    let articles = coverage(pipeline);
    let mut page = format!("{} {}\n", pipeline.document.title, pipeline.document.number);
    let covered = articles.iter().filter(|a| a.standing() != Standing::Uncovered).count();
    page.push_str(&format!("{covered}/{} 条：{}\n", articles.len(), counts(articles.iter())));
    for chapter in &pipeline.chapters {
        let of = of_chapter(&articles, chapter);
        let (first, last) = (chapter.first, chapter.last);
        page.push_str(&format!("\n{}（第{first}至{last}条）：{}\n", chapter.title, counts(of.iter().copied())));
        of.into_iter().for_each(|a| article(&mut page, a));
    }
    let inside = |n: u32| pipeline.chapters.iter().any(|c| (c.first..=c.last).contains(&n));
    articles.iter().filter(|a| !inside(a.number)).for_each(|a| article(&mut page, a));
    page
}

fn article(page: &mut String, a: &ArticleCoverage<'_>) {
    page.push_str(&format!("  {} {} · {}\n", a.number, a.title, a.standing().name()));
    for m in &a.measures {
        page.push_str(&format!("      {} · {} · {}\n", m.id, m.title, m.kind.name()));
    }
    for i in &a.indicators {
        page.push_str(&format!("      指标 {} · {}\n", i.name, i.title));
    }
    for (i, t) in &a.targets {
        page.push_str(&format!("      目标 {} · {}\n", t.name, i.name));
    }
    for n in &a.not_computed {
        page.push_str(&format!("      不计算：{}——{}\n", n.promise, n.reason));
    }
}
