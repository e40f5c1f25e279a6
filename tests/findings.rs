//! One folder per rule of a finding, with a night that earns it, one that falls just short of it, and one on which it is accepted.
//!
//! `fixtures/findings/<rule>/case.toml` says what each night delivers over `fixtures/other-city`; `expected.txt` is all that the night
//! finds that earns it. `UPDATE=1 cargo test --test findings` rewrites the expectations; look at the difference by eye.

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use huiqi::delivery::Rule;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// How a rule is shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// 级别 and 数据源 of the finding.
    level: String,
    #[serde(default)]
    source: String,
    /// The night before each of the others, in the same `out`.
    before: Option<Night>,
    earned: Night,
    short: Night,
    /// What is said and done otherwise than on the night that earns it; rules that nobody may accept need none.
    accepted: Option<Night>,
}

/// One run.
#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
struct Night {
    /// Exit status.
    #[serde(default)]
    exit: i32,
    /// 截止日, or `tomorrow` of the machine.
    as_of: Option<String>,
    /// A folder of the case: files that are delivered beside the city's, or in their place.
    data: Option<String>,
    /// Files of the city that are not delivered.
    #[serde(default)]
    without: Vec<String>,
    /// Further flags.
    #[serde(default)]
    args: Vec<String>,
}

type Row = BTreeMap<String, String>;

#[test]
fn every_rule_has_a_folder_and_every_folder_a_rule() {
    let rules: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.code().to_owned()).collect();
    let folders = fs::read_dir(Path::new(ROOT).join("fixtures/findings")).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
    assert_eq!(folders.collect::<BTreeSet<String>>(), rules);
}

#[test]
fn every_rule_is_earned_falls_short_and_is_accepted() {
    let wrong: Vec<String> = Rule::ALL.iter().filter_map(|&rule| check(rule).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn check(rule: Rule) -> Result<(), String> {
    let code = rule.code();
    let folder = Path::new(ROOT).join("fixtures/findings").join(code);
    let case = fs::read_to_string(folder.join("case.toml")).map_err(|e| format!("{code}: {e}"))?;
    let case: Case = toml::from_str(&case).map_err(|e| format!("{code}: {e}"))?;
    let of_rule = |rows: &[Row]| -> Vec<Row> { rows.iter().filter(|row| row["规则"] == code).cloned().collect() };
    let is_due = |row: &Row, level: &str| row["级别"] == level && row["数据源"] == case.source && !row["处理建议"].is_empty();

    let earned = case.run(&folder, &case.earned).map_err(|e| format!("{code}, earned: {e}"))?;
    let found = of_rule(&earned);
    if found.len() != 1 || !is_due(&found[0], &case.level) {
        return Err(format!("{code}, earned: no 级别 {} 数据源 {} in\n{}", case.level, case.source, page(&earned)));
    }
    let expected = folder.join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, page(&earned)).unwrap();
    }
    if fs::read_to_string(&expected).unwrap_or_default() != page(&earned) {
        return Err(format!("{code}: now finds\n{}", page(&earned)));
    }

    let short = case.run(&folder, &case.short).map_err(|e| format!("{code}, short: {e}"))?;
    if !of_rule(&short).is_empty() {
        return Err(format!("{code}, short: is found in\n{}", page(&short)));
    }

    let about = if case.source.is_empty() { code.to_string() } else { format!("{code}:{}", case.source) };
    let mut night = match &case.accepted {
        Some(night) => night.clone().over(&case.earned),
        None => case.earned.clone(),
    };
    night.args.extend(["--accept".to_string(), about.clone()]);
    let accepted = case.run(&folder, &night).map_err(|e| format!("{code}, accepted: {e}"))?;
    let is_unused = accepted.iter().any(|row| row["规则"] == "accept.unused" && row["位置"] == about);
    let found = of_rule(&accepted);
    let fine = match rule.may_be_accepted() {
        true => !is_unused && matches!(&found[..], [one] if is_due(one, "警告") && one["说明"].ends_with("（已接受）")),
        // Another flag lets it pass, or nothing does.
        false if case.accepted.is_some() => is_unused && found.is_empty(),
        false => is_unused && found.iter().any(|one| is_due(one, &case.level) && !one["说明"].ends_with("（已接受）")),
    };
    if fine { Ok(()) } else { Err(format!("{code}, accepted: now finds\n{}", page(&accepted))) }
}

impl Night {
    /// As the other one, where nothing else is said.
    fn over(self, other: &Night) -> Night {
        Night {
            exit: self.exit,
            as_of: self.as_of.or_else(|| other.as_of.clone()),
            data: self.data.or_else(|| other.data.clone()),
            without: if self.without.is_empty() { other.without.clone() } else { self.without },
            args: [other.args.clone(), self.args].concat(),
        }
    }
}

impl Case {
    /// The findings of a night, after the night before.
    fn run(&self, folder: &Path, night: &Night) -> Result<Vec<Row>, String> {
        let house = tempfile::tempdir().unwrap();
        let city = Path::new(ROOT).join("fixtures/other-city");
        copy(&city.join("pipeline"), &house.path().join("pipeline"));
        if folder.join("pipeline").is_dir() {
            copy(&folder.join("pipeline"), &house.path().join("pipeline"));
        }
        let mut found = PathBuf::new();
        for night in self.before.iter().chain([night]) {
            let data = house.path().join("data");
            let _ = fs::remove_dir_all(&data);
            copy(&city.join("data"), &data);
            night.without.iter().for_each(|file| fs::remove_file(data.join(file)).unwrap());
            night.data.iter().for_each(|inside| copy(&folder.join(inside), &data));
            let as_of = match night.as_of.as_deref() {
                Some("tomorrow") => tomorrow(),
                day => day.unwrap_or("2024-12-31").to_string(),
            };
            let done = Command::new(env!("CARGO_BIN_EXE_huiqi"))
                .args("run --quiet --pipeline pipeline --data data --out out --without workbook,report --as-of".split(' '))
                .arg(as_of)
                .args(&night.args)
                .current_dir(house.path())
                .output()
                .unwrap();
            if done.status.code() != Some(night.exit) {
                return Err(format!("exit {:?}, should be {}: {}", done.status.code(), night.exit, String::from_utf8_lossy(&done.stderr)));
            }
            if night.exit != 4 {
                let published = String::from_utf8_lossy(&done.stdout).into_owned();
                found = house.path().join(published.trim()).join("quality/findings.csv");
                continue;
            }
            found = house.path().join("out/refused/findings.csv");
            // Whoever has only the mail of the scheduler must know as well.
            let said = String::from_utf8_lossy(&done.stderr).into_owned();
            if !said.contains("拦截") {
                return Err(format!("stderr says nothing of it: {said}"));
            }
        }
        Ok(rows(&found))
    }
}

fn tomorrow() -> String {
    let days = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    huiqi::period::format_date(days as i32 + 1)
}

fn rows(table: &Path) -> Vec<Row> {
    let text = fs::read_to_string(table).unwrap();
    csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Findings, a line per cell that is not empty.
fn page(found: &[Row]) -> String {
    const COLUMNS: [&str; 10] = ["级别", "规则", "数据源", "文件", "位置", "说明", "数量", "影响措施", "处理建议", "提供部门"];
    let mut page = String::new();
    for row in found {
        assert_eq!(row.len(), COLUMNS.len());
        COLUMNS.iter().filter(|column| !row[**column].is_empty()).for_each(|column| writeln!(page, "{column} {}", row[*column]).unwrap());
        page.push('\n');
    }
    page
}
