//! Who is meant by a part of a name, or by a code with a slip of the hand.

use crate::facts::World;
use crate::sources::inspect;
use crate::uscc;
use polars::prelude::Column;
use serde::Serialize;

/// Somebody by code and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    pub code: String,
    pub name: String,
}

/// Those whose name holds a text, in the order of their codes. Persons are found by nobody's name.
pub fn by_name(world: &World<'_>, text: &str) -> Vec<Named> {
    let text = inspect::plain(text);
    let mut found: Vec<Named> =
        all(world).into_iter().filter(|named| !text.is_empty() && inspect::plain(&named.name).contains(&text)).collect();
    found.sort();
    found
}

/// Codes that differ from one by a character that is wrong, missing, too many, or in the place of its neighbour, in their order.
pub fn alike(world: &World<'_>, code: &str) -> Vec<Named> {
    let codes = &world.tables.codes;
    let near = |other: &&str| other.len().abs_diff(code.len()) <= 1 && is_one_slip(code, other) && !uscc::is_personal(other.as_bytes());
    let mut found: Vec<&str> = (0..codes.len()).map(|id| codes.get(id)).filter(near).collect();
    found.sort_unstable();
    let names = all(world);
    let name = |code: &str| names.iter().find(|named| named.code == code).map(|named| named.name.clone()).unwrap_or_default();
    found.into_iter().map(|code| Named { code: code.to_string(), name: name(code) }).collect()
}

fn is_one_slip(one: &str, other: &str) -> bool {
    let different: Vec<usize> = (0..one.len().min(other.len())).filter(|&at| one.as_bytes()[at] != other.as_bytes()[at]).collect();
    match different[..] {
        [_] if one.len() == other.len() => true,
        [a, b] if one.len() == other.len() => {
            b == a + 1 && one.as_bytes()[a] == other.as_bytes()[b] && one.as_bytes()[b] == other.as_bytes()[a]
        }
        _ => one.len() != other.len() && strsim::levenshtein(one, other) == 1,
    }
}

/// Everybody that a source names: who has one key, and a label. Persons have none here.
fn all(world: &World<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    for (source, table) in world.pipeline.sources.iter().zip(&world.tables.tables) {
        let (Some(table), [key], Some(label)) = (table, &source.primary_key[..], source.label) else { continue };
        let column = |at: usize| table.frame.columns().get(at).map(Column::as_materialized_series);
        let (Some(keys), Some(labels)) = (column(*key), column(label)) else { continue };
        if let (Ok(keys), Ok(labels)) = (keys.u32(), labels.str()) {
            let rows = keys.iter().zip(labels.iter()).filter_map(|(id, name)| Some((world.tables.codes.get(id? as usize), name?)));
            let rows = rows.filter(|(code, _)| !uscc::is_personal(code.as_bytes()));
            found.extend(rows.map(|(code, name)| Named { code: code.to_string(), name: name.to_string() }));
        }
    }
    found
}
