//! Every mistake of an indicator file is shown at its words.

use super::support::mistakes;
use insta::assert_snapshot;

#[test]
fn of_names_and_types() {
    let file = r#"
name = "made"
title = "示例"
articles = [1]
says = "示例"
source = "loans"
where = "金额"
[[dimension]]
name = "机构类别"
by = "branches.种类"
[[dimension]]
name = "利率"
by = "利率"
[[scope]]
name = "信用"
where = "方式 = '信用贷款'"
[[column]]
name = "金额合计"
value = "SUM(金额"
places = 2
[[column]]
name = "翻番"
value = "金额合计 * 2"
places = 2
[[column]]
name = "余额"
value = "金额"
[[column]]
name = "占比目标"
value = "COUNT(*)"
[[column]]
name = "笔数"
value = "COUNT(*) FILTER (WHERE 通过) / COUNT(*)"
[[column]]
name = "笔数之和"
value = "SUM(COUNT(*))"
[[column]]
name = "平均"
value = "SUM(占比(金额, 金额))"
places = 2
[[column]]
name = "方式合计"
value = "MAX(方式)"
[[column]]
name = "计数"
value = "COUNT(客户)"
"#;
    assert_snapshot!(mistakes(&[("indicators/made.toml", file)]));
}

#[test]
fn of_targets() {
    let file = r#"
name = "other"
title = "示例"
articles = [1]
says = "示例"
[[target]]
article = 2
name = "甲"
compare = ">="
goal = "1"
actual = "1"
offices = []
[[target]]
article = 1
name = "乙"
object = "全市"
each = "loans"
where = "金额"
compare = ">"
goal = "1"
actual = "DATE '2022-01-01'"
places = 20
offices = ["甲局"]
[[target]]
article = 1
name = "丙"
where = "TRUE"
compare = ">"
goal = "占比目标"
actual = "(SELECT SUM(l.金额) FILTER (WHERE l.通过) FROM loans l)"
goals = "1"
offices = ["甲局"]
[[target]]
article = 1
name = "丁"
each = "lones"
compare = ">"
goal = "1"
actual = "1"
offices = ["甲局"]
[[target]]
article = 1
name = "戊"
compare = ">"
goal = "1"
actual = "SUM(金额)"
offices = ["甲局"]
"#;
    assert_snapshot!(mistakes(&[("indicators/made.toml", file)]));
}

#[test]
fn of_a_file_that_says_nothing_or_half_of_it() {
    let nothing = "name = \"a\"\ntitle = \"示例\"\narticles = [1]\nsays = \"示例\"\n";
    let half = "name = \"b\"\ntitle = \"示例\"\narticles = [1]\nsays = \"示例\"\nsource = \"loans\"\n";
    assert_snapshot!(mistakes(&[("indicators/a.toml", nothing), ("indicators/b.toml", half)]));
}

#[test]
fn of_a_fact_that_no_column_can_hold() {
    let fact = "name = \"平均\"\nper = \"loans\"\nsays = \"示例\"\nvalue = \"金额 / 3\"\n";
    assert_snapshot!(mistakes(&[("facts/平均.toml", fact)]));
}
