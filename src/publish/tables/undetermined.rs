//! `undetermined.csv`: the rows that are 待核实.

use super::{Found, Listing, Rows, Table, places, table};
use crate::ledger::{Pending, Undetermined};

pub const TABLE: Table =
    Table { order: places!(Measure, Subject, Document), ..Table::new("undetermined.csv", COLUMNS, Rows::Whole(|found| Some(rows(found)))) };

table! {
    |(shared, pending): (&Undetermined<'_>, &Pending)| {
        Measure: code "措施编号" = shared.measure.id;
        Article: text "条款" = shared.measure.article.to_string();
        Subject: code "统一社会信用代码" = shared.subject(pending);
        Name: text "主体名称" = shared.name(pending);
        Document: code "来源单据" = shared.document(pending);
        Data: text "缺失数据" = pending.data;
        Departments: text "提供部门" = pending.departments;
    }
}

fn rows<'f>(found: &'f Found<'f>) -> Listing<'f> {
    let all = found.computed.undetermined.iter().flat_map(|shared| shared.rows.iter().map(move |pending| (shared, pending)));
    Listing::of(all.collect(), |&row, out| fill(row, out))
}
