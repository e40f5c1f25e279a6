//! Sheets of workbooks that were not read, though something stands in them.

use super::{Finding, Found, Look, Rule, Weight};
use crate::sources::SheetSeen;

/// A sheet that seems to belong to those that are read.
pub fn left(look: &Look<'_>, found: &mut Found<'_, '_>) {
    add(look, found, Rule::SheetLeft);
}

/// A sheet that fits, and by its name only shows how.
pub fn example(look: &Look<'_>, found: &mut Found<'_, '_>) {
    add(look, found, Rule::SheetExample);
}

/// A hidden sheet that fits.
pub fn hidden(look: &Look<'_>, found: &mut Found<'_, '_>) {
    add(look, found, Rule::SheetHidden);
}

/// Any other sheet with rows.
pub fn other(look: &Look<'_>, found: &mut Found<'_, '_>) {
    add(look, found, Rule::SheetOther);
}

/// Which rule a sheet is about. Of a workbook of which no sheet is read its refusal says enough.
fn rule_of(sheet: &SheetSeen) -> Option<Rule> {
    // One shared column does not make it the same table.
    let is_near = sheet.required >= 2 && sheet.required * 3 >= (sheet.required + sheet.lacks.len()) * 2;
    match sheet.is_hidden {
        true if sheet.fits => Some(Rule::SheetHidden),
        _ if sheet.rows == 0 || sheet.beside == 0 => None,
        false if sheet.fits => Some(Rule::SheetExample),
        false if sheet.goes_on || is_near => Some(Rule::SheetLeft),
        _ => Some(Rule::SheetOther),
    }
}

fn add(look: &Look<'_>, found: &mut Found<'_, '_>, rule: Rule) {
    for file in look.files() {
        let source = &look.wanted.pipeline.sources[file.source];
        let accept = format!("用 --accept {}:{} 确认", rule.code(), source.name);
        for sheet in file.sheets.iter().filter(|sheet| rule_of(sheet) == Some(rule)) {
            let SheetSeen { name, rows, lacks, .. } = sheet;
            let (weight, says, advice) = match rule {
                Rule::SheetLeft if sheet.goes_on => {
                    let says = format!("工作表“{name}”有 {rows} 行没有读：没有表头，像是接着前面的工作表");
                    (Weight::Aside, says, format!("请给这个工作表加上表头，或者并入前面的工作表；确实不用的，{accept}"))
                }
                Rule::SheetLeft => {
                    let says = format!("工作表“{name}”有 {rows} 行没有读：缺少必需的列 {}", lacks.join("、"));
                    (Weight::Aside, says, format!("请把这个工作表的列名改成与其他工作表一样；确实不用的，{accept}"))
                }
                Rule::SheetExample => {
                    let says = format!("工作表“{name}”有 {rows} 行没有读：从名称看是填报示例");
                    (Weight::Aside, says, format!("是示例的请删去，是数据的请改名；确实不用的，{accept}"))
                }
                Rule::SheetHidden => {
                    let says = format!("隐藏的工作表“{name}”有 {rows} 行，没有读");
                    (Weight::Warn, says, "不用的请删去；要用的请取消隐藏".to_string())
                }
                _ => (Weight::Note, format!("工作表“{name}”不是{}的表，没有读", source.title), "不用的请删去".to_string()),
            };
            let finding = look.of_source(rule, file.source, says, advice);
            found.add(weight, Finding { file: file.path.clone(), place: name.clone(), count: Some(*rows), ..finding });
        }
    }
}
