//! The shipped pipeline and the document it stands for: every article accounted for, every figure claimed, no false warnings.

use huiqi::catalogue::{coverage, figures, lint, markdown, page, uncovered};
use huiqi::diagnostic::{Mistake, render};
use huiqi::policy::model::Pipeline;
use huiqi::policy::{Broken, load};
use std::path::Path;

const PIPELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/xinzhou-2022");

fn pipeline() -> Pipeline {
    match load(Path::new(PIPELINE)) {
        Ok(pipeline) => pipeline,
        Err(Broken::Io(path, e)) => panic!("{}: {e}", path.display()),
        Err(Broken::Invalid(findings, files)) => panic!("\n{}", render(&findings, &files, false)),
    }
}

#[test]
fn every_article_is_accounted_for() {
    let pipeline = pipeline();
    let open = uncovered(&pipeline);
    assert!(open.is_empty(), "\n{}", render(&open, &pipeline.files, false));
    let numbers: Vec<u32> = coverage(&pipeline).iter().map(|a| a.number).collect();
    assert_eq!(numbers, (1..=63).collect::<Vec<_>>());
}

#[test]
fn an_article_that_nothing_serves_is_an_error() {
    let mut pipeline = pipeline();
    pipeline.not_computed.retain(|n| n.article != 9);
    let alone: Vec<u32> = coverage(&pipeline).iter().filter(|a| a.measures.is_empty()).map(|a| a.number).collect();
    assert!(alone.contains(&9));
    let found: Vec<_> = uncovered(&pipeline).iter().map(|d| (d.code, d.message.clone())).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, Mistake::UncoveredArticle);
    assert!(found[0].1.contains("article 9"), "{found:?}");
}

/// `UPDATE_GOLDEN=1 cargo test --test catalogue` writes the page anew.
#[test]
fn the_catalogue_page_is_true() {
    let path = Path::new(PIPELINE).join("CATALOGUE.md");
    let page = markdown(&pipeline());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "CATALOGUE.md is not what the pipeline says; UPDATE_GOLDEN=1 writes it anew");
}

#[test]
fn a_measure_reads_as_its_article() {
    let pipeline = pipeline();
    for measure in &pipeline.measures {
        let page = page(&pipeline, measure);
        for wanted in ["条款：", "评谁：", "受益主体：", "条件：", "责任单位：", measure.title.as_str()] {
            assert!(page.contains(wanted), "{}: no {wanted}\n{page}", measure.id);
        }
        measure.clauses.iter().for_each(|c| assert!(page.contains(&c.says), "{}: {}", measure.id, c.says));
    }
    let of = |id: &str| page(&pipeline, &pipeline.measures[pipeline.measure(id).unwrap()]);
    assert!(of("43-1-tech-purchase").contains("2022-04-08 起：500,000.00 元；依据：第四十三条"));
    assert!(of("18-1-hightech-settled").contains("待定"));
}

#[test]
fn the_shipped_pipeline_has_no_warnings() {
    let pipeline = pipeline();
    let found = lint(&pipeline);
    assert!(found.is_empty(), "\n{}", render(&found, &pipeline.files, false));
}

#[test]
fn every_figure_has_exactly_one_claim() {
    let pipeline = pipeline();
    let all = figures(&pipeline);
    assert!(all.len() > 90, "{} figures", all.len());
    let open: Vec<String> = all
        .iter()
        .filter(|f| f.claims.len() != 1)
        .map(|f| format!("{} {} 「{}」: {:?}", f.article, f.figure.text, f.context, f.claims.iter().map(|c| &c.what).collect::<Vec<_>>()))
        .collect();
    assert!(open.is_empty(), "{} of {} figures are not claimed exactly once:\n{}", open.len(), all.len(), open.join("\n"));
    // The same figure twice in one article belongs to two promises.
    let of =
        |text: &str| all.iter().filter(|f| f.article == 40 && f.figure.text == text).map(|f| f.claims[0].what.clone()).collect::<Vec<_>>();
    assert_eq!(of("10万元"), ["标准 40-1-maker-space.奖励金额", "标准 40-3-rd-institute.建设经费"]);
}
