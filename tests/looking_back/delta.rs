//! One thing changed, and the lines that it must change.

use crate::setup::{House, MEASURE, Row, delta, fen, huiqi, ledgers, purchases};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The columns in which a line of the same number counts as changed.
const COMPARED: [&str; 9] = ["类型", "区划代码", "核定前金额", "核减金额", "核减原因", "金额", "上限金额", "状态", "出资方"];

/// The numbers by 变动 that two runs' ledgers say by themselves: 新增, 变更, gone.
fn expected(before: &Path, now: &Path) -> [BTreeSet<String>; 3] {
    let (before, now) = (ledgers(before), ledgers(now));
    let only = |a: &BTreeMap<String, Row>, b: &BTreeMap<String, Row>| a.keys().filter(|n| !b.contains_key(*n)).cloned().collect();
    let differs = |n: &&String| before.get(*n).is_some_and(|old| COMPARED.iter().any(|c| old[*c] != now[*n][*c]));
    [only(&now, &before), now.keys().filter(differs).cloned().collect(), only(&before, &now)]
}

fn told(rows: &[Row]) -> [BTreeSet<String>; 3] {
    [&["新增"][..], &["变更"], &["撤销", "结转"]]
        .map(|turns| rows.iter().filter(|r| turns.contains(&&*r["变动"])).map(|r| r["台账编号"].clone()).collect())
}

/// Σ by 类型 of a run plus the differences is that of the next.
fn check_sums(before: &Path, now: &Path, rows: &[Row]) {
    let mut sums: BTreeMap<String, i128> = BTreeMap::new();
    let mut add = |kind: &str, fen: i128| *sums.entry(kind.to_string()).or_default() += fen;
    ledgers(before).values().for_each(|r| add(&r["类型"], fen(&r["金额"])));
    rows.iter().for_each(|r| add(&r["类型"], fen(&r["差额"])));
    ledgers(now).values().for_each(|r| add(&r["类型"], -fen(&r["金额"])));
    assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
}

#[test]
fn a_first_run_has_no_delta_and_the_same_run_again_keeps_its_own() {
    let house = House::new();
    let first = house.current();
    assert!(!first.join("ledger/delta.csv").exists());
    assert_eq!(house.run("2022-12-31", &[]), first);
    assert!(!first.join("ledger/delta.csv").exists());
}

#[test]
fn one_cell_changes_one_line() {
    let house = House::new();
    let first = house.current();
    house.replace("tech_purchases.csv", "PZ20220000013,65241.15,", "PZ20220000013,65341.15,");
    let second = house.run("2022-12-31", &[]);
    let rows = delta(&second);
    assert_eq!(rows.len(), 1, "{rows:?}");
    let row = &rows[0];
    assert_eq!([&*row["变动"], &row["原金额"], &row["现金额"], &row["差额"]], ["变更", "1957.23", "1960.23", "3.00"]);
    assert_eq!([&*row["变更内容"], &row["原状态"], &row["现状态"]], ["核定前金额、金额", "可兑付", "可兑付"]);
    let says = "数据：tech_purchases HT2022000004|PZ20220000013，tech_purchases.csv（改动）";
    assert_eq!([&*row["原因"], &row["原因说明"]], ["数据", says]);
    // Told again on stdout, as the later run knew it.
    let page = huiqi(&["diff", first.to_str().unwrap(), second.to_str().unwrap()]);
    assert!(page.contains(&format!("    数据：{says}\n")), "{page}");
    // The other way round nobody has the data at hand.
    let page = huiqi(&["diff", second.to_str().unwrap(), first.to_str().unwrap()]);
    assert!(page.contains("变动：变更 1\n"), "{page}");
    assert!(page.contains(&format!("  {MEASURE} 购买技术成果市内转化补助（奖补）：变更 1；1,960.23 → 1,957.23，差额 -3.00\n")), "{page}");
    assert!(page.contains(&format!("  {}（奖补）：变更 1；1,960.23 → 1,957.23，差额 -3.00\n", row["区划代码"])), "{page}");
    assert!(page.contains(&format!("  -3.00 变更 {} {MEASURE} ", row["台账编号"])), "{page}");
    assert!(page.contains("    数据：数据：tech_purchases.csv（改动）\n"), "{page}");
}

#[test]
fn a_row_taken_away_is_withdrawn_and_comes_back_as_new() {
    let house = House::new();
    let line = "HT2022000004,91140925HAUGAW60XA,CG20224,22800000.00,PZ20220000013,65241.15,2022-04-14,是\n";
    house.replace("tech_purchases.csv", line, "");
    let gone = delta(&house.run("2022-12-31", &["--without", "report"]));
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!([&*gone[0]["变动"], &gone[0]["原金额"], &gone[0]["现金额"], &gone[0]["差额"]], ["撤销", "1957.23", "", "-1957.23"]);
    assert_eq!(gone[0]["原因说明"], "数据：tech_purchases HT2022000004|PZ20220000013（不再交付）");
    // A file that is delivered beside it.
    std::fs::create_dir(house.data().join("tech_purchases")).unwrap();
    let old = house.data().join("tech_purchases.csv");
    std::fs::rename(&old, house.data().join("tech_purchases/1.csv")).unwrap();
    let header = "合同编号,统一社会信用代码,成果编号,成交额,支付凭证号,实际支付额,支付日期,市内转化\n";
    std::fs::write(house.data().join("tech_purchases/2.csv"), format!("{header}{line}")).unwrap();
    let back = delta(&house.run("2022-12-31", &[]));
    assert_eq!(back.len(), 1, "{back:?}");
    assert_eq!([&*back[0]["变动"], &back[0]["差额"], &back[0]["原因"]], ["新增", "1957.23", "数据"]);
    assert_eq!(back[0]["原因说明"], "数据：tech_purchases HT2022000004|PZ20220000013，tech_purchases/2.csv（新交付）");
    assert_eq!(back[0]["台账编号"], gone[0]["台账编号"]);
}

#[test]
fn one_parameter_changes_the_lines_of_its_measure() {
    let house = House::new();
    let first = house.current();
    let second = house.run("2022-12-31", &["--set", "43-1-tech-purchase.补助比例=0.04"]);
    let rows = delta(&second);
    // Some of a fen or two, which a higher rate rounds up to an award.
    assert!(rows.iter().filter(|r| r["变动"] == "变更").count() > 50);
    assert_eq!(told(&rows), expected(&first, &second));
    check_sums(&first, &second, &rows);
    for row in &rows {
        assert_eq!([&*row["措施编号"], &row["原因"]], [MEASURE, "参数"]);
        assert_eq!(row["原因说明"], "参数：43-1-tech-purchase.补助比例 3%（措施文件） → 0.04");
    }
}

#[test]
fn one_day_changes_what_its_windows_hold() {
    let house = House::new();
    house.forget();
    let [first, second] = ["2022-12-20", "2022-12-31"].map(|day| house.run(day, &[]));
    let rows = delta(&second);
    assert!(!rows.is_empty());
    assert_eq!(told(&rows), expected(&first, &second));
    check_sums(&first, &second, &rows);
    for row in &rows {
        assert_eq!(row["原因"], "时间");
        let rest = row["原因说明"].strip_prefix("时间：截止日 2022-12-20 → 2022-12-31").unwrap();
        // A line that is gone says which condition it no longer meets, a new one which it did not meet before.
        match row["变动"].as_str() {
            "撤销" => assert!(rest.starts_with("；现") || rest.is_empty() && row["来源单据"].contains('*'), "{row:?}"),
            "新增" => assert!(rest.starts_with("，2022-12-20 时") || rest.is_empty() && row["来源单据"].contains('*'), "{row:?}"),
            _ => assert_eq!(rest, "", "{row:?}"),
        }
        assert_ne!(row["变动"], "结转");
    }
}

#[test]
fn of_several_causes_each_line_names_its_own() {
    let house = House::new();
    house.forget();
    house.run("2022-12-20", &[]);
    house.replace("tech_purchases.csv", "PZ20220000013,65241.15,", "PZ20220000013,65341.15,");
    let rows = delta(&house.run("2022-12-31", &["--set", "43-1-tech-purchase.补助比例=0.04"]));
    let mut seen = BTreeSet::new();
    for row in rows.iter().filter(|row| row["措施编号"] == MEASURE) {
        let expected = match (row["来源单据"].as_str(), row["变动"].as_str()) {
            ("HT2022000004|PZ20220000013", _) => "数据、参数",
            // A fen or two is the same at either rate.
            (_, "新增") if row["原因"] == "时间" => "时间",
            (_, "新增") => "参数、时间",
            _ => "参数",
        };
        assert_eq!(row["原因"], expected, "{row:?}");
        seen.insert(expected);
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert!(rows.iter().filter(|row| row["措施编号"] != MEASURE).all(|row| row["原因"] == "时间"));
}

#[test]
fn a_rule_is_named_by_its_file() {
    let house = House::new();
    let (first, pipeline) = (house.current(), house.pipeline());
    let file = pipeline.join("measures/43-1-tech-purchase.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.matches("value   = \"补助基数 * 补助比例\"").count(), 1);
    std::fs::write(&file, text.replace("value   = \"补助基数 * 补助比例\"", "value   = \"成交额 * 补助比例\"")).unwrap();
    let second = house.run("2022-12-31", &[]);
    let rows = delta(&second);
    assert!(rows.len() > 50);
    assert_eq!(told(&rows), expected(&first, &second));
    check_sums(&first, &second, &rows);
    for row in &rows {
        assert_eq!([&*row["措施编号"], &row["原因"]], [MEASURE, "规则"]);
        assert!(row["原因说明"].starts_with("规则：measures/43-1-tech-purchase.toml（改动）"), "{row:?}");
    }
}

#[test]
fn a_related_row_is_named() {
    let house = House::new();
    let first = house.current();
    let code = "91140925HAUGAW60XA";
    let text = std::fs::read_to_string(house.data().join("registrations.csv")).unwrap();
    let line = text.lines().find(|line| line.starts_with(code)).unwrap();
    house.replace("registrations.csv", line, &line.replace(",存续,", ",吊销,"));
    let second = house.run("2022-12-31", &[]);
    let rows = delta(&second);
    assert_eq!(told(&rows), expected(&first, &second));
    let turns: BTreeSet<&str> = rows.iter().map(|r| r["变动"].as_str()).collect();
    assert_eq!(turns, ["撤销", "新增"].into());
    for row in &rows {
        let says = format!("数据：registrations {code}，registrations.csv（改动）");
        assert!(row["原因"] == "数据" && row["原因说明"].starts_with(&says), "{row:?}");
        assert_eq!(row["变动"] == "撤销", row["原因说明"].ends_with("；现不符合：主体状态（登记状态 吊销，要求 存续）"), "{row:?}");
    }
}

#[test]
fn what_no_rule_reads_is_no_cause() {
    let house = House::new();
    // Another name and another order of the rows, and a rate that explains every change by itself.
    house.replace("registrations.csv", "宁武县秀容聚鑫新材料有限公司(忻州)", "宁武县秀容聚鑫新材料有限公司");
    let path = house.data().join("tech_purchases.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let turned: Vec<&str> = rows.lines().rev().collect();
    std::fs::write(&path, format!("{header}\n{}\n", turned.join("\n"))).unwrap();
    let rows = delta(&house.run("2022-12-31", &["--set", "43-1-tech-purchase.补助比例=0.04"]));
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row["原因"] == "参数"), "{rows:?}");
}

#[test]
fn without_the_cache_the_file_is_named() {
    let house = House::new();
    std::fs::remove_dir_all(house.out().join("cache")).unwrap();
    house.replace("tech_purchases.csv", "PZ20220000013,65241.15,", "PZ20220000013,65341.15,");
    let rows = delta(&house.run("2022-12-31", &[]));
    assert_eq!(rows.len(), 1);
    assert_eq!([&*rows[0]["原因"], &rows[0]["原因说明"]], ["数据", "数据：tech_purchases.csv（改动）"]);
}

#[test]
fn a_new_year_carries_over_and_claws_nothing_back() {
    let house = House::new();
    let first = house.current();
    let second = house.run("2023-01-01", &[]);
    let rows = delta(&second);
    assert_eq!(told(&rows), expected(&first, &second));
    check_sums(&first, &second, &rows);
    let carried = rows.iter().filter(|r| r["措施编号"] == MEASURE && r["变动"] == "结转").count();
    assert_eq!(carried, purchases(&first).len());
    for row in rows.iter().filter(|r| r["变动"] == "撤销") {
        let last = row["所属期"].rsplit('/').next().unwrap();
        assert!(&last[..4] >= "2023", "{row:?}");
    }
}

#[test]
fn a_partial_run_is_compared_where_it_computed() {
    let house = House::new();
    let first = house.current();
    let run = house.run("2022-12-31", &["--only", MEASURE, "--set", "43-1-tech-purchase.补助比例=0.04"]);
    let rows = delta(&run);
    let [new, changed, _] = expected(&first, &run);
    assert_eq!(told(&rows), [new, changed, BTreeSet::new()]);
    assert!(rows.iter().all(|r| r["措施编号"] == MEASURE));
}
