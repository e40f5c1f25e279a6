//! Facts unfolded: each fact that a row's conditions and amount read, once, with what it is made of, down to source rows.
//!
//! In the order in which they are met, a fact before what it is made of. Whatever stands in the judged row itself is not
//! listed: its place is. Of many related rows the first ones are shown.

use super::answer::{Derivation, ParameterAnswer, Place, RowPlace};
use super::values::Values;
use crate::facts::{Rows, World};
use crate::period;
use crate::policy::model::{Entry, Setting};
use crate::policy::words::words;
use crate::schema::SourceId;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, FactId, Item, MeasureId, Node, Output, ParameterId, Row, Subquery};
use crate::value::{Number, Type, Unit, Value};
use std::collections::{BTreeMap, BTreeSet};

/// So many related rows are listed.
const LISTED: usize = 20;

/// What a row's expressions are made of.
pub struct Unfolding<'w> {
    world: &'w World<'w>,
    seen: BTreeSet<(String, Option<u32>)>,
    /// Rows that keys lead to, with what has been computed over them.
    far: BTreeMap<(SourceId, u32), Rows<'w>>,
    pub facts: Vec<Derivation>,
    pub parameters: Vec<ParameterAnswer>,
}

type Unfolded<T> = Result<T, EvalError>;

impl<'w> Unfolding<'w> {
    pub fn new(world: &'w World<'w>) -> Self {
        Unfolding { world, seen: BTreeSet::new(), far: BTreeMap::new(), facts: Vec::new(), parameters: Vec::new() }
    }

    /// Unfolds one expression of a single row.
    pub fn add(&mut self, e: &Expr, row: &mut Rows<'w>) -> Unfolded<()> {
        match &e.node {
            Node::Item { row: Row::Own, item: Item::Fact(f), .. } => self.fact(*f, e, row, None)?,
            Node::Through { key, source, item } => {
                self.add(key, row)?;
                self.through(key, *source, *item, e, row)?;
            }
            Node::RunValue(f) => {
                let world = self.world;
                self.fact(*f, e, &mut Rows::single(world), None)?;
            }
            Node::Parameter { parameter, at, by } => self.parameter(*parameter, at.as_deref(), by.as_deref(), row)?,
            Node::OnList { measure, .. } => self.listed(*measure, e, row)?,
            Node::Subquery(q) => self.subquery(q, e, row)?,
            Node::Named { body, .. } => {
                // A function that makes money is unfolded in the amount's formula itself.
                if is_counted(&e.ty) {
                    self.named(e, body, row)?;
                }
                self.add(body, row)?;
            }
            _ => {}
        }
        if !matches!(e.node, Node::Through { .. } | Node::Named { .. } | Node::Subquery(_)) {
            for part in e.children() {
                self.add(part, row)?;
            }
        }
        Ok(())
    }

    /// Whether this was not met before; notes it.
    fn is_new(&mut self, name: &str, row: &Rows<'_>) -> bool {
        self.seen.insert((name.to_string(), row.row_numbers().first().copied()))
    }

    /// A fact of the row; `at`: where the row stands, if it is not the judged one.
    fn fact(&mut self, fact: FactId, e: &Expr, row: &mut Rows<'w>, at: Option<Place>) -> Unfolded<()> {
        let definition = &self.world.pipeline.facts[fact];
        if !self.is_new(&definition.name, row) {
            return Ok(());
        }
        let mut derivation = Derivation {
            name: definition.name.clone(),
            value: Values::of(self.world, e, row)?.text(0),
            says: definition.says.clone(),
            source: definition.source_note.clone(),
            ..Derivation::of_nothing()
        };
        let Node::Subquery(q) = &definition.value.node else {
            derivation.parts = self.parts(&definition.value, row)?;
            derivation.rows.extend(at.map(|place| RowPlace { place, cells: Vec::new() }));
            self.facts.push(derivation);
            return self.add(&definition.value, row);
        };
        // A fact that is one related value names its rows itself.
        (derivation.rows, derivation.more) = self.related(q, row)?;
        self.facts.push(derivation);
        self.inside(q, row)
    }

    /// A named function that counts or computes, with its value.
    fn named(&mut self, e: &Expr, body: &Expr, row: &mut Rows<'w>) -> Unfolded<()> {
        let name = words(self.world.pipeline, e);
        if !self.is_new(&name, row) {
            return Ok(());
        }
        let value = Values::of(self.world, e, row)?.text(0);
        let says = match &e.node {
            Node::Named { name, .. } => self.world.pipeline.functions.get(name).cloned(),
            _ => None,
        };
        let (says, source) = says.unwrap_or_default();
        let parts = self.parts(body, row)?;
        self.facts.push(Derivation { name, value, says, source, parts, rows: Vec::new(), more: 0 });
        Ok(())
    }

    /// A column or fact of the row that a key leads to.
    fn through(&mut self, key: &Expr, source: SourceId, item: Item, e: &Expr, row: &mut Rows<'w>) -> Unfolded<()> {
        let id = row.column(key)?.as_materialized_series().u32()?.get(0);
        let far = id.and_then(|id| self.world.row_number(source, id));
        let declared = &self.world.pipeline.sources[source];
        let Some(far) = far else {
            let name = format!("{}·{}", declared.title, words(self.world.pipeline, e));
            if self.is_new(&name, row) {
                let value = "（没有这一行）".to_string();
                self.facts.push(Derivation { name, value, ..Derivation::of_nothing() });
            }
            return Ok(());
        };
        let mut far_rows = match self.far.remove(&(source, far)) {
            Some(rows) => rows,
            None => Rows::of(self.world, source).select(&[far])?,
        };
        self.far_item(source, item, e, far, &mut far_rows)?;
        self.far.insert((source, far), far_rows);
        Ok(())
    }

    fn far_item(&mut self, source: SourceId, item: Item, e: &Expr, far: u32, far_rows: &mut Rows<'w>) -> Unfolded<()> {
        let declared = &self.world.pipeline.sources[source];
        match item {
            Item::Fact(f) => {
                let own = Expr::new(Node::Item { row: Row::Own, source, item }, e.ty.clone());
                self.fact(f, &own, far_rows, Some(place(self.world, source, far)))
            }
            Item::Column(c) => {
                let name = format!("{}·{}", declared.title, declared.columns[c].name);
                if !self.is_new(&name, far_rows) {
                    return Ok(());
                }
                let value = Values::of(self.world, &declared.item(source, c), far_rows)?.text(0);
                let rows = vec![RowPlace { place: place(self.world, source, far), cells: Vec::new() }];
                self.facts.push(Derivation { name, value, rows, ..Derivation::of_nothing() });
                Ok(())
            }
        }
    }

    fn listed(&mut self, measure: MeasureId, e: &Expr, row: &mut Rows<'w>) -> Unfolded<()> {
        let measure = &self.world.pipeline.measures[measure];
        let name = format!("在“{}”（{}）之列", measure.title, measure.id);
        if self.is_new(&name, row) {
            let value = Values::of(self.world, e, row)?.text(0);
            self.facts.push(Derivation { name, value, ..Derivation::of_nothing() });
        }
        Ok(())
    }

    /// The value of a subquery and the rows it is made of.
    fn subquery(&mut self, q: &Subquery, e: &Expr, row: &mut Rows<'w>) -> Unfolded<()> {
        let declared = &self.world.pipeline.sources[q.source];
        let (rows, more) = self.related(q, row)?;
        let value = match (&q.output, rows.is_empty()) {
            (Output::Exists | Output::Any(_), true) => "没有符合的记录".to_string(),
            (Output::Exists | Output::Any(_), false) => "有符合的记录".to_string(),
            _ => Values::of(self.world, e, row)?.text(0),
        };
        let says = if self.world.delivered(q.source) { String::new() } else { format!("没有提供{}", declared.title) };
        let derivation = Derivation { name: words(self.world.pipeline, e), value, says, rows, more, ..Derivation::of_nothing() };
        if !(q.keys.is_empty() && declared.reference || self.facts.contains(&derivation)) {
            self.facts.push(derivation);
        }
        self.inside(q, row)
    }

    /// Parameters and run values in a subquery's conditions, which are read for all its rows alike.
    fn inside(&mut self, q: &Subquery, row: &mut Rows<'w>) -> Unfolded<()> {
        q.keys.iter().try_for_each(|(_, outer)| self.add(outer, row))?;
        q.filters.iter().chain(&q.joint).try_for_each(|condition| self.constants(condition, row))
    }

    fn constants(&mut self, e: &Expr, row: &mut Rows<'w>) -> Unfolded<()> {
        match &e.node {
            Node::Parameter { at: None, by: None, .. } | Node::RunValue(_) => self.add(e, row),
            _ => e.children().into_iter().try_for_each(|c| self.constants(c, row)),
        }
    }

    /// The rows that a subquery's value is made of, with the cells that it reads, and how many more there are.
    fn related(&self, q: &Subquery, row: &mut Rows<'w>) -> Unfolded<(Vec<RowPlace>, usize)> {
        let found = row.related_rows(q)?;
        let all: Vec<u32> = found.iter().filter(|(at, _)| *at == 0).map(|(_, number)| *number).collect();
        let numbers = &all[..all.len().min(LISTED)];
        let declared = &self.world.pipeline.sources[q.source];
        let mut columns: BTreeSet<usize> = declared.primary_key.iter().copied().collect();
        let read = q.keys.iter().map(|(inner, _)| inner).chain(&q.filters).chain(&q.joint);
        read.for_each(|e| columns_of(e, q.source, &mut columns));
        match &q.output {
            Output::Exists | Output::Count => {}
            Output::CountDistinct(e) | Output::Sum(e) | Output::Min(e) | Output::Max(e) | Output::Any(e) => {
                columns_of(e, q.source, &mut columns)
            }
            Output::First { value, order } => {
                columns_of(value, q.source, &mut columns);
                order.iter().for_each(|(e, _)| columns_of(e, q.source, &mut columns));
            }
        }
        let mut rows = Rows::of(self.world, q.source).select(numbers)?;
        let mut values = Vec::new();
        for &c in &columns {
            values.push((&declared.columns[c].name, Values::of(self.world, &declared.item(q.source, c), &mut rows)?));
        }
        let cells = |at: usize| values.iter().map(|(name, v)| format!("{name} {}", v.text(at))).collect();
        let places = numbers.iter().enumerate().map(|(at, &n)| RowPlace { place: place(self.world, q.source, n), cells: cells(at) });
        Ok((places.collect(), all.len() - numbers.len()))
    }

    /// The named values directly inside an expression, each once.
    fn parts(&self, e: &Expr, row: &mut Rows<'w>) -> Unfolded<Vec<String>> {
        let mut parts = Vec::new();
        self.collect_parts(e, row, &mut parts)?;
        Ok(parts)
    }

    fn collect_parts(&self, e: &Expr, row: &mut Rows<'w>, parts: &mut Vec<String>) -> Unfolded<()> {
        let is_value = match &e.node {
            Node::Item { .. } | Node::Through { .. } | Node::RunValue(_) | Node::Parameter { .. } | Node::Year | Node::AsOf => true,
            Node::Subquery(q) => !matches!(q.output, Output::Exists | Output::Any(_)),
            Node::Named { .. } => is_counted(&e.ty),
            _ => false,
        };
        if is_value {
            let part = format!("{} {}", words(self.world.pipeline, e), Values::of(self.world, e, row)?.text(0));
            if !parts.contains(&part) {
                parts.push(part);
            }
            return Ok(());
        }
        // A subquery's keys are its row's identity, not parts of its value.
        if matches!(e.node, Node::Subquery(_)) {
            return Ok(());
        }
        let children = match &e.node {
            Node::Named { body, .. } => vec![&**body],
            _ => e.children(),
        };
        children.into_iter().try_for_each(|c| self.collect_parts(c, row, parts))
    }

    /// The entry of a parameter that this row was judged by.
    fn parameter(&mut self, id: ParameterId, at: Option<&Expr>, by: Option<&Expr>, row: &mut Rows<'w>) -> Unfolded<()> {
        let parameter = self.world.parameter(id);
        let day = match at {
            Some(at) => Values::of(self.world, at, row)?.number(0).and_then(|(day, _)| i32::try_from(day).ok()),
            None => Some(self.world.as_of),
        };
        let key = match by {
            Some(by) => row.texts(by)?.into_iter().next().flatten(),
            None => None,
        };
        let Some(entry) = day.and_then(|day| parameter.on(day)) else {
            return Ok(());
        };
        let name = match &key {
            Some(key) => format!("{}（{key}）", parameter.name),
            None => parameter.name.clone(),
        };
        let answer = answer(name, &parameter.ty, entry, key.as_deref());
        if !self.parameters.contains(&answer) {
            self.parameters.push(answer);
        }
        Ok(())
    }
}

/// Whether a function's value is named by itself: a count, a rate or a day.
fn is_counted(ty: &Type) -> bool {
    matches!(ty, Type::Date) || matches!(ty, Type::Number(n) if n.unit != Unit::Money)
}

fn answer(name: String, ty: &Type, entry: &Entry, key: Option<&str>) -> ParameterAnswer {
    let value = match &entry.value {
        Setting::Unset => None,
        Setting::One(value) => Some(value),
        Setting::Keyed(keys) => key.and_then(|key| keys.get(key)),
    };
    ParameterAnswer {
        name,
        value: value.map(|v| setting(v, ty)),
        from: entry.from.map(period::format_date),
        to: entry.to.map(period::format_date),
        source: entry.source.clone(),
        note: entry.note.clone(),
    }
}

/// A parameter's value as people read it.
pub fn setting(value: &Value, ty: &Type) -> String {
    let text = ty.shown(value.cell());
    match ty {
        Type::Number(Number { unit: Unit::Money, .. }) => format!("{text} 元"),
        _ => text,
    }
}

/// The columns of a source that an expression of its own row reads.
fn columns_of(e: &Expr, of: SourceId, found: &mut BTreeSet<usize>) {
    if let Node::Item { row: Row::Own, source, item: Item::Column(c) } = e.node
        && source == of
    {
        found.insert(c);
    }
    e.children().into_iter().for_each(|c| columns_of(c, of, found));
}

/// Where a row of a source stands.
pub fn place(world: &World<'_>, source: SourceId, row: u32) -> Place {
    let title = world.pipeline.sources[source].title.clone();
    let table = world.tables.tables[source].as_ref();
    let at = table.and_then(|t| Some((*t.file.get(row as usize)?, *t.line.get(row as usize)?)));
    let file = at.and_then(|(file, _)| world.tables.files.get(usize::from(file))).map_or_else(String::new, |f| f.path.clone());
    let sheet = table.and_then(|t| t.sheet(row as usize)).map_or_else(String::new, |sheet| format!(" 工作表“{sheet}”"));
    Place { source: title, file: file + &sheet, line: at.map_or(0, |(_, line)| line) }
}

impl Derivation {
    fn of_nothing() -> Derivation {
        Derivation {
            name: String::new(),
            value: String::new(),
            says: String::new(),
            source: String::new(),
            parts: Vec::new(),
            rows: Vec::new(),
            more: 0,
        }
    }
}
