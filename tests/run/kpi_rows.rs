//! `explain --kpi`: the rows behind a published figure add up to it, and a line that is not there is named.

use crate::house::{House, huiqi};
use std::collections::BTreeSet;

#[test]
fn the_rows_behind_a_figure_add_up_to_it() {
    let house = House::new();
    assert_eq!(house.run("out", &["--only", "credit_share", "--without", "workbook,report"]).status, 0);
    let run = house.path("out").join("current");
    let run = run.to_str().unwrap();
    let ask = |table: &str, row: &str| huiqi(&["explain", "--kpi", table, row, "--run", run, "--format", "json"]);
    let loans = house.read("data/loan_stock.csv");
    let lines: Vec<&str> = loans.lines().collect();
    let header: Vec<&str> = lines[0].trim_start_matches('\u{feff}').split(',').collect();
    let column = header.iter().position(|name| *name == "贷款余额").unwrap();
    let yuan = |text: &str| text.parse::<f64>().unwrap();
    for (row, slice) in [("全市|全部", "全部"), ("全市|普惠小微", "普惠小微"), ("客户类型|个体工商户|全部", "全部")]
    {
        let told = ask("credit_share", row);
        assert_eq!(told.status, 0, "{}", told.stderr);
        let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        assert!(told["row"].as_array().unwrap().contains(&serde_json::json!(["口径", slice])));
        let figure = told["figures"].as_array().unwrap().iter().find(|figure| figure["column"] == "贷款余额").unwrap();
        let [rows] = &figure["sources"].as_array().unwrap()[..] else { panic!("{figure}") };
        let places: BTreeSet<u64> = rows["places"].as_array().unwrap().iter().map(|place| place["line"].as_u64().unwrap()).collect();
        let sum: f64 = places.iter().map(|&line| yuan(lines[line as usize - 1].split(',').nth(column).unwrap())).sum();
        assert!(places.len() > 10 && (sum - yuan(figure["value"].as_str().unwrap())).abs() < 0.001, "{row}: {sum} {}", figure["value"]);
    }
    let refused = |table, row| {
        let told = ask(table, row);
        assert_eq!((told.status, told.stdout.as_str()), (2, ""));
        told.stderr
    };
    assert_eq!(refused("credit_share", "全市"), "2 lines of credit_share are named `全市`: 全市|全市|全部, 全市|全市|普惠小微\n");
    assert_eq!(
        refused("credit_share", "全省"),
        "no line of credit_share is named `全省`; such as: 全市|全市|全部, 全市|全市|普惠小微, 客户类型|个体工商户|全部\n"
    );
    assert!(refused("credit_shares", "全市").ends_with("has no KPI table `credit_shares`; it has: credit_share, targets\n"));
}
