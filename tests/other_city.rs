//! A second pipeline, of another city: checked and run by the same binary, without a line of Rust of its own.

#[path = "support/copy.rs"]
mod copy;

use copy::copy;
use std::path::Path;
use std::process::Command;

const CITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/other-city");

fn huiqi(arguments: &[&str]) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_huiqi")).args(arguments).current_dir(std::env::temp_dir()).output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn its_files_and_cases_hold() {
    let said = huiqi(&["check", "--pipeline", &format!("{CITY}/pipeline")]);
    assert!(said.contains("2 measures, 0 indicators, 7 cases, 6 evaluations on boundary days, 3/3 articles: ok"), "{said}");
}

/// `UPDATE_GOLDEN=1 cargo test --test other_city` writes what must come out anew.
#[test]
fn it_runs() {
    let out = tempfile::tempdir().unwrap();
    let (pipeline, data, to) = (format!("{CITY}/pipeline"), format!("{CITY}/data"), out.path().display().to_string());
    huiqi(&["run", "--pipeline", &pipeline, "--data", &data, "--as-of", "2024-12-31", "--out", &to, "--quiet"]);
    for name in ["awards.csv", "entitlements.csv", "payments.csv"] {
        let came = std::fs::read_to_string(out.path().join("current/ledger").join(name)).unwrap();
        let kept = Path::new(CITY).join("expected").join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
            std::fs::write(&kept, &came).unwrap();
        }
        assert_eq!(came, std::fs::read_to_string(&kept).unwrap_or_default(), "{name}");
    }
}

/// Measures over a rating that not everybody has: who is on the list is known of some only.
const RATED: &str = r#"
[article]
number  = 2
title   = "TITLE"
text    = "年内新增岗位3个以上的企业列入名单。"
kind    = "名单"
offices = ["市人社局"]

[per]
source  = "companies"
subject = "统一社会信用代码"
alive   = "登记状态 = '存续'"

[[clause]]
says = "TITLE"
when = "WHEN"
"#;

#[test]
fn whose_standing_on_a_list_is_not_known_waits() {
    let home = tempfile::tempdir().unwrap();
    let (pipeline, data) = (home.path().join("pipeline"), home.path().join("data"));
    copy(&Path::new(CITY).join("pipeline"), &pipeline);
    std::fs::remove_file(pipeline.join("measures/2-1-steady.toml")).unwrap();
    std::fs::remove_dir_all(pipeline.join("facts")).unwrap();
    let source = pipeline.join("sources/companies.toml");
    let rating = "\n[[column]]\nname = \"评级\"\ntype = \"enum\"\nvalues = [\"甲\", \"乙\"]\n";
    std::fs::write(&source, std::fs::read_to_string(&source).unwrap() + rating).unwrap();
    let on_list = "ON_LIST('2-1-rated', 统一社会信用代码)";
    let this_row = "ON_LIST('2-1-rated')";
    for (id, when) in [
        ("2-1-rated", "评级 = '甲'".to_string()),
        ("2-2-listed", on_list.to_string()),
        ("2-3-unlisted", format!("NOT {on_list}")),
        ("2-4-surely-listed", format!("({on_list}) IS TRUE")),
        ("2-5-this-row", this_row.to_string()),
        ("2-6-not-this-row", format!("NOT {this_row}")),
    ] {
        let text = RATED.replace("TITLE", id).replace("WHEN", &when);
        std::fs::write(pipeline.join(format!("measures/{id}.toml")), text).unwrap();
    }
    std::fs::create_dir(&data).unwrap();
    std::fs::copy(Path::new(CITY).join("data/new_jobs.csv"), data.join("new_jobs.csv")).unwrap();
    let rows =
        "91140923015PAE1U04,甲公司,990101,存续,甲\n911409022BGM1FW127,乙公司,990121,存续,乙\n911409254MUJPHP62T,丙公司,990121,存续,\n";
    std::fs::write(data.join("companies.csv"), format!("统一社会信用代码,名称,所在区县,登记状态,评级\n{rows}")).unwrap();
    let [pipeline, data, to] = [&pipeline, &data, &home.path().join("out")].map(|path| path.display().to_string());
    huiqi(&["run", "--pipeline", &pipeline, "--data", &data, "--as-of", "2024-12-31", "--out", &to, "--quiet"]);
    let read = |file: &str| std::fs::read_to_string(Path::new(&to).join("current").join(file)).unwrap();
    let said = |id: &str| {
        let (ledger, waiting) = (read("ledger/entitlements.csv"), read("undetermined.csv"));
        let of = |text: &str, code: &str| text.lines().any(|line| line.contains(&format!("{id},")) && line.contains(code));
        ["91140923015PAE1U04", "911409022BGM1FW127", "911409254MUJPHP62T"].map(|code| match (of(&ledger, code), of(&waiting, code)) {
            (true, false) => "符合",
            (false, true) => "待核实",
            (false, false) => "不符合",
            (true, true) => "twice",
        })
    };
    for listed in ["2-1-rated", "2-2-listed", "2-5-this-row"] {
        assert_eq!(said(listed), ["符合", "不符合", "待核实"], "{listed}");
    }
    for unlisted in ["2-3-unlisted", "2-6-not-this-row"] {
        assert_eq!(said(unlisted), ["不符合", "符合", "待核实"], "{unlisted}");
    }
    assert_eq!(said("2-4-surely-listed"), ["符合", "不符合", "不符合"]);
    // The same row lacks what it lacks there.
    let waiting = read("undetermined.csv");
    for id in ["2-1-rated", "2-5-this-row", "2-6-not-this-row"] {
        assert!(waiting.lines().any(|line| line.starts_with(&format!("{id},")) && line.contains("评级")), "{id}: {waiting}");
    }
}
