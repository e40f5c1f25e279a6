//! Nights one after another into one `out`: what did not come is withheld, not withdrawn.

use crate::house::{House, Ran, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const MEASURE: &str = "43-1-tech-purchase";
const FILE: &str = "tech_purchases.csv";
const LEDGERS: [&str; 3] = ["ledger/awards.csv", "ledger/reliefs.csv", "ledger/entitlements.csv"];

/// All ledger lines by their number.
fn lines(ran: &Ran) -> BTreeMap<String, Row> {
    LEDGERS.iter().flat_map(|file| ran.table(file)).map(|row| (row["台账编号"].clone(), row)).collect()
}

/// Two sets of lines are the same; what is left out of either is told. 计算依据 may count days up to the night.
fn check_same(found: &BTreeMap<String, Row>, expected: &BTreeMap<String, Row>) {
    let text = |row: &Row| row.iter().filter(|(name, _)| *name != "计算依据").map(|(_, cell)| cell.as_str()).collect::<Vec<_>>().join(",");
    let texts = |lines: &BTreeMap<String, Row>| lines.values().map(text).collect::<BTreeSet<String>>();
    let (found, expected) = (texts(found), texts(expected));
    let differing: Vec<&String> = found.symmetric_difference(&expected).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

/// The numbers of the delta by 变动.
fn turns(ran: &Ran) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    ran.table("ledger/delta.csv")
        .into_iter()
        .for_each(|row| assert!(found.entry(row["变动"].clone()).or_default().insert(row["台账编号"].clone())));
    found
}

/// All of what is withheld is what the measure had; nothing else has moved.
fn check_withheld(ran: &Ran, first: &BTreeMap<String, Row>) {
    let (held, kept): (BTreeMap<String, Row>, BTreeMap<String, Row>) =
        first.clone().into_iter().partition(|(_, row)| row["措施编号"] == MEASURE);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    assert_eq!(ran.findings(&["拦截", "警告"]), ["警告 source.gone tech_purchases"]);
    check_same(&lines(ran), &kept);
    assert_eq!(turns(ran), BTreeMap::from([("未提供".to_string(), held.keys().cloned().collect())]));
    let withheld: BTreeMap<String, Row> = ran.table("ledger/withheld.csv").into_iter().map(|row| (row["台账编号"].clone(), row)).collect();
    check_same(&withheld, &held);
    for row in ran.table("ledger/delta.csv") {
        assert_eq!([&*row["原因"], &row["原因说明"]], ["数据", "数据：技术成果购买没有提供"]);
    }
    let summary = ran.table("ledger/summary.csv");
    assert!(summary.iter().any(|row| row["分组"] == MEASURE && row["未提供数据"] == "是"));
}

#[test]
fn a_source_that_does_not_come_is_withheld_until_it_comes_again() {
    let house = House::december();
    let ran = house.run("2022-12-27", &[]);
    assert_eq!(ran.status, 0);
    let first = lines(&ran);
    let paid: Vec<&Row> = first.values().filter(|row| row["措施编号"] == MEASURE).collect();
    assert!(paid.len() > 5);
    let rows: Vec<String> =
        paid.iter().enumerate().map(|(at, row)| format!("L{at},{},2022-12-27,{}", row["台账编号"], row["金额"])).collect();
    house.deliver("payments.csv", &format!("支付流水号,台账编号,支付日期,支付金额\n{}\n", rows.join("\n")));
    let text = house.take(FILE);
    for day in ["2022-12-28", "2022-12-29"] {
        let ran = house.run(day, &[]);
        check_withheld(&ran, &first);
        let payments: BTreeMap<String, Row> =
            ran.table("ledger/payments.csv").into_iter().map(|row| (row["台账编号"].clone(), row)).collect();
        for line in &paid {
            let row = &payments[&line["台账编号"]];
            assert_eq!(
                [&row["台账"], &row["已兑付"], &row["应追回"], &row["多付"], &row["待兑付"]],
                ["未提供", &line["金额"], "0.00", "0.00", "0.00"]
            );
        }
    }
    house.deliver(FILE, &text);
    let ran = house.run("2022-12-30", &[]);
    assert_eq!((ran.status, turns(&ran)), (0, BTreeMap::new()), "{}", ran.stderr);
    check_same(&lines(&ran), &first);
    assert!(!ran.folder.join("ledger/withheld.csv").exists());
}

#[test]
fn of_a_file_that_comes_again_changed_only_the_change_is_told() {
    let house = House::december();
    let first = lines(&house.run("2022-12-28", &[]));
    let text = house.take(FILE);
    house.run("2022-12-29", &[]);
    let gone = first.values().find(|row| row["措施编号"] == MEASURE).unwrap();
    let document = gone["来源单据"].split('|').next().unwrap();
    house.deliver(FILE, &text.lines().filter(|line| !line.starts_with(document)).map(|line| format!("{line}\n")).collect::<String>());
    let turned = turns(&house.run("2022-12-30", &[]));
    assert!(turned["撤销"].contains(&gone["台账编号"]), "{turned:?}");
    assert!(!turned.contains_key("新增") && !turned.contains_key("未提供"), "{turned:?}");
}

#[test]
fn what_somebody_accepts_as_gone_is_withdrawn() {
    let house = House::december();
    let first = lines(&house.run("2022-12-28", &[]));
    house.take(FILE);
    let ran = house.run("2022-12-29", &["--accept", "source.gone:tech_purchases"]);
    assert_eq!((ran.status, ran.findings(&["拦截", "警告"])), (3, vec!["警告 source.gone tech_purchases".to_string()]));
    let held: BTreeSet<String> = first.values().filter(|row| row["措施编号"] == MEASURE).map(|row| row["台账编号"].clone()).collect();
    assert_eq!(turns(&ran), BTreeMap::from([("撤销".to_string(), held)]));
    let summary = ran.table("ledger/summary.csv");
    assert!(summary.iter().any(|row| row["分组"] == MEASURE && row["未提供数据"].is_empty()));
    // The next night nothing is left to ask about.
    assert_eq!(house.run("2022-12-30", &[]).status, 0);
}

#[test]
fn what_is_withheld_when_the_year_ends_is_carried_over() {
    let house = House::december();
    let first = lines(&house.run("2022-12-30", &[]));
    house.take(FILE);
    house.run("2022-12-31", &[]);
    let ran = house.run("2023-01-01", &[]);
    let turned = turns(&ran);
    let held: BTreeSet<String> = first.values().filter(|row| row["措施编号"] == MEASURE).map(|row| row["台账编号"].clone()).collect();
    assert!(held.is_subset(&turned["结转"]), "{turned:?}");
    assert!(!ran.findings(&["警告"]).iter().any(|finding| finding.contains("source.gone")));
}

#[test]
fn without_a_core_source_nothing_is_published() {
    let house = House::december();
    house.run("2022-12-28", &[]);
    let (current, text) = (house.current(), house.take("vat_returns.csv"));
    let ran = house.run("2022-12-29", &[]);
    assert_eq!(ran.status, 4);
    assert_eq!(ran.findings(&["拦截"]), ["拦截 source.gone vat_returns", "拦截 source.missing vat_returns"]);
    assert!(ran.stderr.contains("source.missing vat_returns") && ran.stderr.contains("refused"), "{}", ran.stderr);
    assert!(ran.folder.join("rejects.csv").exists());
    assert_eq!((house.current(), fs::read_dir(house.out().join("runs")).unwrap().count()), (current, 1));
    // Nobody can accept that; what is refused stands there until a run is published.
    assert_eq!(house.run("2022-12-29", &["--accept", "source.gone:vat_returns"]).status, 4);
    house.deliver("vat_returns.csv", &text);
    assert_eq!(house.run("2022-12-29", &[]).status, 0);
    assert!(!house.out().join("refused").exists());
}

#[test]
fn a_backfill_is_published_beside_and_current_stays() {
    let house = House::december();
    let late = house.run("2022-12-31", &[]);
    let early = house.run("2022-11-30", &[]);
    assert_eq!(house.current(), fs::canonicalize(&late.folder).unwrap());
    assert!(!early.folder.join("ledger/delta.csv").exists(), "nothing was before it");
    // Of two runs of one day the one published last is before.
    house.deliver("payments.csv", "支付流水号,台账编号,支付日期,支付金额\n");
    let again = house.run("2022-12-31", &[]);
    let manifest = fs::read_to_string(again.folder.join("manifest.json")).unwrap();
    let name = late.folder.file_name().unwrap().to_str().unwrap();
    assert!(manifest.contains(&format!("\"previous\": \"{name}\"")), "{manifest}");
    // The same run once more stays as it was.
    assert_eq!(house.run("2022-12-31", &[]).folder, again.folder);
}

#[test]
fn ordinary_nights_ask_for_nobody() {
    let house = House::december();
    let whole: Vec<(String, String)> = fs::read_dir(house.data())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|file| file != "banks.csv")
        .map(|file| (file.clone(), house.read(&file)))
        .collect();
    for night in 0..5 {
        for (file, text) in &whole {
            // A few rows come every day, and an amount is corrected.
            let lines = text.lines().count();
            let kept = text.lines().take(lines - (4 - night) * lines / 50);
            let corrected = kept.map(|line| if line.ends_with(&format!("{night}.00")) { format!("{line}1") } else { line.to_string() });
            house.deliver(file, &(corrected.map(|line| line.replace(".001", ".01")).collect::<Vec<_>>().join("\n") + "\n"));
        }
        let ran = house.run(&format!("2022-12-{}", 27 + night), &["--without", "workbook,report"]);
        assert_eq!((ran.status, ran.findings(&["拦截", "警告"])), (0, Vec::new()), "{}", ran.stderr);
    }
}

#[test]
fn what_is_to_come_back_is_remembered_over_a_night_without_payments() {
    let house = House::december();
    let first = lines(&house.run("2022-12-27", &[]));
    let row = first.values().find(|row| row["措施编号"] == MEASURE).unwrap();
    let payments = format!("支付流水号,台账编号,支付日期,支付金额\nL1,{},2022-12-27,{}\n", row["台账编号"], row["金额"]);
    house.deliver("payments.csv", &payments);
    house.run("2022-12-28", &[]);
    // The line is withdrawn on a night on which the treasury delivers nothing.
    let (text, document) = (house.read(FILE), row["来源单据"].split('|').next().unwrap());
    house.deliver(FILE, &text.lines().filter(|line| !line.starts_with(document)).map(|line| format!("{line}\n")).collect::<String>());
    house.take("payments.csv");
    let ran = house.run("2022-12-29", &[]);
    assert_eq!(ran.findings(&["拦截", "警告"]), ["警告 source.gone payments"]);
    assert!(!ran.folder.join("ledger/payments.csv").exists());
    house.deliver("payments.csv", &payments);
    let accounts = house.run("2022-12-30", &[]).table("ledger/payments.csv");
    let account = accounts.iter().find(|account| account["台账编号"] == row["台账编号"]).unwrap();
    assert_eq!([&account["情形"], &account["应追回"]], ["应追回", &row["金额"]]);
}

#[test]
fn verify_holds_what_is_withheld_against_the_delta() {
    use sha2::{Digest, Sha256};
    let house = House::december();
    house.run("2022-12-27", &[]);
    house.take(FILE);
    let run = house.run("2022-12-28", &[]).folder;
    let (place, manifest) = (run.join("ledger/withheld.csv"), run.join("manifest.json"));
    let text = fs::read_to_string(&place).unwrap();
    let (kept, last) = text.trim_end().rsplit_once("\r\n").unwrap();
    let number = last.split(',').next().unwrap();
    let hash = |text: &str| Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mut changed: serde_json::Value = serde_json::from_str(&fs::read_to_string(&manifest).unwrap()).unwrap();
    let (other, record) = (format!("{kept}\r\n"), &mut changed["files"]["ledger/withheld.csv"]);
    let rows = record["rows"].as_u64().unwrap() - 1;
    (record["sha256"], record["bytes"], record["rows"]) = (hash(&other).into(), other.len().into(), rows.into());
    for (file, text) in [(&place, &other), (&manifest, &changed.to_string())] {
        fs::remove_file(file).unwrap();
        fs::write(file, text).unwrap();
    }
    let (status, _, said) = crate::house::huiqi(&["verify", run.to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(said.contains(&format!("{number} is 未提供 in delta.csv and not here")), "{said}");
}

#[test]
fn what_is_set_aside_is_withheld_replayed_and_explained() {
    let house = House::december();
    let first = lines(&house.run("2022-12-27", &[]));
    let held: BTreeSet<String> = first.values().filter(|row| row["措施编号"] == MEASURE).map(|row| row["台账编号"].clone()).collect();
    let text = house.read(FILE);
    house.deliver(FILE, &text.replace(",2022-0", ",2022/13/"));
    for day in ["2022-12-28", "2022-12-29"] {
        let ran = house.run(day, &[]);
        assert_eq!((ran.status, ran.findings(&["拦截", "警告"])), (3, vec!["警告 rows.rejected tech_purchases".to_string()]));
        assert_eq!(turns(&ran), BTreeMap::from([("未提供".to_string(), held.clone())]));
        let (status, said, wrong) = crate::house::huiqi(&["verify", ran.folder.to_str().unwrap(), "--replay"]);
        assert_eq!(status, 0, "{said}{wrong}");
    }
    let code = &first.values().find(|row| row["措施编号"] == MEASURE).unwrap()["统一社会信用代码"];
    let (_, page, _) = crate::house::huiqi(&["explain", code, "--measure", MEASURE, "--out", house.out().to_str().unwrap()]);
    assert!(page.contains("tech_purchases在该次运行中没有采用"), "{page}");
    house.deliver(FILE, &text);
    let ran = house.run("2022-12-30", &[]);
    assert_eq!((ran.status, turns(&ran)), (0, BTreeMap::new()), "{}", ran.stderr);
}
