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

/// Rows of a sheet.
type Rows<'a> = &'a [&'a [&'a str]];

/// A workbook of these sheets: name, whether it is hidden, rows.
fn book(sheets: &[(&str, bool, Rows)]) -> CheckedTables {
    let mut book = Workbook::new();
    for (name, is_hidden, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("a name").set_hidden(*is_hidden);
        (0..).zip(*rows).for_each(|(row, cells)| write_row(sheet, row, cells));
    }
    read_files(&[("records.xlsx", &book.save_to_buffer().expect("a workbook"))])
}

#[test]
fn every_visible_sheet_that_fits_is_read_in_their_order() {
    let rows_of = |key: &'static str, code: &'static str| [HEADER.to_vec(), vec!["A1", CODES[0], "1", key], vec![key, code, "2", "x"]];
    let (one, two) = (rows_of("B1", CODES[1]), rows_of("C1", "91140902"));
    let [one, two] = [&one, &two].map(|rows| rows.iter().map(Vec::as_slice).collect::<Vec<&[&str]>>());
    let read = book(&[("说明", false, &[&["填表说明", "备注"]]), ("空", false, &[]), ("甲", false, &one), ("乙", false, &two)]);
    let [a, b] = [&rows(&read)[..], &refused(&read)[..]].map(<[String]>::to_vec);
    assert_eq!((a.len(), b), (2, vec!["records.xlsx:2 key.duplicate".to_string(), "records.xlsx:3 uscc.length".to_string()]));
    let reasons: Vec<&str> = read.rejects.iter().map(|reject| reject.reason.as_str()).collect();
    assert!(reasons[0].contains("首次出现在工作表“甲”第 2 行") && reasons[0].ends_with("（工作表“乙”）"), "{reasons:?}");
    assert!(reasons[1].ends_with("（工作表“乙”）"), "{reasons:?}");
    assert_eq!([read.files[1].rows, read.files[1].accepted, read.files[1].rejected], [4, 2, 2]);
    // Where one sheet alone is read nobody needs its name.
    let read = book(&[("甲", false, &[&HEADER, &["A1", "91140902", "1", ""]])]);
    assert!(!read.rejects[0].reason.contains("工作表"), "{}", read.rejects[0].reason);
}

/// What is seen of sheets that are not read: name, hidden, fits, columns that must be there, what it lacks, goes on, rows.
#[test]
fn sheets_that_are_not_read_are_told() {
    let fit: &[&[&str]] = &[&HEADER, &["A1", CODES[0], "1", "一"], &["A2", CODES[1], "2", "二"]];
    let seen = |sheet: (&str, bool, Rows)| {
        let read = book(&[("数据", false, fit), sheet]);
        let seen = &read.files[1].sheets;
        assert_eq!(rows(&read).len(), 2, "{sheet:?}");
        let text = |s: &huiqi::sources::SheetSeen| {
            format!("{} {} {} {}/{} {} {}", s.is_hidden, s.fits, s.beside, s.required, s.lacks.join("+"), s.goes_on, s.rows)
        };
        seen.iter().map(text).collect::<Vec<_>>().join(";")
    };
    let bare: &[&[&str]] = &[&["A3", CODES[2], "3", "三"], &["A4", CODES[0], "4", "四"]];
    for (sheet, expected) in [
        (("示例", false, fit), "false true 1 2/ false 2"),
        (("EXAMPLE 1", false, fit), "false true 1 2/ false 2"),
        (("旧", true, fit), "true true 1 2/ false 2"),
        (("续", false, bare), "false false 1 0/编号+统一社会信用代码 true 2"),
        (("续", true, bare), "true false 1 0/编号+统一社会信用代码 true 2"),
        (("乙", false, &[&["编号", "信用号码", "金额", "备注"], &["A3", "x", "1", ""]]), "false false 1 1/统一社会信用代码 false 1"),
        (("说明", false, &[&["一、按列填写"], &["二、每月报送"]]), "false false 1 0/编号+统一社会信用代码 false 2"),
        (("空", false, &[]), ""),
    ] {
        assert_eq!(seen(sheet), expected, "{sheet:?}");
    }
}

/// As wide as the sheet that is read: it goes on where its first row is of the columns' types, and is a table of its own where not.
#[test]
fn what_is_as_wide_need_not_go_on() {
    let header: &[&str] = &["编号", "统一社会信用代码", "金额", "日期", "人数"];
    for (row, goes_on) in [(["A2", CODES[1], "x", "2022-01-05", "y"], true), (["县区", "户数", "合计", "日", "3"], false)] {
        let read = book(&[("一", false, &[header, &["A1", CODES[0], "1", "2022-01-05", "3"]]), ("二", false, &[&row])]);
        assert_eq!(read.files[1].sheets.iter().map(|sheet| sheet.goes_on).collect::<Vec<_>>(), [goes_on], "{row:?}");
    }
}

#[test]
fn a_workbook_of_which_only_a_hidden_sheet_fits_is_refused() {
    let read = book(&[("说明", false, &[&["编号", "说明"]]), ("数据", true, &[&HEADER, &["A1", CODES[0], "1", "一"]])]);
    assert_eq!(refused(&read), ["records.xlsx:1 file.header"]);
    let reason = &read.rejects[0].reason;
    assert!(reason.contains("统一社会信用代码") && reason.contains("工作表“数据”是隐藏的"), "{reason}");
}

/// A merge over several rows has a value in its first row alone; one over columns, or above the header, or beside the table costs nothing.
#[test]
fn merged_cells_are_no_values() {
    let read = read_sheet(|sheet| {
        let plain = Format::new();
        sheet.merge_range(0, 0, 1, 3, "报送表", &plain).expect("a title");
        write_row(sheet, 2, &HEADER);
        for row in 3..8 {
            write_row(sheet, row, &[&format!("A{row}"), CODES[0], "1", "注"]);
        }
        sheet.merge_range(4, 2, 5, 2, "2", &plain).expect("a merge");
        sheet.merge_range(6, 2, 6, 3, "3", &plain).expect("a merge");
        sheet.merge_range(3, 5, 7, 5, "旁注", &plain).expect("a merge");
    });
    assert_eq!(refused(&read), ["records.xlsx:6 cell.merged"]);
    assert_eq!((rows(&read).len(), read.rejects[0].column.as_str()), (4, "金额"));
}

/// Codes under a number format of zeros are what people see; amounts and text are what they are.
#[test]
fn codes_are_read_as_their_format_shows_them() {
    let read = read_sheet(|sheet| {
        let (zeros, letters) = (Format::new().set_num_format("0000000"), Format::new().set_num_format("\"RD\"0000"));
        write_row(sheet, 0, &HEADER);
        for (row, format) in [(1, &zeros), (2, &letters), (3, &Format::new())] {
            sheet.write_with_format(row, 0, 123, format).expect("a code");
            sheet.write(row, 1, CODES[0]).expect("a code");
            sheet.write_with_format(row, 2, 5, &zeros).expect("an amount");
        }
    });
    let codes: Vec<String> = rows(&read).iter().map(|row| row.split(['|', ' ']).nth(1).expect("a code").to_string()).collect();
    assert_eq!(codes, ["0000123", "RD0123", "123"]);
    assert!(rows(&read).iter().all(|row| row.contains("|500")), "{:?}", rows(&read));
}

/// The reasons for which a file is not read at all, each with what helps.
#[test]
fn what_is_wrong_with_a_file_that_cannot_be_read() {
    let mut whole = Workbook::new();
    write_row(whole.add_worksheet(), 0, &HEADER);
    let whole = whole.save_to_buffer().expect("a workbook");
    let old = fixture("records-1900.xls");
    for (name, bytes, says) in [
        ("records.xlsx", whole[..whole.len() / 2].to_vec(), "不完整，传输时中断"),
        ("records.xlsx", Vec::new(), "0 字节"),
        ("records.xls", old[..old.len() / 2].to_vec(), "不完整，传输时中断"),
        ("records.xls", "<html><table><tr><td>编号</td></tr></table></html>".into(), "另存为 .xlsx"),
        ("records.xls", "编号\t统一社会信用代码\nA1\t1\n".into(), "另存为 .xlsx"),
        (
            "records.xlsx",
            fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/field/password/tech_purchases.xlsx")).expect("a fixture"),
            "请取消密码后另存",
        ),
        ("records.csv.gz", vec![0x1F, 0x8B, 8, 0], "不完整，传输时中断"),
        ("records.csv.gz", b"PK\x03\x04".to_vec(), "不是 gzip"),
        ("records.csv.zst", Vec::new(), "0 字节"),
        ("records.parquet", b"PAR1....".to_vec(), "不完整，传输时中断"),
        ("records.parquet", "编号,金额".into(), "内容与扩展名不符"),
        ("records.csv", Vec::new(), "文件是空的"),
        ("records.csv", whole.clone(), "请把扩展名改为 .xlsx"),
    ] {
        let read = read_files(&[(name, &bytes)]);
        let [refusal] = &read.files[1].refusals[..] else { panic!("{name}: {:?}", refused(&read)) };
        assert!(refusal.says.contains(says) || refusal.todo.contains(says), "{name} {says}: {refusal:?}");
        assert!(read.tables.raw[1].is_none() && !refusal.todo.is_empty());
    }
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

/// The other forms of a workbook hold the same rows, and a hidden sheet that stands before them; one has merged cells too.
#[test]
fn binary_and_open_document_workbooks() {
    for (name, merged) in [("records.ods", &["records.ods:6 cell.merged"][..]), ("records.xlsb", &[])] {
        let bytes = fixture(name);
        // What it is its content says: `.et` and `.xls` are tried alike.
        for called in [name, "records.xlsm", "records.et", "records.XLS"] {
            let read = read_files(&[(called, &bytes)]);
            let expected: Vec<String> = merged.iter().map(|refused| refused.replace(name, called)).collect();
            assert_eq!(refused(&read), expected, "{called}");
            let expected = [
                format!("3: A1|{}|1||||2022-01-05|||123450|4350000||true|||一", CODES[0]),
                format!("4: A2|{}|1||||2022-01-06|||30|||false|||二", CODES[1]),
            ];
            assert_eq!(rows(&read)[..2], expected, "{called}");
            let sheets: Vec<(&str, bool, bool)> =
                read.files[1].sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.is_hidden, sheet.fits)).collect();
            assert_eq!((sheets, read.files[1].encoding.as_str()), (vec![("旧", true, true)], &name[8..]), "{called}");
        }
    }
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
