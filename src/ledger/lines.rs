//! One line per award, and the number it keeps on every run.

use super::basis::Basis;
use super::columns::UNSET;
use super::subject::Subjects;
use crate::facts::{Rows, View, World};
use crate::money::{Fen, MONEY_SCALE};
use crate::policy::model::{Kind, Measure, Period, Pipeline};
use crate::settlement::{Award, Limit, Money, Settled};
use crate::sql::EvalError;
use crate::value::Type;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Which file a kind stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Book {
    Awards,
    Reliefs,
    Entitlements,
}

impl Book {
    pub const ALL: [Book; 3] = [Book::Awards, Book::Reliefs, Book::Entitlements];

    pub fn of(kind: Kind) -> Book {
        match kind {
            Kind::Grant | Kind::Sought => Book::Awards,
            Kind::Relief | Kind::Deduction => Book::Reliefs,
            Kind::Ceiling | Kind::List => Book::Entitlements,
        }
    }

    /// Its lines, in their order.
    pub fn lines<'l>(self, all: &'l [Lines<'l>]) -> impl Iterator<Item = (&'l Lines<'l>, &'l Line)> {
        all.iter().filter(move |l| Book::of(l.measure.kind) == self).flat_map(|l| l.lines.iter().map(move |line| (l, line)))
    }

    /// The kinds (类型) that it holds.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().map(|(_, kind)| kind).filter(move |&kind| Book::of(kind) == self)
    }
}

/// One ledger line. Its texts are asked of its [`Lines`].
#[derive(Debug, Clone)]
pub struct Line {
    /// Position among the measure's judged rows; not published.
    pub row: usize,
    /// Position among the measure's lines.
    at: usize,
    number: u64,
    pub before: Option<Fen>,
    pub cut: Option<Fen>,
    pub reason: String,
    pub amount: Option<Fen>,
    pub ceiling: Option<Fen>,
    pub status: &'static str,
}

/// One measure's lines, in the order of subject and row key, with what they share.
pub struct Lines<'w> {
    pub measure: &'w Measure,
    /// 条款.
    pub article: String,
    pub offices: String,
    pub version: String,
    pub lines: Vec<Line>,
    subjects: Subjects<'w>,
    periods: Periods<'w>,
    basis: Basis<'w>,
}

impl Line {
    /// 台账编号.
    pub fn id(&self) -> String {
        let mut text = String::with_capacity(18);
        self.write_id(&mut text);
        text
    }

    /// Appends 台账编号.
    pub fn write_id(&self, out: &mut String) {
        let digit = |place: u32| b"0123456789ABCDEF"[(self.number >> (60 - 4 * place)) as usize & 15];
        let digits: [u8; 16] = std::array::from_fn(|place| digit(place as u32));
        out.push_str(PREFIX);
        out.push_str(std::str::from_utf8(&digits).unwrap_or_default());
    }

    /// 台账编号 as a number; see [`number_of`].
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// What every 台账编号 begins with.
const PREFIX: &str = "TZ";

/// The number that a 台账编号 says; none where it is none of ours.
pub fn number_of(id: &str) -> Option<u64> {
    let digits = id.strip_prefix(PREFIX).filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

impl Lines<'_> {
    /// 统一社会信用代码, as published.
    pub fn subject(&self, line: &Line) -> &str {
        self.subjects.code(line.at)
    }

    /// 主体名称.
    pub fn name(&self, line: &Line) -> &str {
        self.subjects.name(line.at)
    }

    /// 区划代码.
    pub fn county(&self, line: &Line) -> &str {
        self.subjects.county(line.at)
    }

    /// 来源单据, as published.
    pub fn document(&self, line: &Line) -> &str {
        self.subjects.document(line.at)
    }

    /// 所属期.
    pub fn period(&self, line: &Line) -> Cow<'_, str> {
        self.periods.text(line.at)
    }

    /// Appends 所属期.
    pub fn write_period(&self, line: &Line, out: &mut String) {
        self.periods.write(line.at, out);
    }

    /// Appends 计算依据.
    pub fn write_basis(&self, line: &Line, out: &mut String) {
        self.basis.write(line.at, out, |text| outcome(line, text));
    }
}

/// What the arithmetic came to, and what was cut from it.
fn outcome(line: &Line, text: &mut String) {
    let Some(before) = line.before else { return text.push_str("，标准待定") };
    text.push_str(" = ");
    before.write_grouped(text);
    if let (Some(cut @ Fen(1..)), Some(amount)) = (line.cut, line.amount) {
        text.push_str("，核减 ");
        cut.write_grouped(text);
        text.push_str(" 后为 ");
        amount.write_grouped(text);
    }
}

/// The ledger lines of one measure.
pub fn lines<'w>(world: &'w World<'w>, settled: &Settled<'w>) -> Result<Lines<'w>, EvalError> {
    let pipeline = world.pipeline;
    let measure = &pipeline.measures[settled.measure()];
    let (id, together) = (settled.measure(), world.settlement());
    let set = measure.effect.overlaid
        || measure.parameters.iter().any(|&p| world.parameter(p).overlaid)
        || together.highest_of.iter().any(|g| g.overlaid && g.measures.contains(&id))
        || together.budgets.iter().any(|b| b.overlaid && b.measures.contains(&id));
    let version = format!("{}·{}{}", pipeline.document.number, &pipeline.sha256[..8], if set { "·参数另定" } else { "" });
    let mut lines = Lines {
        measure,
        article: measure.article.to_string(),
        offices: measure.offices.join("、"),
        version,
        lines: Vec::new(),
        subjects: Subjects::default(),
        periods: Periods::Same(String::new()),
        basis: Basis::default(),
    };
    // Out of force a measure's parameters may have no value: of nobody nothing is asked.
    if !settled.awards.is_empty() {
        lines.fill(world, settled)?;
    }
    Ok(lines)
}

impl<'w> Lines<'w> {
    fn fill(&mut self, world: &'w World<'w>, settled: &Settled<'w>) -> Result<(), EvalError> {
        let (pipeline, measure) = (world.pipeline, self.measure);
        let positions: Vec<u32> = settled.awards.iter().map(|a| a.row as u32).collect();
        let (subjects, mut rows, order) = Subjects::in_order(pipeline, measure, &settled.decided.rows, &positions)?;
        self.subjects = subjects;
        self.periods = Periods::of(world, measure, &mut rows)?;
        self.basis = Basis::of(world, measure, &mut rows)?;
        let ceilings = match &measure.ceiling {
            Some(e) => rows.rounded(e, MONEY_SCALE)?,
            None => vec![None; rows.len()],
        };
        let ordinals = self.ordinals(rows.len());
        let line = |period: &mut String, (at, &award): (usize, &u32)| {
            let (award, (code, document)) = (&settled.awards[award as usize], self.subjects.published(at));
            period.clear();
            self.periods.write(at, period);
            let money = award.money.as_ref();
            Line {
                row: award.row,
                at,
                number: number(&pipeline.policy, &measure.id, code, document, period, ordinals[at]),
                before: money.map(|m| m.before),
                cut: money.map(Money::cut),
                reason: reasons(pipeline, measure, award),
                amount: money.map(Money::amount),
                ceiling: ceilings[at].map(Fen),
                status: status(measure.kind, award),
            }
        };
        self.lines = order.par_iter().enumerate().map_init(String::new, line).collect();
        Ok(())
    }

    /// How many lines before each one publish the same key (masked persons may).
    fn ordinals(&self, lines: usize) -> Vec<usize> {
        let mut ordinals = vec![0; lines];
        for at in 1..lines {
            if self.subjects.published(at) == self.subjects.published(at - 1) && self.periods.text(at) == self.periods.text(at - 1) {
                ordinals[at] = ordinals[at - 1] + 1;
            }
        }
        ordinals
    }
}

/// 台账编号 as a number: from what is published alone, so that the same award has the same one on every run.
fn number(policy: &str, measure: &str, code: &str, document: &str, period: &str, ordinal: usize) -> u64 {
    let mut hasher = Sha256::new();
    for part in [policy, measure, code, document, period] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    if ordinal > 0 {
        hasher.update(ordinal.to_string().as_bytes());
    }
    let digest = hasher.finalize();
    digest[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// 所属期, by position among the lines.
enum Periods<'w> {
    Same(String),
    Year(View<'w>),
    Span(View<'w>, View<'w>),
}

impl<'w> Periods<'w> {
    fn of(world: &World<'_>, measure: &Measure, rows: &mut Rows<'w>) -> Result<Periods<'w>, EvalError> {
        Ok(match &measure.period {
            Period::RunYear => Periods::Same(world.year.to_string()),
            Period::Year(e) => Periods::Year(rows.view(e)?),
            Period::Span(from, to) => Periods::Span(rows.view(from)?, rows.view(to)?),
        })
    }

    fn text(&self, line: usize) -> Cow<'_, str> {
        match self {
            Periods::Same(year) => year.into(),
            _ => {
                let mut text = String::new();
                self.write(line, &mut text);
                text.into()
            }
        }
    }

    fn write(&self, line: usize, out: &mut String) {
        match self {
            Periods::Same(year) => out.push_str(year),
            Periods::Year(years) => Type::INT.write_text(years.at(line), out),
            Periods::Span(from, to) => {
                Type::Date.write_text(from.at(line), out);
                out.push('/');
                Type::Date.write_text(to.at(line), out);
            }
        }
    }
}

/// 状态.
fn status(kind: Kind, award: &Award) -> &'static str {
    let nothing_left = award.money.as_ref().filter(|m| m.cut() > Fen::ZERO && m.amount() == Fen::ZERO);
    match (kind, nothing_left) {
        (_, Some(money)) if money.cuts().any(|by| matches!(by, Limit::Budget(_))) => "超预算",
        (_, Some(_)) => "已达上限",
        (Kind::Ceiling | Kind::List, None) => "符合",
        (Kind::Relief | Kind::Deduction, None) => "免申即享",
        (Kind::Grant | Kind::Sought, None) if award.unset => UNSET,
        (Kind::Grant, None) => "可兑付",
        (Kind::Sought, None) => "待上级核定",
    }
}

/// What is said of a limit.
pub fn says<'p>(pipeline: &'p Pipeline, measure: &'p Measure, by: Limit) -> &'p str {
    match by {
        Limit::Cap => measure.cap.as_ref().map_or("", |c| c.says.as_str()),
        Limit::HighestOf(group) => pipeline.settlement.highest_of[group].says.as_str(),
        Limit::Budget(budget) => pipeline.settlement.budgets[budget].says.as_str(),
    }
}

fn reasons(pipeline: &Pipeline, measure: &Measure, award: &Award) -> String {
    let cuts = award.money.iter().flat_map(Money::cuts);
    cuts.map(|by| says(pipeline, measure, by)).collect::<Vec<_>>().join("；")
}
