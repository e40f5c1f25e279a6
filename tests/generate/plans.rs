//! Mistakes in a plan: each is found, with its words underlined.

use crate::{page, shipped};
use huiqi::generate;

/// The page of a plan that holds this text beside its settings.
#[track_caller]
fn findings(text: &str) -> String {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(home.path().join("generate")).expect("a folder");
    let settings = "[generate]\nas_of = \"2022-12-31\"\nyes = \"是\"\nno = \"否\"\n";
    std::fs::write(home.path().join("generate/plan.toml"), format!("{settings}{text}")).expect("a file");
    match generate::load(home.path(), &shipped().0) {
        Ok(_) => panic!("nothing was found"),
        Err(broken) => page(broken).replace(" \n", "\n"),
    }
}

/// That these words are underlined under this message.
#[track_caller]
fn finds(text: &str, code: &str, message: &str, words: &str) {
    let page = findings(text);
    let start = page.find(&format!("[{code}]: {message}")).unwrap_or_else(|| panic!("no {code} {message}:\n{page}"));
    let finding = page[start..].split("\n\n").next().unwrap_or_default();
    let underlined = finding.lines().zip(finding.lines().skip(1)).find_map(|(line, marks)| {
        let from = marks.find('^')?;
        let wide = |text: &str| unicode_width::UnicodeWidthStr::width(text);
        let count = marks.matches('^').count();
        let mut at = 0;
        let inside = line.chars().filter(|c| {
            let here = at;
            at += wide(&c.to_string());
            here >= from && here < from + count
        });
        Some(inside.collect::<String>())
    });
    assert_eq!(underlined.as_deref(), Some(words), "\n{page}");
}

/// A plan of banks with one column replaced.
fn banks(column: &str) -> String {
    let other = "\"金融机构代码\" = { text = \"B{n:13}\" }\n\"机构名称\" = \"'银行'\"\n\"机构类别\" = [\"其他\"]\n";
    let name = column.split(" = ").next().unwrap_or_default();
    let kept: String = other.lines().filter(|line| !line.starts_with(name)).map(|line| format!("{line}\n")).collect();
    format!("[banks]\nrows = 3\n[banks.column]\n{kept}{column}\n")
}

#[test]
fn names_that_are_not_there() {
    finds(&banks("\"机构名称\" = \"名称\""), "unknown-name", "unknown name `名称`", "名称");
    finds(&banks("\"机构名称\" = \"人.名称\""), "unknown-source", "there is no source `人`", "人.名称");
    finds("[banks]\nper = \"bank\"\n", "unknown-source", "no table `bank` is planned", "\"bank\"");
    finds("[loans]\nlike = \"loan\"\nrows = 1\n", "unknown-source", "there is no source `loan`", "\"loan\"");
    finds("[t]\nrows = 1\n[t.link]\nx = { of = \"bank\" }\n", "unknown-source", "no table `bank` is planned", "\"bank\"");
}

#[test]
fn values_that_no_cell_can_hold() {
    finds(&banks("\"机构类别\" = [\"银行\"]"), "unknown-value", "`银行` is no cell of this column", "\"银行\"");
    finds(&banks("\"机构类别\" = \"'银行'\""), "unknown-value", "`银行` is not a value of this column", "\"'银行'\"");
    finds(&banks("\"机构名称\" = \"1 + 2\""), "wrong-type", "a cell of this column is text, not int", "\"1 + 2\"");
    finds(&banks("\"机构名称\" = { from = \"1\", to = \"2\" }"), "wrong-type", "a range has no meaning for text", "\"1\"");
    finds(&banks("\"机构名称\" = { value = \"'x'\", near = [\"1\"] }"), "wrong-type", "text has no values just below and above", "\"1\"");
    finds(
        &banks("\"机构名称\" = { value = \"'x'\", empty = \"5%\" }"),
        "bad-value",
        "`机构名称` is required: its cells cannot be empty",
        "\"5%\"",
    );
    finds(&banks("\"内部转移定价优惠\" = { value = \"0\", empty = \"120%\" }"), "bad-value", "`120%` is not a share", "\"120%\"");
    finds(
        &banks("\"内部转移定价优惠\" = { from = \"0\", to = \"1\", step = \"0\" }"),
        "bad-value",
        "`0` is no step of this column",
        "\"0\"",
    );
    finds(&banks("\"机构名称\" = { text = \"银行{n\" }"), "syntax", "a `{` is never closed", "\"银行{n\"");
    finds(&banks("\"机构名称\" = { text = \"银行{号}\" }"), "unknown-name", "unknown name `号`", "号");
}

#[test]
fn expressions_that_a_plan_cannot_say() {
    let one = |ty: &str, value: &str| format!("[t]\nrows = 1\n[t.column]\nx = {{ type = \"{ty}\", value = \"{value}\" }}\n");
    let half = "ADD_DAYS(截止日, 7 / 2)";
    finds(&one("date", half), "quotient", "a quotient is exact only as a cell or in a comparison", &format!("\"{half}\""));
    let days = "WORKDAYS(截止日, 截止日)";
    finds(&one("int", days), "unsupported", "a plan's expressions see their own row", &format!("\"{days}\""));
}

#[test]
fn rules_that_are_none() {
    finds(&banks("\"机构名称\" = { words = \"x\" }"), "unknown-key", "unknown key `words`", "words");
    finds(
        &banks("\"内部转移定价优惠\" = { from = \"0\", to = \"1\", curve = \"bent\" }"),
        "unknown-value",
        "unknown curve `bent`",
        "\"bent\"",
    );
    finds("[t]\nrows = 1\n[t.column]\nx = { from = \"1\", to = \"2\" }\n", "missing-key", "the type of `x` is not known", "x");
    finds(
        "[t]\nrows = 1\n[t.column]\nx = { type = \"yuan\", from = \"1\", to = \"2\" }\n",
        "unknown-type",
        "unknown type `yuan`",
        "\"yuan\"",
    );
    finds("[[dirt]]\nname = \"x\"\nfault = \"smudge\"\n", "unknown-value", "unknown fault `smudge`", "\"smudge\"");
    let subquery = "\"机构名称\" = \"(SELECT b.机构名称 FROM banks b WHERE b.金融机构代码 = this.金融机构代码)\"";
    assert!(findings(&banks(subquery)).contains("error["));
}

#[test]
fn columns_that_are_not_made() {
    finds("[banks]\nrows = 1\n", "missing-key", "column `金融机构代码` of `banks` is required", "banks");
    finds("[banks]\n[banks.column]\n", "missing-key", "a table says either `rows` or `per`", "banks");
}

#[test]
fn circles() {
    let page = findings("[t]\nrows = 1\n[t.column]\na = { type = \"int\", value = \"b\" }\nb = { type = \"int\", value = \"a\" }\n");
    assert!(page.contains("error[cycle]") && page.contains("depends on itself"), "{page}");
    let page = findings("[t]\nper = \"t\"\n");
    assert!(page.contains("error[cycle]"), "{page}");
}

#[test]
fn twice() {
    finds("[t]\nrows = [{ a = 1 }]\n[t.column]\na = 2\n", "duplicate-column", "column `a` stands in this table twice", "a");
}

#[test]
fn no_plan_at_all() {
    let home = tempfile::tempdir().expect("a folder");
    let broken = generate::load(home.path(), &shipped().0).err().map(page).unwrap_or_default();
    assert!(broken.contains("generate"), "{broken}");
    std::fs::create_dir(home.path().join("generate")).expect("a folder");
    std::fs::write(home.path().join("generate/a.toml"), "[t]\nrows = 1\n").expect("a file");
    let broken = generate::load(home.path(), &shipped().0).err().map(page).unwrap_or_default();
    assert!(broken.contains("one file must hold [generate]"), "{broken}");
}
