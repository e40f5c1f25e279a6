//! targets.csv: every target of every object against what was reached.

use super::{Kind, Kpi, NO_BASE, TARGETS_TITLE, printed};
use crate::facts::{Rows, World};
use crate::policy::indicator::{Object, TARGETS, Target};
use crate::sql::EvalError;
use crate::sql::ir::Expr;

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
/// Where 达标 stands in a row of the table of targets.
pub const MET_COLUMN: usize = 6;
const MET: &str = "是";
const NOT_MET: &str = "否";
const PENDING: &str = "进行中";
const NO_DATA: &str = "无数据";

/// One line of the table.
pub struct Reached {
    article: u32,
    cells: Vec<String>,
}

/// The targets of all indicators in one table, in the order of article (by number), 指标, 对象 and the other cells (by code point).
pub fn table(mut lines: Vec<Reached>) -> Kpi {
    lines.sort_by(|a, b| (a.article, &a.cells).cmp(&(b.article, &b.cells)));
    Kpi {
        name: TARGETS.to_string(),
        title: TARGETS_TITLE.to_string(),
        header: COLUMNS.map(|(name, _)| name.to_string()).to_vec(),
        kinds: COLUMNS.map(|(_, kind)| kind).to_vec(),
        rows: lines.into_iter().map(|l| l.cells).collect(),
    }
}

/// The lines of one indicator's targets.
pub fn reached(world: &World<'_>, targets: &[Target]) -> Result<Vec<Reached>, EvalError> {
    let mut lines = Vec::new();
    for target in targets {
        let (mut rows, objects) = objects(world, target)?;
        let (goals, actuals) = (printed(&mut rows, &target.goal, target.places)?, printed(&mut rows, &target.actual, target.places)?);
        let met = truth(&mut rows, Some(&target.met))?;
        let no_data = truth(&mut rows, target.no_data.as_ref())?;
        let pending = truth(&mut rows, target.pending.as_ref())?;
        for (row, ((object, goal), actual)) in objects.into_iter().zip(goals).zip(actuals).enumerate() {
            let word = word(no_data[row], met[row], pending[row]);
            let actual = if word == NO_DATA { String::new() } else { actual.unwrap_or_else(|| NO_BASE.to_string()) };
            let cells = vec![
                target.article.to_string(),
                target.name.clone(),
                object,
                target.compare.name().to_string(),
                goal.unwrap_or_else(|| NO_BASE.to_string()),
                actual,
                word.to_string(),
                target.offices.join("、"),
            ];
            lines.push(Reached { article: target.article, cells });
        }
    }
    Ok(lines)
}

/// The rows that a target is set for, and what they are called.
pub(super) fn objects<'w>(world: &'w World<'w>, target: &Target) -> Result<(Rows<'w>, Vec<String>), EvalError> {
    match &target.object {
        Object::One(name) => Ok((Rows::single(world), vec![name.clone()])),
        Object::Each { source, when } => {
            let mut rows = Rows::of(world, *source);
            if let Some(when) = when {
                rows = rows.filter(when)?;
            }
            let declared = &world.pipeline.sources[*source];
            let mut names = vec![String::new(); rows.len()];
            for &key in &declared.primary_key {
                names = rows.texts(&declared.item(*source, key))?.into_iter().map(Option::unwrap_or_default).collect();
            }
            Ok((rows, names))
        }
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
