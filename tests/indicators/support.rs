//! A made pipeline of a few sources, and tables as text.

use huiqi::diagnostic::render;
use huiqi::explain::named;
use huiqi::facts::World;
use huiqi::indicators::{Kpi, Kpis, evaluate, figures};
use huiqi::period::parse_iso_date;
use huiqi::policy::model::Pipeline;
use huiqi::policy::{Broken, load};
use huiqi::sources::{CheckedTables, read};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A pipeline and its delivery, read.
pub struct Case {
    pub pipeline: Pipeline,
    pub tables: CheckedTables,
    _dir: Option<TempDir>,
}

impl Case {
    /// Reads a pipeline folder and a delivery, in which every row must be accepted.
    pub fn read(pipeline: &Path, data: &Path) -> Case {
        let loaded = load(pipeline).unwrap_or_else(|broken| panic!("{}", page_of(broken)));
        let wanted = huiqi::schema::all(&loaded.sources);
        let tables = read(&loaded.sources, data, &pipeline.join("tables"), &wanted).unwrap();
        assert!(tables.rejects.is_empty(), "{:#?}", tables.rejects);
        Case { pipeline: loaded, tables, _dir: None }
    }

    /// The made pipeline with this indicator, over these loans; not delivered where there are none.
    pub fn made(indicator: &str, loans: &str) -> Case {
        Case::made_over(indicator, &[("loans", loans)])
    }

    /// The made pipeline with this indicator, over the rows of these sources; not delivered where there are none.
    pub fn made_over(indicator: &str, rows: &[(&str, &str)]) -> Case {
        let dir = made_pipeline(&[("indicators/made.toml", indicator)]);
        let data = dir.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("branches.csv"), BRANCHES).unwrap();
        for (source, rows) in rows.iter().filter(|(_, rows)| !rows.is_empty()) {
            let header = HEADERS.iter().find(|(name, _)| name == source).unwrap().1;
            fs::write(data.join(format!("{source}.csv")), format!("{header}\n{}\n", rows.trim())).unwrap();
        }
        Case { _dir: Some(dir), ..Case::read(&data.join(".."), &data) }
    }

    pub fn world(&self, as_of: &str) -> World<'_> {
        World::new(&self.pipeline, &self.tables, parse_iso_date(as_of.as_bytes()).unwrap())
    }

    /// What all indicators say.
    /// The rows behind a figure of the only row of a table (by its place among the tables) that these words name.
    pub fn behind(&self, as_of: &str, table: usize, row: &str, column: &str) -> String {
        let (world, kpis) = (self.world(as_of), self.kpis(as_of));
        let [row] = named(&kpis.tables[table], row)[..] else { panic!("{row}: {:?}", kpis.tables[table]) };
        let figures = figures(&world, &kpis.tables[table], row).unwrap();
        let figure = figures.into_iter().find(|figure| figure.column == column).unwrap();
        let shown = figure.behind.iter().map(|one| {
            let rows: String = one.rows.iter().map(|row| format!(" {row}")).collect();
            format!("{}{rows}", self.pipeline.sources[one.source].name)
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    pub fn kpis(&self, as_of: &str) -> Kpis {
        let all: Vec<_> = self.pipeline.indicators.keys().collect();
        evaluate(&self.world(as_of), &all).unwrap_or_else(|(_, e)| panic!("{e}"))
    }

    /// The rows of the made indicator's table.
    pub fn table(&self, as_of: &str) -> String {
        text(&self.kpis(as_of).tables[0])
    }

    /// The rows of the table of targets.
    pub fn targets(&self, as_of: &str) -> String {
        text(self.kpis(as_of).tables.last().unwrap())
    }
}

/// A table as text, one row a line.
pub fn text(kpi: &Kpi) -> String {
    std::iter::once(&kpi.header).chain(&kpi.rows).map(|row| row.join(" | ")).collect::<Vec<_>>().join("\n")
}

/// What is wrong with the made pipeline once these files are added.
pub fn mistakes(files: &[(&str, &str)]) -> String {
    let dir = made_pipeline(files);
    match load(dir.path()) {
        Ok(_) => "nothing is wrong".to_string(),
        Err(broken) => page_of(broken),
    }
}

fn page_of(broken: Broken) -> String {
    match broken {
        Broken::Io(path, e) => format!("{}: {e}", path.display()),
        Broken::Invalid(findings, files) => render(&findings, &files, false),
    }
}

fn made_pipeline(files: &[(&str, &str)]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (path, text) in PIPELINE.iter().chain(files) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

const BRANCHES: &str = "代码,类别,优惠\nA1,甲,0.01\nA2,甲,\nB1,乙,0.02\n";

const HEADERS: [(&str, &str); 2] = [("loans", "编号,机构,客户,日期,金额,利率,通过,方式"), ("capital", "机构,年度,资本")];

const PIPELINE: [(&str, &str); 11] = [
    (
        "pipeline.toml",
        r#"
policy = "made"
[document]
title = "示例办法"
number = "示例〔2022〕1号"
effective_from = "2022-01-01"
[working_days]
table = "days"
from = "2022-01-01"
to = "2022-12-31"
"#,
    ),
    (
        "articles/made.toml",
        r#"
[[article]]
number = 2
title = "二"
text = "二"
offices = ["甲局"]
[[article]]
number = 10
title = "十"
text = "十"
offices = ["甲局", "乙局"]
"#,
    ),
    (
        "sources/days.toml",
        r#"
name = "days"
title = "工作日"
primary_key = ["日期"]
reference = true
[[column]]
name = "日期"
type = "date"
required = true
[[column]]
name = "工作日"
type = "bool"
required = true
"#,
    ),
    ("tables/days.csv", "日期,工作日\n2022-12-30,否\n2022-12-31,是\n"),
    (
        "sources/capital.toml",
        r#"
name = "capital"
title = "资本"
primary_key = ["机构", "年度"]
[[column]]
name = "机构"
type = "code"
required = true
references = "branches"
strict = true
[[column]]
name = "年度"
type = "int"
required = true
[[column]]
name = "资本"
type = "money"
[[column]]
name = "方式"
type = "text"
"#,
    ),
    (
        "sources/branches.toml",
        r#"
name = "branches"
title = "网点"
primary_key = ["代码"]
[[column]]
name = "代码"
type = "code"
required = true
[[column]]
name = "类别"
type = "enum"
values = ["甲", "乙"]
required = true
[[column]]
name = "优惠"
type = "rate"
"#,
    ),
    (
        "sources/loans.toml",
        r#"
name = "loans"
title = "贷款"
primary_key = ["编号"]
dated_by = "日期"
[[column]]
name = "编号"
type = "code"
required = true
[[column]]
name = "机构"
type = "code"
required = true
references = "branches"
strict = true
[[column]]
name = "客户"
type = "code"
entity = true
[[column]]
name = "日期"
type = "date"
required = true
[[column]]
name = "金额"
type = "money"
[[column]]
name = "利率"
type = "rate"
[[column]]
name = "通过"
type = "bool"
[[column]]
name = "方式"
type = "enum"
values = ["信用", "抵押"]
"#,
    ),
    (
        "facts/优惠网点.toml",
        r#"
name = "优惠网点"
per = "branches"
says = "有优惠"
value = "优惠 > 0"
"#,
    ),
    (
        "facts/有资本.toml",
        r#"
name = "有资本"
args = []
says = "有资本"
value = "EXISTS (SELECT * FROM capital c WHERE c.机构 = this.机构)"
"#,
    ),
    (
        "facts/占比.toml",
        r#"
name = "占比"
args = ["部分", "全部"]
says = "部分占全部"
value = "部分 / 全部"
"#,
    ),
    (
        "parameters/目标.toml",
        r#"
"占比目标" = { unit = "比例", values = [{ from = "2022-01-01", value = "30%", source = "示例" }] }
"#,
    ),
];
