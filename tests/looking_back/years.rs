//! What is paid once is never paid twice, over two years of one delivery.

use crate::setup::{House, Row, ledgers};
use std::collections::{BTreeMap, BTreeSet};

/// What the rules grant again and again: interest and guarantee days of each year, years of one recognition, and what is listed as it
/// stands on the day.
const YEARLY: [&str; 9] = [
    "7-1-guarantee-fee",
    "12-1-startup-loan-interest",
    "12-2-startup-loan-bank",
    "21-1-tourism-loan-interest",
    "44-1-hightech-first",
    "44-2-hightech-second",
    "44-4-rd-reserve",
    "45-1-tech-loan-interest",
    "20-3-revenue-growth",
];

/// Once in an enterprise's life: it moves in once, a first time is one, and an institute is built once.
const ONCE_PER_SUBJECT: [&str; 9] = [
    "18-2-hightech-relocated",
    "18-3-construction-5yi",
    "18-4-construction-10yi",
    "18-5-settled-champions",
    "19-1-chain-leader-10yi",
    "19-2-chain-leader-50yi",
    "19-3-chain-leader-100yi",
    "22-1-first-startup",
    "40-3-rd-institute",
];

/// Only some banks of the fixtures have a month end after the first year.
const SNAPSHOT: [&str; 2] = ["--accept", "snapshot.partial:loan_stock"];

#[test]
fn nothing_paid_once_stands_in_two_years() {
    let house = House::new();
    let years = [house.current(), house.run("2023-12-31", &SNAPSHOT)].map(|run| ledgers(&run));
    let numbers = years.each_ref().map(|lines| lines.keys().collect::<BTreeSet<_>>());
    assert!(numbers[0].is_disjoint(&numbers[1]), "a number stands in both");

    let keys = |parts: fn(&Row) -> String| {
        years.each_ref().map(|lines| {
            let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
            for row in
                lines.values().filter(|row| ["奖补", "争取"].contains(&row["类型"].as_str()) && !row["统一社会信用代码"].contains('*'))
            {
                found.entry(row["措施编号"].as_str()).or_default().insert(parts(row));
            }
            found
        })
    };
    let [first, second] = keys(|row| format!("{} {}", row["统一社会信用代码"], row["来源单据"]));
    let mut compared = 0;
    for (measure, rows) in &first {
        let again: Vec<&String> = second.get(measure).into_iter().flatten().filter(|row| rows.contains(*row)).collect();
        assert!(again.is_empty() || YEARLY.contains(measure), "{measure}: {again:?}");
        compared += usize::from(!YEARLY.contains(measure));
    }
    assert!(compared > 30, "{compared}");
    let [first, second] = keys(|row| row["统一社会信用代码"].clone());
    for measure in ONCE_PER_SUBJECT {
        let again: Vec<&String> =
            second.get(measure).into_iter().flatten().filter(|s| first.get(measure).is_some_and(|f| f.contains(*s))).collect();
        assert!(again.is_empty(), "{measure}: {again:?}");
    }
}
