//! What somebody would have a cell say: `SOURCE.COLUMN=VALUE`, or `SOURCE[KEY].COLUMN=VALUE` where the subject has several rows.
//!
//! KEY is the row's 来源单据, or what is left of it without the subject's code and the number of its version.

use super::find::Asked;
use super::values::Values;
use crate::diagnostic::similar;
use crate::facts::{Rows, World};
use crate::ledger::documents;
use crate::policy::model::Pipeline;
use crate::schema::SourceId;
use crate::sources::Change;
use crate::sql::EvalError;
use thiserror::Error;

/// A change as typed, its names found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub source: SourceId,
    pub key: Option<String>,
    pub column: usize,
    pub cell: String,
}

#[derive(Debug, Error)]
pub enum EditError {
    #[error("`{0}` is not SOURCE.COLUMN=VALUE or SOURCE[KEY].COLUMN=VALUE")]
    Form(String),
    #[error("there is no source `{0}`{1}")]
    Source(String, String),
    #[error("`{0}` is a table of the pipeline, not a delivered one")]
    Reference(String),
    #[error("`{0}` has no column `{1}`{2}")]
    Column(String, String, String),
    #[error("`{0}.{1}` is part of the key: another key is another row")]
    Key(String, String),
    #[error("`{0}` has no row about this code")]
    NoRow(String),
    #[error("`{0}` has no row about this code with the key `{1}`; there are: {2}")]
    NoSuchRow(String, String, String),
    #[error("`{0}` has several rows about this code, choose one: {1}")]
    Several(String, String),
    #[error(transparent)]
    Evaluation(#[from] EvalError),
}

impl Edit {
    /// Reads one change.
    pub fn parse(text: &str, pipeline: &Pipeline) -> Result<Edit, EditError> {
        let form = || EditError::Form(text.to_string());
        let (source, key, rest) = match text.split_once('[').filter(|(source, _)| !source.contains(['.', '='])) {
            Some((source, rest)) => {
                let (key, rest) = rest.split_once("].").ok_or_else(form)?;
                (source, Some(key.to_string()), rest)
            }
            None => {
                let (source, rest) = text.split_once('.').ok_or_else(form)?;
                (source, None, rest)
            }
        };
        let (column, cell) = rest.split_once('=').ok_or_else(form)?;
        let hint = |near: Vec<&str>| if near.is_empty() { String::new() } else { format!("; similar: {}", near.join(", ")) };
        let known = pipeline.sources.iter().map(|s| s.name.as_str());
        let id = pipeline.source(source).ok_or_else(|| EditError::Source(source.to_string(), hint(similar(source, known))))?;
        let declared = &pipeline.sources[id];
        if declared.reference {
            return Err(EditError::Reference(source.to_string()));
        }
        let known = declared.columns.iter().map(|c| c.name.as_str());
        let place = declared.column(column);
        let place = place.ok_or_else(|| EditError::Column(source.to_string(), column.to_string(), hint(similar(column, known))))?;
        if declared.primary_key.contains(&place) {
            return Err(EditError::Key(source.to_string(), column.to_string()));
        }
        Ok(Edit { source: id, key, column: place, cell: cell.to_string() })
    }

    /// The row that is meant of those about this code, and what is said of the change.
    pub fn find(&self, world: &World<'_>, code: &str) -> Result<(Change, String), EditError> {
        let declared = &world.pipeline.sources[self.source];
        let name = || declared.name.clone();
        let found = Asked::of(world, code).rows_of(self.source);
        if found.is_empty() {
            return Err(EditError::NoRow(name()));
        }
        let mut rows = Rows::of(world, self.source).select(&found)?;
        let (documents, keys) = documents(declared, self.source, &mut rows)?;
        let parts = |at: usize| -> Vec<(usize, String)> {
            let parts = declared.primary_key.iter().zip(&keys);
            parts.map(|(&c, cells)| (c, declared.columns[c].ty().text(cells.at(at)).into_owned())).collect()
        };
        let joined = |parts: &mut dyn Iterator<Item = (usize, String)>| parts.map(|(_, text)| text).collect::<Vec<_>>().join("|");
        let short = |at: usize| joined(&mut parts(at).into_iter().filter(|(c, text)| text != code && Some(*c) != declared.version));
        let listed = || {
            let keys = (0..found.len()).map(|at| if short(at).is_empty() { documents.get(at).to_string() } else { short(at) });
            keys.map(|key| format!("{}[{key}]", declared.name)).collect::<Vec<_>>().join(", ")
        };
        let is_meant = |at: &usize| match &self.key {
            None => true,
            Some(key) => key == documents.get(*at) || *key == short(*at) || *key == joined(&mut parts(*at).into_iter()),
        };
        let meant: Vec<usize> = (0..found.len()).filter(is_meant).collect();
        let at = match (meant.as_slice(), &self.key) {
            ([at], _) => *at,
            ([], Some(key)) => return Err(EditError::NoSuchRow(name(), key.clone(), listed())),
            _ => return Err(EditError::Several(name(), listed())),
        };
        let old = Values::of(world, &declared.item(self.source, self.column), &mut rows)?.text(at);
        let says = format!("{} {} 的{}：{old} → {}", declared.name, documents.get(at), declared.columns[self.column].name, self.said());
        Ok((Change { source: self.source, row: found[at], column: self.column, cell: self.cell.clone() }, says))
    }

    fn said(&self) -> &str {
        if self.cell.is_empty() { "（空）" } else { &self.cell }
    }
}
