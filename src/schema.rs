//! A source as its file declares it: one table, its columns, keys and checks.
//!
//! Built only by [`crate::policy::load`]; a value of these types has been validated, so a reader may rely on every
//! index and reference. Nothing here knows any particular source: the names live in the pipeline folder.

use crate::diagnostic::{self, Diagnostic, Mistake, Place};
use crate::money::Unit;
use crate::uscc;
use crate::value::{EnumType, EnumValues, Type};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use typed_index_collections::TiVec;

/// A place in one of the pipeline's lists, which no other list takes.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(usize);

        impl From<usize> for $name {
            fn from(at: usize) -> $name {
                $name(at)
            }
        }

        impl From<$name> for usize {
            fn from(id: $name) -> usize {
                id.0
            }
        }
    };
}
pub(crate) use id;

id! {
    /// A source of the pipeline, in the order of their names.
    SourceId
}

/// Something of each source of a pipeline.
pub type BySource<T> = TiVec<SourceId, T>;

/// All sources of a pipeline, in the order of their names.
pub type Sources = BySource<Source>;

/// One table: who delivers it, how it is keyed, what each column accepts.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The name in file names, SQL and reports (`vat_returns`).
    pub name: String,
    /// The Chinese title (`增值税申报`).
    pub title: String,
    /// The office that delivers it.
    pub department: String,
    /// The run needs it: exit 4 where it is missing or set aside.
    pub core: bool,
    /// A header alone is a delivery of it, though it is core.
    pub may_be_empty: bool,
    /// It may lose most of its rows from one run to the next.
    pub may_shrink: bool,
    /// Read from the pipeline's `tables/` folder, not from the data folder.
    pub reference: bool,
    /// In the order of the file; the order of storage, not of delivery.
    pub columns: Vec<Column>,
    /// Indices of the key columns, in the order of 来源单据.
    pub primary_key: Vec<usize>,
    /// The key column that numbers versions: only the greatest is current.
    pub version: Option<usize>,
    /// The date column after which a row does not exist for a run (as a fact for other rows).
    pub dated_by: Option<usize>,
    /// The column of those who each report the state as of the days of `dated_by`.
    pub snapshot_of: Option<usize>,
    /// The column that names the row for people (`名称`).
    pub label: Option<usize>,
    /// The column of the row's county (`区划代码`).
    pub county: Option<usize>,
    /// Names of files and folders under the data folder that are delivered for it, `*` and `?` in them, beside its name and title.
    pub files: Vec<String>,
    /// Headers that nobody wants, as they stand in files: they are no columns under another name.
    pub ignore: Vec<String>,
    /// Text that means "empty" in every column, beside the empty cell itself.
    pub missing_values: Vec<String>,
    /// Fixed encoding label (`gb18030`), else detected per file.
    pub encoding: Option<String>,
    /// Fixed field delimiter, else detected per file.
    pub delimiter: Option<u8>,
}

/// The source of a name that stands at a place of a pipeline file, or that there is none.
pub fn find<'a>(names: impl Iterator<Item = &'a str> + Clone, name: &str, place: &Place) -> Result<SourceId, Diagnostic> {
    diagnostic::find("source", Mistake::UnknownSource, (name, place), names)
}

/// Every source is wanted.
pub fn all(sources: &Sources) -> BySource<bool> {
    sources.iter().map(|_| true).collect()
}

/// What sources are called, in their order.
pub fn names(sources: &Sources) -> impl Iterator<Item = &str> + Clone {
    sources.iter().map(|source| source.name.as_str())
}

impl Column {
    /// A column of which only this is said: its kind alone tells whether cells are codes of the dictionary, and whose.
    pub fn new(name: &str, kind: ColumnKind) -> Column {
        Column {
            name: name.to_string(),
            aliases: Vec::new(),
            department: None,
            required: false,
            default: None,
            references: None,
            entity: matches!(kind, ColumnKind::Uscc | ColumnKind::Id),
            personal: if kind == ColumnKind::Id { Personal::IfIdentityNumber } else { Personal::Never },
            missing_values: Vec::new(),
            unit: None,
            units: Vec::new(),
            minimum: None,
            maximum: None,
            usual: Vec::new(),
            allowed: None,
            pattern: None,
            kind,
        }
    }

    /// What its cells are once stored.
    pub fn ty(&self) -> Type {
        if self.entity { Type::Code } else { self.kind.ty() }
    }
}

impl ColumnKind {
    /// What cells of this kind are, where they are no codes of the dictionary.
    pub fn ty(&self) -> Type {
        match self {
            ColumnKind::Code | ColumnKind::Uscc | ColumnKind::Id | ColumnKind::Text => Type::Text,
            ColumnKind::Enum(values) => Type::Enum(EnumType(Arc::new(values.clone()))),
            ColumnKind::Date => Type::Date,
            ColumnKind::DateTime => Type::DateTime,
            ColumnKind::Int => Type::INT,
            ColumnKind::Money => Type::MONEY,
            ColumnKind::Rate => Type::RATE,
            ColumnKind::Decimal => Type::DECIMAL,
            ColumnKind::Bool => Type::Bool,
        }
    }
}

impl Source {
    /// 提供部门 of a column.
    pub fn department_of(&self, column: usize) -> &str {
        self.columns[column].department.as_deref().unwrap_or(&self.department)
    }

    /// The index of the column with this name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// The columns that lead to `target`, by index.
    pub fn links_to(&self, target: SourceId) -> impl Iterator<Item = usize> + '_ {
        (0..self.columns.len()).filter(move |&i| self.columns[i].references.as_ref().is_some_and(|r| r.source == target))
    }
}

/// One column: what its cells may say and how they are stored.
#[derive(Debug, Clone)]
pub struct Column {
    /// The official term, the only name used anywhere.
    pub name: String,
    /// Other headers that real exports carry.
    pub aliases: Vec<String>,
    pub kind: ColumnKind,
    /// Who fills it, where that is not who delivers the source.
    pub department: Option<String>,
    /// Never empty.
    pub required: bool,
    /// What an empty cell, or an absent column, stands for.
    pub default: Option<String>,
    /// Where the code points, if it is a key to another source.
    pub references: Option<Reference>,
    /// Stored as a dense id of the code dictionary (all uscc and id columns, and codes declared so).
    pub entity: bool,
    pub personal: Personal,
    /// Text that means "empty" here, beside the empty cell itself.
    pub missing_values: Vec<String>,
    /// What a bare number of money in it counts, where that is not the yuan (`万元`).
    pub unit: Option<Unit>,
    /// Money in this column may carry one of these suffixes (`万元`), which multiplies it.
    pub units: Vec<Unit>,
    /// Inclusive limits, as written in the file, for numbers and dates.
    pub minimum: Option<String>,
    pub maximum: Option<String>,
    /// Values that nearly all cells have, as written in the file: a file with many others is worth a look.
    pub usual: Vec<String>,
    /// Codes must be one of these (`区划代码`), with their names.
    pub allowed: Option<BTreeMap<String, String>>,
    /// Codes must match this regular expression whole (`[A-T][0-9]{2,4}`).
    pub pattern: Option<String>,
}

/// A type of spec 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnKind {
    Code,
    Uscc,
    Id,
    Text,
    /// Stored as the index into `values`.
    Enum(EnumValues),
    Date,
    DateTime,
    Int,
    /// Yuan, stored in 分.
    Money,
    /// A fraction, stored in units of 1e-8; accepts `4.35%`.
    Rate,
    /// A plain number, stored in units of 1e-8.
    Decimal,
    Bool,
}

impl ColumnKind {
    /// The word that a source file says it by.
    pub fn name(&self) -> &'static str {
        match self {
            ColumnKind::Code => "code",
            ColumnKind::Uscc => "uscc",
            ColumnKind::Id => "id",
            ColumnKind::Text => "text",
            ColumnKind::Enum(_) => "enum",
            ColumnKind::Date => "date",
            ColumnKind::DateTime => "datetime",
            ColumnKind::Int => "int",
            ColumnKind::Money => "money",
            ColumnKind::Rate => "rate",
            ColumnKind::Decimal => "decimal",
            ColumnKind::Bool => "bool",
        }
    }
}

/// A key to another source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    pub source: SourceId,
    /// A code that is not there refuses its row; otherwise it is counted and listed.
    pub strict: bool,
}

/// When a cell is a person's number and must be masked in everything published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Personal {
    Never,
    Always,
    /// Where the cell itself is an identity number (type `id`).
    IfIdentityNumber,
    /// Where another column of the row has one of these values.
    If {
        column: usize,
        is: Vec<String>,
    },
}

impl Personal {
    /// Whether a cell is a person's number; `word` says what stands in the column that the rule names, nothing where that is
    /// not known. What is not known to be an enterprise's is a person's.
    pub fn holds<'w>(&self, cell: &str, word: impl FnOnce() -> Option<Cow<'w, str>>) -> bool {
        match self {
            Personal::Never => false,
            Personal::Always => true,
            Personal::IfIdentityNumber => uscc::is_personal(cell.as_bytes()),
            Personal::If { is, .. } => uscc::is_personal(cell.as_bytes()) || word().is_none_or(|word| is.iter().any(|one| *one == word)),
        }
    }
}
