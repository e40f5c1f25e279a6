//! Raw tables → [`Shape`]s: the columns of each with their kinds, those among them that nobody declared, and its links.

use super::formula::Formulas;
use super::model::TableId;
use super::names::Shape;
use super::raw::{RawColumn, RawRule, RawTable};
use super::values::{Context, kind_of_words};
use crate::diagnostic::{Diagnostic, Findings, Mistake, Text, similar};
use crate::schema::{self, BySource, ColumnKind, SourceId};

/// The tables' shapes, after columns that are the parent's were added; `None` where a table leads nowhere.
pub fn shapes(context: Context<'_>, tables: &mut BySource<RawTable>) -> Option<BySource<Shape>> {
    let base: BySource<Option<SourceId>> = tables.iter().map(|table| base_of(context, table)).collect();
    copy_from_parents(context, tables, &base);
    let shapes: Vec<Option<Shape>> = tables.iter().zip(&base).map(|(table, base)| shape(context, tables, table, *base)).collect();
    let mut shapes: BySource<Shape> = shapes.into_iter().collect::<Option<_>>()?;
    find_kinds(context, tables, &mut shapes);
    Some(shapes)
}

/// The source whose columns a table has or takes over.
fn base_of(context: Context<'_>, table: &RawTable) -> Option<SourceId> {
    let pipeline = context.pipeline;
    let Some(like) = &table.like else { return pipeline.source(&table.name.value) };
    context.findings.keep(schema::find(schema::names(&pipeline.sources), &like.value, &like.place))
}

/// Columns that a table has like a source, and nobody declared, are the parent's of the same name.
fn copy_from_parents(context: Context<'_>, tables: &mut BySource<RawTable>, base: &BySource<Option<SourceId>>) {
    let has = |table: &RawTable, name: &String| table.columns.iter().any(|c| c.name.value == *name) || table.broken.contains(name);
    for id in tables.keys() {
        let Some(source) = base[id] else { continue };
        let parent = tables[id].parent.as_ref().and_then(|p| tables.position(|t| t.name.value == p.value));
        let is_source = context.pipeline.source(&tables[id].name.value).is_some();
        for column in &context.pipeline.sources[source].columns {
            if has(&tables[id], &column.name) {
                continue;
            }
            let Text { value, place } = tables[id].name.clone();
            if parent.is_some_and(|p| has(&tables[p], &column.name)) {
                tables[id].columns.push(RawColumn::copied(Text { value: column.name.clone(), place }));
            } else if column.required && is_source {
                let message = format!("column `{}` of `{value}` is required, and nothing says how it is made", column.name);
                context.findings.push(Diagnostic::error(Mistake::MissingKey, place, message));
            }
        }
    }
}

/// A table's names and links, with the kinds of columns that are known at once.
fn shape(context: Context<'_>, tables: &BySource<RawTable>, table: &RawTable, base: Option<SourceId>) -> Option<Shape> {
    let parent = table.parent.iter().map(|p| (p, p));
    let named = parent.chain(table.links.iter().map(|l| (&l.name, &l.target)));
    let links: Vec<Option<(String, TableId)>> =
        named.map(|(name, target)| Some((name.value.clone(), find_table(context, tables, target)?))).collect();
    let columns = table.columns.iter().map(|c| (c.name.value.clone(), declared_kind(context, c, base))).collect();
    Some(Shape { name: table.name.value.clone(), columns, links: links.into_iter().collect::<Option<_>>()? })
}

fn find_table(context: Context<'_>, tables: &BySource<RawTable>, name: &Text) -> Option<TableId> {
    let found = tables.position(|t| t.name.value == name.value);
    if found.is_none() {
        let near = similar(&name.value, tables.iter().map(|t| t.name.value.as_str())).join(", ");
        let diagnostic = Diagnostic::error(Mistake::UnknownSource, name.place.clone(), format!("no table `{}` is planned", name.value));
        context.findings.push(diagnostic.hint(format!("similar: {near}")));
    }
    found
}

fn declared_kind(context: Context<'_>, column: &RawColumn, base: Option<SourceId>) -> Option<ColumnKind> {
    if let Some(ty) = &column.ty {
        return context.kind_named(ty);
    }
    let base = base.map(|base| &context.pipeline.sources[base]);
    let of_base = base.and_then(|base| Some(base.columns[base.column(&column.name.value)?].kind.clone()));
    of_base.or_else(|| kind_of_rule(&column.rule))
}

/// The kind that a rule makes, where it says so by itself.
fn kind_of_rule(rule: &RawRule) -> Option<ColumnKind> {
    match rule {
        RawRule::Each { values, .. } => Some(kind_of_words(values)),
        RawRule::Number(_) => Some(ColumnKind::Int),
        RawRule::Pick(options) if !options.is_empty() => Some(ColumnKind::Text),
        RawRule::Text(_) => Some(ColumnKind::Text),
        RawRule::Uscc { .. } => Some(ColumnKind::Uscc),
        RawRule::Identity { .. } => Some(ColumnKind::Id),
        RawRule::Mix(branches) => branches.iter().find_map(|branch| kind_of_rule(&branch.rule)),
        _ => None,
    }
}

/// Kinds of helper columns that their expressions tell, which may wait for each other.
fn find_kinds(context: Context<'_>, tables: &BySource<RawTable>, shapes: &mut BySource<Shape>) {
    let quiet = Findings::default();
    loop {
        let mut found = Vec::new();
        for (id, table) in tables.iter_enumerated() {
            let unknown: Vec<usize> = (0..table.columns.len()).filter(|&c| shapes[id].columns[c].1.is_none()).collect();
            if unknown.is_empty() {
                continue;
            }
            let formulas = Formulas::of_row(Context { findings: &quiet, ..context }, shapes, id);
            for column in unknown {
                let kind = expressions(&table.columns[column].rule).into_iter().find_map(|text| formulas.kind(text));
                found.extend(kind.map(|kind| (id, column, kind)));
            }
        }
        if found.is_empty() {
            return;
        }
        for (id, column, kind) in found {
            shapes[id].columns[column].1 = Some(kind);
        }
    }
}

/// The expressions that a rule's value may come from.
fn expressions(rule: &RawRule) -> Vec<&Text> {
    match rule {
        RawRule::Value(text) => vec![text],
        RawRule::Mix(branches) => branches.iter().flat_map(|b| expressions(&b.rule)).collect(),
        _ => Vec::new(),
    }
}
