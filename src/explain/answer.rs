//! What an explanation says, before it is written as text, Markdown or JSON. Every text is ready to be read; persons' numbers are masked.

use serde::Serialize;

/// Why one subject is or is not on each measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// As published.
    pub code: String,
    pub name: String,
    pub county: String,
    /// The run whose inputs this was read from.
    pub run: String,
    pub as_of: String,
    pub document: String,
    /// What whoever reads this must know first (inputs that have changed since the run).
    pub notices: Vec<String>,
    pub measures: Vec<MeasureAnswer>,
    /// Rows of this subject that were refused when they were read.
    pub rejected: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeasureAnswer {
    pub id: String,
    pub article: u32,
    pub title: String,
    pub kind: &'static str,
    pub payer: Option<String>,
    pub offices: Vec<String>,
    pub text: String,
    /// Why nothing was judged, where nothing was.
    pub nothing: Option<String>,
    pub rows: Vec<RowAnswer>,
    /// Further rows of the subject that are not explained here.
    pub more: usize,
}

/// One judged row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowAnswer {
    pub document: String,
    pub place: Place,
    pub verdict: &'static str,
    /// The first condition that is false.
    pub failing: Option<String>,
    /// That condition only picks the row: it is another measure's.
    #[serde(skip)]
    pub is_others: bool,
    /// Of a 待核实 row: the data that it lacks and who delivers them.
    pub missing: Vec<String>,
    pub conditions: Vec<Condition>,
    pub amount: Option<AmountAnswer>,
    pub settlement: Option<String>,
    pub ledger: Option<LedgerEntry>,
    pub parameters: Vec<ParameterAnswer>,
    pub facts: Vec<Derivation>,
}

/// Where a row stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The source's title.
    pub source: String,
    pub file: String,
    pub line: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// `政策有效期`, `主体状态`, or the clause's number.
    pub number: String,
    pub says: String,
    pub outcome: Outcome,
    pub tests: Vec<TestAnswer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Outcome {
    #[serde(rename = "满足")]
    Holds,
    #[serde(rename = "不满足")]
    Fails,
    #[serde(rename = "待核实")]
    Open,
    /// A parameter in it is not set: counts as met.
    #[serde(rename = "标准未定，暂不审查")]
    PutOff,
    /// The measure is out of force: nothing more was asked.
    #[serde(rename = "未审")]
    NotAsked,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TestAnswer {
    pub name: String,
    pub value: String,
    pub threshold: String,
    pub margin: Option<String>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmountAnswer {
    pub says: String,
    /// The formula with the row's numbers, and what comes out.
    pub formula: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    pub id: String,
    pub period: String,
    pub status: &'static str,
    pub before: Option<String>,
    pub cut: Option<String>,
    pub reason: String,
    pub amount: Option<String>,
    pub ceiling: Option<String>,
}

/// A dated value that the row was judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ParameterAnswer {
    pub name: String,
    /// None where nobody has set it.
    pub value: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub source: String,
    pub note: Option<String>,
}

/// A fact, what it is made of, and the rows it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Derivation {
    pub name: String,
    pub value: String,
    pub says: String,
    pub source: String,
    /// The values it is made of, `名称 值`.
    pub parts: Vec<String>,
    pub rows: Vec<RowPlace>,
    /// Further rows that are not listed.
    pub more: usize,
}

/// A row of a source with the cells that matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowPlace {
    pub place: Place,
    /// `列 值`.
    pub cells: Vec<String>,
}
