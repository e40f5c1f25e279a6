//! One line per award, and the number it keeps on every run.

use super::basis::Template;
use super::columns::UNSET;
use super::subject::Subjects;
use crate::facts::{Cell, Rows, World};
use crate::money;
use crate::policy::model::{Kind, Measure, Period, Pipeline};
use crate::policy::source::MONEY_SCALE;
use crate::settlement::{Award, Cut, Settled};
use crate::sql::EvalError;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

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
            Kind::Grant => Book::Awards,
            Kind::Relief | Kind::Deduction => Book::Reliefs,
            Kind::Ceiling | Kind::List => Book::Entitlements,
        }
    }

    pub fn file(self) -> &'static str {
        match self {
            Book::Awards => "awards.csv",
            Book::Reliefs => "reliefs.csv",
            Book::Entitlements => "entitlements.csv",
        }
    }
}

/// One ledger line; amounts in 分.
#[derive(Debug, Clone)]
pub struct Line {
    /// Position among the measure's judged rows; not published.
    pub row: usize,
    pub id: String,
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
    pub status: &'static str,
    pub basis: String,
}

/// One measure's lines, in the order of subject and row key, with what they share.
pub struct Lines<'a> {
    pub measure: &'a Measure,
    pub offices: String,
    pub version: String,
    pub lines: Vec<Line>,
}

/// The ledger lines of one measure.
pub fn lines<'a>(world: &'a World<'_>, settled: &Settled<'_>) -> Result<Lines<'a>, EvalError> {
    let pipeline = world.pipeline;
    let measure = &pipeline.measures[settled.measure()];
    let set = measure.effect.overlaid || measure.parameters.iter().any(|&p| world.parameter(p).overlaid);
    let version = format!("{}·{}{}", pipeline.document.number, &pipeline.sha256[..8], if set { "·参数另定" } else { "" });
    // Out of force a measure's parameters may have no value: of nobody nothing is asked.
    let lines = if settled.awards.is_empty() { Vec::new() } else { written(world, measure, settled)? };
    Ok(Lines { measure, offices: measure.offices.join("、"), version, lines })
}

fn written(world: &World<'_>, measure: &Measure, settled: &Settled<'_>) -> Result<Vec<Line>, EvalError> {
    let pipeline = world.pipeline;
    let positions: Vec<u32> = settled.awards.iter().map(|a| a.row as u32).collect();
    let mut rows = settled.decided.rows.select(&positions)?;
    let subjects = Subjects::of(pipeline, measure, &mut rows)?;
    let periods = periods(world, measure, &mut rows)?;
    let ceilings = match &measure.ceiling {
        Some(e) => rows.rounded(e, MONEY_SCALE)?,
        None => vec![None; rows.len()],
    };
    let template = measure.amount.as_ref().map(|a| Template::of(world, &a.value, &mut rows)).transpose()?;
    let mut order: Vec<usize> = (0..positions.len()).collect();
    let key = |i: usize| (&subjects.code[i], &subjects.document[i], &subjects.hidden[i]);
    order.par_sort_unstable_by(|&a, &b| key(a).cmp(&key(b)));
    let ordinals = ordinals(&order, |i| (&subjects.code[i], &subjects.document[i], &periods[i]));
    let lines = order
        .par_iter()
        .zip(&ordinals)
        .map(|(&i, &ordinal)| {
            let award = &settled.awards[i];
            let money = award.money.as_ref();
            let (code, document, period) = (&subjects.code[i], &subjects.document[i], &periods[i]);
            Line {
                row: award.row,
                id: number(&pipeline.policy, &measure.id, code, document, period, ordinal),
                subject: code.clone(),
                name: subjects.name[i].clone(),
                county: subjects.county[i].clone(),
                document: document.clone(),
                period: period.clone(),
                before: money.map(|m| m.before),
                cut: money.map(|m| m.cut),
                reason: reasons(pipeline, measure, award),
                amount: money.map(|m| m.amount()),
                ceiling: ceilings[i],
                status: status(measure.kind, award),
                basis: basis(measure, template.as_ref(), i, award),
            }
        })
        .collect();
    Ok(lines)
}

/// 台账编号: from what is published alone, so that the same award has the same number on every run.
fn number(policy: &str, measure: &str, code: &str, document: &str, period: &str, ordinal: usize) -> String {
    let mut hasher = Sha256::new();
    for part in [policy, measure, code, document, period] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    if ordinal > 0 {
        hasher.update(ordinal.to_string().as_bytes());
    }
    let digest = hasher.finalize();
    let mut id = String::with_capacity(18);
    id.push_str("TZ");
    for byte in &digest[..8] {
        use std::fmt::Write;
        let _ = write!(id, "{byte:02X}");
    }
    id
}

/// How many lines before this one publish the same key (masked persons may).
fn ordinals<'k>(order: &[usize], key: impl Fn(usize) -> (&'k String, &'k String, &'k String)) -> Vec<usize> {
    let mut ordinals = vec![0; order.len()];
    for at in 1..order.len() {
        if key(order[at]) == key(order[at - 1]) {
            ordinals[at] = ordinals[at - 1] + 1;
        }
    }
    ordinals
}

fn periods(world: &World<'_>, measure: &Measure, rows: &mut Rows<'_>) -> Result<Vec<String>, EvalError> {
    let date = |cell: &Cell| match cell {
        Cell::Number(d) => i32::try_from(*d).map_or_else(|_| String::new(), crate::period::format_date),
        _ => String::new(),
    };
    Ok(match &measure.period {
        Period::RunYear => vec![world.year.to_string(); rows.len()],
        Period::Year(e) => rows
            .cells_of(e)?
            .iter()
            .map(|c| match c {
                Cell::Number(n) => n.to_string(),
                _ => String::new(),
            })
            .collect(),
        Period::Span(from, to) => {
            let (from, to) = (rows.cells_of(from)?, rows.cells_of(to)?);
            from.iter().zip(&to).map(|(a, b)| format!("{}/{}", date(a), date(b))).collect()
        }
    })
}

/// 状态.
fn status(kind: Kind, award: &Award) -> &'static str {
    let nothing_left = award.money.as_ref().filter(|m| m.cut > 0 && m.amount() == 0);
    match (kind, nothing_left) {
        (Kind::Ceiling | Kind::List, _) => "符合",
        (_, Some(money)) if money.reasons.iter().any(|r| matches!(r, Cut::Budget(_))) => "超预算",
        (_, Some(_)) => "已达上限",
        (Kind::Relief | Kind::Deduction, None) => "免申即享",
        (Kind::Grant, None) if award.unset => UNSET,
        (Kind::Grant, None) => "可兑付",
    }
}

fn reasons(pipeline: &Pipeline, measure: &Measure, award: &Award) -> String {
    let reasons = award.money.iter().flat_map(|m| &m.reasons).map(|reason| match reason {
        Cut::Cap => measure.cap.as_ref().map_or("", |c| c.says.as_str()),
        Cut::HighestOf(group) => pipeline.settlement.highest_of[*group].says.as_str(),
        Cut::Budget(budget) => pipeline.settlement.budgets[*budget].says.as_str(),
    });
    reasons.collect::<Vec<_>>().join("；")
}

fn basis(measure: &Measure, template: Option<&Template>, row: usize, award: &Award) -> String {
    let mut text = String::new();
    match (template, &award.money) {
        (Some(template), Some(money)) => {
            template.row(row, &mut text);
            text.push_str(" = ");
            text.push_str(&money::format_yuan_grouped(i128::from(money.before)));
            if money.cut > 0 {
                let (cut, amount) = (i128::from(money.cut), i128::from(money.amount()));
                text.push_str(&format!("，核减 {} 后为 {}", money::format_yuan_grouped(cut), money::format_yuan_grouped(amount)));
            }
        }
        (Some(template), None) => {
            template.row(row, &mut text);
            text.push_str("，标准待定");
        }
        _ => text.push_str(measure.basis.as_deref().unwrap_or("名单")),
    }
    text
}
