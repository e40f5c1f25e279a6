//! `ledger/withheld.csv`: one row per ledger line of the run before whose measure nobody could judge now, as it stood there.

use super::{Found, Listing, Rows, Table, ledger, places};
use ledger::Column;

pub const TABLE: Table = Table {
    order: places!(Measure, Subject, Document),
    is_key: true,
    looks_back: true,
    is_always: false,
    ..Table::new("ledger/withheld.csv", ledger::COLUMNS, Rows::Whole(rows))
};

fn rows<'f>(found: &'f Found<'f>) -> Option<Listing<'f>> {
    let lines = found.withheld.filter(|lines| !lines.is_empty())?;
    Some(Listing::new(lines.len(), |at, out| ledger::COLUMNS.iter().zip(&lines[at]).for_each(|(column, cell)| out.printed(column, cell))))
}
