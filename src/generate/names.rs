//! What names mean in a plan's expressions: the row's own columns, and `link.column` for the rows that links lead to.
//!
//! Each table, and each link of each table, is shown to the resolver as a source of its own; those that cannot be
//! meant where an expression stands have no name there.

use super::model::TableId;
use crate::diagnostic::Files;
use crate::policy::source::{Column, ColumnKind, Personal, Reference, Source, SourceId};
use crate::policy::toml::Text;
use crate::sql::ir::{FactId, MeasureId, Type};
use crate::sql::resolve::{Catalogue, Named};

/// What is known of a table while expressions are resolved.
pub(super) struct Shape {
    pub name: String,
    /// A column whose kind is not known yet cannot be named.
    pub columns: Vec<(String, Option<ColumnKind>)>,
    pub links: Vec<(String, TableId)>,
}

/// The names that may be meant where an expression of one table, or of a link between two, stands.
pub(super) struct PlanNames<'a> {
    sources: Vec<Source>,
    files: &'a Files,
    effective_from: i32,
}

impl<'a> PlanNames<'a> {
    /// Names of the tables `seen` and of their links.
    pub fn new(shapes: &[Shape], seen: &[TableId], files: &'a Files, effective_from: i32) -> PlanNames<'a> {
        let mut sources: Vec<Source> = Vec::new();
        let mut alias = shapes.len();
        for (table, shape) in shapes.iter().enumerate() {
            let mut source = source(if seen.contains(&table) { &shape.name } else { "" }, shape);
            for (link, _) in &shape.links {
                source.columns.push(column(&format!(">{link}"), Some(&ColumnKind::Code), Some(alias)));
                alias += 1;
            }
            sources.push(source);
        }
        for (table, shape) in shapes.iter().enumerate() {
            for (link, target) in &shape.links {
                sources.push(source(if seen.contains(&table) { link } else { "" }, &shapes[*target]));
            }
        }
        PlanNames { sources, files, effective_from }
    }
}

/// The link that the resolver's source stands for.
pub(super) fn link_of(shapes: &[Shape], source: SourceId) -> Option<usize> {
    let mut alias = source.checked_sub(shapes.len())?;
    for shape in shapes {
        match alias.checked_sub(shape.links.len()) {
            Some(rest) => alias = rest,
            None => return Some(alias),
        }
    }
    None
}

fn source(name: &str, shape: &Shape) -> Source {
    Source {
        name: name.to_string(),
        title: String::new(),
        department: String::new(),
        core: false,
        reference: false,
        columns: shape.columns.iter().map(|(name, kind)| column(name, kind.as_ref(), None)).collect(),
        primary_key: Vec::new(),
        version: None,
        dated_by: None,
        label: None,
        county: None,
        missing_values: Vec::new(),
        encoding: None,
        delimiter: None,
    }
}

fn column(name: &str, kind: Option<&ColumnKind>, leads_to: Option<SourceId>) -> Column {
    Column {
        name: if kind.is_some() { name.to_string() } else { String::new() },
        aliases: Vec::new(),
        kind: kind.cloned().unwrap_or(ColumnKind::Text),
        department: None,
        required: false,
        default: None,
        references: leads_to.map(|source| Reference { source, strict: false }),
        entity: false,
        personal: Personal::Never,
        missing_values: Vec::new(),
        units: Vec::new(),
        minimum: None,
        maximum: None,
        allowed: None,
        pattern: None,
    }
}

impl Catalogue for PlanNames<'_> {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn named(&self, _: &str) -> Option<Result<Named, ()>> {
        None
    }

    fn function(&self, _: &str) -> Option<(&[String], &Text)> {
        None
    }

    fn measure(&self, _: &str) -> Option<(MeasureId, SourceId)> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn effective_from(&self) -> i32 {
        self.effective_from
    }

    fn files(&self) -> &Files {
        self.files
    }

    fn fact_type(&self, _: FactId) -> Type {
        Type::Null
    }
}
