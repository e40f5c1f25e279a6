//! Values written out in a plan: constants of a column's type, days, and the types themselves.

use crate::diagnostic::{Diagnostic, Files, Findings, Mistake, Text, similar};
use crate::money;
use crate::period;
use crate::policy::model::{Pipeline, Setting};
use crate::schema::ColumnKind;
use crate::value::{Cell, Value};

/// What a plan is read against, and where its mistakes go.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub pipeline: &'a Pipeline,
    pub files: &'a Files,
    pub findings: &'a Findings,
}

impl Context<'_> {
    pub fn day(&self, text: &Text) -> Option<i32> {
        let day = period::parse_iso_date(text.value.as_bytes());
        if day.is_none() {
            let diagnostic = Diagnostic::error(Mistake::BadDate, text.place.clone(), format!("`{}` is not a date", text.value));
            self.findings.push(diagnostic.hint("write 2022-04-08"));
        }
        day
    }

    /// A cell of this kind, empty where the text is; `words` are how a bool is written.
    pub fn constant(&self, text: &Text, kind: &ColumnKind, words: (&str, &str)) -> Option<Cell> {
        if text.value.is_empty() {
            return Some(Cell::Null);
        }
        let cell = match kind {
            ColumnKind::Code | ColumnKind::Uscc | ColumnKind::Id | ColumnKind::Text => Some(Cell::Text(text.value.clone())),
            ColumnKind::Enum(values) => values.values.iter().position(|v| *v == text.value).map(|i| Cell::Number(i as i128)),
            ColumnKind::Bool => [words.1, words.0].iter().position(|word| *word == text.value).map(|truth| Cell::Number(truth as i128)),
            _ => number(&text.value, kind).map(|value| Cell::Number(i128::from(value))),
        };
        if cell.is_none() {
            let diagnostic =
                Diagnostic::error(Mistake::UnknownValue, text.place.clone(), format!("`{}` is no cell of this column", text.value));
            self.findings.push(match kind {
                ColumnKind::Enum(values) => diagnostic.hint(format!("its values: {}", values.values.join(" | "))),
                ColumnKind::Bool => diagnostic.hint(format!("{} | {}", words.0, words.1)),
                _ => diagnostic,
            });
        }
        cell
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

    /// A type by name, or that of another source's column.
    pub fn kind_named(&self, text: &Text) -> Option<ColumnKind> {
        use ColumnKind::*;
        let kinds = [Text, Code, Date, DateTime, Int, Money, Rate, Decimal, Bool];
        let of_column = || {
            let (source, column) = text.value.split_once('.')?;
            let source = &self.pipeline.sources[self.pipeline.source(source)?];
            Some(source.columns[source.column(column)?].kind.clone())
        };
        let kind = kinds.iter().find(|kind| kind.name() == text.value).cloned().or_else(of_column);
        if kind.is_none() {
            let near = similar(&text.value, kinds.iter().map(ColumnKind::name)).join(", ");
            let diagnostic = Diagnostic::error(Mistake::UnknownType, text.place.clone(), format!("unknown type `{}`", text.value));
            self.findings.push(diagnostic.hint(format!("a type, or \"source.column\" for an enum; similar: {near}")));
        }
        kind
    }
}

/// The kind of cells of which these are all there are.
pub fn kind_of_words(values: &[Text]) -> ColumnKind {
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
pub fn number(text: &str, kind: &ColumnKind) -> Option<i64> {
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
