//! Adds up what the tables say that look back to earlier runs: delta.csv row by row, payments.csv also against the ledger.

use super::finding::{Check, Findings};
use super::ledger::{Order, Sums, fen, place};
use super::table::{Row, Table};
use crate::ledger::columns::{DELTA, PAYMENTS, PAYMENTS_FILE};
use crate::money;
use crate::policy::model::Kind;
use crate::reports::{Standing, Turn};

/// 差额 = 现金额 − 原金额, and a line is where its 变动 says.
pub(super) fn read_delta(table: &mut Table) {
    let file = table.file;
    let [turn, before, now, difference, was, is] = ["变动", "原金额", "现金额", "差额", "原状态", "现状态"].map(|name| place(&DELTA, name));
    let mut order = Order::new(&DELTA, false);
    table.each(|row, findings| {
        order.check(file, row, findings);
        let mut wrong = |what: String| findings.add(Check::Amount, file, Some(row.line), || what);
        let (Some(old), Some(new), Some(said)) = (amount(row, before), amount(row, now), amount(row, difference)) else {
            return wrong("an amount is none".to_owned());
        };
        if new - old != said {
            wrong(format!("差额 {} is not 现金额 − 原金额", row.cell(difference)));
        }
        let sides = (!row.cell(was).is_empty(), !row.cell(is).is_empty());
        let expected = match Turn::ALL.into_iter().find(|t| t.name() == row.cell(turn)) {
            Some(Turn::New) => (false, true),
            Some(Turn::Changed) => (true, true),
            Some(Turn::Withdrawn | Turn::CarriedOver) => (true, false),
            None => return wrong(format!("变动 {} is none", row.cell(turn))),
        };
        if sides != expected {
            wrong(format!("原状态 {:?} and 现状态 {:?} are not those of a line that is {}", row.cell(was), row.cell(is), row.cell(turn)));
        }
    });
}

/// 应兑付 + 多付 + 应追回 = 已兑付 + 待兑付 in every row; gives Σ 应兑付 of what stands in the ledger.
pub(super) fn read_payments(table: &mut Table) -> i128 {
    let file = table.file;
    let columns = ["应兑付", "已兑付", "待兑付", "多付", "应追回"].map(|name| place(&PAYMENTS, name));
    let standing = place(&PAYMENTS, "台账");
    let (mut listed, mut order) = (0, Order::new(&PAYMENTS, false));
    table.each(|row, findings| {
        order.check(file, row, findings);
        let amounts = columns.map(|at| amount(row, at));
        let [Some(due), Some(paid), Some(open), Some(over), Some(back)] = amounts else {
            return findings.add(Check::Amount, file, Some(row.line), || "an amount is none".to_owned());
        };
        if due + over + back != paid + open {
            findings.add(Check::Amount, file, Some(row.line), || "应兑付 + 多付 + 应追回 is not 已兑付 + 待兑付".to_owned());
        }
        if row.cell(standing) == Standing::Listed.name() {
            listed += due;
        }
    });
    listed
}

/// All that the ledger grants is owed in payments.csv.
pub(super) fn check(listed: Option<i128>, ledger: &Sums, findings: &mut Findings) {
    let owed = Kind::ALL.into_iter().filter(|(_, kind)| kind.is_owed()).filter_map(|(name, _)| ledger.by_kind.get(name));
    let granted = owed.map(|sum| sum.amount).sum::<Option<i128>>();
    if let (Some(listed), Some(granted)) = (listed, granted)
        && listed != granted
    {
        findings.add(Check::Totals, PAYMENTS_FILE, None, || {
            format!("Σ 应兑付 在册 is {}, what the ledger owes {}", money::format_yuan(listed), money::format_yuan(granted))
        });
    }
}

/// Of an empty cell nothing.
fn amount(row: &Row, at: usize) -> Option<i128> {
    if row.cell(at).is_empty() { Some(0) } else { fen(row.cell(at)) }
}
