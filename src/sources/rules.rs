//! Why a row, or a whole file, is refused: one stable code per rule and a reason that a clerk can act on.
//!
//! Codes never change their meaning; reasons may be worded better. All wording lives here.

use crate::money::NumberFault;
use crate::period::DateFault;
use crate::policy::source::{Column, ColumnKind};
use crate::uscc::{IdentityFault, UsccFault};

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// A rule that a file, a record or a cell can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rule { $($(#[$doc])* $name,)* }

        impl Rule {
            /// Every rule, in the order of this file.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// The code in quality/rejects.csv.
            pub fn code(self) -> &'static str {
                match self { $(Rule::$name => $code,)* }
            }
        }
    };
}

rules! {
    /// No header row with the required columns was found.
    FileHeader = "file.header",
    /// Two columns of the file stand for the same column of the source.
    FileHeaderTwice = "file.header_twice",
    /// A link that leads out of the data folder, or no file at all.
    FileLink = "file.link",
    /// A compressed file that cannot be unpacked.
    FileUnreadable = "file.unreadable",
    /// Unpacks to more than a table can sensibly be.
    FileBomb = "file.bomb",
    /// A package that declares to unpack to more than that.
    FileDeclaredSize = "file.declared_size",
    /// A package that declares to unpack to far more than its size.
    FileRatio = "file.ratio",
    /// A sheet of more cells than a table can sensibly have.
    FileDimension = "file.dimension",

    /// A quote that is never closed, or stands inside a cell.
    RowQuote = "row.quote",
    RowNul = "row.nul",
    /// Bytes that are no text in the file's encoding.
    RowBytes = "row.bytes",
    RowSize = "row.size",
    /// More or fewer cells than the header.
    RowFields = "row.fields",
    /// The header again.
    RowHeader = "row.header",

    /// A formula without a value.
    CellFormula = "cell.formula",
    /// A formula whose value is an error.
    CellError = "cell.error",
    /// A number with more digits than a workbook keeps.
    CellDigits = "cell.digits",

    ValueRequired = "value.required",
    LimitMinimum = "limit.minimum",
    LimitMaximum = "limit.maximum",

    CodeAllowed = "code.allowed",
    /// A code that a spreadsheet would run, or with a control character.
    CodeFormula = "code.formula",
    CodePattern = "code.pattern",
    UsccRegistrationNumber = "uscc.registration_number",
    UsccOldRegistrationNumber = "uscc.old_registration_number",
    UsccOrganisationCode = "uscc.organisation_code",
    UsccIdentityNumber = "uscc.identity_number",
    UsccLength = "uscc.length",
    UsccAlphabet = "uscc.alphabet",
    UsccCheck = "uscc.check",
    IdBirthDate = "id.birth_date",
    IdCheck = "id.check",
    IdOldNumber = "id.old_number",

    EnumValue = "enum.value",
    BoolValue = "bool.value",
    DateForm = "date.form",
    DateDay = "date.day",
    DateTimeForm = "datetime.form",
    DateTimeMoment = "datetime.moment",

    IntForm = "int.form",
    IntGrouping = "int.grouping",
    IntScientific = "int.scientific",
    IntUnit = "int.unit",
    IntScale = "int.scale",
    IntRange = "int.range",
    MoneyForm = "money.form",
    MoneyGrouping = "money.grouping",
    MoneyScientific = "money.scientific",
    MoneyUnit = "money.unit",
    MoneyCurrency = "money.currency",
    MoneyScale = "money.scale",
    MoneyRange = "money.range",
    RateForm = "rate.form",
    RateGrouping = "rate.grouping",
    RateScientific = "rate.scientific",
    RateUnit = "rate.unit",
    RateScale = "rate.scale",
    RateRange = "rate.range",
    DecimalForm = "decimal.form",
    DecimalGrouping = "decimal.grouping",
    DecimalScientific = "decimal.scientific",
    DecimalUnit = "decimal.unit",
    DecimalScale = "decimal.scale",
    DecimalRange = "decimal.range",

    KeyDuplicate = "key.duplicate",
    /// A strict key that its source does not hold.
    KeyUnknown = "key.unknown",
}

impl Rule {
    /// The rule that a number of this type breaks.
    pub fn of_number(kind: &ColumnKind, fault: NumberFault) -> Rule {
        let [form, grouping, scientific, unit, scale, range] = match kind {
            ColumnKind::Money => {
                [Rule::MoneyForm, Rule::MoneyGrouping, Rule::MoneyScientific, Rule::MoneyUnit, Rule::MoneyScale, Rule::MoneyRange]
            }
            ColumnKind::Rate => {
                [Rule::RateForm, Rule::RateGrouping, Rule::RateScientific, Rule::RateUnit, Rule::RateScale, Rule::RateRange]
            }
            ColumnKind::Decimal => [
                Rule::DecimalForm,
                Rule::DecimalGrouping,
                Rule::DecimalScientific,
                Rule::DecimalUnit,
                Rule::DecimalScale,
                Rule::DecimalRange,
            ],
            _ => [Rule::IntForm, Rule::IntGrouping, Rule::IntScientific, Rule::IntUnit, Rule::IntScale, Rule::IntRange],
        };
        match fault {
            NumberFault::Form => form,
            NumberFault::Grouping => grouping,
            NumberFault::Scientific => scientific,
            NumberFault::Unit => unit,
            NumberFault::Currency if *kind == ColumnKind::Money => Rule::MoneyCurrency,
            NumberFault::Currency => unit,
            NumberFault::Scale => scale,
            NumberFault::Range => range,
        }
    }

    pub fn of_date(fault: DateFault) -> Rule {
        match fault {
            DateFault::Form => Rule::DateForm,
            DateFault::NoSuchDay => Rule::DateDay,
        }
    }

    pub fn of_moment(fault: DateFault) -> Rule {
        match fault {
            DateFault::Form => Rule::DateTimeForm,
            DateFault::NoSuchDay => Rule::DateTimeMoment,
        }
    }

    pub fn of_uscc(fault: UsccFault) -> Rule {
        match fault {
            UsccFault::RegistrationNumber => Rule::UsccRegistrationNumber,
            UsccFault::OldRegistrationNumber => Rule::UsccOldRegistrationNumber,
            UsccFault::OrganisationCode => Rule::UsccOrganisationCode,
            UsccFault::IdentityNumber => Rule::UsccIdentityNumber,
            UsccFault::Length => Rule::UsccLength,
            UsccFault::Alphabet => Rule::UsccAlphabet,
            UsccFault::CheckCharacter => Rule::UsccCheck,
        }
    }

    pub fn of_identity(fault: IdentityFault) -> Rule {
        match fault {
            IdentityFault::Form => Rule::UsccAlphabet,
            IdentityFault::BirthDate => Rule::IdBirthDate,
            IdentityFault::CheckDigit => Rule::IdCheck,
        }
    }

    /// What is wrong and what to do. `note` is what only the place knows: a count, another line, the missing columns.
    pub fn reason(self, column: Option<&Column>, note: &str) -> String {
        match self {
            Rule::FileHeader => format!("没有找到表头，或表头缺少必需的列：{note}；整份文件未接收，请补齐后重新报送"),
            Rule::FileHeaderTwice => format!("表头中有两列都对应“{note}”，无法判断以哪一列为准；整份文件未接收，请只保留一列"),
            Rule::FileLink => "这是指向数据文件夹以外的链接，或不是普通文件，未读取；请报送文件本身".into(),
            Rule::FileUnreadable => {
                format!("文件损坏，无法读取（{note}）；整份文件未接收，请重新导出后报送")
            }
            Rule::FileBomb => format!("文件展开后过大（{note}），疑似压缩炸弹；整份文件未接收"),
            Rule::FileDeclaredSize => format!("文件声明的展开大小过大（{note}），疑似压缩炸弹；整份文件未接收"),
            Rule::FileRatio => format!("文件的压缩比过高（{note}），疑似压缩炸弹；整份文件未接收"),
            Rule::FileDimension => format!("工作表过大（{note}）；整份文件未接收，请删除表格以外的单元格后重新报送"),
            Rule::RowQuote => "双引号不成对，或出现在未加引号的单元格中间；含引号的内容须整格加引号，内部引号写成两个".into(),
            Rule::RowNul => "本行含有空字符（NUL）；文件可能在传输中损坏，请重新导出本行".into(),
            Rule::RowBytes => "本行含有不属于文件编码的字节；请以 UTF-8 或 GB18030 重新导出本行".into(),
            Rule::RowSize => {
                format!("本行过长（{note}），超过 1 MiB；请检查引号是否成对、内容是否误粘贴")
            }
            Rule::RowFields => format!("{note}；请检查是否错列、缺列或单元格中有未加引号的分隔符"),
            Rule::RowHeader => "本行重复了表头；请删除".into(),
            Rule::KeyDuplicate => {
                format!("主键重复，首次出现在{note}；只接收第一行，请核对后保留一行")
            }
            _ => self.cell_reason(column, note),
        }
    }

    fn cell_reason(self, column: Option<&Column>, note: &str) -> String {
        let limit = |limit: fn(&Column) -> &Option<String>| column.and_then(|c| limit(c).clone()).unwrap_or_default();
        match self {
            Rule::CellFormula => "单元格是公式，但没有计算结果；请在 Excel 中打开、重新计算并保存，或改为数值".into(),
            Rule::CellError => "单元格是公式错误值；请更正公式，或改为数值".into(),
            Rule::CellDigits => "数字超过15位，末尾数字已丢失；请把单元格设为文本后重新填写".into(),
            Rule::ValueRequired => "必填项为空；请补填".into(),
            Rule::LimitMinimum => format!("小于允许的最小值 {}", limit(|c| &c.minimum)),
            Rule::LimitMaximum => format!("大于允许的最大值 {}", limit(|c| &c.maximum)),
            Rule::CodeAllowed => "代码不在允许的代码表中；请按代码表填写".into(),
            Rule::CodeFormula => "以 =、+、-、@ 开头，或含有控制字符：表格软件会把它当作公式运行；请填写原来的编号".into(),
            Rule::CodePattern => format!("代码格式不符（应为 {}）；请核对", limit(|c| &c.pattern)),
            Rule::UsccRegistrationNumber => "这是15位的旧工商注册号，不是18位统一社会信用代码；请换成统一社会信用代码".into(),
            Rule::UsccOldRegistrationNumber => "这是13位的旧注册号，不是18位统一社会信用代码；请换成统一社会信用代码".into(),
            Rule::UsccOrganisationCode => "这是9位的组织机构代码，不是18位统一社会信用代码；请换成统一社会信用代码".into(),
            Rule::UsccIdentityNumber => "这是居民身份证号码，此处须填统一社会信用代码".into(),
            Rule::UsccLength => "不是18位统一社会信用代码；请核对位数".into(),
            Rule::UsccAlphabet => "含有统一社会信用代码不使用的字符（只用数字和除 I、O、S、V、Z 以外的大写字母）；请核对".into(),
            Rule::UsccCheck => "统一社会信用代码的校验码不符，至少有一位写错；请按营业执照核对".into(),
            Rule::IdBirthDate => "身份证号码中的出生日期不存在或不在19xx、20xx年；请核对".into(),
            Rule::IdCheck => "身份证号码的校验码不符，至少有一位写错；请按证件核对".into(),
            Rule::IdOldNumber => "这是15位的旧身份证号码；请换成18位号码".into(),
            Rule::EnumValue => format!("不是规定的选项；应为：{}", options(column)),
            Rule::BoolValue => "应填 是 或 否（也可用 true/false、1/0、Y/N）".into(),
            Rule::DateForm => "不是日期；请写成 2022-01-05（也可用 2022/1/5、20220105、2022年1月5日）".into(),
            Rule::DateDay => "没有这一天；请核对年月日".into(),
            Rule::DateTimeForm => "不是日期时间；请写成 2022-01-05 09:30 或 2022-01-05 09:30:00".into(),
            Rule::DateTimeMoment => "没有这一天或这一时刻；请核对".into(),
            Rule::KeyUnknown => format!("代码不在“{note}”中；请先补报该名录或更正代码"),
            _ => self.number_reason(),
        }
    }

    fn number_reason(self) -> String {
        use Rule::*;
        match self {
            IntForm => "不是整数；请只填数字",
            MoneyForm => "不是金额；请填以元为单位的数字",
            RateForm => "不是比率；请写成 0.0435 或 4.35%",
            DecimalForm => "不是数字；请只填数字",
            IntGrouping | MoneyGrouping => "千分位逗号的位置不对；请去掉逗号或每三位一个",
            RateGrouping | DecimalGrouping => "此列不能带千分位逗号；请去掉逗号",
            IntScientific | MoneyScientific | RateScientific | DecimalScientific => {
                "是科学计数法，末尾数字可能已丢失；请把单元格设为文本或数值后重新导出"
            }
            IntUnit | DecimalUnit => "数字后带有单位或其他文字；请只填数字",
            MoneyUnit => "带有此列未约定的单位；请换算成元后只填数字",
            MoneyCurrency => "是外币金额，此列只收人民币；请折算成人民币后填写",
            RateUnit => "带有不能识别的单位；请写成 0.0435 或 4.35%",
            IntScale => "应为整数，却带有小数；请核对",
            MoneyScale => "超过两位有效小数，不能精确到分；请核对",
            RateScale | DecimalScale => "超过八位有效小数；请核对",
            MoneyRange => "超出金额上限 9,999,999,999,999.99 元；请核对单位",
            _ => "数值超出可存范围；请核对",
        }
        .into()
    }
}

fn options(column: Option<&Column>) -> String {
    const SHOWN: usize = 12;
    let Some(ColumnKind::Enum(options)) = column.map(|column| &column.kind) else {
        return String::new();
    };
    let shown: Vec<&str> = options.values.iter().take(SHOWN).map(String::as_str).collect();
    let more = if options.values.len() > SHOWN { format!("等 {} 项", options.values.len()) } else { String::new() };
    shown.join("、") + &more
}
