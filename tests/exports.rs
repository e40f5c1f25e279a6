//! Cells and files as registration exports of other bureaus have them: what the data contract allows is read with its
//! value; what it does not is refused by a rule and a reason that a clerk can act on. And a table that nobody declares is
//! read by the very source file that its profile suggests.

mod support;
#[path = "support/forms.rs"]
mod tables;

use huiqi::money::{self, Unit};
use huiqi::schema::{ColumnKind, Sources};
use huiqi::sources::{CheckedTables, read, read_texts};
use huiqi::{policy, profile, uscc};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::CODES;
use tables::gb18030;

/// Column | cell | its value, or the rule that refuses it and words of the reason. `∅` is an empty cell, `·` a no-break space,
/// `˽` a mark of zero width, `→` a tab.
const CELLS: &str = "
日期 | 2015年3月1日 | 2015-03-01
日期 | 2015年03月01日 | 2015-03-01
日期 | 2015/3/1 | 2015-03-01
日期 | 2015-3-1 | 2015-03-01
日期 | 20150301 | 2015-03-01
日期 | ２０１５年３月１日 | 2015-03-01
日期 | ２０１５－０３－０１ | 2015-03-01
日期 | ·2015-03-01→ | 2015-03-01
日期 | N/A | ∅
日期 | — | ∅
日期 | 2015.3.1 | date.form 请写成 2022-01-05
日期 | 2015-03-01 00:00:00 | date.form 请写成 2022-01-05
日期 | 2015年3月 | date.form 请写成 2022-01-05
日期 | 15/3/1 | date.form 请写成 2022-01-05
日期 | 2015-02-29 | date.day 没有这一天
日期 | 42064 | date.form 请写成 2022-01-05
日期 | 长期 | date.form 请写成 2022-01-05
时间 | 2015-03-01 09:30 | 2015-03-01 09:30:00
时间 | 2015/3/1 9:30:05 | 2015-03-01 09:30:05
时间 | 2015-03-01 00:00:00 | 2015-03-01 00:00:00
时间 | 2015-03-01 | datetime.form 请写成 2022-01-05 09:30
时间 | 2015-03-01 24:00 | datetime.moment 没有这一天或这一时刻
金额 | 2,000万 | 20000000.00
金额 | 68.8万人民币 | 688000.00
金额 | 68.8万元人民币 | 688000.00
金额 | 68.8万人民币元 | 688000.00
金额 | 245,838.8100(万元) | 2458388100.00
金额 | 22.5000（万元） | 225000.00
金额 | 22.5 万元 | 225000.00
金额 | １００．５０ | 100.50
金额 | 1234.500 | 1234.50
金额 | 100元 | 100.00
金额 | -5 | -5.00
金额 | N/A | ∅
金额 | 无 | ∅
金额 | 人民币68.8万元 | money.unit 请换算成元后只填数字
金额 | 人民币100 | money.unit 请换算成元后只填数字
金额 | RMB 100 | money.unit 请换算成元后只填数字
金额 | ¥100 | money.unit 请换算成元后只填数字
金额 | 430(万美元) | money.currency 请折算成人民币
金额 | 100 USD | money.currency 请折算成人民币
金额 | USD100 | money.currency 请折算成人民币
金额 | 美元100万 | money.currency 请折算成人民币
金额 | $100 | money.currency 请折算成人民币
金额 | 100HK$ | money.currency 请折算成人民币
金额 | 1.2E+08 | money.scientific 末尾数字可能已丢失
金额 | 1234.567 | money.scale 不能精确到分
金额 | 0.0000001万元 | money.scale 不能精确到分
金额 | 20,00 | money.grouping 千分位
金额 | 1亿 | money.unit 请换算成元后只填数字
金额 | 一百万元 | money.form 不是金额
金额 | 100-200万元 | money.form 不是金额
金额 | 99999999999999 | money.range 请核对单位
人数 | 12 | 12
人数 | 1,200 | 1200
人数 | １２ | 12
人数 | 12人 | int.unit 请只填数字
人数 | 12.0 | int.scale 应为整数
人数 | 1.2E+3 | int.scientific 末尾数字可能已丢失
人数 | 约12 | int.form 请只填数字
利率 | 4.35% | 0.0435
利率 | ４．３５％ | 0.0435
利率 | 0.0435 | 0.0435
利率 | 4.35‰ | rate 请写成 0.0435 或 4.35%
利率 | LPR+10 | rate.form 请写成 0.0435 或 4.35%
面积 | 120.50 | 120.5
面积 | 120.5平方米 | decimal.unit 请只填数字
面积 | 12% | decimal.unit 请只填数字
是否 | 是 | true
是否 | y | true
是否 | FALSE | false
是否 | ０ | false
是否 | √ | bool.value 应填 是 或 否
是否 | 有 | bool.value 应填 是 或 否
客户类型 | 有限责任公司(自然人投资或控股) | 有限责任公司（自然人投资或控股）
客户类型 | 有限责任公司（自然人投资或控股） | 有限责任公司（自然人投资或控股）
客户类型 | cs04 | 微型企业
客户类型 | 小型企业˽ | 小型企业
客户类型 | 小微 | enum.value 不是规定的选项
区划代码 | １４０９０２ | 140902
区划代码 | 140902.0 | code.allowed 不在允许的代码表中
区划代码 | 140902000000 | code.allowed 不在允许的代码表中
行业代码 | c3612 | C3612
行业代码 | 3612 | code.pattern 代码格式不符
统一社会信用代码 | 91140902ma0h000018 | 91140902MA0H000018
统一社会信用代码 | ９１１４０９０２ＭＡ０Ｈ００００１８ | 91140902MA0H000018
统一社会信用代码 | ˽91140902MA0H000018· | 91140902MA0H000018
统一社会信用代码 | 91140902MA0H000018→ | 91140902MA0H000018
统一社会信用代码 | 91140902MA0H00001８ | 91140902MA0H000018
统一社会信用代码 | 140902200001234 | uscc.registration_number 请换成统一社会信用代码
统一社会信用代码 | 1409022000123 | uscc.old_registration_number 请换成统一社会信用代码
统一社会信用代码 | 140902198702076149 | uscc.identity_number 此处须填统一社会信用代码
统一社会信用代码 | 91140902MAOH000018 | uscc.alphabet 不使用的字符
统一社会信用代码 | 91140902MA0H000019 | uscc.check 请按营业执照核对
统一社会信用代码 | 企合苏锡总字第0001 | uscc.length 请核对位数
统一社会信用代码 | 9.11409E+17 | uscc.length 请核对位数
统一社会信用代码 | N/A | value.required 请补填
统一社会信用代码 | '91140902MA0H000018 | uscc.length 请核对位数
证件号码 | 140902198702076149 | 140902198702076149
证件号码 | 140902870207614 | id.old_number 请换成18位号码
证件号码 | 140902198702076148 | id.check 请按证件核对
备注 | ·忻州˽ | 忻州
备注 | 忻州　公司 | 忻州　公司
";

fn sources() -> Sources {
    let mut sources = support::sources();
    sources.raw[1].missing_values = ["N/A", "—", "无"].map(str::to_owned).to_vec();
    for column in &mut sources.raw[1].columns {
        match &mut column.kind {
            ColumnKind::Money => column.units = Unit::spellings("万元").expect("units"),
            ColumnKind::Enum(options) => options.values.push("有限责任公司（自然人投资或控股）".into()),
            _ => {}
        }
    }
    sources
}

#[test]
fn cells_of_other_bureaus() {
    let sources = sources();
    let columns = &sources.raw[1].columns;
    let cases: Vec<Vec<&str>> = CELLS.lines().filter(|line| !line.is_empty()).map(|line| line.split(" | ").collect()).collect();
    let mut file = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",") + "\n";
    for (at, case) in cases.iter().enumerate() {
        let cell = case[1].replace('·', "\u{A0}").replace('˽', "\u{200E}").replace('→', "\t");
        let cells = columns.iter().map(|column| match column.name.as_str() {
            name if name == case[0] => format!("\"{cell}\""),
            "编号" => format!("K{at}"),
            "统一社会信用代码" => CODES[0].to_owned(),
            _ => String::new(),
        });
        file += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    let read = read_texts(&sources, vec![(1.into(), file)]).expect("tables");
    let kept: BTreeMap<String, String> = support::rows_of(&read, &sources.raw[1])
        .into_iter()
        .filter_map(|row| {
            let (line, cells) = row.split_once(": ")?;
            Some((line.to_owned(), cells.to_owned()))
        })
        .collect();
    let mut wrong = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let column = columns.iter().position(|column| column.name == case[0]).expect("a column");
        let reject = read.rejects.iter().find(|reject| reject.line as usize == at + 2);
        let outcome = match (kept.get(&(at + 2).to_string()), reject) {
            (Some(row), None) => value(row.split('|').nth(column).unwrap_or_default(), &columns[column].kind),
            (None, Some(reject)) => format!("{} {}", reject.rule, reject.reason),
            other => format!("{other:?}"),
        };
        let fits = match case[2].split_once(' ').filter(|_| reject.is_some()) {
            Some((rule, words)) => outcome.starts_with(rule) && outcome.contains(words),
            None => outcome == case[2].replace('∅', ""),
        };
        if !fits {
            wrong.push(format!("{}: {outcome}", case.join(" | ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A stored value as people write it.
fn value(stored: &str, kind: &ColumnKind) -> String {
    match (stored.parse::<i64>(), kind) {
        (Ok(fen), ColumnKind::Money) => money::Fen(fen).plain(),
        (Ok(number), ColumnKind::Rate | ColumnKind::Decimal) => money::format_plain(i128::from(number), 8),
        _ => stored.to_owned(),
    }
}

/// An export: GB18030, two title rows, a sum at the end; every twentieth row has a cell that the contract refuses.
fn export() -> String {
    let mut text = String::from("云岭市市场主体登记信息,,,,,,,\r\n导出时间：2024年1月5日　单位：万元,,,,,,,\r\n");
    text += "序号,企业名称（全称）,社会信用代码, 成立日期,注册资本（金）,经营状态,从业人数,核准时间\r\n";
    for n in 0..400 {
        let first = format!("91140902{n:09}");
        let code = first.clone() + &(uscc::uscc_check_character(first.as_bytes()).expect("a character") as char).to_string();
        let code = match n % 100 {
            7 => "140902200001234".to_owned(),
            13 => code.to_lowercase(),
            17 => format!("\u{A0}{code}\t"),
            23 => format!("{first}{}", if code.ends_with('0') { 'A' } else { '0' }),
            _ => code,
        };
        let date = match (n % 100, n % 4) {
            (31, _) => "2015.3.1",
            (_, 0) => "2015年3月1日",
            (_, 1) => "2015/3/1",
            (_, 2) => "20150301",
            _ => "2015-03-01",
        };
        let capital = match (n % 100, n % 5) {
            (41, _) => "430(万美元)",
            (43, _) => "人民币68.8万元",
            (_, 0) => "\"2,000万\"",
            (_, 1) => "68.8万人民币",
            (_, 2) => "\"245,838.8100(万元)\"",
            (_, 3) => "N/A",
            _ => "68.8万元人民币",
        };
        let state = ["存续（在营、开业、在册）", "注销"][usize::from(n % 9 == 0)];
        let staff = [format!("{}", n % 70), "—".into(), format!("\"1,2{:02}\"", n % 100)][n % 3].clone();
        text += &format!("{},云岭第{n}有限公司,{code},{date},{capital},{state},{staff},2015-03-01 00:00:00\r\n", n + 1);
    }
    text + "合计,400户\r\n"
}

#[test]
fn a_table_is_read_by_the_source_file_that_its_profile_suggests() {
    let data = support::folder(&[("登记导出.csv", &gb18030(&export()))]);
    let page = profile::write(&profile::profile(data.path(), &support::sources()).expect("a profile"), &support::sources());
    for line in [
        "登记导出.csv  =  no source",
        "gb18030, delimiter ',', header in line 3, 401 rows",
        "1 damaged rows: row.fields, first in line 404",
        "missing_values = [\"N/A\", \"—\"]",
        "unit = { \"万元\" = \"10000\", \"万\" = \"10000\", \"万人民币\" = \"10000\", \"万元人民币\" = \"10000\" }",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    let suggested: String =
        page.lines().filter_map(|line| line.strip_prefix("  | ").or(line.strip_prefix("  |"))).map(|line| format!("{line}\n")).collect();
    let kinds: Vec<&str> = suggested.lines().filter_map(|line| line.strip_prefix("type = ")).collect();
    assert_eq!(kinds, ["\"int\"", "\"text\"", "\"uscc\"", "\"date\"", "\"money\"", "\"enum\"", "\"int\"", "\"datetime\""], "{suggested}");
    let read = read_by(&suggested, data.path());
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    read.rejects.iter().for_each(|reject| *rules.entry(reject.rule).or_default() += 1);
    let expected =
        [("date.form", 4), ("money.currency", 4), ("money.unit", 4), ("row.fields", 1), ("uscc.check", 4), ("uscc.registration_number", 4)];
    assert_eq!(rules, expected.into());
    let file = &read.files[0];
    assert_eq!((file.rows, file.accepted, file.rejected), (401, 380, 21));
}

/// Reads a folder by one source file, as a run of a pipeline with nothing else in it would.
fn read_by(source: &str, data: &Path) -> CheckedTables {
    let title =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/other-city/pipeline/pipeline.toml")).expect("a title");
    let title = title.split("# Where every subject").next().expect("a part");
    let dir = support::folder(&[("pipeline.toml", title.as_bytes()), ("sources/登记导出.toml", source.as_bytes())]);
    let pipeline = policy::load(dir.path()).unwrap_or_else(|broken| match broken {
        policy::Broken::Invalid(findings, files) => panic!("{}\n{source}", huiqi::diagnostic::render(&findings, &files, false)),
        policy::Broken::Io(path, error) => panic!("{}: {error}", path.display()),
    });
    read(&pipeline.sources, data, dir.path(), &huiqi::schema::all(&pipeline.sources)).expect("tables")
}
