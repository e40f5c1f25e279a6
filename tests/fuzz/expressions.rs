//! Whatever an expression says: parsing and resolving it never panics, and every mistake is shown at words that are
//! there, in the expression or in the fact that it uses.

use huiqi::diagnostic::{self, Diagnostic, FileId, Files, Findings, Place};
use huiqi::policy::catalogue::{Names, RawFact};
use huiqi::policy::toml::Table;
use huiqi::policy::{self, model::Pipeline};
use huiqi::schema::{SourceId, Sources};
use huiqi::sql::ir::FactId;
use huiqi::sql::resolve::{Resolver, RowScope, Scope};
use std::path::{Path, PathBuf};
use toml::de::DeTable;
use typed_index_collections::TiVec;

/// The shipped pipeline's sources and facts, between which an expression stands.
pub struct Expressions {
    sources: Sources,
    register: Option<SourceId>,
    effective_from: i32,
    /// Paths and texts of fact files, and the facts in them.
    texts: Vec<(String, String)>,
    facts: TiVec<FactId, RawFact>,
}

impl Expressions {
    pub fn new() -> Expressions {
        let Ok(Pipeline { sources, roles, document, .. }) = policy::load(&pipeline()) else { panic!("the pipeline does not load") };
        let (texts, findings) = (fact_files(), Findings::default());
        let facts = (0..).zip(&texts).filter_map(|(file, (path, text))| {
            let (root, _) = DeTable::parse_recoverable(text);
            let stem = Path::new(path).file_stem()?.to_string_lossy().into_owned();
            RawFact::read(Table::new(root.get_ref(), Place { file: FileId(file), span: 0..1 }, &findings), &stem)
        });
        let facts = facts.collect();
        Expressions { sources, register: roles.register, effective_from: document.effective_from, texts, facts }
    }

    /// Resolves a text as a row of every source sees it, of a group of its rows, and of neither.
    pub fn check(&self, expression: &str) {
        let quoted = if expression.contains("'''") || expression.ends_with('\'') {
            toml::Value::from(expression).to_string()
        } else {
            format!("'''\n{expression}'''")
        };
        let file = format!("value = {quoted}\n");
        let sources = self.sources.keys().step_by(7);
        for scope in sources.flat_map(|source| [row(source), group(source)]).chain([Scope::default()]) {
            self.resolve(&file, &scope);
        }
    }

    fn resolve(&self, file: &str, scope: &Scope) {
        let mut files = Files::default();
        for (path, text) in &self.texts {
            files.add(path.clone(), text.clone());
        }
        let id = files.add("measures/expression.toml".into(), file.to_owned());
        let findings = Findings::default();
        let (root, errors) = DeTable::parse_recoverable(files.text(id));
        if !errors.is_empty() {
            return;
        }
        let table = Table::new(root.get_ref(), Place { file: id, span: 0..1 }, &findings);
        let Some(text) = table.need_text("value") else { return };
        let names = Names::new(&self.sources, self.register, &self.facts, self.effective_from, &files, &findings);
        let found = Resolver::text(&names, &findings, &text, scope).is_some();
        let findings = findings.into_inner();
        assert!(found || !findings.is_empty(), "nothing found and nothing said: {file}");
        findings.iter().for_each(|finding| check_place(finding, &files));
        diagnostic::render(&findings, &files, false);
    }
}

/// A finding is about words of a file: whole characters, within its text.
fn check_place(finding: &Diagnostic, files: &Files) {
    let place = finding.place.as_ref().unwrap_or_else(|| panic!("no place: {finding:?}"));
    let words = files.text(place.file).get(place.span.clone());
    assert!(words.is_some_and(|words| !words.is_empty()), "{finding:?}");
}

fn row(source: SourceId) -> Scope {
    Scope { own: Some(RowScope { source, alias: None, link: None }), ..Scope::default() }
}

fn group(source: SourceId) -> Scope {
    Scope { group: Some(RowScope { source, alias: None, link: None }), ..Scope::default() }
}

pub fn pipeline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|dir| dir.join("pipelines/xinzhou-2022"))
        .find(|dir| dir.exists())
        .expect("a pipeline")
}

fn fact_files() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(pipeline().join("facts")).expect("facts");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a fact").path()).collect();
    paths.sort();
    paths.iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).expect("a fact"))).collect()
}
