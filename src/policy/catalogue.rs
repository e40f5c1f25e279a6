//! What names mean in this pipeline; facts are resolved when they are first needed, cycles are refused.

use super::model::Fact;
use super::sources;
use super::toml::Table;
use crate::diagnostic::{self, Diagnostic, Files, Findings, Mistake, Text};
use crate::schema::{SourceId, Sources};
use crate::sql::ir::{Expr, FactId, MeasureId};
use crate::sql::resolve::{Catalogue, Named, ParameterUse, Resolver, RowScope, Scope};
use crate::value::Type;
use std::cell::RefCell;
use std::collections::BTreeMap;
use typed_index_collections::{TiVec, ti_vec};

/// A fact file as read: a column of a source, a function, or one value for the run.
pub struct RawFact {
    pub name: Text,
    pub per: Option<Text>,
    pub args: Option<Vec<String>>,
    pub says: String,
    pub source_note: String,
    pub value: Text,
}

impl RawFact {
    pub fn read(table: Table<'_>, stem: &str) -> Option<RawFact> {
        let name = table.need_text("name")?;
        if name.value != stem {
            table.findings().push(Diagnostic::error(
                Mistake::FileName,
                name.place.clone(),
                format!("the file of `{0}` must be called {0}.toml", name.value),
            ));
        }
        let args = table.get("args").map(|_| table.strings("args"));
        let fact = RawFact {
            name,
            per: table.text("per"),
            args,
            says: table.need_text("says")?.value,
            source_note: table.string("source").unwrap_or_default(),
            value: table.need_text("value")?,
        };
        table.finish();
        Some(fact)
    }
}

#[derive(Clone)]
enum State {
    Waiting,
    InProgress,
    Done(Expr),
    Failed,
}

/// All names of a pipeline.
pub struct Names<'a> {
    pub sources: &'a Sources,
    pub register: Option<SourceId>,
    pub facts: &'a TiVec<FactId, RawFact>,
    pub shared: BTreeMap<String, ParameterUse>,
    pub measures: BTreeMap<String, (MeasureId, SourceId)>,
    pub effective_from: i32,
    pub files: &'a Files,
    pub findings: &'a Findings,
    state: RefCell<TiVec<FactId, State>>,
}

impl<'a> Names<'a> {
    pub fn new(
        sources: &'a Sources,
        register: Option<SourceId>,
        facts: &'a TiVec<FactId, RawFact>,
        effective_from: i32,
        files: &'a Files,
        findings: &'a Findings,
    ) -> Self {
        let state = RefCell::new(ti_vec![State::Waiting; facts.len()]);
        Names { sources, register, facts, shared: BTreeMap::new(), measures: BTreeMap::new(), effective_from, files, findings, state }
    }

    /// The measures with these ids; unknown ones are reported.
    pub fn find_measures(&self, ids: Vec<Text>) -> Vec<MeasureId> {
        let known = self.measures.keys().map(String::as_str);
        let found = |id: Text| {
            let known = diagnostic::find::<usize>("measure", Mistake::UnknownMeasure, (&id.value, &id.place), known.clone());
            self.findings.keep(known).and_then(|_| self.measure(&id.value)).map(|(measure, _)| measure)
        };
        ids.into_iter().filter_map(found).collect()
    }

    fn fact(&self, id: FactId) -> Option<Expr> {
        let state = self.state.borrow()[id].clone();
        match state {
            State::Done(expr) => return Some(expr),
            State::Failed => return None,
            State::InProgress => {
                let fact = &self.facts[id];
                self.findings.push(Diagnostic::error(
                    Mistake::Cycle,
                    fact.name.place.clone(),
                    format!("`{}` is derived from itself", fact.name.value),
                ));
                self.state.borrow_mut()[id] = State::Failed;
                return None;
            }
            State::Waiting => self.state.borrow_mut()[id] = State::InProgress,
        }
        let resolved = self.resolve(id);
        self.state.borrow_mut()[id] = resolved.clone().map_or(State::Failed, State::Done);
        resolved
    }

    fn resolve(&self, id: FactId) -> Option<Expr> {
        let fact = &self.facts[id];
        let own = match self.per(fact) {
            Ok(per) => per.map(|source| RowScope { source, alias: None, link: None }),
            Err(()) => return None,
        };
        let value = Resolver::text(self, self.findings, &fact.value, &Scope { own, ..Scope::default() })?;
        if value.is_fraction() {
            self.findings.push(
                Diagnostic::error(Mistake::Quotient, fact.value.place.clone(), "no column holds a quotient exactly")
                    .hint("make it a named function (args = []): it is computed where it is compared or rounded"),
            );
            return None;
        }
        Some(value)
    }

    fn per(&self, fact: &RawFact) -> Result<Option<SourceId>, ()> {
        let Some(per) = &fact.per else {
            return Ok(None);
        };
        sources::find(self.sources, per, self.findings).map(Some).ok_or(())
    }

    /// Resolves what nobody asked for, so that every mistake is shown, and hands the facts over. Functions stay text.
    pub fn into_facts(self) -> TiVec<FactId, Fact> {
        self.facts
            .keys()
            .filter_map(|id| {
                let raw = &self.facts[id];
                let value = match raw.args {
                    Some(_) => Expr::literal(crate::value::Value::Null, Type::Null),
                    None => self.fact(id)?,
                };
                let per = self.per(raw).ok()?;
                Some(Fact {
                    name: raw.name.value.clone(),
                    per,
                    says: raw.says.clone(),
                    source_note: raw.source_note.clone(),
                    value,
                    place: raw.name.place.clone(),
                })
            })
            .collect()
    }
}

impl Catalogue for Names<'_> {
    fn sources(&self) -> &Sources {
        self.sources
    }

    fn named(&self, name: &str) -> Option<Result<Named, ()>> {
        if let Some(parameter) = self.shared.get(name) {
            return Some(Ok(Named::Parameter(parameter.clone())));
        }
        let id = self.facts.position(|f| f.name.value == name && f.args.is_none())?;
        let Ok(per) = self.per(&self.facts[id]) else {
            return Some(Err(()));
        };
        let Some(expr) = self.fact(id) else {
            return Some(Err(()));
        };
        Some(Ok(match per {
            Some(per) => Named::Fact { fact: id, per, ty: expr.ty },
            None => Named::RunValue { fact: id, ty: expr.ty },
        }))
    }

    fn fact_type(&self, fact: FactId) -> Type {
        self.fact(fact).map_or(Type::Null, |e| e.ty)
    }

    fn function(&self, name: &str) -> Option<(&[String], &Text)> {
        let fact = self.facts.iter().find(|f| f.name.value == name)?;
        Some((fact.args.as_deref()?, &fact.value))
    }

    fn measure(&self, id: &str) -> Option<(MeasureId, SourceId)> {
        self.measures.get(id).copied()
    }

    fn names(&self) -> Vec<String> {
        let globals = ["截止日", "本年", "施行日"].map(str::to_string);
        self.facts.iter().map(|f| f.name.value.clone()).chain(self.shared.keys().cloned()).chain(globals).collect()
    }

    fn effective_from(&self) -> i32 {
        self.effective_from
    }

    fn files(&self) -> &Files {
        self.files
    }
}
