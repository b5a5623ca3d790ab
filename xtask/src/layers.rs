//! `cargo xtask ci layers`: files do not import each other in a cycle, neither directly nor through others.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Item, ItemUse, Macro, UseTree, Visibility, spanned::Spanned, visit::Visit};

use crate::{
    Outcome,
    items::{attributes, item_name},
    root, shown,
};

/// Root files of the hand-written crates.
const CRATES: &[&str] = &[
    "codegen/src/lib.rs",
    "ecs-sdk/model/src/lib.rs",
    "ecs-sdk/runtime/src/lib.rs",
    "emulator/src/lib.rs",
    "emulator/src/main.rs",
    "xtask/src/main.rs",
];

/// Number of re-exports through which a name is followed. After more, it is attributed to the module where the search began.
const MAX_REEXPORTS: usize = 8;

pub(crate) fn run() -> Outcome {
    let mut cycles = Vec::new();
    for file in CRATES {
        let graph = Graph::of(&root().join(file))?;
        println!("{:>4} files  {}", graph.modules.len(), Path::new(file).parent().unwrap_or(Path::new("")).display());
        cycles.extend(graph.cycles());
    }
    if cycles.is_empty() {
        return Ok(());
    }
    let list = cycles.join("\n");
    Err(format!("{list}\nfiles import each other in a cycle; move the shared parts into a file that both can import")
        .into())
}

/// A module with its own file.
struct Module {
    file: PathBuf,
    /// Names of the items that it defines.
    defined: BTreeSet<String>,
    /// Names that it imports, with their paths.
    imported: HashMap<String, Vec<String>>,
    /// Names that it imports from other crates.
    foreign: BTreeSet<String>,
    /// Modules that it imports by globs.
    globs: Vec<Vec<String>>,
    /// Paths that its code uses, with their lines.
    named: Vec<(Vec<String>, usize)>,
}

/// The modules of a crate by path, and their imports.
#[derive(Default)]
struct Graph {
    modules: BTreeMap<Vec<String>, Module>,
    /// Macros that are visible in the whole crate, with the module of each.
    macros: HashMap<String, Vec<String>>,
}

/// Imports of a file: the other file, and the first line with the import.
type Edges = BTreeMap<PathBuf, BTreeMap<PathBuf, usize>>;

impl Graph {
    fn of(file: &Path) -> std::io::Result<Self> {
        let mut graph = Self::default();
        let folder = file.parent().unwrap_or(Path::new(""));
        graph.read(&[], file.to_path_buf(), folder)?;
        Ok(graph)
    }

    /// Reads the file of a module, and the files in `folder` of the modules that it declares.
    fn read(&mut self, path: &[String], file: PathBuf, folder: &Path) -> std::io::Result<()> {
        let text = fs::read_to_string(&file)?;
        let parsed =
            syn::parse_file(&text).map_err(|error| std::io::Error::other(format!("{}: {error}", shown(&file))))?;
        let mut reader = Reader { path, module: Module::new(file), macros: Vec::new(), files: Vec::new() };
        reader.items(&parsed.items);
        let Reader { module, macros, files, .. } = reader;
        self.macros.extend(macros.into_iter().map(|name| (name, path.to_owned())));
        self.modules.insert(path.to_owned(), module);
        for name in files {
            let inner = folder.join(&name);
            let beside = folder.join(format!("{name}.rs"));
            let file = if beside.is_file() { beside } else { inner.join("mod.rs") };
            self.read(&[path, &[name]].concat(), file, &inner)?;
        }
        Ok(())
    }

    fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for module in self.modules.values() {
            for (named, line) in &module.named {
                let Some(target) = self.resolve(named, 0) else { continue };
                let target = &self.modules[&target].file;
                if *target != module.file {
                    edges.entry(module.file.clone()).or_default().entry(target.clone()).or_insert(*line);
                }
            }
        }
        edges
    }

    /// Returns the module that defines the target of a path, or the last module on the path if the target is not found. `None`
    /// for a target in another crate.
    fn resolve(&self, named: &[String], followed: usize) -> Option<Vec<String>> {
        let mut module: Vec<String> = Vec::new();
        for (index, segment) in named.iter().enumerate() {
            let child = [module.clone(), vec![segment.clone()]].concat();
            if self.modules.contains_key(&child) {
                module = child;
                continue;
            }
            if module.is_empty()
                && let Some(definer) = self.macros.get(segment)
            {
                return Some(definer.clone());
            }
            let here = &self.modules[&module];
            if here.foreign.contains(segment) {
                return None;
            }
            if !here.defined.contains(segment) && followed < MAX_REEXPORTS {
                let rest = &named[index + 1..];
                if let Some(target) = here.imported.get(segment) {
                    return self.resolve(&[target, rest].concat(), followed + 1);
                }
                for glob in &here.globs {
                    let target = self.resolve(&[&glob[..], &named[index..]].concat(), followed + 1);
                    if target.as_ref().is_none_or(|target| self.modules[target].defined.contains(segment)) {
                        return target;
                    }
                }
            }
            break;
        }
        Some(module)
    }

    /// Returns the shortest cycle through each file that is in one, unless an earlier cycle contains the file.
    fn cycles(&self) -> Vec<String> {
        let edges = self.edges();
        let mut found: BTreeSet<PathBuf> = BTreeSet::new();
        let mut cycles = Vec::new();
        for file in edges.keys() {
            if found.contains(file) {
                continue;
            }
            if let Some(cycle) = cycle(&edges, file) {
                let steps: Vec<String> = cycle
                    .iter()
                    .zip(cycle.iter().cycle().skip(1))
                    .map(|(from, to)| format!("  {}:{} imports {}", shown(from), edges[from][to], shown(to)))
                    .collect();
                cycles.push(format!("cycle:\n{}", steps.join("\n")));
                found.extend(cycle);
            }
        }
        cycles
    }
}

/// Returns the shortest path of imports from a file back to itself.
fn cycle(edges: &Edges, start: &Path) -> Option<Vec<PathBuf>> {
    let mut came: BTreeMap<&Path, &Path> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(file) = open.pop_front() {
        for next in edges.get(file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut way = vec![file.to_path_buf()];
                let mut step = file;
                while let Some(before) = came.get(step) {
                    way.push(before.to_path_buf());
                    step = before;
                }
                way.reverse();
                return Some(way);
            }
            if !came.contains_key(next.as_path()) {
                came.insert(next, file);
                open.push_back(next);
            }
        }
    }
    None
}

impl Module {
    fn new(file: PathBuf) -> Self {
        let (defined, imported, foreign) = (BTreeSet::new(), HashMap::new(), BTreeSet::new());
        Self { file, defined, imported, foreign, globs: Vec::new(), named: Vec::new() }
    }
}

/// Collects the definitions, imports and paths of a file.
struct Reader<'a> {
    /// Path of the module.
    path: &'a [String],
    module: Module,
    /// Macros that are exported from the crate.
    macros: Vec<String>,
    /// Modules that have their own file.
    files: Vec<String>,
}

impl Reader<'_> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.visit_item(item);
        }
    }

    /// Returns a path relative to the root of the crate; `None` for paths out of the crate and local names.
    fn absolute(&self, segments: &[String]) -> Option<Vec<String>> {
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([self.path, rest].concat()),
            "super" => {
                let ups = segments.iter().take_while(|segment| *segment == "super").count();
                let kept = self.path.len().checked_sub(ups)?;
                Some([&self.path[..kept], &segments[ups..]].concat())
            }
            _ => None,
        }
    }

    fn name(&mut self, segments: &[String], line: usize) {
        if let Some(path) = self.absolute(segments) {
            self.module.named.push((path, line));
        }
    }

    fn import(&mut self, tree: &UseTree, before: &mut Vec<String>, line: usize) {
        let length = before.len();
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, line);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before, line)),
            UseTree::Glob(_) => {
                self.name(before, line);
                self.module.globs.extend(self.absolute(before));
            }
            UseTree::Name(name) => {
                let ident = name.ident.to_string();
                if ident != "self" {
                    before.push(ident);
                }
                self.bind(before.last().cloned().unwrap_or_default(), before, line);
            }
            UseTree::Rename(rename) => {
                before.push(rename.ident.to_string());
                self.bind(rename.rename.to_string(), before, line);
            }
        }
        before.truncate(length);
    }

    fn bind(&mut self, name: String, path: &[String], line: usize) {
        self.name(path, line);
        if let Some(path) = self.absolute(path) {
            self.module.imported.insert(name, path);
        } else if path.first().is_some_and(|first| !self.module.defined.contains(first)) {
            // A path of a module that the file declares is relative.
            self.module.foreign.insert(name);
        }
    }

    /// Collects the paths in the arguments of a macro that start at the root of the crate.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if ident == "crate" => {
                    (path, line) = (vec![ident.to_string()], ident.span().start().line);
                }
                TokenTree::Ident(ident) if path.last().is_some_and(String::is_empty) => {
                    path.pop();
                    path.push(ident.to_string());
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    if path.last().is_some_and(|last| !last.is_empty()) {
                        path.push(String::new());
                    }
                }
                other => {
                    self.name(&std::mem::take(&mut path), line);
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.name(&path, line);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_test(attributes(item)) {
            return;
        }
        self.module.defined.extend(item_name(item).map(|(name, _)| name));
        match item {
            Item::Mod(module) if module.content.is_none() => self.files.push(module.ident.to_string()),
            Item::Macro(rules) if rules.ident.is_some() => {
                if rules.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export")) {
                    self.macros.extend(rules.ident.as_ref().map(ToString::to_string));
                }
            }
            item => syn::visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &mut Vec::new(), item.span().start().line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(&segments, path.span().start().line);
        syn::visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _visibility: &'ast Visibility) {
        // `pub(crate)` names a module and imports nothing.
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        self.visit_path(&mac.path);
        self.tokens(mac.tokens.clone());
    }
}

/// Whether an item exists only in tests.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let test = |list: &syn::MetaList| list.tokens.to_string() == "test";
        attribute.path().is_ident("cfg") && attribute.meta.require_list().is_ok_and(test)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the cycles of a crate with these files.
    fn cycles(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let cycles = Graph::of(&folder.path().join("lib.rs")).unwrap().cycles();
        cycles.iter().map(|cycle| cycle.replace(&format!("{}/", folder.path().display()), "")).collect()
    }

    #[test]
    fn a_cycle_is_reported_with_the_lines_of_its_imports() {
        let found = cycles(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::B;\npub struct A(B);"),
            ("b.rs", "\npub struct B;\nfn f() { crate::c::C; }"),
            ("c.rs", "pub struct C;\nmacro_rules! m { () => {} }\nm!(crate::a::A);"),
        ]);
        assert_eq!(found, ["cycle:\n  a.rs:1 imports b.rs\n  b.rs:3 imports c.rs\n  c.rs:3 imports a.rs"]);
    }

    #[test]
    fn imports_lead_to_the_file_that_defines_a_name() {
        // A child imports from its sibling through the parent, which only re-exports.
        let found = cycles(&[
            ("lib.rs", "pub mod a;"),
            ("a.rs", "mod one; mod two; pub use self::{one::One, two::*};"),
            ("a/one.rs", "use super::Two; pub struct One(Two);"),
            ("a/two.rs", "pub struct Two;"),
        ]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_parent_and_its_child_can_form_a_cycle() {
        let found = cycles(&[
            ("lib.rs", "pub mod a;"),
            ("a.rs", "mod one; pub use self::one::One; pub struct A;"),
            ("a/one.rs", "pub struct One(super::A);"),
        ]);
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn tests_and_visibilities_import_nothing() {
        let found = cycles(&[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B; pub(crate) struct A(B);"),
            ("b.rs", "pub(in crate::a) struct B;\n#[cfg(test)]\nmod tests { use crate::a::A; }"),
        ]);
        assert_eq!(found, [""; 0]);
    }
}
