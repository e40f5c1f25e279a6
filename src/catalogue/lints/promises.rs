//! Promises that are paid twice, and amounts whose article sets a limit that the measure does not.

use crate::diagnostic::{Diagnostic, Mistake};
use crate::policy::model::{Measure, Parameter, Pipeline};
use crate::sql::functions::Function;
use crate::sql::ir::{Expr, Item, Node};

/// Two measures of one article that judge the same rows by the same clauses.
pub fn same_promise(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (i, one) in pipeline.measures.iter_enumerated() {
        let rule = conditions(pipeline, one);
        let twin = pipeline.measures[..i].iter().find(|other| {
            other.article == one.article
                && other.per == one.per
                && other.subject.code == one.subject.code
                && conditions(pipeline, other) == rule
        });
        let place = one.clauses.first().map_or(&one.place, |c| &c.place);
        if let Some(twin) = twin {
            let message = format!("article {} is served by the same clauses over the same rows in `{}`", one.article, twin.id);
            found.push(Diagnostic::warning(Mistake::SamePromise, place.clone(), message).hint("one promise is one measure"));
        }
    }
    found
}

/// Everything that a row must meet, in one order; parameters by what they are, not by whose.
fn conditions(pipeline: &Pipeline, measure: &Measure) -> Vec<String> {
    let all = measure.judged.iter().chain(measure.clauses.iter().map(|c| &c.when));
    let mut said: Vec<String> = all.map(|e| format!("{:?}", plain(pipeline, e))).collect();
    said.sort();
    said
}

fn plain(pipeline: &Pipeline, e: &Expr) -> Expr {
    let Node::Parameter { parameter, at, by } = &e.node else {
        return e.map_children(&mut |child| plain(pipeline, child));
    };
    let own = &pipeline.parameters[*parameter];
    let values = |p: &Parameter| p.entries.iter().map(|e| (e.from, e.to, e.value.clone())).collect::<Vec<_>>();
    let same = |p: &Parameter| p.unit == own.unit && p.name == own.name && values(p) == values(own);
    let first = pipeline.parameters.position(same).unwrap_or(*parameter);
    Expr::new(Node::Parameter { parameter: first, at: at.clone(), by: by.clone() }, e.ty.clone())
}

/// Words that set a limit.
const LIMITS: [&str; 4] = ["最高", "不高于", "不超过", "封顶"];

/// An amount without a ceiling where the article's text names one in yuan.
pub fn without_cap(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let open = pipeline.measures.iter().filter(|m| m.cap.is_none() && m.ceiling.is_none());
    open.filter_map(|m| {
        let amount = m.amount.as_ref().filter(|a| !takes_the_least(pipeline, &a.value))?;
        let words = LIMITS.iter().find_map(|limit| limit_in(&m.text, limit))?;
        let message = format!("the article says 「{words}」, and nothing here limits the amount");
        Some(Diagnostic::warning(Mistake::NoCap, amount.place.clone(), message).hint("add a [[cap]], a `ceiling`, or LEAST(…)"))
    })
    .collect()
}

/// In the amount itself, or in a fact that it reads.
fn takes_the_least(pipeline: &Pipeline, e: &Expr) -> bool {
    let mut found = false;
    e.walk(&mut |part| {
        found |= match &part.node {
            Node::Call(Function::Least, _) => true,
            Node::Item { item: Item::Fact(f), .. } | Node::Through { item: Item::Fact(f), .. } | Node::RunValue(f) => {
                takes_the_least(pipeline, &pipeline.facts[*f].value)
            }
            _ => false,
        }
    });
    found
}

/// The limit's words up to its amount in yuan: 最高补助50万元.
fn limit_in(text: &str, limit: &str) -> Option<String> {
    text.match_indices(limit).find_map(|(at, _)| {
        let clause = text[at..].split(['，', '。', '；', '、']).next()?;
        let digits = clause.find(|c: char| c.is_ascii_digit())?;
        let after = clause[digits..].trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let yuan = ["元", "万元", "亿元"].iter().find(|unit| after.starts_with(**unit))?;
        Some(format!("{}{yuan}", &clause[..clause.len() - after.len()]))
    })
}
