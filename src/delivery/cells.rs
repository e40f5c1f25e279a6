//! How the cells of files are written: in which unit, codes as numbers, values that are not the usual ones.

use super::{Finding, Found, Look, Rule, Weight};
use crate::money;
use crate::schema::{Column, ColumnKind};
use crate::sources::{CodesSeen, FileReport, UnitSeen};
use crate::value::Cell;
use std::collections::BTreeMap;

/// What numbers of a money column count, by its source file.
fn declared(column: &Column) -> String {
    column.unit.as_ref().and_then(|unit| money::unit_word(&unit.suffix)).unwrap_or_else(|| "元".to_string())
}

/// The columns of money that a file has, by index.
fn money_columns(look: &Look<'_>, file: &FileReport) -> Vec<usize> {
    let columns = &look.wanted.pipeline.sources[file.source].columns;
    (0..columns.len()).filter(|at| columns[*at].kind == ColumnKind::Money && !file.absent.contains(at)).collect()
}

/// A file says another unit than its source file does.
pub fn unit_title(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files() {
        let source = &look.wanted.pipeline.sources[file.source];
        for UnitSeen { unit, column, words } in &file.units {
            let (columns, place) = match column {
                Some(column) => (vec![*column], format!("列名“{words}”")),
                // What a header says goes for its column.
                None => {
                    let own = |at: &usize| file.units.iter().any(|other| other.column == Some(*at));
                    (money_columns(look, file).into_iter().filter(|at| !own(at)).collect(), format!("表头上方写“{words}”"))
                }
            };
            let Some(&other) = columns.iter().find(|at| declared(&source.columns[**at]) != *unit) else { continue };
            let expected = declared(&source.columns[other]);
            let says = format!("{place}，而{}的“{}”应以{expected}为单位", source.title, source.columns[other].name);
            let accept = format!("确实以{expected}为单位的，用 --accept {}:{} 确认", Rule::UnitTitle.code(), source.name);
            let declare = format!("总是以{unit}报送的，请在 sources/{}.toml 里写 unit = \"{unit}\"；", source.name);
            let declare = money::Unit::spellings(unit).map(|_| declare).unwrap_or_default();
            let advice = format!("请换算成{expected}重新报送；{declare}{accept}");
            let finding = look.of_source(Rule::UnitTitle, file.source, says, advice);
            let place = column.map(|column| source.columns[column].name.clone()).unwrap_or_default();
            found.add(Weight::Aside, Finding { file: file.path.clone(), place, count: Some(file.rows), ..finding });
        }
    }
}

/// A file whose numbers count more than yuan, as its source file says.
pub fn unit_converted(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files().filter(|file| file.refusals.is_empty()) {
        let source = &look.wanted.pipeline.sources[file.source];
        let mut by_unit: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for column in money_columns(look, file).into_iter().map(|at| &source.columns[at]).filter(|column| column.unit.is_some()) {
            by_unit.entry(declared(column)).or_default().push(&column.name);
        }
        for (unit, columns) in by_unit {
            let says = format!("{} 以{unit}为单位，已准确换算成元", columns.join("、"));
            let advice = format!("不是以{unit}为单位报送的，请改 sources/{}.toml 的 unit", source.name);
            let finding = look.of_source(Rule::UnitConverted, file.source, says, advice);
            found.add(Weight::Note, Finding { file: file.path.clone(), place: columns.join("、"), count: Some(file.rows), ..finding });
        }
    }
}

/// Codes of a column that are digits alone in one file, and have zeros before them in another.
pub fn code_number(look: &Look<'_>, found: &mut Found<'_, '_>) {
    let mut by_name: BTreeMap<&str, Vec<(&FileReport, &CodesSeen)>> = BTreeMap::new();
    for file in look.files() {
        for codes in &file.codes {
            let name = &look.wanted.pipeline.sources[file.source].columns[codes.column].name;
            by_name.entry(name).or_default().push((file, codes));
        }
    }
    for (name, seen) in by_name {
        let Some((with, most)) = seen.iter().filter(|(_, codes)| codes.padded > 0).max_by_key(|(_, codes)| codes.longest) else { continue };
        for (file, codes) in seen.iter().filter(|(_, codes)| codes.padded == 0 && codes.shortest < most.longest) {
            let says = format!(
                "“{name}”在这里是数字（最短 {} 位），在 {} 里以 0 开头（{} 位）；前面的 0 可能丢了",
                codes.shortest, with.path, most.longest
            );
            let advice = format!("请把“{name}”一列设为文本，从业务系统重新导出");
            let finding = look.of_column(Rule::CodeNumber, file.source, codes.column, says, advice);
            found.add(Weight::Warn, Finding { file: file.path.clone(), count: Some(codes.bare), ..finding });
        }
    }
}

/// More than one in so many values is not a usual one.
const UNUSUAL: u64 = 20;

/// A file in which many values of a column are not the usual ones.
pub fn unusual(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files() {
        // Sheets of one workbook count together.
        let mut by_column: BTreeMap<usize, (u64, u64, i64)> = BTreeMap::new();
        for seen in &file.unusual {
            let (values, unusual, _) = by_column.entry(seen.column).or_insert((0, 0, seen.example));
            (*values, *unusual) = (*values + seen.values, *unusual + seen.unusual);
        }
        for (at, (values, unusual, example)) in by_column.into_iter().filter(|(_, (values, unusual, _))| unusual * UNUSUAL > *values) {
            let column = &look.wanted.pipeline.sources[file.source].columns[at];
            let example = column.kind.ty().text(Cell::<&str>::Number(i128::from(example))).into_owned();
            let usual = column.usual.join("、");
            let says = format!("“{}”的 {values} 个值中有 {unusual} 个不是常见的 {usual}，例如 {example}", column.name);
            let finding = look.of_column(Rule::ValueUnusual, file.source, at, says, "请核对这一列是否填错；没有错的不必处理".to_string());
            found.add(Weight::Note, Finding { file: file.path.clone(), count: Some(unusual), ..finding });
        }
    }
}
