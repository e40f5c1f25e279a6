//! Expressions over the rows of one source: each distinct part is computed once, as a column.

use super::ints::{Days, Ints, Parts, ints_column};
use super::view::View;
use super::world::{NONE, World, constant};
use crate::policy::model::Setting;
use crate::schema::SourceId;
use crate::sql::exact::{Figures, MANY, Program, TooLarge, Values};
use crate::sql::functions::Function;
use crate::sql::ir::{Comparison, Expr, FactId, Item, MeasureId, Node, ParameterId, Row};
use crate::sql::lower::{self, Leaves};
use crate::sql::{EvalError, functions};
use crate::value::{Cell, Type, Value};
use polars::prelude as pl;
use polars::prelude::*;
use polars_arrow::bitmap::iterator::TrueIdxIter;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

type Evaluated<T> = Result<T, EvalError>;

/// Rows of one source (or a single row without columns), and what has been computed over them.
#[derive(Clone)]
pub struct Rows<'w> {
    pub(super) world: &'w World<'w>,
    source: Option<SourceId>,
    frame: DataFrame,
    /// Which rows of the source these are; `None`: all.
    index: Option<IdxCa>,
    /// Expression → name of its column in the frame.
    computed: HashMap<Expr, PlSmallStr>,
    /// What was computed over the rows that these were taken from.
    above: Option<Arc<Above>>,
    /// Unset parameters stand for one unit instead of NULL.
    stand_in: bool,
}

/// The rows that others were taken from: what is known of them need not be computed again.
struct Above {
    frame: DataFrame,
    computed: HashMap<Expr, PlSmallStr>,
    above: Option<Arc<Above>>,
    stand_in: bool,
    /// Where the taken rows stand among these; `None`: all of them, in order.
    positions: Option<IdxCa>,
}

impl Above {
    /// The value of an expression for the taken rows, where it is known. `settled`: it reads no parameter that may be unset.
    fn find(&self, e: &Expr, stand_in: bool, settled: &mut dyn FnMut() -> bool) -> Evaluated<Option<Column>> {
        let own = match self.computed.get(e) {
            Some(name) if self.stand_in == stand_in || settled() => Some(self.frame.column(name)?.clone()),
            _ => None,
        };
        let found = match (own, &self.above) {
            (None, Some(above)) => above.find(e, stand_in, settled)?,
            (own, _) => own,
        };
        Ok(match (found, &self.positions) {
            (Some(column), Some(positions)) => Some(column.take(positions)?),
            (found, _) => found,
        })
    }
}

impl<'w> Rows<'w> {
    /// All rows of a source.
    pub fn of(world: &'w World<'w>, source: SourceId) -> Self {
        Rows { source: Some(source), ..Rows::made(world, world.frame(source), HashMap::new()) }
    }

    /// One row that has no columns: for values of the run.
    pub fn single(world: &'w World<'w>) -> Self {
        let one = Column::new("#".into(), [0_u8]);
        let frame = DataFrame::new(1, vec![one]).unwrap_or_default();
        Rows::made(world, frame, HashMap::new())
    }

    /// A frame made by an evaluator: its columns hold the values of these expressions.
    pub fn made(world: &'w World<'w>, frame: DataFrame, computed: HashMap<Expr, PlSmallStr>) -> Self {
        Rows { world, source: None, frame, index: None, computed, above: None, stand_in: false }
    }

    /// Some rows of a made frame, by position; what has been computed over them stays.
    pub(super) fn taken(&self, positions: &IdxCa) -> Evaluated<Self> {
        Ok(Rows { frame: self.frame.take(positions)?, ..self.clone() })
    }

    pub fn len(&self) -> usize {
        self.frame.height()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same rows, with every unset parameter standing for one unit: what then still is NULL lacks data.
    pub fn with_stand_ins(&self) -> Self {
        self.with(true)
    }

    fn without_stand_ins(&self) -> Self {
        self.with(false)
    }

    fn with(&self, stand_in: bool) -> Self {
        let frame = match (self.source, &self.index) {
            (Some(source), None) => self.world.frame(source),
            (Some(_), Some(index)) => bare(index),
            (None, _) => self.frame.clone(),
        };
        Rows { stand_in, frame, computed: HashMap::new(), above: self.remembered(None), ..self.clone() }
    }

    /// What is known of these rows, for rows taken from them.
    fn remembered(&self, positions: Option<IdxCa>) -> Option<Arc<Above>> {
        if self.computed.is_empty() && self.above.is_none() {
            return None;
        }
        let (frame, computed) = (self.frame.clone(), self.computed.clone());
        Some(Arc::new(Above { frame, computed, above: self.above.clone(), stand_in: self.stand_in, positions }))
    }

    /// What is known of an expression from the rows that these were taken from.
    fn recalled(&self, e: &Expr) -> Evaluated<Option<Column>> {
        match &self.above {
            Some(above) => above.find(e, self.stand_in, &mut || !self.world.may_be_unset(e)),
            None => Ok(None),
        }
    }

    /// The rows for which the condition is true.
    pub fn filter(&mut self, condition: &Expr) -> Evaluated<Self> {
        let mask = self.condition(condition)?;
        let mask = mask.downcast_as_array();
        let holds = mask.validity().map_or_else(|| mask.values().clone(), |known| mask.values() & known);
        let rows: Vec<IdxSize> = TrueIdxIter::new(holds.len(), Some(&holds)).map(|row| row as IdxSize).collect();
        self.select(&rows)
    }

    /// Some of these rows, by position; what has been computed over these is known of them.
    pub fn select(&self, positions: &[u32]) -> Evaluated<Self> {
        if self.source.is_none() {
            return Err(EvalError::Engine("rows without a source cannot be filtered".into()));
        }
        let positions = IdxCa::from_vec("".into(), positions.to_vec());
        let index = match &self.index {
            Some(index) => index.take(&positions)?,
            None => positions.clone(),
        };
        let above = self.remembered(Some(positions));
        Ok(Rows { frame: bare(&index), index: Some(index), computed: HashMap::new(), above, ..self.clone() })
    }

    /// A column of the source, taken over the rows at hand when it is first read.
    fn own_column(&mut self, source: SourceId, column: usize) -> Evaluated<pl::Expr> {
        let name = self.world.pipeline.sources[source].columns[column].name.as_str();
        if let Some(index) = &self.index
            && self.frame.get_column_index(name).is_none()
        {
            let taken = self.world.item(source, Item::Column(column))?.take(index)?;
            self.frame.with_column(taken)?;
        }
        Ok(pl::col(name))
    }

    pub(super) fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Row numbers in the source.
    pub fn row_numbers(&self) -> Vec<u32> {
        match &self.index {
            Some(index) => index.iter().flatten().collect(),
            None => (0..self.len() as u32).collect(),
        }
    }

    /// The value of `e` for every row; a constant comes as a column of this height.
    pub fn column(&mut self, e: &Expr) -> Evaluated<Column> {
        let lowered = self.lowered(e)?;
        if let pl::Expr::Column(name) = &lowered {
            return Ok(self.frame.column(name)?.clone());
        }
        let out = self.selected(vec![lowered.alias("#out")])?;
        Ok(self.spread(out.column("#out")?.clone()))
    }

    /// A condition's value for every row.
    pub fn condition(&mut self, e: &Expr) -> Evaluated<BooleanChunked> {
        Ok(self.column(e)?.as_materialized_series().bool()?.rechunk().into_owned())
    }

    /// For which rows `e` has no value.
    pub fn nulls(&mut self, e: &Expr) -> Evaluated<Vec<bool>> {
        // A number may be a true fraction, which no column holds.
        if matches!(e.ty, Type::Number(_)) && !self.computed.contains_key(e) {
            let ([program], inputs) = self.programs([e])?;
            let known = program.known(&inputs, self.len());
            return Ok(known.map_or_else(|| vec![false; self.len()], |known| known.iter().map(|known| !known).collect()));
        }
        Ok(self.column(e)?.is_null().iter().map(|null| null.unwrap_or(true)).collect())
    }

    /// Several conditions in one pass.
    pub fn conditions(&mut self, list: &[&Expr]) -> Evaluated<Vec<BooleanChunked>> {
        let mut lowered = Vec::new();
        for (i, e) in list.iter().enumerate() {
            lowered.push(self.lowered(e)?.alias(format!("#{i}")));
        }
        let out = self.selected(lowered)?;
        let n = self.len();
        out.columns()
            .iter()
            .map(|c| {
                let c = if c.len() == n { c.clone() } else { c.new_from_index(0, n) };
                Ok(c.as_materialized_series().bool()?.rechunk().into_owned())
            })
            .collect()
    }

    /// An amount per row, rounded once to `places`.
    pub fn rounded(&mut self, e: &Expr, places: u32) -> Evaluated<Vec<Option<i64>>> {
        let figures = self.figures(e, places)?;
        let fits = |(row, value): (usize, Option<i128>)| value.map(i64::try_from).transpose().map_err(|_| self.too_large(row));
        match figures {
            Figures { values: Values::Small(values), known: None } => Ok(values.into_iter().map(Some).collect()),
            Figures { values: Values::Small(values), known: Some(known) } => {
                Ok(values.into_iter().zip(known.iter()).map(|(value, known)| known.then_some(value)).collect())
            }
            large => large.iter().enumerate().map(fits).collect(),
        }
    }

    /// A number per row, of any size, rounded once to `places`.
    pub fn figures(&mut self, e: &Expr, places: u32) -> Evaluated<Figures> {
        let ([program], inputs) = self.programs([e])?;
        program.rounded(&inputs, self.len(), places).map_err(|TooLarge { row }| self.too_large(row))
    }

    /// A quotient per row, rounded to `places`, for showing.
    pub fn rounded_view(&mut self, e: &Expr, places: u32) -> Evaluated<View<'w>> {
        let figures = self.figures(e, places)?;
        Ok(View::of_ints(figures.into(), self.len()))
    }

    fn too_large(&self, row: usize) -> EvalError {
        let source_name = self.source.map_or_else(String::new, |s| self.world.pipeline.sources[s].name.clone());
        EvalError::TooLarge { source_name, row: self.row_numbers().get(row).map_or(row, |r| *r as usize) }
    }

    /// The programs of some expressions, over common inputs.
    fn programs<const N: usize>(&mut self, list: [&Expr; N]) -> Evaluated<([Program; N], Vec<Ints>)> {
        let mut parts = Parts { computed: &self.computed, list: Vec::new() };
        let mut programs = Vec::new();
        for e in list {
            programs.push(lower::program(e, &mut parts)?);
        }
        let inputs: Evaluated<Vec<Ints>> = parts.list.iter().map(|p| self.ints(p)).collect();
        let programs = programs.try_into().map_err(|_| EvalError::Engine("a program went missing".into()))?;
        Ok((programs, inputs?))
    }

    fn ints(&mut self, e: &Expr) -> Evaluated<Ints> {
        let lowered = self.lowered(e)?;
        if let pl::Expr::Column(name) = &lowered {
            return Ints::of(self.frame.column(name)?);
        }
        let out = self.selected(vec![lowered.alias("#out")])?;
        Ints::of(out.column("#out")?)
    }

    /// Some expressions' values, in one pass.
    fn selected(&self, list: Vec<pl::Expr>) -> Evaluated<DataFrame> {
        let lazy = self.frame.clone().lazy();
        let lazy = if self.len() < MANY { lazy.without_optimizations() } else { lazy };
        Ok(lazy.select(list).collect()?)
    }

    pub(super) fn lowered(&mut self, e: &Expr) -> Evaluated<pl::Expr> {
        lower::lower(e, self)
    }

    /// Keeps a computed column under its expression.
    fn keep(&mut self, e: &Expr, column: Column) -> Evaluated<pl::Expr> {
        let name: PlSmallStr = format!("#{}", self.computed.len()).into();
        self.frame.with_column(column.with_name(name.clone()))?;
        self.computed.insert(e.clone(), name.clone());
        Ok(pl::col(name))
    }

    fn compute(&mut self, e: &Expr) -> Evaluated<Column> {
        match &e.node {
            Node::Item { item: Item::Fact(f), row: Row::Own, .. } => self.own_fact(*f),
            Node::Through { key, source, item } => self.through(key, *source, *item),
            Node::Parameter { parameter, at, by } => self.parameter(*parameter, at.as_deref(), by.as_deref()),
            Node::OnList { measure, code } => self.on_list(*measure, code.as_deref()),
            Node::Subquery(q) => self.related(q, &e.ty),
            Node::Compare(op, a, b) => self.exact_compare(*op, a, b),
            Node::Call(Function::CodeText, args) => self.code_text(&args[0]),
            Node::Call(f, args) if f.choice().is_none() => self.call(*f, args, &e.ty),
            Node::Item { .. } | Node::AsOf | Node::Year | Node::RunValue(_) => {
                Err(EvalError::Engine(format!("{:?} has no column here", e.node)))
            }
            _ => self.arithmetic(e),
        }
    }

    fn own_fact(&mut self, fact: FactId) -> Evaluated<Column> {
        if self.world.is_for_few() {
            let value = &self.world.pipeline.facts[fact].value;
            // A fact knows no stand-ins: they are for what a measure itself reads.
            return if self.stand_in { self.without_stand_ins().column(value) } else { self.column(value) };
        }
        let column = self.world.fact(fact)?;
        Ok(match &self.index {
            Some(index) => column.take(index)?,
            None => column,
        })
    }

    fn through(&mut self, key: &Expr, source: SourceId, item: Item) -> Evaluated<Column> {
        let key = self.column(key)?;
        let rows = self.world.row_of(source);
        let index: IdxCa =
            key.as_materialized_series().u32()?.iter().map(|id| id.map(|id| rows[id as usize]).filter(|r| *r != NONE)).collect();
        match item {
            Item::Fact(fact) if self.world.is_for_few() => self.far_fact(&index, source, fact),
            _ => Ok(self.world.item(source, item)?.take(&index)?),
        }
    }

    /// A fact of the rows of `source` that these rows lead to, computed for those alone.
    fn far_fact(&self, index: &IdxCa, source: SourceId, fact: FactId) -> Evaluated<Column> {
        let value = &self.world.pipeline.facts[fact].value;
        let mut asked: Vec<u32> = index.iter().flatten().collect();
        asked.sort_unstable();
        asked.dedup();
        if asked.is_empty() {
            return Ok(Column::full_null("".into(), index.len(), &lower::dtype(&value.ty)));
        }
        let column = Rows::of(self.world, source).select(&asked)?.column(value)?;
        let places: IdxCa = index.iter().map(|row| asked.binary_search(&row?).ok().map(|at| at as IdxSize)).collect();
        Ok(column.take(&places)?)
    }

    /// A parameter that depends on the row: read at a date, or under a key.
    fn parameter(&mut self, id: ParameterId, at: Option<&Expr>, by: Option<&Expr>) -> Evaluated<Column> {
        let parameter = self.world.parameter(id);
        let n = self.len();
        let days: Option<Ints> = at.map(|at| self.ints(at)).transpose()?;
        let keys: Option<Vec<Option<String>>> = by.map(|by| self.texts(by)).transpose()?;
        let unset = self.unset_value(&parameter.ty);
        if days.is_none() {
            self.world.setting(id)?;
        }
        let value = |row: usize| -> Option<i128> {
            let day = match &days {
                Some(days) => i32::try_from(days.at(row)?).ok()?,
                None => self.world.as_of,
            };
            match &parameter.on(day)?.value {
                Setting::Unset => unset,
                Setting::One(v) => constant(v),
                Setting::Keyed(map) => match map.get(keys.as_ref()?[row].as_deref()?) {
                    Some(v) => constant(v),
                    None => unset,
                },
            }
        };
        let Ok(values) = Figures::of(n, |row| Ok::<_, Infallible>(value(row)));
        ints_column(values, &parameter.ty).map_err(|row| self.too_large(row))
    }

    /// What an unset parameter counts as: nothing, or one unit.
    fn unset_value(&self, ty: &Type) -> Option<i128> {
        let scale = match ty {
            Type::Number(n) => n.scale,
            _ => 0,
        };
        if self.stand_in { 10_i128.checked_pow(scale) } else { None }
    }

    fn constant_parameter(&self, id: ParameterId) -> Evaluated<pl::Expr> {
        let ty = &self.world.parameter(id).ty;
        Ok(match self.world.setting(id)? {
            Setting::One(v) => lower::literal(v, ty),
            _ => lower::literal(&self.unset_value(ty).map_or(Value::Null, Value::Number), ty),
        })
    }

    fn on_list(&mut self, measure: MeasureId, code: Option<&Expr>) -> Evaluated<Column> {
        let list = self.world.list(measure).ok_or_else(|| EvalError::Engine("a list is asked for before it is decided".into()))?;
        let flags: BooleanChunked = match code {
            Some(code) => {
                let code = self.column(code)?;
                code.as_materialized_series().u32()?.iter().map(|id| id.and_then(|id| list.codes[id as usize])).collect()
            }
            None => self.row_numbers().into_iter().map(|row| list.rows[row as usize]).collect(),
        };
        Ok(flags.into_column())
    }

    fn code_text(&mut self, code: &Expr) -> Evaluated<Column> {
        let codes = &self.world.tables.codes;
        let ids = self.column(code)?;
        let texts: StringChunked = ids.as_materialized_series().u32()?.iter().map(|id| id.map(|id| codes.get(id as usize))).collect();
        Ok(texts.into_column())
    }

    fn exact_compare(&mut self, op: Comparison, a: &Expr, b: &Expr) -> Evaluated<Column> {
        let ([left, right], inputs) = self.programs([a, b])?;
        let (flags, known) = left.compare(&right, op, &inputs, self.distinct(&inputs));
        Ok(self.spread(BooleanChunked::from_bitmap(PlSmallStr::EMPTY, flags).with_validity(known).into_column()))
    }

    /// How many rows have to be computed: one, where the inputs are the same for all.
    fn distinct(&self, inputs: &[Ints]) -> usize {
        let same = inputs.iter().all(|i| matches!(i, Ints::Same(_)));
        if same { self.len().min(1) } else { self.len() }
    }

    /// A constant as a column of this height.
    fn spread(&self, column: Column) -> Column {
        if column.len() == self.len() { column } else { column.new_from_index(0, self.len()) }
    }

    fn call(&mut self, function: Function, args: &[Expr], ty: &Type) -> Evaluated<Column> {
        let inputs: Evaluated<Vec<Ints>> = args.iter().map(|a| self.ints(a)).collect();
        let inputs = inputs?;
        let calendar = self.world.calendar();
        // Of a row, or of a day that stands for one input.
        let value = |row: usize, day: Option<(usize, i32)>| -> Result<Option<i128>, i32> {
            let mut cells = [0_i128; 3];
            for (at, (cell, input)) in cells.iter_mut().zip(&inputs).enumerate() {
                let found = match day {
                    Some((input, day)) if input == at => Some(i128::from(day)),
                    _ => input.at(row),
                };
                let Some(v) = found else { return Ok(None) };
                *cell = v;
            }
            functions::call(function, &cells[..inputs.len()], calendar)
        };
        // The earliest day that the calendar lacks, of those that the rows ask for: the same whichever row was met first.
        let values = match Days::of(&inputs, self.len()).filter(|_| !function.asks_calendar()) {
            // What depends on a day alone is computed once for each day.
            Some(days) => {
                Figures::of(days.count, |at| value(0, Some((days.input, days.first + at as i32)))).map(|by_day| days.spread(&by_day))
            }
            None => Figures::of(self.distinct(&inputs), |row| value(row, None)),
        };
        let values = values.map_err(EvalError::Calendar)?;
        Ok(self.spread(ints_column(values, ty).map_err(|row| self.too_large(row))?))
    }

    /// A number (or date) that is exact at its type's scale.
    fn arithmetic(&mut self, e: &Expr) -> Evaluated<Column> {
        let ([program], inputs) = self.programs([e])?;
        if program.divides() {
            return Err(EvalError::Engine("a quotient is exact only as an amount or in a comparison".into()));
        }
        let scale = match &e.ty {
            Type::Number(n) => n.scale,
            _ => 0,
        };
        let values = program.rounded(&inputs, self.distinct(&inputs), scale).map_err(|TooLarge { row }| self.too_large(row))?;
        let column = ints_column(values, &e.ty).map_err(|row| self.too_large(row))?;
        Ok(self.spread(column))
    }
}

impl Leaves for Rows<'_> {
    fn leaf(&mut self, e: &Expr) -> Evaluated<Option<pl::Expr>> {
        if let Some(name) = self.computed.get(e) {
            return Ok(Some(pl::col(name.clone())));
        }
        if !lower::is_leaf(e) {
            return Ok(None);
        }
        if let Some(known) = self.recalled(e)? {
            return self.keep(e, known).map(Some);
        }
        Ok(Some(match &e.node {
            Node::AsOf => lower::literal(&Value::Date(self.world.as_of), &Type::Date),
            Node::Year => lower::literal(&Value::Number(i128::from(self.world.year)), &Type::INT),
            Node::RunValue(fact) => {
                let value = self.world.fact(*fact)?;
                let height = self.len();
                let column = value.new_from_index(0, height);
                self.keep(e, column)?
            }
            Node::Parameter { parameter, at: None, by: None } => self.constant_parameter(*parameter)?,
            Node::Item { row: Row::Own, source, item: Item::Column(c) } => self.own_column(*source, *c)?,
            _ => {
                let column = self.compute(e)?;
                self.keep(e, column)?
            }
        }))
    }
}

/// Rows of which no column has been read yet.
fn bare(index: &IdxCa) -> DataFrame {
    DataFrame::new(index.len(), vec![index.clone().into_column().with_name("#index".into())]).unwrap_or_default()
}

impl<'w> Rows<'w> {
    /// A text, a code, an enum's word, a date, 是 or 否, or a whole number, as people write it.
    pub fn texts(&mut self, e: &Expr) -> Evaluated<Vec<Option<String>>> {
        let cells = self.view(e)?;
        Ok(cells.iter().map(|cell| (cell != Cell::Null).then(|| e.ty.text(cell).into_owned())).collect())
    }

    /// The values of several expressions, one list per row.
    pub fn cells(&mut self, list: &[Expr]) -> Evaluated<Vec<Vec<Cell>>> {
        let mut all = vec![Vec::with_capacity(list.len()); self.len()];
        for e in list {
            for (row, cell) in all.iter_mut().zip(self.cells_of(e)?) {
                row.push(cell);
            }
        }
        Ok(all)
    }

    /// The value of one expression for every row.
    pub fn cells_of(&mut self, e: &Expr) -> Evaluated<Vec<Cell>> {
        Ok(self.view(e)?.iter().map(Cell::to_owned).collect())
    }

    /// The value of one expression for every row, where it is stored.
    pub fn view(&mut self, e: &Expr) -> Evaluated<View<'w>> {
        let column = self.column(e)?;
        if e.ty == Type::Code {
            return Ok(View::of_codes(&self.world.tables.codes, &column)?);
        }
        View::of(&column)
    }

    /// The parts of the primary key of every row, codes as text.
    pub fn key_cells(&mut self, source: SourceId) -> Evaluated<Vec<Vec<Cell>>> {
        let declared = &self.world.pipeline.sources[source];
        let parts: Vec<Expr> = declared.primary_key.iter().map(|&c| declared.item(source, c)).collect();
        self.cells(&parts)
    }
}
