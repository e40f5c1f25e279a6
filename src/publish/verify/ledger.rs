//! Reads the ledgers back: every row by itself, their order, and their sums by measure, county and payer.

use super::finding::{Check, Findings};
use super::table::{Row, Table};
use crate::ledger::Book;
use crate::ledger::columns::{NO_COUNTY, NO_PAYER, UNSET};
use crate::money;
use crate::policy::model::Kind;
use crate::publish::manifest::Total;
use crate::publish::tables::ledger::{self, COLUMNS, Column};
use std::collections::{BTreeMap, HashMap};

/// What the ledgers add up to.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) by_kind: BTreeMap<String, Sum>,
    /// 分组 → 类型 → sum, in the order of the dimensions of the summary: measure, county, payer.
    pub(super) by_group: [BTreeMap<String, BTreeMap<String, Sum>>; 3],
    /// 台账编号 → file and line.
    numbers: HashMap<Box<str>, (&'static str, u64)>,
}

/// Rows and their money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) rows: u64,
    /// Of them, those whose amount nobody has named.
    pub(super) unset: u64,
    /// 分; none once it has overflowed.
    pub(super) amount: Option<i128>,
}

impl Default for Sum {
    fn default() -> Sum {
        Sum { rows: 0, unset: 0, amount: Some(0) }
    }
}

impl Sum {
    pub(super) fn add(&mut self, other: Sum) {
        self.amount = self.amount.zip(other.amount).and_then(|(one, other)| one.checked_add(other));
        self.rows += other.rows;
        self.unset += other.unset;
    }
}

impl Sums {
    /// Whether a line of this number stands in a ledger.
    pub(super) fn has(&self, number: &str) -> bool {
        self.numbers.contains_key(number)
    }

    pub(super) fn totals(&self) -> BTreeMap<String, Total> {
        let total = |sum: &Sum| Total { rows: sum.rows, amount: sum.amount.map(|fen| money::Fen(fen).plain()).unwrap_or_default() };
        self.by_kind.iter().map(|(kind, sum)| (kind.clone(), total(sum))).collect()
    }
}

/// Adds another ledger's sums; its numbers must not stand in the ones before.
pub(super) fn merge(sums: &mut Sums, other: Sums, findings: &mut Findings) {
    for (kind, sum) in other.by_kind {
        sums.by_kind.entry(kind).or_default().add(sum);
    }
    for (groups, other) in sums.by_group.iter_mut().zip(other.by_group) {
        for (group, kinds) in other {
            let group = groups.entry(group).or_default();
            kinds.into_iter().for_each(|(kind, sum)| group.entry(kind).or_default().add(sum));
        }
    }
    for (number, (file, line)) in other.numbers {
        if let Some((first, first_line)) = sums.numbers.get(&number) {
            findings.add(Check::AwardNumber, file, Some(line), || format!("台账编号 {number} stands in {first}:{first_line} too"));
        } else {
            sums.numbers.insert(number, (file, line));
        }
    }
}

/// Reads one of the ledgers.
pub(super) fn read(table: &mut Table, book: Book) -> Sums {
    let (file, mut sums) = (ledger::of(book).path, Sums::default());
    table.each(|row, findings| {
        let kind = row.cell(Column::Kind);
        let known = Kind::named(kind);
        if known.is_none_or(|kind| Book::of(kind) != book) {
            findings.add(Check::Cell, file, Some(row.line), || format!("类型 {kind} does not belong into this ledger"));
        }
        check_filled(file, row, known, findings);
        let amount = check_amounts(file, row, known, findings);
        let sum = Sum { rows: 1, unset: u64::from(row.cell(Column::Status) == UNSET), amount: Some(amount.unwrap_or(0)) };
        let or = |cell: Column, word| if row.cell(cell).is_empty() { word } else { row.plain(cell) };
        let groups = [or(Column::Measure, ""), or(Column::County, NO_COUNTY), or(Column::Payer, NO_PAYER)];
        sums.by_kind.entry(kind.to_owned()).or_default().add(sum);
        for (sums, group) in sums.by_group.iter_mut().zip(groups) {
            sums.entry(group.to_owned()).or_default().entry(kind.to_owned()).or_default().add(sum);
        }
        let number = row.cell(Column::Number);
        if let Some((_, first)) = sums.numbers.insert(number.into(), (file, row.line)) {
            findings.add(Check::AwardNumber, file, Some(row.line), || format!("台账编号 {number} stands on line {first} too"));
        }
    });
    sums
}

fn name(column: Column) -> &'static str {
    COLUMNS[column as usize].name
}

fn check_filled(file: &str, row: &Row, kind: Option<Kind>, findings: &mut Findings) {
    for at in [Column::Number, Column::Measure, Column::Period, Column::Status] {
        if row.cell(at).is_empty() {
            findings.add(Check::Cell, file, Some(row.line), || format!("{} is empty", name(at)));
        }
    }
    if kind.is_some_and(Kind::has_payer) && row.cell(Column::Payer).is_empty() {
        findings.add(Check::Cell, file, Some(row.line), || format!("{} without {}", row.cell(Column::Kind), name(Column::Payer)));
    }
}

/// 金额 in 分, where the row has one; what is wrong with the amounts is told.
fn check_amounts(file: &str, row: &Row, known: Option<Kind>, findings: &mut Findings) -> Option<i128> {
    let mut tell = |check, what: String| findings.add(check, file, Some(row.line), || what);
    for at in [Column::Before, Column::Cut, Column::Amount, Column::Ceiling] {
        if !row.cell(at).is_empty() && fen(row.cell(at)).is_none() {
            tell(Check::Cell, format!("{} is no plain amount: {:?}", name(at), row.cell(at)));
            return None;
        }
    }
    let cells = [Column::Before, Column::Cut, Column::Amount];
    let (kind, status) = (row.cell(Column::Kind), row.cell(Column::Status));
    if cells.iter().all(|&at| row.cell(at).is_empty()) {
        if known.is_some_and(Kind::has_amount) && status != UNSET {
            tell(Check::Amount, format!("{kind} {status} without an amount"));
        }
        return None;
    }
    let [Some(before), Some(cut), Some(amount)] = cells.map(|at| fen(row.cell(at))) else {
        tell(Check::Amount, "of the three amounts some are empty".to_owned());
        return None;
    };
    if known == Some(Kind::List) || status == UNSET {
        tell(Check::Amount, format!("{kind} {status} with an amount"));
    }
    if before.checked_sub(cut) != Some(amount) {
        let [before, cut, amount] = cells.map(|at| row.cell(at));
        tell(Check::Amount, format!("{before} − {cut} is not {amount}"));
    }
    if before <= 0 || cut < 0 || amount < 0 {
        tell(Check::Amount, "nothing to pay, or a cut that adds".to_owned());
    }
    if cut > 0 && row.cell(Column::Reason).is_empty() {
        tell(Check::Amount, format!("a cut without {}", name(Column::Reason)));
    }
    Some(amount)
}

/// `-1234.50` in 分, and nothing but this spelling.
pub(super) fn fen(cell: &str) -> Option<i128> {
    let unsigned = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, cents) = unsigned.split_once('.')?;
    let is_plain = cents.len() == 2 && !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i128::from(byte - b'0'));
    let mut digits = whole.bytes().chain(cents.bytes());
    let fen = digits.try_fold(0i128, |fen, byte| fen.checked_mul(10)?.checked_add(digit(byte)?))?;
    let is_negative = cell.starts_with('-');
    (is_plain && !(is_negative && fen == 0)).then_some(if is_negative { -fen } else { fen })
}
