//! `huiqi hypothetical` at its boundary: that it agrees with a run over really changed files, and what it prints.

use insta::assert_snapshot;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const ONLY: &str = "43-1-tech-purchase,1-3-bank-tax-list,49-2-invoice-a,14-1-vat-exemption,17-1-refund-prompt";

fn huiqi(args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(args).current_dir(ROOT).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

/// A run of the fixtures, whose inputs are asked about.
fn out() -> &'static str {
    static RUN: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = RUN.get_or_init(|| {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let (code, _, err) = huiqi(&["--quiet", "run", "--only", ONLY, "--out", folder.path().to_str().unwrap()]);
        assert!(matches!(code, 0 | 3), "{err}");
        folder
    });
    folder.path().to_str().unwrap()
}

fn page(args: &[&str]) -> String {
    let (code, out, err) = huiqi(&[&["hypothetical"], args].concat());
    let out: Vec<&str> = out.lines().filter(|line| !line.starts_with("运行")).collect();
    format!("exit {code}\n--- stdout\n{}\n--- stderr\n{err}", out.join("\n"))
}

/// The rows of a comparison: [措施编号, 来源单据, 原结论, 现结论, 原金额, 现金额].
fn beside(code: &str, changes: &[&str]) -> Vec<[String; 6]> {
    let changes: Vec<&str> = changes.iter().flat_map(|c| ["--change", c]).collect();
    let (status, said, err) = huiqi(&[&["hypothetical", code, "--out", out(), "--format", "json"], &changes[..]].concat());
    assert_eq!(status, 0, "{err}");
    let page: serde_json::Value = serde_json::from_str(&said).unwrap();
    let cell = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_string();
    let names = ["措施编号", "来源单据", "原结论", "现结论", "原金额", "现金额"];
    page["行"].as_array().unwrap().iter().map(|row| names.map(|name| cell(row, name))).collect()
}

/// The ledger amounts of a run over the fixtures with other words in one file, by measure and 来源单据.
fn really(file: &str, from: &str, to: &str) -> std::collections::BTreeMap<(String, String), String> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (data, out) = (folder.path().join("data"), folder.path().join("out"));
    fs::create_dir(&data).unwrap();
    for entry in fs::read_dir(Path::new(ROOT).join("fixtures/xinzhou")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, data.join(path.file_name().unwrap())).unwrap();
    }
    let text = fs::read_to_string(data.join(file)).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    fs::write(data.join(file), text.replace(from, to)).unwrap();
    let (code, said, err) = huiqi(&["--quiet", "run", "--only", ONLY, "--data", data.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(matches!(code, 0 | 3), "{err}");
    let run = PathBuf::from(said.trim());
    let mut lines = std::collections::BTreeMap::new();
    for file in ["ledger/awards.csv", "ledger/reliefs.csv", "ledger/entitlements.csv"] {
        let text = fs::read_to_string(run.join(file)).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for row in reader.deserialize::<std::collections::BTreeMap<String, String>>() {
            let row = row.unwrap();
            lines.insert((row["措施编号"].clone(), row["来源单据"].clone()), row["金额"].clone());
        }
    }
    lines
}

const BUYER: &str = "91140925HAUGAW60XA";

#[test]
fn an_amount_is_that_of_a_run_over_the_changed_file() {
    let rows = beside(BUYER, &["tech_purchases[HT2022000004|PZ20220000013].实际支付额=65341.15"]);
    let document = "HT2022000004|PZ20220000013";
    assert_eq!(rows, [["43-1-tech-purchase", document, "符合", "符合", "1,957.23", "1,960.23"].map(String::from)]);
    let lines = really("tech_purchases.csv", "PZ20220000013,65241.15,", "PZ20220000013,65341.15,");
    assert_eq!(lines[&("43-1-tech-purchase".to_string(), document.to_string())], "1960.23");
}

#[test]
fn a_verdict_is_that_of_a_run_over_the_changed_file() {
    let rows = beside(BUYER, &["registrations.登记状态=吊销"]);
    let text = fs::read_to_string(Path::new(ROOT).join("fixtures/xinzhou/registrations.csv")).unwrap();
    let line = text.lines().find(|line| line.starts_with(BUYER)).unwrap();
    let lines = really("registrations.csv", line, &line.replace(",存续,", ",吊销,"));
    assert!(!rows.is_empty());
    for [measure, document, _, now, _, amount] in rows {
        let line = lines.get(&(measure.clone(), document.clone()));
        assert_eq!(line.is_some(), now == "符合", "{measure} {document}");
        assert_eq!(line.map_or("", |l| l), amount.replace(',', ""), "{measure} {document}");
    }
}

#[test]
fn a_real_enterprise() {
    let change = ["--change", "registrations.登记状态=吊销", "--change", "registrations.注销日期="];
    assert_snapshot!(page(&[&[BUYER, "--out", out()], &change[..]].concat()));
    let change = ["--change", "tech_purchases[HT2022000004|PZ20220000013].市内转化=否", "--measure", "43-1-tech-purchase"];
    assert_snapshot!("with_its_explanation", page(&[&[BUYER, "--out", out()], &change[..]].concat()));
    let nothing = ["--change", "registrations.名称=另一个名字"];
    assert_snapshot!("nothing_changes", page(&[&[BUYER, "--out", out()], &nothing[..]].concat()));
}

#[test]
fn what_cannot_be_changed() {
    let changes = [
        "vat_returns.销售额=1.00",
        "tech_purchases[HT1|P1].实际支付额=1.00",
        "tech_purchases[HT2022000004|PZ20220000013].实际支付额=1.234",
        "tech_purchases[HT2022000004|PZ20220000013].实际支付额=",
        "tech_purchases[HT2022000004|PZ20220000013].合同编号=X",
        "tech_purchases.实付额=1.00",
        "tech_purchase.实际支付额=1.00",
        "enterprise_scale.行业代码=A",
        "energy_projects.申请日期=2022-06-01",
        "从业人数=310",
    ];
    let asked = |change: &&str| format!("$ --change {change}\n{}", page(&[BUYER, "--out", out(), "--change", change]));
    assert_snapshot!(changes.iter().map(asked).collect::<Vec<_>>().join("\n"));
    let others: [&[&str]; 5] = [
        &[BUYER, "--out", out()],
        &[BUYER, "--out", out(), "--change", "registrations.名称=甲", "--as-of", "2022-12-31"],
        &["91140925HAUGAW60XX", "--out", out(), "--change", "registrations.名称=甲"],
        &["nowhere.toml"],
        &["nowhere.toml", "--change", "registrations.名称=甲"],
    ];
    let pages: Vec<String> = others.iter().map(|args| page(args).replace(out(), "OUT")).collect();
    assert_snapshot!("what_cannot_be_asked", pages.join("\n"));
}

/// A page on a described enterprise.
fn described(text: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("enterprise.toml");
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    page(&[&[path], more].concat()).replace(path, "enterprise.toml")
}

const DESCRIBED: &str = r#"
[registration]
"成立日期" = "2022-06-01"
[[related.annual_statements]]
"年度"     = 2022
"营业收入" = "6000000.00"
"从业人数" = 310
[[related.recognitions]]
"认定编号" = "R1"
"认定类别" = "中试基地"
"认定层级" = "市级"
"认定日期" = "2022-07-01"
"#;

#[test]
fn a_described_enterprise() {
    assert_snapshot!(described(DESCRIBED, &[]));
    assert_snapshot!("described_and_explained", described(DESCRIBED, &["--measure", "42-5-pilot-base"]));
    assert_snapshot!(
        "described_a_year_later",
        described(DESCRIBED, &["--as-of", "2023-06-30", "--format", "json", "--measure", "46-1-free-seal"])
    );
    let set = ["--measure", "42-5-pilot-base", "--set", "42-5-pilot-base.奖励资助=1.00", "--format", "json"];
    let page = described(DESCRIBED, &set);
    assert!(page.contains("\"amount\": \"1.00\""), "{page}");
}

#[test]
fn what_cannot_be_described() {
    let files = [
        "registration = 3",
        "[registration]\n\"成立日\" = \"2022-06-01\"",
        "[[related.annual_statement]]\n\"年度\" = 2022",
        "[[related.annual_statements]]\n\"年度\" = \"去年\"",
        "[[related.annual_statements]]\n\"年度\" = 2022\n\"营业收入\" = 1.5",
        "as_of = \"2022-02-30\"",
        "[relatd]",
    ];
    let pages: Vec<String> = files.iter().map(|file| format!("$ {file}\n{}", described(file, &[]))).collect();
    assert_snapshot!(pages.join("\n"));
}
