//! Everything that `huiqi simulate` prints, and how it ends.

use crate::setup::page;
use insta::assert_snapshot;

const RATE: &str = "43-1-tech-purchase.补助比例";

#[test]
fn beside_each_other() {
    assert_snapshot!(page(&["--set", "44-1-hightech-first.奖励比例=0.05"]));
}

#[test]
fn as_csv() {
    let set = ["--set", "15-3-rental-enterprise.套数标准=100", "--format", "csv"];
    assert_snapshot!(page(&set).replace(['\r', '\u{feff}'], ""));
}

#[test]
fn a_sweep() {
    assert_snapshot!(page(&["--sweep", &format!("{RATE}=1%..5%/2%")]));
    assert_snapshot!(
        "a_sweep_of_a_list",
        page(&["--sweep", "15-3-rental-enterprise.套数标准=100..500/200", "--of", "15-4-rental-property-tax"])
    );
}

#[test]
fn a_budget() {
    assert_snapshot!(page(&["--solve", &format!("{RATE}=0..0.1/0.01"), "--budget", "5000000"]));
    assert_snapshot!("a_budget_as_json", page(&["--solve", &format!("{RATE}=0..0.1/0.05"), "--budget", "2000000", "--format", "json"]));
}

#[test]
fn a_budget_out_of_range() {
    assert_snapshot!("a_budget_that_nothing_meets", page(&["--solve", &format!("{RATE}=0.02..0.1/0.02"), "--budget", "1000"]));
    assert_snapshot!("a_budget_that_everything_meets", page(&["--solve", &format!("{RATE}=0.02..0.1/0.04"), "--budget", "1e9"]));
    assert_snapshot!("a_large_budget", page(&["--solve", &format!("{RATE}=0.02..0.1/0.04"), "--budget", "1000000000"]));
}

#[test]
fn a_cost_that_falls() {
    let list = ["--solve", "15-3-rental-enterprise.套数标准=100..500/100", "--budget", "1000000", "--of", "15-4-rental-property-tax"];
    assert_snapshot!(page(&list));
}

#[test]
fn what_cannot_be_asked() {
    let cases: [&[&str]; 14] = [
        &[],
        &["--set", "43-1-tech-purchas.补助比例=0.01"],
        &["--set", "43-1-tech-purchase.补助=0.01"],
        &["--set", "43-1-tech-purchase.补助比例=三"],
        &["--set", "43-1-tech-purchase.in_force=2022-01-01"],
        &["--set", "43-1-tech-purchase.in_force.from=2022-13-01"],
        &["--sweep", "43-1-tech-purchase.补助比例=0.01"],
        &["--sweep", "43-1-tech-purchase.补助比例=0.01..0.05/0.03"],
        &["--sweep", "43-1-tech-purchase.补助比例=0.05..0.01/0.01"],
        &["--sweep", "43-1-tech-purchase.补助比例=0.01..0.05/0"],
        &["--sweep", "43-1-tech-purchase.补助比例=0.01..x/0.01"],
        &["--sweep", "7-1-guarantee-fee.盈亏平衡费率=0.01..0.02/0.01"],
        &["--sweep", "43-1-tech-purchase.补助比例=0..0.1/0.00000001"],
        &["--sweep", "43-1-tech-purchase.补助比例=0.01..0.02/0.01", "--of", "44-1-hightech-first"],
    ];
    let pages: Vec<String> = cases.iter().map(|args| format!("$ huiqi simulate {}\n{}", args.join(" "), page(args))).collect();
    assert_snapshot!(pages.join("\n"));
}
