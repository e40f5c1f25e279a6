//! `huiqi run`: the nightly job, one published run.

use super::files;
use super::looking_back::{self, Now};
use super::selection::Selection;
use super::stages;
use super::{ExitStatus, Failure, Outcome};
use crate::cli::{Config, Progress, RunArgs, RunOptions};
use crate::delivery::{self, Accept, Finding, Lack, Level, Rule};
use crate::facts::World;
use crate::indicators::Kpis;
use crate::money;
use crate::period;
use crate::policy::Overlay;
use crate::policy::model::{Kind, Pipeline};
use crate::publish::manifest::{Clock, Counts, Input, Manifest, Options, PipelineRecord, Place, Timing, Total};
use crate::publish::tables::{Computed, Found, findings, rejects};
use crate::publish::{self, Holder, Lock, Published, Staging, run_id};
use crate::reports::{self, Funnel};
use crate::sources::{CheckedTables, FileReport};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

/// Stages of the progress bar.
const STAGES: u64 = 6;

pub fn run(args: RunArgs, config: Config, quiet: bool) -> Outcome {
    let options = config.run_options(args).map_err(|e| Failure::new(ExitStatus::Usage, e))?;
    publish::signals::install().map_err(|e| Failure::new(ExitStatus::Io, e))?;
    let (published, status) = execute(&options, quiet)?;
    // The run is published, whether or not anybody still listens.
    let _ = writeln!(std::io::stdout(), "{}", published.folder.display());
    Ok(status)
}

/// Computes and publishes the run that these options name.
pub fn execute(options: &RunOptions, quiet: bool) -> Result<(Published, ExitStatus), Failure> {
    let started = SystemTime::now();
    let mut progress = Progress::new(STAGES, quiet);
    progress.stage("pipeline");
    let overlay = stages::overlay(options.params.as_deref(), &options.set)?;
    let pipeline = stages::pipeline(&options.pipeline, &overlay)?;
    let mut lock = Lock::take(&options.out, &holder(started))?;
    progress.stage("read");
    let selection = Selection::of(&pipeline, &options.only)?;
    let mut data = stages::read(&pipeline, &options.pipeline, &options.data, &selection.sources)?;
    data.warnings.iter().for_each(|w| progress.say(&format!("warning: {w}")));
    progress.stage("look");
    let mut manifest = manifest(&pipeline, &data, options, &overlay);
    let before = publish::before(&options.out, &manifest).map_err(|e| looking_back::unreadable(&options.out, e))?;
    let known = before.as_ref().map(looking_back::known).filter(|_| !manifest.partial);
    let wanted = selection.wanted(&pipeline, options, today(started));
    let mut looked = delivery::look(&wanted, &data, known.as_ref());
    if looked.findings.iter().any(|finding| finding.level == Level::Stop) {
        return Err(refused(&mut lock, &looked.findings, &pipeline, &data)?);
    }
    looked.taken.also(&options.taken);
    stages::take(&looked.taken, &pipeline, &mut data)?;
    progress.stage("decide");
    let world = World::new(&pipeline, &data, options.as_of);
    let computed = stages::compute(&world, &selection.measures, options.threads)?;
    let kpis = stages::indicators(&world, &selection.indicators)?;
    kpis.warnings.iter().for_each(|w| progress.say(&format!("warning: {w}")));
    delivery::look_again(&wanted, &data, &lacks(&kpis), &mut looked);
    say_findings(&looked.findings, &progress);
    progress.stage("publish");
    let asks_for_a_look = !data.rejects.is_empty() || looked.findings.iter().any(|finding| finding.level == Level::Warn);
    let status = if asks_for_a_look { ExitStatus::Attention } else { ExitStatus::Ok };
    manifest.exit_status = status as u8;
    manifest.totals = totals(&computed);
    manifest.known = delivery::known(&pipeline.sources, options.as_of, &data, known.as_ref());
    (manifest.findings, manifest.taken) = (looked.findings.clone(), looked.taken);
    manifest.previous = before.as_ref().map(|before| before.run.clone());
    let identity = manifest.identity().ok_or_else(|| Failure::new(ExitStatus::Failed, "the as-of date cannot be written"))?;
    let id = run_id::run_id(&identity);
    manifest.run.clone_from(&id);
    let staging = Staging::begin(&mut lock, &id)?;
    let now = Now { world: &world, computed: &computed, manifest: &manifest, before, out: &options.out, threads: options.threads };
    let back = looking_back::look(&now)?;
    let funnels: Vec<Funnel> = computed.settled.iter().map(|s| reports::funnel(&pipeline, &s.decided)).collect();
    let (changes, withheld, accounts) = (back.changes.as_deref(), back.withheld.as_deref(), back.accounts.as_deref());
    let (findings, funnels, near_misses) = (&looked.findings, &funnels, options.near_misses);
    let found = Found { world: &world, findings, computed: &computed, funnels, kpis: &kpis, near_misses, changes, withheld, accounts };
    // What the next run asks of the rows is made beside what people read.
    let kept = std::thread::scope(|scope| {
        let kept = scope.spawn(|| looking_back::keep_rows(&now, &|line| progress.say(line)));
        files::write(&staging, &found, &manifest)?;
        Ok::<_, Failure>(kept.join().ok().flatten())
    })?;
    let timings = progress.timings().into_iter().map(|(stage, t)| Timing { stage: stage.to_string(), milliseconds: t.as_millis() as u64 });
    manifest.clock = Clock { started: moment(started), finished: moment(SystemTime::now()), timings: timings.collect() };
    let is_future = looked.findings.iter().any(|finding| finding.rule == Rule::AsOfFuture.code());
    let published = staging.publish(manifest, !is_future)?;
    if let Some(kept) = kept {
        publish::cache::prune(&options.out, &kept);
    }
    if !published.is_current {
        progress.say(&format!("{} stays where it is: this run is published beside it", publish::CURRENT));
    }
    progress.finish();
    Ok((published, status))
}

/// Findings are data: the log only says how many there are, and those that somebody must look at.
fn say_findings(findings: &[Finding], progress: &Progress) {
    findings.iter().filter(|f| f.level == Level::Warn).for_each(|finding| progress.say(&finding.line()));
    let notes = findings.iter().filter(|f| f.level == Level::Note).count();
    if notes > 0 {
        progress.say(&format!("{notes} {}: see {}", Level::Note.name(), findings::TABLE.path));
    }
}

/// Leaves the findings and rejects of a delivery that is refused where people find them, and says what is wrong.
fn refused(lock: &mut Lock, found: &[Finding], pipeline: &Pipeline, data: &CheckedTables) -> Result<Failure, Failure> {
    let staging = Staging::begin(lock, publish::REFUSED)?;
    staging.write_table("findings.csv", findings::COLUMNS, [findings::rows(found)])?;
    staging.write_table("rejects.csv", rejects::COLUMNS, [rejects::rows(&pipeline.sources, &data.rejects)])?;
    let folder = staging.refuse()?;
    Ok(refusal(found, &format!("nothing was published: see {}", folder.display())))
}

/// What holds a delivery up, and what became of it.
pub(super) fn refusal(found: &[Finding], then: &str) -> Failure {
    let stops = found.iter().filter(|finding| finding.level == Level::Stop).map(Finding::line);
    Failure::new(ExitStatus::Refused, stops.chain([then.to_string()]).collect::<Vec<_>>().join("\n"))
}

/// The targets that the calendar was too short for.
fn lacks(kpis: &Kpis) -> Vec<Lack> {
    kpis.lacking.iter().map(|lacking| Lack { target: lacking.target.clone(), day: lacking.day }).collect()
}

fn manifest(pipeline: &Pipeline, data: &CheckedTables, options: &RunOptions, overlay: &Overlay) -> Manifest {
    let delivered: Vec<&FileReport> = data.files.iter().filter(|f| !pipeline.sources[f.source].reference).collect();
    let counts = |f: &FileReport| Counts {
        rows: f.rows,
        accepted: f.accepted,
        superseded: f.superseded,
        rejected: f.rejected,
        unmatched: f.unmatched,
    };
    let mut sources: BTreeMap<String, Counts> = BTreeMap::new();
    for file in &delivered {
        *sources.entry(pipeline.sources[file.source].name.clone()).or_default() += counts(file);
    }
    let input = |f: &&FileReport| Input {
        source: pipeline.sources[f.source].name.clone(),
        path: f.path.clone(),
        sha256: f.sha256.clone(),
        bytes: f.bytes,
        counts: counts(f),
    };
    let accept = options.accepts.iter().map(Accept::to_string).collect();
    Manifest {
        format: publish::manifest::FORMAT,
        as_of: period::format_date(options.as_of),
        partial: !options.only.is_empty(),
        version: crate::cli::VERSION.to_string(),
        pipeline: PipelineRecord { policy: pipeline.policy.clone(), sha256: pipeline.sha256.clone(), files: pipeline.hashes.clone() },
        parameters: overlay.named(),
        options: Options { only: options.only.clone(), without: options.without.clone(), near_misses: options.near_misses, accept },
        inputs: delivered.iter().map(input).collect(),
        sources,
        place: Place { data: absolute(&options.data), pipeline: absolute(&options.pipeline) },
        ..Manifest::default()
    }
}

fn totals(computed: &Computed<'_>) -> BTreeMap<String, Total> {
    Kind::ALL
        .iter()
        .map(|(name, kind)| {
            let of_kind = || computed.lines.iter().filter(|l| l.measure.kind == *kind).flat_map(|l| &l.lines);
            let sum: money::FenSum = of_kind().filter_map(|l| l.amount).sum();
            (name.to_string(), Total { rows: of_kind().count() as u64, amount: sum.plain() })
        })
        .collect()
}

fn absolute(path: &Path) -> String {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).display().to_string()
}

/// Who runs this, for the message to another run.
fn holder(since: SystemTime) -> Holder {
    let host = std::fs::read_to_string("/etc/hostname").map(|h| h.trim().to_string()).unwrap_or_default();
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    Holder { since: moment(since), host, user, process: std::process::id() }
}

/// A moment as text, UTC, to the millisecond: of two runs one is the later.
fn moment(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(0);
    format!("{}.{:03}Z", period::format_datetime(seconds * 1000).replace(' ', "T"), since.subsec_millis())
}

/// The machine's day, UTC.
pub(super) fn today(now: SystemTime) -> i32 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i32::try_from(since.as_secs() / 86_400).unwrap_or(i32::MAX)
}
