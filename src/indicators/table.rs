//! One indicator's table: its rows grouped by every dimension, its columns evaluated on the groups.

use super::{Kind, Kpi, printed};
use crate::facts::{Groups, Part, Rows, World};
use crate::policy::indicator::{Grouping, Indicator};
use crate::sql::EvalError;
use crate::sql::ir::{Expr, GroupValue, Node, Row, Type};

/// The key columns of every table; the last one where it has slices.
const KEYS: [(&str, GroupValue); 3] = [("维度", GroupValue::Dimension), ("分组", GroupValue::Name), ("口径", GroupValue::Slice)];

pub fn table(world: &World<'_>, indicator: &Indicator, grouping: &Grouping) -> Result<Kpi, EvalError> {
    let keys = if grouping.slices.is_empty() { 2 } else { 3 };
    let rows = Rows::of(world, grouping.source).filter(&grouping.counted)?;
    let slices = match grouping.slices.is_empty() {
        true => vec![Part { name: "", when: None }],
        false => grouping.slices.iter().map(|s| Part { name: &s.name, when: Some(&s.when) }).collect(),
    };
    let columns: Vec<&Expr> = grouping.columns.iter().map(|c| &c.value).collect();
    let mut groups = Groups::new(rows, slices, &columns)?;
    let mut lines = Vec::new();
    for dimension in &grouping.dimensions {
        for mut rows in groups.by(&dimension.name, dimension.by.as_ref())? {
            lines.extend(print(grouping, &mut rows, keys)?);
        }
    }
    lines.sort();
    let shown = grouping.columns.iter().filter(|c| !c.hidden).map(|c| (c.name.clone(), Kind::of(&c.value.ty)));
    let (header, kinds) = KEYS.iter().take(keys).map(|(name, _)| (name.to_string(), Kind::Words)).chain(shown).unzip();
    Ok(Kpi { name: indicator.name.clone(), title: indicator.title.clone(), header, kinds, rows: lines })
}

/// The printed lines of some groups, keys first.
fn print(grouping: &Grouping, rows: &mut Rows<'_>, keys: usize) -> Result<Vec<Vec<String>>, EvalError> {
    let mut lines = vec![Vec::new(); rows.len()];
    for (_, value) in KEYS.into_iter().take(keys) {
        let key = Expr::new(Node::Group { row: Row::Own, value }, Type::Text);
        for (line, text) in lines.iter_mut().zip(rows.texts(&key)?) {
            line.push(text.unwrap_or_default());
        }
    }
    for column in grouping.columns.iter().filter(|c| !c.hidden) {
        for (line, text) in lines.iter_mut().zip(printed(rows, &column.value, column.places)?) {
            line.push(text.unwrap_or_else(|| column.missing.clone()));
        }
    }
    Ok(lines)
}
