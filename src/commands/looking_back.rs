//! What a run finds when it looks back to the run before: what became of its lines and why, and what was paid and is owed.

use super::stages;
use super::{ExitStatus, Failure};
use crate::delivery::Before;
use crate::facts::World;
use crate::ledger::Book;
use crate::period;
use crate::policy::model::{Parameter, Pipeline};
use crate::policy::{Overlay, reach};
use crate::publish::tables::Computed;
use crate::publish::{self, BackError, Manifest, RUNS, cache};
use crate::reports::{
    self, Account, Accounts, AtHand, Basis, Causes, Change, Comparison, Digests, Evidence, Listed, RowChange, Turn, Walk,
};
use crate::schema::SourceId;
use crate::sql::EvalError;
use crate::sql::ir::{MeasureId, ParameterId};
use crate::texts::hex;
use polars::prelude::PolarsResult;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use typed_index_collections::TiVec;

/// What a run knows when it looks back.
pub struct Now<'e, 'w> {
    pub world: &'w World<'w>,
    pub computed: &'e Computed<'w>,
    pub manifest: &'e Manifest,
    /// The run before.
    pub before: Option<Manifest>,
    pub out: &'e Path,
    pub threads: usize,
}

/// What the looking back found: no changes where there is no run before, no accounts where no payments were delivered or not every
/// measure was computed.
pub struct Found<'l> {
    pub changes: Option<Vec<Change<'l>>>,
    /// The lines of the run before that are 未提供 now, as it had them, in their order.
    pub withheld: Option<Vec<Vec<String>>>,
    pub accounts: Option<Vec<Account<'l>>>,
}

/// Holds the run's lines against the run before and what was paid.
pub fn look<'l>(now: &Now<'l, 'l>) -> Result<Found<'l>, Failure> {
    let Now { world, computed, manifest, ref before, out, .. } = *now;
    let changes = before.as_ref().map(|before| changes(now, before)).transpose()?;
    let paid = reports::paid(world.pipeline, world.tables).map_err(|e| Failure::new(ExitStatus::Failed, e))?;
    let mut accounts = None;
    if let Some(paid) = paid.filter(|_| !manifest.partial) {
        let mut gathered = Accounts::new(paid);
        let own = Book::ALL.into_iter().flat_map(|book| book.lines(&computed.lines));
        own.for_each(|(of, line)| gathered.listed(Listed::Own(of, line)));
        gathered.gone(changes.as_deref().unwrap_or_default());
        before.iter().try_for_each(|before| remember(&mut gathered, out, before).map_err(|e| unreadable(out, e)))?;
        accounts = Some(gathered.finish());
    }
    let withheld = before.as_ref().map(|before| withheld(out, before, changes.as_deref().unwrap_or_default())).transpose()?;
    Ok(Found { changes, withheld, accounts })
}

/// What the run before knew of its delivery.
pub fn known(before: &Manifest) -> Before {
    Before { as_of: period::parse_iso_date(before.as_of.as_bytes()).unwrap_or(i32::MIN), known: before.known.clone() }
}

/// What was gone before the run before: payments.csv remembers it, and for runs to which no payments were delivered their deltas.
fn remember(gathered: &mut Accounts<'_>, out: &Path, before: &Manifest) -> Result<(), Box<dyn std::error::Error>> {
    let mut run = out.join(RUNS).join(&before.run);
    let mut previous = before.previous.clone();
    while !publish::has_accounts(&run) {
        publish::gone(&run)?.into_iter().for_each(|(line, standing)| gathered.gone_before(line, standing));
        let Some(earlier) = previous.map(|id| out.join(RUNS).join(id)).filter(|earlier| earlier.exists()) else { return Ok(()) };
        (previous, run) = (Manifest::read(&earlier)?.previous, earlier);
    }
    publish::accounts(&run)?.into_iter().for_each(|(line, standing, due)| gathered.remembered(line, standing, due));
    Ok(())
}

/// The cells of the lines that are withheld.
fn withheld(out: &Path, before: &Manifest, changes: &[Change<'_>]) -> Result<Vec<Vec<String>>, Failure> {
    let number = |change: &Change<'_>| change.line().number.into_owned();
    let withheld: Vec<String> = changes.iter().filter(|change| change.turn == Turn::Withheld).map(number).collect();
    if withheld.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = publish::whole_lines(&out.join(RUNS).join(&before.run), &withheld.iter().cloned().collect());
    let lines = lines.as_mut().map_err(|e| unreadable(out, e))?;
    Ok(withheld.iter().filter_map(|number| lines.remove(number)).collect())
}

/// The changes since the run before, each with its cause.
fn changes<'l>(now: &Now<'l, 'l>, previous: &Manifest) -> Result<Vec<Change<'l>>, Failure> {
    let (lines, pipeline) = (&now.computed.lines, now.world.pipeline);
    let before = now.out.join(RUNS).join(&previous.run);
    let old = publish::basis(&before, previous).map_err(|e| unreadable(now.out, e))?;
    let computed = || lines.iter().map(|of| of.measure.id.clone()).collect();
    let missing = now.computed.settled.iter().filter(|one| !one.decided.delivered).map(|one| pipeline.measures[one.measure()].id.clone());
    let new = now.manifest.basis(now.manifest.partial.then(computed), missing.collect());
    let own = |book: Book| Ok(AtHand::new(book.lines(lines)));
    let mut changes = compare((&before, &old), own, &new, Some(pipeline)).map_err(|e| unreadable(now.out, e))?;
    if !changes.is_empty() {
        attribute(&mut changes, now, previous, &mut Causes::new(&old, &new, Some(pipeline)))?;
    }
    Ok(changes)
}

/// Tells every change's true cause, with what the run before left in the cache.
fn attribute(changes: &mut [Change<'_>], now: &Now<'_, '_>, previous: &Manifest, causes: &mut Causes<'_>) -> Result<(), Failure> {
    let pipeline = now.world.pipeline;
    let parameters = earlier_parameters(pipeline, previous, now.manifest);
    let failed = |e: EvalError| stages::evaluation(now.world, None, e);
    let evidence = Evidence {
        world: now.world,
        settled: &now.computed.settled,
        parameters: parameters.as_ref(),
        as_of: period::parse_iso_date(previous.as_of.as_bytes()),
        rows: row_changes(now, previous).map_err(|e| failed(e.into()))?,
        threads: now.threads,
    };
    reports::attribute(changes, causes, &evidence).map_err(failed)
}

/// What this run's pipeline makes of the settings of the run before; `None` where they do not fit it.
fn earlier_parameters(pipeline: &Pipeline, previous: &Manifest, manifest: &Manifest) -> Option<TiVec<ParameterId, Parameter>> {
    let mut parameters = pipeline.parameters.clone();
    for parameter in &mut parameters {
        if let Some(entries) = parameter.filed.take() {
            (parameter.entries, parameter.overlaid) = (entries, false);
        }
    }
    let (old, new) = (Overlay::recorded(&previous.parameters).ok()?, Overlay::recorded(&manifest.parameters).ok()?);
    // Only parameters can be laid beside the pipeline.
    if old.beside_parameters(pipeline) != new.beside_parameters(pipeline) {
        return None;
    }
    old.apply_to(pipeline, &mut parameters).ok()?;
    Some(parameters)
}

/// By source whose files differ: the rows that the runs do not share, where the run before left its rows' digests.
fn row_changes(now: &Now<'_, '_>, previous: &Manifest) -> PolarsResult<BTreeMap<String, Option<Vec<RowChange>>>> {
    let mut found = BTreeMap::new();
    for (source, name) in kept_names(now.world.pipeline, now.manifest) {
        let before = kept_name(now.world.pipeline, previous, source);
        if before == name {
            continue;
        }
        let old = cache::read(now.out, &before).and_then(|bytes| Digests::from_bytes(&bytes));
        let changed = match old {
            Some(old) => {
                let new = Digests::of(now.world, source)?;
                // The next run asks for them: kept while they are at hand. Where they cannot be, [`keep_rows`] tells it.
                let _ = cache::keep(now.out, &name, &new.to_bytes());
                old.changes(&new)
            }
            None => None,
        };
        found.insert(now.world.pipeline.sources[source].name.clone(), changed);
    }
    Ok(found)
}

/// Leaves this run's rows as digests for the next one; gives the names that the next one asks for, once this run is published. Without
/// them the next delta only says less, so trouble is told, not raised.
pub fn keep_rows(now: &Now<'_, '_>, say: &dyn Fn(&str)) -> Option<BTreeSet<String>> {
    let mut wanted = BTreeSet::new();
    for (source, name) in kept_names(now.world.pipeline, now.manifest) {
        if !cache::has(now.out, &name) {
            let kept = Digests::of(now.world, source).map_err(|e| e.to_string());
            let kept = kept.and_then(|digests| cache::keep(now.out, &name, &digests.to_bytes()).map_err(|e| e.to_string()));
            if let Err(e) = kept {
                say(&format!("warning: {e}; the next delta will name files, not rows"));
                return None;
            }
        }
        wanted.insert(name);
    }
    // A partial run knows nothing of the rows that it did not read.
    (!now.manifest.partial).then_some(wanted)
}

/// The delivered sources that measures read and the run used, with the names under which their rows are kept.
fn kept_names(pipeline: &Pipeline, manifest: &Manifest) -> Vec<(SourceId, String)> {
    let all: Vec<MeasureId> = pipeline.measures.keys().collect();
    let read = reach::reach(pipeline, &all, &[]).sources;
    let name = |s: &SourceId| &pipeline.sources[*s].name;
    let used = |s: &SourceId| manifest.sources.contains_key(name(s)) && !manifest.taken.aside.contains(name(s));
    read.into_iter().filter(used).map(|s| (s, kept_name(pipeline, manifest, s))).collect()
}

/// A name for all that decides which rows of a source were accepted, and what of them is looked at.
fn kept_name(pipeline: &Pipeline, manifest: &Manifest, source: SourceId) -> String {
    let declared = &pipeline.sources[source];
    let targets = declared.columns.iter().filter_map(|c| c.references).filter(|r| r.strict);
    let sources: BTreeSet<&str> = targets.map(|r| pipeline.sources[r.source].name.as_str()).chain([declared.name.as_str()]).collect();
    let mut hasher = Sha256::new();
    let inputs = manifest.inputs.iter().filter(|i| sources.contains(i.source.as_str()));
    let parts = [&manifest.version, &manifest.pipeline.sha256].into_iter().chain(inputs.flat_map(|i| [&i.source, &i.path, &i.sha256]));
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let hash = hex(&hasher.finalize()[..8]);
    format!("{}-{hash}.rows", declared.name)
}

/// The changes from a published run to the lines of another one, by book; what the measures read is that of the later run's pipeline.
pub fn compare<'l, L: Walk<'l, BackError>>(
    (before, old): (&Path, &Basis),
    now: impl Fn(Book) -> Result<L, BackError>,
    new: &Basis,
    pipeline: Option<&Pipeline>,
) -> Result<Vec<Change<'l>>, BackError> {
    let mut comparison = Comparison::default();
    for book in Book::ALL {
        comparison.add(&mut publish::Ledger::of(before, book)?, &mut now(book)?)?;
    }
    if let Some(mut withheld) = publish::Ledger::withheld(before)? {
        comparison.add(&mut withheld, &mut AtHand::new(std::iter::empty()))?;
    }
    Ok(comparison.finish(old, new, pipeline))
}

/// Without the run before, nobody would learn what was withdrawn: that is for people to decide.
pub(super) fn unreadable(out: &Path, e: impl std::fmt::Display) -> Failure {
    let runs = out.join(RUNS);
    let message = format!("{e}; nothing was published: put the run before in order, or move it out of {}", runs.display());
    Failure::new(ExitStatus::Io, message)
}
