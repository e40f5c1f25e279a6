//! Looks at a delivery as a whole, before anything is decided: one finding per matter that somebody should know, and which sources
//! cannot be trusted and are set aside.
//!
//! Guarantees: findings follow from the delivery, the pipeline, the options of the run and the run before alone, and stand in a total
//! order. A source is used whole or not at all. Never does: decide about money, or change a row. Bad cells are no findings: their rows
//! are rejects. Read next: [`rule::Rule`].

mod accept;
mod before;
mod cells;
mod columns;
mod days;
mod files;
mod ratio;
mod rule;
mod sent;
mod sheets;
mod snapshots;

pub use accept::Accept;
pub use before::{Before, Known, known};
pub use days::Lack;
pub use ratio::Ratio;
pub use rule::{Level, Rule, Weight};

use crate::policy::indicator::IndicatorId;
use crate::policy::model::Pipeline;
use crate::policy::reach::{self, Reach};
use crate::schema::{BySource, Source, SourceId, Sources};
use crate::sources::{self, CheckedTables, ReadError};
use crate::sql::ir::MeasureId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One line of `quality/findings.csv`, as manifest.json has it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    pub level: Level,
    /// The rule's code.
    pub rule: String,
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
    /// Per source: the run uses it.
    pub sources: &'w BySource<bool>,
    /// 截止日.
    pub as_of: i32,
    /// The machine's day.
    pub today: i32,
    pub limits: Limits,
    /// What a person has accepted.
    pub accepts: &'w [Accept],
}

/// What a delivery may lack without being held up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The share of a source's rows that may be refused.
    pub max_rejects: Ratio,
    /// The share of a source's rows that may be gone since the run before.
    pub max_drop: Ratio,
}

impl Limits {
    pub const DEFAULT: Limits =
        Limits { max_rejects: Ratio { numerator: 5, denominator: 100 }, max_drop: Ratio { numerator: 5, denominator: 10 } };
}

/// What was found, and what of the delivery is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// In the order of 级别, 规则, 数据源, 文件, 位置.
    pub findings: Vec<Finding>,
    pub taken: Taken,
}

/// How the sources of a delivery are taken that are not taken as they came, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Set aside: as if they had not been sent.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aside: BTreeSet<String>,
    /// Not sent, and accepted as empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub empty: BTreeSet<String>,
}

/// Looks at a delivery; `before` is what the run before knew, where there is one to compare with.
pub fn look(wanted: &Wanted<'_>, data: &CheckedTables, before: Option<&Before>) -> Looked {
    looked(&Look { wanted, data, before, readers: Readers::of(wanted), lacks: &[] }, Rule::ALL)
}

/// Adds what only shows once the indicators are computed.
pub fn look_again(wanted: &Wanted<'_>, data: &CheckedTables, lacks: &[Lack], looked_before: &mut Looked) {
    if lacks.is_empty() {
        return;
    }
    let code = Rule::CalendarEnds.code();
    let found = looked(&Look { wanted, data, before: None, readers: Readers::of(wanted), lacks }, &[Rule::CalendarEnds]);
    looked_before.findings.retain(|finding| finding.rule != code);
    looked_before.findings.extend(found.findings);
    looked_before.findings.sort_by(|a, b| a.order().cmp(&b.order()));
}

fn looked(look: &Look<'_>, rules: &[Rule]) -> Looked {
    let mut found = Found { look, looked: Looked::default(), met: vec![false; look.wanted.accepts.len()] };
    rules.iter().for_each(|rule| finder(*rule)(look, &mut found));
    let mut looked = found.looked;
    looked.findings.sort_by(|a, b| a.order().cmp(&b.order()));
    looked
}

/// Finds what one rule is about.
type Finder = fn(&Look<'_>, &mut Found<'_, '_>);

/// What finds a rule: an entry in [`rule`] and one function.
fn finder(rule: Rule) -> Finder {
    match rule {
        Rule::RowsRejected => sent::rejected,
        Rule::SourceMissing => sent::missing,
        Rule::SourceGone => sent::gone,
        Rule::RowsFell => sent::fell,
        Rule::ColumnGone => columns::gone,
        Rule::ColumnAbsent => columns::absent,
        Rule::ColumnUnknown => columns::unknown,
        Rule::ColumnRenamed => columns::renamed,
        Rule::FileUnreadable => files::unreadable,
        Rule::FileName => files::name,
        Rule::FileUnknown => files::unknown,
        Rule::SheetLeft => sheets::left,
        Rule::SheetExample => sheets::example,
        Rule::SheetHidden => sheets::hidden,
        Rule::SheetOther => sheets::other,
        Rule::UnitTitle => cells::unit_title,
        Rule::UnitConverted => cells::unit_converted,
        Rule::CodeNumber => cells::code_number,
        Rule::ValueUnusual => cells::unusual,
        Rule::DeliveredTwice => files::twice,
        Rule::SnapshotPartial => snapshots::partial,
        Rule::SnapshotStale => snapshots::stale,
        Rule::CalendarEnds => days::calendar,
        Rule::DataOld => days::old,
        Rule::AsOfFuture => days::future,
        Rule::MeasureEnded => days::ended,
        Rule::NoticeReview => days::review,
        Rule::AcceptUnused => unused,
    }
}

/// All that a rule may look at.
struct Look<'l> {
    wanted: &'l Wanted<'l>,
    data: &'l CheckedTables,
    /// For ◀ rules: absent for first and partial runs.
    before: Option<&'l Before>,
    readers: Readers,
    /// What the indicators lacked, once they are computed.
    lacks: &'l [Lack],
}

impl<'l> Look<'l> {
    /// The delivered sources that the run uses.
    fn sources(&self) -> impl Iterator<Item = (SourceId, &'l Source)> + use<'l> {
        let wanted = self.wanted;
        wanted.pipeline.sources.iter_enumerated().filter(|(id, source)| !source.reference && wanted.sources[*id])
    }

    /// Whether a person has accepted what a rule finds of a source.
    fn accepts(&self, rule: Rule, source: &Source) -> bool {
        let meets = |accept: &Accept| accept.rule == rule && accept.source.as_ref().is_none_or(|name| *name == source.name);
        self.wanted.accepts.iter().any(meets)
    }

    /// Accepted rows of a source.
    fn rows(&self, id: SourceId) -> u64 {
        self.data.tables[id].as_ref().map_or(0, |table| table.frame.height() as u64)
    }

    /// A finding about the run as a whole, with nobody in particular to help, until more is said.
    fn finding(&self, rule: Rule, says: String, advice: String) -> Finding {
        let (source, file, place, department) = Default::default();
        let rule = rule.code().to_string();
        Finding { level: Level::Note, rule, source, file, place, says, count: None, affected: Vec::new(), advice, department }
    }

    /// A finding about a source.
    fn of_source(&self, rule: Rule, id: SourceId, says: String, advice: String) -> Finding {
        let source = &self.wanted.pipeline.sources[id];
        let (name, department) = (source.name.clone(), source.department.clone());
        Finding { source: name, department, affected: self.readers.of_source(id), ..self.finding(rule, says, advice) }
    }

    /// A finding about a column of a source.
    fn of_column(&self, rule: Rule, id: SourceId, column: usize, says: String, advice: String) -> Finding {
        let source = &self.wanted.pipeline.sources[id];
        Finding {
            place: source.columns[column].name.clone(),
            affected: self.readers.of_column(id, column),
            department: source.department_of(column).to_string(),
            ..self.of_source(rule, id, says, advice)
        }
    }
}

/// What has been found so far.
struct Found<'f, 'l> {
    look: &'f Look<'l>,
    looked: Looked,
    /// Per accept: it met something.
    met: Vec<bool>,
}

impl Found<'_, '_> {
    /// Adds a finding that may not be accepted, or whose acceptance changes nothing but its level.
    fn add(&mut self, weight: Weight, finding: Finding) {
        self.add_or_accept(weight, finding);
    }

    /// Adds a finding with the level that its weight has for its source, and sets that source aside where it asks for it. Says
    /// whether a person has accepted it.
    fn add_or_accept(&mut self, weight: Weight, mut finding: Finding) -> bool {
        let wanted = self.look.wanted;
        let source = wanted.pipeline.source(&finding.source);
        let is_core = source.is_some_and(|id| wanted.pipeline.sources[id].core);
        let accepted = matches!(weight, Weight::Stop | Weight::Aside) && self.is_accepted(&finding);
        finding.level = match weight {
            Weight::Note => Level::Note,
            Weight::Stop if !accepted => Level::Stop,
            Weight::Aside if !accepted && is_core => Level::Stop,
            _ => Level::Warn,
        };
        if accepted {
            finding.says.push_str("（已接受）");
        } else if let (Weight::Aside, Some(id)) = (weight, source)
            && self.look.data.tables[id].is_some()
        {
            self.looked.taken.aside.insert(finding.source.clone());
        }
        self.looked.findings.push(finding);
        accepted
    }

    fn is_accepted(&mut self, finding: &Finding) -> bool {
        let accepts = self.look.wanted.accepts.iter().zip(&mut self.met);
        let meets = accepts.filter(|(accept, _)| accept.meets(finding)).map(|(_, met)| *met = true);
        meets.count() > 0
    }
}

/// Accepts that met nothing. It comes last.
fn unused(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let unmet: Vec<&Accept> = look.wanted.accepts.iter().zip(&found.met).filter(|(_, met)| !**met).map(|(accept, _)| accept).collect();
    for accept in unmet {
        let may = if accept.rule.may_be_accepted() { "本次没有这样的情况" } else { "这个规则不能接受" };
        let says = format!("接受 {accept} 没有用上：{may}");
        let finding = look.finding(Rule::AcceptUnused, says, "请从命令行或 huiqi.toml 的 accept 里去掉它".to_string());
        found.add(Weight::Note, Finding { place: accept.to_string(), ..finding });
    }
}

impl Taken {
    /// And so as well.
    pub fn also(&mut self, other: &Taken) {
        self.aside.extend(other.aside.iter().cloned());
        self.empty.extend(other.empty.iter().cloned());
    }

    /// Takes the sources of a delivery so.
    pub fn apply(&self, sources: &Sources, data: &mut CheckedTables) -> Result<(), ReadError> {
        for (id, source) in sources.iter_enumerated() {
            if self.aside.contains(&source.name) {
                data.tables[id] = None;
            } else if self.empty.contains(&source.name) && data.tables[id].is_none() {
                data.tables[id] = Some(sources::empty(source)?);
            }
        }
        Ok(())
    }
}

impl Finding {
    fn order(&self) -> (Level, &str, &str, &str, &str, &str) {
        (self.level, &self.rule, &self.source, &self.file, &self.place, &self.says)
    }

    /// The finding in one line, for a log or a terminal.
    pub fn line(&self) -> String {
        let about = [self.level.name(), &self.rule, &self.source, &self.file, &self.place];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        format!("{}: {}；{}", about.join(" "), self.says, self.advice)
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
