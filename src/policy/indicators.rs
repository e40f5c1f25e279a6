//! `indicators/*.toml` → [`Indicator`]: the file read key by key, then its expressions resolved, those of a row in the
//! scope of the source, those of a column in the scope of its group.

use super::catalogue::Names;
use super::indicator::*;
use super::measures::{flip, typed};
use super::parameters::{self, RawParameter, Units};
use super::source::SourceId;
use super::toml::{Table, Text, Value};
use crate::diagnostic::{Diagnostic, Mistake, Place, similar};
use crate::sql::functions;
use crate::sql::ir::{Comparison, Expr, GroupValue, Node, ParameterId, Row, Type};
use crate::sql::resolve::{Catalogue, ParameterUse, Resolver, RowScope, Scope};
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
    source: Text,
    counted: Text,
    dimensions: Vec<(Text, Option<Text>)>,
    slices: Vec<(Text, Text)>,
    columns: Vec<RawColumn>,
}

struct RawColumn {
    name: Text,
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
    compare: Compare,
    goal: Text,
    actual: Text,
    places: Option<u32>,
    no_data: Option<Text>,
    met: Option<Text>,
    pending: Option<Text>,
    offices: Vec<String>,
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
    let dimensions: Vec<_> = t.tables("dimension").into_iter().filter_map(|d| named(d, |d| Some(d.text("by")))).collect();
    let slices: Vec<_> = t.tables("scope").into_iter().filter_map(|s| named(s, |s| s.need_text("where"))).collect();
    let columns: Vec<RawColumn> = t.tables("column").into_iter().filter_map(read_column).collect();
    let any = source.is_some() || counted.is_some() || !dimensions.is_empty() || !slices.is_empty() || !columns.is_empty();
    if any {
        for (missing, key) in [(dimensions.is_empty(), "dimension"), (columns.is_empty(), "column")] {
            if missing {
                t.findings().push(Diagnostic::error(Mistake::MissingKey, t.place(), format!("a table needs a [[{key}]]")));
            }
        }
        t.need("source")?;
        t.need("where")?;
    }
    Some(RawGrouping { source: source?, counted: counted?, dimensions, slices, columns })
}

/// A table with a name and one more part.
fn named<T>(t: Table<'_>, part: impl Fn(&Table<'_>) -> Option<T>) -> Option<(Text, T)> {
    let (name, part) = (t.need_text("name"), part(&t));
    t.finish();
    Some((name?, part?))
}

fn read_column(t: Table<'_>) -> Option<RawColumn> {
    let (name, value) = (t.need_text("name"), t.need_text("value"));
    let (places, hidden, missing) = (places(&t), t.boolean("hidden"), t.string("missing"));
    t.finish();
    Some(RawColumn { name: name?, value: value?, places, hidden, missing })
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
            t.findings().push(Diagnostic::error(Mistake::UnknownValue, c.place, format!("unknown comparison `{}`", c.value)).hint("> | ≥"));
        }
        found
    });
    let (name, goal, actual) = (t.need_text("name"), t.need_text("goal"), t.need_text("actual"));
    let (object, each, when) = (t.text("object"), t.text("each"), t.text("where"));
    let (no_data, met, pending) = (t.text("no_data"), t.text("met"), t.text("pending"));
    let (places, offices) = (places(&t), t.strings("offices"));
    if offices.is_empty() {
        t.findings().push(Diagnostic::error(Mistake::MissingKey, t.place(), "a target names its `offices`"));
    }
    if let (Some(object), Some(_)) = (&object, &each) {
        t.findings().push(Diagnostic::error(
            Mistake::Unsupported,
            object.place.clone(),
            "a target has one `object` or is set for `each` row, not both",
        ));
    }
    if let (Some(when), None) = (&when, &each) {
        t.findings().push(Diagnostic::error(
            Mistake::Unsupported,
            when.place.clone(),
            "`where` picks the rows of `each`, which is missing here",
        ));
    }
    t.finish();
    Some(RawTarget {
        article: article?,
        name: name?,
        object,
        each,
        when,
        compare: compare?,
        goal: goal?,
        actual: actual?,
        places,
        no_data,
        met,
        pending,
        offices,
    })
}

impl RawIndicator {
    /// The typed indicator, or `None` after its mistakes have been reported.
    pub fn resolve(self, names: &Names<'_>, uses: BTreeMap<String, ParameterUse>, ids: Vec<ParameterId>) -> Option<Indicator> {
        let run = Scope { parameters: uses, ..Scope::default() };
        let table = self.grouping.map(|g| g.resolve(names, &run));
        let targets: Vec<Option<Target>> = self.targets.into_iter().map(|t| t.resolve(names, &run)).collect();
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
        let source = find_source(names, &self.source)?;
        let rows = RowScope { source, alias: None, link: None };
        let row = Scope { own: Some(rows.clone()), ..run.clone() };
        let counted = condition(names, &self.counted, &row).map(|c| known_rows(names, source, c));
        let dimensions: Vec<Option<Dimension>> = self
            .dimensions
            .into_iter()
            .map(|(name, by)| Some(Dimension { name: name.value, by: flip(by.map(|by| group_key(names, &by, &row)))? }))
            .collect();
        let slices: Vec<Option<Slice>> =
            self.slices.into_iter().map(|(name, when)| Some(Slice { name: name.value, when: condition(names, &when, &row)? })).collect();
        let columns = columns(names, self.columns, Scope { group: Some(rows), args: group_names(!slices.is_empty()), ..run.clone() });
        Some(Grouping {
            source,
            counted: counted?,
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

/// The columns in their order, each known to the later ones by its name.
fn columns(names: &Names<'_>, raws: Vec<RawColumn>, mut scope: Scope) -> Option<Vec<Column>> {
    let (mut columns, mut failed) = (Vec::new(), Vec::new());
    for raw in raws {
        // What builds on a column that has a mistake has none of its own to report yet.
        let builds_on_failed = failed.iter().any(|name: &String| raw.value.value.contains(name.as_str()));
        match column(names, &raw, &scope, builds_on_failed) {
            Some(column) => {
                scope.args.insert(column.name.clone(), column.value.clone());
                columns.push(column);
            }
            None => failed.push(raw.name.value),
        }
    }
    failed.is_empty().then_some(columns)
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
    fn resolve(self, names: &Names<'_>, run: &Scope) -> Option<Target> {
        let each = match &self.each {
            Some(each) => Some((find_source(names, each)?, each)),
            None => None,
        };
        let own = each.as_ref().map(|(source, _)| RowScope { source: *source, alias: None, link: None });
        let scope = Scope { own, ..run.clone() };
        let part = |text: &Option<Text>| text.as_ref().map(|t| condition(names, t, &scope));
        let (when, no_data, met, pending) = (part(&self.when), part(&self.no_data), part(&self.met), part(&self.pending));
        let object = match each {
            Some((source, text)) => each_row(names, source, text).and_then(|()| Some(Object::Each { source, when: flip(when)? })),
            None => Some(Object::One(self.object.map_or_else(|| CITY.to_string(), |o| o.value))),
        };
        let (goal, actual) = (expression(names, &self.goal, &scope), expression(names, &self.actual, &scope));
        let (goal, actual) = (goal?, actual?);
        let met = match flip(met)? {
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
            no_data: flip(no_data)?,
            met,
            pending: flip(pending)?,
            offices: self.offices,
            place: self.name.place,
        })
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
    if !matches!(functions::common(&actual.ty, &goal.ty), Some(Type::Number(_))) {
        let message = format!("{} and {} cannot be compared as figures", actual.ty.name(), goal.ty.name());
        names.findings.push(Diagnostic::error(Mistake::WrongType, at.clone(), message).hint("goal and actual are numbers of one unit"));
        return None;
    }
    let op = match compare {
        Compare::Above => Comparison::Greater,
        Compare::AtLeast => Comparison::GreaterOrEqual,
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

fn find_source(names: &Names<'_>, name: &Text) -> Option<SourceId> {
    let found = names.sources.iter().position(|s| s.name == name.value);
    if found.is_none() {
        let near = similar(&name.value, names.sources.iter().map(|s| s.name.as_str())).join(", ");
        let message = format!("there is no source `{}`", name.value);
        names.findings.push(Diagnostic::error(Mistake::UnknownSource, name.place.clone(), message).hint(format!("similar: {near}")));
    }
    found
}
