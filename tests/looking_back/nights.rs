//! Nightly runs over changing data: the deltas add up to the last ledger, and nothing is paid twice.

use crate::setup::{House, Row, delta, fen, ledgers, table};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const CODES: [&str; 3] = ["91140925HAUGAW60XA", "91140923015PAE1U04", "911101086L906U407A"];
const PURCHASES: &str = "合同编号,统一社会信用代码,成果编号,成交额,支付凭证号,实际支付额,支付日期,市内转化";
const RECOGNITIONS: &str = "认定编号,统一社会信用代码,认定类别,认定层级,认定日期,核定奖励金额";
const PILOT: &str = "R1,91140925HAUGAW60XA,中试基地,市级,2022-06-01,";
/// Of another year: nothing follows from it, but the source is never empty.
const OLD: &str = "R0,91140925HAUGAW60XA,中试基地,市级,2019-06-01,";

/// What every night pays by what payments.csv says is owed.
struct Treasury {
    house: House,
    registered: [&'static str; 3],
    purchases: Vec<String>,
    recognitions: Vec<String>,
    paid: Vec<String>,
    /// Amounts by number and kind, as the deltas have them.
    added: BTreeMap<String, i128>,
}

impl Treasury {
    fn new() -> Treasury {
        let house = House::small();
        let (purchases, recognitions, paid) = (Vec::new(), vec![PILOT.to_string(), OLD.to_string()], Vec::new());
        Treasury { house, registered: ["存续"; 3], purchases, recognitions, paid, added: BTreeMap::new() }
    }

    fn buy(&mut self, number: u32, who: usize, yuan: &str, day: &str) {
        self.purchases.push(format!("HT{number},{},CG1,{yuan},P{number},{yuan},{day},是", CODES[who]));
    }

    fn night(&mut self, as_of: &str) -> PathBuf {
        let registrations: Vec<String> =
            CODES.iter().zip(self.registered).map(|(c, state)| format!("{c},企业{c},企业,140925,C3612,2015-01-01,{state}")).collect();
        let all = |header: &str, rows: &[String]| format!("{header}\n{}\n", rows.join("\n"));
        let house = &self.house;
        house.deliver("registrations.csv", &all("统一社会信用代码,名称,主体类型,区划代码,行业代码,成立日期,登记状态", &registrations));
        house.deliver("tech_purchases.csv", &all(PURCHASES, &self.purchases));
        house.deliver("recognitions.csv", &all(RECOGNITIONS, &self.recognitions));
        house.deliver("payments.csv", &all("支付流水号,台账编号,支付日期,支付金额", &self.paid));
        house.run(as_of, &[])
    }

    /// Adds the delta of a run, and holds the sum against its ledgers.
    fn add(&mut self, run: &Path) -> Vec<Row> {
        let rows = delta(run);
        for row in &rows {
            *self.added.entry(row["台账编号"].clone()).or_default() += fen(&row["差额"]);
            if row["现金额"].is_empty() && row["变动"] != "新增" {
                assert_eq!(self.added.remove(&row["台账编号"]), Some(0), "{row:?}");
            }
        }
        self.holds(run);
        rows
    }

    fn holds(&self, run: &Path) {
        let lines = ledgers(run).into_values().filter(|row| !row["金额"].is_empty());
        let now: BTreeMap<String, i128> = lines.map(|row| (row["台账编号"].clone(), fen(&row["金额"]))).collect();
        let added: BTreeMap<String, i128> = self.added.iter().filter(|(n, _)| now.contains_key(*n)).map(|(n, a)| (n.clone(), *a)).collect();
        assert_eq!(added, now);
        assert!(self.added.iter().all(|(n, amount)| now.contains_key(n) || *amount == 0));
    }

    /// Pays what is open; what was paid for a number never exceeds what it was ever owed.
    fn pay(&mut self, run: &Path, day: &str) -> usize {
        let rows = table(run, "ledger/payments.csv");
        let open: Vec<&Row> = rows.iter().filter(|row| fen(&row["待兑付"]) > 0).collect();
        for row in &open {
            self.paid.push(format!("L{},{},{day},{}", self.paid.len(), row["台账编号"], row["待兑付"]));
        }
        assert!(rows.iter().all(|row| fen(&row["多付"]) == 0 && row["情形"] != "无对应台账"), "{rows:?}");
        open.len()
    }
}

#[test]
fn seven_nights() {
    let mut treasury = Treasury::new();
    treasury.buy(1, 0, "1000000.00", "2022-05-01");
    treasury.buy(2, 1, "2000000.00", "2022-06-01");
    let first = treasury.night("2022-12-25");
    for row in ledgers(&first).into_values() {
        treasury.added.insert(row["台账编号"].clone(), fen(&row["金额"]));
    }
    assert_eq!(treasury.pay(&first, "2022-12-25"), 3, "two contracts and a pilot base");

    // A new contract, and one that is dated in the future.
    treasury.buy(3, 2, "500000.00", "2022-12-20");
    treasury.buy(4, 2, "300000.00", "2022-12-28");
    let second = treasury.night("2022-12-26");
    let rows = treasury.add(&second);
    assert_eq!(rows.iter().map(|r| [&*r["变动"], &r["差额"], &r["原因"]]).collect::<Vec<_>>(), [["新增", "15000.00", "数据"]]);
    assert_eq!(treasury.pay(&second, "2022-12-26"), 1);

    // The recognition is withdrawn: its line is, and what was paid for it is to come back.
    treasury.recognitions.remove(0);
    let third = treasury.night("2022-12-27");
    let rows = treasury.add(&third);
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!([&*rows[0]["变动"], &rows[0]["措施编号"], &rows[0]["原因"]], ["撤销", "42-5-pilot-base", "数据"]);
    assert_eq!(rows[0]["原因说明"], "数据：recognitions R1（不再交付）");
    let back = table(&third, "ledger/payments.csv").into_iter().find(|r| r["情形"] == "应追回").unwrap();
    assert_eq!([&*back["应追回"], &back["台账编号"]], ["200000.00", &rows[0]["台账编号"]]);
    assert_eq!(treasury.pay(&third, "2022-12-27"), 0);

    // Its day comes for the fourth contract.
    let fourth = treasury.night("2022-12-28");
    let rows = treasury.add(&fourth);
    assert_eq!(rows.iter().map(|r| [&*r["变动"], &r["差额"], &r["原因"]]).collect::<Vec<_>>(), [["新增", "9000.00", "时间"]]);
    assert!(rows[0]["原因说明"].contains("2022-12-27 时不符合：3 "), "{rows:?}");
    assert_eq!(treasury.pay(&fourth, "2022-12-28"), 1);

    // The runs are lost: the next one has nobody to look back to, and still nothing is owed again.
    fs::remove_dir_all(treasury.house.out().join("runs")).unwrap();
    treasury.buy(5, 0, "100000.00", "2022-12-29");
    let fifth = treasury.night("2022-12-29");
    assert!(!fifth.join("ledger/delta.csv").exists());
    let new: Vec<Row> = ledgers(&fifth).into_values().filter(|r| !treasury.added.contains_key(&r["台账编号"])).collect();
    assert_eq!(new.iter().map(|r| &*r["金额"]).collect::<Vec<_>>(), ["3000.00"]);
    treasury.added.insert(new[0]["台账编号"].clone(), 300_000);
    treasury.holds(&fifth);
    let rows = table(&fifth, "ledger/payments.csv");
    let open: Vec<&Row> = rows.iter().filter(|r| fen(&r["待兑付"]) > 0).collect();
    assert_eq!(open.iter().map(|r| &*r["待兑付"]).collect::<Vec<_>>(), ["3000.00"]);
    // The recovered number is known from its payment alone.
    assert_eq!(rows.iter().filter(|r| r["情形"] == "无对应台账").count(), 1);
    treasury.paid.push(format!("L9,{},2022-12-29,3000.00", open[0]["台账编号"]));
    // The money came back, so its payment is no longer delivered.
    treasury.paid.retain(|line| !line.contains(&back["台账编号"]));

    // A correction of an amount that is paid already.
    treasury.purchases[1] = treasury.purchases[1].replace("2000000.00", "2100000.00");
    let sixth = treasury.night("2022-12-30");
    let rows = treasury.add(&sixth);
    assert_eq!(rows.iter().map(|r| [&*r["变动"], &r["差额"], &r["原因"]]).collect::<Vec<_>>(), [["变更", "3000.00", "数据"]]);
    assert_eq!(rows[0]["原因说明"], "数据：tech_purchases HT2|P2，tech_purchases.csv（改动）");
    let owed: Vec<Row> = table(&sixth, "ledger/payments.csv").into_iter().filter(|r| fen(&r["待兑付"]) > 0).collect();
    assert_eq!(owed.iter().map(|r| [&*r["待兑付"], &r["情形"]]).collect::<Vec<_>>(), [["3000.00", "部分兑付"]]);
    assert_eq!(treasury.pay(&sixth, "2022-12-30"), 1);

    // Two years' cap: a contract that is too large for what is left of it; and an enterprise that is no more.
    treasury.buy(6, 0, "20000000.00", "2022-12-30");
    treasury.registered[2] = "注销";
    let seventh = treasury.night("2022-12-31");
    let rows = treasury.add(&seventh);
    let turns: Vec<[&str; 3]> =
        rows.iter().filter(|r| r["措施编号"] == "43-1-tech-purchase").map(|r| [&*r["变动"], &r["差额"], &r["原因"]]).collect();
    assert_eq!(turns.iter().filter(|t| t[0] == "撤销" && t[2] == "数据").count(), 2, "{turns:?}");
    assert_eq!(turns.iter().filter(|t| t[0] == "新增" && t[2] == "数据").count(), 1, "{turns:?}");
    let total: i128 = ledgers(&seventh).values().filter(|r| r["措施编号"] == "43-1-tech-purchase").map(|r| fen(&r["金额"])).sum();
    assert_eq!(total, 50_000_000, "the cap is met exactly");
    treasury.pay(&seventh, "2022-12-31");

    // A new year lists none of it any more, claws nothing back, and owes nothing again.
    let new_year = treasury.night("2023-01-01");
    let rows = delta(&new_year);
    let of_purchases: Vec<&Row> = rows.iter().filter(|r| r["措施编号"] == "43-1-tech-purchase").collect();
    assert_eq!(of_purchases.len(), 4);
    assert!(of_purchases.iter().all(|r| r["变动"] == "结转" && r["原因"] == "时间"), "{of_purchases:?}");
    let accounts = table(&new_year, "ledger/payments.csv");
    assert!(accounts.iter().all(|r| fen(&r["待兑付"]) == 0 && fen(&r["多付"]) == 0), "{accounts:?}");
    assert_eq!(accounts.iter().filter(|r| r["台账"] == "结转").count(), 4);
}
