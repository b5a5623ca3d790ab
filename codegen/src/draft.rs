//! Docs of services whose docs are a draft: missing ones state what the specs know.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::{
    load::{ServiceTree, Tree},
    spec::{DocsState, EnumValue, Field, Glossary, NamedValue, Type},
};

/// The number of missing docs of each service whose docs are a draft.
pub fn missing(tree: &Tree) -> Vec<(&str, usize)> {
    let drafts = tree.services.iter().filter(|service| is_draft(service));
    drafts.map(|service| (service.name.as_str(), complete(&mut service.clone()))).collect()
}

/// The specs with all docs, or `None` if none are missing by intention.
pub(crate) fn completed(tree: &Tree) -> Option<Tree> {
    if !tree.services.iter().any(is_draft) {
        return None;
    }
    let mut services = tree.services.clone();
    services.iter_mut().filter(|service| is_draft(service)).for_each(|service| {
        complete(service);
    });
    Some(Tree { services, rpc: tree.rpc.clone(), ..Tree::default() })
}

fn is_draft(service: &ServiceTree) -> bool {
    service.service.docs == Some(DocsState::Draft)
}

/// Writes the missing docs of a service, and returns their number.
fn complete(tree: &mut ServiceTree) -> usize {
    let shared: HashSet<String> = enums(&tree.types).collect();
    let mut writer = Writer { glossary: &tree.glossary, enums: shared.clone(), written: 0 };
    let title = &tree.service.title;
    for (family, doc) in &mut tree.service.families {
        writer.write(doc, || format!("Operations of the family `{family}`."));
    }
    for operation in &mut tree.operations {
        let name = &operation.operation;
        writer.enums = shared.iter().cloned().chain(enums(&operation.types)).collect();
        writer.write(&mut operation.doc, || format!("Calls the operation `{name}` of {title}."));
        writer.fields(&mut operation.request);
        writer.fields(&mut operation.response);
        operation.types.iter_mut().for_each(|(name, ty)| writer.ty(name, ty));
    }
    writer.enums = shared;
    tree.types.iter_mut().for_each(|(name, ty)| writer.ty(name, ty));
    writer.written
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
