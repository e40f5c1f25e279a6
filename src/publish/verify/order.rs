//! Holds the rows of a table to the order that it declares.

use super::finding::{Check, Findings};
use super::table::Row;
use crate::publish::tables::Table;

/// The key of the row before.
pub(super) struct Order {
    columns: &'static [usize],
    is_key: bool,
    before: Option<Vec<String>>,
}

impl Order {
    pub(super) fn new(table: &'static Table) -> Order {
        Order { columns: table.order, is_key: table.is_key, before: None }
    }

    pub(super) fn check(&mut self, file: &str, row: &Row, findings: &mut Findings) {
        let key = || self.columns.iter().map(|&at| row.cell(at));
        let joined = || key().collect::<Vec<_>>().join(" ");
        match &mut self.before {
            Some(before) => {
                let order = key().cmp(before.iter().map(String::as_str));
                let is_masked = key().any(|part| part.contains('*'));
                if order.is_lt() {
                    findings.add(Check::Order, file, Some(row.line), || format!("{} comes after {}", joined(), before.join(" ")));
                } else if self.is_key && order.is_eq() && !self.columns.is_empty() && !is_masked {
                    findings.add(Check::Order, file, Some(row.line), || format!("{} stands twice", joined()));
                }
                for (before, &at) in before.iter_mut().zip(self.columns) {
                    before.clear();
                    before.push_str(row.cell(at));
                }
            }
            None => self.before = Some(key().map(str::to_owned).collect()),
        }
    }
}
