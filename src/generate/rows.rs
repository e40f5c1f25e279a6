//! Any cell of any row, worked out on demand from the plan and the seed alone.
//!
//! A [`World`] is one set of data: a plan, a size, a seed. A [`Desk`] is one thread's view of it, with the row last
//! looked at in each table kept at hand. No row depends on which rows were looked at before it.

use super::GenerateError;
use super::code::At;
use super::codes;
use super::draw::{Curve, Stream, below, between};
use super::lower::scale_of;
use super::model::{Bound, Branch, Constant, Count, LinkKind, Part, Plan, PlanColumn, PlanTable, Rule, TableId};
use super::rules::smallest_step;
use super::write::push_text;
use crate::money;
use crate::period;
use crate::policy::source::ColumnKind;
use std::borrow::Cow;

/// How often a link looks for a row that is there and fits, before its own row is left out.
const TRIES: u64 = 400;

/// A cell as stored, see [`Constant`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'p> {
    Null,
    Int(i128),
    Text(Cow<'p, str>),
}

/// A plan at one size, with one seed.
pub(super) struct World<'p> {
    pub plan: &'p Plan,
    /// Rows counted, per table.
    pub rows: Vec<u64>,
    streams: Vec<Streams>,
    /// Moves the codes, so that another seed makes other codes.
    shift: u64,
}

struct Streams {
    share: Stream,
    links: Vec<Stream>,
    columns: Vec<Stream>,
}

impl<'p> World<'p> {
    pub fn new(plan: &'p Plan, enterprises: u64, seed: u64) -> Result<World<'p>, GenerateError> {
        let root = Stream::new(seed);
        let streams = plan.tables.iter().map(|table| {
            let own = root.named(&table.name);
            Streams {
                share: own.named("share"),
                links: table.links.iter().map(|link| own.named("link").named(&link.name)).collect(),
                columns: table.columns.iter().map(|column| own.named("column").named(&column.name)).collect(),
            }
        });
        let rows: Option<Vec<u64>> = (0..plan.tables.len()).map(|table| count(plan, table, enterprises)).collect();
        let rows = rows.ok_or(GenerateError::TooLarge)?;
        Ok(World { plan, rows, streams: streams.collect(), shift: root.named("codes").at(0) })
    }
}

/// Rows counted in a table; parents stand in no circle, a checked plan sees to that.
fn count(plan: &Plan, table: TableId, enterprises: u64) -> Option<u64> {
    match plan.tables[table].count {
        Count::Fixed(rows) => Some(rows),
        Count::PerThousand { rows, at_least } => Some(enterprises.checked_mul(rows)?.div_ceil(1000).max(at_least)),
        Count::Children { parent, times } => count(plan, parent, enterprises)?.checked_mul(times),
    }
}

/// The row last looked at in one table.
#[derive(Clone)]
struct Slot<'p> {
    row: u64,
    there: Option<bool>,
    links: Vec<Option<Option<u64>>>,
    cells: Vec<Option<Cell<'p>>>,
}

/// One thread's view of a world.
pub(super) struct Desk<'p> {
    world: &'p World<'p>,
    slots: Vec<Slot<'p>>,
    /// The first thing that could not be made.
    pub fault: Option<GenerateError>,
}

impl<'p> Desk<'p> {
    pub fn new(world: &'p World<'p>) -> Desk<'p> {
        let slots = world.plan.tables.iter().map(|table| Slot {
            row: u64::MAX,
            there: None,
            links: vec![None; table.links.len()],
            cells: vec![None; table.columns.len()],
        });
        Desk { world, slots: slots.collect(), fault: None }
    }

    fn at_hand(&mut self, table: TableId, row: u64) -> &mut Slot<'p> {
        let slot = &mut self.slots[table];
        if slot.row != row {
            slot.row = row;
            slot.there = None;
            slot.links.fill(None);
            slot.cells.fill(None);
        }
        slot
    }

    /// Whether a counted row is there.
    pub fn is_there(&mut self, table: TableId, row: u64) -> bool {
        if let Some(known) = self.at_hand(table, row).there {
            return known;
        }
        let there = self.find_out(table, row);
        self.at_hand(table, row).there = Some(there);
        there
    }

    fn find_out(&mut self, table: TableId, row: u64) -> bool {
        let plan = &self.world.plan.tables[table];
        if let Count::Children { parent, times } = plan.count
            && !self.is_there(parent, row / times)
        {
            return false;
        }
        if !plan.share.takes(self.world.streams[table].share.at(row)) {
            return false;
        }
        if plan.filter.as_ref().is_some_and(|filter| self.holds(filter, At::row(table, row)) != Some(true)) {
            return false;
        }
        (0..plan.links.len()).all(|link| self.linked(table, row, link).is_some())
    }

    /// The row that a link leads to.
    pub fn linked(&mut self, table: TableId, row: u64, link: usize) -> Option<(TableId, u64)> {
        let target = self.world.plan.tables[table].links[link].target;
        if let Some(known) = self.at_hand(table, row).links[link] {
            return known.map(|row| (target, row));
        }
        let found = self.follow(table, row, link);
        self.at_hand(table, row).links[link] = Some(found);
        found.map(|row| (target, row))
    }

    fn follow(&mut self, table: TableId, row: u64, link: usize) -> Option<u64> {
        let own = &self.world.plan.tables[table];
        let target = own.links[link].target;
        let rows = self.world.rows[target];
        let stream = self.world.streams[table].links[link];
        let times = match own.count {
            Count::Children { times, .. } => times,
            _ => 1,
        };
        match &own.links[link].kind {
            LinkKind::Parent => Some(row / times),
            LinkKind::Row(number) => {
                let number = match self.value(number, At::row(table, row)) {
                    Cell::Int(number) => u64::try_from(number).ok()?.checked_sub(1)?,
                    _ => return None,
                };
                (number < rows && self.is_there(target, number)).then_some(number)
            }
            LinkKind::Apart => (rows > 0).then(|| (below(stream.at(row / times), rows) + row % times) % rows),
            LinkKind::Any(condition) => {
                let tries = stream.row(row);
                (0..if rows > 0 { TRIES } else { 0 }).map(|n| below(tries.at(n), rows)).find(|&candidate| {
                    let at = At { own: (target, candidate), around: (table, row) };
                    self.is_there(target, candidate) && condition.as_ref().is_none_or(|c| self.holds(c, at) == Some(true))
                })
            }
        }
    }

    /// A cell of a row, whether the row is there or not.
    pub fn cell(&mut self, table: TableId, row: u64, column: usize) -> Cell<'p> {
        if let Some(known) = &self.at_hand(table, row).cells[column] {
            return known.clone();
        }
        let made = self.make(table, row, column);
        self.at_hand(table, row).cells[column] = Some(made.clone());
        made
    }

    fn make(&mut self, table: TableId, row: u64, column: usize) -> Cell<'p> {
        let plan = &self.world.plan.tables[table].columns[column];
        let stream = self.world.streams[table].columns[column].row(row);
        let at = At::row(table, row);
        if plan.when.as_ref().is_some_and(|when| self.holds(when, at) != Some(true)) || plan.empty.takes(stream.at(0)) {
            return Cell::Null;
        }
        if !plan.near.is_empty()
            && plan.near_share.takes(stream.at(1))
            && let Some(edge) = self.edge(plan, stream, at)
        {
            return edge;
        }
        self.by_rule(&plan.rule, stream.row(2), at)
    }

    /// One of a column's edges, or its neighbour on either side; none where the edge drawn does not hold for this row.
    fn edge(&mut self, plan: &'p PlanColumn, stream: Stream, at: At) -> Option<Cell<'p>> {
        let chosen = below(stream.at(3), plan.near.len() as u64) as usize;
        let edge = plan.near.get(chosen).and_then(|edge| self.bound(edge, at))?;
        let aside = (i128::from(below(stream.at(4), 3)) - 1) * i128::from(smallest_step(&plan.kind)?);
        Some(Cell::Int(i128::from(edge) + aside))
    }

    fn bound(&mut self, bound: &'p Bound, at: At) -> Option<i64> {
        match bound {
            Bound::Constant(value) => Some(*value),
            Bound::Value(code) => match self.value(code, at) {
                Cell::Int(value) => i64::try_from(value).ok(),
                _ => None,
            },
        }
    }

    fn by_rule(&mut self, rule: &'p Rule, stream: Stream, at: At) -> Cell<'p> {
        let (table, row) = at.own;
        match rule {
            Rule::Each { divisor, values } => cell_of(&values[(row / divisor % values.len() as u64) as usize]),
            Rule::Number { from } => Cell::Int(i128::from(*from) + i128::from(row)),
            Rule::Value(code) => self.value(code, at),
            Rule::Pick { total, options } => {
                let chosen = below(stream.at(0), *total);
                options.iter().find(|(upto, _)| chosen < *upto).map_or(Cell::Null, |(_, constant)| cell_of(constant))
            }
            Rule::Range { from, to, step, curve } => match (self.bound(from, at), self.bound(to, at)) {
                (Some(from), Some(to)) => {
                    let steps = (to.saturating_sub(from).max(0)) / step;
                    let value = match curve {
                        Curve::Log if *step > 1 => between(stream, from, to, *curve) / step * step,
                        Curve::Log => between(stream, from, to, *curve),
                        _ => from.saturating_add(between(stream, 0, steps, *curve).saturating_mul(*step)),
                    };
                    Cell::Int(i128::from(value.max(from)))
                }
                _ => Cell::Null,
            },
            Rule::Text(parts) => self.text(parts, at),
            Rule::Uscc { issuer, region, ordinal } => {
                let parts = (self.value(issuer, at), self.value(region, at));
                let code = match &parts {
                    (Cell::Text(issuer), Cell::Text(region)) => codes::credit_code(issuer, region, row, *ordinal, self.world.shift),
                    _ => None,
                };
                self.code_cell(code, table, row)
            }
            Rule::Identity { regions, born, ordinal, of } => {
                let code = codes::identity_number(regions, *born, row, (*ordinal, *of), self.world.shift);
                self.code_cell(code, table, row)
            }
            Rule::Mix(branches) => self.mix(branches, stream, at),
        }
    }

    fn code_cell(&mut self, code: Option<String>, table: TableId, row: u64) -> Cell<'p> {
        match code {
            Some(code) => Cell::Text(Cow::Owned(code)),
            None => {
                let table = self.world.plan.tables[table].name.clone();
                self.fault.get_or_insert(GenerateError::Code { table, row });
                Cell::Null
            }
        }
    }

    fn mix(&mut self, branches: &'p [Branch], stream: Stream, at: At) -> Cell<'p> {
        let open: Vec<(usize, &Branch)> = branches
            .iter()
            .enumerate()
            .filter(|(_, branch)| branch.when.as_ref().is_none_or(|when| self.holds(when, at) == Some(true)))
            .collect();
        let mut chosen = below(stream.at(0), open.iter().map(|(_, branch)| branch.weight).sum());
        for (place, branch) in open {
            if chosen < branch.weight {
                return self.by_rule(&branch.rule, stream.row(1 + place as u64), at);
            }
            chosen -= branch.weight;
        }
        Cell::Null
    }

    fn text(&mut self, parts: &'p [Part], at: At) -> Cell<'p> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Words(words) => text.push_str(words),
                Part::Number(width) => text.push_str(&format!("{:0width$}", at.own.1 + 1)),
                Part::Value(code, kind) => match self.value(code, at) {
                    Cell::Null => return Cell::Null,
                    value => text.push_str(&self.written(&value, kind)),
                },
            }
        }
        Cell::Text(Cow::Owned(text))
    }

    pub fn table(&self, table: TableId) -> &'p PlanTable {
        &self.world.plan.tables[table]
    }

    /// A cell as a file shows it; nothing for an empty one.
    pub fn written(&self, cell: &Cell<'p>, kind: &ColumnKind) -> Cow<'p, str> {
        let Cell::Int(value) = cell else {
            return match cell {
                Cell::Text(text) => text.clone(),
                _ => Cow::Borrowed(""),
            };
        };
        let settings = &self.world.plan.settings;
        match kind {
            ColumnKind::Enum(values) => usize::try_from(*value).ok().and_then(|i| values.values.get(i)).cloned().unwrap_or_default().into(),
            ColumnKind::Bool if *value != 0 => Cow::Borrowed(&settings.yes),
            ColumnKind::Bool => Cow::Borrowed(&settings.no),
            ColumnKind::Date => i32::try_from(*value).map(period::format_date).unwrap_or_default().into(),
            ColumnKind::DateTime => i64::try_from(*value).map(period::format_datetime).unwrap_or_default().into(),
            ColumnKind::Money => money::format_yuan(*value).into(),
            _ if scale_of(kind) == Some(0) => value.to_string().into(),
            _ => money::format_plain(*value, 8).into(),
        }
    }

    /// Appends a cell to a line, quoted where it must be.
    pub fn write(&self, line: &mut Vec<u8>, cell: &Cell<'p>, kind: &ColumnKind) {
        match (cell, kind) {
            (Cell::Null, _) => {}
            (Cell::Int(days), ColumnKind::Date) => {
                if let Ok(days) = i32::try_from(*days) {
                    period::write_date(line, days);
                }
            }
            (Cell::Int(fen), ColumnKind::Money) => write_yuan(line, *fen),
            _ => push_text(line, &self.written(cell, kind)),
        }
    }
}

/// Appends `-1234.50`.
fn write_yuan(line: &mut Vec<u8>, fen: i128) {
    let mut digits = [b'0'; 40];
    let (mut rest, mut at) = (fen.unsigned_abs(), digits.len());
    while rest > 0 || digits.len() - at < 3 {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if fen < 0 {
        line.push(b'-');
    }
    line.extend_from_slice(&digits[at..38]);
    line.push(b'.');
    line.extend_from_slice(&digits[38..]);
}

fn cell_of(constant: &Constant) -> Cell<'_> {
    match constant {
        Constant::Null => Cell::Null,
        Constant::Int(value) => Cell::Int(i128::from(*value)),
        Constant::Text(text) => Cell::Text(Cow::Borrowed(text)),
    }
}
