//! What is wrong with a delivery as a whole: one folder each.

use crate::house::{House, huiqi};
use std::fs;

const GRAVE: [&str; 2] = ["拦截", "警告"];

#[test]
fn a_clean_delivery_finds_nothing_above_a_note() {
    let house = House::new();
    let ran = house.run("2022-12-31", &[]);
    assert_eq!((ran.status, ran.findings(&GRAVE)), (0, Vec::new()), "{}", ran.stderr);
}

#[test]
fn a_core_source_with_its_header_alone_stops_the_night() {
    let house = House::with("header-alone-core");
    let ran = house.run("2022-12-31", &[]);
    assert_eq!(ran.status, 4);
    assert_eq!(ran.findings(&GRAVE), ["拦截 source.missing registrations"]);
    assert!(ran.stderr.contains("只有表头"), "{}", ran.stderr);
}

#[test]
fn a_source_that_may_be_empty_may_come_with_its_header_alone() {
    let house = House::new();
    let header = house.read("loan_flows.csv").lines().next().unwrap().to_string();
    house.deliver("loan_flows.csv", &(header + "\n"));
    assert_eq!(house.run("2022-12-31", &[]).findings(&GRAVE), Vec::<String>::new());
}

#[test]
fn one_bank_alone_makes_no_month_end() {
    let house = House::with("one-bank-early");
    let ran = house.run("2023-02-10", &[]);
    assert_eq!((ran.status, ran.findings(&GRAVE)), (4, vec!["拦截 snapshot.partial loan_stock".to_string()]));
    // A day on which nobody has delivered it yet.
    assert_eq!(house.run("2023-01-30", &[]).findings(&GRAVE), Vec::<String>::new());
    let ran = house.run("2023-02-10", &["--accept", "snapshot.partial:loan_stock"]);
    assert_eq!((ran.status, ran.findings(&GRAVE)), (3, vec!["警告 snapshot.partial loan_stock".to_string()]));
}

#[test]
fn after_the_calendar_only_what_needs_it_has_no_data() {
    let house = House::with("after-the-calendar");
    let ran = house.run("2026-11-26", &[]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert!(ran.findings(&GRAVE).contains(&"警告 calendar.ends ".to_string()), "{:?}", ran.findings(&GRAVE));

    // A calendar that ends before the days that are asked for.
    let pipeline = house.pipeline();
    let title = fs::read_to_string(pipeline.join("pipeline.toml")).unwrap();
    fs::write(pipeline.join("pipeline.toml"), title.replace("to    = \"2026-12-31\"", "to    = \"2025-12-31\"")).unwrap();
    let table = fs::read_to_string(pipeline.join("tables/calendar.csv")).unwrap();
    let kept: String = table.lines().filter(|line| !line.starts_with("2026")).map(|line| format!("{line}\n")).collect();
    fs::write(pipeline.join("tables/calendar.csv"), kept).unwrap();
    let ran = house.run("2026-11-26", &["--pipeline", pipeline.to_str().unwrap()]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    let lacking: Vec<_> = ran.table("quality/findings.csv").into_iter().filter(|row| row["规则"] == "calendar.ends").collect();
    assert!(!lacking.is_empty() && lacking.iter().all(|row| !row["位置"].is_empty() && row["影响措施"] == "targets"), "{lacking:?}");
    let targets = ran.table("kpi/targets.csv");
    for row in &lacking {
        let lines: Vec<_> = targets.iter().filter(|target| target["指标"] == row["位置"]).collect();
        assert!(!lines.is_empty() && lines.iter().all(|target| target["达标"] == "无数据"), "{lines:?}");
    }
    assert!(!ran.table("ledger/summary.csv").is_empty());
}

#[test]
fn profile_says_the_same_words() {
    let house = House::with("header-alone-core");
    let ran = house.run("2022-12-31", &[]);
    let (_, page, _) = huiqi(&["profile", house.data().to_str().unwrap(), "--as-of", "2022-12-31"]);
    for row in ran.table("findings.csv") {
        let about = [&row["级别"], &row["规则"], &row["数据源"], &row["文件"], &row["位置"]];
        let about: Vec<&str> = about.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let line = format!("{}: {}；{}\n", about.join(" "), row["说明"], row["处理建议"]);
        assert!(page.contains(&line), "{line}\n{page}");
    }
}
