//! `profile` at its boundary: a folder in, a page out.

mod support;

use huiqi::profile::{profile, write};
use support::{CODES, PERSON};

fn page(files: &[(&str, &[u8])]) -> String {
    let (folder, sources) = (support::folder(files), support::sources());
    write(&profile(folder.path(), &sources).expect("a profile"), &sources)
}

#[test]
fn a_known_table_under_another_name() {
    let text = format!(
        "报送表\n编号,信用代码,金额,日期,多余\nA1,{},1.50,2022-01-05,x\nA2,{},若干,2022/3/1,\nA1,{},,,\nA4,{PERSON},\"1,5\",2022-02-30,\nA5\n",
        CODES[0], CODES[1], CODES[2]
    );
    let (gb18030, ..) = encoding_rs::GB18030.encode(&text);
    let page = page(&[("一月.csv", &gb18030), ("说明.doc", b"x")]);
    for line in [
        "一月.csv  =  records records名录",
        "gb18030, delimiter ',', header in line 2, 5 rows",
        "1 damaged rows: row.fields, first in line 7",
        "4 of 16 columns, 1 rows with a key that stood before",
        "信用代码: uscc.identity_number 1",
        "金额: money.form 1, money.grouping 1",
        "line 4: \"若干\" 不是金额",
        "日期: date.day 1",
        "说明.doc: not a file that can be read",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert!(!page.contains(PERSON), "{page}");
}

#[test]
fn an_unknown_table_gets_a_source_file() {
    let mut text = String::from("名称,代码,资金,占比,日期,类型\n");
    for n in 0..60 {
        let kind = ["甲", "乙"][n % 2];
        text += &format!("公司{n},{},{}万人民币,{}%,2022年1月{}日,{kind}\n", CODES[n % 3], n + 1, n % 9, n % 28 + 1);
    }
    text += "公司x,N/A,68.8(万元),N/A,2022-01-05,甲\n";
    let page = page(&[("新表.csv", text.as_bytes())]);
    for line in [
        "新表.csv  =  no source",
        "| name        = \"新表\"",
        "| primary_key = [\"名称\"]",
        "| missing_values = [\"N/A\"]",
        "| type = \"uscc\"",
        "| type = \"rate\"",
        "| type = \"date\"\n  | required = true",
        "| type = \"enum\"\n  | required = true\n  | values = [\"乙\", \"甲\"]",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
    assert!(
        page.contains("| type = \"money\"\n  | required = true\n  | unit = { \"万元\" = \"10000\", \"万人民币\" = \"10000\" }"),
        "{page}"
    );
}
