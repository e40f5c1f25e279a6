//! A pipeline folder → [`Pipeline`], in the order title page, sources, facts, parameters, measures.

use super::catalogue::{Names, RawFact};
use super::forms::{Form, Forms};
use super::indicator::{Indicator, IndicatorId};
use super::indicators::RawIndicator;
use super::measures::RawMeasure;
use super::model::*;
use super::parameters::{self, RawParameter};
use super::sources::RawSource;
use super::toml::Table;
use super::{articles, cases, indicators, measures, settlement, sources};
use crate::diagnostic::{Diagnostic, FileId, Files, Findings, Mistake, Place, Severity, Text};
use crate::schema::Sources;
use crate::sql::ir::{FactId, MeasureId, ParameterId};
use crate::sql::resolve::ParameterUse;
use crate::texts::hex;
use crate::value::Type;
use ::toml::de::DeTable;
use encoding_rs::{Encoding, GB18030};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use typed_index_collections::TiVec;

/// Why a pipeline could not be loaded.
pub enum Broken {
    /// A file or folder could not be read.
    Io(PathBuf, std::io::Error),
    /// Mistakes in its files, with their texts.
    Invalid(Vec<Diagnostic>, Files),
}

/// Reads and checks the pipeline in `dir`.
pub fn load(dir: &Path) -> Result<Pipeline, Broken> {
    let mut files = Files::default();
    let found = read_files(dir, &mut files)?;
    let findings = Findings::default();
    let pipeline = {
        let parsed = parse(&found, &files, &findings, None);
        build(&parsed, &files, &findings)
    };
    let findings = findings.of_files(&files);
    let (errors, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) = findings.into_iter().partition(|d| d.severity == Severity::Error);
    match pipeline {
        Some(mut pipeline) if errors.is_empty() => {
            pipeline.warnings = warnings;
            pipeline.sha256 = digest(&found, &files);
            pipeline.hashes = found.iter().map(|f| (files.path(f.file).to_string(), hash_of(files.text(f.file)))).collect();
            pipeline.files = files;
            Ok(pipeline)
        }
        _ => Err(Broken::Invalid(errors.into_iter().chain(warnings).collect(), files)),
    }
}

/// Lets the readers ask for all that they know in the pipeline in `dir`, which must be without mistakes.
pub(super) fn read_for_schema(dir: &Path, forms: &Forms) -> Result<(), Broken> {
    let mut files = Files::default();
    let (found, findings) = (read_files(dir, &mut files)?, Findings::default());
    let is_whole = build(&parse(&found, &files, &findings, Some(forms)), &files, &findings).is_some();
    if is_whole { Ok(()) } else { Err(Broken::Invalid(findings.into_inner(), files)) }
}

/// Reads the description of an enterprise; `shown` is what diagnostics call the file.
pub fn enterprise(shown: &str, text: String) -> Result<Example, Broken> {
    let mut files = Files::default();
    let file = files.add(shown.to_string(), text);
    let found = [Found { folder: String::new(), stem: String::new(), file, toml: true, encoding: None }];
    let findings = Findings::default();
    let example = parse(&found, &files, &findings, None).first().map(|p| cases::read_enterprise(p.table(&findings)));
    let findings = findings.into_inner();
    match example {
        Some(example) if findings.is_empty() => Ok(example),
        _ => Err(Broken::Invalid(findings, files)),
    }
}

/// One pipeline file: its folder (`measures`), its stem, its text.
struct Found {
    folder: String,
    stem: String,
    file: FileId,
    toml: bool,
    /// Of a file that is not UTF-8: what it seems to be, and its first line that is not.
    encoding: Option<(&'static str, Range<usize>)>,
}

const MEASURES: &str = "measures";
const FOLDERS: [&str; 7] = ["sources", "facts", "parameters", MEASURES, "indicators", "articles", "tables"];

fn read_files(dir: &Path, files: &mut Files) -> Result<Vec<Found>, Broken> {
    let mut found = Vec::new();
    let mut paths = vec![(String::new(), dir.join("pipeline.toml"))];
    let settlement = dir.join("settlement.toml");
    if settlement.exists() {
        paths.push((String::new(), settlement));
    }
    for folder in FOLDERS {
        let path = dir.join(folder);
        let Ok(entries) = std::fs::read_dir(&path) else {
            continue;
        };
        let mut inside: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        inside.retain(|p| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml") || e == "csv"));
        // By what they are called, not by their file names: an id may begin another one.
        inside.sort_by_cached_key(|p| (p.file_stem().map(OsStr::to_owned), p.clone()));
        paths.extend(inside.into_iter().map(|p| (folder.to_string(), p)));
    }
    for (folder, path) in paths {
        let bytes = std::fs::read(&path).map_err(|e| Broken::Io(path.clone(), e))?;
        let (text, encoding) = decoded(bytes);
        let name = path.file_name().map(|n| n.to_string_lossy().to_string()).unwrap_or_default();
        let shown = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let stem = path.file_stem().map(|n| n.to_string_lossy().to_string()).unwrap_or_default();
        let toml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
        found.push(Found { folder, stem, file: files.add(shown, text), toml, encoding });
    }
    Ok(found)
}

/// A file's text; of one that is not UTF-8 what it seems to say, what it seems to be, and the first line that is not.
fn decoded(bytes: Vec<u8>) -> (String, Option<(&'static str, Range<usize>)>) {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return (text, None),
        Err(error) => error,
    };
    let (valid, bytes) = (error.utf8_error().valid_up_to(), error.into_bytes());
    let encoding = Encoding::for_bom(&bytes).map_or(GB18030, |(encoding, _)| encoding);
    let (text, _, has_errors) = encoding.decode(&bytes);
    let name = if has_errors { "no text in any encoding that is known here" } else { encoding.name() };
    let lines_before = bytes[..valid].iter().filter(|byte| **byte == b'\n').count();
    let start = text.split_inclusive('\n').take(lines_before).map(str::len).sum();
    let line = text[start..].lines().next().map_or(0, str::len);
    (text.into_owned(), Some((name, start..start + line)))
}

fn digest(found: &[Found], files: &Files) -> String {
    let mut hasher = Sha256::new();
    for f in found {
        for part in [files.path(f.file), files.text(f.file)] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hex(&hasher.finalize())
}

fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

struct Parsed<'a> {
    found: &'a Found,
    root: ::toml::Spanned<DeTable<'a>>,
    form: Form<'a>,
}

fn parse<'a>(found: &'a [Found], files: &'a Files, findings: &Findings, forms: Option<&'a Forms>) -> Vec<Parsed<'a>> {
    let mut parsed = Vec::new();
    for f in found {
        if let Some((name, span)) = &f.encoding {
            let place = Place { file: f.file, span: span.clone() };
            let wrong = Diagnostic::error(Mistake::Encoding, place, format!("this file is not UTF-8: it seems to be {name}"));
            findings.push(wrong.hint("save it again with the encoding UTF-8"));
        } else if f.toml && is_well_named(f, files, findings) {
            parsed.extend(parse_one(f, files, findings, forms));
        }
    }
    parsed
}

fn parse_one<'a>(f: &'a Found, files: &'a Files, findings: &Findings, forms: Option<&'a Forms>) -> Option<Parsed<'a>> {
    let text = files.text(f.file);
    let (root, errors) = DeTable::parse_recoverable(text);
    for e in &errors {
        let span = e.span().unwrap_or(0..0);
        findings.push(Diagnostic::error(Mistake::Toml, Place { file: f.file, span }, e.message().to_string()));
    }
    let kind = if f.folder.is_empty() { &f.stem } else { &f.folder };
    errors.is_empty().then(|| Parsed { found: f, root, form: forms.map(|forms| forms.file(kind)).unwrap_or_default() })
}

/// Whether a measure's file is called as a measure may be: a copy that somebody left pays everything twice.
fn is_well_named(f: &Found, files: &Files, findings: &Findings) -> bool {
    let is_fine = f.folder != MEASURES || is_id(&f.stem) && files.path(f.file).ends_with(".toml");
    if !is_fine {
        let message = format!("`{}` is no file of a measure: its name is <id>.toml, and the id like 12-1-some-grant", files.path(f.file));
        let wrong = Diagnostic::error(Mistake::BadFileName, Place { file: f.file, span: 0..1 }, message);
        findings
            .push(wrong.hint("digits, `-`, digits, then words of lower-case letters and digits, each after a `-`; move a copy elsewhere"));
    }
    is_fine
}

fn is_id(stem: &str) -> bool {
    let is = |part: &str, fits: fn(&u8) -> bool| !part.is_empty() && part.as_bytes().iter().all(fits);
    let mut parts = stem.split('-');
    let mut is_number = || parts.next().is_some_and(|part| is(part, u8::is_ascii_digit));
    is_number() && is_number() && parts.all(|part| is(part, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

impl<'a> Parsed<'a> {
    fn table(&'a self, findings: &'a Findings) -> Table<'a> {
        Table::at(self.root.get_ref(), Place { file: self.found.file, span: 0..1 }, self.form, findings)
    }
}

fn build(parsed: &[Parsed<'_>], files: &Files, findings: &Findings) -> Option<Pipeline> {
    let in_folder = |folder: &'static str| parsed.iter().filter(move |p| p.found.folder == folder);
    let title = parsed.iter().find(|p| p.found.folder.is_empty() && p.found.stem == "pipeline")?;
    let title = articles::read_title(title.table(findings))?;
    let units = &title.units;
    let raw_sources = in_folder("sources").filter_map(|p| sources::read(p.table(findings), &p.found.stem, &title.counties));
    let raw_sources: Vec<RawSource> = raw_sources.collect();
    // Files are delivered under either.
    check_unique(raw_sources.iter().flat_map(RawSource::names), files, findings);
    let all_sources = sources::link(raw_sources, findings);
    let roles = title.roles.resolve(&all_sources, findings);
    let raw_facts: TiVec<FactId, RawFact> = in_folder("facts").filter_map(|p| RawFact::read(p.table(findings), &p.found.stem)).collect();
    let mut shared: Vec<RawParameter> = in_folder("parameters").flat_map(|p| parameters::read(p.table(findings), None, units)).collect();
    let raw_measures: TiVec<MeasureId, RawMeasure> =
        in_folder(MEASURES).filter_map(|p| measures::read(p.table(findings), &p.found.stem, units)).collect();
    check_names(&raw_facts, &shared, files, findings);

    let mut names = Names::new(&all_sources, roles.register, &raw_facts, title.document.effective_from, files, findings);
    let mut all_parameters = TiVec::new();
    names.shared = keep(&mut all_parameters, std::mem::take(&mut shared)).0;
    for (id, raw) in raw_measures.iter_enumerated() {
        if let Some(per) = raw.per(&names) {
            names.measures.insert(raw.id.clone(), (id, per));
        }
    }
    let complete = raw_measures.len();
    let all_measures = resolve_measures(raw_measures, &names, &mut all_parameters);
    let raw_indicators: Vec<RawIndicator> =
        in_folder("indicators").filter_map(|p| indicators::read(p.table(findings), &p.found.stem, units)).collect();
    check_unique(raw_indicators.iter().map(|i| &i.name), files, findings);
    let all_indicators = resolve_indicators(raw_indicators, &names, &mut all_parameters);
    let joint = parsed.iter().find(|p| p.found.folder.is_empty() && p.found.stem == "settlement");
    let joint = joint.map(|p| settlement::read(p.table(findings), &names, &all_measures, complete)).unwrap_or_default();
    let calendar =
        title.calendar.and_then(|(table, from, to)| Some(Calendar { table: sources::find(&all_sources, &table, findings)?, from, to }));
    let (mut texts, mut not_computed) = (Vec::new(), Vec::new());
    for p in in_folder("articles") {
        articles::read_articles(p.table(findings), &mut texts, &mut not_computed);
    }
    let functions = raw_facts.iter().filter(|f| f.args.is_some());
    let functions = functions.map(|f| (f.name.value.clone(), (f.says.clone(), f.source_note.clone()))).collect();
    let facts = names.into_facts();
    let size = title.size.and_then(|name| find_size(&facts, &all_sources, &name, findings));
    if all_measures.len() != complete || facts.len() != raw_facts.len() {
        return None;
    }
    Some(Pipeline {
        policy: title.policy,
        document: title.document,
        counties: title.counties,
        calendar,
        roles,
        size,
        sources: all_sources.clone(),
        facts,
        functions,
        parameters: all_parameters,
        measures: all_measures,
        indicators: all_indicators?,
        settlement: joint,
        chapters: title.chapters,
        articles: texts,
        not_computed,
        examples: title.examples,
        files: Files::default(),
        warnings: Vec::new(),
        sha256: String::new(),
        hashes: BTreeMap::new(),
    })
}

/// The measures that have no mistake.
fn resolve_measures(
    raw: TiVec<MeasureId, RawMeasure>,
    names: &Names<'_>,
    all: &mut TiVec<ParameterId, Parameter>,
) -> TiVec<MeasureId, Measure> {
    let resolve = |mut raw: RawMeasure| {
        let (uses, ids) = keep(all, std::mem::take(&mut raw.parameters));
        raw.resolve(names, uses, ids)
    };
    raw.into_iter().filter_map(resolve).collect()
}

/// All indicators, or `None` where one of them has a mistake.
fn resolve_indicators(
    raws: Vec<RawIndicator>,
    names: &Names<'_>,
    all_parameters: &mut TiVec<ParameterId, Parameter>,
) -> Option<TiVec<IndicatorId, Indicator>> {
    let resolved: Vec<Option<Indicator>> = raws
        .into_iter()
        .map(|mut raw| {
            if names.measures.contains_key(&raw.name.value) {
                let message = format!("`{}` is a measure already: `--only` could not tell them apart", raw.name.value);
                names.findings.push(Diagnostic::error(Mistake::DuplicateName, raw.name.place.clone(), message));
            }
            let (uses, ids) = keep(all_parameters, std::mem::take(&mut raw.parameters));
            raw.resolve(names, uses, ids)
        })
        .collect();
    resolved.into_iter().collect()
}

/// Moves parameters into the pipeline's list; gives how each is read by name, and their ids.
fn keep(all: &mut TiVec<ParameterId, Parameter>, raws: Vec<RawParameter>) -> (BTreeMap<String, ParameterUse>, Vec<ParameterId>) {
    let (mut uses, mut ids) = (BTreeMap::new(), Vec::new());
    for raw in raws {
        let id = all.next_key();
        let ty = raw.parameter.ty.clone();
        uses.insert(raw.parameter.name.clone(), ParameterUse { parameter: id, ty, at: raw.at, by: raw.by });
        all.push(raw.parameter);
        ids.push(id);
    }
    (uses, ids)
}

/// Refuses facts and shared parameters that are defined twice.
fn check_names(facts: &TiVec<FactId, RawFact>, shared: &[RawParameter], files: &Files, findings: &Findings) {
    check_unique(facts.iter().map(|f| &f.name), files, findings);
    let shared: Vec<Text> = shared.iter().map(RawParameter::name).collect();
    check_unique(shared.iter(), files, findings);
}

/// Refuses what is defined twice; it names both places.
fn check_unique<'a>(names: impl Iterator<Item = &'a Text>, files: &Files, findings: &Findings) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for name in names {
        if let Some(first) = seen.insert(&name.value, &name.place) {
            let (one, other) = (files.path(first.file), files.path(name.place.file));
            let place = if one == other { format!("twice in {one}") } else { format!("in {one} and in {other}") };
            findings.push(Diagnostic::error(Mistake::DuplicateName, name.place.clone(), format!("`{}` is defined {place}", name.value)));
        }
    }
}

/// The fact that sorts subjects by size: a word per row of the sources of subjects.
fn find_size(facts: &TiVec<FactId, Fact>, all: &Sources, name: &Text, findings: &Findings) -> Option<FactId> {
    let is_label = |f: &Fact| f.value.ty == Type::Text && f.per.is_some_and(|s| all[s].primary_key.len() == 1);
    let found = facts.position(|f| f.name == name.value && is_label(f));
    if found.is_none() {
        let message = format!("there is no fact `{}` that gives a word for every subject", name.value);
        findings.push(Diagnostic::error(Mistake::UnknownName, name.place.clone(), message));
    }
    found
}
