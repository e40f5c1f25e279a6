//! `quality/rejects.csv`: one row per error. Nothing here has passed a check, so only our own words stand bare.

use super::{Found, Listing, Rows, Table, table};
use crate::publish::csv::count;
use crate::sources::Reject;

pub const TABLE: Table = Table::new("quality/rejects.csv", COLUMNS, Rows::Whole(|found| Some(rows(found))));

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

fn rows<'f>(found: &'f Found<'f>) -> Listing<'f> {
    let sources = &found.world.pipeline.sources;
    Listing::of(found.world.tables.rejects.iter().collect(), |r: &&Reject, out| fill((&sources[r.source].name, r), out))
}
