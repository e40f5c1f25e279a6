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
        Subject: code "统一社会信用代码" = m.subject;
        Name: text "主体名称" = m.name;
        County: code "区划代码" = m.county;
        Measure: code "措施编号" = m.measure.id;
        Article: text "条款" = m.measure.article.to_string();
        Title: text "措施名称" = m.measure.title;
        Kind: text "类型" = m.measure.kind.name();
        Lines: number "件数" = count(m.lines);
        Amount: number "金额合计" = fen_or_empty(m.amount);
        States: text "状态" = m.states.join("、");
        Offices: text "责任单位" = m.measure.offices.join("、");
    }
}
