//! `near_misses.csv`: one row per judged row that fails by exactly one clause, by measure, the nearest first.

use super::{Listing, Rows, Table, places, table};
use crate::policy::model::Measure;
use crate::reports::{self, NearMiss};

pub const TABLE: Table = Table {
    order: places!(Measure),
    ..Table::new(
        "near_misses.csv",
        COLUMNS,
        Rows::ByMeasure(|world, settled| {
            let found = reports::near_misses(world, &settled.decided)?;
            let article = found.measure.article.to_string();
            Ok(Listing::new(found.len(), move |at, out| fill((found.measure, &article, &found.get(at)), out)))
        }),
    )
};

table! {
    |(measure, article, near): (&Measure, &str, &NearMiss<'_>)| {
        Measure: code "措施编号" = measure.id;
        Article: text "条款" = article;
        Subject: code "统一社会信用代码" = near.subject;
        Name: text "主体名称" = near.name;
        Document: code "来源单据" = near.document;
        Says: text "未满足条件" = near.says;
        Value: text "实际值" = near.value;
        Threshold: text "阈值" = near.threshold;
        Distance: text "差距" = near.distance;
    }
}
