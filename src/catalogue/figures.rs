//! Where each figure of the document went: a parameter, a date of effect, a category that a clause names, or an entry that
//! says why it is not computed. Each figure has exactly one of them.
//!
//! A claimant cites the article and has the figure's value. Where an article has one value several times, the words decide:
//! a figure is claimed by those whose words (the measure's `text`, a parameter's `words`) it stands in.
//! Grain: one [`Claimed`] per figure of an article, in the order of the text.

use super::coverage::{ArticleCoverage, coverage};
use super::scan::{Amount, Figure, ONE, scan};
use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::period;
use crate::policy::model::{ArticleText, Entry, Parameter, Pipeline, Setting};
use crate::sql::ir::{Expr, Node};
use crate::value::{Type, Unit, Value};
use std::ops::Range;

/// A figure and who has it.
pub struct Claimed {
    pub article: u32,
    pub figure: Figure,
    /// The words around it.
    pub context: String,
    pub claims: Vec<Claim>,
    /// The article's entry.
    place: Place,
}

/// What a figure became, and where that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub what: String,
    pub place: Place,
}

/// Every figure of every article.
pub fn figures(pipeline: &Pipeline) -> Vec<Claimed> {
    let mut found = Vec::new();
    for article in coverage(pipeline) {
        let Some(text) = pipeline.articles.iter().find(|a| a.number == article.number) else {
            continue;
        };
        let claimants = claimants(pipeline, &article, text);
        for figure in scan(&text.text) {
            let mut claims: Vec<Claim> = Vec::new();
            for c in claimants.iter().filter(|c| c.has(&figure)) {
                if !claims.contains(&c.claim) {
                    claims.push(c.claim.clone());
                }
            }
            let context = around(&text.text, &figure);
            found.push(Claimed { article: article.number, figure, context, claims, place: text.place.clone() });
        }
    }
    found
}

/// figure → article → file, one line each; a figure that nobody has says so.
pub fn figures_page(pipeline: &Pipeline) -> String {
    let mut page = String::new();
    for one in figures(pipeline) {
        let head = format!("{}\t第{}条\t", one.figure.text, one.article);
        if one.claims.is_empty() {
            page.push_str(&format!("{head}无人认领\t「{}」\n", one.context));
        }
        for claim in &one.claims {
            page.push_str(&format!("{head}{}\t{}\n", claim.what, standing(pipeline, claim)));
        }
    }
    page
}

/// Figures that nobody has, and figures that several have, each a warning.
pub fn not_once(pipeline: &Pipeline) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for one in figures(pipeline) {
        let figure = format!("article {}: 「{}」 in 「{}」", one.article, one.figure.text, one.context);
        match &one.claims[..] {
            [_] => {}
            [] => found.push(
                Diagnostic::warning(Mistake::FigureUnclaimed, one.place, format!("{figure} is in no parameter"))
                    .hint("write a parameter whose source cites the article, or name the figure in a [[not_computed]] entry"),
            ),
            [first, others @ ..] => {
                let named = |c: &Claim| format!("`{}` ({})", c.what, standing(pipeline, c));
                let others: Vec<String> = others.iter().map(named).collect();
                let text = format!("{figure} is claimed by {} and by {}", named(first), others.join(", "));
                found.push(
                    Diagnostic::warning(Mistake::FigureClaimedTwice, first.place.clone(), text)
                        .hint("one figure stands in one place: share the parameter, or say in `words` where it stands in the article"),
                );
            }
        }
    }
    found
}

fn standing(pipeline: &Pipeline, claim: &Claim) -> String {
    format!("{}:{}", pipeline.files.path(claim.place.file), pipeline.files.line(&claim.place))
}

/// Eight characters on either side.
fn around(text: &str, figure: &Figure) -> String {
    let end = figure.at + figure.text.len();
    let before: Vec<char> = text[..figure.at].chars().rev().take(8).collect();
    let after = text[end..].chars().take(8);
    before.into_iter().rev().chain(figure.text.chars()).chain(after).filter(|c| *c != '\n').collect()
}

/// Somebody who may have figures of one article.
struct Claimant<'p> {
    claim: Claim,
    holds: Holds<'p>,
    /// Where its words stand in the article.
    spans: Vec<Range<usize>>,
}

enum Holds<'p> {
    Entry(&'p Parameter, &'p Entry),
    /// A date of effect.
    Day(i32),
    /// A name with the figure in it.
    Name(&'p str),
    /// Whatever stands in its words.
    Words,
}

impl Claimant<'_> {
    fn has(&self, figure: &Figure) -> bool {
        let end = figure.at + figure.text.len();
        let inside = self.spans.iter().any(|s| s.start <= figure.at && end <= s.end);
        inside
            && match &self.holds {
                Holds::Entry(parameter, entry) => setting_is(&entry.value, parameter, figure),
                Holds::Day(day) => value_is(&Value::Date(*day), &Type::Date, figure),
                Holds::Name(name) => name.contains(&figure.text),
                Holds::Words => true,
            }
    }
}

fn claimants<'p>(pipeline: &'p Pipeline, article: &ArticleCoverage<'p>, text: &'p ArticleText) -> Vec<Claimant<'p>> {
    let cites = format!("第{}条", chinese(article.number));
    let mut found = Vec::new();
    for p in &pipeline.parameters {
        let measure = p.measure.as_ref().and_then(|id| article.measures.iter().find(|m| m.id == *id));
        let what = format!("标准 {}", p.measure.as_ref().map_or(p.name.clone(), |m| format!("{m}.{}", p.name)));
        for entry in p.entries.iter().filter(|e| cites_own(&e.source, &cites)) {
            let spans = match (&entry.words, measure) {
                (Some(words), _) => spans(&text.text, words),
                (None, Some(m)) => spans(&text.text, &m.text),
                (None, None) => spans(&text.text, &text.text),
            };
            found.push(Claimant { claim: Claim { what: what.clone(), place: p.place.clone() }, holds: Holds::Entry(p, entry), spans });
        }
    }
    for m in &article.measures {
        let effect = m.effect.place.as_ref().filter(|_| m.effect.source.as_ref().is_some_and(|s| cites_own(s, &cites)));
        for (place, day) in effect.into_iter().flat_map(|place| m.effect.from.iter().chain(&m.effect.to).map(move |day| (place, day))) {
            let claim = Claim { what: format!("政策有效期 {}", m.id), place: place.clone() };
            found.push(Claimant { claim, holds: Holds::Day(*day), spans: spans(&text.text, &m.text) });
        }
        for clause in &m.clauses {
            let claim = Claim { what: format!("类别 {}", m.id), place: clause.place.clone() };
            let names = names(&clause.when).into_iter();
            found.extend(names.map(|name| Claimant { claim: claim.clone(), holds: Holds::Name(name), spans: spans(&text.text, &m.text) }));
        }
    }
    for entry in &article.not_computed {
        let claim = Claim { what: format!("不计算：{}", entry.promise), place: entry.place.clone() };
        let words = entry.figures.iter();
        found.extend(words.map(|w| Claimant { claim: claim.clone(), holds: Holds::Words, spans: spans(&text.text, w) }));
    }
    found
}

/// Whether a source cites this article of the document itself: that of another law stands right behind its name.
fn cites_own(source: &str, article: &str) -> bool {
    let stands_alone = |at: usize| source[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric() && before != '》');
    source.match_indices(article).any(|(at, _)| stands_alone(at))
}

/// Where some words stand; what a quotation leaves out (……) parts it.
fn spans(text: &str, words: &str) -> Vec<Range<usize>> {
    let parts = words.split("……").map(str::trim).filter(|part| !part.is_empty());
    parts.flat_map(|part| text.match_indices(part).map(|(at, part)| at..at + part.len())).collect()
}

/// The names with a digit in them that an expression compares with.
fn names(e: &Expr) -> Vec<&str> {
    let mut found = Vec::new();
    e.walk(&mut |part| {
        let name = match (&part.node, &part.ty) {
            (Node::Literal(Value::Text(text)), _) => Some(text.as_str()),
            (Node::Literal(Value::Enum(i)), Type::Enum(known)) => known.0.values.get(usize::from(*i)).map(String::as_str),
            _ => None,
        };
        found.extend(name.filter(|name| name.contains(|c: char| c.is_ascii_digit())));
    });
    found
}

fn setting_is(setting: &Setting, parameter: &Parameter, figure: &Figure) -> bool {
    // Half a day is written in hours where a rule counts hours.
    let days = parameter.unit == "小时" && figure.text.ends_with('天');
    let is = |value: &Value| match (value, figure.value) {
        (Value::Number(hours), Amount::Plain(wanted)) if days => *hours * ONE == wanted * 24,
        _ => value_is(value, &parameter.ty, figure),
    };
    match setting {
        Setting::Unset => false,
        Setting::One(value) => is(value),
        Setting::Keyed(keys) => keys.values().any(is),
    }
}

fn value_is(value: &Value, ty: &Type, figure: &Figure) -> bool {
    match (value, figure.value) {
        (Value::Date(day), Amount::Date(year, month, of_month)) => {
            let (y, m, d) = period::civil(*day);
            y == year && (month == 0 || month == m) && (of_month == 0 || of_month == d)
        }
        (Value::Number(stored), wanted) => {
            let Type::Number(number) = ty else {
                return false;
            };
            let Some(n) = 10i128.checked_pow(8u32.saturating_sub(number.scale)).and_then(|f| stored.checked_mul(f)) else {
                return false;
            };
            match wanted {
                Amount::Plain(v) => n == v,
                Amount::Share(v) => n == v && matches!(number.unit, Unit::Rate | Unit::Literal | Unit::Plain),
                Amount::Years(v) => n == v || n == v * 12,
                Amount::Months(v) => n == v || n * 12 == v,
                Amount::Date(year, 0, 0) => n == i128::from(year) * ONE,
                Amount::Date(..) => false,
            }
        }
        _ => false,
    }
}

/// 四十三: as sources cite an article.
fn chinese(n: u32) -> String {
    let digit = |d: u32| "零一二三四五六七八九".chars().nth(d as usize).map(String::from).unwrap_or_default();
    let (tens, ones) = (n / 10, n % 10);
    let head = match tens {
        0 => String::new(),
        1 => "十".into(),
        _ => format!("{}十", digit(tens)),
    };
    if ones == 0 && tens > 0 { head } else { format!("{head}{}", digit(ones)) }
}
