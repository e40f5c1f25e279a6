//! `ledger/delta.csv`: one row per ledger line that differs from the run that was current before.

use super::{Found, Listing, Rows, Table, ledger, places, table};
use crate::publish::csv::fen_or_empty;
use crate::reports::{Change, Entry, Field};

pub const TABLE: Table = Table {
    order: places!(Measure, Subject, Document, Number),
    is_key: true,
    looks_back: true,
    is_always: false,
    ..Table::new("ledger/delta.csv", COLUMNS, Rows::Whole(rows))
};

table! {
    |(line, change): (&Entry<'_>, &Change<'_>)| {
        line;
        Turn: text "变动" = change.turn.name();
        OldAmount: number "原金额" = fen_or_empty(change.old_amount());
        NewAmount: number "现金额" = fen_or_empty(change.new_amount());
        Difference: number "差额" = fen_or_empty(change.difference());
        OldStatus: text "原状态" = change.before.as_ref().map_or("", |before| before.entry().status);
        NewStatus: text "现状态" = change.now.as_ref().map_or("", |now| now.entry().status);
        What: text "变更内容" = change.what.iter().map(|&field| column(field)).collect::<Vec<_>>().join("、");
        Causes: text "原因" = change.cause.names;
        Says: text "原因说明" = change.cause.says;
    }
}

fn rows<'f>(found: &'f Found<'f>) -> Option<Listing<'f>> {
    let changes = found.changes?;
    Some(Listing::new(changes.len(), |at, out| fill((&changes[at].line(), &changes[at]), out)))
}

/// The ledger's name for what differs.
fn column(field: Field) -> &'static str {
    let column = match field {
        Field::Kind => ledger::Column::Kind,
        Field::County => ledger::Column::County,
        Field::Before => ledger::Column::Before,
        Field::Cut => ledger::Column::Cut,
        Field::Reason => ledger::Column::Reason,
        Field::Amount => ledger::Column::Amount,
        Field::Ceiling => ledger::Column::Ceiling,
        Field::Status => ledger::Column::Status,
        Field::Payer => ledger::Column::Payer,
    };
    ledger::COLUMNS[column as usize].name
}
