//! Looks at a delivery as a whole, before anything is decided: one finding per matter that somebody should know.
//!
//! Guarantees: findings depend on the delivery, the pipeline and the day of the run alone, and stand in a total order.
//! Never does: decide about money, or change a table. Bad cells are no findings: their rows are rejects.
//! Read next: [`rule::Rule`].

mod columns;
mod rule;

pub use rule::{Level, Rule};

use crate::period;
use crate::policy::indicator::IndicatorId;
use crate::policy::model::Pipeline;
use crate::policy::reach::{self, Reach};
use crate::schema::SourceId;
use crate::sources::CheckedTables;
use crate::sql::ir::MeasureId;

/// One line of `quality/findings.csv`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    pub rule: Rule,
    /// 数据源; empty where it is about none.
    pub source: String,
    /// 文件, as the delivery names it.
    pub file: String,
    /// 位置: a column, a sheet, a measure.
    pub place: String,
    /// 说明.
    pub says: String,
    /// 数量: of rows, where the matter has some.
    pub count: Option<u64>,
    /// 影响措施: the wanted measures and indicators that it may change, by id and name.
    pub affected: Vec<String>,
    /// 处理建议: one sentence that the office can act on.
    pub advice: String,
    /// 提供部门 of the source or the column.
    pub department: String,
}

/// What a run wants to know of a delivery.
pub struct Wanted<'w> {
    pub pipeline: &'w Pipeline,
    pub measures: &'w [MeasureId],
    pub indicators: &'w [IndicatorId],
    /// 截止日.
    pub as_of: i32,
}

/// All findings of a delivery, in the order of 级别, 规则, 数据源, 文件, 位置.
pub fn findings(wanted: &Wanted<'_>, data: &CheckedTables) -> Vec<Finding> {
    let readers = Readers::of(wanted);
    let mut found = Vec::new();
    missing_sources(wanted, data, &readers, &mut found);
    columns::look(wanted, data, &readers, &mut found);
    ended_measures(wanted, &mut found);
    review(wanted, &mut found);
    found.sort_by(|a, b| a.order().cmp(&b.order()));
    found
}

impl Finding {
    /// About the run as a whole, with nobody in particular to help, until more is said.
    fn new(level: Level, rule: Rule, says: String, advice: String) -> Finding {
        let (source, file, place, department) = Default::default();
        Finding { level, rule, source, file, place, says, count: None, affected: Vec::new(), advice, department }
    }

    fn order(&self) -> (Level, &str, &str, &str, &str) {
        (self.level, self.rule.code(), &self.source, &self.file, &self.place)
    }
}

/// What every wanted measure and indicator reads.
struct Readers(Vec<(String, Reach)>);

impl Readers {
    fn of(wanted: &Wanted<'_>) -> Readers {
        let pipeline = wanted.pipeline;
        let measure = |&m: &MeasureId| (pipeline.measures[m].id.clone(), reach::reach(pipeline, &[m], &[]));
        let indicator = |&i: &IndicatorId| (pipeline.indicators[i].name.clone(), reach::reach(pipeline, &[], &[i]));
        Readers(wanted.measures.iter().map(measure).chain(wanted.indicators.iter().map(indicator)).collect())
    }

    fn of_source(&self, source: SourceId) -> Vec<String> {
        self.named(|reach| reach.sources.contains(&source))
    }

    fn of_column(&self, source: SourceId, column: usize) -> Vec<String> {
        self.named(|reach| reach.columns.contains(&(source, column)))
    }

    fn named(&self, reads: impl Fn(&Reach) -> bool) -> Vec<String> {
        self.0.iter().filter(|(_, reach)| reads(reach)).map(|(name, _)| name.clone()).collect()
    }
}

/// Needed sources of which nothing was sent.
fn missing_sources(wanted: &Wanted<'_>, data: &CheckedTables, readers: &Readers, found: &mut Vec<Finding>) {
    for (id, source) in wanted.pipeline.sources.iter_enumerated() {
        let affected = readers.of_source(id);
        if source.reference || affected.is_empty() || data.tables[id].is_some() {
            continue;
        }
        found.push(Finding {
            source: source.name.clone(),
            affected,
            department: source.department.clone(),
            ..Finding::new(
                if source.core { Level::Stop } else { Level::Note },
                Rule::SourceMissing,
                format!("没有收到{}", source.title),
                format!("请报送{}（{}）；没有报送以前，受影响的措施为未提供数据", source.title, source.name),
            )
        });
    }
}

/// Measures whose last day is over: they find nobody.
fn ended_measures(wanted: &Wanted<'_>, found: &mut Vec<Finding>) {
    for measure in wanted.measures.iter().map(|&m| &wanted.pipeline.measures[m]) {
        let Some(last) = measure.effect.to.filter(|last| *last < wanted.as_of) else { continue };
        found.push(Finding {
            place: measure.id.clone(),
            affected: vec![measure.id.clone()],
            ..Finding::new(
                Level::Note,
                Rule::MeasureEnded,
                format!("{}的政策有效期至 {}", measure.title, period::format_date(last)),
                "有新的规定延续的，请改措施文件的 in_force".to_string(),
            )
        });
    }
}

/// The notice may have lapsed.
fn review(wanted: &Wanted<'_>, found: &mut Vec<Finding>) {
    let document = &wanted.pipeline.document;
    if let Some((day, note)) = document.review_after.as_ref().filter(|(day, _)| wanted.as_of > *day) {
        found.push(Finding {
            place: document.number.clone(),
            ..Finding::new(
                Level::Note,
                Rule::NoticeReview,
                format!("截止日晚于 {}：{note}", period::format_date(*day)),
                "请确认文件仍然有效，再改 pipeline.toml 的 review_after".to_string(),
            )
        });
    }
}
