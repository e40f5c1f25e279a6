//! ledger/delta.csv: what became of the lines of one run's ledgers in another's, keyed by 台账编号, with both amounts and the cause.
//!
//! A line is 变更 where an amount, its cut, its 状态, its payer or its county differs; names and 计算依据 alone are no change.
//! A line that is gone is 撤销; but 结转 where the later run's 本年 is a later one and the line is of an earlier 本年: it stays
//! owed, the new year's ledger only no longer lists it. Where one run computed only some measures, only those are compared.
//!
//! Ledgers stand in one order, so they are walked side by side and only what differs is kept.

use super::cause::{Basis, Cause, Causes};
use crate::ledger::{Line, Lines};
use crate::policy::model::Pipeline;
use std::cmp::Ordering;
use std::collections::HashMap;

/// One ledger line as it was published; amounts in 分.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub number: String,
    pub measure: String,
    pub article: String,
    pub title: String,
    pub kind: String,
    pub subject: String,
    pub name: String,
    pub county: String,
    pub document: String,
    pub period: String,
    pub before: Option<i64>,
    pub cut: Option<i64>,
    pub reason: String,
    pub amount: Option<i64>,
    pub ceiling: Option<i64>,
    pub status: String,
    pub payer: String,
}

impl Entry {
    /// A line as it would be published.
    pub fn of(lines: &Lines<'_>, line: &Line) -> Entry {
        let measure = lines.measure;
        Entry {
            number: line.id(),
            measure: measure.id.clone(),
            article: measure.article.to_string(),
            title: measure.title.clone(),
            kind: measure.kind.name().to_string(),
            subject: lines.subject(line).to_string(),
            name: lines.name(line).to_string(),
            county: lines.county(line).to_string(),
            document: lines.document(line).to_string(),
            period: lines.period(line).into_owned(),
            before: line.before,
            cut: line.cut,
            reason: line.reason.clone(),
            amount: line.amount,
            ceiling: line.ceiling,
            status: line.status.to_string(),
            payer: measure.payer.clone().unwrap_or_default(),
        }
    }

    fn key(&self) -> [&str; 3] {
        [&self.measure, &self.subject, &self.document]
    }

    /// The columns in which a later line of the same number differs.
    pub fn differences(&self, later: &Entry) -> Vec<&'static str> {
        let differs = [
            ("类型", self.kind != later.kind),
            ("区划代码", self.county != later.county),
            ("核定前金额", self.before != later.before),
            ("核减金额", self.cut != later.cut),
            ("核减原因", self.reason != later.reason),
            ("金额", self.amount != later.amount),
            ("上限金额", self.ceiling != later.ceiling),
            ("状态", self.status != later.status),
            ("出资方", self.payer != later.payer),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    New,
    Changed,
    Withdrawn,
    CarriedOver,
}

impl Turn {
    pub const ALL: [Turn; 4] = [Turn::New, Turn::Changed, Turn::Withdrawn, Turn::CarriedOver];

    pub fn name(self) -> &'static str {
        match self {
            Turn::New => "新增",
            Turn::Changed => "变更",
            Turn::Withdrawn => "撤销",
            Turn::CarriedOver => "结转",
        }
    }
}

/// One row of delta.csv. Of `before` and `now` one is there at least.
#[derive(Debug, Clone)]
pub struct Change {
    pub turn: Turn,
    pub before: Option<Entry>,
    pub now: Option<Entry>,
    /// The columns that differ, of a changed line.
    pub what: Vec<&'static str>,
    pub cause: Cause,
}

impl Change {
    /// The line as it stands last.
    pub fn line(&self) -> Option<&Entry> {
        self.now.as_ref().or(self.before.as_ref())
    }

    pub fn old_amount(&self) -> Option<i64> {
        self.before.as_ref().and_then(|e| e.amount)
    }

    pub fn new_amount(&self) -> Option<i64> {
        self.now.as_ref().and_then(|e| e.amount)
    }

    /// `None` where neither line carries an amount.
    pub fn difference(&self) -> Option<i128> {
        let (old, new) = (self.old_amount(), self.new_amount());
        (old.is_some() || new.is_some()).then(|| i128::from(new.unwrap_or(0)) - i128::from(old.unwrap_or(0)))
    }
}

/// Two runs being compared.
#[derive(Default)]
pub struct Comparison {
    gone: Vec<Entry>,
    new: Vec<Entry>,
    changed: Vec<(Entry, Entry)>,
}

impl Comparison {
    /// Walks a ledger of both runs side by side.
    pub fn add<E>(&mut self, before: impl Iterator<Item = Result<Entry, E>>, now: impl Iterator<Item = Result<Entry, E>>) -> Result<(), E> {
        let (mut before, mut now) = (before, now);
        let (mut old, mut new) = (before.next().transpose()?, now.next().transpose()?);
        loop {
            let order = match (&old, &new) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.key().cmp(&new.key()),
            };
            let left = if order.is_le() { std::mem::replace(&mut old, before.next().transpose()?) } else { None };
            let right = if order.is_ge() { std::mem::replace(&mut new, now.next().transpose()?) } else { None };
            match (left, right) {
                (Some(left), Some(right)) if left.number == right.number => {
                    if !left.differences(&right).is_empty() {
                        self.changed.push((left, right));
                    }
                }
                (left, right) => {
                    self.gone.extend(left);
                    self.new.extend(right);
                }
            }
        }
    }

    /// The changes in the order of 措施编号, 统一社会信用代码, 来源单据 and number.
    pub fn finish(self, before: &Basis, now: &Basis, pipeline: Option<&Pipeline>) -> Vec<Change> {
        let Comparison { gone, new, mut changed } = self;
        // Numbers that only stood elsewhere: among masked persons, or in another ledger.
        let mut old: HashMap<String, Entry> = gone.into_iter().map(|e| (e.number.clone(), e)).collect();
        let mut added = Vec::new();
        for entry in new {
            match old.remove(&entry.number) {
                Some(was) if was.differences(&entry).is_empty() => {}
                Some(was) => changed.push((was, entry)),
                None => added.push(entry),
            }
        }
        let mut causes = Causes::new(before, now, pipeline);
        let mut changes: Vec<Change> = Vec::new();
        let mut push = |turn, before: Option<Entry>, now: Option<Entry>, what| {
            let measure = before.as_ref().or(now.as_ref()).map_or("", |e| &e.measure);
            if causes.is_compared(measure) {
                let cause = causes.of(measure);
                changes.push(Change { turn, before, now, what, cause });
            }
        };
        added.into_iter().for_each(|e| push(Turn::New, None, Some(e), Vec::new()));
        for (was, is) in changed {
            let what = was.differences(&is);
            push(Turn::Changed, Some(was), Some(is), what);
        }
        for entry in old.into_values() {
            let turn = if is_of_earlier_year(&entry, before, now) { Turn::CarriedOver } else { Turn::Withdrawn };
            push(turn, Some(entry), None, Vec::new());
        }
        changes.sort_by(|a, b| place(a).cmp(&place(b)));
        changes
    }
}

fn place(change: &Change) -> Option<([&str; 3], &str)> {
    change.line().map(|e| (e.key(), e.number.as_str()))
}

/// Whether a line of the run before is of a 本年 that is over in the later run.
fn is_of_earlier_year(entry: &Entry, before: &Basis, now: &Basis) -> bool {
    let year = |text: &str| text.get(..4).and_then(|y| y.parse::<i32>().ok());
    let (Some(was), Some(is)) = (year(&before.as_of), year(&now.as_of)) else { return false };
    let last = entry.period.rsplit('/').next().and_then(year).unwrap_or(was);
    was < is && last < is
}
