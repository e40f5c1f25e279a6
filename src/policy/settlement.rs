//! `settlement.toml` → [`Settlement`]: what several measures settle together, off unless somebody switches it on.

use super::cases;
use super::catalogue::Names;
use super::measures::expression_of_row;
use super::model::{Budget, CaseAward, HighestOf, Measure, Settlement, SettlementCase};
use super::parameters;
use super::toml::{Table, Value};
use crate::diagnostic::{Diagnostic, Findings, Mistake, Place, Text};
use crate::money::{self, Fen};
use crate::sql::ir::{Expr, MeasureId};
use std::collections::BTreeMap;
use typed_index_collections::TiVec;

/// Reads the whole file; nothing where some of the `complete` measures have mistakes of their own.
pub fn read(t: Table<'_>, names: &Names<'_>, measures: &TiVec<MeasureId, Measure>, complete: usize) -> Settlement {
    if measures.len() != complete {
        return Settlement::default();
    }
    let highest_of = t.tables("highest_of").into_iter().filter_map(|h| read_group(h, names, measures)).collect();
    let budgets = t.tables("budget").into_iter().filter_map(|b| read_budget(b, names, measures)).collect();
    t.finish();
    let settlement = Settlement { highest_of, budgets };
    check_names(&settlement, measures, names.findings);
    settlement
}

fn read_group(h: Table<'_>, names: &Names<'_>, measures: &TiVec<MeasureId, Measure>) -> Option<HighestOf> {
    let ids = h.texts("measures");
    let head = read_head(&h);
    let members = names.find_measures(ids.clone());
    check_members(&ids, &members, measures, names.findings);
    if ids.len() == 1 {
        wrong(names.findings, &ids[0].place, "of one measure the highest is always that one: a group needs two");
    }
    let cases = h.tables("case").into_iter().map(|c| read_case(c, names)).collect();
    let enabled = h.boolean("enabled");
    h.finish();
    let (name, says, source, article) = head?;
    let (name, place) = (name.value, name.place);
    Some(HighestOf { name, says, source, article, enabled, overlaid: false, measures: members, cases, place })
}

fn read_budget(b: Table<'_>, names: &Names<'_>, measures: &TiVec<MeasureId, Measure>) -> Option<Budget> {
    let ids = b.texts("measures");
    let head = read_head(&b);
    let members = names.find_measures(ids.clone());
    check_members(&ids, &members, measures, names.findings);
    let amounts = b.table("amounts").map(read_amounts).unwrap_or_default();
    let order = b.table("order").map(|t| read_order(t, names, &members, measures)).unwrap_or_default();
    let cases = b.tables("case").into_iter().map(|c| read_case(c, names)).collect();
    let enabled = b.boolean("enabled");
    b.finish();
    let (name, says, source, article) = head?;
    if enabled && amounts.is_empty() {
        wrong(names.findings, &name.place, "it is switched on, and no year has any money: write `amounts`");
    }
    let (name, place) = (name.value, name.place);
    Some(Budget { name, says, source, article, enabled, overlaid: false, measures: members, amounts, order, cases, place })
}

type Head = (Text, String, String, u32);

fn read_head(t: &Table<'_>) -> Option<Head> {
    let (name, says, source) = (t.need_text("name"), t.need_text("says"), t.need_text("source"));
    let article = t.need("article").and_then(|v| v.integer()).and_then(|n| u32::try_from(n).ok());
    t.need("measures");
    Some((name?, says?.value, source?.value, article?))
}

/// Money by year.
fn read_amounts(t: Table<'_>) -> BTreeMap<i32, Fen> {
    let mut amounts = BTreeMap::new();
    for (year, amount) in t.entries() {
        let stored = amount.scalar().and_then(|a| money::parse_set_money(&a.value)).filter(|stored| *stored >= Fen::ZERO);
        match (year.value.parse(), stored) {
            (Ok(year), Some(stored)) => {
                amounts.insert(year, stored);
            }
            _ => t.findings().push(Diagnostic::error(Mistake::BadValue, amount.place(), "a budget is year = \"amount in yuan\"")),
        }
    }
    amounts
}

/// Who of a measure comes first: expressions of its row.
fn read_order(
    t: Table<'_>,
    names: &Names<'_>,
    members: &[MeasureId],
    measures: &TiVec<MeasureId, Measure>,
) -> BTreeMap<MeasureId, Vec<Expr>> {
    let mut order = BTreeMap::new();
    for (id, list) in t.entries() {
        let Some(&measure) = names.find_measures(vec![id.clone()]).first() else {
            continue;
        };
        if !members.contains(&measure) {
            wrong(names.findings, &id.place, "this measure is not paid from this budget");
            continue;
        }
        let texts: Vec<Text> = list.array().unwrap_or_default().iter().filter_map(Value::text).collect();
        order.insert(measure, texts.iter().filter_map(|text| expression_of_row(names, measures[measure].per, text)).collect());
    }
    order
}

fn read_case(t: Table<'_>, names: &Names<'_>) -> SettlementCase {
    let awards = t.tables("award").into_iter().filter_map(|a| {
        let (id, case) = (a.need_text("measure"), cases::case_in(&a));
        a.finish();
        Some(CaseAward { measure: *names.find_measures(vec![id?]).first()?, case })
    });
    let case = SettlementCase {
        says: t.string("says").unwrap_or_default(),
        as_of: parameters::date(t.text("as_of"), &t),
        amounts: t.table("amounts").map(read_amounts),
        awards: awards.collect(),
        place: t.place(),
    };
    t.finish();
    case
}

/// Every member named once, and with money to settle.
fn check_members(ids: &[Text], members: &[MeasureId], measures: &TiVec<MeasureId, Measure>, findings: &Findings) {
    for (i, id) in ids.iter().enumerate() {
        if ids[..i].iter().any(|other| other.value == id.value) {
            wrong(findings, &id.place, "this measure is named twice");
        }
    }
    for measure in members.iter().map(|&m| &measures[m]).filter(|m| m.amount.is_none()) {
        if let Some(id) = ids.iter().find(|id| id.value == measure.id) {
            wrong(findings, &id.place, "this measure pays no amount: there is nothing to settle");
        }
    }
}

/// `--set NAME.…` must mean one thing.
fn check_names(settlement: &Settlement, measures: &TiVec<MeasureId, Measure>, findings: &Findings) {
    let all = settlement.highest_of.iter().map(|g| (&g.name, &g.place)).chain(settlement.budgets.iter().map(|b| (&b.name, &b.place)));
    let mut seen: Vec<&String> = measures.iter().map(|m| &m.id).collect();
    for (name, place) in all {
        if seen.contains(&name) {
            findings.push(Diagnostic::error(
                Mistake::DuplicateName,
                place.clone(),
                format!("`{name}` is the name of something else already"),
            ));
        }
        seen.push(name);
    }
}

fn wrong(findings: &Findings, place: &Place, text: &str) {
    findings.push(Diagnostic::error(Mistake::Settlement, place.clone(), text));
}
