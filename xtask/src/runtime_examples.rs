//! Copies the examples in the docs of the runtime and of companion services to a file of ecs-sdk, whose doctests compile
//! them: they use the whole SDK, which the crates below ecs-sdk cannot depend on.

use std::{
    collections::{HashMap, hash_map::Entry},
    fs, io,
    path::{Path, PathBuf},
};

use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, Field, ImplItem, Item, Lit, Meta, TraitItem, Variant,
    visit::{self, Visit},
};

use ecs_codegen::features::Features;

use crate::{root, shown};

/// Folders with the source of the runtime and of its models, each with a prefix for the names of its examples.
const SOURCES: [(&str, &str); 2] = [("ecs-sdk/model/src", "model_"), ("ecs-sdk/runtime/src", "runtime_")];
/// Folder of the generated source of companion services, which have folders that are named like their features.
const COMPANIONS: &str = "ecs-sdk/companions/src/generated";

/// Returns the file of all examples. `features` are those of ecs-sdk-companions.
pub(crate) fn file(features: &Features) -> io::Result<String> {
    let mut text = format!(
        "{}\n//! The examples in the docs of `{}` and of the companion services.\n",
        ecs_codegen::HEADER.replace("specs/; edit the specs", "the docs of the runtime and from specs/; edit those"),
        SOURCES.map(|(folder, _)| folder).join("`, `")
    );
    for (folder, prefix) in SOURCES {
        copy(folder, prefix, None, &mut text)?;
    }
    for service in features.keys() {
        let folder = format!("{COMPANIONS}/{service}");
        if root().join(&folder).is_dir() {
            copy(&folder, &format!("{service}_"), Some(&format!("#[cfg(feature=\"{service}\")]")), &mut text)?;
        }
    }
    Ok(text)
}

/// Appends the examples of all files below a folder.
fn copy(folder: &str, prefix: &str, gate: Option<&str>, text: &mut String) -> io::Result<()> {
    let folder = root().join(folder);
    let mut modules = HashMap::new();
    for path in sources(&folder)? {
        let source = fs::read_to_string(&path)?;
        if !source.contains("```") {
            continue;
        }
        let file = syn::parse_file(&source).map_err(|error| io::Error::other(format!("{}: {error}", shown(&path))))?;
        let name = path.strip_prefix(&folder).unwrap_or(&path).with_extension("");
        let name = format!("{prefix}{}", name.to_string_lossy().replace(['/', '\\'], "_"));
        let gates = gate.map(str::to_owned).into_iter().chain(gates_of(&path, &mut modules)?).collect();
        let mut finder = Finder { place: Vec::new(), gates, found: Vec::new() };
        finder.docs(&file.attrs);
        finder.visit_file(&file);
        for (index, example) in finder.found.iter().enumerate() {
            text.push_str(&example.render(&shown(&path), &format!("{name}_{}", index + 1)));
        }
    }
    Ok(())
}

/// The conditions of the modules that a `mod.rs` declares, by name.
type Modules = HashMap<String, Vec<String>>;

/// Returns the conditions under which the `mod.rs` beside a file, if there is one, declares its module. `known` has those of
/// the `mod.rs` that were read before.
fn gates_of(path: &Path, known: &mut HashMap<PathBuf, Modules>) -> io::Result<Vec<String>> {
    let parent = path.with_file_name("mod.rs");
    let modules = match known.entry(parent) {
        Entry::Occupied(modules) => modules.into_mut(),
        Entry::Vacant(vacant) => {
            let modules = modules(vacant.key())?;
            vacant.insert(modules)
        }
    };
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(modules.get(&*name).cloned().unwrap_or_default())
}

/// Reads a `mod.rs`, which may be missing.
fn modules(path: &Path) -> io::Result<Modules> {
    if !path.is_file() {
        return Ok(Modules::new());
    }
    let file = syn::parse_file(&fs::read_to_string(path)?).map_err(io::Error::other)?;
    let declared = file.items.iter().filter_map(|item| match item {
        Item::Mod(module) => Some((module.ident.to_string(), gates(&module.attrs))),
        _ => None,
    });
    Ok(declared.collect())
}

/// The conditions among the attributes of an item.
fn gates(attributes: &[Attribute]) -> Vec<String> {
    let gates = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    gates.map(|gate| gate.to_token_stream().to_string().replace(' ', "")).collect()
}

/// Returns all Rust files below a folder, sorted.
fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// An example: the lines of a code block.
#[derive(Debug, PartialEq)]
struct Example {
    /// The item that it documents, such as `Builder::build`; empty for the file itself.
    item: String,
    /// Conditions under which the item exists.
    gates: Vec<String>,
    lines: Vec<String>,
}

impl Example {
    fn render(&self, file: &str, name: &str) -> String {
        // A line number would change whenever lines above the example change.
        let item = if self.item.is_empty() { String::new() } else { format!("`{}` in ", self.item) };
        let mut text = String::from("\n");
        self.gates.iter().for_each(|gate| text.push_str(&format!("{gate}\n")));
        text.push_str(&format!("/// {item}`{file}`:\n///\n"));
        for line in &self.lines {
            text.push_str(format!("/// {line}").trim_end());
            text.push('\n');
        }
        text.push_str(&format!("mod {name} {{}}\n"));
        text
    }
}

/// Finds examples in the docs of items.
struct Finder {
    place: Vec<String>,
    gates: Vec<String>,
    found: Vec<Example>,
}

impl Finder {
    /// Collects the examples in the docs of an item and of its children, unless the item exists only in tests.
    fn item(&mut self, name: Option<String>, attributes: &[Attribute], below: impl FnOnce(&mut Self)) {
        let gates = gates(attributes);
        if gates.iter().any(|gate| gate == "#[cfg(test)]") {
            return;
        }
        let (depth, outer) = (self.place.len(), self.gates.len());
        self.place.extend(name);
        self.gates.extend(gates);
        self.docs(attributes);
        below(self);
        self.place.truncate(depth);
        self.gates.truncate(outer);
    }

    fn docs(&mut self, attributes: &[Attribute]) {
        let mut open: Option<Example> = None;
        let mut foreign = false;
        for text in doc_lines(attributes) {
            let fence = text.trim_start().strip_prefix("```");
            match (fence, &mut open) {
                (Some(_), Some(_)) => {
                    let mut example = open.take().expect("it is open");
                    example.lines.push("```".to_owned());
                    self.found.push(example);
                }
                (Some(_), None) if foreign => foreign = false,
                (Some(info), None) if is_rust(info) => {
                    let (item, gates) = (self.place.join("::"), self.gates.clone());
                    open = Some(Example { item, gates, lines: vec![text.trim_start().to_owned()] });
                }
                (Some(_), None) => foreign = true,
                (None, Some(example)) => example.lines.push(text),
                (None, None) => {}
            }
        }
    }
}

/// Returns the lines of doc comments, without the space after the slashes.
fn doc_lines(attributes: &[Attribute]) -> impl Iterator<Item = String> {
    attributes.iter().flat_map(|attribute| {
        let text = match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => text.value(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        text.split('\n').map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned()).collect::<Vec<_>>()
    })
}

/// Whether rustdoc treats a code block as Rust.
fn is_rust(info: &str) -> bool {
    const ATTRIBUTES: &[&str] = &["rust", "no_run", "should_panic", "ignore", "compile_fail", "test_harness"];
    let mut words = info.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    words.all(|word| {
        ATTRIBUTES.contains(&word) || ["ignore-", "edition", "E0"].iter().any(|start| word.starts_with(start))
    })
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes): (Option<String>, &[Attribute]) = match item {
            Item::Const(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Enum(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Fn(item) => (Some(item.sig.ident.to_string()), &item.attrs),
            Item::Impl(item) => (Some(item.self_ty.to_token_stream().to_string()), &item.attrs),
            Item::Macro(item) => (item.ident.as_ref().map(ToString::to_string), &item.attrs),
            Item::Mod(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Static(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Struct(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Trait(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Type(item) => (Some(item.ident.to_string()), &item.attrs),
            Item::Use(item) => (None, &item.attrs),
            _ => (None, &[]),
        };
        self.item(name, attributes, |finder| visit::visit_item(finder, item));
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let (name, attributes): (Option<String>, &[Attribute]) = match item {
            ImplItem::Const(item) => (Some(item.ident.to_string()), &item.attrs),
            ImplItem::Fn(item) => (Some(item.sig.ident.to_string()), &item.attrs),
            ImplItem::Type(item) => (Some(item.ident.to_string()), &item.attrs),
            _ => (None, &[]),
        };
        self.item(name, attributes, |_| {});
    }

    fn visit_trait_item(&mut self, item: &'ast TraitItem) {
        let (name, attributes): (Option<String>, &[Attribute]) = match item {
            TraitItem::Const(item) => (Some(item.ident.to_string()), &item.attrs),
            TraitItem::Fn(item) => (Some(item.sig.ident.to_string()), &item.attrs),
            TraitItem::Type(item) => (Some(item.ident.to_string()), &item.attrs),
            _ => (None, &[]),
        };
        self.item(name, attributes, |_| {});
    }

    fn visit_field(&mut self, field: &'ast Field) {
        self.item(field.ident.as_ref().map(ToString::to_string), &field.attrs, |_| {});
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        let name = Some(variant.ident.to_string());
        self.item(name, &variant.attrs, |finder| visit::visit_variant(finder, variant));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Example> {
        let file = syn::parse_file(text).unwrap();
        let mut finder = Finder { place: Vec::new(), gates: Vec::new(), found: Vec::new() };
        finder.docs(&file.attrs);
        finder.visit_file(&file);
        finder.found
    }

    #[test]
    fn every_example_is_found_with_its_attributes_and_place() {
        let text = "//! Top.\n//! ```\n//! top();\n//! ```\n\n/// A struct.\n///\n/// ```text\n/// no Rust\n/// ```\n\
                    pub struct A;\n\nimpl A {\n    /// Does it.\n    ///\n    /// ```no_run\n    /// # hidden();\n    ///\n    \
                    ///     does();\n    /// ```\n    pub fn does(&self) {}\n}\n\n#[cfg(feature = \"x\")]\nmod gated {\n    \
                    /// ```compile_fail,E0308\n    /// wrong\n    /// ```\n    trait T {}\n}\n\n#[cfg(test)]\nmod tests {\n    \
                    /// ```\n    /// unseen();\n    /// ```\n    fn f() {}\n}\n";
        let examples = found(text);
        let places: Vec<_> = examples.iter().map(|example| example.item.as_str()).collect();
        assert_eq!(places, ["", "A::does", "gated::T"]);
        assert_eq!(
            examples[1].render("a.rs", "a_2"),
            "\n/// `A::does` in `a.rs`:\n///\n/// ```no_run\n/// # hidden();\n///\n///     does();\n/// ```\nmod a_2 {}\n"
        );
        assert_eq!(examples[2].gates, ["#[cfg(feature=\"x\")]"]);
        assert_eq!(examples[2].lines[0], "```compile_fail,E0308");
    }
}
