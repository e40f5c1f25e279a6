//! `indicators/*.toml` → [`Indicator`]: the file read key by key, then its expressions resolved, those of a row in the
//! scope of its source (once for each source that the table has rows of), those of a column in the scope of its group.

use super::catalogue::Names;
use super::indicator::*;
use super::measures::{flip, typed};
use super::parameters::{self, RawParameter, Units};
use super::sources;
use super::toml::{Table, Value};
use crate::diagnostic::{Diagnostic, Mistake, Place, Text};
use crate::schema::SourceId;
use crate::sql::ir::{Comparison, Expr, GroupValue, Node, ParameterId, Row};
use crate::sql::resolve::{Catalogue, ParameterUse, Resolver, RowScope, Scope};
use crate::sql::types;
use crate::value::Type;
use std::collections::BTreeMap;

/// What a column may call its own group.
const DIMENSION: &str = "维度";
const GROUP: &str = "分组";
const SLICE: &str = "口径";
/// Whose a target is unless it says so.
const CITY: &str = "全市";
/// What a figure without base prints as.
const NO_BASE: &str = "无基数";
/// More decimals than any figure needs, few enough to compute with.
const MOST_PLACES: i64 = 12;

/// An indicator file as read: numbers and words checked, expressions still text.
pub struct RawIndicator {
    pub name: Text,
    title: String,
    articles: Vec<u32>,
    says: String,
    note: Option<String>,
    grouping: Option<RawGrouping>,
    targets: Vec<RawTarget>,
    remarks: Vec<(String, Text, Option<u32>)>,
    warnings: Vec<(String, Text)>,
    pub parameters: Vec<RawParameter>,
}

struct RawGrouping {
    parts: Vec<(Text, Text)>,
    dimensions: Vec<RawDimension>,
    slices: Vec<(Text, Text)>,
    columns: Vec<RawColumn>,
}

struct RawDimension {
    name: Text,
    by: Option<Text>,
    within: Option<Text>,
    total: bool,
}

struct RawColumn {
    name: Text,
    of: Option<Text>,
    value: Text,
    places: Option<u32>,
    hidden: bool,
    missing: Option<String>,
}

struct RawTarget {
    article: u32,
    name: Text,
    object: Option<Text>,
    each: Option<Text>,
    when: Option<Text>,
    dimension: Option<Text>,
    slice: Option<Text>,
    compare: Compare,
    goal: Text,
    actual: Text,
    places: Option<u32>,
    no_data: Option<Text>,
    met: Option<Text>,
    pending: Option<Text>,
}

/// Reads one indicator file.
pub fn read(t: Table<'_>, stem: &str, units: &Units) -> Option<RawIndicator> {
    let name = t.need_text("name")?;
    if name.value != stem {
        let message = format!("the file of `{0}` must be called {0}.toml", name.value);
        t.findings().push(Diagnostic::error(Mistake::FileName, name.place.clone(), message));
    }
    let (title, says) = (t.need_text("title"), t.need_text("says"));
    let articles = t.need("articles").and_then(|v| v.array()).unwrap_or_default();
    let articles: Vec<u32> = articles.iter().filter_map(article).collect();
    let grouping = read_grouping(&t);
    if stem == TARGETS && grouping.is_some() {
        let message = format!("`{TARGETS}` is the table of all targets: a table of groups needs another name");
        t.findings().push(Diagnostic::error(Mistake::DuplicateName, name.place.clone(), message));
    }
    let targets = t.tables("target").into_iter().filter_map(|t| read_target(t, &articles)).collect();
    let remarks = t.tables("remark").into_iter().filter_map(|r| {
        let remark = (r.need_text("says")?.value, r.need_text("value")?, places(&r));
        r.finish();
        Some(remark)
    });
    let remarks = remarks.collect();
    let warnings = t.tables("warning").into_iter().filter_map(|w| {
        let warning = (w.need_text("says")?.value, w.need_text("when")?);
        w.finish();
        Some(warning)
    });
    let warnings = warnings.collect();
    let parameters = t.table("parameters").map(|p| parameters::read(p, Some(stem), units)).unwrap_or_default();
    let note = t.string("note");
    if t.get("source").is_none() && t.get("target").is_none() {
        let message = "an indicator has a table (`source`, `where`, [[dimension]], [[column]]) or a [[target]]";
        t.findings().push(Diagnostic::error(Mistake::MissingKey, name.place.clone(), message));
    }
    t.finish();
    Some(RawIndicator { name, title: title?.value, articles, says: says?.value, note, grouping, targets, remarks, warnings, parameters })
}

fn article(v: &Value<'_>) -> Option<u32> {
    u32::try_from(v.integer()?).ok()
}

/// Decimals, where the table says them.
fn places(t: &Table<'_>) -> Option<u32> {
    let value = t.get("places")?;
    match value.integer()? {
        n @ 0..=MOST_PLACES => u32::try_from(n).ok(),
        n => {
            t.findings().push(Diagnostic::error(
                Mistake::BadValue,
                value.place(),
                format!("{n} decimals: 0 to {MOST_PLACES} can be printed"),
            ));
            None
        }
    }
}

/// The table's part of the file; `None` where it only has targets, or where a part of it is missing (reported).
fn read_grouping(t: &Table<'_>) -> Option<RawGrouping> {
    let (source, counted) = (t.text("source"), t.text("where"));
    let unions: Vec<_> = t.tables("union").into_iter().filter_map(read_union).collect();
    let dimensions: Vec<_> = t.tables("dimension").into_iter().filter_map(read_dimension).collect();
    let slices: Vec<_> = t.tables("scope").into_iter().filter_map(|s| named(s, |s| s.need_text("where"))).collect();
    let columns: Vec<RawColumn> = t.tables("column").into_iter().filter_map(read_column).collect();
    let parts = [dimensions.is_empty(), slices.is_empty(), columns.is_empty(), unions.is_empty()];
    if source.is_some() || counted.is_some() || parts.contains(&false) {
        for (missing, key) in [(dimensions.is_empty(), "dimension"), (columns.is_empty(), "column")] {
            if missing {
                t.findings().push(Diagnostic::error(Mistake::MissingKey, t.place(), format!("a table needs a [[{key}]]")));
            }
        }
        t.need("source")?;
        t.need("where")?;
    }
    let parts = std::iter::once((source?, counted?)).chain(unions).collect();
    Some(RawGrouping { parts, dimensions, slices, columns })
}

fn read_union(t: Table<'_>) -> Option<(Text, Text)> {
    let (source, counted) = (t.need_text("source"), t.need_text("where"));
    t.finish();
    Some((source?, counted?))
}

fn read_dimension(t: Table<'_>) -> Option<RawDimension> {
    let (name, by, within, total) = (t.need_text("name"), t.text("by"), t.text("where"), t.boolean("total"));
    if let (Some(by), true) = (&by, total) {
        t.findings().push(Diagnostic::error(Mistake::Unsupported, by.place.clone(), "a `total` is of all rows: it has no `by`"));
    }
    t.finish();
    Some(RawDimension { name: name?, by, within, total })
}

/// A table with a name and one more part.
fn named<T>(t: Table<'_>, part: impl Fn(&Table<'_>) -> Option<T>) -> Option<(Text, T)> {
    let (name, part) = (t.need_text("name"), part(&t));
    t.finish();
    Some((name?, part?))
}

fn read_column(t: Table<'_>) -> Option<RawColumn> {
    let (name, of, value) = (t.need_text("name"), t.text("of"), t.need_text("value"));
    let (places, hidden, missing) = (places(&t), t.boolean("hidden"), t.string("missing"));
    t.finish();
    Some(RawColumn { name: name?, of, value: value?, places, hidden, missing })
}

fn read_target(t: Table<'_>, articles: &[u32]) -> Option<RawTarget> {
    let article = t.need("article").and_then(|v| {
        let number = article(&v)?;
        if !articles.contains(&number) {
            t.findings().push(Diagnostic::error(
                Mistake::UnknownArticle,
                v.place(),
                format!("article {number} is not among this file's `articles`"),
            ));
        }
        Some(number)
    });
    let compare = t.need_text("compare").and_then(|c| {
        let found = Compare::ALL.iter().find(|(n, _)| *n == c.value).map(|(_, c)| *c);
        if found.is_none() {
            t.findings()
                .push(Diagnostic::error(Mistake::UnknownValue, c.place, format!("unknown comparison `{}`", c.value)).hint("> | ≥ | <"));
        }
        found
    });
    let (name, goal, actual) = (t.need_text("name"), t.need_text("goal"), t.need_text("actual"));
    let (object, each, when) = (t.text("object"), t.text("each"), t.text("where"));
    let (no_data, met, pending) = (t.text("no_data"), t.text("met"), t.text("pending"));
    let (dimension, slice, places) = (t.text("dimension"), t.text("scope"), places(&t));
    let not_so = |at: &Option<Text>, why| {
        if let Some(at) = at {
            t.findings().push(Diagnostic::error(Mistake::Unsupported, at.place.clone(), why));
        }
    };
    match &each {
        Some(_) => {
            not_so(&object, "a target has one `object` or is set for `each` row, not both");
            not_so(&dimension, "a target is set for `each` row or for the group of a `dimension`, not both");
        }
        None => not_so(&when, "`where` picks the rows of `each`, which is missing here"),
    }
    if dimension.is_none() {
        not_so(&slice, "`scope` belongs to a `dimension`, which is missing here");
    }
    t.finish();
    Some(RawTarget {
        article: article?,
        name: name?,
        object,
        each,
        when,
        dimension,
        slice,
        compare: compare?,
        goal: goal?,
        actual: actual?,
        places,
        no_data,
        met,
        pending,
    })
}

impl RawIndicator {
    /// The typed indicator, or `None` after its mistakes have been reported.
    pub fn resolve(self, names: &Names<'_>, uses: BTreeMap<String, ParameterUse>, ids: Vec<ParameterId>) -> Option<Indicator> {
        let run = Scope { parameters: uses, ..Scope::default() };
        let table = self.grouping.map(|g| g.resolve(names, &run));
        let targets: Vec<Option<Target>> = self.targets.into_iter().map(|t| t.resolve(names, &run, &table)).collect();
        let remarks: Vec<Option<Remark>> = self
            .remarks
            .into_iter()
            .map(|(says, text, places)| {
                let value = expression(names, &text, &run)?;
                Some(Remark { says, places: places_of(names, &text, &value, places)?, value })
            })
            .collect();
        let warnings: Vec<Option<Warning>> =
            self.warnings.into_iter().map(|(says, text)| Some(Warning { says, when: condition(names, &text, &run)? })).collect();
        Some(Indicator {
            name: self.name.value,
            title: self.title,
            articles: self.articles,
            says: self.says,
            note: self.note,
            table: flip(table)?,
            targets: targets.into_iter().collect::<Option<_>>()?,
            remarks: remarks.into_iter().collect::<Option<_>>()?,
            warnings: warnings.into_iter().collect::<Option<_>>()?,
            parameters: ids,
            place: self.name.place,
        })
    }
}

impl RawGrouping {
    fn resolve(self, names: &Names<'_>, run: &Scope) -> Option<Grouping> {
        let mut sources: Vec<SourceId> = Vec::new();
        for (source, _) in &self.parts {
            let found = sources::find(names.sources, source, names.findings)?;
            if sources.contains(&found) {
                let message = format!("the table has the rows of `{}` already", source.value);
                names.findings.push(Diagnostic::error(Mistake::DuplicateName, source.place.clone(), message));
                return None;
            }
            sources.push(found);
        }
        let rows = |source| Scope { own: Some(RowScope { source, alias: None, link: None }), ..run.clone() };
        let counted = sources.iter().zip(&self.parts).map(|(&source, (_, counted))| {
            let counted = condition(names, counted, &rows(source)).map(|c| known_rows(names, source, c))?;
            Some(Part { source, counted })
        });
        let parts: Vec<Option<Part>> = counted.collect();
        let conditions = |text: &Text| -> Option<Vec<Expr>> {
            let each: Vec<Option<Expr>> = sources.iter().map(|&source| condition(names, text, &rows(source))).collect();
            each.into_iter().collect()
        };
        let dimensions = self.dimensions.into_iter().map(|d| {
            let by = flip(d.by.map(|by| group_keys(names, &by, sources.iter().map(|&source| rows(source)))));
            let within = flip(d.within.map(|text| conditions(&text)));
            Some(Dimension { name: d.name.value, by: by?, within: within?, total: d.total })
        });
        let dimensions: Vec<Option<Dimension>> = dimensions.collect();
        let slices: Vec<Option<Slice>> =
            self.slices.into_iter().map(|(name, when)| Some(Slice { name: name.value, when: conditions(&when)? })).collect();
        let columns = columns(names, self.columns, &sources, Scope { args: group_names(!slices.is_empty()), ..run.clone() });
        Some(Grouping {
            parts: parts.into_iter().collect::<Option<_>>()?,
            dimensions: dimensions.into_iter().collect::<Option<_>>()?,
            slices: slices.into_iter().collect::<Option<_>>()?,
            columns: columns?,
        })
    }
}

/// The rows that are counted, without those dated after 截止日: they do not exist for the run.
fn known_rows(names: &Names<'_>, source: SourceId, counted: Expr) -> Expr {
    let Some(date) = names.sources[source].dated_by else {
        return counted;
    };
    let date = names.sources[source].item(source, date);
    let known = Node::Compare(Comparison::LessOrEqual, Box::new(date), Box::new(Expr::new(Node::AsOf, Type::Date)));
    Expr::new(Node::And(crate::sql::resolve::flatten(vec![Expr::new(known, Type::Bool), counted], true)), Type::Bool)
}

/// What the rows of each part are grouped by: of one type.
fn group_keys(names: &Names<'_>, text: &Text, rows: impl Iterator<Item = Scope>) -> Option<Vec<Expr>> {
    let keys: Vec<Expr> = rows.map(|row| group_key(names, text, &row)).collect::<Option<_>>()?;
    if keys.iter().any(|key| key.ty != keys[0].ty) {
        names.findings.push(Diagnostic::error(Mistake::WrongType, text.place.clone(), "the rows are grouped by values of several types"));
        return None;
    }
    Some(keys)
}

/// What rows are grouped by: something that can be printed as a word.
fn group_key(names: &Names<'_>, text: &Text, row: &Scope) -> Option<Expr> {
    let key = expression(names, text, row)?;
    match key.ty {
        Type::Text | Type::Code | Type::Enum(_) | Type::INT | Type::Date => Some(key),
        _ => {
            let message = format!("rows cannot be grouped by a {}", key.ty.name());
            names.findings.push(
                Diagnostic::error(Mistake::WrongType, text.place.clone(), message)
                    .hint("by a code, an enum, a text, a whole number or a date"),
            );
            None
        }
    }
}

fn group_names(sliced: bool) -> BTreeMap<String, Expr> {
    let all = [(DIMENSION, GroupValue::Dimension), (GROUP, GroupValue::Name), (SLICE, GroupValue::Slice)];
    let known = if sliced { 3 } else { 2 };
    all.into_iter()
        .take(known)
        .map(|(name, value)| (name.to_string(), Expr::new(Node::Group { row: Row::Own, value }, Type::Text)))
        .collect()
}

/// The columns in their order, each made from the rows of one source and known to the later ones by its name.
fn columns(names: &Names<'_>, raws: Vec<RawColumn>, sources: &[SourceId], mut scope: Scope) -> Option<Vec<Column>> {
    let (mut columns, mut failed) = (Vec::new(), Vec::new());
    for raw in raws {
        // What builds on a column that has a mistake has none of its own to report yet.
        let builds_on_failed = failed.iter().any(|name: &String| raw.value.value.contains(name.as_str()));
        let made = source_of(names, &raw, sources).and_then(|source| {
            scope.group = Some(RowScope { source, alias: None, link: None });
            column(names, &raw, &scope, builds_on_failed)
        });
        match made {
            Some(column) => {
                scope.args.insert(column.name.clone(), column.value.clone());
                columns.push(column);
            }
            None => failed.push(raw.name.value),
        }
    }
    failed.is_empty().then_some(columns)
}

/// Whose rows a column is made from: the table's own source unless it says so.
fn source_of(names: &Names<'_>, raw: &RawColumn, sources: &[SourceId]) -> Option<SourceId> {
    let Some(of) = &raw.of else {
        return sources.first().copied();
    };
    let found = sources.iter().copied().find(|&source| names.sources[source].name == of.value);
    if found.is_none() {
        let known: Vec<&str> = sources.iter().map(|&source| names.sources[source].name.as_str()).collect();
        let message = format!("this table has no rows of `{}`", of.value);
        names.findings.push(Diagnostic::error(Mistake::UnknownSource, of.place.clone(), message).hint(known.join(" | ")));
    }
    found
}

fn column(names: &Names<'_>, raw: &RawColumn, scope: &Scope, skip: bool) -> Option<Column> {
    let name = &raw.name.value;
    let elsewhere = names.names().contains(name) || scope.parameters.contains_key(name);
    if elsewhere || scope.args.contains_key(name) {
        let message = format!("`{name}` is already {}", if elsewhere { "a name of the pipeline" } else { "a column above" });
        names.findings.push(Diagnostic::error(Mistake::DuplicateName, raw.name.place.clone(), message));
        return None;
    }
    if skip {
        return None;
    }
    let value = expression(names, &raw.value, scope)?;
    let places = if raw.hidden { Some(0) } else { places_of(names, &raw.value, &value, raw.places) };
    Some(Column {
        name: name.clone(),
        value,
        places: places?,
        hidden: raw.hidden,
        missing: raw.missing.clone().unwrap_or_else(|| NO_BASE.to_string()),
        place: raw.name.place.clone(),
    })
}

impl RawTarget {
    /// The typed target; `table` is that of its file, `Some(None)` after its mistakes have been reported.
    fn resolve(self, names: &Names<'_>, run: &Scope, table: &Option<Option<Grouping>>) -> Option<Target> {
        let (scope, object) = self.object(names, run, table)?;
        let part = |text: &Option<Text>| flip(text.as_ref().map(|t| condition(names, t, &scope)));
        let (no_data, met, pending) = (part(&self.no_data), part(&self.met), part(&self.pending));
        let (goal, actual) = (expression(names, &self.goal, &scope), expression(names, &self.actual, &scope));
        let (goal, actual) = (goal?, actual?);
        let met = match met? {
            Some(met) => met,
            None => reached(names, &self.actual.place, self.compare, &actual, &goal)?,
        };
        let places = [(&self.goal, &goal), (&self.actual, &actual)].map(|(text, figure)| places_of(names, text, figure, self.places));
        Some(Target {
            article: self.article,
            name: self.name.value,
            object: object?,
            compare: self.compare,
            goal,
            actual,
            places: places[0]?.max(places[1]?),
            no_data: no_data?,
            met,
            pending: pending?,
            place: self.name.place,
        })
    }

    /// What names mean in the target's expressions, and whose it is (`None` after that mistake has been reported).
    fn object(&self, names: &Names<'_>, run: &Scope, table: &Option<Option<Grouping>>) -> Option<(Scope, Option<Object>)> {
        let name = |usual: &str| self.object.as_ref().map_or_else(|| usual.to_string(), |o| o.value.clone());
        if let Some(each) = &self.each {
            let source = sources::find(names.sources, each, names.findings)?;
            let scope = Scope { own: Some(RowScope { source, alias: None, link: None }), ..run.clone() };
            let when = flip(self.when.as_ref().map(|when| condition(names, when, &scope)));
            let object = each_row(names, source, each).and(when).map(|when| Object::Each { source, when });
            return Some((scope, object));
        }
        let Some(dimension) = &self.dimension else {
            return Some((run.clone(), Some(Object::One(name(CITY)))));
        };
        let Some(table) = table else {
            names.findings.push(Diagnostic::error(Mistake::Unsupported, dimension.place.clone(), "this file has no table"));
            return None;
        };
        let table = table.as_ref()?;
        let mut args = group_names(!table.slices.is_empty());
        args.extend(table.columns.iter().map(|c| (c.name.clone(), c.value.clone())));
        let group = self.group(names, dimension, table);
        let object = group.map(|(dimension, slice, usual)| Object::Group { name: name(&usual), dimension, slice });
        Some((Scope { args, ..run.clone() }, object))
    }

    /// The dimension of one group and the scope, by their positions, and what they are called.
    fn group(&self, names: &Names<'_>, dimension: &Text, table: &Grouping) -> Option<(usize, Option<usize>, String)> {
        let report = |code, at: &Text, message: String| names.findings.push(Diagnostic::error(code, at.place.clone(), message));
        let whole = table.dimensions.iter().position(|d| d.name == dimension.value && d.by.is_none());
        if whole.is_none() {
            report(Mistake::UnknownName, dimension, format!("this file's table has no dimension of one group `{}`", dimension.value));
        }
        let Some(slice) = &self.slice else {
            if !table.slices.is_empty() {
                report(Mistake::MissingKey, dimension, "the table has a row for every scope: `scope` is missing".to_string());
                return None;
            }
            return Some((whole?, None, dimension.value.clone()));
        };
        let found = table.slices.iter().position(|s| s.name == slice.value);
        if found.is_none() {
            report(Mistake::UnknownName, slice, format!("this file's table has no scope `{}`", slice.value));
        }
        Some((whole?, Some(found?), format!("{}·{}", dimension.value, slice.value)))
    }
}

/// The rows of `each` are named by their key: it must be one column.
fn each_row(names: &Names<'_>, source: SourceId, at: &Text) -> Option<()> {
    if names.sources[source].primary_key.len() == 1 {
        return Some(());
    }
    names.findings.push(Diagnostic::error(Mistake::Unsupported, at.place.clone(), "`each` needs a source whose key is one column"));
    None
}

/// 达标, unless the file says it otherwise: the figure compared with the goal.
fn reached(names: &Names<'_>, at: &Place, compare: Compare, actual: &Expr, goal: &Expr) -> Option<Expr> {
    if !matches!(types::common(&actual.ty, &goal.ty), Some(Type::Number(_))) {
        let message = format!("{} and {} cannot be compared as figures", actual.ty.name(), goal.ty.name());
        names.findings.push(Diagnostic::error(Mistake::WrongType, at.clone(), message).hint("goal and actual are numbers of one unit"));
        return None;
    }
    let op = match compare {
        Compare::Above => Comparison::Greater,
        Compare::AtLeast => Comparison::GreaterOrEqual,
        Compare::Below => Comparison::Less,
    };
    Some(Expr::new(Node::Compare(op, Box::new(actual.clone()), Box::new(goal.clone())), Type::Bool))
}

/// The decimals of a figure; a number that may have some must say how many.
fn places_of(names: &Names<'_>, text: &Text, value: &Expr, given: Option<u32>) -> Option<u32> {
    let whole = match &value.ty {
        Type::Number(n) => n.scale == 0 && !value.is_fraction(),
        _ => true,
    };
    if given.is_none() && !whole {
        names.findings.push(
            Diagnostic::error(Mistake::MissingKey, text.place.clone(), "this number may have decimals: `places` is missing")
                .hint("places = 2 for money, 6 for shares and rates"),
        );
        return None;
    }
    Some(given.unwrap_or(0))
}

fn expression(names: &Names<'_>, text: &Text, scope: &Scope) -> Option<Expr> {
    Resolver::text(names, names.findings, text, scope)
}

fn condition(names: &Names<'_>, text: &Text, scope: &Scope) -> Option<Expr> {
    typed(names, text, expression(names, text, scope), &Type::Bool)
}
