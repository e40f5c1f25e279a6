//! `kpi/….csv`: one table of an indicator, whose columns are the pipeline's.

use crate::indicators::{Kind, Kpi};
use crate::ledger::columns::{self, Column};
use crate::publish::csv::{Csv, Number};

pub fn path(kpi: &Kpi) -> String {
    format!("kpi/{}.csv", kpi.name)
}

pub fn csv(kpi: &Kpi) -> Csv {
    let columns: Vec<Column<'_>> = kpi
        .header
        .iter()
        .zip(&kpi.kinds)
        .map(|(name, kind)| match kind {
            Kind::Figure => columns::number(name),
            Kind::Code => columns::code(name),
            Kind::Words => columns::text(name),
        })
        .collect();
    Csv::of(&columns, &kpi.rows, |cells, out| {
        for (cell, kind) in cells.iter().zip(&kpi.kinds) {
            match kind {
                Kind::Figure => out.number(Number::Printed(cell)),
                Kind::Code => out.code(cell),
                Kind::Words => out.text(cell),
            }
        }
    })
}
