//! A related row that is not on file: the source's title, and the year or day that was asked for.

use super::lists::{ListId, Missing};
use super::search::Search;
use crate::facts::{Rows, World};
use crate::schema::{ColumnKind, Source};
use crate::sql::EvalError;
use crate::sql::functions::Function;
use crate::sql::ir::{Comparison, Expr, Item, Node, Row, Subquery};
use crate::value::Cell;

impl<'w> Search<'w> {
    /// Adds the absent row of a subquery's source to the `open` rows.
    pub(super) fn absent(&mut self, q: &Subquery, rows: &mut Rows<'w>, open: &[u32], out: &mut [ListId]) -> Result<(), EvalError> {
        if open.is_empty() {
            return Ok(());
        }
        let declared = &self.world.pipeline.sources[q.source];
        let asked = asked(self.world, q);
        let values = match &asked {
            Some(asked) => rows.cells_of(&asked.value)?,
            None => Vec::new(),
        };
        for &row in open {
            let when = asked.as_ref().and_then(|asked| asked.shown(values.get(row as usize)?));
            let list = self.lists.only(Missing { data: declared.title.clone(), when, department: declared.department.clone() });
            self.add(list, row, out);
        }
        Ok(())
    }
}

/// When a row was asked for.
struct Asked {
    unit: Unit,
    op: Comparison,
    value: Expr,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Day,
}

impl Asked {
    fn shown(&self, value: &Cell) -> Option<String> {
        let Cell::Number(n) = value else {
            return None;
        };
        let day = || Some(crate::period::format_date(i32::try_from(*n).ok()?));
        Some(match (self.unit, self.op) {
            (Unit::Year, Comparison::Equal) => format!("{n}年"),
            (Unit::Year, Comparison::Less) => format!("{}年及以前", n - 1),
            (Unit::Year, _) => format!("{n}年及以前"),
            (Unit::Day, Comparison::Equal) => day()?,
            (Unit::Day, Comparison::Less) => format!("{}以前", day()?),
            (Unit::Day, _) => format!("截至{}", day()?),
        })
    }

    /// A year says more than a day, an exact one more than a bound.
    fn rank(&self) -> (bool, bool) {
        (self.unit != Unit::Year, self.op != Comparison::Equal)
    }
}

/// What a subquery's conditions say about the time of the rows it looks for.
fn asked(world: &World<'_>, q: &Subquery) -> Option<Asked> {
    let source = &world.pipeline.sources[q.source];
    let keys =
        q.keys.iter().filter_map(|(inner, outer)| Some(Asked { unit: unit(source, inner)?, op: Comparison::Equal, value: outer.clone() }));
    let conditions = q.filters.iter().chain(&q.joint).filter_map(|e| match &e.node {
        Node::Compare(op, a, b) => bound(source, *op, a, b).or_else(|| bound(source, op.turned(), b, a)),
        _ => None,
    });
    keys.chain(conditions).min_by_key(Asked::rank)
}

/// `a op b` where `a` is a time of the related row and `b` nothing of it.
fn bound(source: &Source, op: Comparison, a: &Expr, b: &Expr) -> Option<Asked> {
    let known = matches!(op, Comparison::Equal | Comparison::Less | Comparison::LessOrEqual);
    let unit = unit(source, a).filter(|_| known && !b.rows().0)?;
    Some(Asked { unit, op, value: b.lifted() })
}

/// A number in the key that counts no versions is a year; a date in the key, or the one the source is dated by, is a day.
fn unit(source: &Source, e: &Expr) -> Option<Unit> {
    let column = |e: &Expr| match &e.node {
        Node::Item { row: Row::Own, item: Item::Column(column), .. } => Some(*column),
        _ => None,
    };
    if let Node::Call(Function::Year, args) = &e.node {
        return args.first().and_then(column).map(|_| Unit::Year);
    }
    let column = column(e)?;
    let in_key = source.primary_key.contains(&column) && source.version != Some(column);
    match source.columns[column].kind {
        ColumnKind::Int if in_key => Some(Unit::Year),
        ColumnKind::Date if in_key || source.dated_by == Some(column) => Some(Unit::Day),
        _ => None,
    }
}
