//! Calls: functions of the language, named functions of the pipeline, and the lists of other measures.

use super::aggregate::is_aggregate;
use super::functions::{self, Function, Takes};
use super::ir::*;
use super::parse::arguments;
use super::resolve::{Resolver, SUBSET, Scope};
use crate::diagnostic::{Mistake, Place, Text, similar};
use crate::value::Type;
use sqlparser::ast;
use std::collections::BTreeMap;

impl Resolver<'_> {
    pub(super) fn function(&self, e: &ast::Expr, f: &ast::Function, scope: &Scope) -> Option<Expr> {
        let name = f.name.to_string();
        if is_aggregate(&name) {
            return self.group_call(f, scope);
        }
        let args = arguments(f);
        if f.over.is_some() || f.filter.is_some() || args.is_none() {
            self.error_hint(Mistake::Unsupported, self.source.place(e), format!("`{e}` is not part of the expression language"), SUBSET);
            return None;
        }
        let args = args.unwrap_or_default();
        if name.eq_ignore_ascii_case("ON_LIST") {
            return self.on_list(e, &args, scope);
        }
        if let Some(function) = Function::named(&name) {
            return self.builtin(e, function, &args, scope);
        }
        match self.catalogue.function(&name) {
            Some((params, body)) => self.expand(self.source.place(e), &name, params, body, &args, scope),
            None => {
                let own: Vec<String> = self.catalogue.names();
                let functions: Vec<&str> = functions::Function::names().collect();
                let near = similar(&name, own.iter().map(String::as_str).chain(functions.iter().copied()));
                let hint =
                    if near.is_empty() { format!("functions: {}", functions.join(", ")) } else { format!("similar: {}", near.join(", ")) };
                self.error_hint(Mistake::UnknownFunction, self.source.place(&f.name), format!("unknown function `{name}`"), hint);
                None
            }
        }
    }

    fn group_call(&self, f: &ast::Function, scope: &Scope) -> Option<Expr> {
        if let Some(rows) = &scope.group {
            return self.group_aggregate(f, rows, scope);
        }
        let hint = "of other rows: (SELECT SUM(x) FROM … WHERE …); of an indicator's rows: in its columns, not one inside another";
        self.error_hint(
            Mistake::Unsupported,
            self.source.place(&f.name),
            format!("there are no rows here that {} could be of", f.name),
            hint,
        );
        None
    }

    fn builtin(&self, e: &ast::Expr, function: Function, args: &[&ast::Expr], scope: &Scope) -> Option<Expr> {
        let resolved: Vec<Option<Expr>> = args.iter().map(|a| self.expr(a, scope)).collect();
        let resolved: Vec<Expr> = resolved.into_iter().collect::<Option<_>>()?;
        let Takes::These(wanted, result) = function.entry().takes else {
            if resolved.is_empty() {
                self.error(Mistake::WrongArguments, self.source.place(e), format!("{} needs arguments", function.name()));
                return None;
            }
            let (values, ty) = self.alternatives(e, resolved)?;
            return Some(Expr::new(Node::Call(function, values), ty));
        };
        if wanted.len() != args.len() {
            self.error(
                Mistake::WrongArguments,
                self.source.place(e),
                format!("{} takes {} arguments, not {}", function.name(), wanted.len(), args.len()),
            );
            return None;
        }
        for ((wanted, found), at) in wanted.iter().zip(&resolved).zip(args) {
            self.check_type(wanted, found, *at)?;
        }
        Some(Expr::new(Node::Call(function, resolved), result))
    }

    fn on_list(&self, e: &ast::Expr, args: &[&ast::Expr], scope: &Scope) -> Option<Expr> {
        let id = args.first().and_then(|a| match a {
            ast::Expr::Value(v) => match &v.value {
                ast::Value::SingleQuotedString(s) => Some(s.as_str()),
                _ => None,
            },
            _ => None,
        });
        let Some((measure, source)) = id.and_then(|id| self.catalogue.measure(id)) else {
            self.error_hint(
                Mistake::UnknownMeasure,
                self.source.place(e),
                "ON_LIST needs the id of a measure",
                "ON_LIST('ID of a measure', code)",
            );
            return None;
        };
        let code = match args.get(1) {
            Some(code) => {
                let value = self.expr(code, scope)?;
                self.check_type(&Type::Code, &value, *code)?;
                Some(Box::new(value))
            }
            None => {
                if scope.own.as_ref().map(|o| o.source) != Some(source) {
                    self.error(
                        Mistake::WrongArguments,
                        self.source.place(e),
                        "without a code, ON_LIST asks about this very row: the measure must be over the same source",
                    );
                    return None;
                }
                None
            }
        };
        Some(Expr::new(Node::OnList { measure, code }, Type::Bool))
    }

    /// A named function: its body resolved with the arguments in place of its parameters.
    pub(super) fn expand(&self, at: Place, name: &str, params: &[String], body: &Text, args: &[&ast::Expr], scope: &Scope) -> Option<Expr> {
        if params.len() != args.len() {
            self.error(Mistake::WrongArguments, at, format!("`{name}` takes {} arguments, not {}", params.len(), args.len()));
            return None;
        }
        if scope.expanding.iter().any(|n| n == name) || scope.expanding.len() > 32 {
            self.error(Mistake::Cycle, at, format!("`{name}` uses itself"));
            return None;
        }
        let resolved: Vec<Option<Expr>> = args.iter().map(|a| self.expr(a, scope)).collect();
        let resolved: Vec<Expr> = resolved.into_iter().collect::<Option<_>>()?;
        let mut expanding = scope.expanding.clone();
        expanding.push(name.to_string());
        let inner = Scope {
            own: scope.own.clone(),
            around: scope.around.clone(),
            group: None,
            args: params.iter().cloned().zip(resolved.iter().cloned()).collect(),
            parameters: BTreeMap::new(),
            in_function: true,
            own_first: false,
            expanding,
        };
        let before = self.findings.count();
        let body = Resolver::text(self.catalogue, self.findings, body, &inner);
        if body.is_none() && self.findings.count() > before {
            self.error(Mistake::InFunction, at, format!("`{name}` cannot be used here (see the mistake in its own file)"));
        }
        let body = body?;
        let ty = body.ty.clone();
        Some(Expr::new(Node::Named { name: name.to_string(), args: resolved, body: Box::new(body) }, ty))
    }
}
