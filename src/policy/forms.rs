//! What the readers of pipeline files ask for, as they ask for it → the JSON schema of each kind of file.
//!
//! The readers are the only place that knows the keys; here is kept what they asked of which table, while they read. So a key
//! cannot be read and be missing in the schema. What no file of the pipelines that are read here has, may lack its inner keys.

use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A place in the form of a file: a table, a list, a value. Keeps nothing where no schema is wanted.
#[derive(Clone, Copy, Default)]
pub struct Form<'a>(Option<(&'a Forms, FormId)>);

type FormId = usize;

/// Steps that are no keys: into a list, and to the values of a table whose keys are free names.
pub const ITEM: &str = "[]";
pub const ANY_NAME: &str = "*";

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    String,
    Integer,
    Boolean,
    Array,
    Object,
}

/// Everything that was asked for.
#[derive(Default)]
pub struct Forms(RefCell<Vec<Asked>>);

/// What was asked of one place.
#[derive(Default)]
struct Asked {
    /// In the order in which they were first asked for.
    children: Vec<(String, FormId)>,
    kinds: BTreeSet<Kind>,
    /// The reader looked which of several kinds it is.
    has_alternatives: bool,
    /// How many tables stood here, and how many of their parents had to have one.
    seen: usize,
    needed: usize,
}

impl<'a> Form<'a> {
    /// The place that a step leads to.
    pub fn step(self, step: &str) -> Form<'a> {
        Form(self.0.map(|(forms, from)| (forms, forms.step(from, step))))
    }

    pub fn is(self, kind: Kind) {
        self.asked(|form| {
            form.kinds.insert(kind);
        });
    }

    pub fn has_alternatives(self) {
        self.asked(|form| form.has_alternatives = true);
    }

    pub fn seen(self) {
        self.asked(|form| form.seen += 1);
    }

    pub fn needed(self) {
        self.asked(|form| form.needed += 1);
    }

    fn asked(self, keep: impl FnOnce(&mut Asked)) {
        if let Some((forms, form)) = self.0 {
            keep(&mut forms.0.borrow_mut()[form]);
        }
    }
}

impl Forms {
    /// The form of all files of this kind.
    pub fn file(&self, kind: &str) -> Form<'_> {
        if self.0.borrow().is_empty() {
            self.0.borrow_mut().push(Asked::default());
        }
        Form(Some((self, self.step(0, kind))))
    }

    /// Per kind of file its schema.
    pub fn schemas(&self) -> Vec<(String, Value)> {
        let kinds = self.0.borrow().first().map(|root| root.children.clone()).unwrap_or_default();
        kinds.into_iter().map(|(kind, form)| (kind, self.schema(form))).collect()
    }

    fn step(&self, from: FormId, step: &str) -> FormId {
        let mut forms = self.0.borrow_mut();
        if let Some((_, known)) = forms[from].children.iter().find(|(key, _)| key == step) {
            return *known;
        }
        let new = forms.len();
        forms.push(Asked::default());
        forms[from].children.push((step.to_string(), new));
        new
    }

    fn schema(&self, form: FormId) -> Value {
        let forms = self.0.borrow();
        let Asked { children, kinds, has_alternatives, .. } = &forms[form];
        let mut schema = Map::new();
        // Where the reader tells kinds apart, one that no file has is allowed too.
        let names: Vec<Value> = kinds.iter().map(|kind| json!(kind.name())).collect();
        match names.as_slice() {
            [] => {}
            [_] if *has_alternatives => {}
            [name] => drop(schema.insert("type".into(), name.clone())),
            _ => drop(schema.insert("type".into(), Value::Array(names))),
        }
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for (key, child) in children {
            let below = self.schema(*child);
            match key.as_str() {
                ITEM => drop(schema.insert("items".into(), below)),
                ANY_NAME => drop(schema.insert("additionalProperties".into(), below)),
                _ => {
                    if forms[*child].needed > 0 && forms[*child].needed == forms[form].seen {
                        required.push(json!(key));
                    }
                    properties.insert(key.clone(), below);
                }
            }
        }
        if !properties.is_empty() {
            schema.insert("properties".into(), Value::Object(properties));
            schema.entry("additionalProperties").or_insert(json!(false));
        }
        if !required.is_empty() {
            schema.insert("required".into(), Value::Array(required));
        }
        Value::Object(schema)
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::String => "string",
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Array => "array",
            Kind::Object => "object",
        }
    }
}
