//! What several measures settle together, switched on for one run.

use crate::house::{House, huiqi};

/// A budget by its name in the pipeline, and what it is called when it is spent.
const FUND: &str = "市级科技创新资金";

#[test]
fn a_budget_set_for_a_run_cuts_and_says_so() {
    let house = House::new();
    let (on, money) = (format!("{FUND}.启用=是"), format!("{FUND}.2022=1000000"));
    let ran = house.run("out", &["--set", &on, "--set", &money]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let awards = house.read("out/current/ledger/awards.csv");
    assert!(awards.contains(",超预算,") && awards.contains("市级科技创新资金当年额度已经用完"), "nothing is cut");
    let line = awards.lines().find(|l| l.contains(",超预算,")).unwrap();
    assert!(line.contains("参数另定"), "{line}");
    let manifest = house.read("out/current/manifest.json");
    assert!(manifest.contains(&format!("\"{FUND}.启用\"")), "{manifest}");
    let replayed = huiqi(&["verify", house.path("out/current").to_str().unwrap(), "--replay"]);
    assert_eq!(replayed.status, 0, "{}{}", replayed.stdout, replayed.stderr);
}

#[test]
fn what_cannot_be_switched_is_refused() {
    let house = House::new();
    for (set, says) in [
        (format!("{FUND}.启用=是"), "no year has any money"),
        (format!("{FUND}.启用=好"), "(or 否)"),
        (format!("{FUND}.今年=1"), "YEAR=AMOUNT"),
        (format!("{FUND}.2022=-1"), "is not a year's money"),
        ("建筑业总产值就高.2022=1".to_string(), "建筑业总产值就高.启用=是"),
    ] {
        let ran = house.run("out", &["--set", &set]);
        assert_eq!(ran.status, 2, "{set}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{set}: {}", ran.stderr);
        assert!(!house.path("out/current").exists());
    }
}
