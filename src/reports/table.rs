//! A table that a verb prints: text for a terminal, aligned by display width, or JSON. Its cells know what they are, so that money is
//! grouped for people and plain for programs.

use crate::ledger::columns::{Cells, Column};
use crate::money::FenSum;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Count(i128),
    Fen(FenSum),
}

impl Cell {
    /// As a program reads it.
    pub fn plain(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Count(n) => n.to_string(),
            Cell::Fen(fen) => fen.plain(),
        }
    }

    fn grouped(&self) -> String {
        match self {
            Cell::Fen(fen) => fen.grouped(),
            other => other.plain(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Cell::Count(n) => i64::try_from(*n).map_or_else(|_| self.plain().into(), Value::from),
            other => other.plain().into(),
        }
    }
}

/// What is said above the rows, and the rows; every row has one cell per column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name and what is said.
    pub head: Vec<(&'static str, String)>,
    pub columns: Vec<Column<'static>>,
    pub rows: Vec<Vec<Cell>>,
    /// As text the first column stands above the rows that share it.
    pub sections: bool,
}

impl Table {
    /// For a terminal: words to the left, numbers to the right.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.head.iter().for_each(|(name, says)| out.push_str(&format!("{name}：{says}\n")));
        let first = usize::from(self.sections);
        let widths = self.widths();
        let mut section: Option<&Cell> = None;
        for (at, row) in self.rows.iter().enumerate() {
            if self.sections && row.first() != section {
                section = row.first();
                out.push_str(&format!("\n{}\n", row.first().map(Cell::grouped).unwrap_or_default()));
                self.line(&mut out, self.columns[first..].iter().map(|c| c.name.to_string()), &widths);
            } else if at == 0 {
                out.push('\n');
                self.line(&mut out, self.columns.iter().map(|c| c.name.to_string()), &widths);
            }
            self.line(&mut out, row[first..].iter().map(Cell::grouped), &widths);
        }
        out
    }

    /// Head and rows, by their names; money is text, which no reader makes a float of.
    pub fn json(&self) -> Value {
        let head: Map<String, Value> = self.head.iter().map(|(name, says)| (name.to_string(), says.clone().into())).collect();
        let row = |row: &Vec<Cell>| -> Value {
            Value::Object(self.columns.iter().zip(row).map(|(c, cell)| (c.name.to_string(), cell.json())).collect())
        };
        Value::Object(
            [("说明".to_string(), Value::Object(head)), ("行".to_string(), self.rows.iter().map(row).collect())].into_iter().collect(),
        )
    }

    fn widths(&self) -> Vec<usize> {
        let width = |(at, column): (usize, &Column<'_>)| {
            let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.grouped().width());
            cells.chain([column.name.width()]).max().unwrap_or(0)
        };
        self.columns.iter().enumerate().map(width).collect()
    }

    fn line(&self, out: &mut String, cells: impl Iterator<Item = String>, widths: &[usize]) {
        let first = usize::from(self.sections);
        let mut text = String::new();
        for ((cell, column), width) in cells.zip(&self.columns[first..]).zip(&widths[first..]) {
            let gap = " ".repeat(width.saturating_sub(cell.width()));
            let parts = if column.cells == Cells::Number { [gap.as_str(), &cell] } else { [&cell, gap.as_str()] };
            text.push_str(&format!("  {}{}", parts[0], parts[1]));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}
