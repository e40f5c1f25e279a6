//! Values of an expression over some rows, ready to be shown: one for all rows where it stands still, else one each.

use crate::facts::{Rows, View, World};
use crate::money::RATE_SCALE;
use crate::policy::model::Pipeline;
use crate::schema::{ColumnKind, Personal};
use crate::sql::EvalError;
use crate::sql::ir::{Arithmetic, Expr, Item, Node};
use crate::uscc;
use crate::value::{Cell, Number, Type, Unit};

/// The values of one expression.
pub struct Values<'w> {
    ty: Type,
    /// A person's number may stand here.
    personal: bool,
    cells: Cells<'w>,
}

enum Cells<'w> {
    Same(Cell),
    Each(View<'w>),
}

impl<'w> Values<'w> {
    /// Reads an expression over rows.
    pub fn of(world: &World<'_>, e: &Expr, rows: &mut Rows<'w>) -> Result<Values<'w>, EvalError> {
        let cells = if e.rows() == (false, false) {
            Cells::Same(read(e, &mut Rows::single(world))?.at(0).to_owned())
        } else {
            Cells::Each(read(e, rows)?)
        };
        let ty = match &e.ty {
            Type::Number(n) if divides(e) => Type::Number(Number { scale: RATE_SCALE, unit: n.unit }),
            ty => ty.clone(),
        };
        Ok(Values { ty, personal: is_personal(world, e), cells })
    }

    pub fn cell(&self, row: usize) -> Cell<&str> {
        match &self.cells {
            Cells::Same(cell) => cell.view(),
            Cells::Each(cells) => cells.at(row),
        }
    }

    /// The stored integer and its scale.
    pub fn number(&self, row: usize) -> Option<(i128, u32)> {
        match self.cell(row) {
            Cell::Number(n) => Some((n, self.scale())),
            _ => None,
        }
    }

    pub fn scale(&self) -> u32 {
        match &self.ty {
            Type::Number(n) => n.scale,
            _ => 0,
        }
    }

    pub fn unit(&self) -> Option<Unit> {
        match &self.ty {
            Type::Number(n) => Some(n.unit),
            _ => None,
        }
    }

    /// As people read it, a person's number masked.
    pub fn text(&self, row: usize) -> String {
        let text = self.ty.shown(self.cell(row));
        let masked = self.cell(row) != Cell::Null && (self.personal || self.ty == Type::Code && uscc::is_personal(text.as_bytes()));
        if masked { uscc::mask(&text) } else { text }
    }
}

fn read<'w>(e: &Expr, rows: &mut Rows<'w>) -> Result<View<'w>, EvalError> {
    if !divides(e) {
        return rows.view(e);
    }
    rows.rounded_view(e, RATE_SCALE)
}

/// A quotient is shown to eight places; everything else is exact.
fn divides(e: &Expr) -> bool {
    match &e.node {
        Node::Arithmetic(Arithmetic::Divide, ..) => true,
        Node::Subquery(_) => false,
        Node::Arithmetic(..) | Node::Named { .. } | Node::Negate(_) | Node::Case { .. } | Node::Call(..) => {
            matches!(e.ty, Type::Number(_)) && opened(e).into_iter().any(divides)
        }
        _ => false,
    }
}

fn opened(e: &Expr) -> Vec<&Expr> {
    match &e.node {
        Node::Named { body, .. } => vec![body],
        _ => e.children(),
    }
}

fn is_personal(world: &World<'_>, e: &Expr) -> bool {
    match &e.node {
        Node::Item { source, item: Item::Column(c), .. } | Node::Through { source, item: Item::Column(c), .. } => {
            let column = &world.pipeline.sources[*source].columns[*c];
            // What may be a person's number is masked here whatever its row says: an explanation needs no whole number.
            match column.personal {
                Personal::Never => false,
                Personal::IfIdentityNumber => false,
                Personal::Always | Personal::If { .. } => !matches!(column.kind, ColumnKind::Enum(_)),
            }
        }
        _ => false,
    }
}

/// What a number counts: 元, %, or a parameter's unit, or what a function of days gives; empty where nothing says it.
pub fn unit_word(pipeline: &Pipeline, e: &Expr) -> Option<String> {
    match &e.ty {
        Type::Number(Number { unit: Unit::Money, .. }) => return Some("元".to_string()),
        Type::Number(Number { unit: Unit::Rate, .. }) => return Some("%".to_string()),
        Type::Number(_) => {}
        _ => return None,
    }
    match &e.node {
        Node::Parameter { parameter, .. } => Some(pipeline.parameters[*parameter].unit.clone()).filter(|u| u != "数"),
        Node::Year => Some("年".to_string()),
        Node::Named { body, .. } => unit_word(pipeline, body),
        Node::Item { item: Item::Fact(f), .. } | Node::Through { item: Item::Fact(f), .. } => {
            unit_word(pipeline, &pipeline.facts[*f].value)
        }
        Node::Call(f, args) if f.choice().is_some() => args.iter().find_map(|a| unit_word(pipeline, a)),
        Node::Call(f, _) => Some(f.entry().unit.to_string()).filter(|unit| !unit.is_empty()),
        Node::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, a, b) => unit_word(pipeline, a).or_else(|| unit_word(pipeline, b)),
        Node::Negate(a) => unit_word(pipeline, a),
        _ => None,
    }
}
