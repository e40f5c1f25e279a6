//! Pipelines without mistakes → a JSON schema per kind of file, with which an editor completes and checks them.

use super::forms::Forms;
use super::load::{Broken, read_for_schema};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Per kind of file (`measure`) its schema, as the readers of these pipelines ask.
pub fn schemas(dirs: &[&Path]) -> Result<BTreeMap<String, String>, Broken> {
    let forms = Forms::default();
    for dir in dirs {
        read_for_schema(dir, &forms)?;
    }
    Ok(forms.schemas().into_iter().map(|(folder, body)| of_kind(folder.trim_end_matches('s'), body)).collect())
}

fn of_kind(name: &str, body: Value) -> (String, String) {
    let mut schema = json!({ "$schema": "http://json-schema.org/draft-07/schema#", "title": name });
    if let (Value::Object(head), Value::Object(body)) = (&mut schema, body) {
        head.extend(body);
    }
    (name.to_string(), format!("{schema:#}\n"))
}
