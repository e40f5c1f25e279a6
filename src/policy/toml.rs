//! A TOML table read key by key: every mistake is kept with its place, and keys that nobody asked for are refused.

use super::forms::{ANY_NAME, Form, ITEM, Kind};
use crate::diagnostic::{Diagnostic, FileId, Findings, Mistake, Place, Text, similar};
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Any value with its place.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub value: &'a DeValue<'a>,
    pub file: FileId,
    pub span: (usize, usize),
    form: Form<'a>,
    findings: &'a Findings,
}

impl<'a> Value<'a> {
    pub fn place(&self) -> Place {
        Place { file: self.file, span: self.span.0..self.span.1 }
    }

    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    fn is(&self, kind: Kind) {
        self.form.is(kind);
    }

    /// For the schema: this kind, or others that the reader takes then.
    pub fn may_be(&self, kind: Kind) {
        self.is(kind);
        self.form.has_alternatives();
    }

    fn wrong(&self, wanted: &str) {
        let found = self.value.type_str();
        self.findings.push(Diagnostic::error(Mistake::WrongType, self.place(), format!("expected {wanted}, found {found}")));
    }

    pub fn text(&self) -> Option<Text> {
        self.is(Kind::String);
        match self.value {
            DeValue::String(s) => Some(Text { value: s.to_string(), place: self.place() }),
            _ => {
                self.wrong("a string");
                None
            }
        }
    }

    pub fn integer(&self) -> Option<i64> {
        self.is(Kind::Integer);
        let parsed = match self.value {
            DeValue::Integer(i) => i64::from_str_radix(&i.as_str().replace('_', ""), i.radix()).ok(),
            _ => None,
        };
        if parsed.is_none() {
            self.wrong("an integer");
        }
        parsed
    }

    pub fn boolean(&self) -> Option<bool> {
        self.is(Kind::Boolean);
        match self.value {
            DeValue::Boolean(b) => Some(*b),
            _ => {
                self.wrong("true or false");
                None
            }
        }
    }

    /// The scalar as it would be written in a data file: a string as it is, an integer bare. Floats are refused.
    pub fn scalar(&self) -> Option<Text> {
        self.is(Kind::String);
        self.is(Kind::Integer);
        match self.value {
            DeValue::String(s) => Some(Text { value: s.to_string(), place: self.place() }),
            DeValue::Integer(i) => Some(Text { value: i.as_str().to_string(), place: self.place() }),
            _ => {
                self.wrong("a string or an integer (amounts are strings, never floats)");
                None
            }
        }
    }

    pub fn array(&self) -> Option<Vec<Value<'a>>> {
        self.is(Kind::Array);
        let form = self.form.step(ITEM);
        match self.value {
            DeValue::Array(items) => Some(
                items
                    .iter()
                    .map(|v| Value {
                        value: v.get_ref(),
                        file: self.file,
                        span: (v.span().start, v.span().end),
                        form,
                        findings: self.findings,
                    })
                    .collect(),
            ),
            _ => {
                self.wrong("an array");
                None
            }
        }
    }

    pub fn table(&self) -> Option<Table<'a>> {
        self.is(Kind::Object);
        match self.value {
            DeValue::Table(table) => Some(Table::at(table, self.place(), self.form, self.findings)),
            _ => {
                self.wrong("a table");
                None
            }
        }
    }

    pub fn is_string(&self) -> bool {
        self.may_be(Kind::String);
        matches!(self.value, DeValue::String(_))
    }

    pub fn is_table(&self) -> bool {
        self.may_be(Kind::Object);
        matches!(self.value, DeValue::Table(_))
    }

    pub fn is_boolean(&self) -> bool {
        self.may_be(Kind::Boolean);
        matches!(self.value, DeValue::Boolean(_))
    }

    /// True or false, if it is one of them; no finding otherwise.
    pub fn boolean_or_none(&self) -> Option<bool> {
        self.may_be(Kind::Boolean);
        match self.value {
            DeValue::Boolean(b) => Some(*b),
            _ => None,
        }
    }
}

/// One table of a file. Ask for each key by name, then call [`Table::finish`].
pub struct Table<'a> {
    table: &'a DeTable<'a>,
    place: Place,
    asked: RefCell<Vec<&'static str>>,
    form: Form<'a>,
    findings: &'a Findings,
}

impl<'a> Table<'a> {
    /// The whole of a file for which no schema is written.
    pub fn new(table: &'a DeTable<'a>, place: Place, findings: &'a Findings) -> Self {
        Table::at(table, place, Form::default(), findings)
    }

    /// The table at a place of a file's form.
    pub(super) fn at(table: &'a DeTable<'a>, place: Place, form: Form<'a>, findings: &'a Findings) -> Self {
        form.is(Kind::Object);
        form.seen();
        Table { table, place, asked: RefCell::default(), form, findings }
    }

    pub fn place(&self) -> Place {
        self.place.clone()
    }

    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    fn entry(&self, key: &str, form: Form<'a>) -> Option<Value<'a>> {
        let (_, v) = self.table.iter().find(|(k, _)| k.get_ref() == key)?;
        Some(self.value(v, form))
    }

    fn value(&self, v: &'a Spanned<DeValue<'a>>, form: Form<'a>) -> Value<'a> {
        Value { value: v.get_ref(), file: self.place.file, span: (v.span().start, v.span().end), form, findings: self.findings }
    }

    /// The form of a key's value, of which one kind at least is known although the key may not be there.
    fn form(&self, key: &str, kind: Kind) -> Form<'a> {
        let form = self.form.step(key);
        form.is(kind);
        form
    }

    pub fn get(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().push(key);
        self.entry(key, self.form.step(key))
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &'static str) -> Option<Value<'a>> {
        let found = self.get(key);
        self.form.step(key).needed();
        if found.is_none() {
            let missing = Diagnostic::error(Mistake::MissingKey, self.head(), format!("key `{key}` is missing here"));
            // It may stand there with a slip of the hand, which `finish` tells.
            let follows = self.table.iter().any(|(other, _)| strsim::levenshtein(other.get_ref(), key) == 1);
            self.findings.push(Diagnostic { follows, ..missing });
        }
        found
    }

    /// The first line of this table, to point at what lacks something.
    fn head(&self) -> Place {
        Place {
            file: self.place.file,
            span: self.place.span.start..self.place.span.start.max(self.place.span.end.min(self.place.span.start + 1)),
        }
    }

    pub fn need_text(&self, key: &'static str) -> Option<Text> {
        self.need(key)?.text()
    }

    pub fn text(&self, key: &'static str) -> Option<Text> {
        self.form(key, Kind::String);
        self.get(key)?.text()
    }

    pub fn string(&self, key: &'static str) -> Option<String> {
        self.text(key).map(|t| t.value)
    }

    pub fn boolean(&self, key: &'static str) -> bool {
        self.form(key, Kind::Boolean);
        self.get(key).and_then(|v| v.boolean()).unwrap_or(false)
    }

    /// A list of strings; absent is empty.
    pub fn texts(&self, key: &'static str) -> Vec<Text> {
        let item = self.form(key, Kind::Array).step(ITEM);
        item.is(Kind::String);
        let items = self.get(key).and_then(|v| v.array()).unwrap_or_default();
        items.iter().filter_map(Value::text).collect()
    }

    pub fn strings(&self, key: &'static str) -> Vec<String> {
        self.texts(key).into_iter().map(|t| t.value).collect()
    }

    pub fn table(&self, key: &'static str) -> Option<Table<'a>> {
        self.form(key, Kind::Object);
        self.get(key)?.table()
    }

    /// An array of tables (`[[key]]`); absent is empty.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let item = self.form(key, Kind::Array).step(ITEM);
        item.is(Kind::Object);
        let items = self.get(key).and_then(|v| v.array()).unwrap_or_default();
        items.iter().filter_map(Value::table).collect()
    }

    /// Every entry, for tables whose keys are free names.
    pub fn entries(&self) -> Vec<(Text, Value<'a>)> {
        let form = self.form.step(ANY_NAME);
        self.all(form)
    }

    fn all(&self, form: Form<'a>) -> Vec<(Text, Value<'a>)> {
        self.table
            .iter()
            .map(|(k, v)| {
                let span: Range<usize> = k.span();
                (Text { value: k.get_ref().to_string(), place: Place { file: self.place.file, span } }, self.value(v, form))
            })
            .collect()
    }

    /// Refuses every key that was not asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.all(self.form) {
            if asked.iter().any(|a| *a == key.value) {
                continue;
            }
            let near = similar(&key.value, asked.iter().copied());
            let known = if near.is_empty() { asked.join(", ") } else { near.join(", ") };
            let diagnostic = Diagnostic::error(Mistake::UnknownKey, key.place, format!("unknown key `{}`", key.value));
            self.findings.push(diagnostic.hint(format!("known here: {known}")));
        }
    }
}
