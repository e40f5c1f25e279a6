//! `quality/sources.csv`: one row per delivered file; the pipeline's own tables are none.

use super::{Found, Listing, Rows, Table, table};
use crate::publish::csv::count;
use crate::sources::FileReport;

pub const TABLE: Table = Table::new("quality/sources.csv", COLUMNS, Rows::Whole(|found| Some(rows(found))));

table! {
    |(source, f): (&str, &FileReport)| {
        Source: code "数据源" = source;
        File: text "文件" = f.path;
        Rows: number "行数" = count(f.rows);
        Accepted: number "接收" = count(f.accepted);
        Superseded: number "更替" = count(f.superseded);
        Rejected: number "拒收" = count(f.rejected);
        Unmatched: number "未匹配登记" = count(f.unmatched);
        Encoding: text "编码" = f.encoding;
        Hash: code "sha256" = f.sha256;
    }
}

fn rows<'f>(found: &'f Found<'f>) -> Listing<'f> {
    let sources = &found.world.pipeline.sources;
    let delivered = found.world.tables.files.iter().filter(|f| !sources[f.source].reference);
    Listing::of(delivered.collect(), |f: &&FileReport, out| fill((&sources[f.source].name, f), out))
}
