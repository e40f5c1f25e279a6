//! Columns that a file lacks, and columns that nobody asked for.

use super::{Finding, Level, Readers, Rule, Wanted};
use crate::sources::{CheckedTables, FileReport};

/// Per file: optional columns that a wanted measure reads and that are not there, and columns that the source does not have.
pub fn look(wanted: &Wanted<'_>, data: &CheckedTables, readers: &Readers, found: &mut Vec<Finding>) {
    for file in data.files.iter().filter(|file| !wanted.pipeline.sources[file.source].reference) {
        found.extend(file.absent.iter().filter_map(|&column| absent(wanted, file, column, readers)));
        found.extend(file.strangers.iter().map(|name| unknown(wanted, file, name)));
    }
}

fn absent(wanted: &Wanted<'_>, file: &FileReport, column: usize, readers: &Readers) -> Option<Finding> {
    let source = &wanted.pipeline.sources[file.source];
    let affected = readers.of_column(file.source, column);
    let name = &source.columns[column].name;
    (!affected.is_empty()).then(|| Finding {
        source: source.name.clone(),
        file: file.path.clone(),
        place: name.clone(),
        count: Some(file.rows),
        affected,
        department: source.department_of(column).to_string(),
        ..Finding::new(
            Level::Note,
            Rule::ColumnAbsent,
            format!("没有“{name}”一栏，各行的这一栏都为空"),
            format!("请补报“{name}”；补报以前，受影响的措施按空格处理"),
        )
    })
}

fn unknown(wanted: &Wanted<'_>, file: &FileReport, name: &str) -> Finding {
    let source = &wanted.pipeline.sources[file.source];
    Finding {
        source: source.name.clone(),
        file: file.path.clone(),
        place: name.to_string(),
        count: Some(file.rows),
        department: source.department.clone(),
        ..Finding::new(
            Level::Note,
            Rule::ColumnUnknown,
            format!("“{name}”不是{}的栏目，没有读", source.title),
            format!("如果它是某一栏的别名，请在 sources/{}.toml 的 aliases 里写上", source.name),
        )
    }
}
