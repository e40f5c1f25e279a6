//! The files of src as a graph: an arrow from a file to each file whose items it names, with the line where it does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{Attribute, File, Item, UseTree};

/// Where a file stands among the modules: `src/sql/ir.rs` is `[sql, ir]`.
type Module = Vec<String>;

pub struct Arrow {
    pub from: PathBuf,
    pub line: usize,
    pub to: PathBuf,
}

/// All files, by module.
pub struct House {
    files: BTreeMap<Module, (PathBuf, File)>,
    /// What a module hands on from another: module and name → the item's own path.
    handed: BTreeMap<(Module, String), Module>,
}

impl House {
    pub fn read(root: &Path) -> House {
        let files = super::rust_files(root).into_iter().map(|path| {
            let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
            (module(path.strip_prefix(root).unwrap()), (path, file))
        });
        let mut house = House { files: files.collect(), handed: BTreeMap::new() };
        let handed = house.files.iter().flat_map(|(module, (_, file))| {
            let uses = file.items.iter().filter_map(|item| match item {
                Item::Use(item) if !matches!(item.vis, syn::Visibility::Inherited) => Some(&item.tree),
                _ => None,
            });
            let paths = uses.flat_map(|tree| leaves(tree, &[]));
            paths.map(|path| ((module.clone(), path.last().unwrap().0.clone()), absolute(module, &names(&path))))
        });
        house.handed = handed.collect();
        house
    }

    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (module, (path, file)) in &self.files {
            let mut named = Named::default();
            named.visit_file(file);
            for (names, line) in named.0 {
                let target = self.file_of(&absolute(module, &names));
                arrows.extend(target.filter(|to| to != path).map(|to| Arrow { from: path.clone(), line, to }));
            }
        }
        arrows
    }

    /// The file that holds the item of this path.
    fn file_of(&self, path: &[String]) -> Option<PathBuf> {
        let at = (1..=path.len()).rev().find(|&at| self.files.contains_key(&path[..at]))?;
        let handed = path.get(at).and_then(|name| self.handed.get(&(path[..at].to_vec(), name.clone())));
        match handed {
            Some(own) if own[..] != path[..] => self.file_of(own),
            _ => Some(self.files[&path[..at]].0.clone()),
        }
    }
}

/// The paths that a file names, with their lines; tests aside, which may look anywhere.
#[derive(Default)]
struct Named(Vec<(Vec<String>, usize)>);

impl<'ast> Visit<'ast> for Named {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        for path in leaves(&item.tree, &[]) {
            self.0.push((names(&path), path.last().unwrap().1));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            let line = path.segments[0].ident.span().start().line;
            self.0.push((names, line));
        }
        visit::visit_path(self, path);
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("cfg") && a.parse_args::<syn::Ident>().is_ok_and(|word| word == "test"))
}

type Leaf = Vec<(String, usize)>;

fn names(path: &Leaf) -> Vec<String> {
    path.iter().map(|(name, _)| name.clone()).filter(|name| name != "self").collect()
}

/// Every path that a `use` brings, each name with its line.
fn leaves(tree: &UseTree, before: &[(String, usize)]) -> Vec<Leaf> {
    let with = |ident: &syn::Ident| [before, &[(ident.to_string(), ident.span().start().line)]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident)),
        UseTree::Name(name) => vec![with(&name.ident)],
        UseTree::Rename(name) => vec![with(&name.ident)],
        UseTree::Glob(_) => vec![before.to_vec()],
        UseTree::Group(group) => group.items.iter().flat_map(|tree| leaves(tree, before)).collect(),
    }
}

/// A path as seen from a module, from the top of the crate.
fn absolute(module: &[String], path: &[String]) -> Module {
    let ups = path.iter().take_while(|name| *name == "super").count();
    match path.first().map(String::as_str) {
        Some("crate") => path[1..].to_vec(),
        Some("super") => [&module[..module.len().saturating_sub(ups)], &path[ups..]].concat(),
        _ => [module, path].concat(),
    }
}

fn module(inside: &Path) -> Module {
    let mut names: Module = inside.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect();
    if matches!(names.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        names.pop();
    }
    names
}
