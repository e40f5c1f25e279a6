//! `sources/*.toml` → [`Source`]: raw tables first, then the keys between them.

use super::toml::{Table, Value};
use crate::diagnostic::{Diagnostic, Findings, Mistake, Text, similar};
use crate::money::Unit;
use crate::schema::{self, Column, ColumnKind, Personal, Reference, Source, SourceId, Sources};
use crate::value::EnumValues;
use std::collections::BTreeMap;

/// A source file read by itself; keys to others are still names.
pub struct RawSource {
    source: Source,
    /// Its name, and its title where that is another.
    names: Vec<Text>,
    keys: Vec<Text>,
    version: Option<Text>,
    dated_by: Option<Text>,
    snapshot_of: Option<Text>,
    label: Option<Text>,
    county: Option<Text>,
    references: Vec<(usize, Text, bool)>,
    personal: Vec<(usize, Text, Vec<String>)>,
}

impl RawSource {
    /// What its files may be called.
    pub fn names(&self) -> impl Iterator<Item = &Text> {
        self.names.iter()
    }
}

/// Reads one source file.
pub fn read(table: Table<'_>, stem: &str, counties: &BTreeMap<String, String>) -> Option<RawSource> {
    let name = table.need_text("name")?;
    if name.value != stem {
        table.findings().push(Diagnostic::error(
            Mistake::FileName,
            name.place.clone(),
            format!("the file of `{}` must be called {}.toml", name.value, name.value),
        ));
    }
    let title = table.need_text("title")?;
    let mut raw = RawSource {
        source: Source {
            name: name.value.clone(),
            title: title.value.clone(),
            department: table.string("department").unwrap_or_default(),
            core: table.boolean("core"),
            may_be_empty: table.boolean("may_be_empty"),
            may_shrink: table.boolean("may_shrink"),
            reference: table.boolean("reference"),
            columns: Vec::new(),
            primary_key: Vec::new(),
            version: None,
            dated_by: None,
            snapshot_of: None,
            label: None,
            county: None,
            files: table.strings("files"),
            ignore: table.strings("ignore"),
            missing_values: table.strings("missing_values"),
            encoding: table.string("encoding"),
            delimiter: table.string("delimiter").and_then(|d| d.bytes().next()),
        },
        names: std::iter::once(name.clone()).chain(Some(title).filter(|title| title.value != name.value)).collect(),
        keys: table.texts("primary_key"),
        version: table.text("version"),
        dated_by: table.text("dated_by"),
        snapshot_of: table.text("snapshot_of"),
        label: table.text("label"),
        county: table.text("county"),
        references: Vec::new(),
        personal: Vec::new(),
    };
    let unit = table.text("unit").map(|unit| spellings(&table, unit));
    for column in table.tables("column") {
        read_column(column, &mut raw, counties);
    }
    // What the file says of all its money goes for the columns that say nothing of their own.
    for column in raw.source.columns.iter_mut().filter(|column| column.kind == ColumnKind::Money && column.units.is_empty()) {
        (column.unit, column.units) = unit.clone().unwrap_or_default();
    }
    table.finish();
    Some(raw)
}

fn read_column(table: Table<'_>, raw: &mut RawSource, counties: &BTreeMap<String, String>) {
    let index = raw.source.columns.len();
    let (Some(name), Some(kind)) = (table.need_text("name"), table.need_text("type")) else {
        return;
    };
    let own = Column::new(&name.value, column_kind(&table, &kind));
    let references = table.text("references");
    let entity = table.boolean("entity") || own.entity || references.is_some();
    let strict = table.boolean("strict");
    if let Some(target) = references {
        raw.references.push((index, target, strict));
    }
    let mut personal = own.personal.clone();
    match table.get("personal") {
        Some(v) if v.boolean_or_none() == Some(true) => personal = Personal::Always,
        Some(v) if v.is_boolean() => {}
        Some(v) => {
            if let Some(rule) = v.table() {
                if let Some(column) = rule.need_text("column") {
                    raw.personal.push((index, column, rule.strings("is")));
                }
                rule.finish();
            }
        }
        None => {}
    }
    if raw.source.columns.iter().any(|c| c.name == name.value) {
        table.findings().push(Diagnostic::error(
            Mistake::DuplicateColumn,
            name.place.clone(),
            format!("column `{}` stands here twice", name.value),
        ));
    }
    let limit = |key| table.get(key).and_then(|v: Value<'_>| v.scalar()).map(|t| t.value);
    let allowed = table.text("allowed").and_then(|t| allowed_codes(&table, t, counties));
    let (unit, units) = table.get("unit").map(|unit| read_units(&table, unit)).unwrap_or_default();
    let column = Column {
        aliases: table.strings("aliases"),
        department: table.string("department"),
        required: table.boolean("required"),
        default: limit("default"),
        entity,
        personal,
        missing_values: table.strings("missing_values"),
        unit,
        units,
        minimum: limit("minimum"),
        maximum: limit("maximum"),
        usual: table.strings("usual"),
        allowed,
        pattern: table.string("pattern"),
        ..own
    };
    raw.source.columns.push(column);
    table.finish();
}

/// What bare numbers count, where that is not the yuan, and the suffixes that a number may have.
type Units = (Option<Unit>, Vec<Unit>);

/// `unit = "万元"`: numbers count so much, whatever its spelling; `unit = { "万元" = "10000", "万" = "10000", "元" = "1" }`: yuan, and these
/// suffixes alone.
fn read_units(table: &Table<'_>, unit: Value<'_>) -> Units {
    if !unit.is_table() {
        return unit.text().map(|text| spellings(table, text)).unwrap_or_default();
    }
    let wrong = |place, message| table.findings().push(Diagnostic::error(Mistake::UnknownValue, place, message));
    let entries = unit.table().map(|units| units.entries()).unwrap_or_default();
    let read = |(suffix, factor): (Text, Value<'_>)| {
        let factor = factor.scalar()?;
        let read = Unit::new(&suffix.value, &factor.value);
        if read.is_none() {
            wrong(factor.place, format!("`{}` is no power of ten such as 10000", factor.value));
        }
        read
    };
    (None, entries.into_iter().filter_map(read).collect())
}

fn spellings(table: &Table<'_>, unit: Text) -> Units {
    let Some(spellings) = Unit::spellings(&unit.value) else {
        let message = format!("`{}` is no unit of yuan such as 万元", unit.value);
        table.findings().push(Diagnostic::error(Mistake::UnknownValue, unit.place, message));
        return Units::default();
    };
    let own = spellings.iter().find(|one| one.suffix == unit.value && one.power != 0);
    (own.cloned(), spellings)
}

fn allowed_codes(table: &Table<'_>, list: Text, counties: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    if list.value == "counties" {
        return Some(counties.clone());
    }
    let diagnostic = Diagnostic::error(Mistake::UnknownValue, list.place, format!("there is no list `{}`", list.value));
    table.findings().push(diagnostic.hint("known: counties"));
    None
}

fn column_kind(table: &Table<'_>, kind: &Text) -> ColumnKind {
    let values = table.texts("values");
    let codes = table.table("codes");
    let mut enum_values = EnumValues { values: values.iter().map(|v| v.value.clone()).collect(), codes: BTreeMap::new() };
    for (code, value) in codes.map(|c| c.entries()).unwrap_or_default() {
        let Some(target) = value.text() else { continue };
        match enum_values.values.iter().position(|v| *v == target.value) {
            Some(i) => {
                enum_values.codes.insert(code.value, i);
            }
            None => {
                let message = format!("`{}` is not one of the values above", target.value);
                table.findings().push(Diagnostic::error(Mistake::UnknownValue, target.place, message));
            }
        }
    }
    match kind.value.as_str() {
        "code" => ColumnKind::Code,
        "uscc" => ColumnKind::Uscc,
        "id" => ColumnKind::Id,
        "text" => ColumnKind::Text,
        "enum" => {
            if enum_values.values.is_empty() || enum_values.values.len() > 250 {
                table.findings().push(Diagnostic::error(Mistake::MissingKey, kind.place.clone(), "an enum needs `values` (at most 250)"));
            }
            ColumnKind::Enum(enum_values)
        }
        "date" => ColumnKind::Date,
        "datetime" => ColumnKind::DateTime,
        "int" => ColumnKind::Int,
        "money" => ColumnKind::Money,
        "rate" => ColumnKind::Rate,
        "decimal" => ColumnKind::Decimal,
        "bool" => ColumnKind::Bool,
        other => {
            let types = ["code", "uscc", "id", "text", "enum", "date", "datetime", "int", "money", "rate", "decimal", "bool"];
            let near = similar(other, types.into_iter());
            let hint = if near.is_empty() { types.join(" | ") } else { near.join(", ") };
            table
                .findings()
                .push(Diagnostic::error(Mistake::UnknownType, kind.place.clone(), format!("unknown type `{other}`")).hint(hint));
            ColumnKind::Text
        }
    }
}

/// The source of this name; that there is none is reported.
pub fn find(all: &Sources, name: &Text, findings: &Findings) -> Option<SourceId> {
    findings.keep(schema::find(schema::names(all), &name.value, &name.place))
}

/// Ties the sources together: key columns, references, personal rules.
pub fn link(raws: Vec<RawSource>, findings: &Findings) -> Sources {
    let names: Vec<String> = raws.iter().map(|r| r.source.name.clone()).collect();
    let mut sources: Sources = raws
        .into_iter()
        .map(|raw| {
            let RawSource { mut source, names: _, keys, version, dated_by, snapshot_of, label, county, references, personal } = raw;
            let find = |source: &Source, text: &Text| {
                let found = source.column(&text.value);
                if found.is_none() {
                    let message = format!("`{}` is no column of this source", text.value);
                    let mistake = Diagnostic::error(Mistake::UnknownColumn, text.place.clone(), message);
                    findings.push(mistake.similar(&text.value, source.columns.iter().map(|c| c.name.as_str())));
                }
                found
            };
            source.primary_key = keys.iter().filter_map(|k| find(&source, k)).collect();
            source.version = version.as_ref().and_then(|t| find(&source, t));
            source.dated_by = dated_by.as_ref().and_then(|t| find(&source, t));
            source.snapshot_of = snapshot_of.as_ref().and_then(|t| find(&source, t));
            source.snapshot_of.iter().for_each(|&who| source.columns[who].entity = true);
            source.label = label.as_ref().and_then(|t| find(&source, t));
            source.county = county.as_ref().and_then(|t| find(&source, t));
            for (index, column, is) in personal {
                if let Some(column) = find(&source, &column) {
                    source.columns[index].personal = Personal::If { column, is };
                }
            }
            for (index, target, strict) in references {
                let found = schema::find(names.iter().map(String::as_str), &target.value, &target.place);
                source.columns[index].references = findings.keep(found).map(|source| Reference { source, strict });
            }
            source
        })
        .collect();
    share_keys(&mut sources);
    sources
}

/// A key that other sources point to is stored as they store it: a dense id.
fn share_keys(sources: &mut Sources) {
    let targets: Vec<SourceId> = sources.iter().flat_map(|s| &s.columns).filter_map(|c| c.references).map(|r| r.source).collect();
    for target in targets {
        if let [key] = sources[target].primary_key[..] {
            sources[target].columns[key].entity = true;
        }
    }
}
