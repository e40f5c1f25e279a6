//! `huiqi run`: the nightly job, one published run.

use super::files;
use super::looking_back::{self, Now};
use super::selection::Selection;
use super::stages;
use super::{ExitStatus, Failure, Outcome};
use crate::cli::{Config, Progress, RunArgs, RunOptions};
use crate::delivery::{self, Finding, Level, Wanted};
use crate::facts::World;
use crate::money;
use crate::period;
use crate::policy::Overlay;
use crate::policy::model::{Kind, Pipeline};
use crate::publish::manifest::{Clock, Counts, Input, Manifest, Options, PipelineRecord, Place, Timing, Total};
use crate::publish::tables::{Computed, Found, findings, rejects};
use crate::publish::{self, Holder, Lock, Published, Staging, run_id};
use crate::reports::{self, Funnel};
use crate::schema::SourceId;
use crate::sources::{CheckedTables, FileReport};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

/// Stages of the progress bar.
const STAGES: u64 = 5;

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
    let data = stages::read(&pipeline, &options.pipeline, &options.data, &selection.sources)?;
    data.warnings.iter().for_each(|w| progress.say(&format!("warning: {w}")));
    let wanted = Wanted { pipeline: &pipeline, measures: &selection.measures, indicators: &selection.indicators, as_of: options.as_of };
    let findings = delivery::findings(&wanted, &data);
    say_findings(&findings, &progress);
    gate(&pipeline, &data, &selection, options)?;
    progress.stage("decide");
    let world = World::new(&pipeline, &data, options.as_of);
    let computed = stages::compute(&world, &selection.measures, options.threads)?;
    let kpis = stages::indicators(&world, &selection.indicators)?;
    kpis.warnings.iter().for_each(|w| progress.say(&format!("warning: {w}")));
    progress.stage("publish");
    let rejected = !data.rejects.is_empty();
    let status = if rejected { ExitStatus::Rejects } else { ExitStatus::Ok };
    let mut manifest = manifest(&pipeline, &data, &computed, options, &overlay, status);
    let identity = manifest.identity().ok_or_else(|| Failure::new(ExitStatus::Failed, "the as-of date cannot be written"))?;
    let id = run_id::run_id(&identity);
    manifest.run.clone_from(&id);
    manifest.previous = publish::current(&options.out).map_err(|e| Failure::new(ExitStatus::Io, e))?;
    let staging = Staging::begin(&mut lock, &id)?;
    let now = Now { world: &world, computed: &computed, manifest: &manifest, out: &options.out, threads: options.threads };
    let back = looking_back::look(&now)?;
    let funnels: Vec<Funnel> = computed.settled.iter().map(|s| reports::funnel(&pipeline, &s.decided)).collect();
    let (changes, accounts) = (back.changes.as_deref(), back.accounts.as_deref());
    let found = Found {
        world: &world,
        findings: &findings,
        computed: &computed,
        funnels: &funnels,
        kpis: &kpis,
        near_misses: options.near_misses,
        changes,
        accounts,
    };
    files::write(&staging, &found, &manifest)?;
    let kept = looking_back::keep_rows(&now, &|line| progress.say(line));
    let timings = progress.timings().into_iter().map(|(stage, t)| Timing { stage: stage.to_string(), milliseconds: t.as_millis() as u64 });
    manifest.clock = Clock { started: moment(started), finished: moment(SystemTime::now()), timings: timings.collect() };
    let published = staging.publish(manifest)?;
    if let Some(kept) = kept {
        publish::cache::prune(&options.out, &kept);
    }
    progress.finish();
    if rejected {
        let rows: u64 = data.files.iter().map(|f| f.rejected).sum();
        progress.say(&format!("{rows} rows were rejected: see {}", rejects::TABLE.path));
    }
    Ok((published, status))
}

/// Findings are data: the log only says how many there are, and those that somebody must look at.
fn say_findings(findings: &[Finding], progress: &Progress) {
    for finding in findings.iter().filter(|f| f.level == Level::Warn) {
        progress.say(&format!("{} {} {} {}: {}", finding.level.name(), finding.rule.code(), finding.source, finding.file, finding.says));
    }
    let notes = findings.iter().filter(|f| f.level == Level::Note).count();
    if notes > 0 {
        progress.say(&format!("{notes} {}: see {}", Level::Note.name(), findings::TABLE.path));
    }
}

/// Refuses a delivery without a core source, or with too many rejects in one.
pub(super) fn gate(pipeline: &Pipeline, data: &CheckedTables, selection: &Selection, options: &RunOptions) -> Result<(), Failure> {
    let missing: Vec<&str> = pipeline
        .sources
        .keys()
        .filter(|&s| selection.sources[s] && pipeline.sources[s].core && data.tables[s].is_none())
        .map(|s| pipeline.sources[s].name.as_str())
        .collect();
    if !missing.is_empty() {
        let message = format!("core sources not delivered in {}: {}; nothing was published", options.data.display(), missing.join(", "));
        return Err(Failure::new(ExitStatus::Refused, message));
    }
    let mut rows: BTreeMap<SourceId, (u64, u64)> = BTreeMap::new();
    for file in &data.files {
        let counts = rows.entry(file.source).or_default();
        counts.0 += file.rejected;
        counts.1 += file.rows;
    }
    // Nobody knows how many rows stood in what could not be opened: all of them were refused.
    rows.iter_mut()
        .filter(|(source, _)| data.tables[**source].is_none())
        .for_each(|(_, counts)| *counts = (counts.0.max(1), counts.1.max(1)));
    let over: Vec<String> = rows
        .into_iter()
        .filter(|(_, (rejected, all))| options.max_rejects.is_exceeded(*rejected, *all))
        .map(|(s, (rejected, all))| format!("{}: {rejected} of {all} rows", pipeline.sources[s].name))
        .collect();
    if over.is_empty() {
        return Ok(());
    }
    let examples: Vec<String> =
        data.rejects.iter().take(5).map(|r| format!("  {}:{} {} `{}`: {}", r.file, r.line, r.column, r.value, r.reason)).collect();
    let message = format!("too many rejected rows, nothing was published: {}\nthe first:\n{}", over.join("; "), examples.join("\n"));
    Err(Failure::new(ExitStatus::Refused, message))
}

fn manifest(
    pipeline: &Pipeline,
    data: &CheckedTables,
    computed: &Computed<'_>,
    options: &RunOptions,
    overlay: &Overlay,
    status: ExitStatus,
) -> Manifest {
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
        bytes: std::fs::metadata(options.data.join(&f.path)).map_or(0, |m| m.len()),
        counts: counts(f),
    };
    Manifest {
        format: publish::manifest::FORMAT,
        run: String::new(),
        as_of: period::format_date(options.as_of),
        partial: !options.only.is_empty(),
        exit_status: status as u8,
        version: crate::cli::VERSION.to_string(),
        pipeline: PipelineRecord { policy: pipeline.policy.clone(), sha256: pipeline.sha256.clone(), files: pipeline.hashes.clone() },
        parameters: overlay.named(),
        options: Options { only: options.only.clone(), without: options.without.clone(), near_misses: options.near_misses },
        inputs: delivered.iter().map(input).collect(),
        sources,
        totals: totals(computed),
        files: BTreeMap::new(),
        previous: None,
        place: Place { data: absolute(&options.data), pipeline: absolute(&options.pipeline) },
        clock: Clock::default(),
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

/// A moment as text, UTC.
fn moment(at: SystemTime) -> String {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(0);
    format!("{}Z", period::format_datetime(seconds * 1000).replace(' ', "T"))
}
