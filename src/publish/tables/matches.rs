//! `matches.csv`: one row per enterprise and measure that it is on (一企一档).

use super::{Listing, Rows, Table, places, table};
use crate::publish::csv::{count, fen_or_empty};
use crate::reports::{self, Match};

pub const TABLE: Table = Table {
    order: places!(Subject, Measure),
    is_key: true,
    ..Table::new("matches.csv", COLUMNS, Rows::Whole(|found| Some(Listing::of(reports::matches(&found.computed.lines), fill))))
};

table! {
    |m: &Match<'_>| {
        Subject: code "统一社会信用代码" = m.subject();
        Name: text "主体名称" = m.name();
        County: code "区划代码" = m.county();
        Measure: code "措施编号" = m.of.measure.id;
        Article: text "条款" = m.of.article;
        Title: text "措施名称" = m.of.measure.title;
        Kind: text "类型" = m.of.measure.kind.name();
        Lines: number "件数" = count(m.lines.len() as u64);
        Amount: number "金额合计" = fen_or_empty(m.amount());
        States: text "状态" = m.states().collect::<Vec<_>>().join("、");
        Offices: text "责任单位" = m.of.offices;
    }
}
