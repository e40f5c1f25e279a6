//! Files as offices send them: names, sheets, units, headers, cells. One folder each, held against the clean delivery.

use crate::copy::copy;
use crate::house::{House, Ran, Row, huiqi};
use std::fs;
use std::path::Path;

const DAY: &str = "2022-12-31";
const GRAVE: [&str; 2] = ["拦截", "警告"];
const BOUGHT: &str = "43-1-tech-purchase";

/// What a run over a folder ends with.
struct Case {
    folder: &'static str,
    exit: i32,
    /// 级别, 规则, 数据源 of what is above a note.
    findings: &'static [&'static str],
    /// What 说明 or 处理建议 of the first of them says.
    says: &'static str,
    /// A measure whose figures the folder is about, and whether they are those of the clean delivery; else there are none.
    measure: &'static str,
    is_as_clean: bool,
}

const CASES: [Case; 12] = [
    Case {
        folder: "unit-in-the-title",
        exit: 4,
        findings: &["拦截 unit.title vat_returns"],
        says: "单位：万元",
        measure: "14-1-vat-exemption",
        is_as_clean: false,
    },
    Case { folder: "sheets-by-quarter", exit: 0, findings: &[], says: "", measure: BOUGHT, is_as_clean: true },
    Case {
        folder: "second-sheet-other-header",
        exit: 3,
        findings: &["警告 sheet.left tech_purchases"],
        says: "工作表“原平市”有 9 行没有读：缺少必需的列 实际支付额",
        measure: BOUGHT,
        is_as_clean: false,
    },
    Case {
        folder: "hidden-old-sheet-first",
        exit: 3,
        findings: &["警告 sheet.hidden tech_purchases"],
        says: "隐藏的工作表",
        measure: BOUGHT,
        is_as_clean: true,
    },
    Case {
        folder: "unreadable-part",
        exit: 3,
        findings: &["警告 file.unreadable tech_purchases"],
        says: "文件不完整，传输时中断",
        measure: BOUGHT,
        is_as_clean: false,
    },
    Case { folder: "other-extension", exit: 0, findings: &[], says: "", measure: BOUGHT, is_as_clean: true },
    Case {
        folder: "optional-column-with-unit",
        exit: 4,
        findings: &[
            "拦截 column.renamed annual_statements",
            "拦截 column.renamed annual_statements",
            "拦截 column.renamed annual_statements",
            "拦截 column.renamed annual_statements",
            "拦截 unit.title annual_statements",
            "拦截 unit.title annual_statements",
            "拦截 unit.title annual_statements",
            "拦截 unit.title annual_statements",
        ],
        says: "（万元）",
        measure: "20-3-revenue-growth",
        is_as_clean: false,
    },
    Case {
        folder: "rate-as-percent-number",
        exit: 3,
        findings: &["警告 rows.rejected subsidised_loans"],
        says: "10 行中拒收 10 行",
        measure: "12-1-startup-loan-interest",
        is_as_clean: false,
    },
    Case { folder: "zeros-by-number-format", exit: 0, findings: &[], says: "", measure: "40-2-maker-space-performance", is_as_clean: true },
    Case {
        folder: "core-file-refused",
        exit: 4,
        findings: &["拦截 file.unreadable vat_returns"],
        says: "“纳税人识别号”的位置上应是“统一社会信用代码”",
        measure: "14-1-vat-exemption",
        is_as_clean: false,
    },
    Case { folder: "lock-file-in-parts", exit: 0, findings: &[], says: "", measure: BOUGHT, is_as_clean: true },
    Case {
        folder: "password",
        exit: 3,
        findings: &["警告 file.unreadable tech_purchases"],
        says: "请取消密码后另存",
        measure: BOUGHT,
        is_as_clean: false,
    },
];

#[test]
fn files_as_offices_send_them() {
    let all = clean();
    for case in &CASES {
        let house = House::with(case.folder);
        let ran = house.run(DAY, &[]);
        assert_eq!((ran.status, ran.findings(&GRAVE)), (case.exit, owned(case.findings)), "{}: {}", case.folder, ran.stderr);
        if case.exit == 4 {
            assert!(ran.stderr.contains(case.says), "{}: {}", case.folder, ran.stderr);
            continue;
        }
        let said = grave(&ran).first().map(|row| [&*row["说明"], &row["处理建议"]].concat()).unwrap_or_default();
        assert!(said.contains(case.says), "{}: {said}", case.folder);
        let figures = |lines: &[Row]| -> Vec<String> {
            let of_measure = lines.iter().filter(|row| row["措施编号"] == case.measure);
            let mut figures: Vec<String> = of_measure.map(|row| format!("{} {}", row["统一社会信用代码"], row["金额"])).collect();
            figures.sort();
            figures
        };
        let expected = if case.is_as_clean { figures(&all) } else { Vec::new() };
        assert_eq!((figures(&lines(&ran)), case.is_as_clean), (expected.clone(), !expected.is_empty()), "{}", case.folder);
        assert!(!case.is_as_clean || lines(&ran).len() == all.len(), "{}", case.folder);
    }
}

fn owned(findings: &[&str]) -> Vec<String> {
    findings.iter().map(|finding| finding.to_string()).collect()
}

fn grave(ran: &Ran) -> Vec<Row> {
    ran.table("quality/findings.csv").into_iter().filter(|row| GRAVE.contains(&row["级别"].as_str())).collect()
}

/// All ledger lines, but for the pipeline's version.
fn lines(ran: &Ran) -> Vec<Row> {
    let mut lines: Vec<Row> =
        ["awards", "reliefs", "entitlements"].iter().flat_map(|ledger| ran.table(&format!("ledger/{ledger}.csv"))).collect();
    lines.iter_mut().for_each(|line| assert!(line.remove("政策版本").is_some()));
    lines
}

/// Those of the clean delivery.
fn clean() -> Vec<Row> {
    let house = House::new();
    lines(&house.run(DAY, &[]))
}

#[test]
fn what_is_accepted_is_used_as_the_table_says() {
    // The file alone is left out; the sheets that fit are read; the unit is taken for a slip of the pen.
    for (folder, accept, more_than) in [
        ("unreadable-part", "file.unreadable:tech_purchases", 3),
        ("second-sheet-other-header", "sheet.left", 3),
        ("unit-in-the-title", "unit.title:vat_returns", 5),
    ] {
        let house = House::with(folder);
        let ran = house.run(DAY, &["--accept", accept]);
        assert_eq!(ran.status, 3, "{folder}: {}", ran.stderr);
        assert!(matches!(&grave(&ran)[..], [one] if one["级别"] == "警告" && one["说明"].ends_with("（已接受）")), "{folder}");
        let measure = if folder.starts_with("unit") { "14-1-vat-exemption" } else { BOUGHT };
        assert!(lines(&ran).iter().filter(|row| row["措施编号"] == measure).count() > more_than, "{folder}");
    }
}

/// Of a core source of which nothing can be read nobody can accept that it is not there.
#[test]
fn a_core_source_is_not_accepted_away() {
    let house = House::with("core-file-refused");
    let ran = house.run(DAY, &["--accept", "file.unreadable:vat_returns"]);
    assert_eq!((ran.status, ran.findings(&GRAVE)), (4, owned(&["拦截 source.missing vat_returns", "警告 file.unreadable vat_returns"])));
}

/// A source file that declares the unit, and nothing else, makes the sheet in 万元 what the sheet in yuan is.
#[test]
fn a_declared_unit_is_converted_to_the_fen() {
    let house = House::with("unit-in-the-title");
    let pipeline = house.pipeline();
    let file = pipeline.join("sources/vat_returns.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("core        = true\n", "core        = true\nunit        = \"万元\"\n")).unwrap();
    let ran = house.run(DAY, &["--pipeline", pipeline.to_str().unwrap()]);
    assert_eq!((ran.status, ran.findings(&GRAVE)), (0, Vec::new()), "{}", ran.stderr);
    assert!(ran.findings(&["提示"]).contains(&"提示 unit.converted vat_returns".to_string()));
    // The office rounded to 万元 with two decimals: every amount is a whole hundred yuan.
    let reliefs: Vec<Row> = lines(&ran).into_iter().filter(|row| row["措施编号"] == "14-1-vat-exemption").collect();
    assert!(reliefs.len() > 20 && reliefs.iter().any(|row| row["金额"].len() > 6), "{reliefs:?}");
}

/// Names that are not UTF-8 are shown as what they say; two files never share a name.
#[cfg(target_os = "linux")]
#[test]
fn names_of_files_in_gbk() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let house = House::new();
    let text = house.take("tech_purchases.csv");
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let folder = house.data().join("tech_purchases");
    fs::create_dir(&folder).unwrap();
    let names = ["一季度.csv", "二季度.csv", "三季度.csv", "四季度.csv"];
    let mut bytes: Vec<Vec<u8>> = names.iter().map(|name| encoding_rs::GB18030.encode(name).0.into_owned()).collect();
    // One that says the same in UTF-8, and one that is no text at all.
    bytes.extend(["一季度.csv".as_bytes().to_vec(), b"\xFFa.csv".to_vec()]);
    for (at, name) in bytes.iter().enumerate() {
        let rows: Vec<&str> = rows.iter().skip(at).step_by(bytes.len()).copied().collect();
        fs::write(folder.join(OsStr::from_bytes(name)), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
    }
    let ran = house.run(DAY, &[]);
    assert_eq!((ran.status, ran.findings(&GRAVE)), (0, Vec::new()), "{}", ran.stderr);
    assert!(lines(&ran) == clean());
    let files: Vec<String> = ran
        .table("quality/sources.csv")
        .into_iter()
        .filter(|row| row["数据源"] == "tech_purchases")
        .map(|row| row["文件"].clone())
        .collect();
    let expected = [r"\xD2\xBB\xBC\xBE\xB6\xC8.csv", r"\xFFa.csv", "一季度.csv", "三季度.csv", "二季度.csv", "四季度.csv"];
    assert_eq!(files, expected.map(|name| format!("tech_purchases/{name}")));
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(ran.folder.join("manifest.json")).unwrap()).unwrap();
    let inputs = manifest["inputs"].as_array().unwrap();
    assert!(inputs.iter().all(|input| input["bytes"].as_u64().unwrap() > 0), "{inputs:?}");
}

/// Every extension that the contract names, in any case of letters; by name, by title and by what the source file says.
#[test]
fn a_source_by_name_title_pattern_and_extension() {
    let clean = clean();
    for name in ["TECH", "tech_purchases.CSV", "tech_purchases.Txt", "技术成果购买.tsv", "技术成果购买/甲.csv", "科技局/成果购买2022.csv"]
    {
        let house = House::new();
        let text = house.take("tech_purchases.csv");
        let path = house.data().join(if name == "TECH" { "成果购买明细.csv" } else { name });
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, if name.ends_with("tsv") { text.replace(',', "\t") } else { text }).unwrap();
        let pipeline = house.pipeline();
        let file = pipeline.join("sources/tech_purchases.toml");
        let declared = fs::read_to_string(&file).unwrap();
        fs::write(&file, declared.replacen("department", "files       = [\"成果购买*\", \"科技局/*.csv\"]\ndepartment", 1)).unwrap();
        let ran = house.run(DAY, &["--pipeline", pipeline.to_str().unwrap()]);
        assert_eq!((ran.status, ran.findings(&GRAVE)), (0, Vec::new()), "{name}: {}", ran.stderr);
        assert!(lines(&ran) == clean, "{name}");
    }
}

#[test]
fn a_left_over_copy_of_a_measure_stops_check_and_run() {
    let house = House::new();
    let pipeline = house.pipeline();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field/copied-pipeline-file"), &pipeline);
    let path = pipeline.to_str().unwrap();
    let (status, _, page) = huiqi(&["check", "--pipeline", path]);
    assert_eq!(status, 6, "{page}");
    assert!(page.contains("[bad-file-name]") && page.contains("43-1-tech-purchase - 副本.toml"), "{page}");
    let ran = house.run(DAY, &["--pipeline", path]);
    assert_eq!(ran.status, 6, "{}", ran.stderr);
}

/// The ledgers are in the order of ids as text: `verify`, which every run here goes through, holds for any ids.
#[test]
fn a_measure_whose_id_begins_another() {
    let house = House::new();
    let pipeline = house.pipeline();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/field/id-that-begins-another"), &pipeline);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/xinzhou");
    fs::remove_dir_all(house.data()).unwrap();
    copy(&data, &house.data());
    let ran = house.run(DAY, &["--pipeline", pipeline.to_str().unwrap(), "--only", "42-1-*"]);
    assert!(ran.status == 0 || ran.status == 3, "{}", ran.stderr);
    let ids: Vec<String> = ran.table("ledger/awards.csv").into_iter().map(|row| row["措施编号"].clone()).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, ["42-1-platform", "42-1-platform-province"]);
    assert!(ids.is_sorted(), "{ids:?}");
}

#[test]
fn a_rate_above_one_has_its_sign() {
    let (status, _, said) =
        huiqi(&["run", "--set", "12-1-startup-loan-interest.贴息比例=50", "--data", House::new().data().to_str().unwrap()]);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("write `50%`"), "{said}");
}
