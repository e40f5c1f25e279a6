//! The folder `generate/` of a pipeline → [`Plan`], or all its mistakes with their places.

mod check;
mod formula;
pub mod model;
mod names;
mod raw;
mod rules;
mod shapes;
mod tables;
mod values;

use crate::diagnostic::{Diagnostic, FileId, Files, Findings, Mistake, Place, Severity};
use crate::policy::Broken;
use crate::policy::model::Pipeline;
use crate::policy::toml::Table;
use crate::schema::BySource;
use ::toml::de::DeTable;
use model::{Dirt, Plan, PlanTable, Settings};
use raw::{Raw, RawTable};
use std::path::{Path, PathBuf};
use values::Context;

/// Reads and checks the plan of the pipeline in `dir`.
pub fn load(dir: &Path, pipeline: &Pipeline) -> Result<Plan, Broken> {
    let mut files = Files::default();
    let ids = read_files(&dir.join("generate"), &mut files)?;
    let findings = Findings::default();
    let built = build(&ids, &files, pipeline, &findings);
    let (errors, warnings): (Vec<Diagnostic>, Vec<Diagnostic>) =
        findings.into_inner().into_iter().partition(|d| d.severity == Severity::Error);
    match built {
        Some((tables, settings, dirt)) if errors.is_empty() => Ok(Plan { tables, settings, dirt, files, warnings }),
        _ => Err(Broken::Invalid(errors.into_iter().chain(warnings).collect(), files)),
    }
}

fn read_files(folder: &Path, files: &mut Files) -> Result<Vec<FileId>, Broken> {
    let entries = std::fs::read_dir(folder).map_err(|e| Broken::Io(folder.to_owned(), e))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    if paths.is_empty() {
        let error = std::io::Error::new(std::io::ErrorKind::NotFound, "holds no .toml file");
        return Err(Broken::Io(folder.to_owned(), error));
    }
    let mut ids = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|e| Broken::Io(path.clone(), e))?;
        let name = path.file_name().map(|n| n.to_string_lossy().to_string()).unwrap_or_default();
        ids.push(files.add(format!("generate/{name}"), text));
    }
    Ok(ids)
}

type Built = (BySource<PlanTable>, Settings, Vec<Dirt>);

fn build(ids: &[FileId], files: &Files, pipeline: &Pipeline, findings: &Findings) -> Option<Built> {
    let mut raw = Raw::default();
    for &file in ids {
        let (root, errors) = DeTable::parse_recoverable(files.text(file));
        for e in &errors {
            findings.push(Diagnostic::error(Mistake::Toml, Place { file, span: e.span().unwrap_or(0..0) }, e.message().to_string()));
        }
        if errors.is_empty() {
            raw.read(Table::new(root.get_ref(), Place { file, span: 0..1 }, findings));
        }
    }
    let start = Place { file: *ids.first()?, span: 0..1 };
    let Some(raw_settings) = &raw.settings else {
        let diagnostic = Diagnostic::error(Mistake::MissingKey, start, "one file must hold [generate]");
        findings.push(diagnostic.hint("[generate] as_of = \"2022-12-31\", near = \"5%\", yes = …, no = …"));
        return None;
    };
    check_unique(&raw.tables, findings);
    let context = Context { pipeline, files, findings };
    let settings = tables::settings(context, raw_settings)?;
    let places: BySource<Place> = raw.tables.iter().map(|t| t.name.place.clone()).collect();
    let shapes = shapes::shapes(context, &mut raw.tables)?;
    let tables = tables::tables(context, &settings, &raw.tables, &shapes);
    if tables.len() == places.len() {
        check::check(&tables, &places, findings);
        if findings.count() == 0 {
            check::check_complete(&tables, &raw_settings.without, pipeline, &start, findings);
        }
    }
    Some((tables, settings, raw.dirt))
}

fn check_unique(tables: &BySource<RawTable>, findings: &Findings) {
    let mut seen = std::collections::BTreeSet::new();
    for table in tables {
        if !seen.insert(&table.name.value) {
            let message = format!("table `{}` is planned twice", table.name.value);
            findings.push(Diagnostic::error(Mistake::DuplicateName, table.name.place.clone(), message));
        }
        let mut columns = std::collections::BTreeSet::new();
        for column in table.columns.iter().filter(|c| !columns.insert(c.name.value.clone())) {
            let message = format!("column `{}` stands in this table twice", column.name.value);
            findings.push(Diagnostic::error(Mistake::DuplicateColumn, column.name.place.clone(), message));
        }
    }
}
