//! `near_misses.csv`, a call list: one row per judged row that fails by exactly one clause within reach, by measure, the nearest first.

use super::{Listing, Rows, Table, places, table};
use crate::policy::model::Measure;
use crate::publish::csv::fen_or_empty;
use crate::reports::{self, NearMiss};

pub const TABLE: Table = Table {
    order: places!(Measure),
    ..Table::new(
        "near_misses.csv",
        COLUMNS,
        Rows::ByMeasure(|found, settled| {
            let near = reports::near_misses(found.world, &settled.decided, found.near_misses)?;
            let (article, offices) = (near.measure.article.to_string(), near.measure.offices.join("、"));
            Ok(Listing::new(near.len(), move |at, out| fill((near.measure, &article, &offices, &near.get(at)), out)))
        }),
    )
};

table! {
    |(measure, article, offices, near): (&Measure, &str, &str, &NearMiss<'_>)| {
        Measure: code "措施编号" = measure.id;
        Article: text "条款" = article;
        Subject: code "统一社会信用代码" = near.subject;
        Name: text "主体名称" = near.name;
        County: code "区划代码" = near.county;
        Document: code "来源单据" = near.document;
        Says: text "未满足条件" = near.says;
        Value: text "实际值" = near.value;
        Threshold: text "阈值" = near.threshold;
        Distance: text "差距" = near.distance;
        Amount: number "可得金额" = fen_or_empty(near.amount);
        How: text "怎么办" = near.how;
        Offices: text "责任单位" = offices;
    }
}
