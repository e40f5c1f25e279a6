//! The cells of one column, drawn by its rule: each from random numbers of its row's own, and from formulas, which are
//! computed for those rows alone that need them.

use super::codes;
use super::draw::{Stream, below, between};
use super::line::written;
use super::readings::{Readings, numbers};
use super::report::{GenerateError, Made};
use crate::facts::{View, ints_column};
use crate::generate::plan::model::{Bound, Branch, Curve, Formula, Part, PlanColumn, Rule, Share, smallest_step};
use crate::sql::EvalError;
use crate::value::{Cell, Type};
use polars::prelude::*;
use std::borrow::Cow;

/// Draws one column.
pub struct Drawing<'a> {
    pub column: &'a PlanColumn,
    pub readings: &'a Readings<'a>,
}

/// One cell to be made: where its row stands in the block, and the random numbers that are its own.
#[derive(Clone, Copy)]
struct Lot {
    at: IdxSize,
    stream: Stream,
}

/// Cells of all rows, as stored: numbers by scale, dates as days, enums as indices, bools as 0 and 1.
type Cells<'a> = [Cell<Cow<'a, str>>];

impl<'a> Drawing<'a> {
    /// The cells of all rows; `stream` is the column's.
    pub fn cells(&self, stream: Stream) -> Made<Column> {
        let rows = self.readings.rows;
        let is_plain = self.column.when.is_none() && self.column.empty == Share::NONE && self.column.near.is_empty();
        if let (Rule::Value(formula), true) = (&self.column.rule, is_plain) {
            return self.readings.values(formula, &self.readings.all());
        }
        let mut lots = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            lots.push(Lot { at: at as IdxSize, stream: stream.row(*row) });
        }
        let mut cells = vec![Cell::Null; rows.len()];
        let mut lots = self.away_from_edges(self.filled(lots)?, &mut cells)?;
        lots.iter_mut().for_each(|lot| lot.stream = lot.stream.row(2));
        self.by_rule(&self.column.rule, &lots, &mut cells)?;
        self.stored(&cells)
    }

    fn stored(&self, cells: &Cells<'a>) -> Made<Column> {
        let ty = self.column.kind.ty();
        if ty == Type::Text {
            let text = |cell: &'_ Cell<Cow<'a, str>>| if let Cell::Text(text) = cell { Some(text.clone()) } else { None };
            return Ok(StringChunked::from_iter(cells.iter().map(text)).into_column());
        }
        let number = |cell: &Cell<Cow<'a, str>>| if let Cell::Number(number) = cell { Some(*number) } else { None };
        let column = ints_column(cells.iter().map(number).collect(), &ty);
        Ok(column.map_err(|row| EvalError::TooLarge { source_name: self.column.name.clone(), row })?)
    }

    /// The cells that do not stay empty.
    fn filled(&self, mut lots: Vec<Lot>) -> Made<Vec<Lot>> {
        if let Some(when) = &self.column.when {
            let holds = self.readings.truth(when)?;
            lots.retain(|lot| holds.at(lot.at as usize));
        }
        if self.column.empty != Share::NONE {
            lots.retain(|lot| !lot.stream.takes(0, self.column.empty));
        }
        Ok(lots)
    }

    /// Makes those cells one of the column's edges, or its neighbour on either side, that are to be so; gives the others,
    /// and those for whose rows the edge drawn does not hold.
    fn away_from_edges(&self, lots: Vec<Lot>, cells: &mut Cells<'a>) -> Made<Vec<Lot>> {
        let near = &self.column.near;
        let Some(step) = smallest_step(&self.column.kind).filter(|_| !near.is_empty()) else { return Ok(lots) };
        let (mut drawn, mut others) = (vec![Vec::new(); near.len()], Vec::new());
        for lot in lots {
            let is_near = lot.stream.takes(1, self.column.near_share);
            let list = if is_near { &mut drawn[below(lot.stream.at(3), near.len() as u64) as usize] } else { &mut others };
            list.push(lot);
        }
        for (edge, lots) in near.iter().zip(drawn) {
            for (lot, value) in lots.iter().zip(self.bound(edge, &lots)?) {
                let aside = (i128::from(below(lot.stream.at(4), 3)) - 1) * i128::from(step);
                match value {
                    Some(value) => cells[lot.at as usize] = Cell::Number(i128::from(value) + aside),
                    None => others.push(*lot),
                }
            }
        }
        others.sort_unstable_by_key(|lot| lot.at);
        Ok(others)
    }

    fn bound(&self, bound: &Bound, lots: &[Lot]) -> Made<Vec<Option<i64>>> {
        match bound {
            Bound::Constant(value) => Ok(vec![Some(*value); lots.len()]),
            Bound::Value(formula) => numbers(&self.values(formula, lots)?),
        }
    }

    fn values(&self, formula: &Formula, lots: &[Lot]) -> Made<Column> {
        self.readings.values(formula, &lots.iter().map(|lot| lot.at).collect::<Vec<_>>())
    }

    fn row(&self, lot: &Lot) -> u64 {
        self.readings.rows[lot.at as usize]
    }

    fn by_rule(&self, rule: &'a Rule, lots: &[Lot], cells: &mut Cells<'a>) -> Made<()> {
        let shift = self.readings.data.shift;
        let mut put = |lot: &Lot, cell: Cell<Cow<'a, str>>| cells[lot.at as usize] = cell;
        match rule {
            Rule::Each { divisor, values } => {
                let chosen = |lot| (self.row(lot) / divisor % values.len() as u64) as usize;
                lots.iter().for_each(|lot| put(lot, values[chosen(lot)].view().map(Cow::Borrowed)));
            }
            Rule::Number { from } => lots.iter().for_each(|lot| put(lot, Cell::Number(i128::from(*from) + i128::from(self.row(lot))))),
            Rule::Pick { total, options } => lots.iter().for_each(|lot| {
                let chosen = below(lot.stream.at(0), *total);
                let option = options.iter().find(|(upto, _)| chosen < *upto);
                put(lot, option.map_or(Cell::Null, |(_, cell)| cell.view().map(Cow::Borrowed)));
            }),
            Rule::Range { from, to, step, curve } => {
                for ((lot, from), to) in lots.iter().zip(self.bound(from, lots)?).zip(self.bound(to, lots)?) {
                    let value = from.zip(to).map(|range| within(lot.stream, range, *step, *curve));
                    put(lot, value.map_or(Cell::Null, |value| Cell::Number(value.into())));
                }
            }
            Rule::Value(formula) => {
                for (lot, value) in lots.iter().zip(View::of(&self.values(formula, lots)?)?.iter()) {
                    put(lot, value.map(|text| Cow::Owned(text.to_string())));
                }
            }
            Rule::Text(parts) => lots.iter().zip(self.texts(parts, lots)?).for_each(|(lot, text)| put(lot, text)),
            Rule::Uscc { issuer, region, ordinal } => {
                let (issuers, regions) = (self.values(issuer, lots)?, self.values(region, lots)?);
                for ((lot, issuer), region) in lots.iter().zip(issuers.str()?.iter()).zip(regions.str()?.iter()) {
                    let code = |(issuer, region)| codes::credit_code(issuer, region, self.row(lot), *ordinal, shift);
                    put(lot, self.code(issuer.zip(region).and_then(code), lot)?);
                }
            }
            Rule::Identity { regions, born, ordinal, of } => {
                for lot in lots {
                    put(lot, self.code(codes::identity_number(regions, *born, self.row(lot), (*ordinal, *of), shift), lot)?);
                }
            }
            Rule::Mix(branches) => self.mix(branches, lots, cells)?,
        }
        Ok(())
    }

    fn code(&self, code: Option<String>, lot: &Lot) -> Made<Cell<Cow<'a, str>>> {
        let table = &self.readings.data.plan.tables[self.readings.table].name;
        let code = code.ok_or_else(|| GenerateError::Code { table: table.clone(), row: self.row(lot) })?;
        Ok(Cell::Text(Cow::Owned(code)))
    }

    /// Parts put together; where one has no value, there is no text.
    fn texts(&self, parts: &[Part], lots: &[Lot]) -> Made<Vec<Cell<Cow<'a, str>>>> {
        let mut texts: Vec<Option<String>> = vec![Some(String::new()); lots.len()];
        for part in parts {
            match part {
                Part::Words(words) => texts.iter_mut().flatten().for_each(|text| text.push_str(words)),
                Part::Number(width) => {
                    for (text, lot) in texts.iter_mut().zip(lots) {
                        text.iter_mut().for_each(|text| text.push_str(&format!("{:0width$}", self.row(lot) + 1)));
                    }
                }
                Part::Value(formula, kind) => {
                    for (text, value) in texts.iter_mut().zip(View::of(&self.values(formula, lots)?)?.iter()) {
                        let value = (value != Cell::Null).then(|| written(value, kind, &self.readings.data.plan.settings));
                        *text = text.take().zip(value).map(|(text, value)| text + &*value);
                    }
                }
            }
        }
        Ok(texts.into_iter().map(|text| text.map_or(Cell::Null, |text| Cell::Text(Cow::Owned(text)))).collect())
    }

    /// One branch for each cell, by weight, among those whose condition holds.
    fn mix(&self, branches: &'a [Branch], lots: &[Lot], cells: &mut Cells<'a>) -> Made<()> {
        let whens: Vec<&Formula> = branches.iter().filter_map(|branch| branch.when.as_ref()).collect();
        let at: Vec<IdxSize> = lots.iter().map(|lot| lot.at).collect();
        let mut hold = self.readings.truths(&whens, &at)?.into_iter();
        let hold: Vec<_> = branches.iter().map(|branch| branch.when.as_ref().and_then(|_| hold.next())).collect();
        let (mut weights, mut drawn) = (vec![0; branches.len()], vec![Vec::new(); branches.len()]);
        for (i, lot) in lots.iter().enumerate() {
            for (place, branch) in branches.iter().enumerate() {
                let is_open = hold[place].as_ref().is_none_or(|holds| holds.at(i));
                weights[place] = if is_open { branch.weight } else { 0 };
            }
            if let Some(place) = choose(&weights, lot.stream) {
                drawn[place].push(Lot { stream: lot.stream.row(1 + place as u64), ..*lot });
            }
        }
        branches.iter().zip(drawn).try_for_each(|(branch, lots)| self.by_rule(&branch.rule, &lots, cells))
    }
}

/// One of several weights, none where they come to nothing.
fn choose(weights: &[u64], stream: Stream) -> Option<usize> {
    let mut total = 0;
    for weight in weights {
        total += weight;
    }
    let mut chosen = below(stream.at(0), total);
    for (place, weight) in weights.iter().enumerate() {
        if chosen < *weight {
            return Some(place);
        }
        chosen -= weight;
    }
    None
}

/// A value between two, so many steps from the first.
fn within(stream: Stream, (from, to): (i64, i64), step: i64, curve: Curve) -> i64 {
    let value = match curve {
        Curve::Log if step > 1 => between(stream, from, to, curve) / step * step,
        Curve::Log => between(stream, from, to, curve),
        _ => {
            let steps = to.saturating_sub(from).max(0) / step;
            from.saturating_add(between(stream, 0, steps, curve).saturating_mul(step))
        }
    };
    value.max(from)
}
