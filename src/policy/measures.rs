//! `measures/*.toml` → [`Measure`]: the file read key by key, then its expressions resolved in the row's scope.

use super::bands;
use super::catalogue::Names;
use super::model::*;
use super::near::Near;
use super::parameters::{self, RawParameter, Units};
use super::sources;
use super::toml::{Table, Value};
use crate::diagnostic::{Diagnostic, Mistake, Place, Text};
use crate::schema::SourceId;
use crate::sql::functions::Function;
use crate::sql::ir::{Comparison, Expr, Item, Node, Output, ParameterId, Row};
use crate::sql::resolve::{Link, ParameterUse, Resolver, RowScope, Scope};
use crate::value::Type;
use std::collections::BTreeMap;

/// A measure file as read: dates and enums checked, expressions still text.
pub struct RawMeasure {
    pub id: String,
    place: Place,
    head: Head,
    per: Per,
    clauses: Vec<RawClause>,
    amount: Option<(String, Text)>,
    ceiling: Option<Text>,
    basis: Option<Text>,
    cap: Option<RawCap>,
    pub parameters: Vec<RawParameter>,
    example: Example,
    cases: Vec<Case>,
}

struct Head {
    number: u32,
    title: String,
    text: String,
    kind: Kind,
    payer: Option<String>,
    offices: Vec<String>,
    in_force: Option<InForce>,
}

/// The dates of effect as the file says them.
struct InForce {
    at: Option<Text>,
    from: Option<i32>,
    to: Option<i32>,
    source: String,
    place: Place,
}

struct Per {
    source: Text,
    judged: Option<Text>,
    subject: Text,
    link: Option<Text>,
    alive: Option<Text>,
    period: Vec<Text>,
}

struct RawClause {
    says: String,
    when: Text,
    picks: bool,
    near: Option<Near>,
}

struct RawCap {
    says: String,
    per: Vec<Text>,
    limit: Text,
    order: Vec<Text>,
    history: Option<(Text, Text, Text)>,
}

/// Reads one measure file.
pub fn read(table: Table<'_>, id: &str, units: &Units) -> Option<RawMeasure> {
    let place = table.place();
    let head = table.need("article").and_then(|v| v.table()).and_then(read_head);
    let per = table.need("per").and_then(|v| v.table()).and_then(read_per);
    let clauses = table.tables("clause").into_iter().filter_map(|t| read_clause(t, units)).collect();
    let mut ceiling = table.text("ceiling");
    let amount = table.table("amount").and_then(|t| {
        let amount = Some((t.need_text("says")?.value, t.need_text("value")?));
        ceiling = t.text("ceiling").or(ceiling.take());
        t.finish();
        amount
    });
    let basis = table.table("basis").and_then(|t| {
        let note = t.text("note");
        t.finish();
        note
    });
    let cap = match table.tables("cap") {
        caps if caps.len() > 1 => {
            table.findings().push(Diagnostic::error(Mistake::Unsupported, caps[1].place(), "a measure has at most one [[cap]]"));
            None
        }
        caps => caps.into_iter().next().and_then(read_cap),
    };
    let parameters = table.table("parameters").map(|t| parameters::read(t, Some(id), units)).unwrap_or_default();
    let example = table.table("example").map(super::cases::read_example).unwrap_or_default();
    let cases = table.tables("case").into_iter().map(super::cases::read_case).collect();
    table.finish();
    Some(RawMeasure { id: id.to_string(), place, head: head?, per: per?, clauses, amount, ceiling, basis, cap, parameters, example, cases })
}

fn read_head(t: Table<'_>) -> Option<Head> {
    let number = t.need("number").and_then(|v| v.integer());
    let (title, text) = (t.need_text("title"), t.need_text("text"));
    let kind = t.need_text("kind").and_then(|k| {
        let found = Kind::named(&k.value);
        if found.is_none() {
            let known = Kind::ALL.map(|(name, _)| name).join(" | ");
            t.findings().push(Diagnostic::error(Mistake::UnknownKind, k.place, format!("unknown kind `{}`", k.value)).hint(known));
        }
        found
    });
    let payer = t.text("payer");
    if let Some(kind) = kind.filter(|k| k.has_payer())
        && payer.as_ref().is_none_or(|p| p.value.is_empty())
    {
        let message = format!("a measure of kind {} names its payer", kind.name());
        t.findings()
            .push(Diagnostic::error(Mistake::MissingKey, t.place(), message).hint("payer = \"未载明\" where the article names none"));
    }
    let in_force = t.get("in_force").and_then(|v: Value<'_>| v.table()).and_then(|f| {
        let (from, to) = (parameters::date(f.text("from"), &f), parameters::date(f.text("to"), &f));
        let (at, source, place) = (f.text("at"), f.need_text("source"), f.place());
        f.finish();
        Some(InForce { at, from, to, source: source?.value, place })
    });
    let offices = t.strings("offices");
    t.finish();
    let number = u32::try_from(number?).ok()?;
    Some(Head { number, title: title?.value, text: text?.value, kind: kind?, payer: payer.map(|p| p.value), offices, in_force })
}

fn read_per(t: Table<'_>) -> Option<Per> {
    let period = match t.get("period") {
        Some(v) if v.is_string() => v.text().into_iter().collect(),
        Some(v) => v.array().unwrap_or_default().iter().filter_map(Value::text).collect(),
        None => Vec::new(),
    };
    let per = Per {
        source: t.need_text("source")?,
        judged: t.text("where"),
        subject: t.need_text("subject")?,
        link: t.text("link"),
        alive: t.text("alive"),
        period,
    };
    t.finish();
    Some(per)
}

fn read_clause(t: Table<'_>, units: &Units) -> Option<RawClause> {
    let (says, when) = (t.need_text("says"), t.need_text("when"));
    let (picks, near) = (t.boolean("picks"), bands::read(&t, units));
    t.finish();
    Some(RawClause { says: says?.value, when: when?, picks, near })
}

fn read_cap(t: Table<'_>) -> Option<RawCap> {
    let history = t.table("history").and_then(|h| {
        let parts = (h.need_text("source")?, h.need_text("where")?, h.need_text("amount")?);
        h.finish();
        Some(parts)
    });
    let cap =
        RawCap { says: t.need_text("says")?.value, per: t.texts("per"), limit: t.need_text("limit")?, order: t.texts("order"), history };
    t.finish();
    Some(cap)
}

impl RawMeasure {
    /// The source whose rows are judged, once sources are known.
    pub fn per(&self, names: &Names<'_>) -> Option<SourceId> {
        sources::find(names.sources, &self.per.source, names.findings)
    }

    /// Resolves every expression; `None` where one of them failed (and was reported).
    pub fn resolve(self, names: &Names<'_>, uses: BTreeMap<String, ParameterUse>, ids: Vec<ParameterId>) -> Option<Measure> {
        let per = names.measures.get(&self.id)?.1;
        let own = RowScope { source: per, alias: None, link: None };
        let scope = Scope { own: Some(own), parameters: uses, ..Scope::default() };
        let read = |text: &Text, scope: &Scope| Resolver::text(names, names.findings, text, scope);
        let code = read(&self.per.subject, &scope)?;
        let column = match code.node {
            Node::Item { row: Row::Own, item: Item::Column(c), .. } => Some(c),
            _ => None,
        };
        let link = self.link(names, &scope, &code)?;
        let scope = Scope { own: Some(RowScope { source: per, alias: None, link: link.clone() }), ..scope };
        let condition = |text: &Text| typed(names, text, read(text, &scope), &Type::Bool);
        let judged = self.per.judged.as_ref().map(condition);
        let alive = self.per.alive.as_ref().map(condition);
        let clauses: Vec<Option<Clause>> = self
            .clauses
            .iter()
            .map(|c| {
                let (says, near, place) = (c.says.clone(), c.near.clone(), c.when.place.clone());
                Some(Clause { says, when: condition(&c.when)?, picks: c.picks, near, place })
            })
            .collect();
        let money = |text: &Text| typed(names, text, read(text, &scope), &Type::MONEY);
        let amount =
            self.amount.as_ref().map(|(says, value)| Some(Amount { says: says.clone(), value: money(value)?, place: value.place.clone() }));
        let ceiling = self.ceiling.as_ref().map(&money);
        let cap = self.cap.as_ref().map(|c| resolve_cap(c, names, &scope));
        let basis = self.basis.as_ref().map(|text| note(names, text, &scope));
        let period = self.period(names, &scope);
        let effect = self.effect(names, &scope)?;
        Some(Measure {
            article: self.head.number,
            title: self.head.title,
            text: self.head.text,
            kind: self.head.kind,
            payer: self.head.payer,
            offices: self.head.offices,
            in_force: effect.condition(),
            effect,
            per,
            judged: flip(judged)?,
            judged_place: self.per.judged.as_ref().map(|t| t.place.clone()),
            subject: Subject { code, column, link, alive: flip(alive)?, alive_place: self.per.alive.as_ref().map(|t| t.place.clone()) },
            period: period?,
            clauses: clauses.into_iter().collect::<Option<_>>()?,
            amount: flip(amount)?,
            ceiling: flip(ceiling)?,
            basis: flip(basis)?,
            cap: flip(cap)?,
            parameters: ids,
            example: self.example,
            cases: self.cases,
            place: self.place,
            id: self.id,
        })
    }

    /// What leads from a judged row to its subject's registration: what the file says, else the subject itself where it
    /// is a code that may be registered, else the source's only key to the register. `None` after a mistake.
    fn link(&self, names: &Names<'_>, scope: &Scope, subject: &Expr) -> Option<Option<Link>> {
        let (Some(target), Some(per)) = (names.register, scope.own.as_ref().map(|own| own.source)) else { return Some(None) };
        if let Some(text) = &self.per.link {
            let key = typed(names, text, Resolver::text(names, names.findings, text, scope), &Type::Code)?;
            return Some(Some(Link { target, key }));
        }
        let source = &names.sources[per];
        let links: Vec<usize> = if per == target { source.primary_key.clone() } else { source.links_to(target).collect() };
        let may_be_registered = match subject.node {
            Node::Item { row: Row::Own, item: Item::Column(c), .. } => links.contains(&c),
            _ => subject.ty == Type::Code,
        };
        let only = || (links.len() == 1).then(|| source.item(per, links[0]));
        let key = if may_be_registered { Some(subject.clone()) } else { only() };
        Some(key.map(|key| Link { target, key }))
    }

    fn period(&self, names: &Names<'_>, scope: &Scope) -> Option<Period> {
        let read = |text: &Text, wanted: &[Type]| {
            let e = Resolver::text(names, names.findings, text, scope)?;
            if wanted.contains(&e.ty) {
                return Some(e);
            }
            names.findings.push(Diagnostic::error(Mistake::WrongType, text.place.clone(), "所属期 is a year, a date, or two dates"));
            None
        };
        match &self.per.period[..] {
            [] => Some(Period::RunYear),
            [one] => {
                let e = read(one, &[Type::INT, Type::Date])?;
                let year = if e.ty == Type::Date { Expr::new(Node::Call(Function::Year, vec![e]), Type::INT) } else { e };
                Some(Period::Year(year))
            }
            [from, to, ..] => Some(Period::Span(read(from, &[Type::Date])?, read(to, &[Type::Date])?)),
        }
    }

    /// The dates of effect; the notice's own day where the file says nothing.
    fn effect(&self, names: &Names<'_>, scope: &Scope) -> Option<Effect> {
        let said = self.head.in_force.as_ref();
        let at = match said.and_then(|said| said.at.as_ref()) {
            Some(text) => Resolver::text(names, names.findings, text, scope)?.as_day(),
            None => Expr::new(Node::AsOf, Type::Date),
        };
        let (from, to) = said.map_or((Some(names.effective_from), None), |said| (said.from, said.to));
        let (place, source) = (said.map(|said| said.place.clone()), said.map(|said| said.source.clone()));
        Some(Effect { at, from, to, place, source, overlaid: false })
    }
}

/// An expression of a judged row of `source`, as a measure's own would be read; its parameters are not known here.
pub(super) fn expression_of_row(names: &Names<'_>, source: SourceId, text: &Text) -> Option<Expr> {
    let own = RowScope { source, alias: None, link: None };
    Resolver::text(names, names.findings, text, &Scope { own: Some(own), ..Scope::default() })
}

/// A text with parameters and words of the row in braces.
fn note(names: &Names<'_>, text: &Text, scope: &Scope) -> Option<Note> {
    let mut parts = Vec::new();
    let mut rest = text.value.as_str();
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, more)| Some((before, more.split_once('}')?))) {
        // The quote stands before the text.
        let start = text.place.span.start + 1 + (text.value.len() - rest.len()) + before.len() + 1;
        let place = Place { file: text.place.file, span: start..start + name.len() };
        let read = Resolver::text(names, names.findings, &Text { value: name.to_string(), place: place.clone() }, scope)?;
        let value = match (&read.node, &read.ty) {
            (Node::Parameter { parameter, at: None, by: None }, _) => NotePart::Parameter(*parameter),
            (_, Type::Text | Type::Enum(_)) => NotePart::Word(read),
            _ => {
                let message = format!("`{name}` is neither a parameter of 截止日 nor a word of the row: a note has no room for more");
                names.findings.push(Diagnostic::error(Mistake::Unsupported, place, message));
                return None;
            }
        };
        parts.extend([NotePart::Text(before.to_string()), value]);
        rest = after;
    }
    parts.push(NotePart::Text(rest.to_string()));
    Some(Note(parts))
}

fn resolve_cap(cap: &RawCap, names: &Names<'_>, scope: &Scope) -> Option<Cap> {
    let read = |text: &Text| Resolver::text(names, names.findings, text, scope);
    let per: Option<Vec<Expr>> = cap.per.iter().map(read).collect();
    let order: Option<Vec<Expr>> = cap.order.iter().map(read).collect();
    let limit = typed(names, &cap.limit, read(&cap.limit), &Type::MONEY);
    let used = match &cap.history {
        Some((source, condition, amount)) => Some(history(names, scope, source, condition, amount)?),
        None => None,
    };
    Some(Cap { says: cap.says.clone(), per: per?, limit: limit?, order: order?, used })
}

/// Σ of the earlier rows' rounded amounts: `(SELECT SUM(round(amount)) FROM source h WHERE condition AND round(amount) > 0)`.
fn history(names: &Names<'_>, scope: &Scope, source: &Text, condition: &Text, amount: &Text) -> Option<Expr> {
    let id = sources::find(names.sources, source, names.findings)?;
    let mut inner = scope.clone();
    inner.around = scope.own.clone();
    inner.own = Some(RowScope { source: id, alias: Some("h".to_string()), link: None });
    let condition = typed(names, condition, Resolver::text(names, names.findings, condition, &inner), &Type::Bool);
    let amount = typed(names, amount, Resolver::text(names, names.findings, amount, &inner), &Type::MONEY)?;
    let rounded = Expr::new(Node::Round(Box::new(amount)), Type::MONEY);
    let zero = Expr::literal(crate::value::Value::Number(0), Type::MONEY);
    let positive = Expr::new(Node::Compare(Comparison::Greater, Box::new(rounded.clone()), Box::new(zero)), Type::Bool);
    let conditions = crate::sql::resolve::flatten(vec![condition?, positive], true);
    Some(crate::sql::subquery::related(id, conditions, Output::Sum(rounded), Type::MONEY, names.sources[id].dated_by))
}

/// An expression that must be of this type and unit.
pub(super) fn typed(names: &Names<'_>, text: &Text, found: Option<Expr>, wanted: &Type) -> Option<Expr> {
    let found = found?;
    let same_unit = match (&found.ty, wanted) {
        (Type::Number(f), Type::Number(w)) => f.unit == w.unit || f.unit == crate::value::Unit::Literal,
        (f, w) => f == w || *f == Type::Null,
    };
    if !same_unit {
        names.findings.push(Diagnostic::error(
            Mistake::WrongType,
            text.place.clone(),
            format!("expected {}, found {}", wanted.name(), found.ty.name()),
        ));
        return None;
    }
    Some(found)
}

/// `Some(None)` is a failed part: the whole fails.
pub(super) fn flip<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}
