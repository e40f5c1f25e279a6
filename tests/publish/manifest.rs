//! The name of a run and its manifest.

use crate::house::*;
use huiqi::publish::Manifest;
use huiqi::publish::manifest::{Input, ManifestError, Options};
use std::fs;

#[test]
fn a_name_says_what_a_run_was_computed_from() {
    let base = manifest("1");
    assert!(base.run.starts_with("2022-12-31-"), "{}", base.run);
    assert_eq!(base.run.len(), "2022-12-31-".len() + 12);
    let mut names = vec![base.run.clone()];
    let mut other = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = base.clone();
        change(&mut manifest);
        names.push(id(&manifest));
    };
    other(&|m| m.as_of = "2022-12-30".into());
    other(&|m| m.inputs[0].sha256 = "0".repeat(64));
    other(&|m| m.inputs[0].path = "registrations/1.csv".into());
    other(&|m| drop(m.inputs.pop()));
    other(&|m| m.pipeline.sha256 = "1".repeat(64));
    other(&|m| m.parameters.clear());
    other(&|m| m.version = "0.2.0".into());
    other(&|m| m.options.only = vec!["a".into(), "b".into()]);
    other(&|m| m.options.only = vec!["a,b".into()]);
    other(&|m| m.options.without = vec!["a".into(), "b".into()]);
    other(&|m| m.options.accept = vec!["source.gone:a".into()]);
    other(&|m| m.taken.aside = ["a".into()].into());
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}

#[test]
fn a_name_does_not_depend_on_order_time_or_place() {
    let base = manifest("1");
    let mut same = base.clone();
    same.inputs.reverse();
    same.options = Options::default();
    same.clock.started = "later".into();
    same.place.data = "elsewhere".into();
    same.previous = Some("another".into());
    same.known = [("a".into(), Default::default())].into();
    assert_eq!(id(&same), base.run);
    let only = |names: &[&str]| {
        let only = names.iter().map(|name| name.to_string()).collect();
        id(&Manifest { options: Options { only, ..Options::default() }, ..base.clone() })
    };
    assert_eq!(only(&["b", "a", "b"]), only(&["a", "b"]));
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    let folder = crate::house::folder();
    let written = manifest("1");
    fs::write(folder.path().join("manifest.json"), written.to_bytes()).expect("written");
    assert_eq!(Manifest::read(folder.path()).expect("read"), written);
    let text = String::from_utf8(written.to_bytes()).expect("UTF-8");
    let keys: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
    let expected = "format run as_of partial exit_status version pipeline parameters options inputs sources taken findings known totals files \
         previous place clock";
    assert_eq!(keys.join(" "), expected);
    assert!(text.contains("\"amount\": \"50000.00\""), "amounts are text");
}

#[test]
fn what_is_no_manifest_says_so() {
    let folder = crate::house::folder();
    assert!(matches!(Manifest::read(folder.path()), Err(ManifestError::Io { .. })));
    fs::write(folder.path().join("manifest.json"), "{}").expect("written");
    assert!(matches!(Manifest::read(folder.path()), Err(ManifestError::Form { .. })));
    fs::write(folder.path().join("manifest.json"), "{\"format\": 99}").expect("written");
    assert!(matches!(Manifest::read(folder.path()), Err(ManifestError::Format { found: 99, .. })));
}

#[test]
fn inputs_are_told_apart_whatever_their_names() {
    let base = manifest("1");
    let input = |source: &str, path: &str| Input { source: source.into(), path: path.into(), ..base.inputs[0].clone() };
    let named = |inputs: Vec<Input>| id(&Manifest { inputs, ..base.clone() });
    assert_ne!(named(vec![input("ab", "c")]), named(vec![input("a", "bc")]));
}
