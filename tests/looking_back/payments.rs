//! What was paid against what is owed, over two nights and a new year.

use crate::setup::{House, Row, fen, purchases, table};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rows of payments.csv by number; every row balances.
fn accounts(run: &Path) -> BTreeMap<String, Row> {
    let rows = table(run, "ledger/payments.csv");
    for r in &rows {
        let [due, paid, open, over, back] = ["应兑付", "已兑付", "待兑付", "多付", "应追回"].map(|c| fen(&r[c]));
        assert_eq!(due + over + back, paid + open, "{r:?}");
    }
    rows.into_iter().map(|r| (r["台账编号"].clone(), r)).collect()
}

fn said(row: &Row) -> [&str; 7] {
    ["台账", "应兑付", "已兑付", "待兑付", "多付", "应追回", "情形"].map(|c| row[c].as_str())
}

/// Says what verify finds once a published table says something else and the manifest goes along.
fn tampered(run: &Path, file: &str, from: &str, to: &str) -> String {
    use sha2::{Digest, Sha256};
    let write = |name: &str, text: &str| {
        fs::remove_file(run.join(name)).unwrap();
        fs::write(run.join(name), text).unwrap();
    };
    let (text, manifest) = (fs::read_to_string(run.join(file)).unwrap(), fs::read_to_string(run.join("manifest.json")).unwrap());
    assert!(text.contains(from), "{from} in {text}");
    let other = text.replacen(from, to, 1);
    let hash = |text: &str| Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut changed: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    changed["files"][file]["sha256"] = hash(&other).into();
    changed["files"][file]["bytes"] = other.len().into();
    write(file, &other);
    write("manifest.json", &changed.to_string());
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_huiqi")).args(["verify", run.to_str().unwrap()]).output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    write(file, &text);
    write("manifest.json", &manifest);
    String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout)
}

#[test]
fn verify_adds_them_up_again() {
    let house = House::small();
    let registered =
        "统一社会信用代码,名称,主体类型,区划代码,行业代码,成立日期,登记状态\n91140925HAUGAW60XA,甲,企业,140925,C3612,2015-01-01,存续\n";
    house.deliver("registrations.csv", registered);
    let purchases = |yuan: &str| {
        let header = "合同编号,统一社会信用代码,成果编号,成交额,支付凭证号,实际支付额,支付日期,市内转化";
        format!("{header}\nHT1,91140925HAUGAW60XA,CG1,{yuan},P1,{yuan},2022-06-01,是\n")
    };
    house.deliver("tech_purchases.csv", &purchases("1000000.00"));
    house.deliver("payments.csv", "支付流水号,台账编号,支付日期,支付金额\n");
    house.run("2022-12-31", &[]);
    house.deliver("tech_purchases.csv", &purchases("1100000.00"));
    let run = house.run("2022-12-31", &[]);
    let said = tampered(&run, "ledger/delta.csv", ",3000.00,可兑付", ",3000.01,可兑付");
    assert!(said.contains("差额 3000.01 is not 现金额 − 原金额"), "{said}");
    let said = tampered(&run, "ledger/delta.csv", ",变更,", ",新增,");
    assert!(said.contains("are not those of a line that is 新增"), "{said}");
    let said = tampered(&run, "ledger/payments.csv", ",33000.00,0.00,33000.00,", ",33000.00,0.00,32000.00,");
    assert!(said.contains("应兑付 + 多付 + 应追回 is not 已兑付 + 待兑付"), "{said}");
    let said = tampered(&run, "ledger/payments.csv", ",33000.00,0.00,33000.00,", ",32000.00,0.00,32000.00,");
    assert!(said.contains("Σ 应兑付 在册 is 32000.00, what the ledger owes 33000.00"), "{said}");
}

#[test]
fn what_was_paid_is_never_owed_again() {
    let house = House::new();
    let first = house.current();
    assert!(!first.join("ledger/payments.csv").exists());
    let of = |document: &str| purchases(&first).into_iter().find(|r| r["来源单据"] == document).unwrap();
    let withdrawn = of("HT2022000004|PZ20220000013");
    let mut whole = purchases(&first).into_iter().filter(|r| r["金额"] != "0.00" && r["台账编号"] != withdrawn["台账编号"]);
    let [full, half, double, open] = std::array::from_fn(|_| whole.next().unwrap());
    let id = |row: &Row| row["台账编号"].clone();
    let payments = format!(
        "支付流水号,台账编号,支付日期,支付金额\nL1,{},2022-12-01,{}\nL2,{},2022-12-01,0.01\nL3,{d},2022-12-01,{two}\nL4,{d},2022-12-02,{two}\nL5,{},2022-12-02,{}\nL6,TZ0000000000000000,2022-12-02,5.00\n",
        id(&full),
        full["金额"],
        id(&half),
        id(&withdrawn),
        withdrawn["金额"],
        d = id(&double),
        two = double["金额"],
    );
    fs::write(house.data().join("payments.csv"), payments).unwrap();
    let second = house.run("2022-12-31", &[]);
    let rows = accounts(&second);
    let (f, h, d, o, w) = (&full["金额"], &half["金额"], &double["金额"], &open["金额"], &withdrawn["金额"]);
    let rest = format!("{}.{:02}", (fen(h) - 1) / 100, (fen(h) - 1) % 100);
    let two = format!("{}.{:02}", fen(d) * 2 / 100, fen(d) * 2 % 100);
    assert_eq!(said(&rows[&id(&full)]), ["在册", f, f, "0.00", "0.00", "0.00", "已兑付"]);
    assert_eq!(said(&rows[&id(&half)]), ["在册", h, "0.01", &rest, "0.00", "0.00", "部分兑付"]);
    assert_eq!(said(&rows[&id(&double)]), ["在册", d, &two, "0.00", d, "0.00", "多付"]);
    assert_eq!(rows[&id(&double)]["兑付笔数"], "2");
    assert_eq!(said(&rows[&id(&open)]), ["在册", o, "0.00", o, "0.00", "0.00", "待兑付"]);
    assert_eq!(said(&rows[&id(&withdrawn)]), ["在册", w, w, "0.00", "0.00", "0.00", "已兑付"]);
    assert_eq!(said(&rows["TZ0000000000000000"]), ["无", "0.00", "5.00", "0.00", "5.00", "0.00", "无对应台账"]);
    // Payments are no reason for any change.
    assert!(table(&second, "ledger/delta.csv").is_empty());

    // The row is withdrawn: what was paid for it is to come back, on this night and the next.
    house.replace("tech_purchases.csv", "HT2022000004,91140925HAUGAW60XA,CG20224,22800000.00,PZ20220000013,65241.15,2022-04-14,是\n", "");
    let reclaimed = ["撤销", "0.00", w, "0.00", "0.00", w, "应追回"];
    assert_eq!(said(&accounts(&house.run("2022-12-31", &[]))[&id(&withdrawn)]), reclaimed);

    // A new year lists none of them any more, and they stay owed or paid as they were, on this night and the next.
    for night in ["2023-01-01", "2023-01-02"] {
        let rows = accounts(&house.run(night, &[]));
        assert_eq!(said(&rows[&id(&withdrawn)]), reclaimed);
        assert_eq!(said(&rows[&id(&full)]), ["结转", f, f, "0.00", "0.00", "0.00", "已兑付"]);
        assert_eq!(said(&rows[&id(&half)]), ["结转", h, "0.01", &rest, "0.00", "0.00", "部分兑付"]);
        assert_eq!(said(&rows[&id(&open)]), ["结转", o, "0.00", o, "0.00", "0.00", "待兑付"]);
        assert_eq!(said(&rows["TZ0000000000000000"]), ["无", "0.00", "5.00", "0.00", "5.00", "0.00", "无对应台账"]);
    }
}

/// What the city only applies for stands among the awards, is summed apart, and is nobody's debt.
#[test]
fn what_the_city_applies_for_is_never_owed() {
    let house = House::new();
    let first = house.current();
    let applied =
        |run: &Path| -> Vec<Row> { table(run, "ledger/awards.csv").into_iter().filter(|row| row["类型"] == "争取").collect() };
    let lines = applied(&first);
    assert!(lines.iter().filter(|row| row["状态"] == "待上级核定").count() > 3 && lines.iter().any(|row| row["状态"] == "待定标准"));
    assert!(lines.iter().all(|row| row["状态"] != "可兑付" && !row["出资方"].is_empty()), "{lines:?}");
    let measures: BTreeSet<&str> = lines.iter().map(|row| row["措施编号"].as_str()).collect();
    assert!(measures.len() > 4, "{measures:?}");

    // Its own total, in summary.csv by every dimension and in the manifest.
    let total: i128 = lines.iter().map(|row| fen(&row["金额"])).sum();
    assert!(total > 0);
    for dimension in ["措施", "区划代码", "出资方"] {
        let summary = table(&first, "ledger/summary.csv");
        let of =
            |kind: &str| summary.iter().filter(|r| r["维度"] == dimension && r["类型"] == kind).map(|r| fen(&r["金额合计"])).sum::<i128>();
        assert_eq!(of("争取"), total, "{dimension}");
        let owed = table(&first, "ledger/awards.csv").iter().filter(|r| r["类型"] == "奖补").map(|r| fen(&r["金额"])).sum::<i128>();
        assert_eq!(of("奖补"), owed, "{dimension}");
    }
    let manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(first.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["totals"]["争取"]["rows"], lines.len());
    assert_eq!(fen(manifest["totals"]["争取"]["amount"].as_str().unwrap()), total);

    // Somebody has paid one of them all the same: nothing was owed, so all of it is too much.
    let paid = lines.iter().find(|row| row["状态"] == "待上级核定").unwrap();
    house.deliver("payments.csv", &format!("支付流水号,台账编号,支付日期,支付金额\nL1,{},2022-12-01,100.00\n", paid["台账编号"]));
    let rows = accounts(&house.run("2022-12-31", &[]));
    assert_eq!(said(&rows[&paid["台账编号"]])[..6], ["在册", "0.00", "100.00", "0.00", "100.00", "0.00"]);
    assert!(lines.iter().all(|row| row["台账编号"] == paid["台账编号"] || !rows.contains_key(&row["台账编号"])));
}
