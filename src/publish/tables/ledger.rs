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
    |(line, lines, row): (Own<'_>, &Lines<'_>, &Line)| {
        line;
        Before: number "核定前金额" = fen_or_empty(row.before);
        Cut: number "核减金额" = fen_or_empty(row.cut);
        Reason: text "核减原因" = row.reason;
        Amount: number "金额" = fen_or_empty(row.amount);
        Ceiling: number "上限金额" = fen_or_empty(row.ceiling);
        Status: text "状态" = row.status;
        Payer: text "出资方" = lines.measure.payer.as_deref().unwrap_or("");
        Offices: text "责任单位" = lines.offices;
        Basis: text_by "计算依据" = |out| lines.write_basis(row, out);
        Version: text "政策版本" = lines.version;
    }
}

/// What names a line of this run: an entry whose number and period are written where they stand.
pub struct Own<'l> {
    lines: &'l Lines<'l>,
    row: &'l Line,
    measure: &'l str,
    article: &'l str,
    title: &'l str,
    kind: &'l str,
    subject: &'l str,
    name: &'l str,
    county: &'l str,
    document: &'l str,
}

impl<'l> Own<'l> {
    fn of(lines: &'l Lines<'l>, row: &'l Line) -> Own<'l> {
        Own {
            lines,
            row,
            measure: &lines.measure.id,
            article: &lines.article,
            title: &lines.measure.title,
            kind: lines.measure.kind.name(),
            subject: lines.subject(row),
            name: lines.name(row),
            county: lines.county(row),
            document: lines.document(row),
        }
    }

    fn write_number(&self, out: &mut String) {
        self.row.write_id(out);
    }

    fn write_period(&self, out: &mut String) {
        self.lines.write_period(self.row, out);
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
    Some(Listing::of(book.lines(&found.computed.lines).collect(), |&(lines, row), out| fill((Own::of(lines, row), lines, row), out)))
}

fn sheet(book: Book) -> String {
    book.kinds().map(Kind::name).collect::<Vec<_>>().join("、")
}
