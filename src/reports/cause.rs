//! Why a ledger line differs between two runs: 数据, 参数, 规则 or 时间, from what the runs were computed from.
//!
//! A run is a function of these four. What differs of them and bears on a line's measure are its possible causes, always in the
//! order 数据, 参数, 规则, 时间: 数据 are the files of the sources that the measure reads ([`crate::policy::reach`]), 参数 the values
//! set for the run on the measures that it builds on, 规则 the pipeline's files that it builds on and the program, 时间 the as-of
//! date, and with it every date that a rule compares with it. Which of several it really was, and by which row, is told by whoever
//! still has the data ([`super::attribute`]); without them all are named.

use crate::period;
use crate::policy::model::{Pipeline, Setting};
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
    /// The pipeline's files: path → SHA-256.
    pub files: BTreeMap<String, String>,
    pub version: String,
    /// Full name → value as text.
    pub parameters: BTreeMap<String, String>,
    /// Source, path, SHA-256.
    pub inputs: BTreeSet<[String; 3]>,
    /// The measures that are 未提供数据: a source that they read did not come.
    pub missing: BTreeSet<String>,
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

/// What differs between two runs and bears on a measure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// Sources whose files differ, and what is said of the files.
    pub data: Vec<(String, String)>,
    pub parameters: Vec<String>,
    pub rules: Vec<String>,
    pub time: Option<String>,
}

impl Parts {
    /// All of them as one cause.
    pub fn cause(&self) -> Cause {
        let files: Vec<String> = self.data.iter().map(|(_, says)| says.clone()).collect();
        cause(&files, &self.parameters, &self.rules, self.time.as_deref())
    }
}

/// A cause from what is said of 数据, 参数, 规则 and 时间; nothing is said of what is no part of it.
pub fn cause(data: &[String], parameters: &[String], rules: &[String], time: Option<&str>) -> Cause {
    let time: Vec<String> = time.map(str::to_string).into_iter().collect();
    let factors: [(&str, &[String]); 4] = [("数据", data), ("参数", parameters), ("规则", rules), ("时间", &time)];
    let said = factors.into_iter().filter(|(_, found)| !found.is_empty());
    let (names, says): (Vec<&str>, Vec<String>) = said.map(|(name, found)| (name, format!("{name}：{}", listed(found)))).unzip();
    if names.is_empty() {
        return Cause { names: UNKNOWN.into(), says: "".into() };
    }
    Cause { names: names.join("、").into(), says: says.join("；").into() }
}

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
    /// Pipeline file and what is said of it.
    rules: Vec<(&'a str, String)>,
    known: HashMap<String, Arc<Parts>>,
}

impl<'a> Causes<'a> {
    pub fn new(before: &'a Basis, now: &'a Basis, pipeline: Option<&'a Pipeline>) -> Causes<'a> {
        let (files, parameters, rules) = (files(before, now), parameters(before, now, pipeline), rules(before, now));
        Causes { before, now, pipeline, files, parameters, rules, known: HashMap::new() }
    }

    /// Whether both runs computed a measure, or would have if they had it.
    pub fn is_compared(&self, measure: &str) -> bool {
        [self.before, self.now].iter().all(|b| b.only.as_ref().is_none_or(|only| only.contains(measure)))
    }

    /// The cause of a change of a line of this measure, as far as the bases tell it.
    pub fn of(&mut self, measure: &str) -> Cause {
        self.parts(measure).cause()
    }

    /// What differs and bears on this measure; where nothing does, everything that differs.
    pub fn parts(&mut self, measure: &str) -> Arc<Parts> {
        if let Some(known) = self.known.get(measure) {
            return known.clone();
        }
        let reads = self.pipeline.and_then(|p| p.measure(measure).map(|m| (p, reach::reach(p, &[m], &[]))));
        let parts = match &reads {
            Some((p, reach)) => {
                let read = reach.files(p);
                self.gather(
                    |source| p.source(source).is_none_or(|s| reach.sources.contains(&s)),
                    |id| p.measure(id).is_none_or(|m| reach.measures.contains(&m)),
                    |file| !p.hashes.contains_key(file) || read.contains(file),
                )
            }
            None => self.everything(),
        };
        let parts = Arc::new(if parts == Parts::default() { self.everything() } else { parts });
        self.known.insert(measure.to_string(), parts.clone());
        parts
    }

    /// Everything that differs.
    pub fn overall(&self) -> Cause {
        self.everything().cause()
    }

    fn everything(&self) -> Parts {
        self.gather(|_| true, |_| true, |_| true)
    }

    fn gather(&self, reads: impl Fn(&str) -> bool, builds_on: impl Fn(&str) -> bool, is_read: impl Fn(&str) -> bool) -> Parts {
        let (before, now) = (self.before, self.now);
        let arrow = |what: &str, from: &str, to: &str| (from != to).then(|| format!("{what} {from} → {to}"));
        let own = |list: &[(&str, String)], bears: &dyn Fn(&str) -> bool| -> Vec<String> {
            list.iter().filter(|(name, _)| bears(name)).map(|(_, says)| says.clone()).collect()
        };
        let short = |hash: &'a str| hash.get(..8).unwrap_or(hash);
        let mut rules = own(&self.rules, &is_read);
        // A run that recorded no files says only that some differ.
        if self.rules.is_empty() {
            rules.extend(arrow("措施文件", short(&before.pipeline), short(&now.pipeline)));
        }
        rules.extend(arrow("程序", &before.version, &now.version));
        Parts {
            data: self.files.iter().filter(|(source, _)| reads(source)).map(|(s, says)| (s.to_string(), says.clone())).collect(),
            parameters: own(&self.parameters, &builds_on),
            rules,
            time: arrow("截止日", &before.as_of, &now.as_of),
        }
    }
}

/// The pipeline files whose bytes differ.
fn rules<'a>(before: &'a Basis, now: &'a Basis) -> Vec<(&'a str, String)> {
    let names: BTreeSet<&'a String> = before.files.keys().chain(now.files.keys()).collect();
    let says = |name: &'a String| match (before.files.get(name), now.files.get(name)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(_), Some(_)) => Some((name.as_str(), format!("{name}（改动）"))),
        (Some(_), None) => Some((name.as_str(), format!("{name}（删去）"))),
        (None, _) => Some((name.as_str(), format!("{name}（新增）"))),
    };
    if before.files.is_empty() || now.files.is_empty() { Vec::new() } else { names.into_iter().filter_map(says).collect() }
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
fn parameters<'a>(before: &'a Basis, now: &'a Basis, pipeline: Option<&Pipeline>) -> Vec<(&'a str, String)> {
    let names: BTreeSet<&String> = before.parameters.keys().chain(now.parameters.keys()).collect();
    let value = |basis: &'a Basis, name: &String| match basis.parameters.get(name) {
        Some(value) => value.clone(),
        None => pipeline.and_then(|p| filed(p, name, &basis.as_of)).unwrap_or_else(|| "未另定".to_string()),
    };
    let differing = names.into_iter().filter(|name| before.parameters.get(*name) != now.parameters.get(*name));
    differing
        .map(|name| {
            let measure = name.split('.').next().unwrap_or(name);
            (measure, format!("{name} {} → {}", value(before, name), value(now, name)))
        })
        .collect()
}

/// What the pipeline's own file says of a parameter on a day.
fn filed(pipeline: &Pipeline, name: &str, as_of: &str) -> Option<String> {
    let mut parts = name.split('.');
    let measure = &pipeline.measures[pipeline.measure(parts.next()?)?];
    let parameter = parts.next()?;
    let found = measure.parameters.iter().map(|&p| &pipeline.parameters[p]).find(|p| p.name == parameter)?;
    let entry = found.filed_on(period::parse_iso_date(as_of.as_bytes())?)?;
    let key = parts.next();
    let written = match (&entry.value, key) {
        (Setting::Unset, _) => None,
        (Setting::Keyed(_), Some(key)) => entry.written.split(' ').find_map(|w| w.strip_prefix(key)?.strip_prefix('=')),
        (Setting::Keyed(_), None) => None,
        (Setting::One(_), _) => Some(entry.written.as_str()),
    };
    Some(written.map_or_else(|| "未定".to_string(), |w| format!("{w}（措施文件）")))
}
