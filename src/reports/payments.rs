//! ledger/payments.csv: the money that was really paid, against what the ledgers owe, one row per 台账编号.
//!
//! In every row 应兑付 + 多付 + 应追回 = 已兑付 + 待兑付. A line that was carried over into a new 本年 stays owed as it stood last;
//! one that was withdrawn is owed no more, and what was paid for it is 应追回. Both are remembered from run to run in this table. Of a
//! line that is withheld nothing more is paid and nothing is claimed back: 应兑付 is what was paid for it, up to its amount.
//! Every delivered payment counts, also one dated after 截止日: whoever pays by this table pays nothing twice.

use super::delta::{Amounts, Change, Listed, Past, Turn};
use crate::money::{Fen, FenSum};
use crate::policy::model::{Kind, Pipeline};
use crate::sources::CheckedTables;
use polars::prelude::PolarsResult;
use std::collections::{BTreeMap, HashSet};

const NOTHING: FenSum = Fen(0);

/// What was paid for one number, and how many payments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paid {
    pub amount: FenSum,
    pub count: u64,
}

/// Where the line of a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Listed,
    CarriedOver,
    /// 未提供: it stands in withheld.csv.
    Withheld,
    Withdrawn,
    /// No ledger has it.
    Nowhere,
}

impl Standing {
    pub const ALL: [Standing; 5] = [Standing::Listed, Standing::CarriedOver, Standing::Withheld, Standing::Withdrawn, Standing::Nowhere];

    /// Of a line that is gone.
    pub fn after(turn: Turn) -> Option<Standing> {
        match turn {
            Turn::Withdrawn => Some(Standing::Withdrawn),
            Turn::CarriedOver => Some(Standing::CarriedOver),
            Turn::Withheld => Some(Standing::Withheld),
            Turn::New | Turn::Changed => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Standing::Listed => "在册",
            Standing::CarriedOver => "结转",
            Standing::Withheld => "未提供",
            Standing::Withdrawn => "撤销",
            Standing::Nowhere => "无",
        }
    }
}

/// One row of payments.csv.
pub struct Account<'l> {
    pub line: Listed<'l>,
    pub standing: Standing,
    /// 应兑付.
    pub due: FenSum,
    pub paid: Paid,
}

impl Account<'_> {
    /// 待兑付.
    pub fn open(&self) -> FenSum {
        if self.is_owed() { (self.due - self.paid.amount).max(NOTHING) } else { NOTHING }
    }

    /// 多付.
    pub fn over(&self) -> FenSum {
        match self.standing {
            Standing::Withdrawn => NOTHING,
            Standing::Nowhere => self.paid.amount,
            _ => (self.paid.amount - self.due).max(NOTHING),
        }
    }

    /// 应追回.
    pub fn reclaim(&self) -> FenSum {
        if self.standing == Standing::Withdrawn { self.paid.amount } else { NOTHING }
    }

    /// 情形.
    pub fn says(&self) -> &'static str {
        match self.standing {
            Standing::Nowhere => "无对应台账",
            Standing::Withheld if self.over() == NOTHING => "未提供数据",
            Standing::Withdrawn if self.paid.amount == NOTHING => "已撤销",
            Standing::Withdrawn => "应追回",
            _ if self.over() > NOTHING => "多付",
            _ if self.open() == NOTHING => "已兑付",
            _ if self.paid.amount == NOTHING => "待兑付",
            _ => "部分兑付",
        }
    }

    fn is_owed(&self) -> bool {
        matches!(self.standing, Standing::Listed | Standing::CarriedOver)
    }
}

/// What was paid, by 台账编号; `None` where the source was not delivered.
pub fn paid(pipeline: &Pipeline, data: &CheckedTables) -> PolarsResult<Option<BTreeMap<String, Paid>>> {
    let Some(role) = &pipeline.roles.payments else { return Ok(None) };
    let Some(table) = &data.tables[role.source] else { return Ok(None) };
    let [numbers, amounts] = [role.number, role.amount].map(|column| table.frame.columns()[column].as_materialized_series());
    let (numbers, amounts) = (numbers.str()?, amounts.i64()?);
    let mut found: BTreeMap<String, Paid> = BTreeMap::new();
    for (number, amount) in numbers.iter().zip(amounts.iter()) {
        let paid = found.entry(number.unwrap_or_default().to_string()).or_default();
        paid.amount += Fen(amount.unwrap_or(0));
        paid.count += 1;
    }
    Ok(Some(found))
}

/// The accounts of a run, being gathered.
pub struct Accounts<'l> {
    paid: BTreeMap<String, Paid>,
    seen: HashSet<String>,
    rows: Vec<Account<'l>>,
}

impl<'l> Accounts<'l> {
    pub fn new(paid: BTreeMap<String, Paid>) -> Accounts<'l> {
        Accounts { paid, seen: HashSet::new(), rows: Vec::new() }
    }

    /// A line of the run's own ledgers. These come first: what is listed is not gone.
    pub fn listed(&mut self, line: Listed<'l>) {
        self.add(line, Standing::Listed);
    }

    /// The lines that are gone since the run before.
    pub fn gone(&mut self, changes: &[Change<'l>]) {
        for change in changes {
            let standing = Standing::after(change.turn);
            change.before.iter().zip(standing).for_each(|(line, standing)| self.add(line.clone(), standing));
        }
    }

    /// A line that was gone already in the run before, for which no payments were delivered.
    pub fn gone_before(&mut self, line: Past, standing: Standing) {
        self.add(Listed::Past(line), standing);
    }

    /// A row of the payments.csv of the run before: what was gone then is remembered.
    pub fn remembered(&mut self, line: Past, standing: Standing, due: FenSum) {
        if matches!(standing, Standing::CarriedOver | Standing::Withdrawn) {
            self.keep(Listed::Past(line), standing, due);
        }
    }

    /// The rows in the order of 措施编号, 统一社会信用代码, 来源单据 and number; payments for no award first.
    pub fn finish(mut self) -> Vec<Account<'l>> {
        for (number, paid) in std::mem::take(&mut self.paid) {
            if !self.seen.contains(&number) {
                let line = Past::new(&[&number], Amounts::default());
                self.rows.push(Account { line: Listed::Past(line), standing: Standing::Nowhere, due: NOTHING, paid });
            }
        }
        self.rows.sort_by_cached_key(|account| account.line.entry().place());
        self.rows
    }

    /// Only a line that is or was owed, or was paid, makes a row.
    fn add(&mut self, line: Listed<'l>, standing: Standing) {
        let due = owed(&line);
        if due > NOTHING || self.paid.contains_key(&*line.entry().number) {
            let paid = self.paid.get(&*line.entry().number).map_or(NOTHING, |paid| paid.amount);
            let due = match standing {
                Standing::Withdrawn => NOTHING,
                Standing::Withheld => due.min(paid).max(NOTHING),
                _ => due,
            };
            self.keep(line, standing, due);
        }
    }

    fn keep(&mut self, line: Listed<'l>, standing: Standing, due: FenSum) {
        let number = line.entry().number.into_owned();
        let paid = self.paid.get(&number).copied().unwrap_or_default();
        if self.seen.insert(number) {
            self.rows.push(Account { line, standing, due, paid });
        }
    }
}

fn owed(line: &Listed<'_>) -> FenSum {
    let line = line.entry();
    if Kind::named(line.kind).is_some_and(Kind::is_owed) { line.amounts.amount.unwrap_or_default().into() } else { NOTHING }
}
