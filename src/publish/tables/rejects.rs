//! `quality/rejects.csv`: one row per error. Nothing here has passed a check, so only our own words stand bare.

use super::{Listing, Rows, Table, table};
use crate::publish::csv::count;
use crate::schema::Sources;
use crate::sources::Reject;

pub const TABLE: Table =
    Table::new("quality/rejects.csv", COLUMNS, Rows::Whole(|found| Some(rows(&found.world.pipeline.sources, &found.world.tables.rejects))));

table! {
    |(source, r): (&str, &Reject)| {
        Source: code "数据源" = source;
        File: text "文件" = r.file;
        Line: number "行号" = count(r.line.into());
        Key: text "主键" = r.key;
        Column: text "列" = r.column;
        Value: text "原值" = r.value;
        Rule: code "规则" = r.rule;
        Reason: text "原因" = r.reason;
        Raw: text "原始行" = r.raw;
    }
}

pub fn rows<'f>(sources: &'f Sources, rejects: &'f [Reject]) -> Listing<'f> {
    Listing::of(rejects.iter().collect(), |r: &&Reject, out| fill((&sources[r.source].name, r), out))
}
