//! Raw tables → [`PlanTable`]s: every name found, every value of its column's type, every column of every source made.

use super::formula::Formulas;
use super::model::*;
use super::names::Shape;
use super::raw::{RawLink, RawRows, RawRule, RawSettings, RawTable};
use super::rules::{Columns, Ordinals};
use super::values::Context;
use crate::schema::{BySource, ColumnKind};

/// What holds for all tables; the as-of date must be one.
pub fn settings(context: Context<'_>, raw: &RawSettings) -> Option<Settings> {
    let as_of = raw.as_of.as_ref().and_then(|text| context.day(text))?;
    Some(Settings { as_of, near: raw.near, yes: raw.yes.clone(), no: raw.no.clone() })
}

/// The finished tables; incomplete ones are left out after their mistakes were reported.
pub fn tables(context: Context<'_>, settings: &Settings, raw: &BySource<RawTable>, shapes: &BySource<Shape>) -> BySource<PlanTable> {
    let identities = raw.iter().flat_map(|t| &t.columns).map(|c| identities(&c.rule)).sum();
    let mut ordinals = Ordinals { all_persons: identities, ..Ordinals::default() };
    let table = |(id, raw)| table(context, settings, shapes, &mut ordinals, id, raw);
    raw.iter_enumerated().filter_map(table).collect()
}

/// How many sequences of identity numbers a rule draws from.
fn identities(rule: &RawRule) -> u64 {
    match rule {
        RawRule::Identity { .. } => 1,
        RawRule::Mix(branches) => branches.iter().map(|branch| identities(&branch.rule)).sum(),
        _ => 0,
    }
}

fn table(
    context: Context<'_>,
    settings: &Settings,
    shapes: &BySource<Shape>,
    ordinals: &mut Ordinals,
    id: TableId,
    raw: &RawTable,
) -> Option<PlanTable> {
    let formulas = Formulas::of_row(context, shapes, id);
    let links = links(context, shapes, &formulas, id, raw);
    let filters = raw.filter.as_ref().map_or(Some(Vec::new()), |text| formulas.conditions(text));
    let mut maker = Columns { context, settings, shapes, table: id, formulas: &formulas, ordinals };
    let columns: Vec<Option<PlanColumn>> = raw.columns.iter().enumerate().map(|(i, column)| maker.column(i, column)).collect();
    let columns: Vec<PlanColumn> = columns.into_iter().collect::<Option<_>>()?;
    let mut filters = filters?;
    // What can be told without drawing comes first: then less is drawn.
    filters.sort_by_key(|filter| filter.reads.iter().any(|(_, read)| read.link.is_none() && columns[read.column].rule.draws()));
    let source = context.pipeline.source(&raw.name.value);
    let written = source.map_or(&[][..], |s| &context.pipeline.sources[s].columns);
    Some(PlanTable {
        name: raw.name.value.clone(),
        source,
        count: count(raw, &shapes[id])?,
        share: raw.share,
        filters,
        links: links?,
        written: written.iter().map(|w| columns.iter().position(|c| c.name == w.name)).collect(),
        columns,
    })
}

fn count(raw: &RawTable, shape: &Shape) -> Option<Count> {
    match (&raw.rows, &raw.parent) {
        (Some(RawRows::Fixed(rows) | RawRows::Listed(rows)), _) => Some(Count::Fixed(*rows)),
        (Some(RawRows::PerThousand { rows, at_least }), _) => Some(Count::PerThousand { rows: *rows, at_least: *at_least }),
        (None, Some(_)) => Some(Count::Children { parent: shape.links.first()?.1, times: raw.times }),
        (None, None) => None,
    }
}

fn links(context: Context<'_>, shapes: &BySource<Shape>, formulas: &Formulas<'_>, id: TableId, raw: &RawTable) -> Option<Vec<Link>> {
    let kind = |link: &RawLink, target: TableId| match (&link.row, &link.filter) {
        _ if link.apart => Some(LinkKind::Apart),
        (Some(number), _) => formulas.cell(number, &ColumnKind::Int).map(LinkKind::Row),
        (None, None) => Some(LinkKind::Any(None)),
        (None, Some(filter)) => {
            let condition = Formulas::of_link(context, shapes, &link.name.value, target, id).condition(filter)?;
            Some(LinkKind::Any(Some(condition)))
        }
    };
    let declared = raw.parent.iter().map(|_| None).chain(raw.links.iter().map(Some));
    let links: Vec<Option<Link>> = declared
        .zip(&shapes[id].links)
        .map(|(link, (name, target))| {
            let kind = link.map_or(Some(LinkKind::Parent), |link| kind(link, *target))?;
            Some(Link { name: name.clone(), target: *target, kind })
        })
        .collect();
    links.into_iter().collect()
}
