//! Every way a run can end, with what it says and what it leaves behind.

use crate::house::{House, huiqi};
use std::fs;
use std::fs::File;

#[test]
fn a_broken_row_is_published_beside_the_run_and_kept_whole() {
    let house = House::new();
    let banks = house.read("data/tech_purchases.csv");
    house.write("data/tech_purchases.csv", &format!("{}\nHT-X,91140902,CG-X,1.00,PZ-X,1234.567,2022-13-01,是\n", banks.trim_end()));
    let ran = house.run("out", &["--max-rejects", "0.5"]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    let rejects = house.read("out/current/quality/rejects.csv");
    let of_row: Vec<&str> = rejects.lines().filter(|l| l.starts_with("tech_purchases,")).collect();
    assert_eq!(of_row.len(), 3, "one line an error: code, amount, date\n{rejects}");
    assert!(of_row.iter().all(|l| l.contains("HT-X,91140902,CG-X,1.00,PZ-X,1234.567,2022-13-01,是")), "{rejects}");
    let sources = house.read("out/current/quality/sources.csv");
    let counts: Vec<&str> = sources.lines().find(|l| l.starts_with("tech_purchases,")).unwrap().split(',').collect();
    let number = |at: usize| counts[at].parse::<u64>().unwrap();
    assert_eq!(number(2), number(3) + number(4) + number(5));
    assert_eq!(number(5), 1);
}

#[test]
fn a_missing_core_source_publishes_nothing() {
    let house = House::new();
    fs::remove_file(house.path("data/vat_returns.csv")).unwrap();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 4);
    assert!(ran.stderr.contains("vat_returns"), "{}", ran.stderr);
    assert!(!house.path("out/current").exists());
}

#[test]
fn a_missing_supplementary_source_is_said_not_counted_as_zero() {
    let house = House::new();
    fs::remove_file(house.path("data/recognitions.csv")).unwrap();
    assert_eq!(house.run("out", &[]).status, 0);
    let summary = house.read("out/current/ledger/summary.csv");
    let line = summary.lines().find(|l| l.contains(",40-1-maker-space,")).unwrap();
    assert!(line.ends_with("0,0,0,0,是,0.00"), "{line}");
}

#[test]
fn a_source_that_cannot_be_opened_was_not_delivered() {
    let house = House::new();
    fs::remove_file(house.path("data/recognitions.csv")).unwrap();
    house.write("data/recognitions.csv.gz", "这不是压缩文件");
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    let summary = house.read("out/current/ledger/summary.csv");
    let line = summary.lines().find(|l| l.contains(",40-1-maker-space,")).unwrap();
    assert!(line.ends_with("0,0,0,0,是,0.00"), "{line}");
    assert!(house.read("out/current/quality/rejects.csv").contains("recognitions,recognitions.csv.gz,1,,,,file.unreadable,"));
    fs::remove_file(house.path("data/vat_returns.csv")).unwrap();
    house.write("data/vat_returns.csv", "");
    let ran = house.run("again", &["--max-rejects", "1"]);
    assert_eq!(ran.status, 4, "a core source\n{}", ran.stderr);
}

#[test]
fn too_many_rejects_set_a_source_aside_and_a_core_one_stops_the_night() {
    let house = House::new();
    let stations = house.read("data/base_stations.csv");
    house.write("data/base_stations.csv", &stations.replace(",2021-", ",2021/13/"));
    assert_eq!(house.run("out", &[]).status, 3);
    let findings = house.read("out/current/quality/findings.csv");
    assert!(findings.contains("警告,rows.rejected,base_stations,"), "{findings}");
    let missing = |house: &House| house.read("out/current/ledger/summary.csv").contains(",19-4-5g-station,奖补,0,0,0,0,是,0.00");
    assert!(missing(&house));
    assert_eq!(house.run("out", &["--max-rejects", "1"]).status, 3);
    assert!(!missing(&house));
    let returns = house.read("data/vat_returns.csv");
    house.write("data/vat_returns.csv", &returns.replace(",2022-0", ",2022/13/"));
    let ran = house.run("again", &[]);
    assert_eq!(ran.status, 4, "{}", ran.stderr);
    assert!(ran.stderr.contains("拦截 rows.rejected vat_returns"), "{}", ran.stderr);
    assert!(!house.path("again/current").exists() && house.path("again/refused/rejects.csv").exists());
}

#[test]
fn an_unknown_column_in_a_clause_is_underlined() {
    let house = House::new();
    let file = "pipeline/measures/43-1-tech-purchase.toml";
    let text = house.read(file);
    house.write(file, &text.replacen("\"市内转化\"\n", "\"市内转化了\"\n", 1));
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 6, "{}", ran.stderr);
    assert!(ran.stderr.contains("unknown name `市内转化了`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("43-1-tech-purchase.toml:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("similar: 市内转化"), "{}", ran.stderr);
    assert!(!house.path("out/current").exists());
}

#[test]
fn a_parameter_without_a_value_on_the_day_is_named() {
    let house = House::new();
    let file = "pipeline/measures/40-1-maker-space.toml";
    let text = house.read(file);
    house.write(file, &text.replacen("from = \"2022-04-08\", value", "from = \"2023-06-01\", value", 1));
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 6, "{}", ran.stderr);
    assert!(ran.stderr.contains("has no value on 2022-12-31"), "{}", ran.stderr);
    assert!(!house.path("out/current").exists());
}

#[test]
fn a_second_run_is_told_who_holds_the_lock() {
    let house = House::new();
    fs::create_dir_all(house.path("out")).unwrap();
    let lock = File::options().create(true).truncate(false).read(true).write(true).open(house.path("out/.lock")).unwrap();
    lock.lock().unwrap();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("another run holds"), "{}", ran.stderr);
}

#[test]
fn usage_errors_exit_with_2() {
    let house = House::new();
    for (args, said) in [
        (vec!["--as-of", "2022-02-30"], "is not a day"),
        (vec!["--max-rejects", "1.5"], "is not a fraction"),
        (vec!["--without", "ledger"], "neither workbook nor report"),
        (vec!["--set", "44-1-hightech-first.奖励比=0.01"], "similar: 奖励比例"),
        (vec!["--set", "44-1-hightech-first.奖励比例=0.1234567891"], "is not a rate"),
        (vec!["--set", "7-1-guarantee-fee.盈亏平衡费率=0.01"], "set by key"),
        (vec!["--only", "99-9"], "no measure or indicator"),
    ] {
        let args: Vec<&str> = args.into_iter().filter(|a| *a != "2022-12-31").collect();
        let ran = if args[0] == "--as-of" { huiqi(&["run", args[0], args[1]]) } else { house.run("out", &args) };
        assert_eq!(ran.status, 2, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{args:?}: {}", ran.stderr);
    }
    assert!(!house.path("out/current").exists());
}

#[test]
fn a_partial_run_never_takes_the_place_of_a_whole_one() {
    let house = House::new();
    assert_eq!(house.run("out", &[]).status, 0);
    let whole = fs::read_link(house.path("out/current")).unwrap();
    let ran = house.run("out", &["--only", "42-*,first_loans"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert_eq!(fs::read_link(house.path("out/current")).unwrap(), whole);
    let partial = ran.stdout.trim().to_string();
    let awards = fs::read_to_string(format!("{partial}/ledger/awards.csv")).unwrap();
    assert!(awards.lines().skip(1).all(|l| l.split(',').nth(1).unwrap().starts_with("42-")), "{awards}");
    assert!(fs::read_to_string(format!("{partial}/manifest.json")).unwrap().contains("\"partial\": true"));
}
