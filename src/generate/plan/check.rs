//! Findings about a plan as a whole: cells that wait for themselves, columns that nobody reads, sources that nobody makes.

use super::model::*;
use crate::diagnostic::{Diagnostic, Findings, Mistake, Place, Text};
use crate::policy::model::Pipeline;
use crate::schema::{self, BySource};
use crate::sql::ir::Row;
use std::collections::{BTreeMap, BTreeSet};

/// Something that is worked out for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Cell(TableId, usize),
    Link(TableId, usize),
    There(TableId),
}

/// Checks the finished tables; `places` are those of the tables' names.
pub fn check(tables: &BySource<PlanTable>, places: &BySource<Place>, findings: &Findings) {
    let needs = needs(tables);
    find_circles(tables, places, &needs, findings);
    let read: BTreeSet<Step> = needs.values().flatten().copied().collect();
    for (id, table) in tables.iter_enumerated() {
        for (c, column) in table.columns.iter().enumerate() {
            if !table.written.contains(&Some(c)) && !read.contains(&Step::Cell(id, c)) {
                let message = format!("column `{}` of `{}` is neither written nor read", column.name, table.name);
                findings.push(Diagnostic::warning(Mistake::Unused, places[id].clone(), message));
            }
        }
    }
}

/// Warns of sources that no table makes, but for those that the plan names as such.
pub fn check_complete(tables: &BySource<PlanTable>, without: &[Text], pipeline: &Pipeline, start: &Place, findings: &Findings) {
    for name in without {
        findings.keep(schema::find(schema::names(&pipeline.sources), &name.value, &name.place));
    }
    for source in pipeline.sources.iter().filter(|s| !s.reference) {
        if !tables.iter().any(|t| t.name == source.name) && !without.iter().any(|name| name.value == source.name) {
            let diagnostic = Diagnostic::warning(Mistake::Unused, start.clone(), format!("no table makes the source `{}`", source.name));
            findings.push(diagnostic.hint("plan it, or name it in [generate] without"));
        }
    }
}

fn needs(tables: &BySource<PlanTable>) -> BTreeMap<Step, Vec<Step>> {
    let mut needs: BTreeMap<Step, Vec<Step>> = BTreeMap::new();
    for (id, table) in tables.iter_enumerated() {
        let mut there: Vec<Step> = (0..table.links.len()).map(|link| Step::Link(id, link)).collect();
        if let Count::Children { parent, .. } = table.count {
            there.push(Step::There(parent));
        }
        there.extend(read_by(&table.filters, tables, id, id));
        needs.insert(Step::There(id), there);
        for (l, link) in table.links.iter().enumerate() {
            let read = match &link.kind {
                LinkKind::Any(condition) => read_by(condition, tables, link.target, id),
                LinkKind::Row(number) => read_by([number], tables, id, id),
                LinkKind::Parent | LinkKind::Apart => Vec::new(),
            };
            let target = (!matches!(link.kind, LinkKind::Parent)).then_some(Step::There(link.target));
            needs.insert(Step::Link(id, l), target.into_iter().chain(read).collect());
        }
        for (c, column) in table.columns.iter().enumerate() {
            needs.insert(Step::Cell(id, c), read_by(column.formulas(), tables, id, id));
        }
    }
    needs
}

/// What formulas read, on the row `own` and the row around it.
fn read_by<'f>(formulas: impl IntoIterator<Item = &'f Formula>, tables: &BySource<PlanTable>, own: TableId, around: TableId) -> Vec<Step> {
    let mut steps = Vec::new();
    for (_, read) in formulas.into_iter().flat_map(|formula| &formula.reads) {
        let table = if read.row == Row::Own { own } else { around };
        match read.link {
            Some(link) => steps.extend([Step::Link(table, link), Step::Cell(tables[table].links[link].target, read.column)]),
            None => steps.push(Step::Cell(table, read.column)),
        }
    }
    steps
}

/// Reports each table with a cell, link or condition that would have to be known before itself.
fn find_circles(tables: &BySource<PlanTable>, places: &BySource<Place>, needs: &BTreeMap<Step, Vec<Step>>, findings: &Findings) {
    let mut done: BTreeSet<Step> = BTreeSet::new();
    for &start in needs.keys() {
        let mut path: Vec<(Step, usize)> = vec![(start, 0)];
        while let Some((step, next)) = path.pop() {
            if done.contains(&step) {
                continue;
            }
            match needs.get(&step).and_then(|n| n.get(next)) {
                Some(&need) => {
                    path.push((step, next + 1));
                    if path.iter().any(|(s, _)| *s == need) {
                        report(need, tables, places, findings);
                        return;
                    }
                    path.push((need, 0));
                }
                None => {
                    done.insert(step);
                }
            }
        }
    }
}

fn report(step: Step, tables: &BySource<PlanTable>, places: &BySource<Place>, findings: &Findings) {
    let (table, what) = match step {
        Step::Cell(table, column) => (table, format!("column `{}`", tables[table].columns[column].name)),
        Step::Link(table, link) => (table, format!("link `{}`", tables[table].links[link].name)),
        Step::There(table) => (table, "the choice of rows".to_string()),
    };
    let message = format!("{what} of `{}` depends on itself", tables[table].name);
    findings.push(Diagnostic::error(Mistake::Cycle, places[table].clone(), message));
}
