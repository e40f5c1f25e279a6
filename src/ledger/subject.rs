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

    /// Appends a value as it may be published.
    fn write(&self, row: usize, cell: Cell<&str>, ty: &Type, out: &mut String) {
        match self.rule {
            Personal::Never => ty.write_text(cell, out),
            _ => out.push_str(&self.apply(row, &ty.text(cell))),
        }
    }
}

/// What the ledger says of each row's subject, by position among the rows.
#[derive(Default)]
pub struct Subjects<'w> {
    keys: Keys<'w>,
    /// Copied in the order of the rows, in which they are written, maybe several times: where they are stored they lie far apart.
    name: Option<Texts>,
    county: Option<View<'w>>,
}

/// What names a row and orders it.
#[derive(Default)]
struct Keys<'w> {
    code: Texts,
    /// `None`: the code is the whole row key.
    document: Option<Texts>,
    /// Code and key parts as stored, unmasked: never written, they order rows whose published texts agree.
    hidden: Vec<View<'w>>,
}

impl<'w> Subjects<'w> {
    pub fn of(pipeline: &Pipeline, measure: &Measure, rows: &mut Rows<'w>) -> Result<Subjects<'w>, EvalError> {
        let keys = Keys::of(pipeline, measure, rows)?;
        Subjects::named(pipeline, measure, keys, rows)
    }

    /// The same of some rows of `all` in the order in which they are published, with those rows, and where each stood in `positions`.
    pub fn in_order(
        pipeline: &Pipeline,
        measure: &Measure,
        all: &Rows<'w>,
        positions: &[u32],
    ) -> Result<(Subjects<'w>, Rows<'w>, Vec<u32>), EvalError> {
        let mut keys = Keys::of(pipeline, measure, &mut all.select(positions)?)?;
        let order = keys.order();
        // In this order everything about the rows is read and written from here on: each column is brought into it once.
        let sorted: Vec<u32> = order.iter().map(|&at| positions[at as usize]).collect();
        let mut rows = all.select(&sorted)?;
        keys = Keys { code: keys.code.taken(&order), document: keys.document.map(|texts| texts.taken(&order)), hidden: Vec::new() };
        Ok((Subjects::named(pipeline, measure, keys, &mut rows)?, rows, order))
    }

    fn named(pipeline: &Pipeline, measure: &Measure, keys: Keys<'w>, rows: &mut Rows<'w>) -> Result<Subjects<'w>, EvalError> {
        let name = registered(pipeline, measure, rows, |source| source.label)?;
        let name = name.map(|name| Texts::of(rows.len(), |row, out| out.push_str(label(Some(&name), row))));
        let county = counties(pipeline, measure, rows)?;
        Ok(Subjects { keys, name, county })
    }

    /// 统一社会信用代码, as published.
    pub fn code(&self, row: usize) -> &str {
        self.keys.code.get(row)
    }

    /// The subject's code as stored: whole, never to be written.
    pub fn stored(&self, row: usize) -> Cell<&str> {
        self.keys.hidden.first().map_or(Cell::Null, |code| code.at(row))
    }

    /// 来源单据, as published.
    pub fn document(&self, row: usize) -> &str {
        self.keys.document(row)
    }

    /// 主体名称; empty where it has none.
    pub fn name(&self, row: usize) -> &str {
        self.name.as_ref().map_or("", |name| name.get(row))
    }

    /// 区划代码; empty where it is not registered.
    pub fn county(&self, row: usize) -> &str {
        label(self.county.as_ref(), row)
    }

    /// What decides the order of what is published.
    pub fn published(&self, row: usize) -> (&str, &str) {
        (self.code(row), self.document(row))
    }

    /// Whether the row's subject has this code, as published or as stored.
    pub fn is_about(&self, row: usize, code: &str) -> bool {
        self.code(row) == code || self.stored(row) == Cell::Text(code)
    }
}

impl<'w> Keys<'w> {
    fn of(pipeline: &Pipeline, measure: &Measure, rows: &mut Rows<'w>) -> Result<Keys<'w>, EvalError> {
        let source = &pipeline.sources[measure.per];
        let code = rows.view(&measure.subject.code)?;
        let mask = match measure.subject.column {
            Some(column) => Mask::of(source, measure.per, column, rows)?,
            None => Mask::of_any_code(),
        };
        let ty = &measure.subject.code.ty;
        let codes = Texts::of(rows.len(), |row, out| mask.write(row, code.at(row), ty, out));
        if measure.subject.column.is_some_and(|column| source.primary_key == [column]) {
            return Ok(Keys { code: codes, document: None, hidden: vec![code] });
        }
        let (document, keys) = documents(source, measure.per, rows)?;
        Ok(Keys { code: codes, document: Some(document), hidden: std::iter::once(code).chain(keys).collect() })
    }

    fn document(&self, row: usize) -> &str {
        self.document.as_ref().unwrap_or(&self.code).get(row)
    }

    /// The positions of all rows in the order in which they are published: by what is published, then by what is stored.
    fn order(&self) -> Vec<u32> {
        let hidden = |row: u32| self.hidden.iter().map(move |part| part.at(row as usize));
        let published = |row: u32| (self.code.get(row as usize), self.document(row as usize));
        let mut order: Vec<(u128, u32)> = (0..self.code.len()).into_par_iter().map(|row| (head(self.code.get(row)), row as u32)).collect();
        order.par_sort_unstable_by(|&(head, a), &(other, b)| {
            head.cmp(&other).then_with(|| published(a).cmp(&published(b))).then_with(|| hidden(a).cmp(hidden(b)))
        });
        order.into_iter().map(|(_, row)| row).collect()
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
    let documents = Texts::of(rows.len(), |row, out| {
        for (at, (parts, ty, mask)) in keys.iter().enumerate() {
            if at > 0 {
                out.push('|');
            }
            mask.write(row, parts.at(row), ty, out);
        }
    });
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
