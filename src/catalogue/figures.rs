//! Where each figure of the document went: a parameter, a constant of a measure or indicator, or an entry that says why
//! it is not computed.
//!
//! Grain: one [`Claimed`] per figure of an article, in the order of the text.

use super::coverage::{ArticleCoverage, coverage};
use super::scan::{Amount, Figure, ONE, scan};
use crate::diagnostic::Place;
use crate::period;
use crate::policy::model::{Parameter, Pipeline, Setting};
use crate::policy::reach::{Reach, expressions, reach};
use crate::sql::ir::{Expr, MeasureId, Node, Type, Unit, Value};
use std::collections::BTreeSet;

/// A figure and who has it.
pub struct Claimed {
    pub article: u32,
    pub figure: Figure,
    /// The words around it.
    pub context: String,
    pub claims: Vec<Claim>,
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
        let Some(text) = pipeline.articles.iter().find(|a| a.number == article.number).map(|a| a.text.as_str()) else {
            continue;
        };
        let claimants = Claimants::of(pipeline, &article);
        for figure in scan(text) {
            let context = around(text, &figure);
            let claims = claimants.claims(&figure, &context);
            found.push(Claimed { article: article.number, figure, context, claims });
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
            let (path, line) = (pipeline.files.path(claim.place.file), pipeline.files.line(&claim.place));
            page.push_str(&format!("{head}{}\t{path}:{line}\n", claim.what));
        }
    }
    page
}

/// Eight characters on either side.
fn around(text: &str, figure: &Figure) -> String {
    let end = figure.at + figure.text.len();
    let before: Vec<char> = text[..figure.at].chars().rev().take(8).collect();
    let after = text[end..].chars().take(8);
    before.into_iter().rev().chain(figure.text.chars()).chain(after).filter(|c| *c != '\n').collect()
}

/// All that may have a figure of one article.
struct Claimants<'p> {
    pipeline: &'p Pipeline,
    parameters: Vec<&'p Parameter>,
    /// Constants in expressions, with where they are declared.
    constants: Vec<(&'p Expr, &'p str, Place)>,
    /// (figure or official term as declared, the declaration's words, where).
    words: Vec<(String, String, Place)>,
    /// Figures of a fixed 计算依据.
    noted: Vec<(Figure, &'p str, &'p Place)>,
}

impl<'p> Claimants<'p> {
    fn of(pipeline: &'p Pipeline, article: &ArticleCoverage<'p>) -> Self {
        let mut found = Claimants { pipeline, parameters: Vec::new(), constants: Vec::new(), words: Vec::new(), noted: Vec::new() };
        let read = found.read_by(article);
        let cites = format!("第{}条", chinese(article.number));
        let own = |p: &Parameter| p.measure.as_ref().is_some_and(|m| article.measures.iter().any(|a| a.id == *m));
        let cited = |p: &Parameter| p.entries.iter().any(|e| e.source.contains(&cites));
        found.parameters = pipeline.parameters.iter().filter(|p| own(p) || cited(p)).collect();
        for measure in &article.measures {
            for e in expressions(measure) {
                let clause = measure.clauses.iter().find(|c| std::ptr::eq(&c.when, e)).map(|c| &c.place);
                let amount = measure.amount.as_ref().filter(|a| std::ptr::eq(&a.value, e)).map(|a| &a.place);
                found.constants_of(e, &measure.title, clause.or(amount).unwrap_or(&measure.place));
            }
            found.words.push((measure.title.clone(), measure.title.clone(), measure.place.clone()));
            let noted = measure.basis.iter().flat_map(|note| scan(note));
            found.noted.extend(noted.map(|figure| (figure, measure.title.as_str(), &measure.place)));
        }
        for (_, target) in &article.targets {
            for e in [&target.goal, &target.actual, &target.met].into_iter().chain(&target.no_data).chain(&target.pending) {
                found.constants_of(e, &target.name, &target.place);
            }
            found.words.push((target.name.clone(), target.name.clone(), target.place.clone()));
        }
        for fact in pipeline.facts.iter().filter(|f| f.source_note.contains(&cites)) {
            found.words.push((fact.source_note.clone(), format!("常数 {}", fact.name), fact.place.clone()));
        }
        for &fact in &read.facts {
            let fact = &pipeline.facts[fact];
            found.constants_of(&fact.value, &fact.name, &fact.place);
        }
        for entry in &article.not_computed {
            let figures = entry.figures.iter().map(|f| (f.clone(), format!("不计算：{}", entry.promise), entry.place.clone()));
            found.words.extend(figures);
        }
        found
    }

    /// What the article's measures and indicators read.
    fn read_by(&self, article: &ArticleCoverage<'p>) -> Reach {
        let of = |id: &str| self.pipeline.measure(id);
        let measures: Vec<MeasureId> = article.measures.iter().filter_map(|m| of(&m.id)).collect();
        let tables = article.indicators.iter().filter_map(|i| self.pipeline.indicator(&i.name)).collect::<BTreeSet<_>>();
        reach(self.pipeline, &measures, &tables.into_iter().collect::<Vec<_>>())
    }

    fn constants_of(&mut self, e: &'p Expr, name: &'p str, place: &Place) {
        e.walk(&mut |part| {
            if matches!(part.node, Node::Literal(_)) && self.constants.iter().all(|(known, n, _)| *known != part || *n != name) {
                self.constants.push((part, name, place.clone()));
            }
        });
    }

    fn claims(&self, figure: &Figure, context: &str) -> Vec<Claim> {
        let mut found: Vec<Claim> = Vec::new();
        for p in self.parameters.iter().filter(|p| p.entries.iter().any(|e| setting_is(&e.value, &p.ty, figure))) {
            found.push(Claim { what: format!("标准 {}", p.name), place: p.place.clone() });
        }
        if found.is_empty() {
            let words =
                self.words.iter().filter(|(word, ..)| word.contains(&figure.text) || (has_digit(word) && context.contains(word.as_str())));
            found.extend(words.map(|(_, what, place)| Claim { what: what.clone(), place: place.clone() }));
        }
        if found.is_empty() {
            let noted = self.noted.iter().filter(|(n, ..)| n.value.number().is_some() && n.value.number() == figure.value.number());
            found.extend(noted.map(|(_, title, place)| Claim { what: format!("常数 {title}"), place: (*place).clone() }));
        }
        if found.is_empty() {
            let constants = self.constants.iter().filter(|(e, ..)| constant_is(e, figure));
            found.extend(constants.map(|(_, name, place)| Claim { what: format!("常数 {name}"), place: place.clone() }));
        }
        found.dedup();
        found
    }
}

fn has_digit(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
}

fn setting_is(setting: &Setting, ty: &Type, figure: &Figure) -> bool {
    match setting {
        Setting::Unset => false,
        Setting::One(value) => value_is(value, ty, figure),
        Setting::Keyed(keys) => keys.values().any(|value| value_is(value, ty, figure)),
    }
}

fn constant_is(e: &Expr, figure: &Figure) -> bool {
    match &e.node {
        Node::Literal(Value::Text(text)) => text.contains(&figure.text),
        Node::Literal(Value::Enum(i)) => match &e.ty {
            Type::Enum(known) => known.0.values.get(usize::from(*i)).is_some_and(|text| text.contains(&figure.text)),
            _ => false,
        },
        Node::Literal(value) => value_is(value, &e.ty, figure),
        _ => false,
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
