//! The columns of every ledger file, in order: the one place where they are named.

/// awards.csv, reliefs.csv, entitlements.csv.
pub const LEDGER: [&str; 20] = [
    "台账编号",
    "措施编号",
    "条款",
    "措施名称",
    "类型",
    "统一社会信用代码",
    "主体名称",
    "区划代码",
    "来源单据",
    "所属期",
    "核定前金额",
    "核减金额",
    "核减原因",
    "金额",
    "上限金额",
    "状态",
    "出资方",
    "责任单位",
    "计算依据",
    "政策版本",
];

/// summary.csv.
pub const SUMMARY: [&str; 9] = ["维度", "分组", "类型", "符合", "不符合", "待核实", "待定标准", "未提供数据", "金额合计"];

/// undetermined.csv.
pub const UNDETERMINED: [&str; 7] = ["措施编号", "条款", "统一社会信用代码", "主体名称", "来源单据", "缺失数据", "提供部门"];

/// The column of a source that says where its subject is, and of the ledger.
pub const COUNTY: &str = "区划代码";
