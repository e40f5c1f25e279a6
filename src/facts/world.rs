//! Everything an expression may read: tables, facts, parameters, lists, the calendar, and the day of the run.

use super::rows::Rows;
use crate::policy::model::{Measure, Parameter, Pipeline, Setting, Settlement};
use crate::schema::{BySource, SourceId};
use crate::sources::CheckedTables;
use crate::sql::functions::Calendar;
use crate::sql::ir::{Expr, FactId, Item, MeasureId, Node, ParameterId};
use crate::sql::{EvalError, lower};
use crate::value::Value;
use polars::prelude::*;
use std::sync::OnceLock;
use typed_index_collections::{TiVec, ti_vec};

/// What is 符合 in a measure (待核实: unknown): by row of its source, and by the subject's code.
pub struct List {
    /// Per row of the measure's source.
    pub rows: Vec<Option<bool>>,
    /// Per dense id: on it with any row; else unknown where any row is.
    pub codes: Vec<Option<bool>>,
}

/// The world of one run.
pub struct World<'a> {
    pub pipeline: &'a Pipeline,
    pub tables: &'a CheckedTables,
    /// 截止日, days since 1970-01-01.
    pub as_of: i32,
    /// 本年.
    pub year: i32,
    parameters: &'a TiVec<ParameterId, Parameter>,
    settlement: &'a Settlement,
    facts: TiVec<FactId, OnceLock<Result<Column, EvalError>>>,
    lists: TiVec<MeasureId, OnceLock<List>>,
    /// Per measure: whether another reads its list.
    read: TiVec<MeasureId, bool>,
    row_of: BySource<OnceLock<Vec<u32>>>,
    calendar: OnceLock<Days>,
    /// Facts are computed at the rows that ask for them, not for all rows of their source.
    for_few: bool,
}

/// No row.
pub(super) const NONE: u32 = u32::MAX;

impl<'a> World<'a> {
    pub fn new(pipeline: &'a Pipeline, tables: &'a CheckedTables, as_of: i32) -> Self {
        Self::with_parameters(pipeline, &pipeline.parameters, tables, as_of)
    }

    /// A world in which other values are set; `parameters` stand in the pipeline's order.
    pub fn with_parameters(
        pipeline: &'a Pipeline,
        parameters: &'a TiVec<ParameterId, Parameter>,
        tables: &'a CheckedTables,
        as_of: i32,
    ) -> Self {
        fn empty<I, T>(n: usize) -> TiVec<I, OnceLock<T>> {
            (0..n).map(|_| OnceLock::new()).collect()
        }
        let mut read = ti_vec![false; pipeline.measures.len()];
        pipeline.measures.iter().flat_map(Measure::lists).for_each(|m| read[m] = true);
        World {
            pipeline,
            tables,
            as_of,
            year: crate::period::civil(as_of).0,
            parameters,
            settlement: &pipeline.settlement,
            facts: empty(pipeline.facts.len()),
            lists: empty(pipeline.measures.len()),
            read,
            row_of: empty(pipeline.sources.len()),
            calendar: OnceLock::new(),
            for_few: false,
        }
    }

    /// A world in which other groups and envelopes are switched on; they stand in the pipeline's order.
    pub fn settled_by(self, settlement: &'a Settlement) -> Self {
        World { settlement, ..self }
    }

    /// The groups and envelopes that settle several measures together.
    pub fn settlement(&self) -> &'a Settlement {
        self.settlement
    }

    /// The same world for somebody who asks about a few rows: same values, without whole columns of facts.
    pub fn for_few(self) -> Self {
        World { for_few: true, ..self }
    }

    pub fn is_for_few(&self) -> bool {
        self.for_few
    }

    /// The rows of a source; none where it was not delivered.
    pub fn frame(&self, source: SourceId) -> DataFrame {
        match &self.tables.tables[source] {
            Some(table) => table.frame.clone(),
            None => {
                let columns = &self.pipeline.sources[source].columns;
                DataFrame::empty_with_schema(&Schema::from_iter(
                    columns.iter().map(|c| Field::new(c.name.as_str().into(), lower::dtype(&c.ty()))),
                ))
            }
        }
    }

    pub fn delivered(&self, source: SourceId) -> bool {
        self.tables.tables[source].is_some()
    }

    /// Whether all of these were delivered, the pipeline's own tables aside: what reads another has nothing to say.
    pub fn delivered_all<'s>(&self, sources: impl IntoIterator<Item = &'s SourceId>) -> bool {
        sources.into_iter().all(|&s| self.pipeline.sources[s].reference || self.delivered(s))
    }

    /// A fact: one value per row of its source, or a single value for the run.
    pub fn fact(&self, fact: FactId) -> Result<Column, EvalError> {
        self.facts[fact]
            .get_or_init(|| {
                let definition = &self.pipeline.facts[fact];
                let mut rows = match definition.per {
                    Some(source) => Rows::of(self, source),
                    None => Rows::single(self),
                };
                rows.column(&definition.value)
            })
            .clone()
    }

    /// A column or a fact of every row of a source.
    pub fn item(&self, source: SourceId, item: Item) -> Result<Column, EvalError> {
        match item {
            Item::Column(c) => match &self.tables.tables[source] {
                Some(table) => Ok(table.frame.columns()[c].clone()),
                None => Ok(self.frame(source).columns()[c].clone()),
            },
            Item::Fact(f) => self.fact(f),
        }
    }

    /// What [`World::row_of`] says of a code, if it has a row.
    pub fn existing(row: u32) -> Option<u32> {
        (row != NONE).then_some(row)
    }

    /// Row number by dense id, for sources with a single-column key; see [`World::existing`].
    pub fn row_of(&self, source: SourceId) -> &[u32] {
        self.row_of[source].get_or_init(|| {
            let mut rows = vec![NONE; self.tables.codes.len()];
            let key = self.pipeline.sources[source].primary_key[0];
            if let Some(table) = &self.tables.tables[source]
                && let Ok(ids) = table.frame.columns()[key].as_materialized_series().u32()
            {
                for (row, id) in ids.iter().enumerate() {
                    if let Some(id) = id {
                        rows[id as usize] = row as u32;
                    }
                }
            }
            rows
        })
    }

    /// The row that an id names in a source with a single-column key.
    pub fn row_number(&self, source: SourceId, id: u32) -> Option<u32> {
        self.row_of(source).get(id as usize).copied().filter(|row| *row != NONE)
    }

    /// All parameters, in the pipeline's order.
    pub fn parameters(&self) -> &'a TiVec<ParameterId, Parameter> {
        self.parameters
    }

    pub fn parameter(&self, id: ParameterId) -> &Parameter {
        &self.parameters[id]
    }

    /// What a parameter is set to on 截止日.
    pub fn setting(&self, id: ParameterId) -> Result<&Setting, EvalError> {
        self.parameter(id).on(self.as_of).map(|e| &e.value).ok_or(EvalError::NoValue(id))
    }

    /// Whether a parameter that the expression reads may be without a value for some row.
    pub fn may_be_unset(&self, e: &Expr) -> bool {
        let own = match e.node {
            Node::Parameter { parameter, .. } => {
                self.parameter(parameter).entries.iter().any(|entry| !matches!(entry.value, Setting::One(_)))
            }
            _ => false,
        };
        own || e.children().into_iter().any(|c| self.may_be_unset(c))
    }

    /// Makes a measure's list known; asked for only after the measures it builds on.
    pub fn publish_list(&self, measure: MeasureId, list: List) {
        let _ = self.lists[measure].set(list);
    }

    /// Whether another measure reads this one's list.
    pub fn is_read(&self, measure: MeasureId) -> bool {
        self.read[measure]
    }

    pub fn list(&self, measure: MeasureId) -> Option<&List> {
        self.lists[measure].get()
    }

    /// The working-day calendar of the pipeline.
    pub fn calendar(&self) -> &dyn Calendar {
        self.calendar.get_or_init(|| Days::of(self))
    }
}

/// Working days counted up from the calendar's first day.
struct Days {
    from: i32,
    /// Working days from the first day up to and including each day.
    counted: Vec<i32>,
}

impl Days {
    fn of(world: &World<'_>) -> Days {
        let Some(calendar) = &world.pipeline.calendar else {
            return Days { from: 0, counted: Vec::new() };
        };
        let frame = world.frame(calendar.table);
        let moved = moved_days(&frame);
        let mut sum = 0;
        let counted = (calendar.from..=calendar.to)
            .map(|day| {
                let usual = crate::period::weekday(day) < 5;
                sum += i32::from(moved.get(&day).copied().unwrap_or(usual));
                sum
            })
            .collect();
        Days { from: calendar.from, counted }
    }

    /// Working days up to and including a day that is not before the eve of the first.
    fn upto(&self, day: i32) -> i32 {
        usize::try_from(day - self.from).ok().and_then(|at| self.counted.get(at)).copied().unwrap_or(0)
    }
}

/// The days that differ from Monday to Friday: the first date and the first bool column of the table.
fn moved_days(frame: &DataFrame) -> std::collections::HashMap<i32, bool> {
    let of_type = |wanted: DataType| frame.columns().iter().find(|c| *c.dtype() == wanted).map(|c| c.as_materialized_series().clone());
    let (Some(dates), Some(flags)) = (of_type(DataType::Date), of_type(DataType::Boolean)) else {
        return Default::default();
    };
    match (dates.date(), flags.bool()) {
        (Ok(dates), Ok(flags)) => dates.physical().iter().zip(flags.iter()).filter_map(|(d, f)| Some((d?, f?))).collect(),
        _ => Default::default(),
    }
}

impl Calendar for Days {
    fn working_days(&self, from: i32, to: i32) -> Result<i32, i32> {
        let (first, last) = (from.min(to) + 1, from.max(to));
        let end = self.from + self.counted.len() as i32;
        match first..=last {
            asked if asked.is_empty() => Ok(0),
            _ if first < self.from => Err(first),
            _ if last >= end => Err(first.max(end)),
            _ => Ok(self.upto(to) - self.upto(from)),
        }
    }
}

/// A value as an integer, for exact programs.
pub(super) fn constant(value: &Value) -> Option<i128> {
    match value {
        Value::Number(n) => Some(*n),
        Value::Date(d) => Some(i128::from(*d)),
        Value::DateTime(ms) => Some(i128::from(*ms)),
        Value::Bool(b) => Some(i128::from(*b)),
        Value::Enum(i) => Some(i128::from(*i)),
        Value::Null | Value::Text(_) => None,
    }
}
