//! The bytes of a CSV.

use huiqi::ledger::columns::{code, number, text};
use huiqi::money::Fen;
use huiqi::publish::csv::{Csv, Number, count, fen, runs_as_formula};

/// The line of one text cell.
#[track_caller]
fn written(cell: &str, expected: &str) {
    let csv = Csv::of(&[text("列")], &[cell], |cell, row| row.text(cell));
    assert_eq!(String::from_utf8(csv.to_bytes()).expect("UTF-8"), format!("\u{FEFF}列\r\n{expected}\r\n"));
}

#[test]
fn quotes_stand_only_where_they_must() {
    written("甲 公司", "甲 公司");
    written("a,b", "\"a,b\"");
    written("a\"b\"", "\"a\"\"b\"\"\"");
    written("a\nb", "\"a\nb\"");
    written("a\rb", "\"a\rb\"");
    written("a;b|c'd", "a;b|c'd");
}

#[test]
fn formulas_are_neutralised_and_numbers_are_not() {
    written("=1+1", "'=1+1");
    written("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    written("@SUM(A1)", "'@SUM(A1)");
    written("+86 350", "'+86 350");
    written("-1+2", "'-1+2");
    written("\tx", "'\tx");
    written("\r=1", "\"'\r=1\"");
    written("＝1", "'＝1");
    written("-1234.50", "-1234.50");
    written("+0.5%", "+0.5%");
    written("-1,234.50", "\"-1,234.50\"");
    written("甲=乙", "甲=乙");
    assert!(!runs_as_formula(""));
    assert!(!runs_as_formula("2022-12-31"));
}

#[test]
fn codes_dates_and_numbers_stand_bare() {
    let columns = [code("代码"), code("日期"), number("金额"), number("户数"), number("比例"), number("基数")];
    let csv = Csv::build(&columns, 1, |_, row| {
        row.code("-A=1");
        row.code("2022-12-31");
        row.number(fen(Fen(-5)));
        row.number(count(12));
        row.number(Number::Fixed { units: -1_234_567, places: 6 });
        row.number(Number::Printed("无基数"));
    });
    assert_eq!(csv.to_bytes(), "\u{FEFF}代码,日期,金额,户数,比例,基数\r\n-A=1,2022-12-31,-0.05,12,-1.234567,无基数\r\n".as_bytes());
}

#[test]
fn every_number_is_plain() {
    let numbers = [0, 1, -1, 99, -100, 101, i64::MAX as i128, i64::MIN as i128, u64::MAX as i128 + 1, i128::MAX, i128::MIN];
    let csv = Csv::of(&[number("分"), number("个")], &numbers, |value, row| {
        row.number(Number::Fixed { units: *value, places: 2 });
        row.number(Number::Fixed { units: *value, places: 0 });
    });
    let expected: String = numbers.iter().map(|value| format!("{},{value}\r\n", huiqi::money::Fen(*value).plain())).collect();
    assert_eq!(csv.to_bytes(), format!("\u{FEFF}分,个\r\n{expected}").as_bytes());
}

#[test]
fn blocks_join_in_order_whatever_the_threads() {
    let rows = 50_001;
    let build = || {
        Csv::build(&[number("行"), text("词")], rows, |at, row| {
            row.number(count(at as u64));
            row.text("词");
        })
    };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("pool").install(build);
    let four = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("pool").install(build);
    assert!(one == four);
    let expected: String = (0..rows).map(|at| format!("{at},词\r\n")).collect();
    assert!(one.to_bytes() == format!("\u{FEFF}行,词\r\n{expected}").into_bytes());
    assert_eq!(one.rows(), rows as u64);
}

#[test]
#[should_panic(expected = "one cell per column")]
fn a_row_that_is_too_short_is_a_bug() {
    Csv::build(&[text("甲"), text("乙")], 1, |_, row| row.text("一"));
}
