//! What a column of a table that people read is, and the words that stand in its cells wherever the table is made, read or proved.

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

/// A column of words that are written where they stand.
pub const fn text_by(name: &str) -> Column<'_> {
    text(name)
}

/// A column of codes, dates or periods.
pub const fn code(name: &str) -> Column<'_> {
    Column { name, cells: Cells::Code }
}

/// A column of codes, dates or periods that are written where they stand.
pub const fn code_by(name: &str) -> Column<'_> {
    code(name)
}

/// A column of numbers.
pub const fn number(name: &str) -> Column<'_> {
    Column { name, cells: Cells::Number }
}

/// 维度 of summary.csv: by measure, by county, by payer.
pub const BY_MEASURE: &str = "措施";
pub const BY_COUNTY: &str = "区划代码";
pub const BY_PAYER: &str = "出资方";

/// 分组 of rows whose 区划代码 is empty.
pub const NO_COUNTY: &str = "未登记";
/// 分组 of rows whose 出资方 is empty (kinds that nobody pays).
pub const NO_PAYER: &str = "无";

/// 状态 of a row whose amount nobody has named.
pub const UNSET: &str = "待定标准";
