//! Raw tables → [`Plan`]: every name found, every value of its column's type, every column of every source made.

use super::code::Code;
use super::draw::Share;
use super::lower::{Lower, kind_of};
use super::model::*;
use super::names::{PlanNames, Shape};
use super::raw::*;
use super::values::{Values, kind_named};
use crate::diagnostic::{Diagnostic, Files, Mistake, similar};
use crate::policy::model::Pipeline;
use crate::policy::source::{ColumnKind, SourceId};
use crate::policy::toml::{Findings, Text};
use crate::sql::ir::Expr;
use crate::sql::resolve::{Resolver, RowScope, Scope};

/// Resolves all tables against the pipeline and each other.
pub(super) struct Resolve<'a> {
    pub pipeline: &'a Pipeline,
    pub files: &'a Files,
    pub findings: &'a Findings,
    settings: Settings,
    tables: Vec<RawTable>,
    /// Per table: the source whose columns it has or takes over.
    base: Vec<Option<SourceId>>,
    shapes: Vec<Shape>,
    codes: u64,
    /// Columns of identity numbers: seen so far, in all.
    persons: (u64, u64),
}

impl<'a> Resolve<'a> {
    pub fn new(raw: Raw, pipeline: &'a Pipeline, files: &'a Files, findings: &'a Findings) -> Option<Resolve<'a>> {
        let values = Values { pipeline, findings };
        let settings = raw.settings?;
        let as_of = settings.as_of.and_then(|text| values.day(&text))?;
        let settings = Settings { as_of, near: settings.near, yes: settings.yes, no: settings.no };
        let base = raw.tables.iter().map(|table| base_of(table, pipeline, findings)).collect();
        let mut resolve =
            Resolve { pipeline, files, findings, settings, tables: raw.tables, base, shapes: Vec::new(), codes: 0, persons: (0, 0) };
        resolve.copy_from_parents();
        resolve.shape()?;
        resolve.find_kinds();
        Some(resolve)
    }

    /// The finished tables; incomplete ones are left out after their mistakes were reported.
    pub fn tables(&mut self) -> (Vec<PlanTable>, Settings) {
        let identities = self.tables.iter().flat_map(|t| &t.columns).filter(|c| matches!(c.rule, RawRule::Identity { .. }));
        self.persons.1 = identities.count() as u64;
        let raws = std::mem::take(&mut self.tables);
        let tables = raws.iter().enumerate().filter_map(|(id, raw)| self.table(id, raw)).collect();
        (tables, self.settings.clone())
    }

    /// Columns that a table has like a source, and nobody declared, are the parent's of the same name.
    fn copy_from_parents(&mut self) {
        for id in 0..self.tables.len() {
            let Some(source) = self.base[id] else { continue };
            let parent = self.tables[id].parent.as_ref().and_then(|p| self.table_named(&p.value));
            for column in &self.pipeline.sources[source].columns {
                let has =
                    |table: &RawTable| table.columns.iter().any(|c| c.name.value == column.name) || table.broken.contains(&column.name);
                if has(&self.tables[id]) {
                    continue;
                }
                let place = self.tables[id].name.place.clone();
                if parent.is_some_and(|p| has(&self.tables[p])) {
                    let name = Text { value: column.name.clone(), place };
                    self.tables[id].columns.push(RawColumn::copied(name));
                } else if column.required && self.source(id).is_some() {
                    let message = format!(
                        "column `{}` of `{}` is required, and nothing says how it is made",
                        column.name, self.tables[id].name.value
                    );
                    self.findings.push(Diagnostic::error(Mistake::MissingKey, place, message));
                }
            }
        }
    }

    fn source(&self, table: TableId) -> Option<SourceId> {
        self.pipeline.source(&self.tables[table].name.value)
    }

    fn table_named(&self, name: &str) -> Option<TableId> {
        self.tables.iter().position(|t| t.name.value == name)
    }

    fn find_table(&self, name: &Text) -> Option<TableId> {
        let found = self.table_named(&name.value);
        if found.is_none() {
            let near = similar(&name.value, self.tables.iter().map(|t| t.name.value.as_str())).join(", ");
            let diagnostic = Diagnostic::error(Mistake::UnknownSource, name.place.clone(), format!("no table `{}` is planned", name.value));
            self.findings.push(diagnostic.hint(format!("similar: {near}")));
        }
        found
    }

    /// Names and links of all tables, with the kinds of columns that are known at once.
    fn shape(&mut self) -> Option<()> {
        let values = Values { pipeline: self.pipeline, findings: self.findings };
        let mut shapes = Vec::new();
        let mut complete = true;
        for (id, raw) in self.tables.iter().enumerate() {
            let mut links = Vec::new();
            let parent = raw.parent.iter().map(|p| (p, p));
            for (name, target) in parent.chain(raw.links.iter().map(|l| (&l.name, &l.target))) {
                match self.find_table(target) {
                    Some(target) => links.push((name.value.clone(), target)),
                    None => complete = false,
                }
            }
            let columns = raw.columns.iter().map(|c| (c.name.value.clone(), self.declared_kind(id, c, &values))).collect();
            shapes.push(Shape { name: raw.name.value.clone(), columns, links });
        }
        self.shapes = shapes;
        complete.then_some(())
    }

    fn declared_kind(&self, table: TableId, column: &RawColumn, values: &Values<'_>) -> Option<ColumnKind> {
        if let Some(ty) = &column.ty {
            return kind_named(ty, self.pipeline, self.findings);
        }
        if let Some(base) = self.base[table] {
            let base = &self.pipeline.sources[base];
            if let Some(i) = base.column(&column.name.value) {
                return Some(base.columns[i].kind.clone());
            }
        }
        values.kind_of_rule(&column.rule)
    }

    /// Kinds of helper columns that their expressions tell, which may wait for each other.
    fn find_kinds(&mut self) {
        loop {
            let mut found = Vec::new();
            for (id, raw) in self.tables.iter().enumerate() {
                let unknown: Vec<usize> = (0..raw.columns.len()).filter(|&c| self.shapes[id].columns[c].1.is_none()).collect();
                if unknown.is_empty() {
                    continue;
                }
                let names = self.names(&[id]);
                for column in unknown {
                    let quiet = Findings::default();
                    let kind = expressions(&raw.columns[column].rule).into_iter().find_map(|text| {
                        let scope = Scope { own: Some(row_scope(id)), ..Scope::default() };
                        kind_of(&Resolver::text(&names, &quiet, text, &scope)?.ty)
                    });
                    found.extend(kind.map(|kind| (id, column, kind)));
                }
            }
            if found.is_empty() {
                return;
            }
            for (id, column, kind) in found {
                self.shapes[id].columns[column].1 = Some(kind);
            }
        }
    }

    fn names(&self, seen: &[TableId]) -> PlanNames<'a> {
        PlanNames::new(&self.shapes, seen, self.files, self.pipeline.document.effective_from)
    }

    fn table(&mut self, id: TableId, raw: &RawTable) -> Option<PlanTable> {
        let names = self.names(&[id]);
        let source = self.pipeline.source(&raw.name.value);
        let links = self.links(id, raw);
        let filter = raw.filter.as_ref().map(|text| self.condition(&names, id, text));
        let mut columns = Vec::new();
        for (i, column) in raw.columns.iter().enumerate() {
            columns.push(self.column(&names, id, i, column));
        }
        let columns: Vec<PlanColumn> = columns.into_iter().collect::<Option<_>>()?;
        let count = match (&raw.rows, &raw.parent) {
            (Some(RawRows::Fixed(rows) | RawRows::Listed(rows)), _) => Count::Fixed(*rows),
            (Some(RawRows::PerThousand { rows, at_least }), _) => Count::PerThousand { rows: *rows, at_least: *at_least },
            (None, Some(parent)) => Count::Children { parent: self.shapes.iter().position(|s| s.name == parent.value)?, times: raw.times },
            (None, None) => return None,
        };
        let written = source.map(|s| {
            let wanted = &self.pipeline.sources[s].columns;
            wanted.iter().map(|w| columns.iter().position(|c| c.name == w.name)).collect()
        });
        let filter = match filter {
            Some(filter) => Some(filter?),
            None => None,
        };
        Some(PlanTable {
            name: raw.name.value.clone(),
            source,
            count,
            share: raw.share,
            filter,
            links: links?,
            columns,
            written: written.unwrap_or_default(),
        })
    }

    fn links(&self, id: TableId, raw: &RawTable) -> Option<Vec<Link>> {
        let shape = &self.shapes[id];
        let parent = raw.parent.iter().map(|_| Some(LinkKind::Parent));
        let others = raw.links.iter().zip(&shape.links[usize::from(raw.parent.is_some())..]).map(|(link, (_, target))| {
            if link.apart {
                return Some(LinkKind::Apart);
            }
            if let Some(text) = &link.row {
                return self.value(&self.names(&[id]), id, text, &ColumnKind::Int).map(LinkKind::Row);
            }
            let Some(text) = &link.filter else { return Some(LinkKind::Any(None)) };
            let names = self.names(&[*target, id]);
            let own = RowScope { alias: Some(link.name.value.clone()), ..row_scope(*target) };
            let scope = Scope { own: Some(own), around: Some(row_scope(id)), ..Scope::default() };
            let condition = self.expression(&names, &scope, text)?;
            Some(LinkKind::Any(Some(self.lower(text).condition(&condition)?)))
        });
        let kinds: Vec<Option<LinkKind>> = parent.chain(others).collect();
        let links = kinds
            .into_iter()
            .zip(&shape.links)
            .map(|(kind, (name, target))| Some(Link { name: name.clone(), target: *target, kind: kind? }));
        links.collect()
    }

    pub(super) fn condition(&self, names: &PlanNames<'_>, table: TableId, text: &Text) -> Option<Code> {
        self.lower(text).condition(&self.own_expression(names, table, text)?)
    }

    /// An expression of a table's row whose value becomes a cell of this kind.
    pub(super) fn value(&self, names: &PlanNames<'_>, table: TableId, text: &Text, kind: &ColumnKind) -> Option<Code> {
        self.lower(text).to_kind(self.own_expression(names, table, text)?, kind)
    }

    pub(super) fn own_expression(&self, names: &PlanNames<'_>, table: TableId, text: &Text) -> Option<Expr> {
        self.expression(names, &Scope { own: Some(row_scope(table)), ..Scope::default() }, text)
    }

    fn expression(&self, names: &PlanNames<'_>, scope: &Scope, text: &Text) -> Option<Expr> {
        Resolver::text(names, self.findings, text, scope)
    }

    pub(super) fn lower(&self, text: &Text) -> Lower<'_> {
        Lower { findings: self.findings, place: text.place.clone(), shapes: &self.shapes, as_of: self.settings.as_of }
    }

    /// The column of this name in a table.
    pub(super) fn column_named(&self, table: TableId, name: &str) -> Option<usize> {
        self.shapes[table].columns.iter().position(|(n, _)| n == name)
    }

    /// The kind of a column; an unknown one is reported.
    pub(super) fn kind(&self, table: TableId, column: usize, name: &Text) -> Option<ColumnKind> {
        let kind = self.shapes[table].columns[column].1.clone();
        if kind.is_none() {
            let diagnostic =
                Diagnostic::error(Mistake::MissingKey, name.place.clone(), format!("the type of `{}` is not known", name.value));
            self.findings.push(diagnostic.hint("say type = \"money\", or type = \"source.column\""));
        }
        kind
    }

    /// A new place among the columns of credit codes.
    pub(super) fn next_code(&mut self) -> u64 {
        self.codes += 1;
        self.codes - 1
    }

    /// A new place among the columns of identity numbers, and how many there are.
    pub(super) fn next_person(&mut self) -> (u64, u64) {
        self.persons.0 += 1;
        (self.persons.0 - 1, self.persons.1)
    }

    /// Whether a source's column of this name may not be empty.
    pub(super) fn is_required(&self, table: TableId, name: &str) -> bool {
        let source = self.pipeline.source(&self.shapes[table].name).map(|s| &self.pipeline.sources[s]);
        source.is_some_and(|s| s.columns.iter().any(|c| c.name == name && c.required))
    }

    pub(super) fn bool_words(&self) -> (&str, &str) {
        (&self.settings.yes, &self.settings.no)
    }

    pub(super) fn near_share(&self, own: Option<Share>) -> Share {
        own.unwrap_or(self.settings.near)
    }

    pub(super) fn parent_column(&self, table: TableId, name: &str) -> Option<(usize, ColumnKind)> {
        let (_, parent) = self.shapes[table].links.first()?;
        let column = self.column_named(*parent, name)?;
        Some((column, self.shapes[*parent].columns[column].1.clone()?))
    }
}

fn row_scope(table: TableId) -> RowScope {
    RowScope { source: table, alias: None, link: None }
}

fn base_of(table: &RawTable, pipeline: &Pipeline, findings: &Findings) -> Option<SourceId> {
    let Some(like) = &table.like else { return pipeline.source(&table.name.value) };
    let found = pipeline.source(&like.value);
    if found.is_none() {
        let near = similar(&like.value, pipeline.sources.iter().map(|s| s.name.as_str())).join(", ");
        let diagnostic = Diagnostic::error(Mistake::UnknownSource, like.place.clone(), format!("there is no source `{}`", like.value));
        findings.push(diagnostic.hint(format!("similar: {near}")));
    }
    found
}

/// The expressions that a rule's value may come from.
fn expressions(rule: &RawRule) -> Vec<&Text> {
    match rule {
        RawRule::Value(text) => vec![text],
        RawRule::Mix(branches) => branches.iter().flat_map(|b| expressions(&b.rule)).collect(),
        _ => Vec::new(),
    }
}
