//! Dated values: `[parameters]` of a measure and `parameters/*.toml`, checked for gaps and overlaps.

use super::forms::Kind;
use super::model::{Entry, Parameter, Setting};
use super::toml::{Table, Value};
use crate::diagnostic::{Diagnostic, Mistake, Place, Text};
use crate::money;
use crate::money::{MONEY_SCALE, RATE_SCALE};
use crate::period;

use crate::value::{self, Type};
use std::collections::BTreeMap;

/// A parameter as read, with the expressions that say where it is read still as text.
pub struct RawParameter {
    pub parameter: Parameter,
    pub at: Option<Text>,
    pub by: Option<Text>,
}

impl RawParameter {
    /// Its name where it stands.
    pub fn name(&self) -> Text {
        Text { value: self.parameter.name.clone(), place: self.parameter.place.clone() }
    }
}

/// What the values of a unit are: yuan, fractions and dates for every pipeline; what else it counts or measures, its title page says.
pub struct Units(Vec<(String, Type)>);

impl Units {
    /// `[units]` of the title page: words that count whole things, and words that measure.
    pub fn read(table: Option<Table<'_>>) -> Units {
        let known = [("元", Type::MONEY), ("比例", Type::RATE), ("日期", Type::Date)];
        let mut units: Vec<(String, Type)> = known.into_iter().map(|(word, ty)| (word.to_string(), ty)).collect();
        if let Some(table) = table {
            for (key, ty) in [("count", Type::INT), ("measure", Type::DECIMAL)] {
                units.extend(table.strings(key).into_iter().map(|word| (word, ty.clone())));
            }
            table.finish();
        }
        Units(units)
    }

    pub fn type_of(&self, unit: &str) -> Option<Type> {
        self.0.iter().find(|(word, _)| word == unit).map(|(_, ty)| ty.clone())
    }

    fn words(&self) -> String {
        self.0.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" | ")
    }
}

/// Reads one table of parameters.
pub fn read(table: Table<'_>, measure: Option<&str>, units: &Units) -> Vec<RawParameter> {
    let read = |(name, value): (Text, Value<'_>)| {
        let found = one(name.clone(), value, measure, units);
        if found.is_none() {
            table.findings().fail(&name);
        }
        found
    };
    table.entries().into_iter().filter_map(read).collect()
}

fn one(name: Text, value: Value<'_>, measure: Option<&str>, units: &Units) -> Option<RawParameter> {
    let table = value.table()?;
    let unit = table.need_text("unit")?;
    let (at, by) = (table.text("at"), table.text("by"));
    let Some(ty) = units.type_of(&unit.value) else {
        let diagnostic = Diagnostic::error(Mistake::UnknownUnit, unit.place, format!("unknown unit `{}`", unit.value));
        table.findings().push(diagnostic.hint(format!("{}; others are declared in [units] of pipeline.toml", units.words())));
        return None;
    };
    let mut entries = Vec::new();
    for item in table.need("values")?.array()? {
        entries.push((entry(&item, &ty, by.is_some())?, item.place()));
    }
    check_dates(&table, &mut entries);
    table.finish();
    let parameter = Parameter {
        name: name.value,
        measure: measure.map(str::to_string),
        unit: unit.value,
        ty,
        keyed: by.is_some(),
        row_dated: at.is_some(),
        entries: entries.into_iter().map(|(e, _)| e).collect(),
        overlaid: false,
        filed: None,
        place: name.place,
    };
    Some(RawParameter { parameter, at, by })
}

fn entry(item: &Value<'_>, ty: &Type, keyed: bool) -> Option<Entry> {
    let table = item.table()?;
    let day = |key| date(table.text(key), &table);
    let (from, to) = (day("from"), day("to"));
    let source = table.need_text("source")?;
    let (value, written) = match table.get("value") {
        None => (Setting::Unset, String::new()),
        Some(v) if keyed => {
            let mut keys = BTreeMap::new();
            let mut written = Vec::new();
            for (key, value) in v.table()?.entries() {
                let text = value.scalar()?;
                written.push(format!("{}={}", key.value, text.value));
                keys.insert(key.value, value_of(&text, ty, &table)?);
            }
            (Setting::Keyed(keys), written.join(" "))
        }
        Some(v) => {
            // With `by`, which this one has not.
            v.may_be(Kind::Object);
            let text = v.scalar()?;
            (Setting::One(value_of(&text, ty, &table)?), text.value)
        }
    };
    let (note, words) = (table.string("note"), table.string("words"));
    table.string("checked");
    table.finish();
    Some(Entry { from, to, value, written, source: source.value, note, words })
}

fn value_of(text: &Text, ty: &Type, table: &Table<'_>) -> Option<value::Value> {
    let value = parse_value(&text.value, ty);
    if value.is_none() {
        table.findings().push(Diagnostic::error(
            Mistake::BadValue,
            text.place.clone(),
            format!("`{}` is {}", text.value, what_it_is_not(&text.value, ty)),
        ));
    }
    value
}

/// Why a text is no value of this type: it is so.
pub fn what_it_is_not(text: &str, ty: &Type) -> String {
    match bare_rate(text.trim(), ty) {
        Some(rate) if is_beyond_whole(rate) => {
            let percent = money::format_plain(i128::from(rate) * 100, RATE_SCALE);
            format!("more than the whole: write `{0}%` if {0} % is meant, `{percent}%` if it is", text.trim())
        }
        _ => format!("not {}", described(ty)),
    }
}

/// A rate that is written without `%`.
fn bare_rate(text: &str, ty: &Type) -> Option<i64> {
    let is_rate = matches!(ty, Type::Number(n) if n.scale == RATE_SCALE && n.unit == value::Unit::Rate);
    money::parse_set(text, RATE_SCALE).filter(|_| is_rate)
}

fn is_beyond_whole(rate: i64) -> bool {
    rate.unsigned_abs() > 10u64.pow(RATE_SCALE)
}

/// How a value of this type is written.
fn described(ty: &Type) -> &'static str {
    match ty.name() {
        "money" => "an amount in yuan with at most 2 decimals, written as a string",
        "rate" => "a rate such as 0.03 or 3%, at most 8 decimals",
        "date" => "a date such as 2022-04-08",
        "int" => "a whole number",
        _ => "a number with at most 8 decimals",
    }
}

/// A parameter value from its text, exact. A rate above 1 has a `%`: 3 is nobody's three hundred per cent.
pub fn parse_value(text: &str, ty: &Type) -> Option<value::Value> {
    let text = text.trim();
    match ty {
        _ if bare_rate(text, ty).is_some_and(is_beyond_whole) => None,
        Type::Date => period::parse_iso_date(text.as_bytes()).map(value::Value::Date),
        Type::Number(n) => {
            let stored = match text.strip_suffix('%').filter(|_| n.unit == value::Unit::Rate) {
                Some(percent) => money::parse_set(percent, n.scale - 2),
                None if n.scale == MONEY_SCALE => money::parse_set_money(text).map(|fen| fen.0),
                None => money::parse_set(text, n.scale),
            };
            stored.map(|v| value::Value::Number(i128::from(v)))
        }
        _ => None,
    }
}

/// A date key of a table; a bad one is reported.
pub fn date(text: Option<Text>, table: &Table<'_>) -> Option<i32> {
    let text = text?;
    let day = period::parse_iso_date(text.value.as_bytes());
    if day.is_none() {
        table
            .findings()
            .push(Diagnostic::error(Mistake::BadDate, text.place, format!("`{}` is not a date", text.value)).hint("write 2022-04-08"));
    }
    day
}

/// Ends each entry where the next begins; refuses overlaps and gaps.
fn check_dates(table: &Table<'_>, entries: &mut [(Entry, Place)]) {
    for i in 1..entries.len() {
        let (before, after) = entries.split_at_mut(i);
        let (previous, next) = (&mut before[i - 1].0, &after[0]);
        let Some(start) = next.0.from else {
            table.findings().push(Diagnostic::error(Mistake::Overlap, next.1.clone(), "an entry after the first needs a `from`"));
            continue;
        };
        if previous.from.is_some_and(|p| p >= start) || previous.to.is_some_and(|t| t >= start) {
            table.findings().push(Diagnostic::error(Mistake::Overlap, next.1.clone(), "this entry begins before the one above has ended"));
        } else if previous.to.is_some_and(|t| t + 1 < start) {
            table.findings().push(
                Diagnostic::error(Mistake::Gap, next.1.clone(), "between the entry above and this one nothing is in force")
                    .hint("say so with an entry without a value, or mend the dates"),
            );
        }
        previous.to.get_or_insert(start - 1);
    }
}
