//! A TOML table read key by key: every mistake is kept with its place, and keys that nobody asked for are refused.

use crate::diagnostic::{Diagnostic, FileId, Mistake, Place, similar};
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where findings are gathered while files are read.
#[derive(Default)]
pub struct Findings(RefCell<Vec<Diagnostic>>);

impl Findings {
    pub fn push(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    /// How many there are so far: tells whether something in between reported any.
    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    pub fn into_inner(self) -> Vec<Diagnostic> {
        self.0.into_inner()
    }
}

/// A string as it stands in a file: the value, and the place of its quoted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub value: String,
    pub place: Place,
}

/// Any value with its place.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub value: &'a DeValue<'a>,
    pub file: FileId,
    pub span: (usize, usize),
    findings: &'a Findings,
}

impl<'a> Value<'a> {
    pub fn place(&self) -> Place {
        Place { file: self.file, span: self.span.0..self.span.1 }
    }

    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    fn wrong(&self, wanted: &str) {
        let found = self.value.type_str();
        self.findings.push(Diagnostic::error(Mistake::WrongType, self.place(), format!("expected {wanted}, found {found}")));
    }

    pub fn text(&self) -> Option<Text> {
        match self.value {
            DeValue::String(s) => Some(Text { value: s.to_string(), place: self.place() }),
            _ => {
                self.wrong("a string");
                None
            }
        }
    }

    pub fn integer(&self) -> Option<i64> {
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
        match self.value {
            DeValue::Array(items) => Some(
                items
                    .iter()
                    .map(|v| Value { value: v.get_ref(), file: self.file, span: (v.span().start, v.span().end), findings: self.findings })
                    .collect(),
            ),
            _ => {
                self.wrong("an array");
                None
            }
        }
    }

    pub fn table(&self) -> Option<Table<'a>> {
        match self.value {
            DeValue::Table(table) => Some(Table::new(table, self.place(), self.findings)),
            _ => {
                self.wrong("a table");
                None
            }
        }
    }

    pub fn is_string(&self) -> bool {
        matches!(self.value, DeValue::String(_))
    }

    pub fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    pub fn is_boolean(&self) -> bool {
        matches!(self.value, DeValue::Boolean(_))
    }

    /// True or false, if it is one of them; no finding otherwise.
    pub fn boolean_or_none(&self) -> Option<bool> {
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
    findings: &'a Findings,
}

impl<'a> Table<'a> {
    pub fn new(table: &'a DeTable<'a>, place: Place, findings: &'a Findings) -> Self {
        Table { table, place, asked: RefCell::default(), findings }
    }

    pub fn place(&self) -> Place {
        self.place.clone()
    }

    pub fn findings(&self) -> &'a Findings {
        self.findings
    }

    fn entry(&self, key: &str) -> Option<Value<'a>> {
        let (_, v) = self.table.iter().find(|(k, _)| k.get_ref() == key)?;
        Some(self.value(v))
    }

    fn value(&self, v: &'a Spanned<DeValue<'a>>) -> Value<'a> {
        Value { value: v.get_ref(), file: self.place.file, span: (v.span().start, v.span().end), findings: self.findings }
    }

    pub fn get(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().push(key);
        self.entry(key)
    }

    /// The value of a key that must be there.
    pub fn need(&self, key: &'static str) -> Option<Value<'a>> {
        let found = self.get(key);
        if found.is_none() {
            self.findings.push(Diagnostic::error(Mistake::MissingKey, self.head(), format!("key `{key}` is missing here")));
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
        self.get(key)?.text()
    }

    pub fn string(&self, key: &'static str) -> Option<String> {
        self.text(key).map(|t| t.value)
    }

    pub fn boolean(&self, key: &'static str) -> bool {
        self.get(key).and_then(|v| v.boolean()).unwrap_or(false)
    }

    /// A list of strings; absent is empty.
    pub fn texts(&self, key: &'static str) -> Vec<Text> {
        let items = self.get(key).and_then(|v| v.array()).unwrap_or_default();
        items.iter().filter_map(Value::text).collect()
    }

    pub fn strings(&self, key: &'static str) -> Vec<String> {
        self.texts(key).into_iter().map(|t| t.value).collect()
    }

    pub fn table(&self, key: &'static str) -> Option<Table<'a>> {
        self.get(key)?.table()
    }

    /// An array of tables (`[[key]]`); absent is empty.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let items = self.get(key).and_then(|v| v.array()).unwrap_or_default();
        items.iter().filter_map(Value::table).collect()
    }

    /// Every entry, for tables whose keys are free names.
    pub fn entries(&self) -> Vec<(Text, Value<'a>)> {
        self.table
            .iter()
            .map(|(k, v)| {
                let span: Range<usize> = k.span();
                (Text { value: k.get_ref().to_string(), place: Place { file: self.place.file, span } }, self.value(v))
            })
            .collect()
    }

    /// Refuses every key that was not asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries() {
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
