//! The tree of dependencies is what deny.toml allows: sources, versions beside each other, licences.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

fn read(file: &str) -> toml::Table {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap().parse().unwrap()
}

fn packages() -> Vec<toml::Value> {
    read("Cargo.lock")["package"].as_array().unwrap().clone()
}

#[test]
fn everything_comes_from_the_registry() {
    let rules = read("deny.toml");
    let allowed: Vec<String> =
        rules["sources"]["allow-registry"].as_array().unwrap().iter().map(|url| format!("registry+{}", url.as_str().unwrap())).collect();
    for package in packages() {
        // What has no source is this crate.
        let source = package.get("source").map_or(allowed[0].as_str(), |source| source.as_str().unwrap());
        assert!(allowed.iter().any(|url| url == source), "{} comes from {source}", package["name"]);
    }
}

#[test]
fn a_second_version_is_there_for_a_known_reason() {
    let rules = read("deny.toml");
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages() {
        let text = |key: &str| package[key].as_str().unwrap().to_owned();
        versions.entry(text("name")).or_default().push(text("version"));
    }
    // Cargo.lock sorts versions as text, so the newest is looked for.
    let number = |version: &str| version.split(['.', '+']).map(|part| part.parse().unwrap_or(0)).collect::<Vec<u64>>();
    let mut beside = BTreeSet::new();
    for (name, mut versions) in versions {
        versions.sort_by_key(|version| number(version));
        versions.pop();
        beside.extend(versions.into_iter().map(|version| format!("{name}@{version}")));
    }
    let skip = rules["bans"]["skip"].as_array().unwrap();
    let known: BTreeSet<String> = skip.iter().map(|entry| entry["crate"].as_str().unwrap().to_owned()).collect();
    assert!(skip.iter().all(|entry| entry["reason"].as_str().is_some_and(|reason| !reason.is_empty())));
    assert_eq!(beside, known, "on the left what Cargo.lock has, on the right what deny.toml explains");
}

#[test]
fn every_licence_is_allowed() {
    let rules = read("deny.toml");
    let allowed: Vec<&str> = rules["licenses"]["allow"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let ran = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    let mut used = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none");
        // All that AND joins, and of what OR joins one; a slash is an old OR.
        for part in licence.split(" AND ") {
            let part = part.trim_matches(['(', ')']);
            let choices = part.split(" OR ").flat_map(|choice| choice.split('/')).map(str::trim);
            let chosen = choices.filter_map(|choice| allowed.iter().find(|name| **name == choice)).min();
            let chosen = chosen.unwrap_or_else(|| panic!("{} is {licence}", package["name"]));
            used.insert(*chosen);
        }
    }
    assert!(used.len() > 3, "{used:?}");
}
