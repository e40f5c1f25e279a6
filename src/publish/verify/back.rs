//! Adds up what the tables say that look back to earlier runs: delta.csv row by row, payments.csv also against the ledger.

use super::finding::{Check, Findings};
use super::ledger::{Sums, fen};
use super::table::{Row, Table};
use crate::money;
use crate::policy::model::Kind;
use crate::publish::tables::{delta, ledger, payments, withheld};
use crate::reports::{Standing, Turn};
use std::collections::BTreeMap;

/// 差额 = 现金额 − 原金额, and a line is where its 变动 says; gives the lines that are 未提供.
pub(super) fn read_delta(table: &mut Table) -> Held {
    let (file, mut held) = (table.file, Held::default());
    use delta::Column;
    table.each(|row, findings| {
        let mut wrong = |what: String| findings.add(Check::Amount, file, Some(row.line), || what);
        let (Some(old), Some(new), Some(said)) =
            (amount(row, Column::OldAmount), amount(row, Column::NewAmount), amount(row, Column::Difference))
        else {
            return wrong("an amount is none".to_owned());
        };
        if new - old != said {
            wrong(format!("差额 {} is not 现金额 − 原金额", row.cell(Column::Difference)));
        }
        let sides = (!row.cell(Column::OldStatus).is_empty(), !row.cell(Column::NewStatus).is_empty());
        let expected = match Turn::ALL.into_iter().find(|t| t.name() == row.cell(Column::Turn)) {
            Some(Turn::New) => (false, true),
            Some(Turn::Changed) => (true, true),
            Some(Turn::Withdrawn | Turn::CarriedOver | Turn::Withheld) => (true, false),
            None => return wrong(format!("变动 {} is none", row.cell(Column::Turn))),
        };
        if sides != expected {
            wrong(format!(
                "原状态 {:?} and 现状态 {:?} are not those of a line that is {}",
                row.cell(Column::OldStatus),
                row.cell(Column::NewStatus),
                row.cell(Column::Turn)
            ));
        }
        if row.cell(Column::Turn) == Turn::Withheld.name() {
            held.insert(row.cell(Column::Number).to_owned(), row.cell(Column::OldAmount).to_owned());
        }
    });
    held
}

/// 台账编号 → 金额 of lines that are 未提供.
pub(super) type Held = BTreeMap<String, String>;

/// The lines of withheld.csv.
pub(super) fn read_withheld(table: &mut Table) -> Held {
    use ledger::Column;
    let mut held = Held::default();
    table.each(|row, _| drop(held.insert(row.cell(Column::Number).to_owned(), row.cell(Column::Amount).to_owned())));
    held
}

/// What the delta says is 未提供 is what is withheld, and nothing of it is granted.
pub(super) fn check_withheld(said: &Held, held: &Held, ledger: &Sums, findings: &mut Findings) {
    let mut tell = |number: &str, what: &str| findings.add(Check::Totals, withheld::TABLE.path, None, || format!("{number} {what}"));
    let differs = |(number, amount): &(&String, &String)| said.get(*number) != Some(*amount);
    held.iter().filter(differs).for_each(|(number, _)| tell(number, "is not what delta.csv says is 未提供"));
    said.keys().filter(|number| !held.contains_key(*number)).for_each(|number| tell(number, "is 未提供 in delta.csv and not here"));
    held.keys().filter(|number| ledger.has(number)).for_each(|number| tell(number, "stands in a ledger too"));
}

/// 应兑付 + 多付 + 应追回 = 已兑付 + 待兑付 in every row; gives Σ 应兑付 of what stands in the ledger.
pub(super) fn read_payments(table: &mut Table) -> i128 {
    let file = table.file;
    use payments::Column;
    let mut listed = 0;
    table.each(|row, findings| {
        let amounts = [Column::Due, Column::Paid, Column::Open, Column::Over, Column::Reclaim].map(|column| amount(row, column));
        let [Some(due), Some(paid), Some(open), Some(over), Some(back)] = amounts else {
            return findings.add(Check::Amount, file, Some(row.line), || "an amount is none".to_owned());
        };
        if due + over + back != paid + open {
            findings.add(Check::Amount, file, Some(row.line), || "应兑付 + 多付 + 应追回 is not 已兑付 + 待兑付".to_owned());
        }
        if row.cell(Column::Standing) == Standing::Listed.name() {
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
        findings.add(Check::Totals, payments::TABLE.path, None, || {
            format!("Σ 应兑付 在册 is {}, what the ledger owes {}", money::Fen(listed).plain(), money::Fen(granted).plain())
        });
    }
}

/// Of an empty cell nothing.
fn amount(row: &Row, at: impl Into<usize> + Copy) -> Option<i128> {
    if row.cell(at).is_empty() { Some(0) } else { fen(row.cell(at)) }
}
