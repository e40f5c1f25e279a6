//! Turns facts into KPI tables, one row per dimension, group and slice, and one table of targets, one row per target and object.
//!
//! Guarantees: figures are exact until they are printed, rounded once, half away from zero; a figure without base says so;
//! rows stand in a total order; every figure and every target can name the source rows behind its numerator.
//! What reads a source that was not delivered has no rows; its targets have no data.
//! Never does: write a file, or know what an indicator says.

mod behind;
mod table;
mod targets;

pub use behind::{Behind, Figure, figures};
pub use targets::{Lacking, MET_COLUMN};

use crate::facts::{Groups, Rows, World};
use crate::policy::indicator::{Indicator, IndicatorId};
use crate::sql::EvalError;
use crate::sql::ir::Expr;
use crate::value::Type;

/// One table as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kpi {
    /// Of the indicator, and of the file.
    pub name: String,
    pub title: String,
    pub header: Vec<String>,
    /// What stands in each column.
    pub kinds: Vec<Kind>,
    /// How many of the first columns name the row.
    pub keys: usize,
    /// In the order of their key columns, by code point.
    pub rows: Vec<Vec<String>>,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A plain decimal, or a word of the indicator's where there is none.
    Figure,
    /// A code or a date: stands bare.
    Code,
    Words,
}

impl Kind {
    fn of(ty: &Type) -> Kind {
        match ty {
            Type::Number(_) => Kind::Figure,
            Type::Code | Type::Date | Type::DateTime => Kind::Code,
            Type::Text | Type::Enum(_) | Type::Bool | Type::Null => Kind::Words,
        }
    }
}

/// What the indicators of a run say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kpis {
    /// In the order of the indicators, the targets last.
    pub tables: Vec<Kpi>,
    /// For the report: the title of an indicator and what it says besides its figures.
    pub remarks: Vec<(String, String)>,
    /// For the log and the report, each once.
    pub warnings: Vec<String>,
    /// The targets that lack a day of the calendar, each once, in the order of the indicators.
    pub lacking: Vec<Lacking>,
}

/// The title of the table of targets.
const TARGETS_TITLE: &str = "目标达成";

/// Evaluates the wanted indicators. An error names the indicator.
pub fn evaluate<'w>(world: &'w World<'w>, wanted: &[IndicatorId]) -> Result<Kpis, (IndicatorId, EvalError)> {
    let mut kpis = Kpis { tables: Vec::new(), remarks: Vec::new(), warnings: Vec::new(), lacking: Vec::new() };
    let mut reached = Vec::new();
    for &id in wanted {
        reached.extend(one(world, &world.pipeline.indicators[id], &mut kpis).map_err(|e| (id, e))?);
    }
    if wanted.iter().any(|&id| !world.pipeline.indicators[id].targets.is_empty()) {
        kpis.tables.push(targets::table(reached));
    }
    Ok(kpis)
}

/// The table of one indicator and what is said beside it go into `kpis`; the lines of its targets come back.
fn one<'w>(world: &'w World<'w>, indicator: &'w Indicator, kpis: &mut Kpis) -> Result<Vec<targets::Reached>, EvalError> {
    let mut groups = None;
    if let Some(grouping) = &indicator.table {
        let groups = groups.insert(Groups::of(world, grouping)?);
        kpis.tables.push(table::table(world, indicator, grouping, groups)?);
    }
    let reached = targets::reached(world, indicator, groups.as_mut(), &mut kpis.lacking)?;
    kpis.lacking.dedup();
    say(world, indicator, kpis)?;
    Ok(reached)
}

/// The remarks and warnings of one indicator.
fn say(world: &World<'_>, indicator: &Indicator, kpis: &mut Kpis) -> Result<(), EvalError> {
    let mut remark = |text: String| kpis.remarks.push((indicator.title.clone(), text));
    indicator.note.iter().for_each(|note| remark(note.clone()));
    let mut run = Rows::single(world);
    for r in &indicator.remarks {
        let value = printed(&mut run, &r.value, r.places)?.pop().flatten();
        remark(format!("{}：{}", r.says, value.as_deref().unwrap_or(NO_BASE)));
    }
    for w in &indicator.warnings {
        if run.condition(&w.when)?.get(0) == Some(true) && !kpis.warnings.contains(&w.says) {
            kpis.warnings.push(w.says.clone());
        }
    }
    Ok(())
}

/// What a figure without base prints as.
const NO_BASE: &str = "无基数";

/// A value per row as it is printed: a number with so many decimals, half away from zero; anything else as people write it.
fn printed(rows: &mut Rows<'_>, value: &Expr, places: u32) -> Result<Vec<Option<String>>, EvalError> {
    match value.ty {
        Type::Number(_) => {
            let figures = rows.figures(value, places)?;
            Ok(figures.iter().map(|f| f.map(|f| crate::money::format_places(f, places))).collect())
        }
        _ => rows.texts(value),
    }
}
