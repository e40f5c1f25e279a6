//! What a run finds in a delivery is a table: columns of the law's second reading that are still missing, and measures that are over.

use crate::house::{House, huiqi};
use std::collections::BTreeMap;

/// The columns that came with the law's second reading: source, column, and the measures that read it.
const NEW: [(&str, &str, &str); 7] = [
    ("registrations", "吊销日期", "51-1-revoked"),
    ("registrations", "转企日期", "46-1-free-seal"),
    ("startups", "审核通过", "22-1-first-startup"),
    ("venture_investments", "转让日期", "14-5-venture-deduction"),
    ("venture_investments", "转让所得", "14-5-venture-deduction"),
    ("service_records", "公示天数", ""),
    ("service_records", "办理用时工作日", ""),
];

/// Takes the new columns out of the delivered files.
fn take_out(house: &House) {
    for source in ["registrations", "startups", "venture_investments", "service_records"] {
        let file = format!("data/{source}.csv");
        let text = house.read(&file);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let old: Vec<usize> = (0..rows[0].len()).filter(|&at| !NEW.iter().any(|(s, c, _)| *s == source && *c == &rows[0][at])).collect();
        assert!(old.len() < rows[0].len(), "{source}");
        let mut writer = csv::Writer::from_writer(Vec::new());
        rows.iter().for_each(|row| writer.write_record(old.iter().map(|&at| &row[at])).unwrap());
        house.write(&file, &String::from_utf8(writer.into_inner().unwrap()).unwrap());
    }
}

fn table(house: &House, file: &str) -> Vec<BTreeMap<String, String>> {
    let text = house.read(&format!("out/current/{file}"));
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn a_delivery_without_the_new_columns_runs_and_is_told_what_waits() {
    let house = House::new();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let (whole, first) = (table(&house, "quality/findings.csv"), table(&house, "ledger/summary.csv"));
    assert!(whole.iter().all(|finding| finding["规则"] != "column.absent"), "{whole:?}");

    take_out(&house);
    std::fs::remove_dir_all(house.path("out")).unwrap();
    let ran = house.run("out", &[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let findings = table(&house, "quality/findings.csv");
    let absent: Vec<&BTreeMap<String, String>> = findings.iter().filter(|finding| finding["规则"] == "column.absent").collect();
    for (source, column, measure) in NEW {
        let found = absent.iter().find(|finding| finding["数据源"] == source && finding["位置"] == column);
        let Some(found) = found else {
            assert!(measure.is_empty(), "nothing is said of {source}.{column}");
            continue;
        };
        assert_eq!(found["级别"], "提示");
        assert_eq!(found["文件"], format!("{source}.csv"));
        assert!(found["影响措施"].contains(measure), "{found:?}");
        assert!(!found["影响措施"].is_empty() && !found["处理建议"].is_empty() && !found["提供部门"].is_empty(), "{found:?}");
    }
    assert!(absent.iter().all(|f| NEW.iter().any(|(s, c, _)| f["数据源"] == *s && f["位置"] == *c)), "{absent:?}");

    // Whom nobody has examined waits; who sold when is not known, so nobody sold; nobody has changed into an enterprise.
    let second = table(&house, "ledger/summary.csv");
    let count = |of: &[BTreeMap<String, String>], measure: &str, verdict: &str| -> u64 {
        of.iter().find(|row| row["维度"] == "措施" && row["分组"] == measure).unwrap()[verdict].parse().unwrap()
    };
    let startups = "22-1-first-startup";
    assert_eq!(count(&second, startups, "待定标准"), 0);
    assert!(count(&second, startups, "待核实") >= count(&first, startups, "待定标准"), "{second:?}");
    for measure in ["14-5-venture-deduction", "46-1-free-seal"] {
        assert!(count(&second, measure, "符合") < count(&first, measure, "符合"), "{measure}");
        assert_eq!(count(&second, measure, "待核实"), 0, "{measure}");
    }
    // As long as nobody has said how long is long, all who lost their licence are listed.
    assert_eq!(count(&second, "51-1-revoked", "符合"), count(&first, "51-1-revoked", "符合"));
}

#[test]
fn what_is_over_is_a_finding_and_no_line_of_a_log() {
    let house = House::new();
    let paths = ["data", "pipeline", "out"].map(|inside| house.path(inside).display().to_string());
    let run = |day: &str| {
        let flags = [
            "run",
            "--quiet",
            "--as-of",
            day,
            "--data",
            &paths[0],
            "--pipeline",
            &paths[1],
            "--out",
            &paths[2],
            "--only",
            "2-1-*,2-2-*",
            "--accept",
            "snapshot.partial",
        ];
        let ran = huiqi(&flags);
        assert!(matches!(ran.status, 0 | 3), "{}", ran.stderr);
        assert!(!ran.stderr.contains("2-2-deferred-repayment"), "{}", ran.stderr);
        let text = std::fs::read_to_string(format!("{}/quality/findings.csv", ran.stdout.trim())).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
        let over = rows.into_iter().filter(|row| ["measure.ended", "notice.review"].contains(&row["规则"].as_str()));
        over.map(|row| [&*row["级别"], &row["规则"], &row["位置"], &row["影响措施"]].join(" ")).collect::<Vec<_>>()
    };
    let (deferred, funds) = (
        "提示 measure.ended 2-2-deferred-repayment 2-2-deferred-repayment",
        "提示 measure.ended 2-1-central-bank-funds 2-1-central-bank-funds",
    );
    let review = "提示 notice.review 忻政办发〔2022〕22号 ";
    assert_eq!(run("2022-12-31"), Vec::<String>::new());
    // The last day is still a day.
    assert_eq!(run("2023-06-30"), Vec::<String>::new());
    assert_eq!(run("2023-07-01"), [deferred]);
    assert_eq!(run("2024-12-31"), [deferred, review]);
    assert_eq!(run("2025-01-01"), [funds, deferred, review]);
}
