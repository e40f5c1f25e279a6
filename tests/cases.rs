//! The worked cases of the shipped pipeline, its settlement's too: all of them hold, and every measure decides its boundary days.

use huiqi::cases::{self, Report};
use huiqi::diagnostic::render;
use huiqi::policy::model::Pipeline;
use huiqi::policy::{Broken, load};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xinzhou-2022")
}

fn pipeline() -> Pipeline {
    loaded(&folder())
}

fn loaded(folder: &Path) -> Pipeline {
    match load(folder) {
        Ok(pipeline) => pipeline,
        Err(Broken::Io(path, e)) => panic!("{}: {e}", path.display()),
        Err(Broken::Invalid(findings, files)) => panic!("\n{}", render(&findings, &files, false)),
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

fn hold(pipeline: &Pipeline, report: &Report) {
    assert!(report.findings.is_empty(), "\n{}", render(&report.findings, &pipeline.files, false));
}

#[test]
fn every_worked_case_holds() {
    let pipeline = pipeline();
    let all: Vec<_> = pipeline.measures.keys().collect();
    let report = cases::run(&pipeline, &all, threads());
    hold(&pipeline, &report);
    let without: Vec<&str> = pipeline.measures.iter().filter(|m| m.cases.is_empty()).map(|m| m.id.as_str()).collect();
    assert!(without.is_empty(), "measures without a case: {without:?}");
    assert!(report.cases >= pipeline.measures.len());
}

#[test]
fn every_measure_decides_the_days_on_which_something_changes() {
    let pipeline = pipeline();
    let all: Vec<_> = pipeline.measures.keys().collect();
    let report = cases::on_boundary_days(&pipeline, &all, threads());
    hold(&pipeline, &report);
    // The document's first day and its review date, each with the days beside it, of every measure.
    assert!(report.cases >= 6 * pipeline.measures.len(), "{} evaluations", report.cases);
}

#[test]
fn what_is_settled_together_is_off_and_its_cases_switch_it_on() {
    let pipeline = pipeline();
    let (groups, budgets) = (&pipeline.settlement.highest_of, &pipeline.settlement.budgets);
    assert!(groups.len() >= 2 && budgets.len() >= 2);
    assert!(groups.iter().all(|g| !g.enabled) && budgets.iter().all(|b| !b.enabled));
    hold(&pipeline, &cases::of_settlement(&pipeline, threads()));
    // The cases cut: what they expect does not come out of measures settled each by itself.
    let expected = |cut: &str| {
        let cases = groups.iter().flat_map(|g| &g.cases).chain(budgets.iter().flat_map(|b| &b.cases));
        cases.flat_map(|c| &c.awards).flat_map(|a| &a.case.expect).filter(|e| e.status.as_deref() == Some(cut)).count()
    };
    assert!(expected("已达上限") > 2 && expected("超预算") > 2);
}

/// How many years in a row are wanted, the assessments on file from the last year back, and what comes of it on 31 December 2023.
const IN_A_ROW: [(&str, &str, &str); 9] = [
    ("2", "优秀 优秀 良好", r#"verdict = "符合", amount = "50000.00""#),
    ("2", "优秀 良好 优秀", r#"verdict = "不符合", clause = 4"#),
    ("2", "优秀 优秀 优秀", r#"verdict = "不符合", clause = 5"#),
    ("2", "优秀 优秀", r#"verdict = "待核实", missing = ["绩效考核"]"#),
    ("4", "优秀 优秀 优秀 良好", r#"verdict = "不符合", clause = 4"#),
    ("4", "优秀 优秀 优秀 优秀 良好", r#"verdict = "符合", amount = "50000.00""#),
    ("4", "优秀 优秀 优秀 优秀 优秀", r#"verdict = "不符合", clause = 5"#),
    ("1", "优秀 优秀", r#"verdict = "不符合", clause = 5"#),
    ("6", "优秀 优秀 优秀 优秀 优秀 优秀", r#"verdict = "不符合", clause = 4"#),
];

/// A figure that several clauses rest on moves all of them, or none.
#[test]
fn another_number_of_years_in_a_row_moves_every_clause() {
    for (years, grades, expect) in IN_A_ROW {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(&folder(), copy.path());
        edit(&copy.path().join("parameters/科创平台考核.toml"), |text| {
            text.replace("value = \"3\"", &format!("value = \"{years}\""))
        });
        let assessed = |(year, grade): (usize, &str)| format!(r#"{{ "认定编号" = "RD1", "年度" = "{year}", "等级" = "{grade}" }},"#);
        let rows: String = (0..2024).rev().zip(grades.split(' ')).map(assessed).collect();
        let case = format!(
            "[[case]]\nsays = \"{years}\"\nas_of = \"2023-12-31\"\nrelated = {{ assessments = [{rows}] }}\nexpect = {{ {expect} }}\n"
        );
        let without_cases = |text: String| text.split("[[case]]").next().unwrap().to_string() + &case;
        edit(&copy.path().join("measures/42-2-platform-excellent.toml"), without_cases);
        let pipeline = loaded(copy.path());
        let measure = pipeline.measure("42-2-platform-excellent").unwrap();
        let report = cases::run(&pipeline, &[measure], 1);
        hold(&pipeline, &report);
        assert_eq!(report.cases, 1);
    }
}

fn edit(file: &Path, change: impl FnOnce(String) -> String) {
    fs::write(file, change(fs::read_to_string(file).unwrap())).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy_folder(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(drop).unwrap() }
    }
}
