//! Damaged rows cost themselves: the ledgers are those of the other rows, and rejects.csv lists the damaged lines.

use crate::house::{House, huiqi};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn a_dirty_delivery_gives_the_ledgers_of_its_clean_rows() {
    let house = House::new();
    fs::remove_dir_all(house.path("data")).unwrap();
    let data = house.path("data");
    let made = huiqi(&["generate", "--enterprises", "400", "--seed", "6", "--dirty", "0.05", "--out", data.to_str().unwrap(), "--quiet"]);
    assert_eq!(made.status, 0, "{}", made.stderr);
    let damaged = damaged(&house);
    assert!(damaged.len() > 100, "{}", damaged.len());
    let more = ["--max-rejects", "1", "--without", "workbook,report"];
    let ran = house.run("dirty", &more);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert_eq!(rejected(&house), damaged);
    remove(&house, &damaged);
    let ran = house.run("clean", &more);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    for ((name, wanted), (_, found)) in house.figures("clean").into_iter().zip(house.figures("dirty")) {
        assert!(wanted == found, "{name} differs");
    }
}

/// Source and line of every row that was damaged so that it must be refused.
fn damaged(house: &House) -> BTreeSet<(String, u32)> {
    let mut list = csv::Reader::from_path(house.path("data.dirty.csv")).unwrap();
    let lines = list.deserialize::<(String, u32, String, String, bool)>().map(Result::unwrap);
    lines.filter(|line| line.4).map(|line| (line.0, line.1)).collect()
}

fn rejected(house: &House) -> BTreeSet<(String, u32)> {
    let mut rejects = csv::Reader::from_path(house.path("dirty/current/quality/rejects.csv")).unwrap();
    rejects
        .records()
        .map(Result::unwrap)
        .map(|reject| (reject[0].trim_start_matches('\u{FEFF}').to_owned(), reject[2].parse().unwrap()))
        .collect()
}

/// Takes the lines out of the delivery.
fn remove(house: &House, damaged: &BTreeSet<(String, u32)>) {
    for source in damaged.iter().map(|(source, _)| source).collect::<BTreeSet<_>>() {
        let text = house.read(&format!("data/{source}.csv"));
        let kept = (1..).zip(text.split_inclusive('\n')).filter(|(line, _)| !damaged.contains(&(source.clone(), *line)));
        house.write(&format!("data/{source}.csv"), &kept.map(|(_, line)| line).collect::<String>());
    }
}
