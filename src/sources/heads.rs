//! How the headers of files name columns: by name or alias, whatever is put around it.

use super::contract::{Check, Contract};
use super::normal;
use crate::money;
use crate::schema::{ColumnKind, Source};

/// A header.
pub struct Head {
    /// As headers are compared.
    name: String,
    /// Without a `*` at either end, and without the bracket at its end, of which this is the content.
    bare: String,
    bracket: Option<String>,
}

impl Head {
    /// A header of a source's file; one that nobody wants names nothing.
    pub fn of(source: &Source, cell: &str) -> Head {
        let name = normal::name(cell);
        let is_ignored = source.ignore.iter().any(|ignored| normal::name(ignored) == name);
        if is_ignored { Head { name: String::new(), bare: String::new(), bracket: None } } else { Head::new(name) }
    }

    pub fn is_ignored(&self) -> bool {
        self.name.is_empty()
    }

    fn new(name: String) -> Head {
        let unstarred = name.trim_matches('*');
        let (bare, bracket) = match in_bracket(unstarred) {
            Some((bare, inside)) => (bare.trim_matches('*').to_owned(), Some(inside.to_owned())),
            None => (unstarred.to_owned(), None),
        };
        Head { name, bare, bracket }
    }

    /// Whether it names a column outright.
    fn is(&self, check: &Check) -> bool {
        check.names.contains(&self.name)
    }

    /// Whether it names a column once its star and bracket are taken off.
    fn means(&self, check: &Check) -> bool {
        let is_mark = |inside: &String| matches!(inside.as_str(), "必填" | "选填" | "元" | "%") || check.counts_in(inside);
        check.names.contains(&self.bare) && self.bracket.as_ref().is_none_or(is_mark)
    }

    /// The unit of money in its bracket, where it is about this column of money but for the bracket.
    pub fn unit(&self, check: &Check) -> Option<String> {
        let is_its = check.column.kind == ColumnKind::Money && check.names.contains(&self.bare);
        money::unit_word(self.bracket.as_ref().filter(|_| is_its)?)
    }
}

/// The bracket that ends a name: what stands before it, and in it.
fn in_bracket(name: &str) -> Option<(&str, &str)> {
    const PAIRS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('【', '】'), ('〔', '〕')];
    PAIRS.into_iter().find_map(|(open, close)| name.strip_suffix(close)?.rsplit_once(open))
}

/// Per declared column the headers that name it. One that names a column outright names no other.
pub fn owners(contract: &Contract, heads: &[Head]) -> Vec<Vec<usize>> {
    let taken: Vec<bool> = heads.iter().map(|head| contract.columns.iter().any(|check| head.is(check))).collect();
    let of = |check: &Check| {
        let names = |&at: &usize| heads[at].is(check) || !taken[at] && heads[at].means(check);
        (0..heads.len()).filter(names).collect()
    };
    contract.columns.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_name() {
        for (cell, bare, bracket) in [
            ("*已付\n总额（元）", "已付总额", Some("元")),
            ("已付总额（必填）*", "已付总额", Some("必填")),
            ("已付总额【万元】", "已付总额", Some("万元")),
            ("亩数(亩)", "亩数", Some("亩")),
            ("其中(小微)总额", "其中(小微)总额", None),
            ("＊余数", "余数", None),
        ] {
            let head = Head::new(normal::name(cell));
            assert_eq!((head.bare.as_str(), head.bracket.as_deref()), (bare, bracket), "{cell}");
        }
    }
}
