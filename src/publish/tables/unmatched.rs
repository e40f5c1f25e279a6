//! `quality/unmatched.csv`: one row per source, column and code that is not registered.

use super::{Found, Listing, Rows, Table, table};
use crate::publish::csv::count;
use crate::sources::Unmatched;

pub const TABLE: Table = Table::new("quality/unmatched.csv", COLUMNS, Rows::Whole(|found| Some(rows(found))));

table! {
    |(source, u): (&str, &Unmatched)| {
        Source: code "数据源" = source;
        Column: text "列" = u.column;
        Code: code "代码" = u.code;
        Rows: number "行数" = count(u.rows);
    }
}

fn rows<'f>(found: &'f Found<'f>) -> Listing<'f> {
    let sources = &found.world.pipeline.sources;
    Listing::of(found.world.tables.unmatched.iter().collect(), |u: &&Unmatched, out| fill((&sources[u.source].name, u), out))
}
