//! `ledger/summary.csv`: one row per group of a dimension and kind.

use super::{Listing, Rows, Table, table};
use crate::ledger::Summary;
use crate::publish::csv::{count, fen};

pub const TABLE: Table = Table {
    sheet: Some(|| "汇总".to_string()),
    ..Table::new(
        "ledger/summary.csv",
        COLUMNS,
        Rows::Whole(|found| Some(Listing::of(found.computed.summary.iter().collect(), |s, out| fill(s, out)))),
    )
};

table! {
    |s: &Summary| {
        Dimension: text "维度" = s.dimension;
        Group: text "分组" = s.group;
        Kind: text "类型" = s.kind.name();
        Eligible: number "符合" = count(s.verdicts[0]);
        Ineligible: number "不符合" = count(s.verdicts[1]);
        Unknown: number "待核实" = count(s.verdicts[2]);
        Unset: number "待定标准" = count(s.verdicts[3]);
        Missing: text "未提供数据" = if s.missing { "是" } else { "" };
        Total: number "金额合计" = fen(s.total);
    }
}
