//! Correlated subqueries: which related rows, and how they become one value.

use super::ir::*;
use super::resolve::{Resolver, RowScope, Scope, code_text, comparison, flatten};
use crate::diagnostic::Mistake;
use crate::schema::{self, SourceId};
use crate::value::{Type, Value};
use sqlparser::ast;

impl Resolver<'_> {
    pub(super) fn exists(&self, query: &ast::Query, scope: &Scope) -> Option<Expr> {
        let (select, inner) = self.select(query, scope)?;
        self.no_order(query)?;
        self.subquery(query, select, &inner, Output::Exists, Type::Bool)
    }

    pub(super) fn any(&self, e: &ast::Expr, left: &ast::Expr, op: &ast::BinaryOperator, right: &ast::Expr, scope: &Scope) -> Option<Expr> {
        let (ast::Expr::Subquery(query), Some(op)) = (unnested(right), comparison(op)) else {
            self.error_hint(
                Mistake::Unsupported,
                self.source.place(e),
                "ANY needs a comparison and a subquery",
                "x < ANY (SELECT … FROM … WHERE …)",
            );
            return None;
        };
        let left_value = self.expr(left, scope)?;
        let (select, inner) = self.select(query, scope)?;
        self.no_order(query)?;
        let value = self.expr(self.projection(query, select)?, &inner)?;
        let condition = match (&left_value.node, op) {
            (Node::Literal(Value::Bool(true)), Comparison::Equal) if value.ty == Type::Bool => value,
            _ => self.compare(e, op, left_value.lowered(), value)?,
        };
        self.subquery(query, select, &inner, Output::Any(condition), Type::Bool)
    }

    pub(super) fn scalar_subquery(&self, query: &ast::Query, scope: &Scope) -> Option<Expr> {
        let (select, inner) = self.select(query, scope)?;
        let projected = self.projection(query, select)?;
        if let ast::Expr::Function(f) = projected
            && let Some((output, ty)) = self.aggregate(f, &inner)?
        {
            if f.filter.is_some() {
                self.error_hint(Mistake::Unsupported, self.source.place(f), "a subquery has no FILTER", "its WHERE says which rows count");
                return None;
            }
            self.no_order(query)?;
            return self.subquery(query, select, &inner, output, ty);
        }
        let value = self.expr(projected, &inner)?;
        let ty = value.ty.clone();
        let order = self.order(query, &inner)?;
        let ordered = !order.is_empty();
        let found = self.subquery(query, select, &inner, Output::First { value, order }, ty)?;
        if !ordered && !self.is_unique(&found) {
            self.error_hint(
                Mistake::SeveralRows,
                self.source.place(query),
                "this may find several rows",
                "compare every part of the primary key, or say ORDER BY … LIMIT 1, or SUM / MIN / MAX / COUNT",
            );
            return None;
        }
        Some(found)
    }

    /// The SELECT inside, and the scope of its rows.
    fn select<'q>(&self, query: &'q ast::Query, scope: &Scope) -> Option<(&'q ast::Select, Scope)> {
        let place = self.source.place(query);
        let select = match &*query.body {
            ast::SetExpr::Select(select) if query.with.is_none() => select,
            _ => {
                self.error(Mistake::Unsupported, place, "a subquery is one SELECT … FROM … WHERE …");
                return None;
            }
        };
        let grouped = !matches!(&select.group_by, ast::GroupByExpr::Expressions(by, _) if by.is_empty());
        let ([from], false) = (&select.from[..], grouped || select.having.is_some() || select.distinct.is_some()) else {
            self.error(Mistake::Unsupported, place, "a subquery reads one source, without GROUP BY, HAVING or DISTINCT");
            return None;
        };
        let ast::TableFactor::Table { name, alias, .. } = &from.relation else {
            self.error(Mistake::Unsupported, place, "FROM names one source");
            return None;
        };
        if !from.joins.is_empty() {
            self.error_hint(Mistake::Unsupported, place, "a subquery has no JOIN", "a key is followed by its name: `a.SOURCE.COLUMN`");
            return None;
        }
        let source_name = name.to_string();
        let known = schema::names(self.catalogue.sources());
        let source = self.findings.keep(schema::find(known, &source_name, &self.source.place(name)))?;
        let alias = alias.as_ref().map_or(source_name, |a| a.name.value.clone());
        let mut inner = scope.clone();
        inner.around = scope.own.clone();
        inner.own = Some(RowScope { source, alias: Some(alias), link: None });
        inner.group = None;
        inner.args = scope.args.iter().map(|(k, v)| (k.clone(), v.lowered())).collect();
        Some((select, inner))
    }

    fn projection<'q>(&self, query: &ast::Query, select: &'q ast::Select) -> Option<&'q ast::Expr> {
        match &select.projection[..] {
            [ast::SelectItem::UnnamedExpr(e)] | [ast::SelectItem::ExprWithAlias { expr: e, .. }] => Some(unnested(e)),
            _ => {
                self.error(Mistake::Unsupported, self.source.place(query), "a subquery selects one value");
                None
            }
        }
    }

    fn no_order(&self, query: &ast::Query) -> Option<()> {
        if query.order_by.is_some() || query.limit_clause.is_some() {
            self.error(Mistake::Unsupported, self.source.place(query), "ORDER BY and LIMIT have no meaning here");
            return None;
        }
        Some(())
    }

    /// ORDER BY … LIMIT 1; empty where there is none.
    fn order(&self, query: &ast::Query, inner: &Scope) -> Option<Vec<(Expr, bool)>> {
        let Some(order_by) = &query.order_by else {
            if query.limit_clause.is_some() {
                self.error(Mistake::Unsupported, self.source.place(query), "LIMIT needs ORDER BY");
                return None;
            }
            return Some(Vec::new());
        };
        let one = match &query.limit_clause {
            Some(ast::LimitClause::LimitOffset { limit: Some(ast::Expr::Value(v)), offset: None, .. }) => v.value.to_string() == "1",
            _ => false,
        };
        let (ast::OrderByKind::Expressions(list), true) = (&order_by.kind, one) else {
            self.error(Mistake::Unsupported, self.source.place(query), "ORDER BY must end in LIMIT 1");
            return None;
        };
        list.iter()
            .map(|o| {
                let descending = matches!(o.options.sort, Some(ast::OrderBySort::Desc));
                let key = self.expr(&o.expr, inner)?;
                Some((if key.ty == Type::Code { code_text(key) } else { key }, descending))
            })
            .collect()
    }

    fn subquery(&self, query: &ast::Query, select: &ast::Select, inner: &Scope, output: Output, ty: Type) -> Option<Expr> {
        let source = inner.own.as_ref()?.source;
        let conditions = match &select.selection {
            Some(condition) => flatten(vec![self.condition(condition, inner)?], true),
            None => Vec::new(),
        };
        let found = related(source, conditions, output, ty, self.catalogue.sources()[source].dated_by);
        if let Node::Subquery(q) = &found.node
            && q.keys.is_empty()
            && (!q.joint.is_empty() || q.output.expressions().iter().any(|e| e.rows().1))
        {
            self.error_hint(
                Mistake::NoKey,
                self.source.place(query),
                "nothing says which rows belong together",
                "compare a column of this source with one of the row around: a.代码 = this.代码",
            );
            return None;
        }
        Some(found)
    }

    /// Whether equalities pin down every part of the primary key (but the version: only current rows are kept).
    fn is_unique(&self, e: &Expr) -> bool {
        let Node::Subquery(q) = &e.node else {
            return false;
        };
        let source = &self.catalogue.sources()[q.source];
        let column = |e: &Expr| match e.node {
            Node::Item { row: Row::Own, item: Item::Column(c), .. } => Some(c),
            _ => None,
        };
        let fixed: Vec<usize> = q
            .keys
            .iter()
            .filter_map(|(inner, _)| column(inner))
            .chain(q.filters.iter().filter_map(|f| match &f.node {
                Node::Compare(Comparison::Equal, a, b) => match (a.rows(), b.rows()) {
                    ((true, _), (false, false)) => column(a),
                    ((false, false), (true, _)) => column(b),
                    _ => None,
                },
                _ => None,
            }))
            .collect();
        source.primary_key.iter().filter(|k| Some(**k) != source.version).all(|k| fixed.contains(k))
    }
}

/// A subquery over the rows of `source` that meet the conditions and exist at 截止日.
pub fn related(source: SourceId, conditions: Vec<Expr>, output: Output, ty: Type, dated_by: Option<usize>) -> Expr {
    let mut q = Subquery { source, keys: Vec::new(), filters: Vec::new(), joint: Vec::new(), output };
    if let Some(column) = dated_by {
        let date = Expr::new(Node::Item { row: Row::Own, source, item: Item::Column(column) }, Type::Date);
        let known = Node::Compare(Comparison::LessOrEqual, Box::new(date), Box::new(Expr::new(Node::AsOf, Type::Date)));
        q.filters.push(Expr::new(known, Type::Bool));
    }
    for part in conditions {
        place_condition(&mut q, part);
    }
    Expr::new(Node::Subquery(Box::new(q)), ty)
}

fn place_condition(q: &mut Subquery, part: Expr) {
    match part.rows() {
        (_, false) => q.filters.push(part),
        _ => match part.node {
            Node::Compare(Comparison::Equal, a, b) => match (a.rows(), b.rows()) {
                ((true, false), (false, true)) => q.keys.push((*a, b.lifted())),
                ((false, true), (true, false)) => q.keys.push((*b, a.lifted())),
                _ => q.joint.push(Expr::new(Node::Compare(Comparison::Equal, a, b), Type::Bool)),
            },
            node => q.joint.push(Expr::new(node, Type::Bool)),
        },
    }
}

fn unnested(e: &ast::Expr) -> &ast::Expr {
    match e {
        ast::Expr::Nested(inner) => unnested(inner),
        other => other,
    }
}
