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
[[target]]
article = 1
name = "丙"
where = "TRUE"
compare = ">"
goal = "占比目标"
actual = "(SELECT SUM(l.金额) FILTER (WHERE l.通过) FROM loans l)"
goals = "1"
[[target]]
article = 1
name = "丁"
each = "lones"
compare = ">"
goal = "1"
actual = "1"
[[target]]
article = 1
name = "戊"
compare = ">"
goal = "1"
actual = "SUM(金额)"
[[target]]
article = 1
name = "己"
each = "branches"
dimension = "全市"
compare = ">"
goal = "1"
actual = "1"
[[target]]
article = 1
name = "庚"
scope = "信用"
compare = ">"
goal = "1"
actual = "1"
[[target]]
article = 1
name = "辛"
dimension = "全市"
compare = ">"
goal = "1"
actual = "1"
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

/// A table with two ways to group and two scopes, and more of the file.
fn table_and(more: &str) -> String {
    format!(
        r#"
name = "made"
title = "示例"
articles = [1]
says = "示例"
source = "loans"
where = "TRUE"
[[dimension]]
name = "全市"
[[dimension]]
name = "机构"
by = "机构"
[[scope]]
name = "全部"
where = "TRUE"
[[column]]
name = "笔数"
value = "COUNT(*)"
{more}
"#
    )
}

#[test]
fn of_targets_of_a_table() {
    let targets = r#"
[[target]]
article = 1
name = "甲"
dimension = "全县"
scope = "全部"
compare = ">"
goal = "1"
actual = "笔数"
[[target]]
article = 1
name = "乙"
dimension = "机构"
scope = "全部"
compare = ">"
goal = "1"
actual = "笔数"
[[target]]
article = 1
name = "丙"
dimension = "全市"
compare = ">"
goal = "1"
actual = "笔数"
[[target]]
article = 1
name = "丁"
dimension = "全市"
scope = "信用"
compare = ">"
goal = "1"
actual = "笔数"
[[target]]
article = 1
name = "戊"
dimension = "全市"
scope = "全部"
compare = ">"
goal = "笔书"
actual = "COUNT(*)"
"#;
    assert_snapshot!(mistakes(&[("indicators/made.toml", &table_and(targets))]));
}

#[test]
fn of_several_sources() {
    let file = r#"
name = "made"
title = "示例"
articles = [1]
says = "示例"
source = "loans"
where = "TRUE"
[[union]]
source = "capital"
where = "资本 > 0 AND 通过"
[[dimension]]
name = "全市"
total = true
by = "机构"
[[dimension]]
name = "客户"
by = "客户"
[[dimension]]
name = "有优惠的"
where = "branches.优惠网点"
[[column]]
name = "笔数"
of = "branches"
value = "COUNT(*)"
[[column]]
name = "金额合计"
of = "capital"
value = "SUM(金额)"
places = 2
"#;
    assert_snapshot!(mistakes(&[("indicators/made.toml", file)]));
    let twice = table_and("[[union]]\nsource = \"loans\"\nwhere = \"TRUE\"");
    let types = table_and("[[dimension]]\nname = \"方式\"\nby = \"方式\"\n[[union]]\nsource = \"capital\"\nwhere = \"TRUE\"");
    assert_snapshot!(mistakes(&[("indicators/made.toml", &twice)]));
    assert_snapshot!(mistakes(&[("indicators/made.toml", &types)]));
}
