//! An expression of one row said by another row: every column of the fact's row is reached through the key that leads there.

use crate::sql::ir::{Expr, Node, Output, Row};

/// `e`, said of the row that `key` names, as the row at hand says it.
///
/// Where no such row exists its columns are NULL; a value that is made of their absence is then the row's, not the fact's.
pub fn through(e: &Expr, key: &Expr) -> Expr {
    match &e.node {
        Node::Item { row: Row::Own, source, item } => {
            Expr::new(Node::Through { key: Box::new(key.clone()), source: *source, item: *item }, e.ty.clone())
        }
        Node::Subquery(q) => {
            let mut q = q.clone();
            for (_, outer) in &mut q.keys {
                *outer = through(outer, key);
            }
            let key = key.lowered();
            q.joint = q.joint.iter().map(|c| around(c, &key)).collect();
            q.output = match &q.output {
                Output::Exists => Output::Exists,
                Output::Count => Output::Count,
                Output::CountDistinct(v) => Output::CountDistinct(around(v, &key)),
                Output::Sum(v) => Output::Sum(around(v, &key)),
                Output::Min(v) => Output::Min(around(v, &key)),
                Output::Max(v) => Output::Max(around(v, &key)),
                Output::Any(v) => Output::Any(around(v, &key)),
                Output::First { value, order } => {
                    let order = order.iter().map(|(o, down)| (around(o, &key), *down)).collect();
                    Output::First { value: around(value, &key), order }
                }
            };
            Expr::new(Node::Subquery(q), e.ty.clone())
        }
        _ => e.map_children(&mut |c| through(c, key)),
    }
}

/// A part of a subquery: what it says of the row around, said through the key.
fn around(e: &Expr, key: &Expr) -> Expr {
    match &e.node {
        Node::Item { row: Row::Around, source, item } => {
            Expr::new(Node::Through { key: Box::new(key.clone()), source: *source, item: *item }, e.ty.clone())
        }
        Node::Subquery(q) => {
            let mut q = q.clone();
            for (_, outer) in &mut q.keys {
                *outer = around(outer, key);
            }
            Expr::new(Node::Subquery(q), e.ty.clone())
        }
        _ => e.map_children(&mut |c| around(c, key)),
    }
}
