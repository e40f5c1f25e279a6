//! The notice's own indicators over a small delivery; its rows say in their numbers what they are there for.

use super::support::{Case, text};
use huiqi::policy::reach::sources_read;
use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn case() -> &'static Case {
    static CASE: OnceLock<Case> = OnceLock::new();
    CASE.get_or_init(|| Case::read(&root().join("pipelines/xinzhou-2022"), &root().join("fixtures/indicators/data")))
}

/// All tables of a day, with what is said beside them.
fn page(as_of: &str) -> String {
    let kpis = case().kpis(as_of);
    let tables = kpis.tables.iter().map(|t| format!("# {} {}\n{}\n", t.name, t.title, text(t)));
    let remarks = kpis.remarks.iter().map(|(title, said)| format!("{title}：{said}"));
    let warnings = kpis.warnings.iter().map(|w| format!("！{w}"));
    tables.chain(remarks).chain(warnings).collect::<Vec<_>>().join("\n")
}

#[test]
fn at_the_end_of_the_year() {
    assert_snapshot!(page("2022-12-31"));
}

/// 期末 is 年初: the delivery is stale, and what is compared with 年初 has no base.
#[test]
fn over_a_stale_delivery() {
    assert_snapshot!(page("2023-01-15"));
}

/// The snapshot a year earlier was never delivered.
#[test]
fn before_there_is_a_base() {
    assert_snapshot!(page("2022-06-30"));
}

/// Flows that start after January of the year before cannot show who had a loan then.
#[test]
fn over_a_short_history() {
    let data = TempDir::new().unwrap();
    for file in fs::read_dir(root().join("fixtures/indicators/data")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let kept: Vec<&str> = text.lines().filter(|line| !line.contains("2021-01-31")).collect();
        fs::write(data.path().join(path.file_name().unwrap()), kept.join("\n")).unwrap();
    }
    let kpis = Case::read(&root().join("pipelines/xinzhou-2022"), data.path()).kpis("2022-12-31");
    let tables = kpis.tables.iter().filter(|t| ["first_loans", "new_loan_rates"].contains(&t.name.as_str()));
    assert_snapshot!(tables.map(text).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn each_indicator_reads_its_own_sources() {
    let pipeline = &case().pipeline;
    let read = |name: &str| -> Vec<&str> {
        let id = pipeline.indicator(name).unwrap();
        sources_read(pipeline, &[], &[id]).into_iter().map(|s| pipeline.sources[s].name.as_str()).collect()
    };
    assert_eq!(read("new_loan_rates"), ["banks", "loan_flows"]);
    assert_eq!(read("credit_share"), ["banks", "loan_stock"]);
    assert_eq!(read("first_loans"), ["banks", "loan_flows", "loan_stock", "prior_borrowers", "registrations"]);
    let targets = read("targets");
    assert!(["calendar", "enterprise_scale", "annual_statements", "service_records"].iter().all(|s| targets.contains(s)));
    assert!(!targets.contains(&"vat_returns"));
}
