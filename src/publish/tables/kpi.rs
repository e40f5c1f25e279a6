//! `kpi/….csv`: one table of an indicator, whose columns are the pipeline's.

use crate::indicators::{Kind, Kpi};
use crate::ledger::columns::{self, Column};
use crate::publish::csv::Csv;

pub fn path(kpi: &Kpi) -> String {
    format!("kpi/{}.csv", kpi.name)
}

pub fn csv(kpi: &Kpi) -> Csv {
    let column = |(name, kind): (_, &Kind)| match kind {
        Kind::Figure => columns::number(name),
        Kind::Code => columns::code(name),
        Kind::Words => columns::text(name),
    };
    let columns: Vec<Column<'_>> = kpi.header.iter().map(String::as_str).zip(&kpi.kinds).map(column).collect();
    Csv::of(&columns, &kpi.rows, |cells, out| columns.iter().zip(cells).for_each(|(column, cell)| out.printed(column, cell)))
}
