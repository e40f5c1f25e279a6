//! Values written out in a plan: constants of a column's type, days, and the types themselves.

use super::model::Constant;
use super::raw::RawRule;
use crate::diagnostic::{Diagnostic, Mistake, similar};
use crate::money;
use crate::period;
use crate::policy::model::{Pipeline, Setting};
use crate::policy::source::ColumnKind;
use crate::policy::toml::{Findings, Text};
use crate::sql::ir::Value;

/// Reads constants and reports those that are none.
pub(super) struct Values<'a> {
    pub pipeline: &'a Pipeline,
    pub findings: &'a Findings,
}

impl Values<'_> {
    pub fn day(&self, text: &Text) -> Option<i32> {
        let day = period::parse_iso_date(text.value.as_bytes());
        if day.is_none() {
            let diagnostic = Diagnostic::error(Mistake::BadDate, text.place.clone(), format!("`{}` is not a date", text.value));
            self.findings.push(diagnostic.hint("write 2022-04-08"));
        }
        day
    }

    /// A cell of this kind, empty where the text is; `words` are how a bool is written.
    pub fn constant(&self, text: &Text, kind: &ColumnKind, words: (&str, &str)) -> Option<Constant> {
        if text.value.is_empty() {
            return Some(Constant::Null);
        }
        let constant = match kind {
            ColumnKind::Code | ColumnKind::Uscc | ColumnKind::Id | ColumnKind::Text => Some(Constant::Text(text.value.clone())),
            ColumnKind::Enum(values) => values.values.iter().position(|v| *v == text.value).map(|i| Constant::Int(i as i64)),
            ColumnKind::Bool if text.value == words.0 => Some(Constant::Int(1)),
            ColumnKind::Bool => (text.value == words.1).then_some(Constant::Int(0)),
            _ => number(&text.value, kind).map(Constant::Int),
        };
        if constant.is_none() {
            let diagnostic =
                Diagnostic::error(Mistake::UnknownValue, text.place.clone(), format!("`{}` is no cell of this column", text.value));
            self.findings.push(match kind {
                ColumnKind::Enum(values) => diagnostic.hint(format!("its values: {}", values.values.join(" | "))),
                ColumnKind::Bool => diagnostic.hint(format!("{} | {}", words.0, words.1)),
                _ => diagnostic,
            });
        }
        constant
    }

    /// The values of a parameter, written `measure.parameter` or, where measures share it, `parameter`.
    pub fn parameter(&self, text: &str) -> Option<Vec<i64>> {
        let (measure, name) = match text.rsplit_once('.') {
            Some((measure, name)) => (Some(measure), name),
            None => (None, text),
        };
        let parameter = self.pipeline.parameters.iter().find(|p| p.name == name && p.measure.as_deref() == measure)?;
        let settings = parameter.entries.iter().flat_map(|entry| match &entry.value {
            Setting::Unset => Vec::new(),
            Setting::One(value) => vec![value],
            Setting::Keyed(keys) => keys.values().collect(),
        });
        Some(settings.filter_map(stored).collect())
    }

    /// The kind that a rule makes, where it says so by itself.
    pub fn kind_of_rule(&self, rule: &RawRule) -> Option<ColumnKind> {
        match rule {
            RawRule::Each { values, .. } => Some(kind_of_words(values)),
            RawRule::Number(_) => Some(ColumnKind::Int),
            RawRule::Pick(options) if !options.is_empty() => Some(ColumnKind::Text),
            RawRule::Text(_) => Some(ColumnKind::Text),
            RawRule::Uscc { .. } => Some(ColumnKind::Uscc),
            RawRule::Identity { .. } => Some(ColumnKind::Id),
            RawRule::Mix(branches) => branches.iter().find_map(|branch| self.kind_of_rule(&branch.rule)),
            _ => None,
        }
    }
}

fn kind_of_words(values: &[Text]) -> ColumnKind {
    if values.iter().all(|v| period::parse_iso_date(v.value.as_bytes()).is_some()) {
        ColumnKind::Date
    } else if values.iter().all(|v| money::parse_int(&v.value).is_ok()) {
        ColumnKind::Int
    } else {
        ColumnKind::Text
    }
}

fn stored(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => i64::try_from(*n).ok(),
        Value::Date(days) => Some(i64::from(*days)),
        _ => None,
    }
}

/// A number, day or moment as stored.
pub(super) fn number(text: &str, kind: &ColumnKind) -> Option<i64> {
    match kind {
        ColumnKind::Date => period::parse_iso_date(text.as_bytes()).map(i64::from),
        ColumnKind::DateTime => period::parse_datetime(text).ok(),
        ColumnKind::Int => money::parse_int(text).ok(),
        ColumnKind::Money => money::parse_money(text, &[]).ok(),
        ColumnKind::Rate => money::parse_rate(text).ok(),
        ColumnKind::Decimal => money::parse_decimal(text).ok(),
        _ => None,
    }
}

/// A type by name, or that of another source's column.
pub(super) fn kind_named(text: &Text, pipeline: &Pipeline, findings: &Findings) -> Option<ColumnKind> {
    let kinds = [
        ("text", ColumnKind::Text),
        ("code", ColumnKind::Code),
        ("date", ColumnKind::Date),
        ("datetime", ColumnKind::DateTime),
        ("int", ColumnKind::Int),
        ("money", ColumnKind::Money),
        ("rate", ColumnKind::Rate),
        ("decimal", ColumnKind::Decimal),
        ("bool", ColumnKind::Bool),
    ];
    let plain = kinds.iter().find(|(name, _)| *name == text.value).map(|(_, kind)| kind.clone());
    let of_column = text.value.split_once('.').and_then(|(source, column)| {
        let source = &pipeline.sources[pipeline.source(source)?];
        Some(source.columns[source.column(column)?].kind.clone())
    });
    let kind = plain.or(of_column);
    if kind.is_none() {
        let near = similar(&text.value, kinds.iter().map(|(name, _)| *name)).join(", ");
        let diagnostic = Diagnostic::error(Mistake::UnknownType, text.place.clone(), format!("unknown type `{}`", text.value));
        findings.push(diagnostic.hint(format!("a type, or \"source.column\" for an enum; similar: {near}")));
    }
    kind
}
