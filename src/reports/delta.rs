//! ledger/delta.csv: what became of the lines of one run's ledgers in another's, keyed by 台账编号, with both amounts and the cause.
//!
//! A line is 变更 where an amount, its cut, its 状态, its payer or its county differs; names and 计算依据 alone are no change.
//! A line that is gone is 撤销; but 未提供 where the later run could not judge its measure, because a source did not come: nobody knows
//! what would stand there, so it is withheld and nothing is claimed back; and 结转 where the later run's 本年 is a later one and the line is of an earlier 本年: it stays
//! owed, the new year's ledger only no longer lists it. Where one run computed only some measures, only those are compared.
//!
//! Ledgers stand in one order, so they are walked side by side and only what differs is kept.

use super::cause::{Basis, Cause, Causes};
use crate::ledger::{Line, Lines, number_of};
use crate::money::{Fen, FenSum};
use crate::policy::model::Pipeline;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

/// A ledger line by what is published of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry<'a> {
    pub number: Cow<'a, str>,
    pub measure: &'a str,
    pub article: &'a str,
    pub title: &'a str,
    pub kind: &'a str,
    pub subject: &'a str,
    pub name: &'a str,
    pub county: &'a str,
    pub document: &'a str,
    pub period: Cow<'a, str>,
    pub reason: &'a str,
    pub status: &'a str,
    pub payer: &'a str,
    pub amounts: Amounts,
}

/// The amounts of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts {
    pub before: Option<Fen>,
    pub cut: Option<Fen>,
    pub amount: Option<Fen>,
    pub ceiling: Option<Fen>,
}

impl<'a> Entry<'a> {
    pub fn brief(&self) -> Brief<'a> {
        let Entry { measure, subject, document, kind, county, reason, status, payer, amounts, .. } = *self;
        Brief { number: number_of(&self.number), measure, subject, document, kind, county, reason, status, payer, amounts }
    }

    /// Appends 台账编号.
    pub fn write_number(&self, out: &mut String) {
        out.push_str(&self.number);
    }

    /// Appends 所属期.
    pub fn write_period(&self, out: &mut String) {
        out.push_str(&self.period);
    }

    /// What orders rows that speak of lines.
    pub(super) fn place(&self) -> [String; 4] {
        [self.measure, self.subject, self.document, &self.number].map(str::to_owned)
    }
}

/// What of a line is looked at where two runs are compared; no text is made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief<'a> {
    /// 台账编号; none where it is none of ours.
    pub number: Option<u64>,
    pub measure: &'a str,
    pub subject: &'a str,
    pub document: &'a str,
    pub kind: &'a str,
    pub county: &'a str,
    pub reason: &'a str,
    pub status: &'a str,
    pub payer: &'a str,
    pub amounts: Amounts,
}

impl Brief<'_> {
    /// What lines are ordered by.
    fn key(&self) -> [&str; 3] {
        [self.measure, self.subject, self.document]
    }

    fn is_of_number(&self, other: &Brief<'_>) -> bool {
        self.number.is_some() && self.number == other.number
    }

    /// In what a later line of the same number differs.
    pub fn differences(&self, later: &Brief<'_>) -> Vec<Field> {
        let differs = [
            (Field::Kind, self.kind != later.kind),
            (Field::County, self.county != later.county),
            (Field::Before, self.amounts.before != later.amounts.before),
            (Field::Cut, self.amounts.cut != later.amounts.cut),
            (Field::Reason, self.reason != later.reason),
            (Field::Amount, self.amounts.amount != later.amounts.amount),
            (Field::Ceiling, self.amounts.ceiling != later.amounts.ceiling),
            (Field::Status, self.status != later.status),
            (Field::Payer, self.payer != later.payer),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field).collect()
    }
}

/// What of a line makes it another one where it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Kind,
    County,
    Before,
    Cut,
    Reason,
    Amount,
    Ceiling,
    Status,
    Payer,
}

/// A ledger line, of this run's own or of another one's tables.
#[derive(Clone)]
pub enum Listed<'l> {
    Own(&'l Lines<'l>, &'l Line),
    Past(Past),
}

impl Listed<'_> {
    pub fn brief(&self) -> Brief<'_> {
        match self {
            Listed::Own(lines, line) => Brief {
                number: Some(line.number()),
                measure: &lines.measure.id,
                subject: lines.subject(line),
                document: lines.document(line),
                kind: lines.measure.kind.name(),
                county: lines.county(line),
                reason: &line.reason,
                status: line.status,
                payer: lines.measure.payer.as_deref().unwrap_or(""),
                amounts: Amounts { before: line.before, cut: line.cut, amount: line.amount, ceiling: line.ceiling },
            },
            Listed::Past(past) => past.entry().brief(),
        }
    }

    pub fn entry(&self) -> Entry<'_> {
        match self {
            Listed::Own(lines, line) => Entry {
                number: line.id().into(),
                measure: &lines.measure.id,
                article: &lines.article,
                title: &lines.measure.title,
                kind: lines.measure.kind.name(),
                subject: lines.subject(line),
                name: lines.name(line),
                county: lines.county(line),
                document: lines.document(line),
                period: lines.period(line),
                reason: &line.reason,
                status: line.status,
                payer: lines.measure.payer.as_deref().unwrap_or(""),
                amounts: Amounts { before: line.before, cut: line.cut, amount: line.amount, ceiling: line.ceiling },
            },
            Listed::Past(past) => past.entry(),
        }
    }
}

/// The texts of an entry.
const TEXTS: usize = 13;

/// A ledger line as a table of a run says it, its texts in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    text: String,
    ends: [usize; TEXTS],
    amounts: Amounts,
}

impl Past {
    /// Keeps the texts of an entry, in its order; what is not given is empty.
    pub fn new(texts: &[&str], amounts: Amounts) -> Past {
        let text = texts.concat();
        let mut ends = [text.len(); TEXTS];
        let mut end = 0;
        for (at, part) in ends.iter_mut().zip(texts) {
            end += part.len();
            *at = end;
        }
        Past { text, ends, amounts }
    }

    pub fn entry(&self) -> Entry<'_> {
        let mut start = 0;
        let [number, measure, article, title, kind, subject, name, county, document, period, reason, status, payer] =
            self.ends.map(|end| &self.text[std::mem::replace(&mut start, end)..end]);
        let (number, period, amounts) = (number.into(), period.into(), self.amounts);
        Entry { number, measure, article, title, kind, subject, name, county, document, period, reason, status, payer, amounts }
    }
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    New,
    Changed,
    Withdrawn,
    CarriedOver,
    /// Its measure is 未提供数据.
    Withheld,
}

impl Turn {
    pub const ALL: [Turn; 5] = [Turn::New, Turn::Changed, Turn::Withdrawn, Turn::CarriedOver, Turn::Withheld];

    pub fn name(self) -> &'static str {
        match self {
            Turn::New => "新增",
            Turn::Changed => "变更",
            Turn::Withdrawn => "撤销",
            Turn::CarriedOver => "结转",
            Turn::Withheld => "未提供",
        }
    }
}

/// One row of delta.csv. Of `before` and `now` one is there at least.
#[derive(Clone)]
pub struct Change<'l> {
    pub turn: Turn,
    pub before: Option<Listed<'l>>,
    pub now: Option<Listed<'l>>,
    /// In what a changed line differs.
    pub what: Vec<Field>,
    pub cause: Cause,
}

impl Change<'_> {
    /// The line as it stands last.
    pub fn line(&self) -> Entry<'_> {
        self.now.as_ref().or(self.before.as_ref()).map(Listed::entry).unwrap_or_default()
    }

    pub fn old_amount(&self) -> Option<Fen> {
        self.before.as_ref().and_then(|line| line.entry().amounts.amount)
    }

    pub fn new_amount(&self) -> Option<Fen> {
        self.now.as_ref().and_then(|line| line.entry().amounts.amount)
    }

    /// `None` where neither line carries an amount.
    pub fn difference(&self) -> Option<FenSum> {
        let (old, new) = (self.old_amount(), self.new_amount());
        (old.is_some() || new.is_some()).then(|| FenSum::from(new.unwrap_or_default()) - old.unwrap_or_default().into())
    }
}

/// The lines of a ledger one after another, none of them copied before it is kept.
pub trait Walk<'l, E> {
    /// The line at hand; none after the last.
    fn line(&self) -> Option<Brief<'_>>;
    /// Goes on to the next.
    fn next(&mut self) -> Result<(), E>;
    /// The line at hand, to keep.
    fn keep(&self) -> Option<Listed<'l>>;
}

/// Lines that a run has at hand.
pub struct AtHand<'l, I> {
    line: Option<Listed<'l>>,
    rest: I,
}

impl<'l, I: Iterator<Item = (&'l Lines<'l>, &'l Line)>> AtHand<'l, I> {
    pub fn new(lines: I) -> Self {
        let mut all = AtHand { line: None, rest: lines };
        all.advance();
        all
    }

    fn advance(&mut self) {
        self.line = self.rest.next().map(|(of, line)| Listed::Own(of, line));
    }
}

impl<'l, E, I: Iterator<Item = (&'l Lines<'l>, &'l Line)>> Walk<'l, E> for AtHand<'l, I> {
    fn line(&self) -> Option<Brief<'_>> {
        self.line.as_ref().map(Listed::brief)
    }

    fn next(&mut self) -> Result<(), E> {
        self.advance();
        Ok(())
    }

    fn keep(&self) -> Option<Listed<'l>> {
        self.line.clone()
    }
}

/// Two runs being compared.
#[derive(Default)]
pub struct Comparison<'l> {
    gone: Vec<Listed<'l>>,
    new: Vec<Listed<'l>>,
    changed: Vec<(Listed<'l>, Listed<'l>)>,
}

impl<'l> Comparison<'l> {
    /// Walks a ledger of both runs side by side, each from its first line.
    pub fn add<E>(&mut self, before: &mut impl Walk<'l, E>, now: &mut impl Walk<'l, E>) -> Result<(), E> {
        loop {
            let (order, is_same) = match (before.line(), now.line()) {
                (None, None) => return Ok(()),
                (Some(_), None) => (Ordering::Less, false),
                (None, Some(_)) => (Ordering::Greater, false),
                (Some(old), Some(new)) if old.is_of_number(&new) => (Ordering::Equal, old.differences(&new).is_empty()),
                (Some(old), Some(new)) => match old.key().cmp(&new.key()) {
                    // Numbers that only stood elsewhere find each other in the end.
                    Ordering::Equal => {
                        self.gone.extend(before.keep());
                        self.new.extend(now.keep());
                        (Ordering::Equal, true)
                    }
                    order => (order, false),
                },
            };
            match order {
                Ordering::Equal if is_same => {}
                Ordering::Equal => self.changed.extend(before.keep().zip(now.keep())),
                Ordering::Less => self.gone.extend(before.keep()),
                Ordering::Greater => self.new.extend(now.keep()),
            }
            if order.is_le() {
                before.next()?;
            }
            if order.is_ge() {
                now.next()?;
            }
        }
    }

    /// The changes in the order of 措施编号, 统一社会信用代码, 来源单据 and number.
    pub fn finish(self, before: &Basis, now: &Basis, pipeline: Option<&Pipeline>) -> Vec<Change<'l>> {
        let Comparison { gone, new, mut changed } = self;
        // Numbers that only stood elsewhere: among masked persons, or in another ledger.
        let mut old: HashMap<String, Listed<'l>> = gone.into_iter().map(|line| (line.entry().number.into_owned(), line)).collect();
        let mut added = Vec::new();
        for line in new {
            match old.remove(&*line.entry().number) {
                Some(was) if was.brief().differences(&line.brief()).is_empty() => {}
                Some(was) => changed.push((was, line)),
                None => added.push(line),
            }
        }
        let mut causes = Causes::new(before, now, pipeline);
        let mut changes: Vec<Change<'l>> = Vec::new();
        let mut push = |turn, before: Option<Listed<'l>>, now: Option<Listed<'l>>, what| {
            let mut change = Change { turn, before, now, what, cause: Cause::default() };
            let measure = change.line().measure.to_string();
            if causes.is_compared(&measure) {
                change.cause = causes.of(&measure);
                changes.push(change);
            }
        };
        added.into_iter().for_each(|line| push(Turn::New, None, Some(line), Vec::new()));
        for (was, is) in changed {
            let what = was.brief().differences(&is.brief());
            push(Turn::Changed, Some(was), Some(is), what);
        }
        for line in old.into_values() {
            let entry = line.entry();
            let turn = match is_of_earlier_year(&entry, before, now) {
                true => Turn::CarriedOver,
                false if now.missing.contains(entry.measure) => Turn::Withheld,
                false => Turn::Withdrawn,
            };
            push(turn, Some(line), None, Vec::new());
        }
        changes.sort_by_cached_key(|change| change.line().place());
        changes
    }
}

/// Whether a line of the run before is of a 本年 that is over in the later run.
fn is_of_earlier_year(entry: &Entry<'_>, before: &Basis, now: &Basis) -> bool {
    let year = |text: &str| text.get(..4).and_then(|y| y.parse::<i32>().ok());
    let (Some(was), Some(is)) = (year(&before.as_of), year(&now.as_of)) else { return false };
    let last = entry.period.rsplit('/').next().and_then(year).unwrap_or(was);
    was < is && last < is
}
