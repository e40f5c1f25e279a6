//! What the readers of pipeline files ask for, as they ask for it → a JSON schema per kind of file, for editors.
//!
//! The readers are the only place that knows the keys; here is kept what they asked of which table, while they read. So a key
//! cannot be read and be missing in the schema. What no file of the pipelines that are read here has, may lack its inner keys.

use super::load::{Broken, read_for_schema};
use super::toml::Findings;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A place in the form of a file: a table, a list, a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormId(usize);

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
#[derive(Debug, Default)]
pub struct Forms(RefCell<Vec<Form>>);

#[derive(Debug, Default)]
struct Form {
    /// In the order in which they were first asked for.
    children: Vec<(String, FormId)>,
    kinds: BTreeSet<Kind>,
    /// The reader looked which of several kinds it is.
    has_alternatives: bool,
    /// How many tables stood here, and how many of their parents had to have one.
    seen: usize,
    needed: usize,
}

impl Forms {
    /// The form of a whole file of this kind.
    pub fn file(&self, kind: &str) -> FormId {
        if self.0.borrow().is_empty() {
            self.0.borrow_mut().push(Form::default());
        }
        self.step(FormId(0), kind)
    }

    /// The place that a step leads to.
    pub fn step(&self, from: FormId, step: &str) -> FormId {
        let mut forms = self.0.borrow_mut();
        if let Some((_, known)) = forms[from.0].children.iter().find(|(key, _)| key == step) {
            return *known;
        }
        let new = FormId(forms.len());
        forms.push(Form::default());
        forms[from.0].children.push((step.to_string(), new));
        new
    }

    pub fn is(&self, form: FormId, kind: Kind) {
        self.0.borrow_mut()[form.0].kinds.insert(kind);
    }

    pub fn has_alternatives(&self, form: FormId) {
        self.0.borrow_mut()[form.0].has_alternatives = true;
    }

    pub fn seen(&self, form: FormId) {
        self.0.borrow_mut()[form.0].seen += 1;
    }

    pub fn needed(&self, form: FormId) {
        self.0.borrow_mut()[form.0].needed += 1;
    }

    fn schema(&self, form: FormId) -> Value {
        let forms = self.0.borrow();
        let Form { children, kinds, has_alternatives, .. } = &forms[form.0];
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
                    if forms[child.0].needed > 0 && forms[child.0].needed == forms[form.0].seen {
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

/// Per kind of file (`measure`) its schema, as the readers of these pipelines ask. They must be without mistakes.
pub fn schemas(dirs: &[&Path]) -> Result<BTreeMap<String, String>, Broken> {
    let findings = Findings::default();
    for dir in dirs {
        read_for_schema(dir, &findings)?;
    }
    let forms = findings.forms();
    let kinds = forms.0.borrow().first().map(|root| root.children.clone()).unwrap_or_default();
    Ok(kinds
        .into_iter()
        .map(|(folder, form)| {
            let name = folder.trim_end_matches('s').to_string();
            let head = json!({ "$schema": "http://json-schema.org/draft-07/schema#", "title": name });
            let (Value::Object(mut schema), Value::Object(body)) = (head, forms.schema(form)) else {
                return (name, String::new());
            };
            schema.extend(body);
            (name, format!("{:#}\n", Value::Object(schema)))
        })
        .collect())
}
