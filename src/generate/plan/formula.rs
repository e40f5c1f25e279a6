//! Expressions of a plan → [`Formula`]s: brought to the cell that they become, with what they read of rows.
//!
//! They are expressions as in measures and are computed as those are; what a plan cannot say is refused here.

use super::model::{Formula, Read, TableId};
use super::names::{PlanNames, Shape, read_of};
use super::values::Context;
use crate::diagnostic::{Diagnostic, Mistake, Place, Text};
use crate::schema::{BySource, ColumnKind};
use crate::sql::functions::Function;
use crate::sql::ir::{Expr, Node};
use crate::sql::resolve::{Resolver, RowScope, Scope, flatten};
use crate::value::{EnumType, EnumValues, Number, Type, Unit, Value};
use std::sync::Arc;

/// Reads the expressions that stand at one kind of row.
pub struct Formulas<'a> {
    context: Context<'a>,
    shapes: &'a BySource<Shape>,
    names: PlanNames<'a>,
    scope: Scope,
}

impl<'a> Formulas<'a> {
    /// Expressions of a table's row.
    pub fn of_row(context: Context<'a>, shapes: &'a BySource<Shape>, table: TableId) -> Self {
        let scope = Scope { own: Some(row(table, None)), ..Scope::default() };
        Formulas { context, shapes, names: PlanNames::new(context, shapes, &[table]), scope }
    }

    /// Conditions on a row of `target`, which may become what a link of a row of `table` leads to.
    pub fn of_link(context: Context<'a>, shapes: &'a BySource<Shape>, link: &str, target: TableId, table: TableId) -> Self {
        let scope = Scope { own: Some(row(target, Some(link.to_string()))), around: Some(row(table, None)), ..Scope::default() };
        Formulas { context, shapes, names: PlanNames::new(context, shapes, &[target, table]), scope }
    }

    /// A condition.
    pub fn condition(&self, text: &Text) -> Option<Formula> {
        self.formula(self.truth(text)?, None, &text.place)
    }

    /// A condition as the several that it joins by AND.
    pub fn conditions(&self, text: &Text) -> Option<Vec<Formula>> {
        let parts = flatten(vec![self.truth(text)?], true);
        parts.into_iter().map(|part| self.formula(part, None, &text.place)).collect()
    }

    fn truth(&self, text: &Text) -> Option<Expr> {
        let expr = self.expression(text)?;
        match expr.ty {
            Type::Bool => Some(expr),
            Type::Null => Some(Expr::literal(Value::Null, Type::Bool)),
            found => self.wrong_type(&text.place, format!("expected bool, found {}", found.name())),
        }
    }

    /// An expression whose value becomes a cell of this kind.
    pub fn cell(&self, text: &Text, kind: &ColumnKind) -> Option<Formula> {
        self.brought_to(kind, self.expression(text)?, &text.place)
    }

    /// An expression of any type, and the kind of cell that holds its values.
    pub fn any(&self, text: &Text) -> Option<(Formula, ColumnKind)> {
        let expr = self.expression(text)?;
        let kind = kind_of(&expr.ty)?;
        Some((self.brought_to(&kind, expr, &text.place)?, kind))
    }

    /// The kind of cell that holds an expression's values.
    pub fn kind(&self, text: &Text) -> Option<ColumnKind> {
        kind_of(&self.expression(text)?.ty)
    }

    /// What a column says of the parent's row, as it stands there.
    pub fn of_parent(&self, table: TableId, column: usize, kind: &ColumnKind) -> Formula {
        let expr = self.shapes[table].through(table, 0, column, kind.ty());
        let reads = read_of(&expr, self.shapes).map(|read| (expr.clone(), read));
        Formula { reads: reads.into_iter().collect(), expr, places: None }
    }

    fn expression(&self, text: &Text) -> Option<Expr> {
        Resolver::text(&self.names, self.context.findings, text, &self.scope)
    }

    fn brought_to(&self, kind: &ColumnKind, expr: Expr, place: &Place) -> Option<Formula> {
        let wanted = kind.ty();
        let expr = match (kind, &expr.ty) {
            (_, Type::Null) => Expr::literal(Value::Null, wanted.clone()),
            (ColumnKind::Enum(values), Type::Text) => self.enumerated(expr, values, place)?,
            _ => expr,
        };
        let places = match (&expr.ty, &wanted) {
            (Type::Number(found), Type::Number(wanted)) => (found.scale != wanted.scale || expr.is_fraction()).then_some(wanted.scale),
            (found, wanted) if found == wanted => None,
            (found, wanted) => return self.wrong_type(place, format!("a cell of this column is {}, not {}", wanted.name(), found.name())),
        };
        self.formula(expr, places, place)
    }

    fn wrong_type<T>(&self, place: &Place, message: String) -> Option<T> {
        self.context.findings.push(Diagnostic::error(Mistake::WrongType, place.clone(), message));
        None
    }

    /// Texts that stand for an enum's values, as those values.
    fn enumerated(&self, expr: Expr, values: &EnumValues, place: &Place) -> Option<Expr> {
        let one = |expr: Expr| self.enumerated(expr, values, place);
        let node = match expr.node {
            Node::Literal(Value::Null) => Node::Literal(Value::Null),
            Node::Literal(Value::Text(word)) => match values.values.iter().position(|v| *v == word) {
                Some(i) => Node::Literal(Value::Enum(i as u8)),
                None => {
                    let message = format!("`{word}` is not a value of this column");
                    let hint = format!("its values: {}", values.values.join(" | "));
                    self.context.findings.push(Diagnostic::error(Mistake::UnknownValue, place.clone(), message).hint(hint));
                    return None;
                }
            },
            Node::Case { branches, otherwise } => {
                let branches = branches.into_iter().map(|(condition, value)| Some((condition, one(value)?))).collect::<Option<_>>()?;
                let otherwise = match otherwise {
                    Some(value) => Some(Box::new(one(*value)?)),
                    None => None,
                };
                Node::Case { branches, otherwise }
            }
            Node::Call(Function::Coalesce, list) => Node::Call(Function::Coalesce, list.into_iter().map(one).collect::<Option<_>>()?),
            _ => {
                let hint = "give the column that it comes from the same type: like = …, or type = \"source.column\"";
                let message = "a text of the row cannot become an enum";
                self.context.findings.push(Diagnostic::error(Mistake::WrongType, place.clone(), message).hint(hint));
                return None;
            }
        };
        Some(Expr::new(node, Type::Enum(EnumType(Arc::new(values.clone())))))
    }

    fn formula(&self, expr: Expr, places: Option<u32>, place: &Place) -> Option<Formula> {
        let mut reads = Vec::new();
        match self.gather(&expr, &mut reads) {
            Ok(()) => Some(Formula { expr, places, reads }),
            Err(Refused { code, message }) => {
                self.context.findings.push(Diagnostic::error(code, place.clone(), message));
                None
            }
        }
    }

    /// What an expression reads of rows, each part once.
    fn gather(&self, expr: &Expr, reads: &mut Vec<(Expr, Read)>) -> Result<(), Refused> {
        if let Some(read) = read_of(expr, self.shapes) {
            if reads.iter().all(|(known, _)| known != expr) {
                reads.push((expr.clone(), read));
            }
            return Ok(());
        }
        match &expr.node {
            Node::Call(function, args) if function.choice().is_none() && args.iter().any(Expr::is_fraction) => return Err(QUOTIENT),
            Node::Call(Function::WorkDays, _) => return Err(UNSUPPORTED),
            Node::Literal(_) | Node::AsOf | Node::Year | Node::Not(_) | Node::And(_) | Node::Or(_) | Node::Compare(..) => {}
            Node::InList { .. } | Node::IsNull(_) | Node::Is(..) | Node::StartsWith { .. } | Node::Case { .. } => {}
            Node::Negate(_) | Node::Arithmetic(..) | Node::Call(..) => {}
            _ => return Err(UNSUPPORTED),
        }
        expr.children().into_iter().try_for_each(|child| self.gather(child, reads))
    }
}

/// Why a plan cannot say an expression.
struct Refused {
    code: Mistake,
    message: &'static str,
}

const UNSUPPORTED: Refused = Refused {
    code: Mistake::Unsupported,
    message: "a plan's expressions see their own row and the rows that links lead to: no subqueries, lists, parameters or working days",
};

const QUOTIENT: Refused =
    Refused { code: Mistake::Quotient, message: "a quotient is exact only as a cell or in a comparison, not inside of a function" };

fn row(table: TableId, alias: Option<String>) -> RowScope {
    RowScope { source: table, alias, link: None }
}

/// The kind of a helper column that holds an expression's values.
fn kind_of(ty: &Type) -> Option<ColumnKind> {
    Some(match ty {
        Type::Bool => ColumnKind::Bool,
        Type::Number(Number { unit: Unit::Money, .. }) => ColumnKind::Money,
        Type::Number(Number { unit: Unit::Rate, .. }) => ColumnKind::Rate,
        Type::Number(Number { scale: 0, .. }) => ColumnKind::Int,
        Type::Number(_) => ColumnKind::Decimal,
        Type::Text | Type::Code => ColumnKind::Text,
        Type::Enum(values) => ColumnKind::Enum((*values.0).clone()),
        Type::Date => ColumnKind::Date,
        Type::DateTime => ColumnKind::DateTime,
        Type::Null => return None,
    })
}
