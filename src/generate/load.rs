//! The folder `generate/` of a pipeline → [`Plan`], or all its mistakes with their places.

use super::check;
use super::model::Plan;
use super::raw::Raw;
use super::resolve::Resolve;
use crate::diagnostic::{Diagnostic, FileId, Files, Mistake, Place, Severity};
use crate::policy::Broken;
use crate::policy::model::Pipeline;
use crate::policy::toml::{Findings, Table};
use ::toml::de::DeTable;
use std::path::{Path, PathBuf};

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

type Built = (Vec<super::model::PlanTable>, super::model::Settings, Vec<super::model::Dirt>);

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
    let Some(settings) = &raw.settings else {
        let diagnostic = Diagnostic::error(Mistake::MissingKey, start, "one file must hold [generate]");
        findings.push(diagnostic.hint("[generate] as_of = \"2022-12-31\", near = \"5%\", yes = …, no = …"));
        return None;
    };
    let without = settings.without.clone();
    let dirt = std::mem::take(&mut raw.dirt);
    let places: Vec<Place> = raw.tables.iter().map(|t| t.name.place.clone()).collect();
    check_unique(&raw, findings);
    let mut resolve = Resolve::new(raw, pipeline, files, findings)?;
    let (tables, settings) = resolve.tables();
    if tables.len() == places.len() {
        check::check(&tables, &places, findings);
        if findings.count() == 0 {
            check::check_complete(&tables, &without, pipeline, &start, findings);
        }
    }
    Some((tables, settings, dirt))
}

fn check_unique(raw: &Raw, findings: &Findings) {
    let mut seen = std::collections::BTreeSet::new();
    for table in &raw.tables {
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
