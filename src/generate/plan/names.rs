//! What names mean in a plan's expressions: the row's own columns, and `link.column` for the rows that links lead to.
//!
//! Each table, and each link of each table, is shown to the resolver as a source of its own, to which a column of the
//! table leads; those that cannot be meant where an expression stands have no name there.

use super::model::{Read, TableId};
use super::values::Context;
use crate::diagnostic::Files;
use crate::schema::{BySource, Column, ColumnKind, Personal, Reference, Source, SourceId, Sources};
use crate::sql::ir::{Expr, Item, Node, Row};
use crate::sql::resolve::Catalogue;
use crate::value::Type;

/// What is known of a table while expressions are resolved.
pub struct Shape {
    pub name: String,
    /// A column whose kind is not known yet cannot be named.
    pub columns: Vec<(String, Option<ColumnKind>)>,
    pub links: Vec<(String, TableId)>,
}

impl Shape {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(n, _)| n == name)
    }

    /// A column of the row that a link leads to; `table` is this table.
    pub fn through(&self, table: TableId, link: usize, column: usize, ty: Type) -> Expr {
        let key = Node::Item { row: Row::Own, source: table, item: Item::Column(self.columns.len() + link) };
        let (key, source) = (Box::new(Expr::new(key, Type::Code)), self.links[link].1);
        Expr::new(Node::Through { key, source, item: Item::Column(column) }, ty)
    }
}

/// Where a part of a resolved expression stands in rows, if it does.
pub fn read_of(part: &Expr, shapes: &BySource<Shape>) -> Option<Read> {
    let column = |e: &Expr| match e.node {
        Node::Item { row, source, item: Item::Column(column) } => Some((row, column, shapes[source].columns.len())),
        _ => None,
    };
    match &part.node {
        Node::Through { key, item: Item::Column(far), .. } => {
            let (row, link, columns) = column(key)?;
            Some(Read { row, link: Some(link.checked_sub(columns)?), column: *far })
        }
        _ => column(part).filter(|(_, column, columns)| column < columns).map(|(row, column, _)| Read { row, link: None, column }),
    }
}

/// The names that may be meant where an expression of one table, or of a link between two, stands.
pub struct PlanNames<'a> {
    sources: Sources,
    context: Context<'a>,
}

impl<'a> PlanNames<'a> {
    /// Names of the tables `seen` and of their links.
    pub fn new(context: Context<'a>, shapes: &BySource<Shape>, seen: &[TableId]) -> PlanNames<'a> {
        let mut sources = Sources::new();
        let mut alias = shapes.next_key();
        for (table, shape) in shapes.iter_enumerated() {
            let mut source = if seen.contains(&table) { source(&shape.name, shape) } else { Source::default() };
            for (link, _) in &shape.links {
                source.columns.push(column(&format!(">{link}"), Some(&ColumnKind::Code), Some(alias)));
                alias = SourceId::from(usize::from(alias) + 1);
            }
            sources.push(source);
        }
        for (table, shape) in shapes.iter_enumerated() {
            let far = |(link, target): &(String, TableId)| {
                if seen.contains(&table) { source(link, &shapes[*target]) } else { Source::default() }
            };
            sources.extend(shape.links.iter().map(far));
        }
        PlanNames { sources, context }
    }
}

fn source(name: &str, shape: &Shape) -> Source {
    let columns = shape.columns.iter().map(|(name, kind)| column(name, kind.as_ref(), None)).collect();
    Source { name: name.to_string(), columns, ..Source::default() }
}

/// Codes are texts while they are drawn, whoever they are of; a name whose kind is not known yet names nothing.
fn column(name: &str, kind: Option<&ColumnKind>, leads_to: Option<SourceId>) -> Column {
    Column {
        references: leads_to.map(|source| Reference { source, strict: false }),
        entity: false,
        personal: Personal::Never,
        ..kind.map_or_else(|| Column::new("", ColumnKind::Text), |kind| Column::new(name, kind.clone()))
    }
}

impl Catalogue for PlanNames<'_> {
    fn sources(&self) -> &Sources {
        &self.sources
    }

    fn effective_from(&self) -> i32 {
        self.context.pipeline.document.effective_from
    }

    fn files(&self) -> &Files {
        self.context.files
    }
}
