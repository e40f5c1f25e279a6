//! Clean data is accepted whole, and its sources agree with each other.

use crate::{checked, make, rows, shipped};
use huiqi::money::parse_money;
use huiqi::uscc;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Whatever the size and the seed: no row is refused.
    #[test]
    fn clean_data_has_no_rejects(enterprises in 1u64..1200, seed: u64) {
        let home = tempfile::tempdir().expect("a folder");
        make(enterprises, seed, None, home.path());
        let tables = checked(home.path());
        let rejects: Vec<String> = tables.rejects.iter().map(|r| format!("{}:{} {} {}", r.file, r.line, r.rule, r.value)).collect();
        prop_assert!(rejects.is_empty(), "{rejects:?}");
        prop_assert_eq!(tables.warnings, Vec::<String>::new());
    }
}

fn cells<'a>(rows: &'a [BTreeMap<String, String>], column: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[column].as_str()).filter(|cell| !cell.is_empty()).collect()
}

fn fen(cell: &str) -> i64 {
    parse_money(cell, &[]).expect("money")
}

fn made(enterprises: u64) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    make(enterprises, 11, None, home.path());
    home
}

#[test]
fn sizes_follow_the_number_of_enterprises() {
    let home = made(3000);
    let registered = rows(home.path(), "registrations").len();
    assert!((2950..=3030).contains(&registered), "{registered}");
    let returns = rows(home.path(), "vat_returns").len();
    assert!((4 * registered..8 * registered).contains(&returns), "{returns}");
}

#[test]
fn codes_and_numbers_are_valid_and_all_kinds_occur() {
    let home = made(1000);
    let register = rows(home.path(), "registrations");
    let codes: BTreeSet<&str> = cells(&register, "统一社会信用代码").into_iter().collect();
    assert_eq!(codes.len(), register.len(), "no code twice");
    assert!(codes.iter().all(|code| uscc::is_uscc(code.as_bytes())));
    assert!(codes.iter().any(|code| code.starts_with(|c: char| c.is_ascii_alphabetic())), "issuers that are letters");
    let operators = cells(&register, "经营者证件号码");
    assert!(!operators.is_empty() && operators.iter().all(|number| uscc::is_identity_number(number.as_bytes())));
    let borrowers = rows(home.path(), "loan_stock");
    let persons = cells(&borrowers, "借款人证件代码").into_iter().filter(|code| uscc::is_identity_number(code.as_bytes())).count();
    assert!(persons > 0 && persons < borrowers.len());
}

/// One enterprise in a hundred is not registered: its rows are there, and lead nowhere.
#[test]
fn loose_keys_lead_to_registrations_but_for_the_planned_share() {
    let home = made(4000);
    let tables = checked(home.path());
    for source in ["vat_returns", "annual_statements", "tax_credit_ratings", "income_tax_returns", "credit_evaluations", "guarantees"] {
        let file = tables.files.iter().find(|file| shipped().0.sources[file.source].name == source).expect("a file");
        let per_mille = file.unmatched * 1000 / file.rows;
        assert!((2..=30).contains(&per_mille), "{source}: {per_mille} in 1000 are not registered");
    }
}

#[test]
fn what_is_left_of_a_loan_is_what_flowed() {
    let home = made(2000);
    let (stock, flows) = (rows(home.path(), "loan_stock"), rows(home.path(), "loan_flows"));
    let mut by_receipt: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for flow in &flows {
        let sign = if flow["发放收回标识"] == "发放" { 1 } else { -1 };
        by_receipt.entry(&flow["贷款借据编码"]).or_default().push((&flow["发生日期"], sign * fen(&flow["发生金额"])));
    }
    let mut compared = 0;
    for row in &stock {
        let Some(flows) = by_receipt.get(row["贷款借据编码"].as_str()).filter(|f| f.iter().any(|(_, amount)| *amount > 0)) else {
            continue;
        };
        let left: i64 = flows.iter().filter(|(day, _)| *day <= row["数据日期"].as_str()).map(|(_, amount)| amount).sum();
        assert_eq!(fen(&row["贷款余额"]), left, "{row:?} {flows:?}");
        compared += 1;
    }
    assert!(compared > 500, "{compared}");
    let days: BTreeSet<&str> = cells(&stock, "数据日期").into_iter().collect();
    for day in ["2021-06-30", "2021-12-31", "2022-06-30", "2022-12-31"] {
        assert!(days.contains(day), "{day}");
    }
}

#[test]
fn a_credit_line_is_one_amount_on_one_day() {
    let home = made(2000);
    let mut lines: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for row in rows(home.path(), "loan_stock") {
        let key = (row["数据日期"].clone(), row["金融机构代码"].clone(), row["借款人证件代码"].clone());
        let amount = row["单户授信总额"].clone();
        assert_eq!(lines.entry(key).or_insert_with(|| amount.clone()), &amount, "{row:?}");
    }
}

#[test]
fn what_refers_to_another_source_is_there() {
    let home = made(1000);
    let known =
        |source: &str, column: &str| -> BTreeSet<String> { rows(home.path(), source).iter().map(|row| row[column].clone()).collect() };
    let refers = |source: &str, column: &str, target: &str, key: &str| {
        let known = known(target, key);
        let found = rows(home.path(), source);
        let strangers: Vec<&str> = cells(&found, column).into_iter().filter(|code| !known.contains(*code)).collect();
        assert!(!found.is_empty() && strangers.is_empty(), "{source}.{column}: {strangers:?}");
    };
    refers("assessments", "认定编号", "recognitions", "认定编号");
    refers("subsidised_loans", "金融机构代码", "banks", "金融机构代码");
    refers("loan_flows", "金融机构代码", "banks", "金融机构代码");
    // Of one guarantor nobody has filed the capital, and one has filed that there is none.
    let (filed, guarantees) = (known("guarantee_institutions", "担保机构代码"), rows(home.path(), "guarantees"));
    let silent: BTreeSet<&str> = cells(&guarantees, "担保机构代码").into_iter().filter(|code| !filed.contains(*code)).collect();
    assert_eq!(silent.len(), 1, "{silent:?}");
    let capital = rows(home.path(), "guarantee_institutions");
    let without: BTreeSet<&str> = capital.iter().filter(|row| row["实收资本"] == "0.00").map(|row| row["担保机构代码"].as_str()).collect();
    assert_eq!(without.len(), 1, "{without:?}");
}

#[test]
fn returns_have_versions_periods_and_edges() {
    let home = made(4000);
    let returns = rows(home.path(), "vat_returns");
    let some = |column: &str, cell: &str| assert!(returns.iter().any(|row| row[column] == cell), "no {column} {cell}");
    for version in ["", "1", "2"] {
        some("申报版次", version);
    }
    for amount in ["449999.99", "450000.00", "450000.01", "149999.99", "150000.00", "150000.01", "0.00"] {
        some("销售额", amount);
    }
    let statements = rows(home.path(), "annual_statements");
    let mut years: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in &statements {
        years.entry(&row["统一社会信用代码"]).or_default().insert(&row["年度"]);
    }
    assert!(years.values().any(|years| years.len() == 4));
    assert!(statements.iter().any(|row| row["营业收入"].is_empty()));
}

/// Every source has rows, and every column that may be empty is both.
#[test]
fn every_cell_that_may_be_empty_is_so_somewhere() {
    let home = made(3000);
    let mut lacking = Vec::new();
    for source in shipped().0.sources.iter().filter(|source| !source.reference && source.name != "payments") {
        let found = rows(home.path(), &source.name);
        assert!(!found.is_empty(), "{}", source.name);
        for column in source.columns.iter().filter(|column| !column.required) {
            let empty = found.iter().filter(|row| row[&column.name].is_empty()).count();
            if empty == 0 || empty == found.len() {
                lacking.push(format!("{}.{}: {empty} of {}", source.name, column.name, found.len()));
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:?}");
}

/// Keys are sorted or not, but never repeated: checked on its own, as the reader would only count it.
#[test]
fn no_key_stands_twice() {
    let home = made(500);
    for source in shipped().0.sources.iter().filter(|source| !source.reference && source.name != "payments") {
        let mut seen = BTreeSet::new();
        for row in rows(Path::new(home.path()), &source.name) {
            let part = |at: &usize| {
                let column = &source.columns[*at];
                let cell = row[&column.name].clone();
                if cell.is_empty() { column.default.clone().unwrap_or_default() } else { cell }
            };
            let key: Vec<String> = source.primary_key.iter().map(part).collect();
            assert!(seen.insert(key.clone()), "{} {key:?}", source.name);
        }
    }
}
