//! Drafts: services and operations whose docs may be missing. Missing docs are replaced with the facts of the specs.
//!
//! A draft covers everything that its operations reach: their own members and types, and the shared types and families that no
//! finished operation uses.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::{
    load::{ServiceTree, Tree},
    spec::{DocsState, EnumValue, Field, Glossary, NamedValue, Operation, SharedTypes, Type},
    type_graph::{Reached, Scope},
};

/// The drafts of a service: all of it, or some of its operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafts<'t> {
    /// Name of the service.
    pub service: &'t str,
    /// The operations that are drafts, by name; empty if the whole service is one.
    pub operations: Vec<Draft<'t>>,
    /// Number of missing docs, each counted once.
    pub missing: usize,
}

/// An operation whose docs are a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<'t> {
    /// Name of the operation.
    pub operation: &'t str,
    /// Path of its file below the specs folder.
    pub path: &'t str,
    /// Number of missing docs of the operation, and of the types and the family that it uses.
    pub missing: usize,
}

/// The drafts of all services that have any, among the operations whose files are selected.
pub fn drafts(tree: &Tree, is_selected: impl Fn(&str) -> bool) -> Vec<Drafts<'_>> {
    tree.services.iter().filter_map(|service| of_service(service, &is_selected)).collect()
}

/// The drafts of a service, or `None` if it has none.
pub(crate) fn of_service(tree: &ServiceTree, is_selected: impl Fn(&str) -> bool) -> Option<Drafts<'_>> {
    let is_selected = |operation: &&Operation| is_selected(&operation.path);
    let service = tree.name.as_str();
    if is_draft(tree) {
        tree.operations.iter().find(is_selected)?;
        return Some(Drafts { service, operations: Vec::new(), missing: complete(&mut tree.clone()) });
    }
    let marked = tree.operations.iter().filter(|operation| is_marked(operation));
    let marked: Vec<&Operation> = marked.filter(is_selected).collect();
    if marked.is_empty() {
        return None;
    }
    let coverage = Coverage::of(tree);
    let (mut types, mut families) = (tree.types.clone(), tree.service.families.clone());
    types.retain(|name, _| coverage.types.contains(name.as_str()));
    families.retain(|name, _| coverage.families.contains(name.as_str()));
    let part = |operations: &[&Operation]| Part::of(operations, &types, &families);
    let missing = |operations: &[&Operation]| part(operations).complete(&tree.service.title, &tree.glossary);
    let operations = marked
        .iter()
        .map(|operation| Draft {
            operation: &operation.operation,
            path: &operation.path,
            missing: missing(&[operation]),
        })
        .collect();
    Some(Drafts { service, operations, missing: missing(&marked) })
}

/// The number of missing docs of an operation, and of the types that it uses.
pub(crate) fn missing(operation: &Operation, types: &SharedTypes, glossary: &Glossary) -> usize {
    Part::of(&[operation], types, &IndexMap::new()).complete("", glossary)
}

/// The specs with all docs, or `None` if no docs are a draft.
pub(crate) fn completed(tree: &Tree) -> Option<Tree> {
    let has_drafts = |tree: &ServiceTree| is_draft(tree) || tree.operations.iter().any(is_marked);
    if !tree.services.iter().any(has_drafts) {
        return None;
    }
    let mut services = tree.services.clone();
    services.iter_mut().filter(|service| has_drafts(service)).for_each(|service| {
        complete(service);
    });
    Some(Tree { services, rpc: tree.rpc.clone(), ..Tree::default() })
}

/// The docs that may be missing: those of a whole service, or those that only its drafts reach.
pub(crate) struct Coverage<'t> {
    is_whole: bool,
    files: HashSet<&'t str>,
    types: HashSet<&'t str>,
    families: HashSet<&'t str>,
}

impl<'t> Coverage<'t> {
    pub(crate) fn of(tree: &'t ServiceTree) -> Self {
        let (marked, finished): (Vec<&Operation>, Vec<&Operation>) =
            tree.operations.iter().partition(|operation| is_marked(operation));
        let files = marked.iter().map(|operation| operation.path.as_str()).collect();
        let marked = Used::of(marked.into_iter(), &tree.types);
        let finished = Used::of(finished.into_iter(), &tree.types);
        Coverage {
            is_whole: is_draft(tree),
            files,
            types: marked.types.difference(&finished.types).copied().collect(),
            families: marked.families.difference(&finished.families).copied().collect(),
        }
    }

    /// Whether the doc at a position of a file may be missing.
    pub(crate) fn covers(&self, path: &str, at: &str) -> bool {
        let mut keys = at.trim_end_matches('#').split('.');
        match path.rsplit('/').next() {
            Some("glossary.json") => false,
            _ if self.is_whole || self.files.contains(path) => true,
            Some("types.json") => keys.next().is_some_and(|name| self.types.contains(name)),
            Some("service.json") => {
                keys.next() == Some("families") && keys.next().is_some_and(|name| self.families.contains(name))
            }
            _ => false,
        }
    }
}

/// Whether the docs of the whole service are a draft.
pub(crate) fn is_draft(tree: &ServiceTree) -> bool {
    tree.service.docs == Some(DocsState::Draft)
}

/// Whether the docs of an operation are a draft.
pub(crate) fn is_marked(operation: &Operation) -> bool {
    operation.docs == Some(DocsState::Draft)
}

/// Writes the missing docs of a service, and returns their number.
fn complete(tree: &mut ServiceTree) -> usize {
    let (families, types) = (std::mem::take(&mut tree.service.families), std::mem::take(&mut tree.types));
    let mut part = Part { families, operations: std::mem::take(&mut tree.operations), types };
    let written = part.complete(&tree.service.title, &tree.glossary);
    tree.service.families = part.families;
    tree.operations = part.operations;
    tree.types = part.types;
    written
}

/// The shared types that an operation uses.
fn shared_types<'t>(operation: &'t Operation, types: &'t SharedTypes) -> impl Iterator<Item = (&'t str, &'t Type)> {
    let scope = Scope::of(operation, types);
    let reached = [&operation.request, &operation.response].map(|fields| scope.reached(fields));
    reached.into_iter().flatten().filter(Reached::is_shared).map(|reached| (reached.name, reached.ty))
}

/// The shared types and the families that operations use.
struct Used<'t> {
    types: HashSet<&'t str>,
    families: HashSet<&'t str>,
}

impl<'t> Used<'t> {
    fn of(operations: impl Iterator<Item = &'t Operation> + Clone, types: &'t SharedTypes) -> Self {
        let families = operations.clone().map(|operation| operation.family.as_str()).collect();
        let types = operations.flat_map(|operation| shared_types(operation, types)).map(|(name, _)| name).collect();
        Used { types, families }
    }
}

/// The parts of a service whose docs may be missing.
struct Part {
    families: IndexMap<String, String>,
    operations: Vec<Operation>,
    types: SharedTypes,
}

impl Part {
    /// Operations, with everything that they use.
    fn of(operations: &[&Operation], types: &SharedTypes, families: &IndexMap<String, String>) -> Part {
        let used = operations.iter().flat_map(|operation| shared_types(operation, types));
        let is_used = |family: &String| operations.iter().any(|operation| operation.family == *family);
        let families = families.iter().filter(|(family, _)| is_used(family));
        Part {
            families: families.map(|(family, doc)| (family.clone(), doc.clone())).collect(),
            types: used.map(|(name, ty)| (name.to_owned(), ty.clone())).collect(),
            operations: operations.iter().map(|operation| (*operation).clone()).collect(),
        }
    }

    /// Writes the missing docs, and returns their number.
    fn complete(&mut self, title: &str, glossary: &Glossary) -> usize {
        let shared: HashSet<String> = enums(&self.types).collect();
        let mut writer = Writer { glossary, enums: shared.clone(), written: 0 };
        for (family, doc) in &mut self.families {
            writer.write(doc, || format!("Operations of the family `{family}`."));
        }
        for operation in &mut self.operations {
            let name = &operation.operation;
            writer.enums = shared.iter().cloned().chain(enums(&operation.types)).collect();
            writer.write(&mut operation.doc, || format!("Calls the operation `{name}` of {title}."));
            writer.fields(&mut operation.request);
            writer.fields(&mut operation.response);
            operation.types.iter_mut().for_each(|(name, ty)| writer.ty(name, ty));
        }
        writer.enums = shared;
        self.types.iter_mut().for_each(|(name, ty)| writer.ty(name, ty));
        writer.written
    }
}

fn enums(types: &IndexMap<String, Type>) -> impl Iterator<Item = String> {
    types.iter().filter(|(_, ty)| ty.values.is_some()).map(|(name, _)| name.clone())
}

struct Writer<'g> {
    glossary: &'g Glossary,
    /// Names of the enums that the fields may have.
    enums: HashSet<String>,
    written: usize,
}

impl Writer<'_> {
    fn write(&mut self, doc: &mut String, draft: impl FnOnce() -> String) {
        if doc.trim().is_empty() {
            *doc = draft();
            self.written += 1;
        }
    }

    fn fields(&mut self, fields: &mut [Field]) {
        for field in fields.iter_mut().filter(|field| field.skip.is_none()) {
            let is_written = field.doc.as_ref().is_some_and(|doc| !doc.trim().is_empty());
            if !is_written && !self.glossary.contains_key(&field.name) {
                field.doc = Some(self.kind(field));
                self.written += 1;
            }
        }
    }

    fn ty(&mut self, name: &str, ty: &mut Type) {
        let what = if ty.values.is_some() { "values" } else { "members" };
        self.write(&mut ty.doc, || format!("The {what} of `{name}`."));
        self.fields(ty.fields.as_deref_mut().unwrap_or_default());
        for value in ty.values.iter_mut().flat_map(|values| values.values_mut()) {
            let (EnumValue::Doc(doc) | EnumValue::Named(NamedValue { doc, .. })) = value;
            self.write(doc, || "A documented value.".to_owned());
        }
    }

    /// The type of a field in words.
    fn kind(&self, field: &Field) -> String {
        let (one, several) = match field.ty.name() {
            "string" => ("A string", "strings"),
            "time" => ("A point in time", "points in time"),
            "bool" => ("A Boolean", "Booleans"),
            "i32" | "i64" => ("An integer", "integers"),
            "f32" | "f64" => ("A number", "numbers"),
            "map" => ("A map of strings", "maps of strings"),
            name if self.enums.contains(name) => ("A string with known values", "strings with known values"),
            _ => ("A struct", "structs"),
        };
        let encoding = match field.wire.as_deref() {
            Some("json") => ", sent as JSON",
            Some("comma") => ", separated by commas",
            _ => "",
        };
        if field.ty.is_list() { format!("A list of {several}{encoding}.") } else { format!("{one}{encoding}.") }
    }
}
