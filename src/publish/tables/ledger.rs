//! `ledger/awards.csv`, `reliefs.csv` and `entitlements.csv`: one row per award.

use super::{Found, Listing, Rows, Table, places, table};
use crate::ledger::{Book, Line, Lines};
use crate::policy::model::Kind;
use crate::publish::csv::fen_or_empty;
use crate::reports::{Entry, Listed};

pub const AWARDS: Table = book("ledger/awards.csv", Rows::Whole(|found| rows(found, Book::Awards)), || sheet(Book::Awards));
pub const RELIEFS: Table = book("ledger/reliefs.csv", Rows::Whole(|found| rows(found, Book::Reliefs)), || sheet(Book::Reliefs));
pub const ENTITLEMENTS: Table =
    book("ledger/entitlements.csv", Rows::Whole(|found| rows(found, Book::Entitlements)), || sheet(Book::Entitlements));

table! {
    |(line, lines, row): (Entry<'_>, &Lines<'_>, &Line)| {
        line;
        Before: number "核定前金额" = fen_or_empty(line.amounts.before);
        Cut: number "核减金额" = fen_or_empty(line.amounts.cut);
        Reason: text "核减原因" = line.reason;
        Amount: number "金额" = fen_or_empty(line.amounts.amount);
        Ceiling: number "上限金额" = fen_or_empty(line.amounts.ceiling);
        Status: text "状态" = line.status;
        Payer: text "出资方" = line.payer;
        Offices: text "责任单位" = lines.offices;
        Basis: text "计算依据" = lines.basis(row);
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
    Some(Listing::of(book.lines(&found.computed.lines).collect(), |&(lines, row), out| {
        fill((Listed::Own(lines, row).entry(), lines, row), out)
    }))
}

fn sheet(book: Book) -> String {
    book.kinds().map(Kind::name).collect::<Vec<_>>().join("、")
}
