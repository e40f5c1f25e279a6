//! `ledger/awards.csv`, `reliefs.csv` and `entitlements.csv`: one row per award.

use super::{Found, Listing, Rows, Table, places, table};
use crate::ledger::{Book, Line, Lines};
use crate::policy::model::Kind;
use crate::publish::csv::fen_or_empty;

pub const AWARDS: Table = book("ledger/awards.csv", Rows::Whole(|found| rows(found, Book::Awards)), || sheet(Book::Awards));
pub const RELIEFS: Table = book("ledger/reliefs.csv", Rows::Whole(|found| rows(found, Book::Reliefs)), || sheet(Book::Reliefs));
pub const ENTITLEMENTS: Table =
    book("ledger/entitlements.csv", Rows::Whole(|found| rows(found, Book::Entitlements)), || sheet(Book::Entitlements));

table! {
    |(lines, line): (&Lines<'_>, &Line)| {
        Number: code "台账编号" = line.id();
        Measure: code "措施编号" = lines.measure.id;
        Article: text "条款" = lines.article;
        Title: text "措施名称" = lines.measure.title;
        Kind: text "类型" = lines.measure.kind.name();
        Subject: code "统一社会信用代码" = lines.subject(line);
        Name: text "主体名称" = lines.name(line);
        County: code "区划代码" = lines.county(line);
        Document: code "来源单据" = lines.document(line);
        Period: code "所属期" = lines.period(line);
        Before: number "核定前金额" = fen_or_empty(line.before);
        Cut: number "核减金额" = fen_or_empty(line.cut);
        Reason: text "核减原因" = line.reason;
        Amount: number "金额" = fen_or_empty(line.amount);
        Ceiling: number "上限金额" = fen_or_empty(line.ceiling);
        Status: text "状态" = line.status;
        Payer: text "出资方" = lines.measure.payer.as_deref().unwrap_or("");
        Offices: text "责任单位" = lines.offices;
        Basis: text "计算依据" = lines.basis(line);
        Version: text "政策版本" = lines.version;
    }
}

/// The table of a book.
pub fn of(book: Book) -> &'static Table {
    match book {
        Book::Awards => &AWARDS,
        Book::Reliefs => &RELIEFS,
        Book::Entitlements => &ENTITLEMENTS,
    }
}

const fn book(path: &'static str, rows: Rows, sheet: fn() -> String) -> Table {
    Table { order: places!(Measure, Subject, Document), is_key: true, sheet: Some(sheet), ..Table::new(path, COLUMNS, rows) }
}

fn rows<'f>(found: &'f Found<'f>, book: Book) -> Option<Listing<'f>> {
    Some(Listing::of(book.lines(found.lines).collect(), |&row, out| fill(row, out)))
}

fn sheet(book: Book) -> String {
    book.kinds().map(Kind::name).collect::<Vec<_>>().join("、")
}
