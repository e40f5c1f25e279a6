//! The columns of every published table whose form is fixed, in order, and the words that stand in them.
//!
//! One place for what the bureau reads: whoever writes a table and whoever proves it take the names from here. Tables
//! whose form a pipeline decides (`kpi/`) are not listed.

/// One column of a published table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    pub name: &'a str,
    pub cells: Cells,
}

/// What stands in a column: decides how its cells are written and how a workbook types them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// Words. What a spreadsheet would run as a formula is neutralised.
    Text,
    /// A code, date or period: stands bare, whatever it looks like.
    Code,
    /// A plain decimal, or one of our own words where there is no figure (无基数).
    Number,
}

/// A column of words.
pub const fn text(name: &str) -> Column<'_> {
    Column { name, cells: Cells::Text }
}

/// A column of codes, dates or periods.
pub const fn code(name: &str) -> Column<'_> {
    Column { name, cells: Cells::Code }
}

/// A column of numbers.
pub const fn number(name: &str) -> Column<'_> {
    Column { name, cells: Cells::Number }
}

/// `ledger/awards.csv`, `reliefs.csv` and `entitlements.csv`: one row per award.
pub const LEDGER: [Column<'static>; 20] = [
    code("台账编号"),
    code("措施编号"),
    text("条款"),
    text("措施名称"),
    text("类型"),
    code("统一社会信用代码"),
    text("主体名称"),
    code("区划代码"),
    code("来源单据"),
    code("所属期"),
    number("核定前金额"),
    number("核减金额"),
    text("核减原因"),
    number("金额"),
    number("上限金额"),
    text("状态"),
    text("出资方"),
    text("责任单位"),
    text("计算依据"),
    text("政策版本"),
];

/// `ledger/summary.csv`: one row per group of a dimension and kind.
pub const SUMMARY: [Column<'static>; 9] = [
    text("维度"),
    text("分组"),
    text("类型"),
    number("符合"),
    number("不符合"),
    number("待核实"),
    number("待定标准"),
    text("未提供数据"),
    number("金额合计"),
];

/// `near_misses.csv`: one row per judged row that fails by exactly one clause, by measure, the nearest first.
pub const NEAR_MISSES: [Column<'static>; 9] = [
    code("措施编号"),
    text("条款"),
    code("统一社会信用代码"),
    text("主体名称"),
    code("来源单据"),
    text("未满足条件"),
    text("实际值"),
    text("阈值"),
    text("差距"),
];

/// `matches.csv`: one row per enterprise and measure that it is on (一企一档).
pub const MATCHES: [Column<'static>; 11] = [
    code("统一社会信用代码"),
    text("主体名称"),
    code("区划代码"),
    code("措施编号"),
    text("条款"),
    text("措施名称"),
    text("类型"),
    number("件数"),
    number("金额合计"),
    text("状态"),
    text("责任单位"),
];

/// `ledger/funnel.csv`: one row per measure and condition, in the order in which a row is judged.
pub const FUNNEL: [Column<'static>; 6] = [code("措施编号"), text("条款"), text("措施名称"), code("步骤"), text("条件"), number("剩余")];

/// `ledger/delta.csv`: one row per ledger line that differs from the run that was current before.
pub const DELTA: [Column<'static>; 19] = [
    code("台账编号"),
    code("措施编号"),
    text("条款"),
    text("措施名称"),
    text("类型"),
    code("统一社会信用代码"),
    text("主体名称"),
    code("区划代码"),
    code("来源单据"),
    code("所属期"),
    text("变动"),
    number("原金额"),
    number("现金额"),
    number("差额"),
    text("原状态"),
    text("现状态"),
    text("变更内容"),
    text("原因"),
    text("原因说明"),
];

/// `ledger/payments.csv`: one row per 台账编号 that is owed or was paid.
pub const PAYMENTS: [Column<'static>; 18] = [
    code("台账编号"),
    code("措施编号"),
    text("条款"),
    text("措施名称"),
    text("类型"),
    code("统一社会信用代码"),
    text("主体名称"),
    code("区划代码"),
    code("来源单据"),
    code("所属期"),
    text("台账"),
    number("应兑付"),
    number("已兑付"),
    number("待兑付"),
    number("多付"),
    number("应追回"),
    number("兑付笔数"),
    text("情形"),
];

/// `undetermined.csv`: the rows that are 待核实.
pub const UNDETERMINED: [Column<'static>; 7] =
    [code("措施编号"), text("条款"), code("统一社会信用代码"), text("主体名称"), code("来源单据"), text("缺失数据"), text("提供部门")];

/// `quality/rejects.csv`: one row per error. Nothing here has passed a check, so only our own words stand bare.
pub const REJECTS: [Column<'static>; 9] =
    [code("数据源"), text("文件"), number("行号"), text("主键"), text("列"), text("原值"), code("规则"), text("原因"), text("原始行")];

/// `quality/findings.csv`: one row per matter of the delivery that somebody should know.
pub const FINDINGS: [Column<'static>; 10] = [
    code("级别"),
    code("规则"),
    code("数据源"),
    text("文件"),
    text("位置"),
    text("说明"),
    number("数量"),
    text("影响措施"),
    text("处理建议"),
    text("提供部门"),
];

/// `quality/unmatched.csv`: one row per source, column and code that is not registered.
pub const UNMATCHED: [Column<'static>; 4] = [code("数据源"), text("列"), code("代码"), number("行数")];

/// `quality/sources.csv`: one row per delivered file.
pub const SOURCES: [Column<'static>; 9] = [
    code("数据源"),
    text("文件"),
    number("行数"),
    number("接收"),
    number("更替"),
    number("拒收"),
    number("未匹配登记"),
    text("编码"),
    code("sha256"),
];

/// Every file whose columns are fixed.
pub const TABLES: [(&str, &[Column<'static>]); 14] = [
    ("ledger/awards.csv", &LEDGER),
    ("ledger/reliefs.csv", &LEDGER),
    ("ledger/entitlements.csv", &LEDGER),
    (DELTA_FILE, &DELTA),
    (PAYMENTS_FILE, &PAYMENTS),
    (SUMMARY_FILE, &SUMMARY),
    (FUNNEL_FILE, &FUNNEL),
    (MATCHES_FILE, &MATCHES),
    (NEAR_MISSES_FILE, &NEAR_MISSES),
    (UNDETERMINED_FILE, &UNDETERMINED),
    (FINDINGS_FILE, &FINDINGS),
    (REJECTS_FILE, &REJECTS),
    (UNMATCHED_FILE, &UNMATCHED),
    (SOURCES_FILE, &SOURCES),
];

pub const SUMMARY_FILE: &str = "ledger/summary.csv";
pub const FUNNEL_FILE: &str = "ledger/funnel.csv";
pub const MATCHES_FILE: &str = "matches.csv";
pub const NEAR_MISSES_FILE: &str = "near_misses.csv";
pub const UNDETERMINED_FILE: &str = "undetermined.csv";
pub const FINDINGS_FILE: &str = "quality/findings.csv";
pub const REJECTS_FILE: &str = "quality/rejects.csv";
pub const UNMATCHED_FILE: &str = "quality/unmatched.csv";
pub const SOURCES_FILE: &str = "quality/sources.csv";
pub const DELTA_FILE: &str = "ledger/delta.csv";
pub const PAYMENTS_FILE: &str = "ledger/payments.csv";

/// 维度 of [`SUMMARY`]: by measure, by county, by payer.
pub const BY_MEASURE: &str = "措施";
pub const BY_COUNTY: &str = "区划代码";
pub const BY_PAYER: &str = "出资方";

/// 分组 of rows whose 区划代码 is empty.
pub const NO_COUNTY: &str = "未登记";
/// 分组 of rows whose 出资方 is empty (kinds that nobody pays).
pub const NO_PAYER: &str = "无";

/// 状态 of a row whose amount nobody has named.
pub const UNSET: &str = "待定标准";
