//! `ledger/payments.csv`: one row per 台账编号 that is owed or was paid.

use super::{Found, Listing, Rows, Table, places, table};
use crate::publish::csv::{count, fen};
use crate::reports::{Account, Entry};

pub const TABLE: Table = Table {
    order: places!(Measure, Subject, Document, Number),
    is_key: true,
    looks_back: true,
    ..Table::new("ledger/payments.csv", COLUMNS, Rows::Whole(rows))
};

table! {
    |(line, account): (&Entry<'_>, &Account<'_>)| {
        Number: code "台账编号" = line.number;
        Measure: code "措施编号" = line.measure;
        Article: text "条款" = line.article;
        Title: text "措施名称" = line.title;
        Kind: text "类型" = line.kind;
        Subject: code "统一社会信用代码" = line.subject;
        Name: text "主体名称" = line.name;
        County: code "区划代码" = line.county;
        Document: code "来源单据" = line.document;
        Period: code "所属期" = line.period;
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
