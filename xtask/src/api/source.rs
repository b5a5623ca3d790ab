//! The modules of the crates with expanded macros, and the resolution of paths in them.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use proc_macro2::TokenStream;
use syn::{Attribute, ImplItem, Item, ItemMacro, ItemMod, UseTree};

use super::{
    cfg::{Gates, gates},
    macros::Macros,
};
use crate::items::{attributes, is_public, item_name};

/// Index of a module in [`Source::modules`].
pub(super) type ModuleId = usize;

/// An item: its module, and its index there.
pub(super) type ItemId = (ModuleId, usize);

/// Reads a file; `None` if there is none.
pub(super) type ReadFile<'a> = dyn Fn(&Path) -> Option<String> + 'a;

/// Macros of the standard library that define nothing public.
const MACROS_WITHOUT_ITEMS: &[&str] = &["compile_error", "thread_local"];

/// Number of imports through which a name is followed, and of nested macros; more are cyclic.
const MAX_DEPTH: usize = 32;

/// The modules of all crates.
#[derive(Default)]
pub(super) struct Source {
    pub(super) modules: Vec<Module>,
    macros: Macros,
    /// The root module of each crate, by name.
    roots: HashMap<String, ModuleId>,
}

pub(super) struct Module {
    pub(super) krate: String,
    pub(super) parent: Option<ModuleId>,
    pub(super) name: String,
    /// Conditions of the module and of its parents.
    pub(super) gates: Gates,
    pub(super) public: bool,
    pub(super) hidden: bool,
    pub(super) children: Vec<ModuleId>,
    pub(super) items: Vec<Entry>,
    pub(super) imports: Vec<Import>,
}

/// An item that is neither a module nor an import.
pub(super) struct Entry {
    pub(super) gates: Gates,
    pub(super) item: Item,
}

/// A name that a module imports.
pub(super) struct Import {
    pub(super) public: bool,
    pub(super) hidden: bool,
    pub(super) gates: Gates,
    pub(super) path: Vec<String>,
    /// `None` for a glob import.
    pub(super) name: Option<String>,
}

/// The target of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    Module(ModuleId),
    Item(ItemId),
    /// An item of a crate whose source is not read.
    External(Vec<String>),
}

impl Source {
    /// Reads crates, given as name and root file, each after its dependencies.
    pub(super) fn read(crates: &[(&str, PathBuf)], read: &ReadFile<'_>) -> Result<Self, String> {
        let mut source = Self::default();
        for (name, file) in crates {
            let module = source.module(name, None, name, (true, false), Gates::new());
            source.roots.insert((*name).to_owned(), module);
            let folder = file.parent().unwrap_or(Path::new("")).to_owned();
            source.file(module, file, &folder, read)?;
        }
        let mut module = 0;
        // Macros may define further modules.
        while module < source.modules.len() {
            source.expand(module)?;
            module += 1;
        }
        Ok(source)
    }

    /// Returns the root module of a crate.
    pub(super) fn root(&self, krate: &str) -> ModuleId {
        self.roots[krate]
    }

    fn module(
        &mut self,
        krate: &str,
        parent: Option<ModuleId>,
        name: &str,
        (public, hidden): (bool, bool),
        gates: Gates,
    ) -> ModuleId {
        let (krate, name) = (krate.to_owned(), name.to_owned());
        let (children, items, imports) = (Vec::new(), Vec::new(), Vec::new());
        self.modules.push(Module { krate, parent, name, gates, public, hidden, children, items, imports });
        let module = self.modules.len() - 1;
        if let Some(parent) = parent {
            self.modules[parent].children.push(module);
        }
        module
    }

    /// Reads the file of a module whose submodules are in `folder`.
    fn file(&mut self, module: ModuleId, path: &Path, folder: &Path, read: &ReadFile<'_>) -> Result<(), String> {
        let text = read(path).ok_or_else(|| format!("{}: no such file", path.display()))?;
        let file = syn::parse_file(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let Some(gates) = gates(&file.attrs) else { return Ok(()) };
        self.modules[module].gates.extend(gates);
        self.modules[module].hidden |= is_hidden(&file.attrs);
        self.items(module, file.items, Some((folder, read)))
    }

    /// Adds items to a module. Items of a macro have no folder.
    fn items(
        &mut self,
        module: ModuleId,
        items: Vec<Item>,
        files: Option<(&Path, &ReadFile<'_>)>,
    ) -> Result<(), String> {
        for item in items {
            let Some(mut gates) = gates(attributes(&item)) else { continue };
            match item {
                Item::Mod(item) => self.submodule(module, item, gates, files)?,
                Item::Use(item) => {
                    let (public, hidden) = (is_public(&item.vis), is_hidden(&item.attrs));
                    let mut found = Vec::new();
                    leaves(&item.tree, &mut Vec::new(), &mut found);
                    for (path, name) in found {
                        let gates = gates.clone();
                        self.modules[module].imports.push(Import { public, hidden, gates, path, name });
                    }
                }
                Item::Macro(item) if item.ident.is_some() => {
                    let krate = self.modules[module].krate.clone();
                    let name = item.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    self.macros.define(&krate, &name, item.mac.tokens.clone())?;
                    if item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export")) {
                        gates.extend(self.modules[module].gates.iter().cloned());
                        let root = self.roots[&krate];
                        self.modules[root].items.push(Entry { gates, item: Item::Macro(item) });
                    }
                }
                item => self.modules[module].items.push(Entry { gates, item }),
            }
        }
        Ok(())
    }

    fn submodule(
        &mut self,
        parent: ModuleId,
        item: ItemMod,
        mut gates: Gates,
        files: Option<(&Path, &ReadFile<'_>)>,
    ) -> Result<(), String> {
        let name = item.ident.to_string();
        let file = name.trim_start_matches("r#");
        gates.extend(self.modules[parent].gates.iter().cloned());
        let krate = self.modules[parent].krate.clone();
        let seen = (is_public(&item.vis), is_hidden(&item.attrs));
        let module = self.module(&krate, Some(parent), &name, seen, gates);
        match (item.content, files) {
            (Some((_, items)), files) => {
                let folder = files.map(|(folder, read)| (folder.join(file), read));
                self.items(module, items, folder.as_ref().map(|(folder, read)| (folder.as_path(), *read)))
            }
            (None, Some((folder, read))) => {
                let (beside, inner) = (folder.join(format!("{file}.rs")), folder.join(file));
                let path = if read(&beside).is_some() { beside } else { inner.join("mod.rs") };
                self.file(module, &path, &inner, read)
            }
            (None, None) => Err(format!("a macro declares the module `{name}`, whose file is unknown")),
        }
    }

    /// Expands the macros of a module, in item position and in `impl` blocks.
    fn expand(&mut self, module: ModuleId) -> Result<(), String> {
        for _ in 0..MAX_DEPTH {
            let items = std::mem::take(&mut self.modules[module].items);
            let mut again = false;
            for Entry { gates, mut item } in items {
                match &mut item {
                    Item::Macro(ItemMacro { ident: None, mac, .. }) => {
                        again = true;
                        let tokens = self.expansion(module, &mac.path, mac.tokens.clone())?;
                        let file = syn::parse2::<syn::File>(tokens.clone())
                            .map_err(|error| format!("{}!: {error} in `{tokens}`", name_of(&mac.path)))?;
                        let first = self.modules[module].items.len();
                        self.items(module, file.items, None)?;
                        for entry in &mut self.modules[module].items[first..] {
                            entry.gates.extend(gates.iter().cloned());
                        }
                        continue;
                    }
                    // The items in an implementation of a trait are known from the trait.
                    Item::Impl(block) if block.trait_.is_none() => {
                        for _ in 0..MAX_DEPTH {
                            if !block.items.iter().any(|item| matches!(item, ImplItem::Macro(_))) {
                                break;
                            }
                            block.items = self.expand_impl(module, std::mem::take(&mut block.items))?;
                        }
                    }
                    _ => {}
                }
                self.modules[module].items.push(Entry { gates, item });
            }
            if !again {
                return Ok(());
            }
        }
        Err(format!("macros in the module `{}` expand without end", self.modules[module].name))
    }

    fn expand_impl(&self, module: ModuleId, items: Vec<ImplItem>) -> Result<Vec<ImplItem>, String> {
        let mut expanded = Vec::new();
        for item in items {
            let ImplItem::Macro(invocation) = item else {
                expanded.push(item);
                continue;
            };
            let tokens = self.expansion(module, &invocation.mac.path, invocation.mac.tokens)?;
            let block: syn::ItemImpl = syn::parse2(quote::quote! { impl Owner { #tokens } })
                .map_err(|error| format!("{}!: {error}", name_of(&invocation.mac.path)))?;
            expanded.extend(block.items);
        }
        Ok(expanded)
    }

    fn expansion(&self, module: ModuleId, path: &syn::Path, input: TokenStream) -> Result<TokenStream, String> {
        let name = name_of(path);
        if MACROS_WITHOUT_ITEMS.contains(&name.as_str()) {
            return Ok(TokenStream::new());
        }
        self.macros.expand(&self.modules[module].krate, &name, input)
    }

    /// Resolves a path in a module. One name can be a type, a value and a macro, so the result is a list; it is empty for
    /// names of the prelude and of generic parameters.
    pub(super) fn resolve(&self, module: ModuleId, path: &[String]) -> Vec<Target> {
        self.follow(module, path, 0, true)
    }

    /// Without `globs`, the first name is not searched in glob imports: a glob import cannot import its own path.
    fn follow(&self, module: ModuleId, path: &[String], depth: usize, globs: bool) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return vec![Target::Module(module)] };
        let here = &self.modules[module];
        match first.as_str() {
            "crate" => return self.below(self.roots[&here.krate], rest, depth),
            "self" => return self.below(module, rest, depth),
            "super" => return here.parent.map_or_else(Vec::new, |parent| self.follow_from_super(parent, rest, depth)),
            _ => {}
        }
        let mut found = self.explicit(module, first, false, depth);
        if found.is_empty() {
            found.extend(self.roots.get(first).map(|root| Target::Module(*root)));
        }
        if found.is_empty() && globs {
            found = self.through_globs(module, first, false, depth);
        }
        if found.is_empty() && !rest.is_empty() {
            return vec![Target::External(path.to_vec())];
        }
        self.all_below(found, rest, depth)
    }

    /// Follows a path after `super`, which may be followed by another one.
    fn follow_from_super(&self, module: ModuleId, path: &[String], depth: usize) -> Vec<Target> {
        match path.first().map(String::as_str) {
            Some("super") => self.follow(module, path, depth, true),
            _ => self.below(module, path, depth),
        }
    }

    fn below(&self, module: ModuleId, path: &[String], depth: usize) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return vec![Target::Module(module)] };
        self.all_below(self.named(module, first, false, depth), rest, depth)
    }

    fn all_below(&self, found: Vec<Target>, rest: &[String], depth: usize) -> Vec<Target> {
        if rest.is_empty() {
            return found;
        }
        let below = found.into_iter().flat_map(|target| match target {
            Target::Module(module) => self.below(module, rest, depth),
            // A variant or an associated type resolves to its parent.
            Target::Item(item) => vec![Target::Item(item)],
            Target::External(path) => vec![Target::External([&path, rest].concat())],
        });
        below.collect()
    }

    /// Returns the targets of a name in a module, defined or imported there.
    pub(super) fn named(&self, module: ModuleId, name: &str, public: bool, depth: usize) -> Vec<Target> {
        let found = self.explicit(module, name, public, depth);
        if found.is_empty() { self.through_globs(module, name, public, depth) } else { found }
    }

    /// Returns the targets that a module defines, or imports by name.
    fn explicit(&self, module: ModuleId, name: &str, public: bool, depth: usize) -> Vec<Target> {
        let here = &self.modules[module];
        let mut found: Vec<Target> = here
            .children
            .iter()
            .filter(|child| self.modules[**child].name == name && (!public || self.modules[**child].public))
            .map(|child| Target::Module(*child))
            .collect();
        found.extend(here.items.iter().enumerate().filter_map(|(index, entry)| {
            let (own, visible) = item_name(&entry.item)?;
            (own == name && (!public || visible)).then_some(Target::Item((module, index)))
        }));
        for import in here.imports.iter().filter(|import| import.name.as_deref() == Some(name)) {
            if (public && !import.public) || depth > MAX_DEPTH {
                continue;
            }
            // A name that imports itself is the crate of that name.
            let itself = import.path.len() == 1 && import.path[0] == name;
            let target = if itself { Vec::new() } else { self.follow(module, &import.path, depth + 1, true) };
            if target.is_empty() {
                found.push(Target::External(import.path.clone()));
            }
            found.extend(target.into_iter().filter(|target| !found.contains(target)).collect::<Vec<_>>());
        }
        found
    }

    /// Returns the targets that a module imports by globs.
    fn through_globs(&self, module: ModuleId, name: &str, public: bool, depth: usize) -> Vec<Target> {
        let mut found = Vec::new();
        for import in self.modules[module].imports.iter().filter(|import| import.name.is_none()) {
            if (public && !import.public) || depth > MAX_DEPTH {
                continue;
            }
            for target in self.follow(module, &import.path, depth + 1, false) {
                if let Target::Module(other) = target
                    && other != module
                {
                    found.extend(self.named(other, name, true, depth + 1));
                }
            }
        }
        found
    }
}

/// Returns the paths of an import with the names they are bound to.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Option<String>)>) {
    let mut add = |path: &[String], last: &syn::Ident, name: &syn::Ident| {
        let mut path = path.to_vec();
        // `a::{self}` imports `a`.
        let name = if last == "self" { path.last().cloned().unwrap_or_default() } else { name.to_string() };
        if last != "self" {
            path.push(last.to_string());
        }
        found.push((path, Some(name)));
    };
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            leaves(&part.tree, path, found);
            path.pop();
        }
        UseTree::Name(part) => add(path, &part.ident, &part.ident),
        UseTree::Rename(part) if part.rename == "_" => {}
        UseTree::Rename(part) if part.ident == "self" => found.push((path.clone(), Some(part.rename.to_string()))),
        UseTree::Rename(part) => add(path, &part.ident, &part.rename),
        UseTree::Glob(_) => found.push((path.clone(), None)),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, found)),
    }
}

fn name_of(path: &syn::Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Whether docs hide an item.
pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|argument| argument == "hidden")
    })
}
