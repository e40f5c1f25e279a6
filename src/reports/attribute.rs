//! The true cause of every change between two runs, by whoever has the later run's data at hand.
//!
//! Where parameters or the as-of date differ beside data or rules, the lines that changed are computed once more with the earlier
//! run's parameters and date: a line that then is as it was owes nothing to data and rules, one that then is as it is owes nothing
//! to parameters and date. 数据 names the rows that both runs do not share: the line's own, and those that name its subject or a code
//! of its row; where there are none such, it says how many rows differ in the sources that the measure reads. 时间 and every line that
//! is gone name the condition that the row does not meet, with what it saw. What cannot be known is not said.

use super::cause::{Causes, Parts, cause};
use super::delta::{Change, Entry, Listed, Turn};
use super::rows::{Fate, RowChange, codes_in, key_of, key_of_code, of_code, row_keys};
use crate::explain::{Reading, dependencies, shape};
use crate::facts::{Rows, World};
use crate::ledger::{self, Lines, documents};
use crate::measures::{Decided, Verdict};
use crate::period;
use crate::policy::conditions::ConditionId;
use crate::policy::model::{Measure, Parameter};
use crate::policy::reach;
use crate::schema::SourceId;
use crate::settlement::{RowSets, Settled, settle, settle_rows};
use crate::sql::EvalError;
use crate::sql::ir::{MeasureId, ParameterId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use typed_index_collections::TiVec;

/// What the later run has at hand.
pub struct Evidence<'e, 'w> {
    pub world: &'w World<'w>,
    pub settled: &'e [Settled<'w>],
    /// What this run's pipeline makes of the earlier run's settings; `None` where it cannot.
    pub parameters: Option<&'e TiVec<ParameterId, Parameter>>,
    /// The earlier run's as-of date; `None` where it says none.
    pub as_of: Option<i32>,
    /// By source whose files differ: the rows that the runs do not share; `None`: not known.
    pub rows: BTreeMap<String, Option<Vec<RowChange>>>,
    pub threads: usize,
}

/// Replaces what is said of every change's cause by what is true of the line.
pub fn attribute(changes: &mut [Change<'_>], causes: &mut Causes<'_>, evidence: &Evidence<'_, '_>) -> Result<(), EvalError> {
    let pipeline = evidence.world.pipeline;
    let mut finder = Finder { world: evidence.world, keys: HashMap::new() };
    let found: Vec<Option<Found>> = changes.iter().map(|change| finder.find(change)).collect::<Result<_, _>>()?;
    let needed = needed(changes, &found, causes, evidence.world);
    let tables = evidence.world.tables;
    let now = (evidence.world.as_of, evidence.world.parameters());
    let before = evidence.as_of.zip(evidence.parameters);
    let is_few = are_few(evidence.world, &needed);
    let world = |(day, parameters)| {
        let world = World::with_parameters(pipeline, parameters, tables, day);
        if is_few { world.for_few() } else { world }
    };
    let earlier = before.map(world);
    let earlier = earlier.as_ref().and_then(|world| Outcome::of(world, &needed, evidence.threads));
    // Which of the two it was matters only where both differ.
    let mut both = needed;
    both.retain(|&m, _| is_of_both(&causes.parts(&pipeline.measures[m].id)));
    let crossed = before.filter(|_| !both.is_empty()).map(|(day, parameters)| [world((day, now.1)), world((now.0, parameters))]);
    let crossed = crossed.as_ref().map(|worlds| worlds.each_ref().map(|world| Outcome::of(world, &both, evidence.threads)));
    let [then, set] = crossed.unwrap_or([None, None]);
    let mut teller = Teller { evidence, finder, earlier, then, set, now: States::new(), before: States::new() };
    let kept = |(change, found): (&Change<'_>, Option<Found>)| Some((found?, teller.kept(change, &causes.parts(change.line().measure))));
    let known: Vec<Option<(Found, Parts)>> = changes.iter().zip(found).map(kept).collect();
    teller.look(changes, &known)?;
    for (change, known) in changes.iter_mut().zip(known) {
        if let Some((Found { measure, row }, kept)) = known {
            change.cause = match change.turn {
                Turn::Withheld => unjudged(evidence.world, measure),
                _ => teller.cause(measure, row, change, kept)?,
            };
        }
    }
    Ok(())
}

/// Where a changed line's row stands: its measure, and its place in this run's tables, if it is known.
#[derive(Clone, Copy)]
struct Found {
    measure: MeasureId,
    row: Option<u32>,
}

/// By measure on whose changes parameters or the date may bear: the rows of its changed lines; all of them where one line is of a
/// masked person, because such lines are numbered together.
fn needed(changes: &[Change<'_>], found: &[Option<Found>], causes: &mut Causes<'_>, world: &World<'_>) -> RowSets {
    let (mut needed, mut whole) = (RowSets::new(), BTreeSet::new());
    for (change, found) in changes.iter().zip(found) {
        let (line, Some(Found { measure, row })) = (change.line(), found) else { continue };
        let parts = causes.parts(line.measure);
        if parts.time.is_some() || !parts.parameters.is_empty() {
            needed.entry(*measure).or_default().extend(row);
            if [line.subject, line.document].iter().any(|text| text.contains('*')) {
                whole.insert(*measure);
            }
        }
    }
    let all = |m: MeasureId| (m, (0..world.frame(world.pipeline.measures[m].per).height() as u32).collect());
    needed.extend(whole.into_iter().map(all));
    needed
}

/// Which sources that a measure reads did not come.
fn unjudged(world: &World<'_>, m: MeasureId) -> super::Cause {
    let read = reach::sources_read(world.pipeline, &[m], &[]);
    let missing = read.into_iter().filter(|s| !world.delivered_all([s])).map(|s| format!("{}没有提供", world.pipeline.sources[s].title));
    cause(&missing.collect::<Vec<_>>(), &[], &[], None)
}

/// What a measure says of a row.
type States = HashMap<(MeasureId, u32), String>;

/// Whether deciding these rows alone is less work than deciding all: facts are then computed anew for every measure.
fn are_few(world: &World<'_>, rows: &RowSets) -> bool {
    let all: usize = rows.keys().map(|&m| world.frame(world.pipeline.measures[m].per).height()).sum();
    rows.values().map(BTreeSet::len).sum::<usize>() < all / FEW
}

/// So many times as many rows are there where some are few.
const FEW: usize = 8;

fn is_of_both(parts: &Parts) -> bool {
    parts.time.is_some() && !parts.parameters.is_empty()
}

/// The lines of some measures in another world.
struct Outcome<'w> {
    world: &'w World<'w>,
    settled: Vec<Settled<'w>>,
    lines: Vec<Lines<'w>>,
    /// 台账编号 → its measure's place in `lines`, and its own there.
    places: HashMap<String, (usize, usize)>,
}

impl<'w> Outcome<'w> {
    /// `None` where it cannot be computed, as on a day without a value.
    fn of(world: &'w World<'w>, wanted: &RowSets, threads: usize) -> Option<Outcome<'w>> {
        let settled = if world.is_for_few() {
            let rows = wanted.iter().map(|(&m, rows)| (m, rows.clone())).collect();
            settle_rows(world, &dependencies(world, rows).ok()?).ok()?
        } else {
            let wanted: Vec<MeasureId> = wanted.keys().copied().collect();
            let needed: Vec<MeasureId> = reach::reach(world.pipeline, &wanted, &[]).measures.into_iter().collect();
            settle(world, &needed, threads).ok()?
        };
        let of_wanted = settled.iter().filter(|s| wanted.contains_key(&s.measure()));
        let lines: Vec<Lines<'w>> = of_wanted.map(|one| ledger::lines(world, one)).collect::<Result<_, _>>().ok()?;
        let places = lines.iter().enumerate().flat_map(|(at, of)| of.lines.iter().enumerate().map(move |(n, line)| (line.id(), (at, n))));
        let places = places.collect();
        Some(Outcome { world, settled, lines, places })
    }

    /// Whether a line stands there as it is here.
    fn has(&self, number: &str, line: Option<&Listed<'_>>) -> bool {
        let there = self.places.get(number).map(|&(at, n)| Listed::Own(&self.lines[at], &self.lines[at].lines[n]));
        match (there, line) {
            (None, None) => true,
            (Some(there), Some(here)) => here.brief().differences(&there.brief()).is_empty(),
            _ => false,
        }
    }
}

/// Finds rows in this run's tables.
struct Finder<'e, 'w> {
    world: &'e World<'w>,
    /// By source: rows by the digest of their keys.
    keys: HashMap<SourceId, Vec<(u64, u32)>>,
}

impl Finder<'_, '_> {
    /// None where the measure is none of this run's; no row where 来源单据 hides a part of the key, or the row is gone.
    fn find(&mut self, change: &Change<'_>) -> Result<Option<Found>, EvalError> {
        let (pipeline, line) = (self.world.pipeline, change.line());
        let Some(measure) = pipeline.measure(line.measure) else { return Ok(None) };
        let per = pipeline.measures[measure].per;
        let row = match key_of(pipeline, per, line.document) {
            Some(key) => self.row_of_key(per, key)?,
            None => None,
        };
        Ok(Some(Found { measure, row }))
    }

    fn row_of_key(&mut self, source: SourceId, key: u64) -> Result<Option<u32>, EvalError> {
        if !self.keys.contains_key(&source) {
            let keys = row_keys(self.world, source)?;
            let mut rows: Vec<(u64, u32)> = keys.into_iter().zip(0..).collect();
            rows.sort_unstable();
            self.keys.insert(source, rows);
        }
        let rows = self.keys.get(&source).map_or(&[][..], Vec::as_slice);
        Ok(rows.binary_search_by_key(&key, |(k, _)| *k).ok().map(|at| rows[at].1))
    }
}

struct Teller<'e, 'w, 'o> {
    evidence: &'e Evidence<'e, 'w>,
    /// With the earlier run's parameters and date.
    earlier: Option<Outcome<'o>>,
    /// With its date alone.
    then: Option<Outcome<'o>>,
    /// With its parameters alone.
    set: Option<Outcome<'o>>,
    finder: Finder<'e, 'w>,
    /// Of rows that lost their line, in this run.
    now: States,
    /// Of rows that the date gave a line, with the earlier run's parameters and date.
    before: States,
}

impl Teller<'_, '_, '_> {
    /// Reads what is to be said of rows, all rows of a measure at once.
    fn look(&mut self, changes: &[Change<'_>], known: &[Option<(Found, Parts)>]) -> Result<(), EvalError> {
        let (mut gone, mut new) = (BTreeMap::<MeasureId, Vec<u32>>::new(), BTreeMap::<MeasureId, Vec<u32>>::new());
        for (change, known) in changes.iter().zip(known) {
            let Some((Found { measure, row: Some(row) }, kept)) = known else { continue };
            match change.turn {
                Turn::Withdrawn => gone.entry(*measure).or_default().push(*row),
                Turn::New if kept.time.is_some() => new.entry(*measure).or_default().push(*row),
                _ => {}
            }
        }
        self.now = states(self.evidence.world, self.evidence.settled, gone)?;
        if let Some(earlier) = &self.earlier {
            self.before = states(earlier.world, &earlier.settled, new)?;
        }
        Ok(())
    }

    fn cause(&mut self, m: MeasureId, row: Option<u32>, change: &Change<'_>, mut kept: Parts) -> Result<super::Cause, EvalError> {
        let data = if kept.data.is_empty() { Vec::new() } else { self.rows(m, &change.line(), row, &kept)? };
        if data.is_empty() && kept == (Parts { data: kept.data.clone(), ..Parts::default() }) {
            // No row differs in what rules read, and nothing else does: the files are all that is known.
            return Ok(kept.cause());
        }
        kept.data.clear();
        let at = row.map(|row| (m, row));
        let before = at.and_then(|at| self.before.get(&at)).filter(|_| change.turn == Turn::New).zip(self.evidence.as_of);
        let time = kept.time.take().map(|says| match before {
            Some((state, day)) => format!("{says}，{} 时{state}", period::format_date(day)),
            None => says,
        });
        let mut cause = cause(&data, &kept.parameters, &kept.rules, time.as_deref());
        if let Some(state) = at.and_then(|at| self.now.get(&at)).filter(|_| change.turn == Turn::Withdrawn) {
            cause.says = format!("{}；现{state}", cause.says).into();
        }
        Ok(cause)
    }

    /// The factors without which the line would not have changed, as far as another world tells.
    fn kept(&self, change: &Change<'_>, parts: &Parts) -> Parts {
        let mut kept = parts.clone();
        let number = &*change.line().number;
        let Some(earlier) = self.earlier.as_ref().filter(|_| parts.time.is_some() || !parts.parameters.is_empty()) else {
            return kept;
        };
        let (old, new) = (change.before.as_ref(), change.now.as_ref());
        let has_others = !parts.data.is_empty() || !parts.rules.is_empty();
        if has_others && earlier.has(number, old) {
            (kept.data, kept.rules) = (Vec::new(), Vec::new());
        } else if has_others && earlier.has(number, new) {
            (kept.parameters, kept.time) = (Vec::new(), None);
        }
        if let (true, Some(then), Some(set)) = (is_of_both(&kept), &self.then, &self.set) {
            // Without the new date, without the new parameters: is it as it is now?
            match (then.has(number, new), set.has(number, new)) {
                (true, false) => kept.time = None,
                (false, true) => kept.parameters.clear(),
                _ => {}
            }
        }
        kept
    }

    /// What is said of the rows that the runs do not share; nothing where all that rules read is the same.
    fn rows(&mut self, m: MeasureId, line: &Entry<'_>, row: Option<u32>, parts: &Parts) -> Result<Vec<String>, EvalError> {
        let evidence = self.evidence;
        let pipeline = evidence.world.pipeline;
        let measure = &pipeline.measures[m];
        let own = key_of(pipeline, measure.per, line.document);
        let codes = row.map(|row| codes_in(evidence.world, measure.per, row)).unwrap_or_default();
        let of_row = row.map(|row| subject_of(evidence.world, measure, row)).transpose()?.flatten();
        let subject = of_code(line.subject).or(of_row);
        let (mut named, mut counted) = (Vec::new(), Vec::new());
        let sources: BTreeSet<&String> = parts.data.iter().map(|(source, _)| source).collect();
        for name in sources {
            let files: Vec<&str> = parts.data.iter().filter(|(source, _)| source == name).map(|(_, says)| says.as_str()).collect();
            let files = files.join("、");
            let (Some(source), Some(Some(changed))) = (pipeline.source(name), evidence.rows.get(name)) else {
                counted.push(files);
                continue;
            };
            let is_near = |change: &&RowChange| {
                let is_own = source == measure.per && Some(change.key) == own;
                let names_it = subject.is_some_and(|code| change.codes.contains(&code));
                let is_of_row =
                    source != measure.per && codes.iter().any(|(_, code)| change.codes.contains(code) || change.key == key_of_code(*code));
                is_own || names_it || is_of_row
            };
            let mut near: Vec<&RowChange> = changed.iter().filter(is_near).collect();
            // The line's own row says all there is to say of its source.
            if let Some(own) = near.iter().copied().find(|change| source == measure.per && Some(change.key) == own) {
                near = vec![own];
            }
            for change in &near {
                let text = self.named(source, change, line, own.filter(|_| source == measure.per))?;
                named.push(format!("{text}（{}）", change.fate.name()));
            }
            if near.is_empty() && !changed.is_empty() {
                counted.push(format!("{files}，其中 {} 行有变动", changed.len()));
            }
        }
        Ok(if named.is_empty() { counted } else { named })
    }

    /// Source and 来源单据 of a row, and its file where it is there; of a row that is gone and not the line's own, whose it was.
    fn named(&mut self, source: SourceId, change: &RowChange, line: &Entry<'_>, own: Option<u64>) -> Result<String, EvalError> {
        let world = self.evidence.world;
        let declared = &world.pipeline.sources[source];
        if change.fate == Fate::Removed {
            let document = if own == Some(change.key) { line.document.to_string() } else { format!("{} 名下 1 行", line.subject) };
            return Ok(format!("{} {document}", declared.name));
        }
        let Some(row) = self.finder.row_of_key(source, change.key)? else { return Ok(declared.name.clone()) };
        let mut rows = Rows::of(world, source).select(&[row])?;
        let document = documents(declared, source, &mut rows)?.0.get(0).to_string();
        let file = world.tables.tables[source].as_ref().and_then(|t| t.file.get(row as usize));
        let file = file.and_then(|&f| world.tables.files.get(usize::from(f))).map_or_else(String::new, |f| format!("，{}", f.path));
        Ok(format!("{} {document}{file}", declared.name))
    }
}

/// The digest of the code that the subject of a row goes by.
fn subject_of(world: &World<'_>, measure: &Measure, row: u32) -> Result<Option<u64>, EvalError> {
    let Some(key) = measure.subject.key() else { return Ok(None) };
    let ids = Rows::of(world, measure.per).select(&[row])?.column(key)?;
    let id = ids.as_materialized_series().u32()?.get(0);
    Ok(id.and_then(|id| of_code(world.tables.codes.get(id as usize))))
}

/// What measures say of these rows in a world, with the condition that a row does not meet and what was seen there.
fn states<'w>(world: &'w World<'w>, settled: &[Settled<'w>], rows: BTreeMap<MeasureId, Vec<u32>>) -> Result<States, EvalError> {
    let mut said = States::new();
    for (m, rows) in rows {
        let Some(decided) = settled.iter().find(|s| s.measure() == m).map(|s| &s.decided) else { continue };
        let mut failing: BTreeMap<ConditionId, Vec<(u32, u32)>> = BTreeMap::new();
        for row in rows {
            let Ok(at) = decided.row_numbers.binary_search(&row) else {
                said.insert((m, row), "不在应审之列".to_string());
                continue;
            };
            match decided.verdicts.get(at) {
                Some(Verdict::Ineligible(condition)) => failing.entry(*condition).or_default().push((row, at as u32)),
                Some(verdict) => drop(said.insert((m, row), verdict.name().to_string())),
                None => {}
            }
        }
        for (condition, rows) in failing {
            let (says, seen) = unmet(world, decided, condition, &rows)?;
            let verdict = Verdict::Ineligible(condition).name();
            said.extend(rows.iter().zip(seen).map(|((row, _), seen)| ((m, *row), format!("{verdict}：{says}{seen}"))));
        }
    }
    Ok(said)
}

/// The condition that some rows do not meet, and what was seen on each of them.
fn unmet(world: &World<'_>, decided: &Decided<'_>, id: ConditionId, rows: &[(u32, u32)]) -> Result<(String, Vec<String>), EvalError> {
    let condition = world.pipeline.measures[decided.measure].condition(id);
    let says = condition.map_or_else(|| id.name(), |c| c.title());
    let Some(test) = condition.and_then(|c| c.when) else { return Ok((says, vec![String::new(); rows.len()])) };
    let positions: Vec<u32> = rows.iter().map(|(_, at)| *at).collect();
    let mut selected = decided.rows.select(&positions)?;
    let reading = Reading::of(world, &shape(world.pipeline, test), &mut selected)?;
    let seen = |at: usize| {
        let seen = reading.failing(at);
        let wanted = if seen.threshold.is_empty() { String::new() } else { format!("，要求 {}", seen.threshold) };
        if seen.value.is_empty() { String::new() } else { format!("（{}{wanted}）", seen.named_value()) }
    };
    Ok((says, (0..rows.len()).map(seen).collect()))
}
