//! What a finding is about, how much it weighs, who finds it, and what a person may accept.

use crate::help::explained;
use serde::{Deserialize, Serialize};

/// 级别, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Nothing is published.
    #[serde(rename = "拦截")]
    Stop,
    /// Published; somebody should look.
    #[serde(rename = "警告")]
    Warn,
    /// Good to know.
    #[serde(rename = "提示")]
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

/// What a matter asks for; its level follows from the source that it is about and from what a person has accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Nothing is published.
    Stop,
    /// 搁置: the source is not used, as if it had not been sent; of a core source nothing is published.
    Aside,
    Warn,
    Note,
}

explained! {
    /// 规则.
    Rule for Office, shown in "fixtures/findings":

    RowsRejected = "rows.rejected" {
        means: "一个来源被拒收的行超过了允许的比例",
        why: "拒收的行太多，多半是整份文件出了问题（换了格式、错了列）；只按剩下的行计算，结果会少人少钱，所以整个来源先不采用。",
        todo: "请按拒收清单（quality/rejects.csv）改正后重新报送；确认可以只用其余各行的，调高 --max-rejects。",
    }
    SourceGone = "source.gone" {
        means: "上一次运行有数据的来源，本次没有报送或者没有一行",
        why: "当作没有数据，就会把这个来源的全部待遇撤销、把已经兑付的列为应追回；多半只是这一晚没有送到。所以整个来源先不采用，上一次的结果留在 ledger/withheld.csv。",
        todo: "请“提供部门”补报；确实不再有数据的，用 --accept source.gone:数据源 确认，原有待遇即作撤销。",
    }
    SourceMissing = "source.missing" {
        means: "本次没有收到一个需要的来源",
        why: "没有它，受影响的措施无法判定，既不算符合，也不算不符合；缺的是核心来源（登记），或者核心来源只有表头时，整次运行不发布。",
        todo: "请“提供部门”报送；确实没有数据的，报送只有表头的文件，表示“本期没有”。",
    }
    RowsFell = "rows.fell" {
        means: "一个来源接收的行比上一次运行少了一半以上",
        why: "多半是只送了一部分（少了分片、少了区县、导出中断）；照此计算会撤销一半以上的待遇，所以整个来源先不采用。",
        todo: "请核对是否报全并重新报送；确实减少的，用 --accept rows.fell:数据源 确认，或者调高 --max-drop。",
    }
    ColumnGone = "column.gone" {
        means: "上一次运行有值的非必需栏目，本次所有文件都没有或者全部为空",
        why: "这一栏全部按空格处理，要用它的条件都不再成立，待遇会成批改变；多半是导出时漏了一列，所以整个来源先不采用。",
        todo: "请补上这一栏重新报送；确实不再有的，用 --accept column.gone:数据源 确认。",
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
    ColumnRenamed = "column.renamed" {
        means: "文件缺少一个非必需的栏目，却有一个名称相近的栏目",
        why: "多半是同一栏换了写法；当作没有这一栏，要用它的条件都成为待核实，企业会因此拿不到应得的待遇，所以整个来源先不采用。",
        todo: "请改回标准名称；一直这样写的，把它加到这一栏的 aliases；不是同一栏的，写进来源文件的 ignore，或者用 --accept column.renamed:数据源 确认。",
    }
    FileUnreadable = "file.unreadable" {
        means: "一个需要的来源有文件读不出来",
        why: "不知道里面有多少行、是哪些企业；只用其余的文件，会少算待遇，也会让累计上限算错，所以整个来源先不采用。",
        todo: "请按说明里的原因处理后重新报送；不要这份文件的，用 --accept file.unreadable:数据源 确认。",
    }
    FileName = "file.name" {
        means: "有文件或文件夹的名称像是某个来源，但没有读",
        why: "名称、扩展名或位置不对的文件不会被读；如果它就是要报送的数据，就等于没有报送。",
        todo: "请按来源的名称或中文标题命名，直接放在数据文件夹里；压缩包先解开；无关的文件移走，或者用 --accept file.name:数据源 确认。",
    }
    FileUnknown = "file.unknown" {
        means: "有文件不属于任何来源，没有读",
        why: "多出的文件不影响运行；但如果它是要报送的数据，就等于没有报送。",
        todo: "无关的文件请移走；是某个来源的，请按它的名称命名，或者在它的来源文件里写 files。",
    }
    SheetLeft = "sheet.left" {
        means: "工作簿里有一个像是同一张表的工作表没有读",
        why: "它缺少必需的列，或者没有表头；里面的行多半也是要报送的，只读其余的工作表会少算，所以整个来源先不采用。",
        todo: "请把各工作表的列名改成一样，或者并成一张；确实不用的，用 --accept sheet.left:数据源 确认。",
    }
    SheetExample = "sheet.example" {
        means: "工作簿里有一个名称像填报示例的工作表，没有读",
        why: "示例里的行不是数据；但也有人把数据填在示例表里。两种可能都有，所以整个来源先不采用。",
        todo: "是示例的请删去，是数据的请改名；确实不用的，用 --accept sheet.example:数据源 确认。",
    }
    SheetHidden = "sheet.hidden" {
        means: "工作簿里有一个隐藏的工作表符合要求，没有读",
        why: "隐藏的多半是旧数据；报送的人自己也看不见它，所以不读。",
        todo: "不用的请删去；要用的请取消隐藏后重新报送。",
    }
    SheetOther = "sheet.other" {
        means: "工作簿里有别的工作表，没有读",
        why: "说明、汇总之类的工作表不影响接收。",
        todo: "不必处理；如果里面是要报送的数据，请按数据标准写表头。",
    }
    UnitTitle = "unit.title" {
        means: "文件写明的金额单位与数据标准不一样",
        why: "把万元当作元读，金额就差一万倍，所以整个来源先不采用。",
        todo: "请换算后重新报送；总是这样报送的，在来源文件里写 unit；单位只是写错的，用 --accept unit.title:数据源 确认。",
    }
    UnitConverted = "unit.converted" {
        means: "金额按来源文件写明的单位读，已准确换算成元",
        why: "来源文件写了 unit：数字按这个单位读，不舍入。",
        todo: "不必处理；文件其实不是这个单位的，请改来源文件的 unit。",
    }
    CodeNumber = "code.number" {
        means: "同一种编号在一个文件里是数字，在另一个文件里以 0 开头",
        why: "表格软件会去掉数字前面的 0：0000123 变成 123，两边就对不上。",
        todo: "请把这一列设为文本，从业务系统重新导出。",
    }
    ValueUnusual = "value.unusual" {
        means: "一列里有许多值不是常见的值",
        why: "来源文件写明了这一列常见的值；很多值不同，多半是填错或者换了口径。",
        todo: "请核对；没有错的不必处理，常见的值有变化的，改来源文件的 usual。",
    }
    DeliveredTwice = "delivered.twice" {
        means: "一个来源送了两处：两个名称、两种格式，或者既有文件又有文件夹",
        why: "各处都作为同一张表的分片读，主键相同的只收第一行；多半是新旧两份都在，留下的可能是旧的。",
        todo: "请只保留一处；分几份报送的，放进一个文件夹。",
    }
    SnapshotPartial = "snapshot.partial" {
        means: "最近一期时点数据只有少数单位报送，而上一期各单位都有",
        why: "全市的期末数取最近一期；只有个别单位先报了新一期，其余单位就成了零，余额、增速全错。",
        todo: "请等各单位报齐，或者先撤下早报的一期；确认就以这一期为期末的，用 --accept snapshot.partial:数据源 确认。",
    }
    SnapshotStale = "snapshot.stale" {
        means: "最近一期时点数据离截止日太远，或者还没有本年的时点数据",
        why: "期末数取最近一期，过期的数字不能说明截止日的情况；没有本年的时点数据时，期末不晚于年初，增速没有意义。",
        todo: "请报送最近月末的数据。",
    }
    CalendarEnds = "calendar.ends" {
        means: "工作日历不够用：有目标要用到日历以外的日子，或者日历即将用完",
        why: "日历以外的日子不能猜是不是工作日：要用它的目标为无数据，其余照常发布。",
        todo: "请按国务院办公厅的节假日安排补充工作日历（pipeline.toml 的 working_days 和它的表）。",
    }
    DataOld = "data.old" {
        means: "核心来源里没有一个日期落在截止日以前400天之内",
        why: "多半是送来了往年的文件，或者截止日写错了年份。",
        todo: "请核对数据文件夹和截止日（--as-of）。",
    }
    AsOfFuture = "as_of.future" {
        means: "截止日比今天晚一天以上",
        why: "还没有到的日子，数据不会齐；按它计算会把未来当成已经发生，所以不发布。",
        todo: "请改正 --as-of；确实要试算未来某一天的，用 --accept as_of.future 确认，这样的运行不会成为 current。",
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
    AcceptUnused = "accept.unused" {
        means: "有一项 --accept 没有对上任何可以接受的情况",
        why: "留着不用的接受，下一次会把不该接受的也放过去。",
        todo: "请从命令行或 huiqi.toml 的 accept 里去掉它；规则不能接受的，按该规则的处理建议办理。",
    }
}

impl Rule {
    /// Whether `--accept` may name it.
    pub fn may_be_accepted(self) -> bool {
        use Rule::*;
        let compares = matches!(self, SourceGone | RowsFell | ColumnGone | SnapshotPartial | AsOfFuture);
        compares || matches!(self, FileUnreadable | FileName | SheetLeft | SheetExample | UnitTitle | ColumnRenamed)
    }
}
