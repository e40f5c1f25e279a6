//! Calls that bring many rows to one value: after SELECT in a subquery, or over a group in an indicator's column.

use super::ir::*;
use super::parse::arguments;
use super::resolve::{Resolver, RowScope, Scope, not};
use crate::diagnostic::Mistake;
use crate::value::Type;
use sqlparser::ast;

/// Sums, extremes, counts, and the three-valued "all" and "any" over a condition.
const NAMES: [&str; 6] = ["SUM", "MIN", "MAX", "COUNT", "BOOL_AND", "BOOL_OR"];

/// Whether a call of this name is an aggregate.
pub(super) fn is_aggregate(name: &str) -> bool {
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

impl Resolver<'_> {
    /// The aggregate of a subquery's rows that a call stands for; `Some(None)` if it is none.
    #[allow(clippy::option_option, reason = "the outer level is 'an error was reported', the inner one 'not an aggregate'")]
    pub(super) fn aggregate(&self, f: &ast::Function, inner: &Scope) -> Option<Option<(Output, Type)>> {
        let name = f.name.to_string().to_ascii_uppercase();
        match name.as_str() {
            "SUM" | "MIN" | "MAX" => self.extreme_or_sum(f, &name, inner).map(Some),
            "COUNT" => self.count(f, inner).map(|output| Some((output, Type::INT))),
            _ => Some(None),
        }
    }

    /// A call over the rows of the group at hand, with the rows that its FILTER leaves.
    pub(super) fn group_aggregate(&self, f: &ast::Function, rows: &RowScope, scope: &Scope) -> Option<Expr> {
        let inner = Scope { own: Some(rows.clone()), parameters: scope.parameters.clone(), ..Scope::default() };
        let filter = match &f.filter {
            Some(filter) => Some(self.condition(filter, &inner)?),
            None => None,
        };
        let over = |output: Output, ty: Type| {
            let aggregate = GroupValue::Aggregate(Box::new(Aggregate { source: rows.source, output, filter: filter.clone() }));
            Expr::new(Node::Group { row: Row::Own, value: aggregate }, ty)
        };
        match f.name.to_string().to_ascii_uppercase().as_str() {
            "BOOL_OR" => Some(over(Output::Any(self.single_condition(f, &inner)?), Type::Bool)),
            // Three-valued, all is none that is not.
            "BOOL_AND" => Some(not(over(Output::Any(not(self.single_condition(f, &inner)?)), Type::Bool))),
            _ => {
                let (output, ty) = self.aggregate(f, &inner)??;
                Some(over(output, ty))
            }
        }
    }

    fn extreme_or_sum(&self, f: &ast::Function, name: &str, inner: &Scope) -> Option<(Output, Type)> {
        let arg = self.single(f)?;
        let value = self.expr(arg, inner)?;
        if value.is_fraction() {
            let hint = "sum the numerators and the denominators, and divide the sums";
            self.error_hint(Mistake::Quotient, self.source.place(arg), format!("{name} of a quotient is not exact"), hint);
            return None;
        }
        let ty = value.ty.clone();
        match (name, &ty) {
            ("SUM", Type::Number(_)) => Some((Output::Sum(value), ty)),
            ("MIN", Type::Number(_) | Type::Date | Type::DateTime | Type::Text) => Some((Output::Min(value), ty)),
            ("MAX", Type::Number(_) | Type::Date | Type::DateTime | Type::Text) => Some((Output::Max(value), ty)),
            _ => {
                self.error(Mistake::WrongType, self.source.place(arg), format!("{name} of {} has no meaning", ty.name()));
                None
            }
        }
    }

    fn single_condition(&self, f: &ast::Function, inner: &Scope) -> Option<Expr> {
        self.condition(self.single(f)?, inner)
    }

    /// The only argument of a call.
    fn single<'f>(&self, f: &'f ast::Function) -> Option<&'f ast::Expr> {
        match arguments(f).unwrap_or_default()[..] {
            [arg] if f.over.is_none() => Some(arg),
            _ => {
                self.error(Mistake::WrongArguments, self.source.place(&f.name), format!("{} takes one value", f.name));
                None
            }
        }
    }

    fn count(&self, f: &ast::Function, inner: &Scope) -> Option<Output> {
        let list = match &f.args {
            ast::FunctionArguments::List(list) if f.over.is_none() => list,
            _ => return self.bad_count(f),
        };
        let distinct = matches!(list.duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
        match (&list.args[..], distinct) {
            ([ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Wildcard)], false) => Some(Output::Count),
            ([ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(e))], true) => Some(Output::CountDistinct(self.expr(e, inner)?)),
            _ => self.bad_count(f),
        }
    }

    fn bad_count(&self, f: &ast::Function) -> Option<Output> {
        self.error(Mistake::WrongArguments, self.source.place(&f.name), "write COUNT(*) or COUNT(DISTINCT x)");
        None
    }
}
