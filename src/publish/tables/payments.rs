//! `ledger/payments.csv`: one row per 台账编号 that is owed or was paid.

use super::{Found, Listing, Rows, Table, places, table};
use crate::publish::csv::{count, fen};
use crate::reports::{Account, Entry};

pub const TABLE: Table = Table {
    order: places!(Measure, Subject, Document, Number),
    is_key: true,
    looks_back: true,
    is_always: false,
    ..Table::new("ledger/payments.csv", COLUMNS, Rows::Whole(rows))
};

table! {
    |(line, account): (&Entry<'_>, &Account<'_>)| {
        line;
        Standing: text "台账" = account.standing.name();
        Due: number "应兑付" = fen(account.due);
        Paid: number "已兑付" = fen(account.paid.amount);
        Open: number "待兑付" = fen(account.open());
        Over: number "多付" = fen(account.over());
        Reclaim: number "应追回" = fen(account.reclaim());
        Count: number "兑付笔数" = count(account.paid.count);
        Says: text "情形" = account.says();
    }
}

fn rows<'f>(found: &'f Found<'f>) -> Option<Listing<'f>> {
    let accounts = found.accounts?;
    Some(Listing::new(accounts.len(), |at, out| fill((&accounts[at].line.entry(), &accounts[at]), out)))
}
