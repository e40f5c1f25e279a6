//! What a column, a group and a target mean, on a made pipeline.

use super::support::{Case, text};
use huiqi::period::format_date;
use huiqi::policy::reach::sources_read;
use huiqi::schema::SourceId;
use insta::assert_snapshot;

/// An indicator over all loans, by branch and for the city, with these columns.
fn with_columns(columns: &str) -> String {
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
{columns}
"#
    )
}

#[test]
fn a_figure_is_exact_until_it_is_printed_half_away_from_zero() {
    let columns = r#"
[[column]]
name = "信用"
value = "COALESCE(SUM(金额) FILTER (WHERE 方式 = '信用'), 0)"
places = 2
[[column]]
name = "合计"
value = "SUM(金额)"
hidden = true
[[column]]
name = "信用占比"
value = "占比(信用, 合计)"
places = 2
[[column]]
name = "百分点"
value = "(信用占比 - 占比目标) * 100"
places = 1
[[column]]
name = "达标"
value = "CASE WHEN 信用占比 >= 占比目标 THEN '是' WHEN 信用占比 IS NULL THEN '无从谈起' ELSE '否' END"
"#;
    let loans = "
1,A1,K1,2022-01-01,1.25,0.05,是,信用
2,A1,K2,2022-01-01,8.75,0.05,是,抵押
3,A2,K1,2022-01-01,2999999.99,0.05,是,信用
4,A2,K2,2022-01-01,7000000.01,0.05,是,抵押
5,B1,K3,2022-01-01,-1.25,0.05,是,信用
6,B1,K3,2022-01-01,1.25,0.05,是,抵押";
    assert_snapshot!(Case::made(&with_columns(columns), loans).table("2022-12-31"), @r"
    维度 | 分组 | 信用 | 信用占比 | 百分点 | 达标
    全市 | 全市 | 2999999.99 | 0.30 | 0.0 | 否
    机构 | A1 | 1.25 | 0.13 | -17.5 | 否
    机构 | A2 | 2999999.99 | 0.30 | 0.0 | 否
    机构 | B1 | -1.25 | 无基数 | 无基数 | 无从谈起
    ");
}

#[test]
fn counts_extremes_and_conditions_over_a_group() {
    let columns = r#"
[[column]]
name = "笔数"
value = "COUNT(*)"
[[column]]
name = "户数"
value = "COUNT(DISTINCT 客户)"
[[column]]
name = "最早"
value = "MIN(日期)"
[[column]]
name = "最高利率"
value = "MAX(利率)"
places = 4
missing = "—"
[[column]]
name = "全部通过"
value = "BOOL_AND(通过)"
missing = "未知"
[[column]]
name = "有通过的"
value = "BOOL_OR(通过)"
missing = "未知"
[[column]]
name = "网点有优惠"
value = "BOOL_AND(branches.优惠网点)"
missing = "未知"
[[column]]
name = "名称"
value = "CASE WHEN 维度 = '机构' THEN 分组 ELSE '各网点' END"
[[column]]
name = "本组网点"
value = "(SELECT COUNT(*) FROM branches b WHERE b.代码 = 分组)"
"#;
    let loans = "
1,A1,K1,2022-03-01,1,0.05,是,信用
2,A1,K1,2022-02-01,1,0.0525,,信用
3,A2,K1,2022-01-01,1,,否,抵押
4,A2,,2022-01-02,1,,,抵押
5,B1,K2,2022-01-03,1,0.04,是,抵押
6,B1,K9,2023-01-01,1,0.99,否,抵押";
    assert_snapshot!(Case::made(&with_columns(columns), loans).table("2022-12-31"), @r"
    维度 | 分组 | 笔数 | 户数 | 最早 | 最高利率 | 全部通过 | 有通过的 | 网点有优惠 | 名称 | 本组网点
    全市 | 全市 | 5 | 2 | 2022-01-01 | 0.0525 | 否 | 是 | 未知 | 各网点 | 0
    机构 | A1 | 2 | 1 | 2022-02-01 | 0.0525 | 未知 | 是 | 是 | A1 | 1
    机构 | A2 | 2 | 1 | 2022-01-01 | — | 否 | 未知 | 未知 | A2 | 1
    机构 | B1 | 1 | 1 | 2022-01-03 | 0.0400 | 是 | 是 | 是 | B1 | 1
    ");
}

#[test]
fn a_group_has_a_row_for_every_slice_in_the_order_in_which_they_are_declared() {
    let slices = r#"
[[scope]]
name = "全部"
where = "TRUE"
[[scope]]
name = "信用"
where = "方式 = '信用'"
[[column]]
name = "金额合计"
value = "SUM(金额)"
places = 2
[[column]]
name = "笔数"
value = "COUNT(*) FILTER (WHERE 金额 > 1)"
[[column]]
name = "说明"
value = "口径"
"#;
    let loans = "
1,A1,K1,2022-03-01,1,0.05,是,信用
2,A1,K1,2022-02-01,2,0.05,是,抵押
3,B1,K1,2022-01-01,4,0.05,否,
";
    assert_snapshot!(Case::made(&with_columns(slices), loans).table("2022-12-31"), @r"
    维度 | 分组 | 口径 | 金额合计 | 笔数 | 说明
    全市 | 全市 | 全部 | 7.00 | 2 | 全部
    全市 | 全市 | 信用 | 1.00 | 0 | 信用
    机构 | A1 | 全部 | 3.00 | 1 | 全部
    机构 | A1 | 信用 | 1.00 | 0 | 信用
    机构 | B1 | 全部 | 4.00 | 1 | 全部
    机构 | B1 | 信用 | 无基数 | 0 | 信用
    ");
}

#[test]
fn sums_may_pass_64_bits() {
    let columns = r#"
[[column]]
name = "加权"
value = "SUM(金额 * 利率 * 90000000000)"
places = 10
"#;
    let loans = "
1,A1,K1,2022-03-01,9999999999999.99,1,是,信用
2,A1,K1,2022-02-01,9999999999999.99,1,是,信用
3,A1,K1,2022-02-01,0.01,0.00000001,是,信用";
    assert_snapshot!(Case::made(&with_columns(columns), loans).table("2022-12-31"), @r"
    维度 | 分组 | 加权
    全市 | 全市 | 1799999999999998200000009.0000000000
    机构 | A1 | 1799999999999998200000009.0000000000
    ");
}

#[test]
fn a_source_that_was_not_delivered_gives_a_table_without_rows() {
    let columns = "[[column]]\nname = \"笔数\"\nvalue = \"COUNT(*)\"\n";
    assert_snapshot!(Case::made(&with_columns(columns), "").table("2022-12-31"), @"维度 | 分组 | 笔数");
}

const TARGETS: &str = r#"
name = "made"
title = "示例"
articles = [2, 10]
says = "示例"
[[target]]
article = 10
name = "优惠"
each = "branches"
compare = "≥"
goal = "占比目标 / 15"
actual = "优惠"
no_data = "优惠 IS NULL"
places = 8
[[target]]
article = 2
name = "信用占比"
compare = ">"
goal = "占比目标"
actual = """
(SELECT SUM(l.金额) FROM loans l WHERE l.方式 = '信用') / (SELECT SUM(l.金额) FROM loans l)
"""
pending = "截止日 < MAKE_DATE(本年, 12, 31)"
places = 6
[[target]]
article = 2
name = "本网点信用笔数"
each = "branches"
where = "类别 = '甲'"
compare = ">"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l WHERE l.机构 = this.代码 AND l.方式 = '信用')"
"#;

const TARGET_LOANS: &str = "
1,A1,K1,2022-03-01,3,0.05,是,信用
2,A1,K1,2022-02-01,7,0.05,是,抵押
3,A1,K2,2022-01-01,0,0.05,否,信用
4,A2,K2,2023-01-01,9,0.05,否,信用";

#[test]
fn targets_stand_in_the_order_of_article_name_and_object() {
    let case = Case::made(TARGETS, TARGET_LOANS);
    assert_snapshot!(case.targets("2022-12-31"), @r"
    条款 | 指标 | 对象 | 比较 | 目标 | 实际 | 达标 | 责任单位
    2 | 信用占比 | 全市 | > | 0.300000 | 0.300000 | 否 | 甲局
    2 | 本网点信用笔数 | A1 | > | 1 | 2 | 是 | 甲局
    2 | 本网点信用笔数 | A2 | > | 1 | 0 | 否 | 甲局
    10 | 优惠 | A1 | ≥ | 0.02000000 | 0.01000000 | 否 | 甲局、乙局
    10 | 优惠 | A2 | ≥ | 0.02000000 |  | 无数据 | 甲局、乙局
    10 | 优惠 | B1 | ≥ | 0.02000000 | 0.02000000 | 是 | 甲局、乙局
    ");
    let words = |as_of: &str| case.targets(as_of).lines().nth(1).unwrap().to_string();
    assert_snapshot!(words("2022-12-30"), @"2 | 信用占比 | 全市 | > | 0.300000 | 0.300000 | 进行中 | 甲局");
    assert_snapshot!(words("2023-12-31"), @"2 | 信用占比 | 全市 | > | 0.300000 | 0.631579 | 是 | 甲局");
    assert_snapshot!(words("2022-01-01"), @"2 | 信用占比 | 全市 | > | 0.300000 | 无基数 | 无基数 | 甲局");
}

#[test]
fn a_figure_names_the_rows_behind_its_numerator() {
    let columns = r#"
[[column]]
name = "通过占比"
value = "占比(COUNT(DISTINCT 客户) FILTER (WHERE 通过), COUNT(*))"
places = 2
[[column]]
name = "信用合计"
value = "CASE WHEN BOOL_AND(通过) THEN SUM(金额) FILTER (WHERE 方式 = '信用') ELSE 0 END"
places = 2
[[column]]
name = "合计"
value = "SUM(金额)"
places = 2
"#;
    let loans = "
1,A1,K1,2022-03-01,3,0.05,是,信用
2,A1,,2022-02-01,7,0.05,是,抵押
3,A1,K2,2022-01-01,,0.05,否,信用
4,A2,K2,2022-01-01,9,0.05,是,信用
5,A1,K2,2023-01-01,9,0.05,是,信用";
    let case = Case::made(&with_columns(columns), loans);
    let behind = |row, column| case.behind("2022-12-31", 0, row, column);
    assert_eq!(behind("全市|全市", "通过占比"), "loans 0 3");
    assert_eq!(behind("A1", "通过占比"), "loans 0");
    assert_eq!(behind("A1", "信用合计"), "loans 0");
    assert_eq!(behind("A1", "合计"), "loans 0 1");
}

#[test]
fn a_target_names_the_rows_behind_what_was_reached() {
    let case = Case::made(TARGETS, TARGET_LOANS);
    let behind = |row| case.behind("2022-12-31", 0, row, "实际");
    assert_eq!(behind("优惠|B1"), "branches 2");
    assert_eq!(behind("全市"), "loans 0 2");
    assert_eq!(behind("本网点信用笔数|A1"), "loans 0 2");
    assert_eq!(behind("本网点信用笔数|A2"), "loans");
}

#[test]
fn what_an_indicator_reads_is_found_through_facts_and_keys() {
    let columns = "[[column]]\nname = \"优惠\"\nvalue = \"BOOL_AND(branches.优惠网点)\"\n";
    let case = Case::made(&with_columns(columns), "");
    let names = |sources: Vec<SourceId>| -> Vec<&str> { sources.into_iter().map(|s| case.pipeline.sources[s].name.as_str()).collect() };
    assert_eq!(names(sources_read(&case.pipeline, &[], &[0.into()])), ["branches", "loans"]);
    assert_eq!(names(sources_read(&case.pipeline, &[], &[])), [""; 0]);
}

#[test]
fn remarks_and_warnings_are_said_once() {
    let said = r#"
note = "只含示例贷款"
[[column]]
name = "笔数"
value = "COUNT(*)"
[[remark]]
says = "未通过的笔数"
value = "(SELECT COUNT(*) FROM loans l WHERE NOT l.通过)"
[[remark]]
says = "最高利率"
value = "(SELECT MAX(l.利率) FROM loans l WHERE l.金额 > 100)"
places = 4
[[warning]]
when = "(SELECT MAX(l.日期) FROM loans l) < MAKE_DATE(本年, 1, 1)"
says = "本年没有贷款"
[[warning]]
when = "(SELECT MAX(l.日期) FROM loans l) < 截止日"
says = "本年没有贷款"
[[warning]]
when = "(SELECT MAX(l.利率) FROM loans l) > 1"
says = "利率超过100%"
"#;
    // `note` belongs to the head of the file.
    let (note, rest) = said.trim_start().split_once('\n').unwrap();
    let file = with_columns(rest).replacen("source =", &format!("{note}\nsource ="), 1);
    let kpis = Case::made(&file, "1,A1,K1,2022-03-01,3,0.05,否,信用").kpis("2023-01-01");
    let remarks: Vec<&str> = kpis.remarks.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(remarks, ["只含示例贷款", "未通过的笔数：1", "最高利率：无基数"]);
    assert_eq!(kpis.warnings, ["本年没有贷款"]);
    assert_eq!(text(&kpis.tables[0]).lines().count(), 3);
}

/// Loans beside the capital of the branches that lent them; the total is of branches with capital.
const LEVERAGE: &str = r#"
name = "made"
title = "示例"
articles = [2]
says = "示例"
source = "loans"
where = "TRUE"
[[union]]
source = "capital"
where = "年度 = 本年"
[[dimension]]
name = "合计"
where = "有资本"
total = true
[[dimension]]
name = "机构"
by = "机构"
[[column]]
name = "余额"
value = "COALESCE(SUM(金额), 0)"
places = 2
[[column]]
name = "笔数"
value = "COUNT(*)"
[[column]]
name = "户数"
value = "COUNT(DISTINCT 客户)"
[[column]]
name = "有通过的"
value = "BOOL_OR(通过)"
missing = "未知"
[[column]]
name = "资本合计"
of = "capital"
value = "SUM(资本)"
places = 2
missing = ""
[[column]]
name = "报送次数"
of = "capital"
value = "COUNT(*)"
[[column]]
name = "倍数"
value = "占比(余额, 资本合计)"
places = 2
[[target]]
article = 2
name = "倍数"
dimension = "合计"
compare = "<"
goal = "占比目标 * 10"
actual = "倍数"
places = 2
"#;

const LEVERAGE_LOANS: &str = "
1,A1,K1,2022-03-01,1,0.05,是,信用
2,A1,K2,2022-03-02,5,0.05,,抵押
3,B1,K1,2022-03-03,7,0.05,否,信用";

#[test]
fn a_table_may_have_rows_of_several_sources_and_a_total_below_them() {
    let capital = "A1,2022,2\nA2,2022,1\nA2,2021,100\n";
    let case = Case::made_over(LEVERAGE, &[("loans", LEVERAGE_LOANS), ("capital", capital)]);
    assert_snapshot!(case.table("2022-12-31"), @r"
    维度 | 分组 | 余额 | 笔数 | 户数 | 有通过的 | 资本合计 | 报送次数 | 倍数
    机构 | A1 | 6.00 | 2 | 2 | 是 | 2.00 | 1 | 3.00
    机构 | A2 | 0.00 | 0 | 0 | 否 | 1.00 | 1 | 0.00
    机构 | B1 | 7.00 | 1 | 1 | 否 |  | 0 | 无基数
    合计 | 合计 | 6.00 | 2 | 2 | 是 | 3.00 | 2 | 2.00
    ");
    // Before the first loan.
    assert_snapshot!(case.table("2022-02-01"), @r"
    维度 | 分组 | 余额 | 笔数 | 户数 | 有通过的 | 资本合计 | 报送次数 | 倍数
    机构 | A1 | 0.00 | 0 | 0 | 否 | 2.00 | 1 | 0.00
    机构 | A2 | 0.00 | 0 | 0 | 否 | 1.00 | 1 | 0.00
    合计 | 合计 | 0.00 | 0 | 0 | 否 | 3.00 | 2 | 0.00
    ");
    // Nothing counts: the total is there all the same.
    let nothing = Case::made_over(LEVERAGE, &[("loans", LEVERAGE_LOANS), ("capital", "A2,2021,100\n")]);
    assert_snapshot!(nothing.table("2022-02-01"), @r"
    维度 | 分组 | 余额 | 笔数 | 户数 | 有通过的 | 资本合计 | 报送次数 | 倍数
    合计 | 合计 | 0.00 | 0 | 0 | 否 |  | 0 | 无基数
    ");
    let behind = |row, column| case.behind("2022-12-31", 0, row, column);
    assert_eq!(behind("A1", "资本合计"), "capital 0");
    assert_eq!(behind("A1", "倍数"), "loans 0 1");
    assert_eq!(behind("合计", "余额"), "loans 0 1");
    assert_eq!(behind("合计", "资本合计"), "capital 0 1");
}

#[test]
fn a_table_of_several_sources_needs_them_all() {
    for rows in [[("loans", LEVERAGE_LOANS), ("capital", "")], [("loans", ""), ("capital", "A1,2022,2\n")]] {
        let case = Case::made_over(LEVERAGE, &rows);
        assert_eq!(case.table("2022-12-31").lines().count(), 1, "{rows:?}");
        let last = case.targets("2022-12-31").lines().last().unwrap().to_string();
        assert_eq!(last, "2 | 倍数 | 合计 | < | 3.00 |  | 无数据 | 甲局", "{rows:?}");
    }
}

#[test]
fn a_target_may_be_below_what_it_is_compared_with() {
    let reached = |capital: &str| {
        let case = Case::made_over(LEVERAGE, &[("loans", LEVERAGE_LOANS), ("capital", &format!("A1,2022,{capital}\n"))]);
        case.targets("2022-12-31").lines().last().unwrap().to_string()
    };
    assert_eq!(reached("2"), "2 | 倍数 | 合计 | < | 3.00 | 3.00 | 否 | 甲局");
    assert_eq!(reached("1.99"), "2 | 倍数 | 合计 | < | 3.00 | 3.02 | 否 | 甲局");
    // 2.999…: printed as 3.00, and below.
    assert_eq!(reached("2.01"), "2 | 倍数 | 合计 | < | 3.00 | 2.99 | 是 | 甲局");
    assert_eq!(reached("0"), "2 | 倍数 | 合计 | < | 3.00 | 无基数 | 无基数 | 甲局");
}

#[test]
fn a_target_may_speak_of_the_group_of_its_table() {
    let columns = r#"
[[scope]]
name = "全部"
where = "TRUE"
[[scope]]
name = "信用"
where = "方式 = '信用'"
[[column]]
name = "笔数"
value = "COUNT(*) FILTER (WHERE 日期 >= MAKE_DATE(本年, 1, 1))"
[[column]]
name = "上年笔数"
value = "COUNT(*) FILTER (WHERE 日期 < MAKE_DATE(本年, 1, 1))"
hidden = true
[[target]]
article = 1
name = "笔数"
dimension = "全市"
scope = "信用"
compare = ">"
goal = "上年笔数"
actual = "笔数"
[[target]]
article = 1
name = "笔数"
object = "所有"
dimension = "全市"
scope = "全部"
compare = ">"
goal = "上年笔数"
actual = "笔数"
"#;
    let loans = "
1,A1,K1,2021-03-01,1,0.05,是,信用
2,A1,K1,2022-02-01,2,0.05,是,抵押
3,B1,K1,2022-03-01,4,0.05,否,抵押
4,B1,K1,2022-04-01,4,0.05,否,信用";
    let case = Case::made(&with_columns(columns), loans);
    assert_snapshot!(case.targets("2022-12-31"), @r"
    条款 | 指标 | 对象 | 比较 | 目标 | 实际 | 达标 | 责任单位
    1 | 笔数 | 全市·信用 | > | 1 | 1 | 否 | 
    1 | 笔数 | 所有 | > | 1 | 3 | 是 | 
    ");
    // No row counts: the table has no row, but the target is set all the same.
    assert_eq!(case.table("2020-12-31").lines().count(), 1);
    assert_snapshot!(case.targets("2020-12-31"), @r"
    条款 | 指标 | 对象 | 比较 | 目标 | 实际 | 达标 | 责任单位
    1 | 笔数 | 全市·信用 | > | 0 | 0 | 否 | 
    1 | 笔数 | 所有 | > | 0 | 0 | 否 | 
    ");
    assert_eq!(case.behind("2022-12-31", 1, "全市·信用", "实际"), "loans 3");
    assert_eq!(case.behind("2022-12-31", 1, "所有", "实际"), "loans 1 2 3");
}

#[test]
fn a_target_over_a_source_that_was_not_delivered_has_no_data() {
    let targets = r#"
name = "made"
title = "示例"
articles = [2]
says = "示例"
[[target]]
article = 2
name = "实际没有提供"
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l)"
[[target]]
article = 2
name = "目标没有提供"
compare = "≥"
goal = "(SELECT COUNT(*) FROM loans l)"
actual = "(SELECT COUNT(*) FROM capital c)"
[[target]]
article = 2
name = "逐家没有提供"
each = "branches"
where = "类别 = '甲'"
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l WHERE l.机构 = this.代码)"
[[target]]
article = 2
name = "提供了"
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM capital c)"
"#;
    let case = Case::made_over(targets, &[("capital", "A1,2022,1\n")]);
    assert_snapshot!(case.targets("2022-12-31"), @r"
    条款 | 指标 | 对象 | 比较 | 目标 | 实际 | 达标 | 责任单位
    2 | 实际没有提供 | 全市 | ≥ | 1 |  | 无数据 | 甲局
    2 | 提供了 | 全市 | ≥ | 1 | 1 | 是 | 甲局
    2 | 目标没有提供 | 全市 | ≥ | 无基数 |  | 无数据 | 甲局
    2 | 逐家没有提供 | A1 | ≥ | 1 |  | 无数据 | 甲局
    2 | 逐家没有提供 | A2 | ≥ | 1 |  | 无数据 | 甲局
    ");
}

/// How many loans were passed within one working day, for some way to lend.
const PROMPT: &str = r#"
name = "made"
title = "示例"
articles = [2]
says = "示例"
[[target]]
article = 2
name = "信用次日"
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l WHERE l.方式 = '信用' AND WORKDAYS(l.日期, ADD_DAYS(l.日期, 1)) = 1)"
[[target]]
article = 2
name = "抵押次日"
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l WHERE l.方式 = '抵押' AND WORKDAYS(l.日期, ADD_DAYS(l.日期, 1)) = 1)"
[[target]]
article = 2
name = "逐家"
each = "branches"
where = """
EXISTS (SELECT * FROM loans l WHERE l.机构 = this.代码)
AND EXISTS (SELECT * FROM loans l WHERE l.机构 = this.代码 AND WORKDAYS(l.日期, ADD_DAYS(l.日期, 1)) >= 0)
"""
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l WHERE l.机构 = this.代码)"
[[target]]
article = 2
name = "当天"
compare = "≥"
goal = "1"
actual = "(SELECT COUNT(*) FROM loans l WHERE WORKDAYS(l.日期, l.日期) = 0)"
"#;

#[test]
fn a_target_that_takes_a_day_which_the_calendar_lacks_has_no_data() {
    let loans = "
1,A1,K1,2022-12-31,1,0.05,是,信用
2,A1,K1,2022-12-30,1,0.05,是,抵押
3,B1,K1,2022-12-29,1,0.05,是,抵押
4,A1,K1,2023-03-01,1,0.05,是,信用";
    let kpis = Case::made(PROMPT, loans).kpis("2023-12-31");
    // 2022-12-31 is a working day, 2022-12-30 is none, and of 2023-01-01 nobody knows.
    assert_snapshot!(text(kpis.tables.last().unwrap()), @r"
    条款 | 指标 | 对象 | 比较 | 目标 | 实际 | 达标 | 责任单位
    2 | 信用次日 | 全市 | ≥ | 1 |  | 无数据 | 甲局
    2 | 当天 | 全市 | ≥ | 1 | 4 | 是 | 甲局
    2 | 抵押次日 | 全市 | ≥ | 1 | 1 | 是 | 甲局
    2 | 逐家 | A1 | ≥ | 1 |  | 无数据 | 甲局
    2 | 逐家 | B1 | ≥ | 1 |  | 无数据 | 甲局
    ");
    let lacking: Vec<(u32, &str, String)> = kpis.lacking.iter().map(|l| (l.article, l.target.as_str(), format_date(l.day))).collect();
    assert_eq!(lacking, [(2, "信用次日", "2023-01-01".to_string()), (2, "逐家", "2023-01-01".to_string())]);
    // Without the loans at its end the calendar knows every day that is asked for.
    let kpis = Case::made(PROMPT, "1,A1,K1,2022-12-29,1,0.05,是,信用\n2,A1,K1,2021-12-31,1,0.05,是,信用").kpis("2023-12-31");
    assert_eq!(kpis.lacking, []);
}
