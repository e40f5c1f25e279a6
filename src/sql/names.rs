//! What a name means: a column, a fact, a parameter, a value for the run, or a column of the row a key leads to.

use super::ir::*;
use super::resolve::{Named, ParameterUse, Resolver, RowScope, Scope};
use crate::diagnostic::{Mistake, Place, Text, similar};
use crate::schema::{self, SourceId};
use crate::value::{Type, Value};
use sqlparser::ast::Ident;

/// The word for the row around a subquery, and for the judged row outside of one.
const THIS: &str = "this";

impl Resolver<'_> {
    pub(super) fn name(&self, ident: &Ident, scope: &Scope) -> Option<Expr> {
        let name = ident.value.as_str();
        let place = self.source.of_span(ident.span);
        if let Some(arg) = scope.args.get(name) {
            return Some(arg.clone());
        }
        let mut found: Vec<(&'static str, Option<Expr>)> = Vec::new();
        if let Some(global) = self.global(name) {
            found.push(("a global", Some(global)));
        }
        if !scope.in_function || scope.around.is_some() {
            let rows = [(Row::Own, &scope.own), (Row::Around, &scope.around)];
            for (row, at) in rows.into_iter().filter_map(|(row, at)| at.as_ref().map(|at| (row, at))) {
                let settled = scope.own_first && !found.is_empty();
                if row == Row::Around && (scope.in_function || settled) {
                    continue;
                }
                if let Some(column) = self.catalogue.sources()[at.source].column(name) {
                    found.push(("a column", Some(self.item(row, at.source, Item::Column(column)))));
                }
            }
        }
        self.named_candidates(name, &place, scope, &mut found);
        match found.len() {
            0 => {
                self.unknown_name(name, place, scope);
                None
            }
            1 => found.pop()?.1,
            _ => {
                let kinds: Vec<&str> = found.iter().map(|(k, _)| *k).collect();
                let hint = "inside a subquery write the alias or `this.` in front; otherwise rename one";
                self.error_hint(Mistake::AmbiguousName, place, format!("`{name}` is {}", kinds.join(" and also ")), hint);
                None
            }
        }
    }

    fn named_candidates(&self, name: &str, place: &Place, scope: &Scope, found: &mut Vec<(&'static str, Option<Expr>)>) {
        if let Some(parameter) = scope.parameters.get(name) {
            found.push(("a parameter of this measure", self.parameter(parameter, scope)));
        }
        if let Some((params, body)) = self.catalogue.function(name)
            && params.is_empty()
        {
            found.push(("a fact", self.expand(place.clone(), name, params, body, &[], scope)));
        }
        match self.catalogue.named(name) {
            Some(Err(())) => found.push(("a fact", None)),
            Some(Ok(Named::RunValue { fact, ty })) => found.push(("a fact", Some(Expr::new(Node::RunValue(fact), ty)))),
            Some(Ok(Named::Parameter(parameter))) => found.push(("a shared parameter", self.parameter(&parameter, scope))),
            Some(Ok(Named::Fact { fact, per, ty })) if !scope.in_function => {
                if let Some(own) = &scope.own {
                    found.push(("a fact", self.follow(Row::Own, own, per, Item::Fact(fact), ty, place)));
                }
            }
            _ => {}
        }
    }

    fn global(&self, name: &str) -> Option<Expr> {
        match name {
            "截止日" => Some(Expr::new(Node::AsOf, Type::Date)),
            "本年" => Some(Expr::new(Node::Year, Type::INT)),
            "施行日" => Some(Expr::literal(Value::Date(self.catalogue.effective_from()), Type::Date)),
            _ => None,
        }
    }

    fn parameter(&self, p: &ParameterUse, scope: &Scope) -> Option<Expr> {
        let scope = Scope { own_first: true, ..scope.clone() };
        let read = |text: &Option<Text>| match text {
            Some(text) => Resolver::text(self.catalogue, self.findings, text, &scope).map(|e| Some(Box::new(e))),
            None => Some(None),
        };
        let at = read(&p.at).map(|at| at.map(|e| Box::new(e.as_day())));
        let by = read(&p.by);
        Some(Expr::new(Node::Parameter { parameter: p.parameter, at: at?, by: by? }, p.ty.clone()))
    }

    /// A dotted name: `alias.column`, `this.column`, `source.column`, `alias.source.column`.
    pub(super) fn path(&self, parts: &[Ident], scope: &Scope) -> Option<Expr> {
        let span = parts.iter().fold(sqlparser::tokenizer::Span::empty(), |s, p| s.union(&p.span));
        let place = self.source.of_span(span);
        let head = parts[0].value.as_str();
        let row = self.row_named(head, scope);
        match (row, parts) {
            (Some((row, at)), [_, item]) => self.own_item(row, at, &item.value, place),
            (Some((row, at)), [_, source, item]) => self.far_item(row, at, &source.value, &item.value, place),
            (None, [source, item]) => match (&scope.own, &scope.around) {
                (Some(own), None) => self.far_item(Row::Own, own, &source.value, &item.value, place),
                (Some(_), Some(_)) => {
                    self.error_hint(
                        Mistake::UnknownName,
                        place,
                        format!("`{head}` is neither an alias nor `this`"),
                        "inside a subquery say whose key it is: `a.SOURCE.COLUMN` or `this.SOURCE.COLUMN`",
                    );
                    None
                }
                _ => {
                    self.error(Mistake::UnknownName, place, format!("there is no row here that `{head}` could be reached from"));
                    None
                }
            },
            _ => {
                self.error(Mistake::UnknownName, place, format!("`{head}` is not an alias here"));
                None
            }
        }
    }

    fn row_named<'s>(&self, head: &str, scope: &'s Scope) -> Option<(Row, &'s RowScope)> {
        let own = scope.own.as_ref()?;
        if own.alias.as_deref() == Some(head) {
            return Some((Row::Own, own));
        }
        match (&scope.around, head) {
            (Some(around), THIS) => Some((Row::Around, around)),
            (None, THIS) => Some((Row::Own, own)),
            _ => None,
        }
    }

    fn own_item(&self, row: Row, at: &RowScope, name: &str, place: Place) -> Option<Expr> {
        let (item, _) = self.find_item(at.source, name, place)?;
        Some(self.item(row, at.source, item))
    }

    fn far_item(&self, row: Row, at: &RowScope, source: &str, name: &str, place: Place) -> Option<Expr> {
        let target = self.findings.keep(schema::find(schema::names(self.catalogue.sources()), source, &place))?;
        let (item, ty) = self.find_item(target, name, place.clone())?;
        self.follow(row, at, target, item, ty, &place)
    }

    fn find_item(&self, source: SourceId, name: &str, place: Place) -> Option<(Item, Type)> {
        let declared = &self.catalogue.sources()[source];
        if let Some(i) = declared.column(name) {
            let column = &declared.columns[i];
            return Some((Item::Column(i), column.ty()));
        }
        match self.catalogue.named(name) {
            Some(Ok(Named::Fact { fact, per, ty })) if per == source => Some((Item::Fact(fact), ty)),
            Some(Err(())) => None,
            _ => {
                let near = similar(name, declared.columns.iter().map(|c| c.name.as_str()));
                let hint = if near.is_empty() {
                    format!("its columns: {}", declared.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", "))
                } else {
                    format!("similar: {}", near.join(", "))
                };
                self.error_hint(Mistake::UnknownColumn, place, format!("`{}` has no column or fact `{name}`", declared.name), hint);
                None
            }
        }
    }

    fn item(&self, row: Row, source: SourceId, item: Item) -> Expr {
        let ty = match item {
            Item::Column(i) => {
                let column = &self.catalogue.sources()[source].columns[i];
                column.ty()
            }
            Item::Fact(_) => self.fact_type(item),
        };
        Expr::new(Node::Item { row, source, item }, ty)
    }

    fn fact_type(&self, item: Item) -> Type {
        match item {
            Item::Fact(f) => self.catalogue.fact_type(f),
            Item::Column(_) => Type::Null,
        }
    }

    /// The item of the row of `target` that this row's key names.
    fn follow(&self, row: Row, at: &RowScope, target: SourceId, item: Item, ty: Type, place: &Place) -> Option<Expr> {
        if at.source == target {
            return Some(Expr::new(Node::Item { row, source: target, item }, ty));
        }
        let source = &self.catalogue.sources()[at.source];
        let links: Vec<usize> = source.links_to(target).collect();
        let said = at.link.as_ref().filter(|link| link.target == target).map(|link| link.key.clone());
        let only = || (links.len() == 1).then(|| source.item(at.source, links[0]));
        let Some(key) = said.or_else(only) else {
            let name = &self.catalogue.sources()[target].name;
            let message = match links.len() {
                0 => format!("`{}` has no key to `{name}`", source.name),
                _ => format!("`{}` has {} keys to `{name}`", source.name, links.len()),
            };
            self.error_hint(
                Mistake::NoKey,
                place.clone(),
                message,
                "a measure says which by [per] link; a subquery can look the row up itself",
            );
            return None;
        };
        let key = if row == Row::Around { key.lowered() } else { key };
        Some(Expr::new(Node::Through { key: Box::new(key), source: target, item }, ty))
    }

    fn unknown_name(&self, name: &str, place: Place, scope: &Scope) {
        let mut known = self.catalogue.names();
        known.extend(scope.parameters.keys().cloned());
        known.extend(scope.args.keys().cloned());
        for at in scope.own.iter().chain(&scope.around) {
            known.extend(self.catalogue.sources()[at.source].columns.iter().map(|c| c.name.clone()));
        }
        let near = similar(name, known.iter().map(String::as_str));
        let grouped = scope.group.as_ref().is_some_and(|rows| self.catalogue.sources()[rows.source].column(name).is_some());
        let hint = match near.is_empty() {
            _ if grouped => "a group has many rows: say SUM, MIN, MAX, COUNT(DISTINCT …), BOOL_AND or BOOL_OR of it".to_string(),
            false => format!("similar: {}", near.join(", ")),
            true if scope.in_function => "a function's body sees its arguments, shared parameters and values for the run".to_string(),
            true => {
                "it must be a column of this source, a fact, a parameter, or `SOURCE.COLUMN` of a source that the row points to".to_string()
            }
        };
        self.error_hint(Mistake::UnknownName, place, format!("unknown name `{name}`"), hint);
    }
}
