//! Workbooks at the reader's boundary: cells as a CSV export of them would hold, rows numbered as people see them.

mod support;

use huiqi::sources::CheckedTables;
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};
use std::fs;
use support::{CODES, PERSON, read_files, refused, rows};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/workbooks");
const HEADER: [&str; 4] = ["编号", "统一社会信用代码", "金额", "备注"];

fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("{FIXTURES}/{name}")).expect("a fixture")
}

/// Reads a workbook with this as its only sheet.
fn read_sheet(fill: impl FnOnce(&mut Worksheet)) -> CheckedTables {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    read_files(&[("records.xlsx", &book.save_to_buffer().expect("a workbook"))])
}

fn write_row(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (place, cell) in (0..).zip(cells) {
        sheet.write(row, place, *cell).expect("a cell");
    }
}

#[test]
fn titles_dates_numbers_and_blank_rows() {
    let read = read_sheet(|sheet| {
        let (title, day) = (Format::new(), Format::new().set_num_format("yyyy/m/d"));
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        sheet.merge_range(0, 0, 0, 5, "2022年报送表", &title).expect("a title");
        write_row(sheet, 2, &["备注", "编号", "统一社会\n信用代码", "日期", "时间", "金额", "利率", "人数", "是否", "面积"]);
        write_row(sheet, 4, &["忻,\"州\"\n一", "A1", CODES[0], "2022年1月5日", "2022/1/5 9:30", "1,234.50", "4.35%", "3", "是", "1.5"]);
        write_row(sheet, 7, &["", "A2", CODES[1]]);
        sheet.write_with_format(7, 3, 44566, &day).expect("a day");
        sheet.write_with_format(7, 4, 44566.395833333336, &moment).expect("a moment");
        sheet.write(7, 5, 0.1 + 0.2).expect("an amount");
        sheet.write(7, 6, 0.0435).expect("a rate");
        sheet.write(7, 7, 3).expect("a count");
        sheet.write(7, 8, false).expect("a flag");
        sheet.write(7, 9, 1.5).expect("an area");
        sheet.write(7, 40, "表外").expect("a note beside the table");
        write_row(sheet, 8, &["  ", "\u{3000}"]);
        sheet.write(9, 1, 1003).expect("a number as a code");
        write_row(sheet, 10, &["x", "A4", CODES[1], "44566"]);
    });
    let expected = [
        format!("5: A1|{}|1|||||2022-01-05|2022-01-05 09:30:00|3|123450|4350000|150000000|true|||忻,\"州\"\n一", CODES[0]),
        format!("8: A2|{}|1|||||2022-01-05|2022-01-05 09:30:00|3|30|4350000|150000000|false", CODES[1]),
    ];
    let actual: Vec<String> = rows(&read).iter().map(|row| row.replace("|||||2022", "||||2022")).collect();
    assert_eq!(actual, expected.map(|row| row.replace("|||||2022", "||||2022")));
    assert_eq!(refused(&read), ["records.xlsx:10 value.required", "records.xlsx:11 date.form"]);
    assert_eq!(read.files[1].encoding, "xlsx");
    assert_eq!([read.files[1].rows, read.files[1].accepted, read.files[1].rejected], [4, 2, 2]);
}

#[test]
fn the_first_sheet_that_fits_is_read() {
    let mut book = Workbook::new();
    write_row(book.add_worksheet(), 0, &["填表说明", "备注"]);
    book.add_worksheet();
    for name in ["甲", "乙"] {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        write_row(sheet, 0, &HEADER);
        write_row(sheet, 1, &["A1", CODES[0], "1", name]);
    }
    let read = read_files(&[("records.xlsx", &book.save_to_buffer().expect("a workbook"))]);
    assert_eq!(rows(&read).len(), 1);
    assert!(rows(&read)[0].ends_with("甲"));
    assert!(read.warnings.iter().any(|warning| warning.contains("sheet 乙")), "{:?}", read.warnings);
}

#[test]
fn formulas_give_their_values() {
    let read = read_sheet(|sheet| {
        write_row(sheet, 0, &HEADER);
        write_row(sheet, 1, &["A1", CODES[0]]);
        sheet.write_formula(1, 2, Formula::new("=1+1.5").set_result("2.5")).expect("a formula");
        write_row(sheet, 2, &["A2", CODES[1]]);
        sheet.write_formula(2, 2, Formula::new("=1/0").set_result("#DIV/0!")).expect("a formula");
    });
    assert!(rows(&read)[0].contains("|250"), "{:?}", rows(&read));
    assert_eq!(refused(&read), ["records.xlsx:3 cell.error"]);
}

#[test]
fn old_workbooks_of_both_date_systems() {
    let tables = ["records-1900.xls", "records-1904.xls"].map(|name| {
        let read = read_files(&[("records.xls", &fixture(name))]);
        assert_eq!(refused(&read), [] as [&str; 0]);
        rows(&read)
    });
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[0].len(), 3);
    assert!(
        tables[0][0].starts_with("5: A1") && tables[0][0].contains("2022-01-05|2022-01-05 09:30:00||30|4350000||true"),
        "{:?}",
        tables[0]
    );
    assert!(tables[0][1].contains("2022-01-05|2022-01-05 09:30:00||123450|4350000||false"), "{:?}", tables[0]);
    assert!(tables[0][2].starts_with("7: 1003|") && tables[0][2].ends_with("3,\"三\"\n三"), "{:?}", tables[0]);
}

#[test]
fn what_a_package_really_holds_counts() {
    let read = read_files(&[("records.xlsx", &fixture("real-size.xlsx"))]);
    assert_eq!(refused(&read), ["records.xlsx:1 file.bomb"]);
    assert!(read.rejects[0].reason.contains("实际更多"), "{}", read.rejects[0].reason);
}

#[test]
fn extensions_may_be_wrong_and_damage_is_named() {
    let xls = fixture("records-1900.xls");
    assert_eq!(rows(&read_files(&[("records.xlsx", &xls)])).len(), 3);
    let web = b"<html><table><tr><td>1</td></tr></table></html>";
    for bytes in [&web[..], &xls[..xls.len() / 3], b"PK\x03\x04 and no more", b""] {
        let read = read_files(&[("records.xls", bytes)]);
        assert_eq!(refused(&read), ["records.xls:1 file.unreadable"], "{:?}", read.rejects);
    }
}

#[test]
fn persons_are_masked_in_rejects_of_sheets() {
    let read = read_sheet(|sheet| {
        write_row(sheet, 0, &["编号", "统一社会信用代码", "证件号码", "金额", "备注"]);
        write_row(sheet, 1, &["A1", CODES[0], PERSON, "x", &format!("{PERSON},说")]);
    });
    let raw = &read.rejects[0].raw;
    assert!(!raw.contains(PERSON) && raw.starts_with(&format!("A1,{}", CODES[0])), "{raw}");
}
