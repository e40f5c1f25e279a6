//! Loans under the number of a person belong to the shop that the person runs, and the number stays out of the run.

use crate::house::{House, huiqi};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const LIST: &str = "2-2-deferred-repayment";

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn a_loan_of_the_operator_is_listed_and_explained_under_the_shop() {
    let house = House::new();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let is_person = |code: &str| huiqi::uscc::is_identity_number(code.as_bytes());
    // Borrowers by 来源单据, and who runs which shop.
    let borrowers: BTreeMap<String, String> = rows(&house.read("data/loan_stock.csv"))
        .into_iter()
        .map(|row| (format!("{}|{}|{}", row["数据日期"], row["金融机构代码"], row["贷款借据编码"]), row["借款人证件代码"].clone()))
        .collect();
    let registered = rows(&house.read("data/registrations.csv"));
    let runs = |person: &str| -> BTreeSet<String> {
        registered.iter().filter(|row| row["经营者证件号码"] == person).map(|row| row["统一社会信用代码"].clone()).collect()
    };
    let mut told = 0;
    for line in rows(&house.read("out/current/ledger/entitlements.csv")).iter().filter(|line| line["措施编号"] == LIST) {
        let (shop, person) = (&line["统一社会信用代码"], &borrowers[&line["来源单据"]]);
        if !is_person(person) {
            assert_eq!(shop, person);
            continue;
        }
        assert!(runs(person).contains(shop), "{line:?}");
        let said = huiqi(&["explain", shop, "--measure", LIST, "--out", house.path("out").to_str().unwrap()]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let masked = huiqi::uscc::mask(person);
        for part in [&*line["台账编号"], &line["来源单据"], &line["主体名称"], shop, &masked] {
            assert!(said.stdout.contains(part), "no {part} in\n{}", said.stdout);
        }
        assert!(said.stdout.contains("结论 符合") && !said.stdout.contains(person.as_str()), "{}", said.stdout);
        told += 1;
    }
    assert!(told > 0, "no loan of an operator is on the list");

    // Nobody's number stands in any file of the run, whoever the person is.
    let mut persons: BTreeSet<String> = borrowers.into_values().filter(|code| is_person(code)).collect();
    persons.extend(registered.into_iter().map(|row| row["经营者证件号码"].clone()).filter(|number| !number.is_empty()));
    assert!(persons.len() > 300, "{}", persons.len());
    let mut looked = 0;
    look(&house.path("out"), &mut |name, bytes| {
        looked += 1;
        let digits = |window: &&[u8]| window[..17].iter().all(u8::is_ascii_digit);
        for window in bytes.windows(18).filter(digits) {
            let number = std::str::from_utf8(window).unwrap_or_default();
            assert!(!persons.contains(number), "{} tells who {number} is", name.display());
        }
    });
    assert!(looked > 20, "{looked} files");
}

/// Every file of a folder, with what stands in it.
fn look(folder: &Path, at: &mut impl FnMut(&Path, &[u8])) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            look(&path, at);
        } else if path.is_file() {
            at(&path, &std::fs::read(&path).unwrap());
        }
    }
}
