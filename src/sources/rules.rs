//! Why a row, or a whole file, is refused: one stable code per rule and a reason that a clerk can act on.
//!
//! Codes never change their meaning; reasons may be worded better. All wording lives here. What stands in braces in `means` is filled
//! by [`Rule::reason`]: `{note}` with what only the place knows, the others with what the column's contract says.

use crate::help::explained;
use crate::money::NumberFault;
use crate::period::DateFault;
use crate::schema::{Column, ColumnKind};
use crate::uscc::{IdentityFault, UsccFault};

const GROUPING: &str = "逗号不按三位一组，可能是录错位，也可能是把两个数写进了一格，读错就差十倍、百倍。";
const GROUPING_TODO: &str = "去掉逗号，或按每三位一个逗号填写，例如 1,234,567。";
const NO_GROUPING: &str = "这种列的数值不大，出现逗号多半是列错位或把两个数写进了一格。";
const NO_GROUPING_TODO: &str = "去掉逗号，小数点用英文句点。";
const SCIENTIFIC: &str = "1.23E+5 这样的写法通常是表格软件缩写的，原来的末位数字已经看不到，不能当作准确的数。";
const SCIENTIFIC_TODO: &str = "在表格软件中把该列设为“数值”或“文本”，核对后重新导出。";
const UNIT: &str = "数字后面的文字可能改变数量级（如“万”），不能猜。";
const UNIT_TODO: &str = "把数换算成该列规定的单位，只填数字。";
const SCALE: &str = "系统按八位小数准确保存，更多的位数只能舍入，而舍入以后就不是报送的数了。";
const RANGE: &str = "超出可以准确保存的范围，几乎总是录错或单位不对。";
const RANGE_TODO: &str = "核对位数和单位后更正。";
const FORM: &str = "不能读成数；没有的请把单元格留空（可以空缺的栏目写“-”“无”也算空缺）。";
const BOMB: &str = "正常的报送不会这么大；展开它会占满服务器，影响其他部门的数据。";
const BOMB_TODO: &str = "确认文件来源；确实有这么多数据的，请分成几个文件报送。";
const OLD_CODE: &str = "2015年“三证合一”以后以统一社会信用代码归集企业，旧号码对不上登记信息。";
const OLD_CODE_TODO: &str = "按营业执照上的统一社会信用代码填写；企业未换照的，请先到登记机关换发。";
const CHECK: &str = "号码最后一位由前面各位算出，不符说明至少有一位写错；写错的号码可能正好是别人的。";

explained! {
    /// A rule that a file, a record or a cell can break.
    Rule for Office, shown in "fixtures/rejects":

    FileHeader = "file.header" {
        means: "没有找到表头，或表头缺少必需的列：{note}；整份文件未接收，请补齐后重新报送",
        why: "缺少必需的列，就不知道每一行说的是哪一户、哪一笔，全部行都无法使用。",
        todo: "第一行写列名，补上缺少的列；列名可用标准名或已登记的别名，次序不限。",
    }
    FileHeaderTwice = "file.header_twice" {
        means: "表头中有两列都对应“{note}”，无法判断以哪一列为准；整份文件未接收，请只保留一列",
        why: "两列的内容可能不同，取哪一列都可能取错。",
        todo: "只保留一列，或把另一列改成别的名称（多余的列不影响接收）。",
    }
    FileLink = "file.link" {
        means: "这是指向数据文件夹以外的链接，或不是普通文件，未读取；请报送文件本身",
        why: "链接指向的内容可能随时变化，也可能不该被读取，运行结果将无法复核。",
        todo: "把文件本身复制到数据文件夹。",
    }
    FileUnreadable = "file.unreadable" {
        means: "文件无法读取：{note}；整份文件未接收",
        why: "损坏、不完整或有密码的文件，读不出可信的内容；不知道里面有多少行，也就不知道少算了谁。",
        todo: "按原因里说的办：损坏的重新导出，不完整的重新传送，有密码的取消密码后另存，改过扩展名的另存为 .xlsx；先在本机打开确认无误，再报送。",
    }
    FileBomb = "file.bomb" {
        means: "文件展开后过大（{note}），疑似压缩炸弹；整份文件未接收",
        why: BOMB,
        todo: BOMB_TODO,
    }
    FileDeclaredSize = "file.declared_size" {
        means: "文件声明的展开大小过大（{note}），疑似压缩炸弹；整份文件未接收",
        why: BOMB,
        todo: BOMB_TODO,
    }
    FileRatio = "file.ratio" {
        means: "文件的压缩比过高（{note}），疑似压缩炸弹；整份文件未接收",
        why: BOMB,
        todo: BOMB_TODO,
    }
    FileDimension = "file.dimension" {
        means: "工作表过大（{note}）；整份文件未接收，请删除表格以外的单元格后重新报送",
        why: "表格以外设过格式的空单元格也算在内，读取它们会耗尽内存。",
        todo: "选中数据右侧、下方的空行空列并删除，保存后重新报送；或另存为 CSV。",
    }

    RowQuote = "row.quote" {
        means: "双引号不成对，或出现在未加引号的单元格中间；含引号的内容须整格加引号，内部引号写成两个",
        why: "引号决定一格到哪里为止；不成对时，后面的内容会串到别的格、别的行。",
        todo: "用表格软件或业务系统导出 CSV，不要手工拼写；手工更正的，整格加引号，内部引号写成两个。",
    }
    RowNul = "row.nul" {
        means: "本行含有空字符（NUL）；文件可能在传输中损坏，请重新导出本行",
        why: "正常的文字里没有空字符，出现说明内容已经残缺。",
        todo: "重新导出、重新传输；仍有的，请检查业务系统中该记录。",
    }
    RowBytes = "row.bytes" {
        means: "本行含有不属于文件编码的字节；请以 UTF-8 或 GB18030 重新导出本行",
        why: "一份文件只能有一种编码；认不出的字节会变成别的字，名称和代码都可能错。",
        todo: "整份文件用同一种编码导出，不要把两种编码的文件拼在一起。",
    }
    RowSize = "row.size" {
        means: "本行过长（{note}），超过 1 MiB；请检查引号是否成对、内容是否误粘贴",
        why: "一行不可能有这么多内容，多半是引号未闭合，把后面许多行并成了一行。",
        todo: "检查本行的引号和粘贴的内容，更正后重新报送。",
    }
    RowFields = "row.fields" {
        means: "{note}；请检查是否错列、缺列或单元格中有未加引号的分隔符",
        why: "列数与表头不一致时，不知道哪一格属于哪一列。",
        todo: "检查本行是否多了或少了分隔符；含逗号的内容整格加引号。",
    }
    RowHeader = "row.header" {
        means: "本行重复了表头；请删除",
        why: "多份文件拼接时常把表头也拼进来，它不是数据。",
        todo: "删除这一行；不影响其他各行的接收。",
    }

    CellFormula = "cell.formula" {
        means: "单元格是公式，但没有计算结果；请在 Excel 中打开、重新计算并保存，或改为数值",
        why: "工作簿里没有保存结果，系统不替报送部门计算公式。",
        todo: "在 Excel 或 WPS 中打开，重新计算并保存；或复制后“选择性粘贴为数值”。",
    }
    CellError = "cell.error" {
        means: "单元格是公式错误值；请更正公式，或改为数值",
        why: "#N/A、#DIV/0! 之类说明没有得出数，不能当作零或空缺。",
        todo: "更正公式或填写实际的数；确实没有的，把单元格清空。",
    }
    CellDigits = "cell.digits" {
        means: "数字超过15位，末尾数字已丢失；请把单元格设为文本后重新填写",
        why: "表格软件的数字只保留15位，更长的代码、身份证号码的末几位已变成0。",
        todo: "先把整列设为“文本”，再重新填写或从业务系统重新导出。",
    }
    CellMerged = "cell.merged" {
        means: "单元格被跨行的合并单元格盖住，看不出本行的值；请取消合并，逐行填写",
        why: "合并以后只有第一行有值；其余各行是同样的值还是没有值，不能猜。",
        todo: "选中该列，取消合并单元格，把值填到每一行后重新报送。",
    }

    ValueRequired = "value.required" {
        means: "必填项为空{note}；请补填",
        why: "缺了它，这一行说的是谁、是什么、是哪一天就不清楚，不能用来判定。写“-”“无”与空着一样。",
        todo: "补填后重新报送本行。",
    }
    LimitMinimum = "limit.minimum" {
        means: "小于允许的最小值 {minimum}",
        why: "数据标准规定了这一列的下限，更小的数不符合实际。",
        todo: "核对正负号、单位和年份；确属实际的，请联系主管部门修改数据标准。",
    }
    LimitMaximum = "limit.maximum" {
        means: "大于允许的最大值 {maximum}",
        why: "数据标准规定了这一列的上限，更大的数多半是单位不对（元、万元）或年份录错。",
        todo: "核对单位和位数；确属实际的，请联系主管部门修改数据标准。",
    }

    ValueRange = "value.range" {
        means: "比率大于 1（即 100%）或小于 −1；多半是少了百分号，请写成 0.0435 或 4.35%",
        why: "4.35 是百分之四百三十五；真要的是 4.35% 时，读错就差一百倍。",
        todo: "写成小数或百分数，例如年利率 4.35% 或 0.0435。",
    }

    CodeAllowed = "code.allowed" {
        means: "代码不在允许的代码表中；请按代码表填写",
        why: "不在表中的代码归不到任何县（市、区）或类别，汇总会漏掉它。",
        todo: "按代码表填写；代码表有变动的，请主管部门先更新。",
    }
    CodeFormula = "code.formula" {
        means: "以 =、+、-、@ 开头，或含有控制字符：表格软件会把它当作公式运行；请填写原来的编号",
        why: "这样的编号写进台账，打开台账的人的电脑就可能被它执行命令。",
        todo: "填写业务系统中原来的编号，去掉开头的符号和看不见的字符。",
    }
    CodePattern = "code.pattern" {
        means: "代码格式不符（应为 {pattern}）；请核对",
        why: "格式不符的代码与其他来源对不上。",
        todo: "按括号中的格式核对位数、字母和数字；前面的 0 丢失的，把列设为文本后重新导出。",
    }
    UsccRegistrationNumber = "uscc.registration_number" {
        means: "这是15位的旧工商注册号，不是18位统一社会信用代码；请换成统一社会信用代码",
        why: OLD_CODE,
        todo: OLD_CODE_TODO,
    }
    UsccOldRegistrationNumber = "uscc.old_registration_number" {
        means: "这是13位的旧注册号，不是18位统一社会信用代码；请换成统一社会信用代码",
        why: OLD_CODE,
        todo: OLD_CODE_TODO,
    }
    UsccOrganisationCode = "uscc.organisation_code" {
        means: "这是9位的组织机构代码，不是18位统一社会信用代码；请换成统一社会信用代码",
        why: OLD_CODE,
        todo: OLD_CODE_TODO,
    }
    UsccIdentityNumber = "uscc.identity_number" {
        means: "这是居民身份证号码，此处须填统一社会信用代码",
        why: "这一列归集的是市场主体；身份证号码归不到主体，还会泄露个人信息。",
        todo: "填写其经营的个体工商户或企业的统一社会信用代码。",
    }
    UsccLength = "uscc.length" {
        means: "不是18位统一社会信用代码；请核对位数",
        why: "位数不对，一定不是统一社会信用代码。",
        todo: "按营业执照核对；注意丢失的位、多余的空格和粘连的文字。",
    }
    UsccAlphabet = "uscc.alphabet" {
        means: "含有统一社会信用代码不使用的字符（只用数字和除 I、O、S、V、Z 以外的大写字母）；请核对",
        why: "国家标准 GB 32100 不用容易与数字混淆的字母。",
        todo: "多半是 O 应为 0、I 应为 1、S 应为 5、Z 应为 2；按营业执照核对。",
    }
    UsccCheck = "uscc.check" {
        means: "统一社会信用代码的校验码不符，至少有一位写错；请按营业执照核对",
        why: CHECK,
        todo: "按营业执照逐位核对。",
    }
    IdBirthDate = "id.birth_date" {
        means: "身份证号码中的出生日期不存在或不在19xx、20xx年；请核对",
        why: "第7至14位是出生日期，没有这一天说明号码写错。",
        todo: "按证件核对。",
    }
    IdCheck = "id.check" {
        means: "身份证号码的校验码不符，至少有一位写错；请按证件核对",
        why: CHECK,
        todo: "按证件逐位核对；末位可能是 X。",
    }
    IdOldNumber = "id.old_number" {
        means: "这是15位的旧身份证号码；请换成18位号码",
        why: "旧号码没有校验位，也不唯一，不能据以认定是哪一个人。",
        todo: "按现行居民身份证填写18位号码。",
    }

    EnumValue = "enum.value" {
        means: "不是规定的选项；应为：{options}",
        why: "条件按规定的选项判断，别的写法无法判断，也不能猜是哪一个。",
        todo: "改为列出的选项之一；确需新增选项的，请联系主管部门修改数据标准。",
    }
    BoolValue = "bool.value" {
        means: "应填 是 或 否（也可用 true/false、1/0、Y/N）",
        why: "别的写法（如“部分”“待定”）既不是“是”也不是“否”。",
        todo: "填 是 或 否；不清楚的留空，系统按“待核实”处理，不当作“否”。",
    }
    DateForm = "date.form" {
        means: "不是日期；请写成 2022-01-05（也可用 2022/1/5、20220105、2022年1月5日）",
        why: "两位年份、日月颠倒或只有年月的写法，读成哪一天都可能错。",
        todo: "把列设为日期格式后导出，或按所列写法填写。",
    }
    DateDay = "date.day" {
        means: "没有这一天；请核对年月日",
        why: "例如2月30日；系统不会自行改成邻近的一天。",
        todo: "按原始凭证核对。",
    }
    DateTimeForm = "datetime.form" {
        means: "不是日期时间；请写成 2022-01-05 09:30 或 2022-01-05 09:30:00",
        why: "时限按小时计算，需要日期和时刻都写清楚。",
        todo: "按所列写法填写；用24小时制。",
    }
    DateTimeMoment = "datetime.moment" {
        means: "没有这一天或这一时刻；请核对",
        why: "例如2月30日或25时；系统不会自行改成邻近的时刻。",
        todo: "按业务系统的记录核对。",
    }

    IntForm = "int.form" { means: "不是整数；请只填数字", why: FORM, todo: "只填整数。" }
    IntGrouping = "int.grouping" { means: "千分位逗号的位置不对；请去掉逗号或每三位一个", why: GROUPING, todo: GROUPING_TODO }
    IntScientific = "int.scientific" {
        means: "是科学计数法，末尾数字可能已丢失；请把单元格设为文本或数值后重新导出",
        why: SCIENTIFIC,
        todo: SCIENTIFIC_TODO,
    }
    IntUnit = "int.unit" { means: "数字后带有单位或其他文字；请只填数字", why: UNIT, todo: UNIT_TODO }
    IntScale = "int.scale" {
        means: "应为整数，却带有小数；请核对",
        why: "人数、户数、天数没有小数；出现小数多半是列错位或单位不对。",
        todo: "核对列和单位后填写整数。",
    }
    IntRange = "int.range" { means: "数值超出可存范围；请核对", why: RANGE, todo: RANGE_TODO }
    MoneyForm = "money.form" { means: "不是金额；请填以元为单位的数字", why: FORM, todo: "以元为单位只填数字，没有发生的填 0，不清楚的留空。" }
    MoneyGrouping = "money.grouping" { means: "千分位逗号的位置不对；请去掉逗号或每三位一个", why: GROUPING, todo: GROUPING_TODO }
    MoneyScientific = "money.scientific" {
        means: "是科学计数法，末尾数字可能已丢失；请把单元格设为文本或数值后重新导出",
        why: SCIENTIFIC,
        todo: SCIENTIFIC_TODO,
    }
    MoneyUnit = "money.unit" {
        means: "带有此列未约定的单位；请换算成元后只填数字",
        why: UNIT,
        todo: "换算成元；整列都以万元为单位的，请主管部门在数据标准中写明。",
    }
    MoneyCurrency = "money.currency" {
        means: "是外币金额，此列只收人民币；请折算成人民币后填写",
        why: "系统不规定按哪一天、哪一种汇率折算。",
        todo: "按财务规定的汇率折算成人民币元后填写。",
    }
    MoneyScale = "money.scale" {
        means: "超过两位有效小数，不能精确到分；请核对",
        why: "金额精确到分；更小的零头只能舍入，而舍入以后就不是报送的数了。",
        todo: "填写实际发生的金额；由除法得出的，按凭证上的金额填写。",
    }
    MoneyRange = "money.range" {
        means: "超出金额上限 9,999,999,999,999.99 元；请核对单位",
        why: RANGE,
        todo: RANGE_TODO,
    }
    RateForm = "rate.form" { means: "不是比率；请写成 0.0435 或 4.35%", why: FORM, todo: "写成小数或百分数，例如 0.0435 或 4.35%。" }
    RateGrouping = "rate.grouping" { means: "此列不能带千分位逗号；请去掉逗号", why: NO_GROUPING, todo: NO_GROUPING_TODO }
    RateScientific = "rate.scientific" {
        means: "是科学计数法，末尾数字可能已丢失；请把单元格设为文本或数值后重新导出",
        why: SCIENTIFIC,
        todo: SCIENTIFIC_TODO,
    }
    RateUnit = "rate.unit" {
        means: "带有不能识别的单位；请写成 0.0435 或 4.35%",
        why: "“厘”“BP”等写法可能相差百倍，不能猜。",
        todo: "换算成小数或百分数，例如年利率 4.35% 或 0.0435。",
    }
    RateScale = "rate.scale" { means: "超过八位有效小数；请核对", why: SCALE, todo: "按合同、文件上的比率填写。" }
    RateRange = "rate.range" { means: "数值超出可存范围；请核对", why: RANGE, todo: RANGE_TODO }
    DecimalForm = "decimal.form" { means: "不是数字；请只填数字", why: FORM, todo: "只填数字，单位见数据标准。" }
    DecimalGrouping = "decimal.grouping" { means: "此列不能带千分位逗号；请去掉逗号", why: NO_GROUPING, todo: NO_GROUPING_TODO }
    DecimalScientific = "decimal.scientific" {
        means: "是科学计数法，末尾数字可能已丢失；请把单元格设为文本或数值后重新导出",
        why: SCIENTIFIC,
        todo: SCIENTIFIC_TODO,
    }
    DecimalUnit = "decimal.unit" { means: "数字后带有单位或其他文字；请只填数字", why: UNIT, todo: UNIT_TODO }
    DecimalScale = "decimal.scale" { means: "超过八位有效小数；请核对", why: SCALE, todo: "按实际计量的数填写。" }
    DecimalRange = "decimal.range" { means: "数值超出可存范围；请核对", why: RANGE, todo: RANGE_TODO }

    KeyDuplicate = "key.duplicate" {
        means: "主键重复，首次出现在{note}；只接收第一行，请核对后保留一行",
        why: "同一笔业务报两次，就会重复计入；两行不同时，系统不能决定以哪一行为准。",
        todo: "核对两行，删除多余的一行，或更正编号；更正以前报过的内容，请按该来源的更正办法报送。",
    }
    KeyUnknown = "key.unknown" {
        means: "代码不在“{note}”中；请先补报该名录或更正代码",
        why: "这一列必须对应到另一份名录；对不上，就不知道是哪一家机构。",
        todo: "更正代码，或请提供名录的部门先补报。",
    }
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
        let limit = |limit: fn(&Column) -> &Option<String>| column.and_then(|c| limit(c).clone()).unwrap_or_default();
        let mut reason = String::new();
        let mut rest = self.page().means;
        // Piece by piece: what is filled in may hold braces of its own.
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, inner)| Some((before, inner.split_once('}')?))) {
            reason.push_str(before);
            reason.push_str(&match name {
                "minimum" => limit(|c| &c.minimum),
                "maximum" => limit(|c| &c.maximum),
                "pattern" => limit(|c| &c.pattern),
                "options" => options(column),
                _ => note.to_string(),
            });
            rest = after;
        }
        reason + rest
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_stand_in_braces() {
        for rule in Rule::ALL {
            for (_, inner) in rule.page().means.match_indices('{').map(|(at, _)| rule.page().means.split_at(at + 1)) {
                let name = inner.split('}').next().unwrap_or_default();
                assert!(["note", "minimum", "maximum", "pattern", "options"].contains(&name), "{}: {{{name}}}", rule.code());
            }
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        assert!(Rule::KeyUnknown.reason(None, "{options}名录").starts_with("代码不在“{options}名录”中"));
    }
}
