//! Turns wire names in docs into links to the Rust fields.

use crate::{
    naming::Names,
    spec::{self, Field},
};

/// Fields that the docs of a struct may refer to: its own fields first, then those of the operation's request.
pub(super) struct Links<'a> {
    pub(super) names: &'a Names,
    pub(super) types: &'a spec::SharedTypes,
    /// The operation, unless the struct is shared, and the Rust name of its fluent request.
    pub(super) operation: Option<(&'a spec::Operation, &'a str)>,
    /// The struct's fields, and whether it is part of a request.
    pub(super) own: (&'a [Field], bool),
    /// The name of the struct in paths.
    pub(super) owner: &'a str,
}

/// A link to a field.
struct Link<'a> {
    /// The Rust name, with those of the structs that lead to it.
    shown: String,
    path: String,
    field: &'a Field,
}

impl Links<'_> {
    /// Turns every wire name of a field, set in backticks, into a link to the field. A name that is also a value, either of
    /// the field that is documented or of one named before, is a value: `ResourceType` is `Disk`.
    pub(super) fn link(&self, text: &str, of: Option<&Field>) -> String {
        let mut linked = String::with_capacity(text.len());
        let mut values = of.map(|field| self.values(field)).unwrap_or_default();
        let mut before = "";
        for (index, part) in text.split('`').enumerate() {
            let is_code = index % 2 == 1;
            let is_value = values.contains(&part) && !names_a_field(before);
            match self.find(part).filter(|_| is_code && !is_value) {
                Some(link) => {
                    linked.push_str(&format!("[`{}`]({})", link.shown, link.path));
                    values.extend(self.values(link.field));
                }
                None if is_code => linked.push_str(&format!("`{part}`")),
                None => linked.push_str(part),
            }
            before = part;
        }
        linked
    }

    /// The values that a field may have.
    fn values<'f>(&'f self, field: &'f Field) -> Vec<&'f str> {
        let ty = self.definition(field.ty.name()).and_then(|ty| ty.values.as_ref());
        let listed = field.values.iter().filter_map(|value| value.as_str());
        ty.into_iter().flat_map(|values| values.keys().map(String::as_str)).chain(listed).collect()
    }

    fn definition(&self, name: &str) -> Option<&spec::Type> {
        let own = self.operation.and_then(|(operation, _)| operation.types.get(name));
        own.or_else(|| self.types.get(name))
    }

    /// Whether the struct is the operation's request.
    pub(super) fn is_request(&self) -> bool {
        self.operation.is_some_and(|(operation, _)| std::ptr::eq(operation.request.as_slice(), self.own.0))
    }

    /// The Rust name of a field and the path to it. Dotted names refer to members of structs.
    fn find(&self, wire: &str) -> Option<Link<'_>> {
        let (fields, request) = self.own;
        let own = || self.path(fields, request, self.owner, wire);
        own().or_else(|| {
            let (operation, fluent) = self.operation?;
            self.path(&operation.request, true, fluent, wire)
        })
    }

    fn path<'f>(&'f self, fields: &'f [Field], request: bool, owner: &str, wire: &str) -> Option<Link<'f>> {
        let (first, rest) = wire.split_once('.').map_or((wire, None), |(first, rest)| (first, Some(rest)));
        let first = first.strip_suffix("[]").unwrap_or(first);
        let field = fields.iter().find(|field| field.name == first && field.skip.is_none())?;
        let name = super::rust_name(self.names, field, request);
        let shown = name.trim_start_matches("r#");
        // `Disk.N.Size` means `Disk[].Size`, and `Disk.N` means `Disk`.
        let rest = rest.filter(|rest| *rest != "N").map(|rest| rest.trim_start_matches("N."));
        let Some(rest) = rest else {
            return Some(Link { shown: shown.to_owned(), path: format!("{owner}::{shown}"), field });
        };
        let ty = field.ty.name();
        // Modules import only the types that their fields have, and a dotted name may lead to others.
        let module = match self.operation {
            Some((operation, _)) if operation.types.contains_key(ty) => "",
            Some(_) => "super::super::types::",
            None => "super::",
        };
        let members = self.definition(ty)?.fields.as_deref()?;
        let inner = self.path(members, request, &format!("{module}{}", self.names.type_name(ty)), rest)?;
        Some(Link { shown: format!("{shown}.{}", inner.shown), ..inner })
    }
}

/// Whether the words before a name show that it is a field rather than a value.
fn names_a_field(before: &str) -> bool {
    let before = before.to_lowercase();
    ["requires ", " in "].iter().any(|words| before.ends_with(words))
}
