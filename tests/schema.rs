//! The schemas of pipeline files, for editors, are what the readers ask for: `UPDATE=1 cargo test --test schema` writes them.

use huiqi::policy::{Broken, schemas};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn place(inside: &str) -> PathBuf {
    Path::new(ROOT).join(inside)
}

/// As the readers ask of the shipped pipeline and of the second city's.
fn written() -> BTreeMap<String, String> {
    let dirs = [place("pipelines/xinzhou-2022"), place("fixtures/other-city/pipeline")];
    match schemas(&dirs.each_ref().map(PathBuf::as_path)) {
        Ok(schemas) => schemas,
        Err(Broken::Io(path, e)) => panic!("{}: {e}", path.display()),
        Err(Broken::Invalid(findings, files)) => panic!("{}", huiqi::diagnostic::render(&findings, &files, false)),
    }
}

#[test]
fn schemas_are_what_the_readers_ask_for() {
    let folder = place("pipelines/schema");
    let written = written();
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(&folder).unwrap();
        written.iter().for_each(|(name, text)| fs::write(folder.join(format!("{name}.json")), text).unwrap());
    }
    let kept: BTreeSet<String> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(kept, written.keys().map(|name| format!("{name}.json")).collect());
    for (name, text) in written {
        let kept = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        assert!(kept == text, "{name}.json is not what the readers ask for; UPDATE=1 writes it anew");
    }
}

#[test]
fn every_file_keeps_to_its_schema() {
    let mut files = 0;
    let mut wrong = Vec::new();
    for (kind, text) in written() {
        let schema: Value = serde_json::from_str(&text).unwrap();
        for city in ["pipelines/xinzhou-2022", "fixtures/other-city/pipeline"] {
            for path in of_kind(&place(city), &kind) {
                let table: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
                check(&schema, &serde_json::to_value(table).unwrap(), &path.display().to_string(), &mut wrong);
                files += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(files > 200, "{files}");
}

#[test]
fn a_schema_refuses_what_the_reader_refuses() {
    let schema: Value = serde_json::from_str(&written()["measure"]).unwrap();
    let path = place("pipelines/xinzhou-2022/measures/43-1-tech-purchase.toml");
    let table: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
    let measure = serde_json::to_value(table).unwrap();
    let faults: [(&str, &str, Option<Value>); 4] = [
        ("/article", "number", None),
        ("/article", "number", Some("43".into())),
        ("/per", "whom", Some("x".into())),
        ("/clause/0", "when", None),
    ];
    for (table, key, value) in faults {
        let mut broken = measure.clone();
        let place = broken.pointer_mut(table).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => drop(place.insert(key.into(), value)),
            None => drop(place.remove(key)),
        }
        let mut wrong = Vec::new();
        check(&schema, &broken, "", &mut wrong);
        assert_eq!(wrong.len(), 1, "{table} {key}: {wrong:?}");
    }
}

#[test]
fn editors_are_told_which_schema_is_whose() {
    let rules: toml::Table = fs::read_to_string(place(".taplo.toml")).unwrap().parse().unwrap();
    let mut told = BTreeSet::new();
    for rule in rules["rule"].as_array().unwrap() {
        let path = rule["schema"]["path"].as_str().unwrap();
        assert!(place(path).is_file(), "{path}");
        let include = rule["include"][0].as_str().unwrap().to_owned();
        let kind = Path::new(path).file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(include.contains(&kind), "{include} is of {kind}");
        told.insert(kind);
    }
    assert_eq!(told, written().into_keys().collect());
}

/// The files of a kind: a folder of them, or one beside the folders.
fn of_kind(city: &Path, kind: &str) -> Vec<PathBuf> {
    let alone = city.join(format!("{kind}.toml"));
    if alone.exists() {
        return vec![alone];
    }
    let Ok(entries) = fs::read_dir(city.join(format!("{kind}s"))) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files
}

/// As much of JSON schema as is written here: type, properties, required, additionalProperties, items.
fn check(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let name = match value {
        Value::String(_) => "string",
        Value::Number(_) => "integer",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Null => "null",
    };
    let fits = match &schema["type"] {
        Value::Null => true,
        Value::Array(kinds) => kinds.iter().any(|kind| kind == name),
        kind => kind == name,
    };
    if !fits {
        wrong.push(format!("{at} is {name}, not {}", schema["type"]));
    }
    for item in value.as_array().into_iter().flatten() {
        check(&schema["items"], item, &format!("{at}[]"), wrong);
    }
    let Some(table) = value.as_object() else { return };
    for (key, value) in table {
        let at = format!("{at}.{key}");
        match (&schema["properties"][key], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => wrong.push(format!("{at} is no key")),
            (Value::Null, other) => check(other, value, &at, wrong),
            (known, _) => check(known, value, &at, wrong),
        }
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        wrong.extend((!table.contains_key(key)).then(|| format!("{at} has no {key}")));
    }
}
