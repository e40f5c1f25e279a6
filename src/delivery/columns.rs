//! Columns that a file lacks, that nobody asked for, and that have gone since the run before.

use super::{Finding, Found, Look, Rule, Weight};
use crate::schema::SourceId;
use crate::sources::FileReport;
use crate::sources::inspect;

/// Of fewer values in the run before nobody asks where they have gone.
const FEW: u64 = 20;

/// Per file: optional columns that a wanted measure reads and that are not there.
pub fn absent(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files() {
        let renamed = renamed_in(look, file);
        for &column in file.absent.iter().filter(|column| renamed.iter().all(|(other, _)| other != *column)) {
            let name = &look.wanted.pipeline.sources[file.source].columns[column].name;
            let says = format!("没有“{name}”一栏，各行的这一栏都为空");
            let advice = format!("请补报“{name}”；补报以前，受影响的措施按空格处理");
            let finding = look.of_column(Rule::ColumnAbsent, file.source, column, says, advice);
            if !finding.affected.is_empty() {
                found.add(Weight::Note, Finding { file: file.path.clone(), count: Some(file.rows), ..finding });
            }
        }
    }
}

/// Per file: columns that the source does not have.
pub fn unknown(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files() {
        let (source, renamed) = (&look.wanted.pipeline.sources[file.source], renamed_in(look, file));
        for name in file.strangers.iter().filter(|name| renamed.iter().all(|(_, other)| other != *name)) {
            let says = format!("“{name}”不是{}的栏目，没有读", source.title);
            let advice = format!("如果它是某一栏的别名，请在 sources/{}.toml 的 aliases 里写上", source.name);
            let finding = look.of_source(Rule::ColumnUnknown, file.source, says, advice);
            let (file, place) = (file, name.clone());
            found.add(Weight::Note, Finding { file: file.path.clone(), place, count: Some(file.rows), affected: Vec::new(), ..finding });
        }
    }
}

/// Per file: optional columns that a wanted measure reads, that are not there, and seem to stand under another name.
pub fn renamed(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files() {
        let source = &look.wanted.pipeline.sources[file.source];
        for (column, stranger) in renamed_in(look, file) {
            let name = &source.columns[column].name;
            let says = format!("没有“{name}”一栏，而有一栏“{stranger}”，可能是同一栏");
            let path = format!("sources/{}.toml", source.name);
            let advice = format!(
                "请把“{stranger}”改为“{name}”重新报送；一直这样写的，在 {path} 的“{name}”下写 aliases = [\"{stranger}\"]；不是同一栏的，在 {path} 写 ignore = [\"{stranger}\"]，或者用 --accept {}:{} 确认",
                Rule::ColumnRenamed.code(),
                source.name
            );
            let finding = look.of_column(Rule::ColumnRenamed, file.source, column, says, advice);
            // The whole source is set aside: whoever reads it has to know.
            let affected = look.readers.of_source(file.source);
            found.add(Weight::Aside, Finding { file: file.path.clone(), count: Some(file.rows), affected, ..finding });
        }
    }
}

/// The columns of a file that seem to be there under another name, each with that name; none that nobody reads.
fn renamed_in<'f>(look: &Look<'_>, file: &'f FileReport) -> Vec<(usize, &'f str)> {
    let columns = &look.wanted.pipeline.sources[file.source].columns;
    let is_read = |column: &usize| !look.readers.of_column(file.source, *column).is_empty();
    let stranger = |column: usize| {
        let names = || std::iter::once(&columns[column].name).chain(&columns[column].aliases);
        let found = file.strangers.iter().find(|stranger| names().any(|name| are_alike(name, stranger)));
        found.map(|stranger| (column, stranger.as_str()))
    };
    if file.strangers.is_empty() {
        return Vec::new();
    }
    file.absent.iter().copied().filter(is_read).filter_map(stranger).collect()
}

/// Whether two headers may mean one column: one contains the other, or they differ by one character. 时间 and 日期 are one word; a
/// beginning is no end.
fn are_alike(one: &str, other: &str) -> bool {
    let plain = |name: &str| inspect::plain(name).replace("时间", "日期").split_whitespace().collect::<String>();
    let (one, other) = (plain(one), plain(other));
    let contains = |long: &str, short: &str| short.chars().count() >= 2 && long.contains(short);
    if contains(&one, &other) || contains(&other, &one) {
        return true;
    }
    const ENDS: [[char; 2]; 2] = [['起', '止'], ['始', '终']];
    let mut different = one.chars().zip(other.chars()).filter(|(a, b)| a != b);
    let are_ends = different.next().is_some_and(|(a, b)| a != b && ENDS.iter().any(|ends| ends.contains(&a) && ends.contains(&b)));
    strsim::levenshtein(&one, &other) == 1 && !are_ends
}

/// Optional columns that had values in the run before and have none.
pub fn gone(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for (id, source, known) in look.known_before().filter(|(id, ..)| look.rows(*id) > 0) {
        for (column, declared) in source.columns.iter().enumerate().filter(|(_, column)| !column.required) {
            let had = known.columns.get(&declared.name).copied().unwrap_or(0);
            if had < FEW || !look.is_empty(id, column) {
                continue;
            }
            let says = format!("上次有 {had} 行填写“{}”，本次没有", declared.name);
            let advice =
                format!("请补上“{}”重新报送；确实不再有的，用 --accept {}:{} 确认", declared.name, Rule::ColumnGone.code(), source.name);
            let finding = Finding { count: Some(had), ..look.of_column(Rule::ColumnGone, id, column, says, advice) };
            // The whole source is set aside: whoever reads it has to know.
            found.add(Weight::Aside, Finding { affected: look.readers.of_source(id), ..finding });
        }
    }
}

impl Look<'_> {
    /// Whether a column is absent from every file, or empty in every row.
    fn is_empty(&self, source: SourceId, column: usize) -> bool {
        let mut files = self.data.files.iter().filter(|file| file.source == source && file.rows > 0);
        let cells = self.data.tables[source].as_ref().and_then(|table| table.frame.columns().get(column));
        files.all(|file| file.absent.contains(&column)) || cells.is_some_and(|cells| cells.null_count() == cells.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_may_mean_one_column() {
        for (one, other, expected) in [
            ("许可期限止", "许可期限至", true),
            ("一年总收入", "一年总收入（万元）", true),
            ("登录日期", "登录时间", true),
            ("某企业人员数", "人员数", true),
            ("许可期限止", "许可期限起", false),
            ("合同终", "合同始", false),
            ("门类号码", "门", false),
            ("门类号码", "地段名称", false),
            ("试验经费", "试验 经费", true),
            ("人员数", "人员总数", true),
        ] {
            assert_eq!(are_alike(one, other), expected, "{one} {other}");
            assert_eq!(are_alike(other, one), expected, "{other} {one}");
        }
    }
}
