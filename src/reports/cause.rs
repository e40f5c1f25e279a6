//! Why a ledger line differs between two runs: 数据, 参数, 规则 or 时间, from what the runs were computed from.
//!
//! A run is a function of these four. Where one differs that bears on a line's measure, that is the cause; where several do, all are
//! named, always in the order 数据, 参数, 规则, 时间. 数据 are the files of the sources that the measure reads
//! ([`crate::policy::reach`]), 参数 those set for the run on the measures that it builds on, 规则 the pipeline's files and the
//! program, 时间 the as-of date, and with it every date that a rule compares with it.

use crate::policy::model::Pipeline;
use crate::policy::reach;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What a run was computed from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Basis {
    pub run: String,
    /// 截止日, ISO.
    pub as_of: String,
    pub pipeline: String,
    pub version: String,
    /// Full name → value as text.
    pub parameters: BTreeMap<String, String>,
    /// Source, path, SHA-256.
    pub inputs: BTreeSet<[String; 3]>,
    /// The measures that it computed; `None`: all.
    pub only: Option<BTreeSet<String>>,
}

/// 原因 and 说明 of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// 数据 | 参数 | 规则 | 时间, several joined by 、.
    pub names: Arc<str>,
    pub says: Arc<str>,
}

/// So many files or parameters are named, the rest are counted.
const NAMED: usize = 5;

/// Said where nothing differs that is recorded.
const UNKNOWN: &str = "不明";

/// The causes of the changes between two runs, by measure.
pub struct Causes<'a> {
    before: &'a Basis,
    now: &'a Basis,
    /// Says what a measure reads; without it every difference bears on every measure.
    pipeline: Option<&'a Pipeline>,
    /// Source and what is said of the file.
    files: Vec<(&'a str, String)>,
    /// Measure and what is said of the parameter.
    parameters: Vec<(&'a str, String)>,
    known: HashMap<String, Cause>,
}

impl<'a> Causes<'a> {
    pub fn new(before: &'a Basis, now: &'a Basis, pipeline: Option<&'a Pipeline>) -> Causes<'a> {
        let (files, parameters) = (files(before, now), parameters(before, now));
        Causes { before, now, pipeline, files, parameters, known: HashMap::new() }
    }

    /// Whether both runs computed a measure, or would have if they had it.
    pub fn is_compared(&self, measure: &str) -> bool {
        [self.before, self.now].iter().all(|b| b.only.as_ref().is_none_or(|only| only.contains(measure)))
    }

    /// The cause of a change of a line of this measure.
    pub fn of(&mut self, measure: &str) -> Cause {
        if let Some(known) = self.known.get(measure) {
            return known.clone();
        }
        let reads = self.pipeline.and_then(|p| p.measure(measure).map(|m| (p, reach::reach(p, &[m], &[]))));
        let cause = match &reads {
            Some((p, reach)) => self.gather(
                |source| p.source(source).is_none_or(|s| reach.sources.contains(&s)),
                |id| p.measure(id).is_none_or(|m| reach.measures.contains(&m)),
            ),
            None => self.overall(),
        };
        let cause = if &*cause.names == UNKNOWN { self.overall() } else { cause };
        self.known.insert(measure.to_string(), cause.clone());
        cause
    }

    /// Everything that differs.
    pub fn overall(&self) -> Cause {
        self.gather(|_| true, |_| true)
    }

    fn gather(&self, reads: impl Fn(&str) -> bool, builds_on: impl Fn(&str) -> bool) -> Cause {
        let (before, now) = (self.before, self.now);
        let arrow = |what: &str, from: &str, to: &str| (from != to).then(|| format!("{what} {from} → {to}"));
        let files = self.files.iter().filter(|(source, _)| reads(source)).map(|(_, says)| says.clone()).collect();
        let parameters = self.parameters.iter().filter(|(measure, _)| builds_on(measure)).map(|(_, says)| says.clone()).collect();
        let short = |hash: &'a str| hash.get(..8).unwrap_or(hash);
        let rules = [arrow("措施文件", short(&before.pipeline), short(&now.pipeline)), arrow("程序", &before.version, &now.version)];
        let time = arrow("截止日", &before.as_of, &now.as_of);
        let factors: [(&str, Vec<String>); 4] =
            [("数据", files), ("参数", parameters), ("规则", rules.into_iter().flatten().collect()), ("时间", time.into_iter().collect())];
        let differing: Vec<(&str, String)> = factors
            .into_iter()
            .filter(|(_, found)| !found.is_empty())
            .map(|(name, found)| (name, format!("{name}：{}", listed(&found))))
            .collect();
        if differing.is_empty() {
            return Cause { names: UNKNOWN.into(), says: "".into() };
        }
        let (names, says): (Vec<&str>, Vec<String>) = differing.into_iter().unzip();
        Cause { names: names.join("、").into(), says: says.join("；").into() }
    }
}

fn listed(found: &[String]) -> String {
    let named = found.iter().take(NAMED).cloned().collect::<Vec<_>>().join("、");
    if found.len() > NAMED { format!("{named}等 {} 项", found.len()) } else { named }
}

/// The files whose bytes only one run has; a file that was only renamed is none.
fn files<'a>(before: &'a Basis, now: &'a Basis) -> Vec<(&'a str, String)> {
    let bytes = |basis: &'a Basis| -> BTreeSet<(&'a str, &'a str)> { basis.inputs.iter().map(|[s, _, hash]| (&**s, &**hash)).collect() };
    let (old_bytes, new_bytes) = (bytes(before), bytes(now));
    let mut turned: BTreeMap<(&str, &str), (bool, bool)> = BTreeMap::new();
    for [source, path, hash] in &before.inputs {
        if !new_bytes.contains(&(&**source, &**hash)) {
            turned.entry((source.as_str(), path.as_str())).or_default().0 = true;
        }
    }
    for [source, path, hash] in &now.inputs {
        if !old_bytes.contains(&(&**source, &**hash)) {
            turned.entry((source.as_str(), path.as_str())).or_default().1 = true;
        }
    }
    let says = |path: &str, (was, is): (bool, bool)| match (was, is) {
        (true, true) => format!("{path}（改动）"),
        (true, false) => format!("{path}（不再交付）"),
        (false, _) => format!("{path}（新交付）"),
    };
    turned.into_iter().map(|((source, path), how)| (source, says(path, how))).collect()
}

/// The parameters that the runs set differently, by the measure in their name.
fn parameters<'a>(before: &'a Basis, now: &'a Basis) -> Vec<(&'a str, String)> {
    let names: BTreeSet<&String> = before.parameters.keys().chain(now.parameters.keys()).collect();
    let value = |basis: &'a Basis, name: &String| basis.parameters.get(name).map_or("未另定", String::as_str);
    let differing = names.into_iter().filter(|name| before.parameters.get(*name) != now.parameters.get(*name));
    differing
        .map(|name| {
            let measure = name.split('.').next().unwrap_or(name);
            (measure, format!("{name} {} → {}", value(before, name), value(now, name)))
        })
        .collect()
}
