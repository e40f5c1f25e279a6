//! What a finding is about, and how much it weighs.

/// 级别, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 拦截: nothing is published.
    Stop,
    /// 警告: published; somebody should look.
    Warn,
    /// 提示: good to know.
    Note,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Stop => "拦截",
            Level::Warn => "警告",
            Level::Note => "提示",
        }
    }
}

/// 规则.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Nothing was sent for a needed source.
    SourceMissing,
    /// A file lacks an optional column that a wanted measure reads.
    ColumnAbsent,
    /// A file has a column that its source does not have.
    ColumnUnknown,
    /// A wanted measure's last day is before 截止日.
    MeasureEnded,
    /// The notice's review day is before 截止日.
    NoticeReview,
}

impl Rule {
    /// As it stands in 规则.
    pub fn code(self) -> &'static str {
        match self {
            Rule::SourceMissing => "source.missing",
            Rule::ColumnAbsent => "column.absent",
            Rule::ColumnUnknown => "column.unknown",
            Rule::MeasureEnded => "measure.ended",
            Rule::NoticeReview => "notice.review",
        }
    }
}
