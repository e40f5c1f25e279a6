//! Raw columns → [`PlanColumn`]: the rule that makes a cell, its edges, and when it stays empty.

use super::formula::Formulas;
use super::model::*;
use super::names::Shape;
use super::raw::{RawBranch, RawColumn, RawRule};
use super::values::{Context, number};
use crate::diagnostic::{Diagnostic, Mistake, Place, Text};
use crate::schema::{BySource, ColumnKind};
use crate::value::Cell;

/// Makes the columns of one table.
pub struct Columns<'a> {
    pub context: Context<'a>,
    pub settings: &'a Settings,
    pub shapes: &'a BySource<Shape>,
    pub table: TableId,
    pub formulas: &'a Formulas<'a>,
    pub ordinals: &'a mut Ordinals,
}

/// The numbers of a plan's columns of codes, so that no two columns make the same code.
#[derive(Default)]
pub struct Ordinals {
    pub codes: u64,
    pub persons: u64,
    /// How many columns of identity numbers there are in all.
    pub all_persons: u64,
}

/// Counts up; gives the number before.
fn next(counter: &mut u64) -> u64 {
    *counter += 1;
    *counter - 1
}

impl Columns<'_> {
    /// One column of the table's.
    pub fn column(&mut self, place: usize, raw: &RawColumn) -> Option<PlanColumn> {
        let kind = self.kind(place, &raw.name)?;
        if let Some(place) = &raw.emptied
            && self.is_required(&raw.name.value)
        {
            let message = format!("`{}` is required: its cells cannot be empty", raw.name.value);
            self.context.findings.push(Diagnostic::error(Mistake::BadValue, place.clone(), message));
        }
        let when = raw.when.as_ref().map(|text| self.formulas.condition(text));
        let near: Option<Vec<Vec<Bound>>> = raw.near.iter().map(|text| self.edges(&kind, text)).collect();
        let rule = self.rule(&kind, &raw.name, &raw.rule);
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
            near_share: raw.near_share.unwrap_or(self.settings.near),
            kind,
        })
    }

    /// The kind of a column; an unknown one is reported.
    fn kind(&self, column: usize, name: &Text) -> Option<ColumnKind> {
        let kind = self.shapes[self.table].columns[column].1.clone();
        if kind.is_none() {
            let diagnostic =
                Diagnostic::error(Mistake::MissingKey, name.place.clone(), format!("the type of `{}` is not known", name.value));
            self.context.findings.push(diagnostic.hint("say type = \"money\", or type = \"source.column\""));
        }
        kind
    }

    /// Whether this is a column of a source that may not be empty.
    fn is_required(&self, name: &str) -> bool {
        let source = self.context.pipeline.source(&self.shapes[self.table].name).map(|s| &self.context.pipeline.sources[s]);
        source.is_some_and(|s| s.columns.iter().any(|c| c.name == name && c.required))
    }

    fn rule(&mut self, kind: &ColumnKind, name: &Text, raw: &RawRule) -> Option<Rule> {
        Some(match raw {
            RawRule::Each { divisor, values } => {
                Rule::Each { divisor: *divisor, values: values.iter().map(|v| self.constant(kind, v)).collect::<Option<_>>()? }
            }
            RawRule::Number(from) => Rule::Number { from: *from },
            RawRule::Value(text) => Rule::Value(self.formulas.cell(text, kind)?),
            RawRule::Pick(options) => self.pick(kind, options)?,
            RawRule::Range { from, to, step, curve } => self.range(kind, (from, to), step.as_ref(), *curve)?,
            RawRule::Text(text) => Rule::Text(self.parts(text)?),
            RawRule::Uscc { issuer, region } => {
                let [issuer, region] = [issuer, region].map(|text| self.formulas.cell(text, &ColumnKind::Text));
                Rule::Uscc { issuer: issuer?, region: region?, ordinal: next(&mut self.ordinals.codes) }
            }
            RawRule::Identity { from, to } => {
                let born = (self.context.day(from), self.context.day(to));
                let regions = self.context.pipeline.counties.keys().cloned().collect();
                let (ordinal, of) = (next(&mut self.ordinals.persons), self.ordinals.all_persons);
                Rule::Identity { regions, born: (born.0?, born.1?), ordinal, of }
            }
            RawRule::Mix(branches) => Rule::Mix(branches.iter().map(|branch| self.branch(kind, name, branch)).collect::<Option<_>>()?),
            RawRule::Copy => Rule::Value(self.copy(kind, name)?),
        })
    }

    fn branch(&mut self, kind: &ColumnKind, name: &Text, raw: &RawBranch) -> Option<Branch> {
        let when = match &raw.when {
            Some(text) => Some(self.formulas.condition(text)?),
            None => None,
        };
        Some(Branch { weight: raw.weight, when, rule: self.rule(kind, name, &raw.rule)? })
    }

    fn constant(&self, kind: &ColumnKind, text: &Text) -> Option<Cell> {
        self.context.constant(text, kind, (&self.settings.yes, &self.settings.no))
    }

    fn pick(&self, kind: &ColumnKind, options: &[(Text, u64)]) -> Option<Rule> {
        let mut total = 0u64;
        let mut summed = Vec::new();
        for (text, weight) in options {
            total = total.saturating_add(*weight);
            summed.push((total, self.constant(kind, text)?));
        }
        Some(Rule::Pick { total, options: summed })
    }

    fn range(&self, kind: &ColumnKind, (from, to): (&Text, &Text), step: Option<&Text>, curve: Curve) -> Option<Rule> {
        let Some(unit) = smallest_step(kind) else {
            return self.wrong_type(&from.place, format!("a range has no meaning for {}", kind.ty().name()));
        };
        let step = match step {
            Some(text) => self.step(kind, text)?,
            None => unit,
        };
        let (from, to) = (self.bound(kind, from), self.bound(kind, to));
        Some(Rule::Range { from: from?, to: to?, step, curve })
    }

    /// A step as stored: that of days is in days, that of moments in minutes.
    fn step(&self, kind: &ColumnKind, text: &Text) -> Option<i64> {
        let step = match kind {
            ColumnKind::Date => number(&text.value, &ColumnKind::Int),
            ColumnKind::DateTime => number(&text.value, &ColumnKind::Int).and_then(|minutes| minutes.checked_mul(60_000)),
            _ => number(&text.value, kind),
        };
        let step = step.filter(|step| *step > 0);
        if step.is_none() {
            let message = format!("`{}` is no step of this column", text.value);
            self.context.findings.push(Diagnostic::error(Mistake::BadValue, text.place.clone(), message));
        }
        step
    }

    fn wrong_type<T>(&self, place: &Place, message: String) -> Option<T> {
        self.context.findings.push(Diagnostic::error(Mistake::WrongType, place.clone(), message));
        None
    }

    /// A value of the column's type, or an expression.
    fn bound(&self, kind: &ColumnKind, text: &Text) -> Option<Bound> {
        match number(&text.value, kind) {
            Some(value) => Some(Bound::Constant(value)),
            None => self.formulas.cell(text, kind).map(Bound::Value),
        }
    }

    /// An edge: a value, an expression, or all values of a parameter of the pipeline.
    fn edges(&self, kind: &ColumnKind, text: &Text) -> Option<Vec<Bound>> {
        if smallest_step(kind).is_none() {
            return self.wrong_type(&text.place, format!("{} has no values just below and above", kind.ty().name()));
        }
        match self.context.parameter(&text.value) {
            Some(settings) => Some(settings.into_iter().map(Bound::Constant).collect()),
            None => Some(vec![self.bound(kind, text)?]),
        }
    }

    /// The parent's column of the same name.
    fn copy(&self, kind: &ColumnKind, name: &Text) -> Option<Formula> {
        let (_, parent) = self.shapes[self.table].links.first()?;
        let column = self.shapes[*parent].column(&name.value)?;
        let theirs = self.shapes[*parent].columns[column].1.as_ref()?;
        if theirs.ty() != kind.ty() {
            let message = format!("`{}` comes from the parent, where it has another type", name.value);
            let hint = "let the parent's table be like = this source, or give its column type = \"source.column\"";
            self.context.findings.push(Diagnostic::error(Mistake::WrongType, name.place.clone(), message).hint(hint));
            return None;
        }
        Some(self.formulas.of_parent(self.table, column, kind))
    }

    /// Words with `{expression}` and `{n}`, `{n:8}` for the row's number in between.
    fn parts(&self, text: &Text) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        let mut rest = text.value.as_str();
        while let Some((words, after)) = rest.split_once('{') {
            let Some((inside, after)) = after.split_once('}') else {
                self.context.findings.push(Diagnostic::error(Mistake::Syntax, text.place.clone(), "a `{` is never closed"));
                return None;
            };
            parts.push(Part::Words(words.to_string()));
            parts.push(self.part(text, inside)?);
            rest = after;
        }
        parts.push(Part::Words(rest.to_string()));
        Some(parts)
    }

    fn part(&self, whole: &Text, inside: &str) -> Option<Part> {
        if inside == "n" {
            return Some(Part::Number(1));
        }
        if let Some(width) = inside.strip_prefix("n:").and_then(|w| w.parse().ok()).filter(|w| *w <= 20) {
            return Some(Part::Number(width));
        }
        let text = Text { value: inside.to_string(), place: self.inside(whole, inside) };
        self.formulas.any(&text).map(|(formula, kind)| Part::Value(formula, kind))
    }

    /// Where a piece of a text stands, if it stands there once.
    fn inside(&self, whole: &Text, piece: &str) -> Place {
        let mut place = whole.place.clone();
        let written = self.context.files.text(place.file).get(place.span.clone()).unwrap_or_default();
        let mut found = written.match_indices(piece);
        if let (Some((at, _)), None) = (found.next(), found.next()) {
            place.span = place.span.start + at..place.span.start + at + piece.len();
        }
        place
    }
}
