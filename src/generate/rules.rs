//! Raw columns → [`PlanColumn`]: the rule that makes a cell, its edges, and when it stays empty.

use super::code::{Code, Which};
use super::draw::Curve;
use super::model::*;
use super::names::PlanNames;
use super::raw::{RawBranch, RawColumn, RawRule};
use super::resolve::Resolve;
use super::values::{Values, number};
use crate::diagnostic::{Diagnostic, Mistake, Place};
use crate::policy::source::ColumnKind;
use crate::policy::toml::Text;

/// Where a rule stands: its table, what names mean there, and the kind of the cell that it makes.
struct Spot<'a> {
    table: TableId,
    names: &'a PlanNames<'a>,
    kind: ColumnKind,
}

impl Resolve<'_> {
    pub(super) fn column(&mut self, names: &PlanNames<'_>, table: TableId, place: usize, raw: &RawColumn) -> Option<PlanColumn> {
        let kind = self.kind(table, place, &raw.name)?;
        let spot = Spot { table, names, kind };
        if let Some(place) = &raw.emptied
            && self.is_required(table, &raw.name.value)
        {
            let message = format!("`{}` is required: its cells cannot be empty", raw.name.value);
            self.findings.push(Diagnostic::error(Mistake::BadValue, place.clone(), message));
        }
        let when = raw.when.as_ref().map(|text| self.condition(names, table, text));
        let near: Option<Vec<Vec<Bound>>> = raw.near.iter().map(|text| self.edges(&spot, text)).collect();
        let rule = self.rule(&spot, &raw.name, &raw.rule);
        let when = match when {
            Some(when) => Some(when?),
            None => None,
        };
        Some(PlanColumn {
            name: raw.name.value.clone(),
            rule: rule?,
            when,
            empty: raw.empty,
            near: near?.into_iter().flatten().collect(),
            near_share: self.near_share(raw.near_share),
            kind: spot.kind,
        })
    }

    fn rule(&mut self, spot: &Spot<'_>, name: &Text, raw: &RawRule) -> Option<Rule> {
        Some(match raw {
            RawRule::Each { divisor, values } => {
                Rule::Each { divisor: *divisor, values: values.iter().map(|v| self.constant(spot, v)).collect::<Option<_>>()? }
            }
            RawRule::Number(from) => Rule::Number { from: *from },
            RawRule::Value(text) => Rule::Value(self.value(spot.names, spot.table, text, &spot.kind)?),
            RawRule::Pick(options) => self.pick(spot, options)?,
            RawRule::Range { from, to, step, curve } => self.range(spot, (from, to), step.as_ref(), *curve)?,
            RawRule::Text(text) => Rule::Text(self.parts(spot, text)?),
            RawRule::Uscc { issuer, region } => {
                let (issuer, region) = (self.text(spot, issuer), self.text(spot, region));
                Rule::Uscc { issuer: issuer?, region: region?, ordinal: self.next_code() }
            }
            RawRule::Identity { from, to } => {
                let values = Values { pipeline: self.pipeline, findings: self.findings };
                let born = (values.day(from), values.day(to));
                let (ordinal, of) = self.next_person();
                Rule::Identity { regions: self.pipeline.counties.keys().cloned().collect(), born: (born.0?, born.1?), ordinal, of }
            }
            RawRule::Mix(branches) => Rule::Mix(branches.iter().map(|branch| self.branch(spot, name, branch)).collect::<Option<_>>()?),
            RawRule::Copy => Rule::Value(self.copy(spot, name)?),
        })
    }

    fn branch(&mut self, spot: &Spot<'_>, name: &Text, raw: &RawBranch) -> Option<Branch> {
        let when = match &raw.when {
            Some(text) => Some(self.condition(spot.names, spot.table, text)?),
            None => None,
        };
        Some(Branch { weight: raw.weight, when, rule: self.rule(spot, name, &raw.rule)? })
    }

    fn constant(&self, spot: &Spot<'_>, text: &Text) -> Option<Constant> {
        let values = Values { pipeline: self.pipeline, findings: self.findings };
        values.constant(text, &spot.kind, self.bool_words())
    }

    fn pick(&self, spot: &Spot<'_>, options: &[(Text, u64)]) -> Option<Rule> {
        let mut total = 0u64;
        let mut summed = Vec::new();
        for (text, weight) in options {
            total = total.saturating_add(*weight);
            summed.push((total, self.constant(spot, text)?));
        }
        Some(Rule::Pick { total, options: summed })
    }

    fn range(&self, spot: &Spot<'_>, (from, to): (&Text, &Text), step: Option<&Text>, curve: Curve) -> Option<Rule> {
        let unit = smallest_step(&spot.kind);
        let Some(unit) = unit else {
            let message = format!("a range has no meaning for {}", spot.kind.ty().name());
            self.findings.push(Diagnostic::error(Mistake::WrongType, from.place.clone(), message));
            return None;
        };
        let step = match step {
            Some(text) => {
                let step = match spot.kind {
                    // Days, and minutes.
                    ColumnKind::Date => number(&text.value, &ColumnKind::Int),
                    ColumnKind::DateTime => number(&text.value, &ColumnKind::Int).and_then(|minutes| minutes.checked_mul(60_000)),
                    _ => number(&text.value, &spot.kind),
                };
                let step = step.filter(|step| *step > 0);
                if step.is_none() {
                    self.findings.push(Diagnostic::error(
                        Mistake::BadValue,
                        text.place.clone(),
                        format!("`{}` is no step of this column", text.value),
                    ));
                }
                step?
            }
            None => unit,
        };
        let (from, to) = (self.bound(spot, from), self.bound(spot, to));
        Some(Rule::Range { from: from?, to: to?, step, curve })
    }

    /// A value of the column's type, or an expression.
    fn bound(&self, spot: &Spot<'_>, text: &Text) -> Option<Bound> {
        match number(&text.value, &spot.kind) {
            Some(value) => Some(Bound::Constant(value)),
            None => self.value(spot.names, spot.table, text, &spot.kind).map(Bound::Value),
        }
    }

    /// An edge: a value, an expression, or all values of a parameter of the pipeline.
    fn edges(&self, spot: &Spot<'_>, text: &Text) -> Option<Vec<Bound>> {
        if smallest_step(&spot.kind).is_none() {
            let message = format!("{} has no values just below and above", spot.kind.ty().name());
            self.findings.push(Diagnostic::error(Mistake::WrongType, text.place.clone(), message));
            return None;
        }
        let values = Values { pipeline: self.pipeline, findings: self.findings };
        match values.parameter(&text.value) {
            Some(settings) => Some(settings.into_iter().map(Bound::Constant).collect()),
            None => Some(vec![self.bound(spot, text)?]),
        }
    }

    /// An expression that says a text.
    fn text(&self, spot: &Spot<'_>, text: &Text) -> Option<Code> {
        self.value(spot.names, spot.table, text, &ColumnKind::Text)
    }

    fn copy(&self, spot: &Spot<'_>, name: &Text) -> Option<Code> {
        let (column, kind) = self.parent_column(spot.table, &name.value)?;
        if kind.ty() != spot.kind.ty() {
            let message = format!("`{}` comes from the parent, where it has another type", name.value);
            let hint = "let the parent's table be like = this source, or give its column type = \"source.column\"";
            self.findings.push(Diagnostic::error(Mistake::WrongType, name.place.clone(), message).hint(hint));
            return None;
        }
        Some(Code::Through { row: Which::Own, link: 0, column })
    }

    /// Words with `{expression}` and `{n}`, `{n:8}` for the row's number in between.
    fn parts(&self, spot: &Spot<'_>, text: &Text) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        let mut rest = text.value.as_str();
        while let Some((words, after)) = rest.split_once('{') {
            let Some((inside, after)) = after.split_once('}') else {
                self.findings.push(Diagnostic::error(Mistake::Syntax, text.place.clone(), "a `{` is never closed"));
                return None;
            };
            parts.push(Part::Words(words.to_string()));
            parts.push(self.part(spot, text, inside)?);
            rest = after;
        }
        parts.push(Part::Words(rest.to_string()));
        Some(parts)
    }

    fn part(&self, spot: &Spot<'_>, whole: &Text, inside: &str) -> Option<Part> {
        if inside == "n" {
            return Some(Part::Number(1));
        }
        if let Some(width) = inside.strip_prefix("n:").and_then(|w| w.parse().ok()).filter(|w| *w <= 20) {
            return Some(Part::Number(width));
        }
        let text = Text { value: inside.to_string(), place: self.inside(whole, inside) };
        let expr = self.own_expression(spot.names, spot.table, &text)?;
        let kind = super::lower::kind_of(&expr.ty)?;
        Some(Part::Value(self.lower(&text).to_kind(expr, &kind)?, kind))
    }

    /// Where a piece of a text stands, if it stands there once.
    fn inside(&self, whole: &Text, piece: &str) -> Place {
        let mut place = whole.place.clone();
        let written = self.files.text(place.file).get(place.span.clone()).unwrap_or_default();
        let mut found = written.match_indices(piece);
        if let (Some((at, _)), None) = (found.next(), found.next()) {
            place.span = place.span.start + at..place.span.start + at + piece.len();
        }
        place
    }
}

/// The difference between neighbouring values, where a kind has such.
pub(super) fn smallest_step(kind: &ColumnKind) -> Option<i64> {
    match kind {
        ColumnKind::Date | ColumnKind::Int | ColumnKind::Money | ColumnKind::Rate | ColumnKind::Decimal => Some(1),
        ColumnKind::DateTime => Some(1000),
        _ => None,
    }
}
