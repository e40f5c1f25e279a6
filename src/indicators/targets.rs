//! targets.csv: every target of every object against what was reached.
//!
//! A target that reads a source that was not delivered, or a day that the calendar does not have, is 无数据; the others stand.

use super::{Kind, Kpi, NO_BASE, TARGETS_TITLE, printed};
use crate::facts::{Groups, Rows, World};
use crate::policy::indicator::{Indicator, Object, TARGETS, Target};
use crate::policy::reach::Reach;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, Node};

const COLUMNS: [(&str, Kind); 8] = [
    ("条款", Kind::Words),
    ("指标", Kind::Words),
    ("对象", Kind::Words),
    ("比较", Kind::Words),
    ("目标", Kind::Figure),
    ("实际", Kind::Figure),
    ("达标", Kind::Words),
    ("责任单位", Kind::Words),
];
/// Those that name a row: 条款, 指标, 对象.
const KEYS: usize = 3;
/// Where 达标 stands in a row of the table of targets.
pub const MET_COLUMN: usize = 6;
/// Where 实际 stands.
pub(super) const ACTUAL_COLUMN: usize = 5;
const MET: &str = "是";
const NOT_MET: &str = "否";
const PENDING: &str = "进行中";
pub(super) const NO_DATA: &str = "无数据";

/// One line of the table.
pub struct Reached {
    article: u32,
    cells: Vec<String>,
}

/// A target that nobody can tell, because the calendar of working days does not have a day that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    pub article: u32,
    pub target: String,
    /// The earliest such day, since 1970-01-01.
    pub day: i32,
}

/// The targets of all indicators in one table, in the order of article (by number), 指标, 对象 and the other cells (by code point).
pub fn table(mut lines: Vec<Reached>) -> Kpi {
    lines.sort_by(|a, b| (a.article, &a.cells).cmp(&(b.article, &b.cells)));
    Kpi {
        name: TARGETS.to_string(),
        title: TARGETS_TITLE.to_string(),
        header: COLUMNS.map(|(name, _)| name.to_string()).to_vec(),
        kinds: COLUMNS.map(|(_, kind)| kind).to_vec(),
        keys: KEYS,
        rows: lines.into_iter().map(|l| l.cells).collect(),
    }
}

/// The lines of one indicator's targets, the groups of its table at hand; what days of the calendar they lack goes into `lacking`.
pub fn reached<'w>(
    world: &'w World<'w>,
    indicator: &Indicator,
    mut groups: Option<&mut Groups<'w>>,
    lacking: &mut Vec<Lacking>,
) -> Result<Vec<Reached>, EvalError> {
    let mut lines = Vec::new();
    for target in &indicator.targets {
        let mut day = None;
        let mut objects = objects(world, target, groups.as_deref_mut(), &mut day)?;
        let goals = goals(world, target, &mut objects.rows, &mut day)?;
        let delivered = world.delivered_all(&Reach::of_target(world.pipeline, indicator, target).sources);
        let figures = match delivered && day.is_none() {
            true => told(figures(target, &mut objects.rows), &mut day)?,
            false => None,
        };
        let n = objects.names.len();
        let figures = figures.unwrap_or_else(|| vec![(None, NO_DATA); n]);
        for ((object, goal), (actual, word)) in objects.names.into_iter().zip(goals).zip(figures) {
            lines.push(Reached { article: target.article, cells: cells(world, target, [object, goal], actual, word) });
        }
        if let Some(day) = day {
            lacking.push(Lacking { article: target.article, target: target.name.clone(), day });
        }
    }
    Ok(lines)
}

/// One line, as it is printed.
fn cells(world: &World<'_>, target: &Target, [object, goal]: [String; 2], actual: Option<String>, word: &str) -> Vec<String> {
    let article = world.pipeline.articles.iter().find(|a| a.number == target.article);
    let actual = if word == NO_DATA { String::new() } else { actual.unwrap_or_else(|| NO_BASE.to_string()) };
    let offices = article.map(|a| a.offices.join("、")).unwrap_or_default();
    let (name, compare) = (target.name.clone(), target.compare.name().to_string());
    vec![target.article.to_string(), name, object, compare, goal, actual, word.to_string(), offices]
}

/// What is to be reached, as it is printed; without base where it reads what was not delivered.
fn goals(world: &World<'_>, target: &Target, rows: &mut Rows<'_>, day: &mut Option<i32>) -> Result<Vec<String>, EvalError> {
    let known = world.delivered_all(&Reach::of_expression(world.pipeline, &target.goal).sources);
    let goals = match known {
        true => told(printed(rows, &target.goal, target.places), day)?,
        false => None,
    };
    let goals = goals.unwrap_or_else(|| vec![None; rows.len()]);
    Ok(goals.into_iter().map(|goal| goal.unwrap_or_else(|| NO_BASE.to_string())).collect())
}

/// What was reached, as it is printed, and 达标.
fn figures(target: &Target, rows: &mut Rows<'_>) -> Result<Vec<(Option<String>, &'static str)>, EvalError> {
    let actuals = printed(rows, &target.actual, target.places)?;
    let met = truth(rows, Some(&target.met))?;
    let no_data = truth(rows, target.no_data.as_ref())?;
    let pending = truth(rows, target.pending.as_ref())?;
    Ok(actuals.into_iter().enumerate().map(|(row, actual)| (actual, word(no_data[row], met[row], pending[row]))).collect())
}

/// The result, or nothing where the calendar does not have a day that it takes: the earliest such day is kept.
fn told<T>(result: Result<T, EvalError>, day: &mut Option<i32>) -> Result<Option<T>, EvalError> {
    match result {
        Err(EvalError::Calendar(lacked)) => {
            *day = Some(day.map_or(lacked, |known| known.min(lacked)));
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// The rows that a target is set for, and what they are called.
pub(super) struct Objects<'w> {
    pub rows: Rows<'w>,
    pub names: Vec<String>,
}

/// Whose target it is. A condition that cannot be told for want of a day leaves its rows in: the day goes into `day`.
pub(super) fn objects<'w>(
    world: &'w World<'w>,
    target: &Target,
    groups: Option<&mut Groups<'w>>,
    day: &mut Option<i32>,
) -> Result<Objects<'w>, EvalError> {
    match &target.object {
        Object::One(name) => Ok(Objects { rows: Rows::single(world), names: vec![name.clone()] }),
        Object::Group { name, dimension, slice } => {
            let groups = groups.ok_or_else(|| EvalError::Engine("a target's table went missing".into()))?;
            let rows = groups.whole(*dimension)?.swap_remove(slice.unwrap_or(0));
            Ok(Objects { rows, names: vec![name.clone()] })
        }
        Object::Each { source, when } => {
            let mut rows = Rows::of(world, *source);
            for part in when.iter().flat_map(conjuncts) {
                if let Some(left) = told(rows.filter(part), day)? {
                    rows = left;
                }
            }
            let declared = &world.pipeline.sources[*source];
            let mut names = vec![String::new(); rows.len()];
            for &key in &declared.primary_key {
                names = rows.texts(&declared.item(*source, key))?.into_iter().map(Option::unwrap_or_default).collect();
            }
            Ok(Objects { rows, names })
        }
    }
}

/// The conditions that must all hold.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match &condition.node {
        Node::And(parts) => parts.iter().collect(),
        _ => vec![condition],
    }
}

/// A condition per row; without one, false.
fn truth(rows: &mut Rows<'_>, condition: Option<&Expr>) -> Result<Vec<Option<bool>>, EvalError> {
    match condition {
        Some(condition) => Ok(rows.condition(condition)?.iter().collect()),
        None => Ok(vec![Some(false); rows.len()]),
    }
}

/// 达标.
fn word(no_data: Option<bool>, met: Option<bool>, pending: Option<bool>) -> &'static str {
    match (no_data, met, pending) {
        (Some(true), _, _) => NO_DATA,
        (_, None, _) => NO_BASE,
        (_, Some(true), _) => MET,
        (_, Some(false), Some(true)) => PENDING,
        (_, Some(false), _) => NOT_MET,
    }
}
