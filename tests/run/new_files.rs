//! A new measure over an existing source is one file; a new source is one file.

use crate::house::House;

const MEASURE: &str = r#"
[article]
number  = 43
title   = "大额技术合同奖励"
text    = "单笔实际支付额达到100万元的，再奖励1%。"
kind    = "奖补"
payer   = "市级财政"
offices = ["市科技局"]

[per]
source  = "tech_purchases"
subject = "统一社会信用代码"
alive   = "存续主体"

[[clause]]
says = "支付日期在本年"
when = "本年事件(支付日期)"

[[clause]]
says = "实际支付额达到门槛"
when = "实际支付额 >= 支付门槛"

[amount]
says  = "实际支付额 × 奖励比例"
value = "实际支付额 * 奖励比例"

[parameters]
"支付门槛" = { unit = "元", values = [{ from = "2022-04-08", value = "1000000", source = "测试" }] }
"奖励比例" = { unit = "比例", values = [{ from = "2022-04-08", value = "1%", source = "测试" }] }
"#;

#[test]
fn a_new_measure_is_one_file() {
    let house = House::new();
    house.write("pipeline/measures/43-9-large-contract.toml", MEASURE);
    let ran = house.run("out", &["--only", "43-9-large-contract"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let awards = house.read("out/current/ledger/awards.csv");
    let lines: Vec<&str> = awards.lines().skip(1).collect();
    assert!(!lines.is_empty());
    assert!(lines.iter().all(|l| l.contains("43-9-large-contract") && l.contains("奖励比例 1%")), "{awards}");
}

const SOURCE: &str = r#"
name        = "patents"
title       = "专利"
department  = "市市场监管局"
primary_key = ["专利号"]

[[column]]
name = "专利号"
type = "code"
required = true

[[column]]
name = "统一社会信用代码"
type = "uscc"
required = true
references = "registrations"

[[column]]
name = "授权日期"
type = "date"
required = true
"#;

const PATENT_MEASURE: &str = r#"
[article]
number  = 41
title   = "专利奖励"
text    = "每件专利奖励一千元。"
kind    = "奖补"
payer   = "市级财政"
offices = ["市市场监管局"]

[per]
source  = "patents"
subject = "统一社会信用代码"

[[clause]]
says = "在本年授权"
when = "本年事件(授权日期)"

[amount]
says  = "每件奖励"
value = "每件奖励"

[parameters]
"每件奖励" = { unit = "元", values = [{ from = "2022-04-08", value = "1000", source = "测试" }] }
"#;

#[test]
fn a_new_source_is_one_file() {
    let house = House::new();
    house.write("pipeline/sources/patents.toml", SOURCE);
    house.write("pipeline/measures/41-9-patent.toml", PATENT_MEASURE);
    let registered = house.read("data/registrations.csv");
    let code = registered.lines().nth(1).unwrap().split(',').next().unwrap().to_string();
    house.write("data/patents.csv", &format!("专利号,统一社会信用代码,授权日期\nZL1,{code},2022-05-01\nZL2,{code},2022/4/7\n"));
    let ran = house.run("out", &["--only", "41-9-patent"]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let awards = house.read("out/current/ledger/awards.csv");
    let lines: Vec<&str> = awards.lines().skip(1).collect();
    assert_eq!(lines.len(), 1, "{awards}");
    assert!(lines[0].contains(",ZL1,2022,1000.00,0.00,,1000.00,"), "{awards}");
}
