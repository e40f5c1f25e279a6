//! Files that are not read, that nobody takes, and that were sent in more than one place.

use super::{Finding, Found, Look, Rule, Weight};
use crate::schema::SourceId;
use crate::sources::{FileReport, Kin};

/// What may stand behind a name.
const EXTENSIONS: &str = "csv、txt、tsv（可再压缩成 gz、zst）、xlsx、xlsm、xlsb、xls、et、ods、parquet";

/// Files of which nothing can be read: nobody knows what stood in them.
pub fn unreadable(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for file in look.files().filter(|file| !file.refusals.is_empty()) {
        let source = &look.wanted.pipeline.sources[file.source];
        let says: Vec<&str> = file.refusals.iter().map(|refusal| refusal.says.as_str()).collect();
        let todo = file.refusals.first().map_or("", |refusal| refusal.todo.trim_end_matches('。'));
        let advice = format!("{todo}；不要这份文件的，用 --accept {}:{} 确认", Rule::FileUnreadable.code(), source.name);
        let finding = look.of_source(Rule::FileUnreadable, file.source, says.join("；"), advice);
        found.add(Weight::Aside, Finding { file: file.path.clone(), count: (file.rows > 0).then_some(file.rows), ..finding });
    }
}

/// Files and folders whose name nearly is a source's.
pub fn name(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for stray in &look.data.strays {
        let Kin::Source(id) = stray.kin else { continue };
        let source = &look.wanted.pipeline.sources[id];
        let says = format!("“{}”像是{}，但没有读", stray.path, source.title);
        let advice = format!(
            "请直接放在数据文件夹里，命名为 {} 或 {}，扩展名用 {EXTENSIONS}；压缩包请先解开；分几份的，放进以此命名的文件夹",
            source.title, source.name
        );
        let is_missed = look.wanted.sources[id] && look.data.files.iter().all(|file| file.source != id);
        let weight = if is_missed { Weight::Aside } else { Weight::Note };
        found.add(weight, Finding { file: stray.path.clone(), ..look.of_source(Rule::FileName, id, says, advice) });
    }
}

/// All other files that no source takes.
pub fn unknown(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for stray in &look.data.strays {
        let says = match stray.kin {
            Kin::Source(_) => continue,
            Kin::Nobody => format!("“{}”不是任何数据源的文件，没有读", stray.path),
            Kin::Reference(id) => {
                format!("“{}”没有读：{}是规则自带的表，不由数据文件夹报送", stray.path, look.wanted.pipeline.sources[id].title)
            }
        };
        let advice = "不需要的请移走；是某个数据源的，请按它的名称命名，或者在它的 sources 文件里写 files".to_string();
        found.add(Weight::Note, Finding { file: stray.path.clone(), ..look.finding(Rule::FileUnknown, says, advice) });
    }
}

/// Sources that were sent under two names, in two formats, or as a file and a folder.
pub fn twice(look: &Look<'_>, found: &mut Found<'_, '_>) {
    for (id, places) in look.data.twice.iter().filter(|(id, _)| look.is_used(*id)) {
        let source = &look.wanted.pipeline.sources[*id];
        let says = format!("{}送了 {} 处：{}；都作为同一张表的分片读了", source.title, places.len(), places.join("、"));
        let advice = format!("请只保留一处{}；分几份报送的，放进一个以此命名的文件夹", source.title);
        found.add(Weight::Warn, Finding { file: places.join("、"), ..look.of_source(Rule::DeliveredTwice, *id, says, advice) });
    }
}

impl<'l> Look<'l> {
    /// Delivered files of the sources that the run uses.
    pub(super) fn files(&self) -> impl Iterator<Item = &'l FileReport> + use<'l> {
        let (wanted, data) = (self.wanted, self.data);
        data.files.iter().filter(move |file| !wanted.pipeline.sources[file.source].reference && wanted.sources[file.source])
    }

    pub(super) fn is_used(&self, source: SourceId) -> bool {
        !self.wanted.pipeline.sources[source].reference && self.wanted.sources[source]
    }
}
