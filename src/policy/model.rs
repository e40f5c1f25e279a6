//! The checked, typed pipeline: what every later stage reads.
//!
//! Built only by [`super::load`]; a value of these types has been resolved and typed. Grain: one [`Measure`] is one
//! article's promise, one [`Parameter`] one dated value, one [`Fact`] one derived column (or one value for the run).

use super::indicator::{Indicator, IndicatorId};
use super::near::Near;
use crate::diagnostic::{Diagnostic, Files, Place};
use crate::money::Fen;
use crate::schema::{SourceId, Sources};
use crate::sql::ir::{Comparison, Expr, FactId, MeasureId, Node, ParameterId};
use crate::sql::resolve::Link;
use crate::value::{Type, Value};
use std::collections::BTreeMap;
use typed_index_collections::TiVec;

/// Everything a pipeline folder says.
pub struct Pipeline {
    /// Names the policy in 台账编号 (`xinzhou-2022`).
    pub policy: String,
    pub document: Document,
    /// 区划代码 → name.
    pub counties: BTreeMap<String, String>,
    pub calendar: Option<Calendar>,
    pub roles: Roles,
    /// The fact that sorts subjects by their size, where the title page names one.
    pub size: Option<FactId>,
    pub sources: Sources,
    pub facts: TiVec<FactId, Fact>,
    /// Named functions, which are opened where they are used: what each says, and its source.
    pub functions: BTreeMap<String, (String, String)>,
    pub parameters: TiVec<ParameterId, Parameter>,
    pub measures: TiVec<MeasureId, Measure>,
    pub indicators: TiVec<IndicatorId, Indicator>,
    pub settlement: Settlement,
    pub chapters: Vec<Chapter>,
    pub articles: Vec<ArticleText>,
    pub not_computed: Vec<NotComputed>,
    /// Rows that the worked cases start from: source name → column → cell.
    pub examples: BTreeMap<String, Cells>,
    pub files: Files,
    /// Findings that do not stop a run.
    pub warnings: Vec<Diagnostic>,
    /// Over every file's path and bytes.
    pub sha256: String,
    /// Path under the folder → SHA-256.
    pub hashes: BTreeMap<String, String>,
}

impl Pipeline {
    pub fn source(&self, name: &str) -> Option<SourceId> {
        self.sources.position(|s| s.name == name)
    }

    pub fn measure(&self, id: &str) -> Option<MeasureId> {
        self.measures.position(|m| m.id == id)
    }

    pub fn indicator(&self, name: &str) -> Option<IndicatorId> {
        self.indicators.position(|i| i.name == name)
    }
}

/// The title page.
#[derive(Debug, Clone)]
pub struct Document {
    pub title: String,
    pub number: String,
    pub issuer: String,
    /// Days since 1970-01-01: the day from which the document's own promises hold.
    pub effective_from: i32,
    /// A run as of a later day warns with the note.
    pub review_after: Option<(i32, String)>,
}

/// Which source plays which part; none where the pipeline has no such source.
#[derive(Debug, Clone, Copy, Default)]
pub struct Roles {
    /// Holds one row per subject that is registered.
    pub register: Option<SourceId>,
    pub payments: Option<Payments>,
}

/// The source of what was paid, one row per payment.
#[derive(Debug, Clone, Copy)]
pub struct Payments {
    pub source: SourceId,
    /// The column of 台账编号: a code.
    pub number: usize,
    /// The column of the amount: money.
    pub amount: usize,
}

/// Which days are working days: Monday to Friday, but for the days of a reference table.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub table: SourceId,
    /// The span that the table covers: of a day outside nobody knows whether it is a working day.
    pub from: i32,
    pub to: i32,
}

#[derive(Debug, Clone)]
pub struct Chapter {
    pub title: String,
    pub first: u32,
    pub last: u32,
    pub place: Place,
}

/// One article as it stands in the document.
#[derive(Debug, Clone)]
pub struct ArticleText {
    pub number: u32,
    pub title: String,
    pub text: String,
    pub offices: Vec<String>,
    pub place: Place,
}

/// A promise that no data can decide.
#[derive(Debug, Clone)]
pub struct NotComputed {
    pub article: u32,
    pub promise: String,
    pub reason: String,
    pub offices: Vec<String>,
    /// What data would make it computable.
    pub data: String,
    /// The figures it names.
    pub figures: Vec<String>,
    /// What serves it all the same (59: the match list).
    pub served_by: Option<String>,
    pub place: Place,
}

/// A derived value: per row of a source, or one for the run.
#[derive(Debug, Clone)]
pub struct Fact {
    pub name: String,
    pub per: Option<SourceId>,
    pub says: String,
    pub source_note: String,
    pub value: Expr,
    pub place: Place,
}

/// A dated value.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub name: String,
    /// The measure or indicator it belongs to; `None`: shared.
    pub measure: Option<String>,
    /// As written (`元`, `比例`).
    pub unit: String,
    pub ty: Type,
    pub keyed: bool,
    /// Read at a date of the row, not at 截止日.
    pub row_dated: bool,
    /// In the order of their dates, without overlaps.
    pub entries: Vec<Entry>,
    /// Set for this run by an overlay.
    pub overlaid: bool,
    /// The entries of the file, where an overlay has laid others over them.
    pub filed: Option<Vec<Entry>>,
    pub place: Place,
}

/// What a parameter is from one day on.
#[derive(Debug, Clone)]
pub struct Entry {
    pub from: Option<i32>,
    /// Last day, where the law or the next entry ends it.
    pub to: Option<i32>,
    pub value: Setting,
    /// The value as written, for people.
    pub written: String,
    pub source: String,
    pub note: Option<String>,
    /// The article's words that hold the figure, where the measure's own are not enough to tell it from others.
    pub words: Option<String>,
}

/// A value, or that nobody has named one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    Unset,
    One(Value),
    /// By key; a key that is not here is unset.
    Keyed(BTreeMap<String, Value>),
}

impl Parameter {
    /// What is written for a day; a dash where nothing is.
    pub fn written_on(&self, day: i32) -> &str {
        self.on(day).map(|e| e.written.as_str()).filter(|text| !text.is_empty()).unwrap_or("—")
    }

    /// The value of a day in words, with its unit: `10万元`, `25份`, `3%`; a dash where nothing is.
    pub fn words_on(&self, day: i32) -> String {
        match self.on(day).map(|e| &e.value) {
            Some(Setting::One(Value::Number(fen))) if self.ty == Type::MONEY => crate::money::in_words(*fen),
            Some(Setting::One(Value::Number(_))) if self.ty != Type::RATE => format!("{}{}", self.written_on(day), self.unit),
            _ => self.written_on(day).to_string(),
        }
    }

    /// The entry of the pipeline's own file in force on a day.
    pub fn filed_on(&self, day: i32) -> Option<&Entry> {
        let entries = self.filed.as_ref().unwrap_or(&self.entries);
        entries.iter().find(|e| e.from.is_none_or(|f| f <= day) && e.to.is_none_or(|t| day <= t))
    }

    /// The entry in force on a day.
    pub fn on(&self, day: i32) -> Option<&Entry> {
        self.entries.iter().find(|e| e.from.is_none_or(|f| f <= day) && e.to.is_none_or(|t| day <= t))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 奖补: cash.
    Grant,
    /// 争取: cash that the city only applies for, no promise of its own.
    Sought,
    /// 减免: tax relieved.
    Relief,
    /// 抵扣: income deducted, not tax.
    Deduction,
    /// 额度: a ceiling or count granted.
    Ceiling,
    /// 名单: a list.
    List,
}

impl Kind {
    pub const ALL: [(&'static str, Kind); 6] = [
        ("奖补", Kind::Grant),
        ("争取", Kind::Sought),
        ("减免", Kind::Relief),
        ("抵扣", Kind::Deduction),
        ("额度", Kind::Ceiling),
        ("名单", Kind::List),
    ];

    pub fn name(self) -> &'static str {
        Kind::ALL.iter().find(|(_, k)| *k == self).map_or("", |(n, _)| n)
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|(n, _)| *n == name).map(|(_, k)| *k)
    }

    /// Somebody pays it, or would: 出资方 is never empty.
    pub fn has_payer(self) -> bool {
        matches!(self, Kind::Grant | Kind::Sought)
    }

    /// The city owes it once it is granted: what 可兑付 and payments.csv are about.
    pub fn is_owed(self) -> bool {
        self == Kind::Grant
    }

    /// Every row has an amount, but for those whose standard nobody has named.
    pub fn has_amount(self) -> bool {
        !matches!(self, Kind::Ceiling | Kind::List)
    }
}

/// One article's rule: who is judged, by which clauses, for which amount.
#[derive(Debug, Clone)]
pub struct Measure {
    /// The file name without `.toml`.
    pub id: String,
    pub article: u32,
    pub title: String,
    pub text: String,
    pub kind: Kind,
    pub payer: Option<String>,
    pub offices: Vec<String>,
    /// 政策有效期, as a condition on the row.
    pub in_force: Option<Expr>,
    /// The dates of effect behind it.
    pub effect: Effect,
    /// One ledger row per row of this source …
    pub per: SourceId,
    /// … for which this holds.
    pub judged: Option<Expr>,
    /// Where that condition stands.
    pub judged_place: Option<Place>,
    pub subject: Subject,
    pub period: Period,
    pub clauses: Vec<Clause>,
    pub amount: Option<Amount>,
    /// 上限金额 of the ledger.
    pub ceiling: Option<Expr>,
    /// What 计算依据 says beside the amount's arithmetic, or instead of it where there is no amount.
    pub basis: Option<Note>,
    pub cap: Option<Cap>,
    pub parameters: Vec<ParameterId>,
    pub example: Example,
    pub cases: Vec<Case>,
    pub place: Place,
}

/// A text with values in it: `专票{专票份数}`, `{设立方式}`.
#[derive(Debug, Clone)]
pub struct Note(pub Vec<NotePart>);

#[derive(Debug, Clone)]
pub enum NotePart {
    Text(String),
    /// A parameter, in words with its unit.
    Parameter(ParameterId),
    /// A word of the row.
    Word(Expr),
}

/// The dates of effect: first and last day, and the day of the row that must lie between them.
#[derive(Debug, Clone)]
pub struct Effect {
    pub at: Expr,
    pub from: Option<i32>,
    pub to: Option<i32>,
    /// Where the file says so itself, and by what authority.
    pub place: Option<Place>,
    pub source: Option<String>,
    /// Set for this run by an overlay.
    pub overlaid: bool,
}

impl Effect {
    /// The condition on the row; `None` where neither day is given.
    pub fn condition(&self) -> Option<Expr> {
        let bound = |op, day: i32| {
            let day = Expr::literal(Value::Date(day), Type::Date);
            Expr::new(Node::Compare(op, Box::new(self.at.clone()), Box::new(day)), Type::Bool)
        };
        let from = self.from.map(|day| bound(Comparison::GreaterOrEqual, day));
        let parts: Vec<Expr> = from.into_iter().chain(self.to.map(|day| bound(Comparison::LessOrEqual, day))).collect();
        (!parts.is_empty()).then(|| Expr::new(Node::And(parts), Type::Bool))
    }
}

/// Who receives: the subject's code, the key to its registration, and the rule it must meet.
#[derive(Debug, Clone)]
pub struct Subject {
    /// A code or a text.
    pub code: Expr,
    /// The column it stands in, where it is one (its masking rule applies).
    pub column: Option<usize>,
    /// What leads to its registration (of a registration its own code).
    pub link: Option<Link>,
    /// 主体状态; `None`: no condition.
    pub alive: Option<Expr>,
    /// Where that condition stands.
    pub alive_place: Option<Place>,
}

impl Subject {
    /// The code of the dictionary that a row's subject goes by, where it has one.
    pub fn key(&self) -> Option<&Expr> {
        if self.code.ty == Type::Code { Some(&self.code) } else { self.link.as_ref().map(|link| &link.key) }
    }
}

/// 所属期.
#[derive(Debug, Clone)]
pub enum Period {
    /// 本年.
    RunYear,
    /// A year of the row.
    Year(Expr),
    /// Two dates of the row.
    Span(Expr, Expr),
}

#[derive(Debug, Clone)]
pub struct Clause {
    pub says: String,
    pub when: Expr,
    /// Only picks the row; failing it alone is no near miss.
    pub picks: bool,
    /// Within reach of whoever fails it alone.
    pub near: Option<Near>,
    pub place: Place,
}

#[derive(Debug, Clone)]
pub struct Amount {
    pub says: String,
    /// Yuan, exact; rounded once.
    pub value: Expr,
    pub place: Place,
}

/// A ceiling over several rows.
#[derive(Debug, Clone)]
pub struct Cap {
    pub says: String,
    /// The rows that share it.
    pub per: Vec<Expr>,
    pub limit: Expr,
    /// Who comes first.
    pub order: Vec<Expr>,
    /// What earlier years already used: yuan, each row's amount rounded, never negative.
    pub used: Option<Expr>,
}

/// Groups and envelopes that settle several measures together; off unless enabled.
#[derive(Debug, Clone, Default)]
pub struct Settlement {
    pub highest_of: Vec<HighestOf>,
    pub budgets: Vec<Budget>,
}

impl Settlement {
    /// The measures of a group or a budget; none where nothing has this name.
    pub fn members(&self, name: &str) -> &[MeasureId] {
        let group = self.highest_of.iter().find(|g| g.name == name).map(|g| &g.measures);
        group.or_else(|| self.budgets.iter().find(|b| b.name == name).map(|b| &b.measures)).map_or(&[], Vec::as_slice)
    }
}

/// Of several measures one subject gets the highest only.
#[derive(Debug, Clone)]
pub struct HighestOf {
    pub name: String,
    pub says: String,
    /// The article that it settles.
    pub article: u32,
    /// What the article says of it, or that the bureau must decide.
    pub source: String,
    pub enabled: bool,
    /// Switched for this run by an overlay.
    pub overlaid: bool,
    /// Of equals the first stands.
    pub measures: Vec<MeasureId>,
    pub cases: Vec<SettlementCase>,
    pub place: Place,
}

/// A fund with a year's money, paid in a declared order.
#[derive(Debug, Clone)]
pub struct Budget {
    pub name: String,
    pub says: String,
    pub article: u32,
    pub source: String,
    pub enabled: bool,
    pub overlaid: bool,
    /// Paid one after the other.
    pub measures: Vec<MeasureId>,
    /// Money by year; a year that is not here has no envelope.
    pub amounts: BTreeMap<i32, Fen>,
    /// Within a measure, who comes first; then by subject and row key.
    pub order: BTreeMap<MeasureId, Vec<Expr>>,
    pub cases: Vec<SettlementCase>,
    pub place: Place,
}

/// A worked case of one entry, which is switched on for it alone.
#[derive(Debug, Clone)]
pub struct SettlementCase {
    pub says: String,
    pub as_of: Option<i32>,
    /// The year's money of a budget, for this case.
    pub amounts: Option<BTreeMap<i32, Fen>>,
    pub awards: Vec<CaseAward>,
    pub place: Place,
}

/// One judged row of a measure, over that measure's example, and what must come out.
#[derive(Debug, Clone)]
pub struct CaseAward {
    pub measure: MeasureId,
    pub case: Case,
}

/// Column → cell, as a data file would write it.
pub type Cells = Vec<(String, String)>;

/// The eligible row that a measure's cases vary.
#[derive(Debug, Clone, Default)]
pub struct Example {
    pub as_of: Option<i32>,
    pub row: Cells,
    pub registration: Registration,
    pub related: Related,
    pub parameters: Vec<(String, String)>,
}

/// What stands in registrations for `$1`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Registration {
    #[default]
    Default,
    Changed(Cells),
    Absent,
}

/// Source name → rows.
pub type Related = Vec<(String, Vec<Cells>)>;

/// A worked case.
#[derive(Debug, Clone)]
pub struct Case {
    pub says: String,
    pub as_of: Option<i32>,
    pub row: Cells,
    /// Further judged rows.
    pub rows: Vec<Cells>,
    pub registration: Registration,
    pub related: Related,
    pub parameters: Vec<(String, String)>,
    /// One per row: the case's own first.
    pub expect: Vec<Expect>,
    pub place: Place,
}

impl Case {
    /// The example as it stands, expecting nothing.
    pub fn of_example(place: Place) -> Case {
        Case {
            says: String::new(),
            as_of: None,
            row: Cells::new(),
            rows: Vec::new(),
            registration: Registration::Default,
            related: Related::new(),
            parameters: Vec::new(),
            expect: Vec::new(),
            place,
        }
    }
}

/// What a case says must come out; empty parts are not looked at.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    pub verdict: Option<String>,
    pub amount: Option<String>,
    pub before: Option<String>,
    pub cut: Option<String>,
    pub clause: Option<String>,
    pub missing: Vec<String>,
    pub status: Option<String>,
    /// 核减原因.
    pub reason: Option<String>,
    /// Where it stands.
    pub place: Option<Place>,
}
