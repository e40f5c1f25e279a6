//! What is simulated is what a run with the same parameters publishes.

use crate::setup::{fen, rows, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

type Line = BTreeMap<String, String>;

/// Subjects, lines, 待定标准 and 分 of some ledger lines.
fn sum<'l>(lines: impl Iterator<Item = &'l Line>) -> [i128; 4] {
    let (mut subjects, mut counts) = (BTreeSet::new(), [0; 4]);
    for line in lines {
        subjects.insert(&line["统一社会信用代码"]);
        counts[1] += 1;
        counts[2] += i128::from(line["状态"] == "待定标准");
        counts[3] += fen(&line["金额"]);
    }
    counts[0] = subjects.len() as i128;
    counts
}

/// The same four of a row, before or after.
fn told(row: &Value, when: &str) -> [i128; 4] {
    let count = |name: &str| i128::from(row[format!("{when}{name}")].as_i64().unwrap());
    [count("主体"), count("件数"), count("待定"), fen(row[format!("{when}金额")].as_str().unwrap())]
}

/// Holds every row of a comparison against the ledgers of a run with the settings and of one without.
fn check(only: &str, set: &[&str]) {
    let settings: Vec<&str> = set.iter().flat_map(|s| ["--set", s]).collect();
    let (base, scenario) = (run(only, &[]), run(only, &settings));
    let rows = rows(&settings);
    for (when, lines) in [("原", &base), ("现", &scenario)] {
        let of_dimension = |name: &'static str| rows.iter().filter(move |r| r["维度"] == name);
        for row in of_dimension("措施") {
            assert_eq!(told(row, when), sum(lines.iter().filter(|l| row["分组"] == l["措施编号"])), "{row}");
        }
        for row in of_dimension("区划代码") {
            let is_here = |l: &&Line| {
                row["类型"] == l["类型"] && (row["分组"] == l["区划代码"] || row["分组"] == "未登记" && l["区划代码"].is_empty())
            };
            assert_eq!(told(row, when), sum(lines.iter().filter(is_here)), "{row}");
        }
        for row in of_dimension("合计") {
            let of_kind = |r: &&Value| r["类型"] == row["类型"];
            assert_eq!(told(row, when), sum(lines.iter().filter(|l| row["类型"] == l["类型"])), "{row}");
            // Every subject has one size and one county.
            for dimension in ["企业规模", "区划代码"] {
                let all = of_dimension(dimension).filter(of_kind).map(|r| told(r, when));
                assert_eq!(all.fold([0; 4], |sum, r| std::array::from_fn(|i| sum[i] + r[i])), told(row, when), "{dimension} {row}");
            }
        }
    }
    let ids: BTreeSet<&str> = rows.iter().filter(|r| r["维度"] == "措施").map(|r| r["分组"].as_str().unwrap()).collect();
    let in_ledgers: BTreeSet<&str> = base.iter().chain(&scenario).map(|l| l["措施编号"].as_str()).collect();
    assert!(in_ledgers.is_subset(&ids), "{in_ledgers:?} {ids:?}");
    assert_ne!(sum(base.iter()), sum(scenario.iter()), "the settings change something");
}

#[test]
fn a_rate_and_a_cap() {
    check("43-1-tech-purchase", &["43-1-tech-purchase.补助比例=0.05", "43-1-tech-purchase.单个成果上限=100000"]);
}

#[test]
fn a_rate_that_nobody_has_named_yet() {
    check("44-1-hightech-first", &["44-1-hightech-first.奖励比例=0.05"]);
}

#[test]
fn a_list_and_the_measure_that_reads_it() {
    check(
        "15-3-rental-enterprise,15-4-rental-property-tax",
        &["15-3-rental-enterprise.套数标准=100", "15-3-rental-enterprise.建筑面积标准=4000"],
    );
}

#[test]
fn a_keyed_rate() {
    check("7-1-guarantee-fee", &["7-1-guarantee-fee.盈亏平衡费率.C=0.018", "7-1-guarantee-fee.盈亏平衡费率.F=0.02"]);
}

#[test]
fn the_dates_of_effect() {
    check("42-1-platform", &["42-1-platform.in_force.from=2023-01-01"]);
    check("46-1-free-seal", &["46-1-free-seal.in_force.from=", "46-1-free-seal.in_force.to=2022-12-30"]);
}

#[test]
fn a_sweep_is_its_steps() {
    let parameter = "43-1-tech-purchase.补助比例";
    let swept = rows(&["--sweep", &format!("{parameter}=0.02..0.035/0.005"), "--set", "43-1-tech-purchase.单个成果上限=100000"]);
    assert_eq!(swept.iter().map(|r| r["取值"].as_str().unwrap()).collect::<Vec<_>>(), ["0.02", "0.025", "0.03", "0.035"]);
    for row in &swept {
        let value = row["取值"].as_str().unwrap();
        let set = format!("{parameter}={value}");
        let lines = run("43-1-tech-purchase", &["--set", &set, "--set", "43-1-tech-purchase.单个成果上限=100000"]);
        let count = |name: &str| i128::from(row[name].as_i64().unwrap());
        let told = [count("主体"), count("件数"), count("待定标准"), fen(row["金额"].as_str().unwrap())];
        assert_eq!(told, sum(lines.iter()), "{row}");
    }
}

#[test]
fn a_budget_is_met_and_its_next_step_is_not() {
    let grid = "43-1-tech-purchase.补助比例=0..0.1/0.0001";
    let tried = rows(&["--solve", grid, "--budget", "200000"]);
    let answer = tried.iter().position(|r| r["结论"] == "所求").unwrap();
    let cost = |row: &Value| fen(row["金额"].as_str().unwrap());
    assert!(cost(&tried[answer]) <= 20_000_000 && cost(&tried[answer + 1]) > 20_000_000);
    for row in &tried[answer..=answer + 1] {
        let set = format!("43-1-tech-purchase.补助比例={}", row["取值"].as_str().unwrap());
        assert_eq!(cost(row), sum(run("43-1-tech-purchase", &["--set", &set]).iter())[3]);
    }
}
