//! A case's cells → the rows of every source that its measure reads, as CSV texts.
//!
//! The judged rows stand first in their source. The subject `$1` is registered as the title page's example says, changed
//! by the measure's example and by the case; rows that others name by a placeholder are listed. Unknown names are reported, all at once.

use super::placeholders::{PLACEHOLDER, Placeholders};
use crate::diagnostic::similar;
use crate::policy::model::{Case, CaseAward, Cells, Example, Measure, Pipeline, Registration};
use crate::schema::{Source, SourceId};
use std::collections::{BTreeMap, BTreeSet};

/// The rows of a case, by source.
pub struct Delivery {
    pub rows: BTreeMap<SourceId, Vec<Cells>>,
}

/// The code of the example's subject.
const SUBJECT: &str = "$1";

impl Delivery {
    /// Puts a case's rows together.
    pub fn of(pipeline: &Pipeline, measure: &Measure, case: &Case) -> Result<Delivery, Vec<String>> {
        let mut troubles = Vec::new();
        let mut delivery = Delivery { rows: BTreeMap::new() };
        delivery.judged(pipeline, measure, case);
        delivery.related(pipeline, related(measure, case), &mut troubles);
        delivery.register(pipeline, &[&measure.example.registration, &case.registration], Some(measure.per));
        delivery.finish(pipeline, troubles)
    }

    /// Puts the rows of a described enterprise together; every other source is there and empty.
    pub fn of_enterprise(pipeline: &Pipeline, example: &Example) -> Result<Delivery, Vec<String>> {
        let mut troubles = Vec::new();
        let delivered = pipeline.sources.keys().filter(|&s| !pipeline.sources[s].reference);
        let mut delivery = Delivery { rows: delivered.map(|s| (s, Vec::new())).collect() };
        delivery.related(pipeline, example.related.iter().map(|(name, rows)| (name.as_str(), rows)), &mut troubles);
        if let Some(register) = pipeline.roles.register {
            let key = pipeline.sources[register].primary_key.first().map(|&c| pipeline.sources[register].columns[c].name.as_str());
            let code = match &example.registration {
                Registration::Changed(cells) => cells.iter().find(|(name, _)| Some(name.as_str()) == key).map(|(_, code)| code.as_str()),
                _ => None,
            };
            delivery.name_subjects(pipeline, register, code.unwrap_or(SUBJECT));
        }
        delivery.register(pipeline, &[&example.registration], None);
        delivery.finish(pipeline, troubles)
    }

    /// The code of the enterprise that the delivery is about.
    pub fn subject(&self, pipeline: &Pipeline) -> String {
        let key = pipeline.roles.register.and_then(|s| Some((s, *pipeline.sources[s].primary_key.first()?)));
        let registered = key.and_then(|(s, c)| {
            let name = &pipeline.sources[s].columns[c].name;
            self.rows.get(&s)?.iter().flatten().find(|(known, _)| known == name).map(|(_, code)| code.as_str())
        });
        placeholders(pipeline).fill(registered.unwrap_or(SUBJECT))
    }

    fn finish(mut self, pipeline: &Pipeline, mut troubles: Vec<String>) -> Result<Delivery, Vec<String>> {
        self.list_named(pipeline);
        for (&source, rows) in &self.rows {
            unknown_columns(&pipeline.sources[source], rows, &mut troubles);
        }
        if troubles.is_empty() { Ok(self) } else { Err(troubles) }
    }

    fn related<'c>(&mut self, pipeline: &Pipeline, related: impl Iterator<Item = (&'c str, &'c Vec<Cells>)>, troubles: &mut Vec<String>) {
        for (name, rows) in related {
            match pipeline.source(name) {
                Some(source) => self.rows.entry(source).or_default().extend(rows.iter().cloned()),
                None => {
                    let near = similar(name, pipeline.sources.iter().map(|s| s.name.as_str())).join(", ");
                    troubles.push(format!("there is no source `{name}` (similar: {near})"));
                }
            }
        }
    }

    /// Gives rows that do not say whose they are to the subject, where one column alone could say it.
    fn name_subjects(&mut self, pipeline: &Pipeline, register: SourceId, code: &str) {
        for (&source, rows) in &mut self.rows {
            let declared = &pipeline.sources[source];
            let mut links = declared.links_to(register);
            let (Some(link), None) = (links.next(), links.next()) else { continue };
            let name = &declared.columns[link].name;
            for row in rows.iter_mut().filter(|row| !row.iter().any(|(known, _)| known == name)) {
                row.push((name.clone(), code.to_string()));
            }
        }
    }

    /// Puts the rows of several measures' cases together, a row that several bring once; and where each case's own row stands
    /// in its source.
    pub fn together(pipeline: &Pipeline, awards: &[CaseAward]) -> Result<(Delivery, Vec<usize>), Vec<String>> {
        let mut all = Delivery { rows: BTreeMap::new() };
        let mut own = Vec::new();
        for award in awards {
            let measure = &pipeline.measures[award.measure];
            let delivery = Delivery::of(pipeline, measure, &award.case)?;
            let row = delivery.rows.get(&measure.per).and_then(|rows| rows.first()).cloned().unwrap_or_default();
            for (source, rows) in delivery.rows {
                let known = all.rows.entry(source).or_default();
                for row in rows {
                    if !known.iter().any(|other| same(other, &row)) {
                        known.push(row);
                    }
                }
            }
            own.extend(all.rows.get(&measure.per).and_then(|rows| rows.iter().position(|other| same(other, &row))));
        }
        Ok((all, own))
    }

    /// The case's own row, then its further rows, each over the example.
    fn judged(&mut self, pipeline: &Pipeline, measure: &Measure, case: &Case) {
        let example = &measure.example;
        let registrations = pipeline.roles.register == Some(measure.per);
        let base = if registrations {
            let default = example_of_register(pipeline);
            changed(over(default, &example.row), &example.registration)
        } else {
            example.row.clone()
        };
        let own = over(base.clone(), &case.row);
        let own = if registrations { changed(own, &case.registration) } else { own };
        let further = case.rows.iter().map(|row| over(base.clone(), row));
        self.rows.entry(measure.per).or_default().extend(std::iter::once(own).chain(further));
    }

    /// Registers the subject, unless the last that says anything says otherwise, or a row is its registration itself.
    fn register(&mut self, pipeline: &Pipeline, said: &[&Registration], judged: Option<SourceId>) {
        let Some(source) = pipeline.roles.register.filter(|s| Some(*s) != judged) else {
            return;
        };
        let last = said.iter().rfind(|r| ***r != Registration::Default);
        let rows = self.rows.entry(source).or_default();
        if last == Some(&&Registration::Absent) || has_key(&pipeline.sources[source], rows, SUBJECT) {
            return;
        }
        let default = example_of_register(pipeline);
        rows.insert(0, said.iter().fold(default, |row, registration| changed(row, registration)));
    }

    /// Where the title page has an example of a source's row, lists the rows that others name by a placeholder, after those that
    /// the case lists itself. (The register is no such source: a case says who is registered.)
    fn list_named(&mut self, pipeline: &Pipeline) {
        for (name, example) in &pipeline.examples {
            let Some(target) = pipeline.source(name).filter(|s| pipeline.roles.register != Some(*s)) else { continue };
            let declared = &pipeline.sources[target];
            let Some(key) = declared.primary_key.first().map(|&c| declared.columns[c].name.clone()) else { continue };
            for code in self.named(pipeline, target) {
                let rows = self.rows.entry(target).or_default();
                if !has_key(declared, rows, &code) {
                    rows.push(over(example.clone(), &vec![(key.clone(), code)]));
                }
            }
        }
    }

    /// The placeholders by which rows name a row of this source, each once.
    fn named(&self, pipeline: &Pipeline, target: SourceId) -> BTreeSet<String> {
        let cells = self.rows.iter().flat_map(|(&source, rows)| {
            let declared = &pipeline.sources[source];
            let leads = move |name: &str| {
                let column = declared.column(name);
                column.is_some_and(|c| declared.columns[c].references.is_some_and(|r| r.source == target))
            };
            rows.iter().flatten().filter(move |(name, text)| text.starts_with(PLACEHOLDER) && leads(name))
        });
        cells.map(|(_, text)| text.clone()).collect()
    }

    /// The rows as CSV texts, placeholders filled, and of the pipeline's own tables those that are read.
    pub fn texts(&self, pipeline: &Pipeline, read: &BTreeSet<SourceId>) -> Result<Vec<(SourceId, String)>, String> {
        let placeholders = placeholders(pipeline);
        let mut texts = Vec::new();
        for (source, declared) in pipeline.sources.iter_enumerated() {
            if let Some(rows) = self.rows.get(&source) {
                texts.push((source, csv_text(declared, rows, &placeholders).map_err(|e| e.to_string())?));
            } else if declared.reference && read.contains(&source) {
                let path = format!("tables/{}.csv", declared.name);
                texts.extend(pipeline.files.find(&path).map(|file| (source, pipeline.files.text(file).to_string())));
            }
        }
        Ok(texts)
    }
}

/// The registration of the subject, unless a measure or a case says otherwise.
fn example_of_register(pipeline: &Pipeline) -> Cells {
    let name = pipeline.roles.register.map(|register| &pipeline.sources[register].name);
    name.and_then(|name| pipeline.examples.get(name)).cloned().unwrap_or_default()
}

fn placeholders(pipeline: &Pipeline) -> Placeholders {
    Placeholders::new(pipeline.counties.keys().next().map_or("110101", String::as_str))
}

/// The example's related rows; a case replaces those of the sources that it names.
fn related<'c>(measure: &'c Measure, case: &'c Case) -> impl Iterator<Item = (&'c str, &'c Vec<Cells>)> {
    let replaced = |name: &str| case.related.iter().any(|(other, _)| other == name);
    let kept = measure.example.related.iter().filter(move |(name, _)| !replaced(name));
    kept.chain(&case.related).map(|(name, rows)| (name.as_str(), rows))
}

/// The same cells, in whatever order they are written.
fn same(a: &Cells, b: &Cells) -> bool {
    a.len() == b.len() && a.iter().all(|cell| b.contains(cell))
}

/// `cells` laid over `base`.
fn over(mut base: Cells, cells: &Cells) -> Cells {
    for (name, value) in cells {
        match base.iter_mut().find(|(known, _)| known == name) {
            Some((_, cell)) => *cell = value.clone(),
            None => base.push((name.clone(), value.clone())),
        }
    }
    base
}

fn changed(base: Cells, registration: &Registration) -> Cells {
    match registration {
        Registration::Changed(cells) => over(base, cells),
        _ => base,
    }
}

/// Whether a row's key begins with this code, as written.
fn has_key(source: &Source, rows: &[Cells], code: &str) -> bool {
    let Some(&key) = source.primary_key.first() else {
        return false;
    };
    rows.iter().flatten().any(|(name, value)| *name == source.columns[key].name && value == code)
}

fn unknown_columns(source: &Source, rows: &[Cells], troubles: &mut Vec<String>) {
    for (name, _) in rows.iter().flatten() {
        if source.column(name).is_none() {
            let near = similar(name, source.columns.iter().map(|c| c.name.as_str())).join(", ");
            let text = format!("`{}` has no column `{name}` (similar: {near})", source.name);
            if !troubles.contains(&text) {
                troubles.push(text);
            }
        }
    }
}

fn csv_text(source: &Source, rows: &[Cells], placeholders: &Placeholders) -> Result<String, Box<dyn std::error::Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(source.columns.iter().map(|c| &c.name))?;
    for row in rows {
        let cell = |name: &str| row.iter().find(|(known, _)| known == name).map_or(String::new(), |(_, v)| placeholders.fill(v));
        writer.write_record(source.columns.iter().map(|c| cell(&c.name)))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
