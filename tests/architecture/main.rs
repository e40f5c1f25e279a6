//! The layering: a room imports leaves, the policy's model and what stands before it; never a later room, never commands.

mod arrows;

use arrows::{Arrow, House};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What every room may name; a leaf names only leaves before it.
const LEAVES: [&str; 9] = ["parallel", "money", "period", "uscc", "texts", "help", "diagnostic", "value", "schema"];

/// Room → the rooms it may name beside the leaves. Rooms in the order of the flow.
const MAY_IMPORT: [(&str, &[&str]); 16] = [
    ("sql", &[]),
    ("policy", &["sql"]),
    ("sources", &["policy"]),
    ("delivery", &["policy", "sql", "sources"]),
    ("profile", &["policy", "sources"]),
    ("facts", &["policy", "sql", "sources"]),
    ("measures", &["policy", "sql", "sources", "facts"]),
    ("settlement", &["policy", "sql", "facts", "measures"]),
    ("ledger", &["policy", "sql", "sources", "facts", "measures", "settlement"]),
    ("indicators", &["policy", "sql", "facts"]),
    ("cases", &["policy", "sql", "sources", "facts", "measures", "settlement", "ledger"]),
    ("catalogue", &["policy", "sql"]),
    ("generate", &["policy", "sql", "sources", "facts"]),
    ("explain", &["policy", "sql", "sources", "facts", "measures", "settlement", "ledger", "indicators"]),
    (
        "reports",
        &["policy", "sql", "sources", "delivery", "facts", "measures", "settlement", "ledger", "indicators", "catalogue", "explain"],
    ),
    ("publish", &["policy", "sql", "sources", "delivery", "facts", "measures", "settlement", "ledger", "indicators", "reports"]),
];

/// The rooms at the command edge, which may import everything.
const EDGE: [&str; 4] = ["cli", "commands", "lib", "main"];

#[test]
fn rooms_import_only_what_stands_before_them() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let is_fine = |room: &str, target: &str| {
        EDGE.contains(&room) || room == target || is_leaf(room, target) || allowed.get(room).is_some_and(|a| a.contains(&target))
    };
    let arrows = House::read(&src()).arrows();
    let breaches = arrows.iter().filter_map(|arrow| {
        let (room, target) = (room_of(&arrow.from), room_of(&arrow.to));
        (!is_fine(&room, &target)).then(|| format!("{}:{}: {room} must not import {target}", arrow.from.display(), arrow.line))
    });
    none(breaches);
}

/// Whether the target is a leaf, and one that the room may name.
fn is_leaf(room: &str, target: &str) -> bool {
    let place = |name: &str| LEAVES.iter().position(|leaf| *leaf == name);
    place(target).is_some_and(|leaf| place(room).is_none_or(|own| leaf < own))
}

/// Two files of which each needs the other, and why.
const TOGETHER: [(&str, &str, &str); 1] =
    [("facts/rows.rs", "facts/world.rs", "a fact is a column over rows, and rows evaluate what reads facts")];

/// A file needs another, which needs the first by no way: a reader who starts at the leaves meets nothing unknown. The face of
/// a room (`mod.rs`) hands on what its files hold and begins their work, so its own arrows to them do not count.
#[test]
fn no_files_go_in_circles() {
    let root = src();
    let shown = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
    let is_face = |from: &Path, to: &Path| from.ends_with("mod.rs") && to.starts_with(from.parent().unwrap());
    let mut arrows: BTreeMap<PathBuf, BTreeMap<PathBuf, usize>> = BTreeMap::new();
    for Arrow { from, line, to } in House::read(&root).arrows() {
        if !is_face(&from, &to) {
            arrows.entry(from).or_default().entry(to).or_insert(line);
        }
    }
    assert!(arrows.values().map(BTreeMap::len).sum::<usize>() > 900);
    let allowed = |a: &str, b: &str| TOGETHER.iter().any(|(one, other, _)| [(*one, *other), (*other, *one)].contains(&(a, b)));
    let all = arrows.iter().flat_map(|(from, targets)| targets.iter().map(move |(to, line)| (from, line, to)));
    none(all.filter_map(|(from, line, to)| {
        let (one, other) = (shown(from), shown(to));
        let breach = !allowed(&one, &other) && leads(&arrows, to, from);
        breach.then(|| format!("src/{one}:{line}: {other} needs it too, by some way"))
    }));
}

/// Whether arrows lead from one file to another.
fn leads(arrows: &BTreeMap<PathBuf, BTreeMap<PathBuf, usize>>, from: &Path, to: &Path) -> bool {
    let (mut known, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(targets) = next.pop().map(|at| arrows.get(at)) {
        next.extend(targets.into_iter().flat_map(BTreeMap::keys).map(PathBuf::as_path).filter(|to| known.insert(*to)));
    }
    known.contains(to)
}

/// Words of the pages and units, and codes of rules, by which a source or a column happens to be called too.
const ALSO_WORDS: [&str; 5] = ["结果", "日期", "工作日", "名称", "calendar.ends"];

/// A city calls its sources and columns as it likes: no name of a shipped pipeline's source stands in src, and no name of a
/// column but those that the published tables have as well.
#[test]
fn no_source_and_no_column_is_known_by_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Ok(pipeline) = huiqi::policy::load(&root.join("pipelines/xinzhou-2022")) else { panic!("the pipeline does not load") };
    let published: BTreeSet<&str> =
        huiqi::publish::tables::ALL.iter().flat_map(|table| table.columns.iter().map(|column| column.name)).collect();
    let columns = pipeline.sources.iter().flat_map(|source| &source.columns).map(|column| column.name.as_str());
    let names: BTreeSet<&str> = columns.filter(|name| !published.contains(name)).collect();
    let sources: BTreeSet<&str> = pipeline.sources.iter().map(|source| source.name.as_str()).collect();
    let mut breaches = Vec::new();
    for path in rust_files(&root.join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            let words: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
            for word in words.into_iter().filter(|word| !ALSO_WORDS.contains(word)) {
                let named = sources.iter().find(|name| word == **name || word.starts_with(&format!("{name}."))).or_else(|| names.get(word));
                breaches.extend(named.map(|name| format!("{}:{}: {name}", path.display(), number + 1)));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn the_law_stands_in_the_pipeline() {
    let mut breaches = Vec::new();
    let ids: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/xinzhou-2022/measures"))
        .unwrap()
        .map(|e| e.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(ids.len() > 50);
    for path in rust_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or("");
            if ids.iter().any(|id| code.contains(id.as_str())) {
                breaches.push(format!("{}:{}: names a measure", path.display(), number + 1));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// `src/policy/load.rs` → `policy`, `src/money.rs` → `money`.
fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_string()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn none(breaches: impl Iterator<Item = String>) {
    let breaches: Vec<String> = breaches.collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}
