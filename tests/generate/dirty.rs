//! Damage that was asked for is found by the reader, line by line, and nothing else is.

use crate::{checked, make, shipped};
use huiqi::sources::Rule;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn the_reader_refuses_the_refused_lines_and_no_others() {
    let home = tempfile::tempdir().expect("a folder");
    let data = home.path().join("data");
    let report = make(1500, 9, Some(10_000_000), &data);
    let mut list = csv::Reader::from_path(report.dirty.expect("a list")).expect("a list");
    let damaged: Vec<(String, u32, String, String, bool)> = list.deserialize().collect::<Result<_, _>>().expect("lines");
    let refused: BTreeSet<(String, u32)> = damaged.iter().filter(|d| d.4).map(|d| (d.0.clone(), d.1)).collect();
    let tables = checked(&data);
    let rejected: BTreeMap<(String, u32), &str> =
        tables.rejects.iter().map(|r| ((shipped().0.sources[r.source].name.clone(), r.line), r.rule)).collect();
    let missed: Vec<_> = damaged.iter().filter(|d| d.4 && !rejected.contains_key(&(d.0.clone(), d.1))).collect();
    assert!(missed.is_empty(), "accepted: {missed:?}");
    let surplus: Vec<_> = rejected.iter().filter(|(line, _)| !refused.contains(*line)).collect();
    assert!(surplus.is_empty(), "refused: {surplus:?}");
    let rules: BTreeSet<&str> = rejected.values().copied().collect();
    for rule in [
        Rule::UsccCheck,
        Rule::UsccRegistrationNumber,
        Rule::MoneyUnit,
        Rule::MoneyScale,
        Rule::RowQuote,
        Rule::RowFields,
        Rule::KeyDuplicate,
        Rule::DateDay,
    ] {
        assert!(rules.contains(rule.code()), "{}", rule.code());
    }
}

#[test]
fn the_share_is_kept_and_the_rest_is_untouched() {
    let home = tempfile::tempdir().expect("a folder");
    let (clean, dirty) = (home.path().join("clean"), home.path().join("dirty"));
    let before = make(1500, 9, None, &clean);
    let after = make(1500, 9, Some(5_000_000), &dirty);
    let (rows, damaged): (u64, u64) = after.files.iter().fold((0, 0), |(rows, damaged), f| (rows + f.rows, damaged + f.damaged));
    assert!((40..=60).contains(&(damaged * 1000 / rows)), "{damaged} of {rows}");
    for (one, other) in before.files.iter().zip(&after.files) {
        let (clean, dirty) = (std::fs::read_to_string(&one.path).expect("text"), std::fs::read_to_string(&other.path).expect("text"));
        let known: BTreeSet<&str> = clean.lines().collect();
        let strange = dirty.lines().filter(|line| !known.contains(line)).count() as u64;
        assert!(strange <= other.damaged, "{}: {strange} lines differ, {} are damaged", one.source, other.damaged);
    }
}
