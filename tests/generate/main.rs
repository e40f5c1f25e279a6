//! `huiqi generate` at its boundary: a plan, a size and a seed in, a data folder out.

mod consistent;
mod defaults;
mod dirty;
mod plans;
mod same;

use huiqi::diagnostic;
use huiqi::generate::{self, Plan, Report};
use huiqi::policy::model::Pipeline;
use huiqi::policy::{self, Broken};
use huiqi::sources::{CheckedTables, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xinzhou-2022")
}

/// The shipped pipeline and its plan.
pub fn shipped() -> &'static (Pipeline, Plan) {
    static SHIPPED: OnceLock<(Pipeline, Plan)> = OnceLock::new();
    SHIPPED.get_or_init(|| {
        let pipeline = policy::load(&folder()).unwrap_or_else(|broken| panic!("{}", page(broken)));
        let plan = generate::load(&folder(), &pipeline).unwrap_or_else(|broken| panic!("{}", page(broken)));
        assert!(plan.warnings.is_empty(), "{}", diagnostic::render(&plan.warnings, &plan.files, false));
        (pipeline, plan)
    })
}

/// What a broken pipeline or plan prints.
pub fn page(broken: Broken) -> String {
    match broken {
        Broken::Io(path, error) => format!("{}: {error}", path.display()),
        Broken::Invalid(findings, files) => diagnostic::render(&findings, &files, false),
    }
}

/// Makes data of the shipped plan.
pub fn make(enterprises: u64, seed: u64, dirty: Option<u64>, out: &Path) -> Report {
    let (pipeline, plan) = shipped();
    generate::generate(pipeline, plan, enterprises, seed, out, dirty).expect("data")
}

/// Reads data as a run does.
pub fn checked(data: &Path) -> CheckedTables {
    let (pipeline, _) = shipped();
    read(&pipeline.sources, data, &folder().join("tables"), &huiqi::schema::all(&pipeline.sources)).expect("tables")
}

/// A file's rows: column → cell.
pub fn rows(data: &Path, source: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(data.join(format!("{source}.csv"))).expect("a file");
    reader.deserialize().collect::<Result<_, _>>().expect("rows")
}
