//! One measure as its article reads: for whoever signs for it and reads neither TOML nor SQL.

use crate::money;
use crate::period;
use crate::policy::model::{Entry, Measure, Note, NotePart, Parameter, Pipeline, Setting};
use crate::policy::reach::{Reach, expressions};
use crate::policy::words::{label, read_out};
use crate::sql::ir::{Expr, Item, MeasureId, Node};
use crate::value::{Type, Value};
use std::collections::BTreeMap;

/// What stands where nobody has named a value.
const UNSET: &str = "待定";

/// The page of a measure.
pub fn page(pipeline: &Pipeline, measure: &Measure) -> String {
    let mut page = format!("{} · {} · {}\n", measure.id, measure.title, measure.kind.name());
    let mut put = |name: &str, text: String| page.push_str(&format!("{name}：{text}\n"));
    let title = pipeline.articles.iter().find(|a| a.number == measure.article).map_or("", |a| a.title.as_str());
    put("条款", format!("{} 第{}条 {title}", pipeline.document.number, measure.article));
    put("原文", format!("「{}」", measure.text.trim()));
    put("政策有效期", effect(measure));
    put("评谁", judged(pipeline, measure));
    put("受益主体", subject(pipeline, measure));
    put("条件", if measure.clauses.is_empty() { "没有别的条件".into() } else { "同时满足".into() });
    for (i, clause) in measure.clauses.iter().enumerate() {
        let picks = if clause.picks { "（只用来挑出本项的行）" } else { "" };
        page.push_str(&format!("  {}. {}{picks}\n     〔{}〕\n", i + 1, clause.says, read_out(pipeline, &clause.when)));
        if let Some(near) = &clause.near {
            let how = near.how.as_ref().map_or(String::new(), |how| format!("：{how}"));
            page.push_str(&format!("     只差这一条、{}的，列入 near_misses.csv{how}\n", near.band.says()));
        }
    }
    let mut put = |name: &str, text: String| page.push_str(&format!("{name}：{text}\n"));
    match (&measure.amount, &measure.basis) {
        (Some(amount), None) => put("金额", amount.says.clone()),
        (Some(amount), Some(note)) => put("金额", format!("{}（{}）", amount.says, noted(pipeline, note))),
        (None, Some(note)) => put("结果", format!("列入名单，没有金额；依据写明：{}", noted(pipeline, note))),
        (None, None) => put("结果", "列入名单，没有金额".into()),
    }
    if let Some(ceiling) = &measure.ceiling {
        put("上限金额", said(pipeline, ceiling));
    }
    if let Some(cap) = &measure.cap {
        put("合计上限", cap.says.clone());
    }
    for (says, enabled, source) in together(pipeline, measure) {
        put("合并结算", format!("{says}（{}；{source}）", if enabled { "已启用" } else { "未启用" }));
    }
    let read = Reach::of_measure(pipeline, measure).parameters;
    if !read.is_empty() {
        put("标准", String::new());
        for id in read {
            parameter(&mut page, &pipeline.parameters[id]);
        }
    }
    let mut put = |name: &str, text: String| page.push_str(&format!("{name}：{text}\n"));
    let terms = terms(pipeline, measure);
    if !terms.is_empty() {
        put("口径", String::new());
        page.push_str(&terms);
    }
    let mut put = |name: &str, text: String| page.push_str(&format!("{name}：{text}\n"));
    if let Some(payer) = &measure.payer {
        put("资金来源", payer.clone());
    }
    put("责任单位", measure.offices.join("、"));
    put("算例", format!("{} 个", measure.cases.len()));
    put("文件", pipeline.files.path(measure.place.file).to_string());
    page
}

/// The facts and functions that the measure reads, each with what it says and how it is computed.
fn terms(pipeline: &Pipeline, measure: &Measure) -> String {
    let mut functions = BTreeMap::new();
    expressions(measure).into_iter().for_each(|e| functions_of(e, &mut functions));
    let functions = functions.into_iter().filter_map(|(name, body)| Some((name, &pipeline.functions.get(name)?.0, body)));
    let read = Reach::of_measure(pipeline, measure);
    let facts = read.facts.iter().map(|&fact| &pipeline.facts[fact]).map(|fact| (fact.name.as_str(), &fact.says, &fact.value));
    facts
        .chain(functions)
        .fold(String::new(), |page, (name, says, how)| format!("{page}  {name}：{says}\n     〔{}〕\n", read_out(pipeline, how)))
}

/// The functions in an expression, each as it stands where it is first used.
fn functions_of<'e>(e: &'e Expr, found: &mut BTreeMap<&'e str, &'e Expr>) {
    if let Node::Named { name, body, .. } = &e.node {
        found.entry(name).or_insert(body);
    }
    e.children().into_iter().for_each(|inside| functions_of(inside, found));
}

/// A note with the latest value of its parameters; what it takes from the row is named.
fn noted(pipeline: &Pipeline, note: &Note) -> String {
    let latest = |p: &Parameter| p.entries.last().and_then(|e| e.from).map_or(UNSET.to_string(), |from| p.words_on(from));
    let part = |part: &NotePart| match part {
        NotePart::Text(text) => text.clone(),
        NotePart::Parameter(p) => latest(&pipeline.parameters[*p]),
        NotePart::Word(word) => said(pipeline, word),
    };
    note.0.iter().map(part).collect()
}

/// The groups and budgets that a measure is settled in: what each says, whether it is on, who decides.
fn together<'p>(pipeline: &'p Pipeline, measure: &Measure) -> Vec<(&'p str, bool, &'p str)> {
    let is_in = |members: &[MeasureId]| members.iter().any(|&m| pipeline.measures[m].id == measure.id);
    let groups =
        pipeline.settlement.highest_of.iter().filter(|g| is_in(&g.measures)).map(|g| (g.says.as_str(), g.enabled, g.source.as_str()));
    let budgets = pipeline.settlement.budgets.iter().filter(|b| is_in(&b.measures));
    groups.chain(budgets.map(|b| (b.name.as_str(), b.enabled, b.source.as_str()))).collect()
}

fn effect(measure: &Measure) -> String {
    let source = measure.effect.source.as_ref().map_or(String::new(), |source| format!("；依据：{source}"));
    span(measure.effect.from, measure.effect.to, "没有起止日") + &source
}

fn judged(pipeline: &Pipeline, measure: &Measure) -> String {
    let source = &pipeline.sources[measure.per];
    let keys: Vec<&str> = source.primary_key.iter().map(|&c| source.columns[c].name.as_str()).collect();
    let only = match &measure.judged {
        Some(e) => match named(pipeline, e) {
            Some(says) => format!("；只看：{says}"),
            None => measure.judged_place.as_ref().map(|p| format!("；只看：{}", written(pipeline, p))).unwrap_or_default(),
        },
        None => String::new(),
    };
    format!("{}（{}报送）一行一件，按{}{only}", source.title, source.department, keys.join("、"))
}

/// The words of a file without their quotes, on one line.
fn written(pipeline: &Pipeline, place: &crate::diagnostic::Place) -> String {
    let text = pipeline.files.text(place.file).get(place.span.clone()).unwrap_or_default();
    text.trim_matches(['"', '\'']).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn subject(pipeline: &Pipeline, measure: &Measure) -> String {
    let code = said(pipeline, &measure.subject.code);
    match &measure.subject.alive {
        Some(e) => format!(
            "{code}；主体状态：{}",
            named(pipeline, e).or_else(|| measure.subject.alive_place.as_ref().map(|p| written(pipeline, p))).unwrap_or_default()
        ),
        None => format!("{code}；不看主体状态"),
    }
}

/// What a named function or fact says of itself.
fn named(pipeline: &Pipeline, e: &Expr) -> Option<String> {
    match &e.node {
        Node::Named { name, .. } => pipeline.functions.get(name).map(|(says, _)| says.clone()),
        Node::Item { item: Item::Fact(f), .. } | Node::Through { item: Item::Fact(f), .. } | Node::RunValue(f) => {
            Some(pipeline.facts[*f].says.clone())
        }
        _ => None,
    }
}

/// The name of what an expression reads.
fn said(pipeline: &Pipeline, e: &Expr) -> String {
    if let Some(name) = label(pipeline, e) {
        return name;
    }
    let mut names: Vec<String> = Vec::new();
    for name in e.children().into_iter().map(|inside| said(pipeline, inside)) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.join("、")
}

fn parameter(page: &mut String, p: &Parameter) {
    let shared = if p.measure.is_none() { "（共用）" } else { "" };
    let dated = if p.row_dated { "（按该行的日期取值）" } else { "" };
    page.push_str(&format!("  {}{shared}{dated}\n", p.name));
    for entry in &p.entries {
        page.push_str(&format!("    {}：{}；依据：{}\n", span(entry.from, entry.to, "一直"), value(p, entry), entry.source));
        if let Some(note) = &entry.note {
            page.push_str(&format!("      注：{note}\n"));
        }
    }
}

/// The days from one to the other; what is said where neither is bounded.
fn span(from: Option<i32>, to: Option<i32>, unbounded: &str) -> String {
    match (from.map(period::format_date), to.map(period::format_date)) {
        (Some(from), Some(to)) => format!("{from} 至 {to}"),
        (Some(from), None) => format!("{from} 起"),
        (None, Some(to)) => format!("至 {to}"),
        (None, None) => unbounded.into(),
    }
}

/// A value with its unit.
pub fn value(p: &Parameter, entry: &Entry) -> String {
    let unit = if p.unit == "比例" || p.unit == "数" || p.unit == "日期" { String::new() } else { format!(" {}", p.unit) };
    match &entry.value {
        Setting::Unset => UNSET.into(),
        Setting::One(Value::Number(fen)) if p.ty == Type::MONEY => format!("{} 元", money::Fen(*fen).grouped()),
        Setting::One(_) => format!("{}{unit}", entry.written),
        Setting::Keyed(keys) if keys.is_empty() => UNSET.into(),
        Setting::Keyed(_) => format!("{}{unit}（没有列出的：{UNSET}）", entry.written),
    }
}
