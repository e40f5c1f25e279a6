//! One indicator's table: its rows grouped by every dimension, its columns evaluated on the groups.

use super::{Kind, Kpi, printed};
use crate::facts::{Groups, Rows, World};
use crate::policy::indicator::{Grouping, Indicator};
use crate::policy::reach::Reach;
use crate::sql::EvalError;
use crate::sql::ir::{Expr, GroupValue, Node, Row};
use crate::value::Type;

/// The key columns of every table; the last one where it has slices.
const KEYS: [(&str, GroupValue); 3] = [("维度", GroupValue::Dimension), ("分组", GroupValue::Name), ("口径", GroupValue::Slice)];
/// Those of them that sort by code point; slices stand as they are declared.
const SORTED: usize = 2;

/// The table; without rows where a source that it reads was not delivered.
pub fn table<'w>(world: &'w World<'w>, indicator: &Indicator, grouping: &Grouping, groups: &mut Groups<'w>) -> Result<Kpi, EvalError> {
    let keys = if grouping.slices.is_empty() { SORTED } else { KEYS.len() };
    let delivered = world.delivered_all(&Reach::of_table(world.pipeline, grouping).sources);
    let mut lines: Vec<(bool, usize, Vec<String>)> = Vec::new();
    for (at, dimension) in grouping.dimensions.iter().enumerate().filter(|_| delivered) {
        for (slice, mut rows) in groups.by(at)?.into_iter().enumerate() {
            lines.extend(print(grouping, &mut rows, keys)?.into_iter().map(|cells| (dimension.total, slice, cells)));
        }
    }
    lines.sort_by(|(total, slice, cells), (other_total, other_slice, others)| {
        (total, &cells[..SORTED], slice).cmp(&(other_total, &others[..SORTED], other_slice))
    });
    let rows = lines.into_iter().map(|(_, _, cells)| cells).collect();
    let shown = grouping.columns.iter().filter(|c| !c.hidden).map(|c| (c.name.clone(), Kind::of(&c.value.ty)));
    let (header, kinds) = KEYS.iter().take(keys).map(|(name, _)| (name.to_string(), Kind::Words)).chain(shown).unzip();
    Ok(Kpi { name: indicator.name.clone(), title: indicator.title.clone(), header, kinds, keys, rows })
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
