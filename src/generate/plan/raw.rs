//! `generate/*.toml` read key by key: tables, links and columns with their expressions still as text.

use super::model::{Curve, Dirt, Fault, Share};
use crate::diagnostic::{Diagnostic, Findings, Mistake, Place, Text};
use crate::money;
use crate::policy::toml::{Table, Value};
use crate::schema::BySource;
use ::toml::de::DeValue;

/// One table as written.
pub struct RawTable {
    pub name: Text,
    /// The source whose column types a helper takes over.
    pub like: Option<Text>,
    pub rows: Option<RawRows>,
    pub parent: Option<Text>,
    /// Rows per parent row.
    pub times: u64,
    pub share: Share,
    pub filter: Option<Text>,
    pub links: Vec<RawLink>,
    pub columns: Vec<RawColumn>,
    /// Columns whose mistakes were reported.
    pub broken: Vec<String>,
}

pub enum RawRows {
    Fixed(u64),
    PerThousand {
        rows: u64,
        at_least: u64,
    },
    /// So many as are written out.
    Listed(u64),
}

pub struct RawLink {
    pub name: Text,
    pub target: Text,
    pub filter: Option<Text>,
    pub row: Option<Text>,
    pub apart: bool,
}

pub struct RawColumn {
    pub name: Text,
    pub ty: Option<Text>,
    pub rule: RawRule,
    pub when: Option<Text>,
    pub empty: Share,
    /// Where `when` or `empty` says that a cell may stay empty.
    pub emptied: Option<Place>,
    pub near: Vec<Text>,
    pub near_share: Option<Share>,
}

pub enum RawRule {
    Each {
        divisor: u64,
        values: Vec<Text>,
    },
    Number(i64),
    Value(Text),
    Pick(Vec<(Text, u64)>),
    Range {
        from: Text,
        to: Text,
        step: Option<Text>,
        curve: Curve,
    },
    Text(Text),
    Uscc {
        issuer: Text,
        region: Text,
    },
    Identity {
        from: Text,
        to: Text,
    },
    Mix(Vec<RawBranch>),
    /// The parent's column of the same name.
    Copy,
}

pub struct RawBranch {
    pub weight: u64,
    pub when: Option<Text>,
    pub rule: RawRule,
}

/// `[generate]`.
pub struct RawSettings {
    pub as_of: Option<Text>,
    pub near: Share,
    pub yes: String,
    pub no: String,
    /// Sources that no plan can make, each with the reason.
    pub without: Vec<Text>,
}

/// Everything that the files say.
#[derive(Default)]
pub struct Raw {
    pub settings: Option<RawSettings>,
    pub tables: BySource<RawTable>,
    pub dirt: Vec<Dirt>,
}

impl Raw {
    /// Adds one file.
    pub fn read(&mut self, root: Table<'_>) {
        if let Some(settings) = root.table("generate") {
            self.settings = Some(read_settings(settings));
        }
        self.dirt.extend(root.tables("dirt").into_iter().filter_map(read_dirt));
        for (name, value) in root.entries() {
            if !["generate", "dirt"].contains(&name.value.as_str())
                && let Some(table) = value.table()
            {
                self.tables.push(read_table(name, table));
            }
        }
    }
}

fn read_settings(t: Table<'_>) -> RawSettings {
    let settings = RawSettings {
        as_of: t.need_text("as_of"),
        near: share(t.text("near"), t.findings()).unwrap_or(Share::NONE),
        yes: t.string("yes").unwrap_or_else(|| "true".into()),
        no: t.string("no").unwrap_or_else(|| "false".into()),
        without: t.texts("without"),
    };
    t.finish();
    settings
}

impl RawColumn {
    /// A column that nobody declared.
    pub fn copied(name: Text) -> RawColumn {
        plain(name, RawRule::Copy)
    }
}

fn read_table(name: Text, t: Table<'_>) -> RawTable {
    let findings = t.findings();
    let mut columns = Vec::new();
    let rows = read_rows(&t, &mut columns);
    let each = t.table("each").map(read_each).unwrap_or_default();
    let mut divisor = 1;
    for (column, values) in each.into_iter().rev() {
        let times = values.len() as u64;
        columns.push(plain(column, RawRule::Each { divisor, values }));
        divisor = divisor.saturating_mul(times);
    }
    let declared = t.table("column").map(|c| c.entries()).unwrap_or_default();
    let mut broken = Vec::new();
    for (name, value) in declared {
        match read_column(name.clone(), value, findings) {
            Some(column) => columns.push(column),
            None => broken.push(name.value),
        }
    }
    let table = RawTable {
        name,
        like: t.text("like"),
        rows,
        parent: t.text("per"),
        times: divisor,
        share: share(t.text("share"), findings).unwrap_or(Share::WHOLE),
        filter: t.text("where"),
        broken,
        links: t.table("link").map(|l| l.entries()).unwrap_or_default().into_iter().filter_map(read_link).collect(),
        columns,
    };
    if table.rows.is_some() == table.parent.is_some() {
        let diagnostic = Diagnostic::error(Mistake::MissingKey, table.name.place.clone(), "a table says either `rows` or `per`");
        findings.push(diagnostic.hint("rows = 40, rows = { per_thousand = 300, at_least = 50 }, or per = \"enterprises\""));
    }
    t.finish();
    table
}

fn plain(name: Text, rule: RawRule) -> RawColumn {
    RawColumn { name, ty: None, rule, when: None, empty: Share::NONE, emptied: None, near: Vec::new(), near_share: None }
}

fn read_rows(t: &Table<'_>, columns: &mut Vec<RawColumn>) -> Option<RawRows> {
    let value = t.get("rows")?;
    match value.value {
        DeValue::Integer(_) => Some(RawRows::Fixed(count(&value)?)),
        DeValue::Array(_) => listed(&value, columns),
        _ => {
            let t = value.table()?;
            let rows = t.need("per_thousand").and_then(|v| count(&v));
            let at_least = t.get("at_least").and_then(|v| count(&v)).unwrap_or(0);
            t.finish();
            Some(RawRows::PerThousand { rows: rows?, at_least })
        }
    }
}

/// Rows that are written out: each of their keys is a column.
fn listed(value: &Value<'_>, columns: &mut Vec<RawColumn>) -> Option<RawRows> {
    let rows: Vec<Vec<(Text, Value<'_>)>> = value.array()?.iter().filter_map(Value::table).map(|row| row.entries()).collect();
    for (name, _) in rows.first().into_iter().flatten() {
        let cell = |row: &Vec<(Text, Value<'_>)>| row.iter().find(|(n, _)| n.value == name.value).and_then(|(_, v)| v.scalar());
        let empty = || Text { value: String::new(), place: name.place.clone() };
        let values = rows.iter().map(|row| cell(row).unwrap_or_else(empty)).collect();
        columns.push(plain(name.clone(), RawRule::Each { divisor: 1, values }));
    }
    Some(RawRows::Listed(rows.len() as u64))
}

fn read_each(t: Table<'_>) -> Vec<(Text, Vec<Text>)> {
    let mut each = Vec::new();
    for (name, value) in t.entries() {
        let values = match value.value {
            DeValue::Integer(_) => {
                let upto = count(&value).unwrap_or(1);
                (1..=upto).map(|n| Text { value: n.to_string(), place: value.place() }).collect()
            }
            _ => value.array().unwrap_or_default().iter().filter_map(Value::scalar).collect::<Vec<Text>>(),
        };
        if !values.is_empty() {
            each.push((name, values));
        }
    }
    each
}

/// A whole number of rows or a weight; a negative one is reported.
fn count(value: &Value<'_>) -> Option<u64> {
    let number = value.integer()?;
    let count = u64::try_from(number).ok();
    if count.is_none() {
        value.findings().push(Diagnostic::error(Mistake::BadValue, value.place(), "this cannot be negative"));
    }
    count
}

fn share(text: Option<Text>, findings: &Findings) -> Option<Share> {
    let text = text?;
    let share = money::parse_rate(&text.value).ok().and_then(|v| u64::try_from(v).ok()).filter(|v| *v <= Share::WHOLE.0);
    if share.is_none() {
        findings.push(Diagnostic::error(Mistake::BadValue, text.place, format!("`{}` is not a share", text.value)).hint("write \"5%\""));
    }
    share.map(Share)
}

fn read_link((name, value): (Text, Value<'_>)) -> Option<RawLink> {
    let t = value.table()?;
    let (target, filter, row, apart) = (t.need_text("of"), t.text("where"), t.text("row"), t.boolean("apart"));
    if usize::from(filter.is_some()) + usize::from(row.is_some()) + usize::from(apart) > 1 {
        let message = "a link is found by `where`, by `row`, or keeps siblings `apart`: only one of them";
        t.findings().push(Diagnostic::error(Mistake::Unsupported, t.place(), message));
    }
    t.finish();
    Some(RawLink { name, target: target?, filter, row, apart })
}

fn read_column(name: Text, value: Value<'_>, findings: &Findings) -> Option<RawColumn> {
    let DeValue::Table(_) = value.value else {
        return Some(plain(name, short_rule(&value)?));
    };
    let t = value.table()?;
    let rule = read_rule(&t);
    let when = t.text("when");
    let empty = t.text("empty");
    let (ty, near, near_share) = (t.text("type"), t.texts("near"), share(t.text("near_share"), findings));
    t.finish();
    Some(RawColumn {
        name,
        ty,
        rule: rule?,
        emptied: when.as_ref().or(empty.as_ref()).map(|text| text.place.clone()),
        when,
        empty: share(empty, findings).unwrap_or(Share::NONE),
        near,
        near_share,
    })
}

/// An expression, a number, or a list to choose from.
fn short_rule(value: &Value<'_>) -> Option<RawRule> {
    match value.value {
        DeValue::Array(_) => Some(RawRule::Pick(value.array()?.iter().filter_map(Value::scalar).map(|v| (v, 1)).collect())),
        _ => Some(RawRule::Value(value.scalar()?)),
    }
}

fn read_rule(t: &Table<'_>) -> Option<RawRule> {
    let mut rules = Vec::new();
    rules.extend(t.text("value").map(RawRule::Value));
    rules.extend(t.get("pick").and_then(|v| read_pick(&v)));
    rules.extend(t.text("text").map(RawRule::Text));
    rules.extend(t.get("number").and_then(|v| v.integer()).map(RawRule::Number));
    rules.extend(t.get("mix").and_then(|v| read_mix(&v)));
    let (from, to) = (t.get("from").and_then(|v| v.scalar()), t.get("to").and_then(|v| v.scalar()));
    let region = t.text("region");
    if let (Some(issuer), Some(region)) = (t.text("uscc"), region.clone()) {
        rules.push(RawRule::Uscc { issuer, region });
    }
    match (from, to, t.boolean("identity"), region) {
        (Some(from), Some(to), true, None) => rules.push(RawRule::Identity { from, to }),
        (Some(from), Some(to), false, None) => {
            let step = t.get("step").and_then(|v| v.scalar());
            rules.push(RawRule::Range { from, to, step, curve: read_curve(t) });
        }
        _ => {}
    }
    if rules.len() != 1 {
        let diagnostic = Diagnostic::error(Mistake::MissingKey, t.place(), format!("one rule makes a cell, here are {}", rules.len()));
        t.findings().push(diagnostic.hint(
            "value = … | pick = … | from = …, to = … | text = … | number = … | mix = … | uscc = …, region = … | identity = true, from = …, to = …",
        ));
        return None;
    }
    rules.pop()
}

fn read_curve(t: &Table<'_>) -> Curve {
    let Some(text) = t.text("curve") else { return Curve::Even };
    match text.value.as_str() {
        "log" => Curve::Log,
        "rising" => Curve::Rising,
        "falling" => Curve::Falling,
        other => {
            let diagnostic = Diagnostic::error(Mistake::UnknownValue, text.place.clone(), format!("unknown curve `{other}`"));
            t.findings().push(diagnostic.hint("log | rising | falling; without one all values are equally likely"));
            Curve::Even
        }
    }
}

fn read_pick(value: &Value<'_>) -> Option<RawRule> {
    let DeValue::Table(_) = value.value else { return short_rule(value) };
    let options = value.table()?.entries().into_iter().filter_map(|(word, weight)| Some((word, count(&weight)?)));
    Some(RawRule::Pick(options.collect()))
}

fn read_mix(value: &Value<'_>) -> Option<RawRule> {
    let branches = value.array()?.into_iter().filter_map(|item| {
        let t = item.table()?;
        let (weight, when, rule) = (t.get("weight").and_then(|w| count(&w)).unwrap_or(1), t.text("when"), read_rule(&t));
        t.finish();
        Some(RawBranch { weight, when, rule: rule? })
    });
    Some(RawRule::Mix(branches.collect()))
}

fn read_dirt(t: Table<'_>) -> Option<Dirt> {
    let name = t.need_text("name");
    let (text, fault) = (t.string("text"), t.text("fault"));
    let (on, refused) = (t.strings("on"), t.boolean("refused"));
    let fault = match (text, fault) {
        (Some(text), None) => Some(Fault::Text(text)),
        (None, Some(word)) => named_fault(&word, t.findings()),
        _ => {
            t.findings().push(Diagnostic::error(Mistake::MissingKey, t.place(), "a dirt says either `text` or `fault`"));
            None
        }
    };
    t.finish();
    Some(Dirt { name: name?.value, fault: fault?, on, refused })
}

fn named_fault(word: &Text, findings: &Findings) -> Option<Fault> {
    let found = Fault::NAMED.iter().find(|(name, _)| *name == word.value).map(|(_, fault)| fault.clone());
    if found.is_none() {
        let known: Vec<&str> = Fault::NAMED.iter().map(|(name, _)| *name).collect();
        let diagnostic = Diagnostic::error(Mistake::UnknownValue, word.place.clone(), format!("unknown fault `{}`", word.value));
        findings.push(diagnostic.hint(known.join(" | ")));
    }
    found
}
