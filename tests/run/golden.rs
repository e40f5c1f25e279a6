//! The committed fixtures give the committed ledgers, KPI tables and call list. `UPDATE_GOLDEN=1` writes them anew.

use crate::house::{House, ROOT, huiqi};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A table with the last column (政策版本, which names the pipeline's hash) left out of every ledger row.
fn without_version(name: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    if !["ledger/awards.csv", "ledger/reliefs.csv", "ledger/entitlements.csv"].contains(&name) {
        return text;
    }
    text.lines().map(|line| format!("{}\n", line.rsplit_once(',').unwrap().0)).collect()
}

#[test]
fn the_fixtures_give_the_golden_ledgers() {
    let house = House::new();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let golden = Path::new(ROOT).join("fixtures/golden/xinzhou-2022-12-31");
    let mut differing = Vec::new();
    for (name, bytes) in house.figures("out") {
        let (found, path) = (without_version(&name, &bytes), golden.join(&name));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &found).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        if let Some(at) = first_difference(&wanted, &found) {
            differing.push(format!("{name}: {at}"));
        }
    }
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
    assert!(house.read("out/current/ledger/awards.csv").lines().count() > 100);
}

/// The page that everybody reads first shows a row that is there.
#[test]
fn the_row_of_the_readme_is_a_golden_one() {
    let awards = fs::read_to_string(Path::new(ROOT).join("fixtures/golden/xinzhou-2022-12-31/ledger/awards.csv")).unwrap();
    let number =
        |text: &str| text.find("explain TZ").map(|at| text[at + 8..].chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let number = number(&readme).expect("a number to explain");
    let row = awards.lines().find(|line| line.contains(&number)).unwrap_or_else(|| panic!("{number} is in no golden ledger"));
    for page in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(Path::new(ROOT).join(page)).unwrap();
        let shown = text.lines().find(|line| line.starts_with("43-1-tech-purchase · ")).unwrap();
        let parts = shown.split(" · ").map(|part| part.rsplit(' ').next().unwrap());
        parts.for_each(|part| assert!(row.contains(part), "{page}: {part} is not in {row}"));
        let basis = text.lines().find_map(|line| line.strip_prefix("计算依据")).unwrap().trim_start_matches([':', '：', ' ']);
        assert!(row.contains(basis), "{page}: {basis}");
    }
}

#[test]
fn the_golden_tables_show_every_verdict_of_a_target() {
    let column = |table: &str, name: &str| -> BTreeSet<String> {
        let path = Path::new(ROOT).join("fixtures/golden/xinzhou-2022-12-31/kpi").join(table);
        let text = fs::read_to_string(path).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let at = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
        reader.records().map(|row| row.unwrap()[at].to_string()).filter(|cell| !cell.is_empty()).collect()
    };
    assert_eq!(column("targets.csv", "达标"), ["是", "否", "无基数", "无数据", "进行中"].map(String::from).into());
    for name in ["增速达标", "两增达标"] {
        assert_eq!(column("inclusive_growth.csv", name), ["是", "否", "无基数"].map(String::from).into(), "{name}");
    }
}

fn first_difference(wanted: &str, found: &str) -> Option<String> {
    if wanted == found {
        return None;
    }
    let lines = wanted.lines().zip(found.lines()).enumerate();
    let first = lines.filter(|(_, (a, b))| a != b).map(|(n, (a, b))| format!("line {}: expected {a}, found {b}", n + 1)).next();
    Some(first.unwrap_or_else(|| format!("{} lines expected, {} found", wanted.lines().count(), found.lines().count())))
}

/// The call list is a part of all that one clause alone fails; which of the two was asked for, is a part of the run.
#[test]
fn near_misses_are_those_within_reach_unless_all_are_asked_for() {
    let house = House::new();
    let ids = ["near", "all"].map(|wanted| {
        assert_eq!(house.run(wanted, &["--near-misses", wanted, "--without", "workbook,report"]).status, 0);
        fs::canonicalize(house.path(wanted).join("current")).unwrap().file_name().unwrap().to_owned()
    });
    assert_ne!(ids[0], ids[1]);
    let rows = |wanted: &str| house.read(&format!("{wanted}/current/near_misses.csv")).lines().map(str::to_owned).collect::<Vec<_>>();
    let (near, all) = (rows("near"), rows("all"));
    let listed: BTreeSet<&String> = all.iter().collect();
    assert!(near.iter().all(|row| listed.contains(row)) && near.len() > 100 && near.len() * 10 < all.len(), "{} {}", near.len(), all.len());
    let replayed = huiqi(&["verify", house.path("all/current").to_str().unwrap(), "--replay", "--quiet"]);
    assert_eq!(replayed.status, 0, "{}", replayed.stderr);
}

#[test]
fn a_published_run_is_proven_by_verify_and_tampering_is_found() {
    let house = House::new();
    assert_eq!(house.run("out", &[]).status, 0);
    let current = house.path("out/current");
    let proven = huiqi(&["verify", current.to_str().unwrap()]);
    assert_eq!(proven.status, 0, "{}", proven.stderr);
    let replayed = huiqi(&["verify", current.to_str().unwrap(), "--replay", "--quiet"]);
    assert_eq!(replayed.status, 0, "{}", replayed.stderr);
    assert!(replayed.stdout.contains("every byte the same"), "{}", replayed.stdout);
    let awards = fs::canonicalize(&current).unwrap().join("ledger/awards.csv");
    let text = fs::read_to_string(&awards).unwrap().replacen("100000.00", "100000.01", 1);
    fs::remove_file(&awards).unwrap();
    fs::write(&awards, text).unwrap();
    let found = huiqi(&["verify", current.to_str().unwrap()]);
    assert_eq!(found.status, 1);
    assert!(found.stderr.contains("awards.csv"), "{}", found.stderr);
}
