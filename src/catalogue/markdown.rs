//! The catalogue as a page of the pipeline folder: one table a chapter, one line an article.

use super::coverage::{ArticleCoverage, counts, coverage, of_chapter};
use crate::policy::model::{Clause, Measure, NotComputed, Pipeline};
use crate::policy::words::read_out;

/// `CATALOGUE.md`.
pub fn markdown(pipeline: &Pipeline) -> String {
    let articles = coverage(pipeline);
    let document = &pipeline.document;
    let mut page = format!("# {}（{}）：逐条目录\n\n", document.title, document.number);
    page.push_str("由 `huiqi measures` 的同一份程序生成，测试保证它与措施文件一致；请勿手改。\n\n");
    page.push_str("计算＝有措施给出金额；名单＝有措施给出名单或额度；监测＝有指标或目标；不计算＝数据不能判定，写明原因。\n\n");
    page.push_str("| 章 | 条 | 覆盖 |\n|---|---|---|\n");
    for chapter in &pipeline.chapters {
        let of = counts(of_chapter(&articles, chapter).into_iter());
        page.push_str(&format!("| {} | {}—{} | {of} |\n", cell(&chapter.title), chapter.first, chapter.last));
    }
    page.push_str(&format!("| 合计 | {} | {} |\n", articles.len(), counts(articles.iter())));
    for chapter in &pipeline.chapters {
        page.push_str(&format!("\n## {}\n\n| 条 | 标题 | 做法 | 由什么计算 | 不计算的话和原因 |\n|---|---|---|---|---|\n", chapter.title));
        of_chapter(&articles, chapter).into_iter().for_each(|a| page.push_str(&line(a)));
    }
    page.push_str("\n## 各项措施的条件\n\n左边是措施文件里写给人看的话，右边是程序实际判定的式子逐字读出来；两边应当说的是一回事。\n");
    pipeline.measures.iter().for_each(|measure| page.push_str(&conditions(pipeline, measure)));
    page.push_str("\n## 差一点就能享受的\n\n只差下列一个条件、而且差得不多的，列入 near_misses.csv，供上门服务。\n\n");
    page.push_str("| 措施 | 条件 | 怎样算差得不多 | 怎么办 |\n|---|---|---|---|\n");
    pipeline.measures.iter().for_each(|measure| page.push_str(&within_reach(measure)));
    page
}

fn within_reach(measure: &Measure) -> String {
    let line = |clause: &Clause| {
        let near = clause.near.as_ref()?;
        let how = near.how.as_deref().unwrap_or_default();
        Some(format!("| {} | {} | {} | {} |\n", measure.id, cell(&clause.says), near.band.says(), cell(how)))
    };
    measure.clauses.iter().filter_map(line).collect()
}

fn conditions(pipeline: &Pipeline, measure: &Measure) -> String {
    let head = format!("\n### {} {}\n\n| 条件 | 程序所判 |\n|---|---|\n", measure.id, cell(&measure.title));
    let lines = measure.clauses.iter().map(|clause| format!("| {} | {} |\n", cell(&clause.says), cell(&read_out(pipeline, &clause.when))));
    head + &lines.collect::<String>()
}

fn line(a: &ArticleCoverage<'_>) -> String {
    let measures = a.measures.iter().map(|m| format!("[{0}](measures/{0}.toml) {1}（{2}）", m.id, cell(&m.title), m.kind.name()));
    let indicators = a.indicators.iter().map(|i| format!("指标 [{0}](indicators/{0}.toml) {1}", i.name, cell(&i.title)));
    let targets = a.targets.iter().map(|(i, t)| format!("目标 [{}](indicators/{}.toml)", cell(&t.name), i.name));
    let computed: Vec<String> = measures.chain(indicators).chain(targets).collect();
    let open: Vec<String> = a.not_computed.iter().map(|n| not_computed(n)).collect();
    let standing = a.standing().name();
    format!("| {} | {} | {standing} | {} | {} |\n", a.number, cell(a.title), computed.join("<br>"), open.join("<br>"))
}

fn not_computed(n: &NotComputed) -> String {
    let served = n.served_by.as_ref().map(|s| format!("（由 {} 服务）", cell(s))).unwrap_or_default();
    format!("不计算：{}——{}{served}", cell(&n.promise), cell(&n.reason))
}

/// Text that keeps the table's columns apart.
fn cell(text: &str) -> String {
    text.trim().replace('|', "｜").replace('\n', " ")
}
