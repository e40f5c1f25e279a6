//! Who a row is about, as it may be published: code and row key masked where they are a person's, name, county.

use crate::facts::{Rows, View};
use crate::policy::model::{Measure, Pipeline};
use crate::schema::{Personal, Source, SourceId};
use crate::sql::EvalError;
use crate::sql::ir::{Expr, Item, Node, Row};
use crate::texts::{Texts, head};
use crate::uscc;
use crate::value::{Cell, Type};
use rayon::prelude::*;
use std::borrow::Cow;

/// Masks the cells of one column where its rule says that they are a person's.
pub struct Mask<'w> {
    rule: Personal,
    /// What stands in the column that the rule names.
    words: Option<(View<'w>, Type)>,
}

impl<'w> Mask<'w> {
    /// The rule of codes that stand in no one column.
    fn of_any_code() -> Mask<'w> {
        Mask { rule: Personal::IfIdentityNumber, words: None }
    }

    /// The rule of a column over these rows.
    pub fn of(source: &Source, id: SourceId, column: usize, rows: &mut Rows<'w>) -> Result<Mask<'w>, EvalError> {
        let rule = source.columns[column].personal.clone();
        let words = match rule {
            Personal::If { column, .. } => Some((rows.view(&source.item(id, column))?, source.columns[column].ty())),
            _ => None,
        };
        Ok(Mask { rule, words })
    }

    /// The cell as it may be published.
    pub fn apply<'t>(&self, row: usize, text: &'t str) -> Cow<'t, str> {
        let word = || {
            let (words, ty) = self.words.as_ref()?;
            Some(ty.text(words.at(row))).filter(|word| !word.is_empty())
        };
        if self.rule.holds(text, word) { uscc::mask(text).into() } else { text.into() }
    }
}

/// What the ledger says of each row's subject, by position among the rows.
#[derive(Default)]
pub struct Subjects<'w> {
    code: Texts,
    document: Texts,
    /// Code and key parts as stored, unmasked: never written, they order rows whose published texts agree.
    hidden: Vec<View<'w>>,
    name: Option<View<'w>>,
    county: Option<View<'w>>,
}

impl<'w> Subjects<'w> {
    pub fn of(pipeline: &Pipeline, measure: &Measure, rows: &mut Rows<'w>) -> Result<Subjects<'w>, EvalError> {
        let source = &pipeline.sources[measure.per];
        let code = rows.view(&measure.subject.code)?;
        let mask = match measure.subject.column {
            Some(column) => Mask::of(source, measure.per, column, rows)?,
            None => Mask::of_any_code(),
        };
        let mut published = Subjects::default();
        for row in 0..rows.len() {
            published.code.push(&mask.apply(row, &measure.subject.code.ty.text(code.at(row))));
        }
        let (document, keys) = documents(source, measure.per, rows)?;
        published.document = document;
        published.hidden = std::iter::once(code).chain(keys).collect();
        published.name = registered(pipeline, measure, rows, |source| source.label)?;
        published.county = counties(pipeline, measure, rows)?;
        Ok(published)
    }

    /// 统一社会信用代码, as published.
    pub fn code(&self, row: usize) -> &str {
        self.code.get(row)
    }

    /// The subject's code as stored: whole, never to be written.
    pub fn stored(&self, row: usize) -> Cell<&str> {
        self.hidden.first().map_or(Cell::Null, |code| code.at(row))
    }

    /// 来源单据, as published.
    pub fn document(&self, row: usize) -> &str {
        self.document.get(row)
    }

    /// 主体名称; empty where it has none.
    pub fn name(&self, row: usize) -> &str {
        label(self.name.as_ref(), row)
    }

    /// 区划代码; empty where it is not registered.
    pub fn county(&self, row: usize) -> &str {
        label(self.county.as_ref(), row)
    }

    /// What decides the order of what is published.
    pub fn published(&self, row: usize) -> (&str, &str) {
        (self.code(row), self.document(row))
    }

    /// The positions of all rows in the order in which they are published: by what is published, then by what is stored.
    pub fn order(&self) -> Vec<usize> {
        let hidden = |row: usize| self.hidden.iter().map(move |part| part.at(row));
        let mut order: Vec<(u128, usize)> = (0..self.code.len()).into_par_iter().map(|row| (head(self.code(row)), row)).collect();
        order.par_sort_unstable_by(|&(head, a), &(other, b)| {
            let published = || self.published(a).cmp(&self.published(b));
            head.cmp(&other).then_with(published).then_with(|| hidden(a).cmp(hidden(b)))
        });
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// Whether the row's subject has this code, as published or as stored.
    pub fn is_about(&self, row: usize, code: &str) -> bool {
        self.code(row) == code || self.stored(row) == Cell::Text(code)
    }
}

fn label<'a>(labels: Option<&'a View<'_>>, row: usize) -> &'a str {
    match labels.map(|labels| labels.at(row)) {
        Some(Cell::Text(text)) => text,
        _ => "",
    }
}

/// 来源单据 of rows of any source as published, and the parts of their keys as stored.
pub fn documents<'w>(source: &Source, id: SourceId, rows: &mut Rows<'w>) -> Result<(Texts, Vec<View<'w>>), EvalError> {
    let mut keys = Vec::new();
    for &column in &source.primary_key {
        let parts = rows.view(&source.item(id, column))?;
        keys.push((parts, source.columns[column].ty(), Mask::of(source, id, column, rows)?));
    }
    let mut documents = Texts::default();
    for row in 0..rows.len() {
        documents.write(|out| {
            for (at, (parts, ty, mask)) in keys.iter().enumerate() {
                if at > 0 {
                    out.push('|');
                }
                out.push_str(&mask.apply(row, &ty.text(parts.at(row))));
            }
        });
    }
    Ok((documents, keys.into_iter().map(|(parts, ..)| parts).collect()))
}

/// A column or fact of the subject's registration, as an expression of the measure's rows; `None` where `source` does not register them.
pub fn of_registration(measure: &Measure, source: SourceId, item: Item, ty: Type) -> Option<Expr> {
    let link = measure.subject.link.as_ref().filter(|link| link.target == source)?;
    if source == measure.per {
        return Some(Expr::new(Node::Item { row: Row::Own, source, item }, ty));
    }
    Some(Expr::new(Node::Through { key: Box::new(link.key.clone()), source, item }, ty))
}

/// A column of the subject's registration, else of the row itself; nothing where there is none.
fn registered<'w>(
    pipeline: &Pipeline,
    measure: &Measure,
    rows: &mut Rows<'w>,
    column: impl Fn(&Source) -> Option<usize>,
) -> Result<Option<View<'w>>, EvalError> {
    let target = measure.subject.link.as_ref().map_or(measure.per, |link| link.target);
    let declared = &pipeline.sources[target];
    let found = column(declared).and_then(|c| {
        if target == measure.per {
            return Some(declared.item(target, c));
        }
        let ty = declared.columns[c].ty();
        of_registration(measure, target, Item::Column(c), ty)
    });
    found.map(|e| rows.view(&e)).transpose()
}

/// 区划代码 of every row's subject; NULL where it is not registered.
pub fn counties<'w>(pipeline: &Pipeline, measure: &Measure, rows: &mut Rows<'w>) -> Result<Option<View<'w>>, EvalError> {
    registered(pipeline, measure, rows, |source| source.county)
}
