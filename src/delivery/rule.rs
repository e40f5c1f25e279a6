//! What a finding is about, and how much it weighs.

use crate::help::explained;

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

explained! {
    /// 规则.
    Rule for Office, shown in "fixtures/findings":

    SourceMissing = "source.missing" {
        means: "本次没有收到一个需要的来源",
        why: "没有它，受影响的措施无法判定，既不算符合，也不算不符合；缺的是核心来源（登记）时，整次运行不发布。",
        todo: "请“提供部门”报送；确实没有数据的，报送只有表头的文件，表示“本期没有”。",
    }
    ColumnAbsent = "column.absent" {
        means: "文件缺少一个非必需的栏目，而有措施要读它",
        why: "这一栏按空格处理：要用它的条件都成为待核实，可能有企业因此拿不到应得的待遇。",
        todo: "请补报这一栏；列名不同的，用标准名称或已登记的别名。",
    }
    ColumnUnknown = "column.unknown" {
        means: "文件里有一个数据标准没有的栏目，没有读",
        why: "多出的栏目不影响接收；但如果是列名写错，数据就等于没有报送。",
        todo: "核对列名：是某个标准栏目的，改为标准名称；确实多余的，不必处理。",
    }
    MeasureEnded = "measure.ended" {
        means: "措施的政策有效期在截止日以前已经结束",
        why: "有效期结束以后不再产生新的待遇，结果为空是正常的；如已延续而没有更新，就会漏发。",
        todo: "有新的规定延续的，请在措施文件的 in_force 中写明新的止期和依据。",
    }
    NoticeReview = "notice.review" {
        means: "截止日晚于文件需要确认是否继续有效的日期",
        why: "文件可能已经失效、修订或延续，继续按旧文件计算未必有依据。",
        todo: "请确认文件仍然有效，再修改 pipeline.toml 的 review_after。",
    }
}
