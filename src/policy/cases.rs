//! `[example]` and `[[case]]`: cells as a data file would write them.

use super::model::{Case, Cells, Example, Expect, Registration, Related};
use super::parameters;
use super::toml::{Table, Value};

pub fn read_example(t: Table<'_>) -> Example {
    let example = Example {
        as_of: parameters::date(t.text("as_of"), &t),
        row: t.table("row").map(cells).unwrap_or_default(),
        registration: registration(t.get("registration")),
        related: related(t.table("related")),
        parameters: settings(t.table("parameters")),
    };
    t.finish();
    example
}

/// An enterprise in a file of its own: `as_of`, `registration` and `related` as in a measure's `[example]`.
pub fn read_enterprise(t: Table<'_>) -> Example {
    let example = Example {
        as_of: parameters::date(t.text("as_of"), &t),
        registration: registration(t.get("registration")),
        related: related(t.table("related")),
        ..Example::default()
    };
    t.finish();
    example
}

pub fn read_case(t: Table<'_>) -> Case {
    let case = case_in(&t);
    t.finish();
    case
}

/// A case that stands in a table with other keys.
pub fn case_in(t: &Table<'_>) -> Case {
    let expects = t.get("expect").into_iter().chain(t.get("expect_rows").and_then(|v| v.array()).into_iter().flatten());
    let expect = expects.filter_map(|v| v.table()).map(read_expect).collect();
    Case {
        says: t.string("says").unwrap_or_default(),
        as_of: parameters::date(t.text("as_of"), t),
        row: t.table("row").map(cells).unwrap_or_default(),
        rows: t.tables("rows").into_iter().map(cells).collect(),
        registration: registration(t.get("registration")),
        related: related(t.table("related")),
        parameters: settings(t.table("parameters")),
        expect,
        place: t.place(),
    }
}

fn read_expect(t: Table<'_>) -> Expect {
    let text = |key| t.get(key).and_then(|v: Value<'_>| v.scalar()).map(|s| s.value);
    let expect = Expect {
        verdict: text("verdict"),
        amount: text("amount"),
        before: text("before"),
        cut: text("cut"),
        clause: text("clause"),
        missing: t.strings("missing"),
        status: text("status"),
        reason: text("reason"),
        place: Some(t.place()),
    };
    t.finish();
    expect
}

/// Column → cell of a table with free keys.
pub fn cells(t: Table<'_>) -> Cells {
    t.entries().into_iter().filter_map(|(name, value)| Some((name.value, value.scalar()?.value))).collect()
}

fn registration(value: Option<Value<'_>>) -> Registration {
    match value {
        None => Registration::Default,
        Some(v) if v.is_boolean() => match v.boolean() {
            Some(false) => Registration::Absent,
            _ => Registration::Default,
        },
        Some(v) => v.table().map_or(Registration::Default, |t| Registration::Changed(cells(t))),
    }
}

fn related(table: Option<Table<'_>>) -> Related {
    let entries = table.map(|t| t.entries()).unwrap_or_default();
    entries
        .into_iter()
        .map(|(source, rows)| {
            let rows = rows.array().unwrap_or_default().iter().filter_map(|r| r.table()).map(cells).collect();
            (source.value, rows)
        })
        .collect()
}

/// Parameter → value; a keyed one as `name.key`.
fn settings(table: Option<Table<'_>>) -> Vec<(String, String)> {
    let mut list = Vec::new();
    for (name, value) in table.map(|t| t.entries()).unwrap_or_default() {
        if value.is_table() {
            let keys = value.table().map(cells).unwrap_or_default();
            list.extend(keys.into_iter().map(|(key, v)| (format!("{}.{key}", name.value), v)));
        } else if let Some(v) = value.scalar() {
            list.push((name.value, v.value));
        }
    }
    list
}
