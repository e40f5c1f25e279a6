//! Names a run by what it is computed from: the same inputs give the same name.

use crate::period;
use crate::texts::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Hexadecimal digits of the hash in a name.
const DIGITS: usize = 12;

/// Everything that the bytes of a run depend on.
#[derive(Debug, Clone, Default)]
pub struct Identity<'a> {
    /// 截止日, days since 1970-01-01.
    pub as_of: i32,
    /// Source, path under the data folder and SHA-256 of every file read; in any order.
    pub inputs: Vec<(&'a str, &'a str, &'a str)>,
    /// SHA-256 of the pipeline folder.
    pub pipeline: &'a str,
    /// Parameters set for this run (`44-1-hightech-first.奖励比例` → `0.015`).
    pub parameters: BTreeMap<&'a str, &'a str>,
    /// Of the program.
    pub version: &'a str,
    /// Measures and indicators that alone are computed; in any order; none: all.
    pub only: Vec<&'a str>,
    /// Outputs that are left out; in any order.
    pub without: Vec<&'a str>,
    /// Which near misses are listed.
    pub near_misses: &'a str,
    /// What a person accepted of the delivery; in any order.
    pub accept: Vec<&'a str>,
    /// Sources that were set aside, also for what the run before knew; in any order.
    pub aside: Vec<&'a str>,
}

/// `2022-12-31-0f3a9c1b2d4e`: as-of date and a short hash of all the rest.
pub fn run_id(identity: &Identity) -> String {
    let sorted = |names: &[&str]| {
        let mut names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let mut inputs: Vec<[&str; 3]> = identity.inputs.iter().map(|&(source, path, hash)| [source, path, hash]).collect();
    inputs.sort_unstable();
    let date = period::format_date(identity.as_of);
    let mut hasher = Sha256::new();
    add(&mut hasher, "as-of", [&date]);
    add(&mut hasher, "inputs", inputs.iter().flatten());
    add(&mut hasher, "pipeline", [identity.pipeline]);
    add(&mut hasher, "parameters", identity.parameters.iter().flat_map(|(name, value)| [name, value]));
    add(&mut hasher, "version", [identity.version]);
    add(&mut hasher, "only", sorted(&identity.only));
    add(&mut hasher, "without", sorted(&identity.without));
    add(&mut hasher, "near-misses", [identity.near_misses]);
    add(&mut hasher, "accept", sorted(&identity.accept));
    add(&mut hasher, "aside", sorted(&identity.aside));
    let hash = hex(&hasher.finalize());
    format!("{date}-{}", &hash[..DIGITS])
}

/// Adds a list so that no other list gives the same bytes: its name, its length, each part with its length.
fn add<T: AsRef<str>>(hasher: &mut Sha256, name: &str, parts: impl IntoIterator<Item = T>) {
    let parts: Vec<T> = parts.into_iter().collect();
    let mut part = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    part(name);
    part(&parts.len().to_string());
    parts.iter().for_each(|text| part(text.as_ref()));
}
