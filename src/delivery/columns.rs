//! Columns that a file lacks, that nobody asked for, and that have gone since the run before.

use super::{Finding, Found, Look, Rule, Weight};
use crate::schema::SourceId;

/// Of fewer values in the run before nobody asks where they have gone.
const FEW: u64 = 20;

/// Per file: optional columns that a wanted measure reads and that are not there.
pub fn absent(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.data.files.iter().filter(|file| look.is_used(file.source)) {
        for &column in &file.absent {
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
    for file in look.data.files.iter().filter(|file| look.is_used(file.source)) {
        let source = &look.wanted.pipeline.sources[file.source];
        for name in &file.strangers {
            let says = format!("“{name}”不是{}的栏目，没有读", source.title);
            let advice = format!("如果它是某一栏的别名，请在 sources/{}.toml 的 aliases 里写上", source.name);
            let finding = look.of_source(Rule::ColumnUnknown, file.source, says, advice);
            let (file, place) = (file, name.clone());
            found.add(Weight::Note, Finding { file: file.path.clone(), place, count: Some(file.rows), affected: Vec::new(), ..finding });
        }
    }
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
    fn is_used(&self, source: SourceId) -> bool {
        !self.wanted.pipeline.sources[source].reference && self.wanted.sources[source]
    }

    /// Whether a column is absent from every file, or empty in every row.
    fn is_empty(&self, source: SourceId, column: usize) -> bool {
        let mut files = self.data.files.iter().filter(|file| file.source == source && file.rows > 0);
        let cells = self.data.tables[source].as_ref().and_then(|table| table.frame.columns().get(column));
        files.all(|file| file.absent.contains(&column)) || cells.is_some_and(|cells| cells.null_count() == cells.len())
    }
}
