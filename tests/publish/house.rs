//! A small run to publish, and ways to look at what is there.

use huiqi::money::Fen;
use huiqi::publish::csv::{Csv, Number, count, fen, fen_or_empty};
use huiqi::publish::manifest::*;
use huiqi::publish::run_id::run_id;
use huiqi::publish::tables::{self, Table};
use huiqi::publish::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A ledger row: number, measure, kind, subject, county, document, before, cut, status, payer.
pub type Award =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, Option<i64>, i64, &'static str, &'static str);

pub const AWARDS: [Award; 4] = [
    ("A1", "12-1-startup-loan-interest", "奖补", "140923********1869", "", "TX1", None, 0, "待定标准", "未载明"),
    ("A2", "12-1-startup-loan-interest", "奖补", "140923********1869", "", "TX1", None, 0, "待定标准", "未载明"),
    ("A3", "43-1-tech-purchase", "奖补", "91140902820939275N", "140902", "HT1|P1", Some(6_000_000), 1_000_000, "可兑付", "市级财政"),
    ("A4", "43-1-tech-purchase", "奖补", "91140902820939275N", "140902", "HT1|P2", Some(1), 1, "已达上限", "市级财政"),
];
pub const RELIEFS: [Award; 2] = [
    (
        "R1",
        "14-1-vat-exemption",
        "减免",
        "91140902820939275N",
        "140902",
        "91140902820939275N|2022-04-01|1",
        Some(351_405),
        0,
        "免申即享",
        "",
    ),
    ("R2", "14-5-venture-deduction", "抵扣", "91140921G34462816K", "140921", "TZ1", Some(700_000), 0, "免申即享", ""),
];
pub const ENTITLEMENTS: [Award; 2] = [
    ("E1", "1-2-startup-loan-enterprise", "额度", "91140902820939275N", "140902", "CY1", Some(30_000_000), 0, "符合", "承办银行"),
    ("E2", "3-1-never-borrowed", "名单", "91140902820939275N", "140902", "91140902820939275N", None, 0, "符合", ""),
];

/// An empty folder; in memory where there is such a place, since hundreds of runs brought to a disk take their time.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("folder")
}

pub fn holder() -> Holder {
    Holder { since: "2022-12-31 02:00:00".into(), host: "host".into(), user: "nobody".into(), process: 7 }
}

pub fn ledger(awards: &[Award]) -> Csv {
    Csv::of(tables::ledger::COLUMNS, awards, |(number, measure, kind, subject, county, document, before, cut, status, payer), row| {
        row.code(number);
        row.code(measure);
        row.text("第一条");
        row.text("补助,“甲”\"乙\"");
        row.text(kind);
        row.code(subject);
        row.text("=甲公司");
        row.code(county);
        row.code(document);
        row.code("2022");
        row.number(fen_or_empty(before.map(Fen)));
        row.number(fen_or_empty(before.map(|_| Fen(*cut))));
        row.text(if *cut > 0 { "单个成果上限" } else { "" });
        row.number(fen_or_empty(before.map(|before| Fen(before - cut))));
        row.number(fen_or_empty((*measure == "43-1-tech-purchase").then_some(Fen(50_000_000))));
        row.text(status);
        row.text(payer);
        row.text("市科技局");
        row.text("-1,234.50 × 3%");
        row.text("xinzhou-2022");
    })
}

/// A row of the summary: 维度, 分组, 类型, 符合, 待定标准, 金额合计.
type Group = (&'static str, &'static str, &'static str, u64, u64, i64);

const GROUPS: [Group; 17] = [
    ("措施", "1-2-startup-loan-enterprise", "额度", 1, 0, 30_000_000),
    ("措施", "12-1-startup-loan-interest", "奖补", 0, 2, 0),
    ("措施", "14-1-vat-exemption", "减免", 1, 0, 351_405),
    ("措施", "14-5-venture-deduction", "抵扣", 1, 0, 700_000),
    ("措施", "3-1-never-borrowed", "名单", 1, 0, 0),
    ("措施", "43-1-tech-purchase", "奖补", 2, 0, 5_000_000),
    ("区划代码", "140902", "减免", 1, 0, 351_405),
    ("区划代码", "140902", "名单", 1, 0, 0),
    ("区划代码", "140902", "奖补", 2, 0, 5_000_000),
    ("区划代码", "140902", "额度", 1, 0, 30_000_000),
    ("区划代码", "140921", "抵扣", 1, 0, 700_000),
    ("区划代码", "未登记", "奖补", 0, 2, 0),
    ("出资方", "市级财政", "奖补", 2, 0, 5_000_000),
    ("出资方", "承办银行", "额度", 1, 0, 30_000_000),
    ("出资方", "未载明", "奖补", 0, 2, 0),
    ("出资方", "无", "减免", 1, 0, 351_405),
    ("出资方", "无", "名单", 1, 0, 0),
];

fn summary() -> Csv {
    let mut groups = GROUPS.to_vec();
    groups.push(("出资方", "无", "抵扣", 1, 0, 700_000));
    Csv::of(tables::summary::COLUMNS, &groups, |(dimension, group, kind, eligible, unset, amount), row| {
        row.text(dimension);
        row.text(group);
        row.text(kind);
        row.number(count(*eligible));
        row.number(count(3));
        row.number(count(0));
        row.number(count(*unset));
        row.text("");
        row.number(if *kind == "名单" { Number::None } else { fen(Fen(*amount)) });
    })
}

/// 数据源, 文件, counts.
const FILES: [(&str, &str, Counts); 3] = [
    ("registrations", "registrations.csv", Counts { rows: 10, accepted: 8, superseded: 0, rejected: 2, unmatched: 0 }),
    ("vat_returns", "vat_returns/=1.csv", Counts { rows: 5, accepted: 4, superseded: 1, rejected: 0, unmatched: 1 }),
    ("vat_returns", "vat_returns/2.csv", Counts { rows: 3, accepted: 0, superseded: 0, rejected: 3, unmatched: 0 }),
];

fn sources() -> Csv {
    Csv::of(tables::sources::COLUMNS, &FILES, |(source, file, counts), row| {
        row.code(source);
        row.text(file);
        for rows in [counts.rows, counts.accepted, counts.superseded, counts.rejected, counts.unmatched] {
            row.number(count(rows));
        }
        row.text("UTF-8");
        row.code(&hash(file));
    })
}

fn rejects() -> Csv {
    let rejects = [
        ("registrations", "registrations.csv", 3, "甲"),
        ("registrations", "registrations.csv", 3, "乙"),
        ("registrations", "registrations.csv", 7, "@x\n\"y"),
    ];
    let whole = ("vat_returns", "vat_returns/2.csv", 1, "a,b");
    Csv::of(tables::rejects::COLUMNS, &[&rejects[..], &[whole]].concat(), |(source, file, line, raw), row| {
        row.code(source);
        row.text(file);
        row.number(count(*line));
        row.text("-");
        row.text("统一社会信用代码");
        row.text("-12.345");
        row.code("uscc.check");
        row.text("校验码不符");
        row.text(raw);
    })
}

fn near_misses() -> Csv {
    Csv::of(tables::near_misses::COLUMNS, &["91140902820939275N", "91140921G34462816K"], |code, row| {
        row.code("14-1-vat-exemption");
        row.text("第十四条");
        row.code(code);
        row.text("甲公司");
        row.code("140902");
        row.code(&format!("{code}|2022-04-01|1"));
        row.text("销售额");
        row.text("450000.01");
        row.text("450000.00");
        row.text("-0.01");
        row.number(fen(Fen(1_350_000)));
        row.text("核对销售额");
        row.text("市税务局");
    })
}

fn hash(text: &str) -> String {
    format!("{:0>64}", text.len())
}

/// What is computed; `input` stands for the data: another one, another run.
pub fn manifest(input: &str) -> Manifest {
    let inputs = FILES.iter().map(|(source, file, counts)| Input {
        source: source.to_string(),
        path: file.to_string(),
        sha256: hash(file),
        bytes: 100,
        counts: *counts,
    });
    let vat = Counts { rows: 8, accepted: 4, superseded: 1, rejected: 3, unmatched: 1 };
    let total = |rows, amount: &str| Total { rows, amount: amount.into() };
    let mut manifest = Manifest {
        format: FORMAT,
        as_of: "2022-12-31".into(),
        exit_status: 3,
        version: "0.1.0".into(),
        pipeline: PipelineRecord { policy: "xinzhou-2022".into(), sha256: hash("pipeline"), files: Default::default() },
        parameters: BTreeMap::from([("44-1-hightech-first.奖励比例".into(), input.into())]),
        inputs: inputs.collect(),
        sources: BTreeMap::from([("registrations".into(), FILES[0].2), ("vat_returns".into(), vat)]),
        totals: BTreeMap::from([
            ("奖补".into(), total(4, "50000.00")),
            ("减免".into(), total(1, "3514.05")),
            ("抵扣".into(), total(1, "7000.00")),
            ("额度".into(), total(1, "300000.00")),
            ("名单".into(), total(1, "0.00")),
        ]),
        place: Place { data: "/data".into(), pipeline: "/pipeline".into() },
        clock: Clock {
            started: "2022-12-31T02:00:00+08:00".into(),
            finished: "2022-12-31T02:00:09+08:00".into(),
            timings: vec![Timing { stage: "read".into(), milliseconds: 9 }],
        },
        ..Manifest::default()
    };
    manifest.run = id(&manifest);
    manifest
}

pub fn id(manifest: &Manifest) -> String {
    run_id(&manifest.identity().expect("a date"))
}

/// Every file of the small run; the tables that nothing here looks into are empty.
pub fn fill(staging: &Staging) -> Result<(), PublishError> {
    let filled: [(&Table, Csv); 7] = [
        (&tables::ledger::AWARDS, ledger(&AWARDS)),
        (&tables::ledger::RELIEFS, ledger(&RELIEFS)),
        (&tables::ledger::ENTITLEMENTS, ledger(&ENTITLEMENTS)),
        (&tables::summary::TABLE, summary()),
        (&tables::sources::TABLE, sources()),
        (&tables::rejects::TABLE, rejects()),
        (&tables::near_misses::TABLE, near_misses()),
    ];
    let is_empty = |table: &&Table| table.is_always && filled.iter().all(|(other, _)| other.path != table.path);
    for table in tables::ALL.into_iter().filter(is_empty) {
        staging.write_table(table.path, table.columns, [])?;
    }
    for (table, csv) in filled.clone() {
        staging.write(table.path, csv)?;
    }
    staging.write("report.html", "<p>91140902820939275N</p>".to_owned())?;
    Ok(())
}

pub fn publish(out: &Path, manifest: Manifest) -> Result<Published, PublishError> {
    publish_watched(out, manifest, &|_, _| Ok(()))
}

pub fn publish_watched(out: &Path, manifest: Manifest, watch: &Watch) -> Result<Published, PublishError> {
    let mut lock = Lock::take(out, &holder())?;
    let staging = Staging::begin_watched(&mut lock, &manifest.run, watch)?;
    fill(&staging)?;
    staging.publish(manifest, true)
}

/// Every name under a folder that begins with a point, but for the lock.
pub fn left_over(out: &Path) -> Vec<String> {
    let names = fs::read_dir(out).expect("out").map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with('.') && name != ".lock").collect()
}

/// The names under `runs`.
pub fn runs(out: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(out.join("runs")) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
