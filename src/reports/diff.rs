//! `huiqi diff`: the changes between two runs as a page of text, with totals by measure and county and the largest movers.
//!
//! Kinds are never added together. A line that moved to another county leaves one and joins the other.

use super::cause::{Basis, Causes};
use super::delta::{Change, Entry, Turn};
use crate::ledger::columns::NO_COUNTY;
use crate::money::{Fen, FenSum};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What the changed lines of one group come to; money in 分.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// By [`Turn`].
    pub lines: [u64; Turn::ALL.len()],
    pub before: FenSum,
    pub now: FenSum,
}

/// The page.
pub fn page(changes: &[Change<'_>], before: &Basis, now: &Basis, movers: usize) -> String {
    let mut out = String::new();
    let cause = Causes::new(before, now, None).overall();
    let _ = writeln!(out, "{} → {}", before.run, now.run);
    let _ = writeln!(out, "不同之处：{}", if cause.says.is_empty() { "无" } else { &*cause.says });
    let mut all = Tally::default();
    changes.iter().for_each(|c| all.lines[c.turn as usize] += 1);
    let _ = writeln!(out, "变动：{}", lines(&all));
    if changes.is_empty() {
        return out;
    }
    let titles: BTreeMap<&str, &str> = changes.iter().map(Change::line).map(|e| (e.measure, e.title)).collect();
    let _ = writeln!(out, "\n按措施");
    for ((group, kind), tally) in tallies(changes, |e| e.measure) {
        let title = titles.get(group).copied().unwrap_or_default();
        let _ = writeln!(out, "  {group} {title}（{kind}）：{}；{}", lines(&tally), amounts(&tally));
    }
    let _ = writeln!(out, "\n按区划代码");
    for ((group, kind), tally) in tallies(changes, |e| if e.county.is_empty() { NO_COUNTY } else { e.county }) {
        let _ = writeln!(out, "  {group}（{kind}）：{}；{}", lines(&tally), amounts(&tally));
    }
    let moved = largest(changes, movers);
    if !moved.is_empty() {
        let _ = writeln!(out, "\n差额最大的 {} 行", moved.len());
    }
    for change in moved {
        let (old, new) = (shown(change.old_amount()), shown(change.new_amount()));
        let Entry { number, measure, subject, name, document, .. } = change.line();
        let difference = signed(change.difference().unwrap_or_default());
        let _ = writeln!(out, "  {difference} {} {number} {measure} {subject} {name} {document}：{old} → {new}", change.turn.name());
        let _ = writeln!(out, "    {}：{}", change.cause.names, change.cause.says);
    }
    out
}

/// By group and kind, in their order.
pub fn tallies<'c>(changes: &'c [Change<'_>], group: impl Fn(&Entry<'c>) -> &'c str) -> BTreeMap<(&'c str, &'c str), Tally> {
    let mut found: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for change in changes {
        let mut of = |line: Entry<'c>, add: &dyn Fn(&mut Tally, Fen)| {
            add(found.entry((group(&line), line.kind)).or_default(), line.amounts.amount.unwrap_or_default());
        };
        change.before.iter().for_each(|line| of(line.entry(), &|tally, amount| tally.before += amount));
        change.now.iter().for_each(|line| of(line.entry(), &|tally, amount| tally.now += amount));
        of(change.line(), &|tally, _| tally.lines[change.turn as usize] += 1);
    }
    found
}

/// The changes whose money moves most; of equal ones in their order.
fn largest<'c, 'l>(changes: &'c [Change<'l>], movers: usize) -> Vec<&'c Change<'l>> {
    let moved = |c: &&Change<'_>| c.difference().unwrap_or_default().0.unsigned_abs();
    let mut all: Vec<&Change<'l>> = changes.iter().filter(|c| moved(c) > 0).collect();
    all.sort_by_key(|c| std::cmp::Reverse(moved(c)));
    all.truncate(movers);
    all
}

fn lines(tally: &Tally) -> String {
    let counts = Turn::ALL.iter().zip(tally.lines).filter(|(_, n)| *n > 0).map(|(turn, n)| format!("{} {n}", turn.name()));
    let counts: Vec<String> = counts.collect();
    if counts.is_empty() { "无".to_string() } else { counts.join("，") }
}

fn amounts(tally: &Tally) -> String {
    let (before, now) = (tally.before.grouped(), tally.now.grouped());
    format!("{before} → {now}，差额 {}", signed(tally.now - tally.before))
}

fn signed(fen: FenSum) -> String {
    format!("{}{}", if fen.0 > 0 { "+" } else { "" }, fen.grouped())
}

fn shown(amount: Option<Fen>) -> String {
    amount.map_or_else(|| "—".to_string(), Fen::grouped)
}
