//! Who still delivers by the old list of columns gets a run, and is told what waits for the new ones.

use crate::house::House;
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
