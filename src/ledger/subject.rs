//! Who a row is about, as it may be published: code and row key masked where they are a person's, name, county.

use crate::facts::{Cell, Rows};
use crate::policy::model::{Measure, Pipeline};
use crate::policy::source::{ColumnKind, Personal, Source, SourceId};
use crate::sql::EvalError;
use crate::sql::ir::{Expr, Item, Node, Row, Type};
use crate::uscc;

/// Masks the cells of one column where its rule says that they are a person's.
pub struct Mask {
    always: bool,
    identity: bool,
    /// Per row: the condition column holds one of the personal values.
    rows: Option<Vec<bool>>,
}

impl Mask {
    /// The rule of a column over these rows.
    pub fn of(source: &Source, id: SourceId, column: usize, rows: &mut Rows<'_>) -> Result<Mask, EvalError> {
        let rule = &source.columns[column].personal;
        let by_row = match rule {
            Personal::If { column, is } => Some(personal_rows(source, id, *column, is, rows)?),
            _ => None,
        };
        Ok(Mask { always: *rule == Personal::Always, identity: *rule == Personal::IfIdentityNumber, rows: by_row })
    }

    /// The cell as it may be published.
    pub fn apply(&self, row: usize, text: &str) -> String {
        let personal =
            self.always || self.identity && uscc::is_identity_number(text.as_bytes()) || self.rows.as_ref().is_some_and(|r| r[row]);
        if personal { uscc::mask(text) } else { text.to_string() }
    }
}

fn personal_rows(source: &Source, id: SourceId, column: usize, is: &[String], rows: &mut Rows<'_>) -> Result<Vec<bool>, EvalError> {
    let values = match &source.columns[column].kind {
        ColumnKind::Enum(values) => Some(&values.values),
        _ => None,
    };
    let cells = rows.cells_of(&source.item(id, column))?;
    Ok(cells
        .iter()
        .map(|cell| match (cell, values) {
            (Cell::Number(i), Some(values)) => values.get(*i as usize).is_some_and(|v| is.contains(v)),
            (Cell::Text(t), _) => is.contains(t),
            // What is not known to be an enterprise is treated as a person.
            _ => true,
        })
        .collect())
}

/// What the ledger says of each row's subject; all of equal length.
pub struct Subjects {
    /// As published.
    pub code: Vec<String>,
    /// 来源单据 as published.
    pub document: Vec<String>,
    /// What rows are ordered by where the published texts agree: unmasked, never written.
    pub hidden: Vec<(Cell, Vec<Cell>)>,
    pub name: Vec<String>,
    pub county: Vec<String>,
}

impl Subjects {
    pub fn of(pipeline: &Pipeline, measure: &Measure, rows: &mut Rows<'_>) -> Result<Subjects, EvalError> {
        let source = &pipeline.sources[measure.per];
        let codes = rows.cells_of(&measure.subject.code)?;
        let mask = measure.subject.column.map(|c| Mask::of(source, measure.per, c, rows)).transpose()?;
        let code = codes.iter().enumerate().map(|(row, cell)| {
            let text = text_of(cell);
            mask.as_ref().map_or(text.clone(), |m| m.apply(row, &text))
        });
        let code: Vec<String> = code.collect();
        let (document, keys) = documents(source, measure.per, rows)?;
        let name = registered(pipeline, measure, rows, |source| source.label)?;
        let county = counties(pipeline, measure, rows)?;
        Ok(Subjects { code, document, hidden: codes.into_iter().zip(keys).collect(), name, county })
    }
}

/// 来源单据 of rows of any source as published, and the parts of their keys unmasked.
pub fn documents(source: &Source, id: SourceId, rows: &mut Rows<'_>) -> Result<(Vec<String>, Vec<Vec<Cell>>), EvalError> {
    let keys = rows.key_cells(id)?;
    let masks: Result<Vec<Mask>, EvalError> = source.primary_key.iter().map(|&c| Mask::of(source, id, c, rows)).collect();
    let masks = masks?;
    let document = |(row, parts): (usize, &Vec<Cell>)| {
        let columns = source.primary_key.iter().zip(&masks);
        let shown = parts.iter().zip(columns).map(|(cell, (&c, mask))| mask.apply(row, &shown(cell, &source.columns[c].kind)));
        shown.collect::<Vec<String>>().join("|")
    };
    Ok((keys.iter().enumerate().map(document).collect(), keys))
}

fn text_of(cell: &Cell) -> String {
    match cell {
        Cell::Text(t) => t.clone(),
        Cell::Number(n) => n.to_string(),
        Cell::Null => String::new(),
    }
}

/// A key part as 来源单据 writes it: codes as stored, dates ISO, integers bare.
pub fn shown(cell: &Cell, kind: &ColumnKind) -> String {
    match (cell, kind) {
        (Cell::Number(n), ColumnKind::Date) => i32::try_from(*n).map_or_else(|_| n.to_string(), crate::period::format_date),
        (Cell::Number(n), ColumnKind::Enum(values)) => values.values.get(*n as usize).cloned().unwrap_or_default(),
        _ => text_of(cell),
    }
}

/// The source that registers a measure's subjects, where its rows lead to one.
fn register_of(pipeline: &Pipeline, measure: &Measure) -> Option<SourceId> {
    let own = &pipeline.sources[measure.per];
    let link = measure.subject.link?;
    if own.primary_key == [link] && own.label.is_some() { Some(measure.per) } else { own.columns[link].references.map(|r| r.source) }
}

/// A column or fact of the subject's registration, as an expression of the measure's rows; `None` where `source` does not register them.
pub fn of_registration(pipeline: &Pipeline, measure: &Measure, source: SourceId, item: Item, ty: Type) -> Option<Expr> {
    register_of(pipeline, measure).filter(|r| *r == source)?;
    if source == measure.per {
        return Some(Expr::new(Node::Item { row: Row::Own, source, item }, ty));
    }
    let key = pipeline.sources[measure.per].item(measure.per, measure.subject.link?);
    Some(Expr::new(Node::Through { key: Box::new(key), source, item }, ty))
}

/// A column of the subject's registration, else of the row itself; empty where there is none.
fn registered(
    pipeline: &Pipeline,
    measure: &Measure,
    rows: &mut Rows<'_>,
    column: impl Fn(&Source) -> Option<usize>,
) -> Result<Vec<String>, EvalError> {
    let target = register_of(pipeline, measure).unwrap_or(measure.per);
    let declared = &pipeline.sources[target];
    let found = column(declared).and_then(|c| {
        if target == measure.per {
            return Some(declared.item(target, c));
        }
        let ty = Type::of_column(&declared.columns[c].kind, declared.columns[c].entity);
        of_registration(pipeline, measure, target, Item::Column(c), ty)
    });
    match found {
        Some(e) => Ok(rows.cells_of(&e)?.iter().map(text_of).collect()),
        None => Ok(vec![String::new(); rows.len()]),
    }
}

/// 区划代码 of every row's subject; empty where it is not registered.
pub fn counties(pipeline: &Pipeline, measure: &Measure, rows: &mut Rows<'_>) -> Result<Vec<String>, EvalError> {
    registered(pipeline, measure, rows, |source| source.column(super::columns::BY_COUNTY))
}
