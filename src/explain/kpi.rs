//! A row of a KPI table → its figures, each with the rows of the delivery that it is made from, down to file and line.

use super::answer::Place;
use super::page::{Form, Page};
use super::unfold;
use crate::facts::World;
use crate::indicators::{self, Kpi};
use crate::period;
use crate::sql::EvalError;
use serde::Serialize;

/// Rows of one source that a page lists; JSON has them all.
const LISTED: usize = 10;

/// What one row of a table is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KpiAnswer {
    /// The run whose inputs this was read from.
    pub run: String,
    pub as_of: String,
    /// What whoever reads this must know first (inputs that have changed since the run).
    pub notices: Vec<String>,
    /// The name of the table's file, and its title.
    pub table: String,
    pub title: String,
    /// The row as it is published: column and cell.
    pub row: Vec<(String, String)>,
    pub figures: Vec<FigureAnswer>,
}

/// A figure; of a share or a growth, the rows are those of its numerator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FigureAnswer {
    pub column: String,
    pub value: String,
    pub sources: Vec<Rows>,
}

/// The rows of one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rows {
    pub source: String,
    pub places: Vec<Place>,
}

/// The rows of a table that these words name: each is one of the cells that name the row.
pub fn named<'k>(kpi: &'k Kpi, words: &str) -> Vec<&'k [String]> {
    let words: Vec<&str> = words.split('|').map(str::trim).collect();
    let holds = |row: &&Vec<String>| words.iter().all(|word| row[..kpi.keys].iter().any(|cell| cell == word));
    kpi.rows.iter().filter(holds).map(Vec::as_slice).collect()
}

/// What names a row, as it is typed.
pub fn name(kpi: &Kpi, row: &[String]) -> String {
    row[..kpi.keys].join("|")
}

/// The answer about one row of a table.
pub fn figures(world: &World<'_>, kpi: &Kpi, row: &[String]) -> Result<KpiAnswer, EvalError> {
    let rows = |behind: indicators::Behind| Rows {
        source: world.pipeline.sources[behind.source].title.clone(),
        places: behind.rows.iter().map(|&row| unfold::place(world, behind.source, row)).collect(),
    };
    let figure = |figure: indicators::Figure| FigureAnswer {
        column: figure.column,
        value: figure.value,
        sources: figure.behind.into_iter().map(rows).collect(),
    };
    Ok(KpiAnswer {
        run: String::new(),
        as_of: period::format_date(world.as_of),
        notices: Vec::new(),
        table: kpi.name.clone(),
        title: kpi.title.clone(),
        row: kpi.header.iter().cloned().zip(row.iter().cloned()).collect(),
        figures: indicators::figures(world, kpi, row)?.into_iter().map(figure).collect(),
    })
}

/// Writes an answer, one line per statement.
pub fn kpi_page(answer: &KpiAnswer, form: Form) -> String {
    let mut page = Page::new(form);
    page.heading(1, &format!("{}  {}", answer.title, answer.table));
    page.line(&format!("运行 {}  截止日 {}", answer.run, answer.as_of));
    answer.notices.iter().for_each(|notice| page.line(&format!("注意：{notice}")));
    page.heading(2, "这一行");
    answer.row.iter().for_each(|(column, cell)| page.fact(&format!("{column} {cell}")));
    for figure in answer.figures.iter().filter(|figure| !figure.sources.is_empty()) {
        page.heading(2, &format!("{} {}", figure.column, figure.value));
        for rows in &figure.sources {
            page.fact(&format!("{} {} 行", rows.source, rows.places.len()));
            rows.places.iter().take(LISTED).for_each(|place| page.item(0, &format!("{} 第 {} 行", place.file, place.line)));
            if rows.places.len() > LISTED {
                page.item(0, &format!("其余 {} 行见 --format json", rows.places.len() - LISTED));
            }
        }
    }
    page.text
}
