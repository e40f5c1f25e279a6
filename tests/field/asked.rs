//! Questions about somebody, as people type them.

use crate::house::{House, huiqi};

#[test]
fn an_enterprise_is_found_by_a_part_of_its_name_or_nearly_its_code() {
    let house = House::new();
    house.run("2022-12-31", &[]);
    let explain = |typed: &str| huiqi(&["explain", typed, "--out", house.out().to_str().unwrap()]);
    let registered = house.read("registrations.csv");
    let rows: Vec<Vec<&str>> = registered.lines().map(|line| line.split(',').collect()).collect();
    let place = |name: &str| rows[0].iter().position(|head| head.trim_start_matches('\u{feff}') == name).unwrap();
    let (code, name) = (rows[1][place("统一社会信用代码")], rows[1][place("名称")]);
    let (status, page, wrong) = explain(code);
    assert_eq!(status, 0, "{wrong}");
    // Full width, small letters, blanks around it.
    let wide: String = code.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).collect();
    for typed in [format!(" {} ", code.to_lowercase()), wide, name.to_string(), name.chars().skip(1).collect()] {
        assert_eq!(explain(&typed), (0, page.clone(), String::new()), "{typed}");
    }
    let (status, list, _) = explain("有限公司");
    assert!(status == 0 && list.lines().count() > 5 && list.contains(&format!("{code}  {name}\n")), "{list}");
    let near = format!("{}{}", &code[..17], if code.ends_with('0') { '1' } else { '0' });
    let (status, _, said) = explain(&near);
    assert!(status == 1 && said.contains(&format!("similar: {code} {name}")), "{said}");
    let (status, _, said) = explain("没有这一家");
    assert!(status == 1 && !said.contains("similar"), "{said}");
}

/// Of a workbook of which several sheets are read, a row is found in its sheet.
#[test]
fn a_row_of_a_sheet_is_led_back_to_it() {
    let house = House::with("sheets-by-quarter");
    let ran = house.run("2022-12-31", &[]);
    let lines = ran.table("ledger/awards.csv");
    let line = lines.iter().find(|row| row["措施编号"] == "43-1-tech-purchase").unwrap();
    let (status, page, wrong) = huiqi(&["explain", &line["台账编号"], "--out", house.out().to_str().unwrap()]);
    assert_eq!(status, 0, "{wrong}");
    assert!(page.contains("tech_purchases.xlsx 工作表“"), "{page}");
}
