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

impl Links<'_> {
    /// Turns every wire name of a field, set in backticks, into a link to the field.
    pub(super) fn link(&self, text: &str) -> String {
        let mut linked = String::with_capacity(text.len());
        for (index, part) in text.split('`').enumerate() {
            let is_code = index % 2 == 1;
            match self.find(part).filter(|_| is_code && !linked.ends_with('[')) {
                Some((shown, path)) => linked.push_str(&format!("[`{shown}`]({path})")),
                None if is_code => linked.push_str(&format!("`{part}`")),
                None => linked.push_str(part),
            }
        }
        linked
    }

    /// Whether the struct is the operation's request.
    pub(super) fn is_request(&self) -> bool {
        self.operation.is_some_and(|(operation, _)| std::ptr::eq(operation.request.as_slice(), self.own.0))
    }

    /// The Rust name of a field and the path to it. Dotted names refer to members of structs.
    fn find(&self, wire: &str) -> Option<(String, String)> {
        let (fields, request) = self.own;
        let own = || self.path(fields, request, self.owner, wire);
        own().or_else(|| {
            let (operation, fluent) = self.operation?;
            self.path(&operation.request, true, fluent, wire)
        })
    }

    fn path(&self, fields: &[Field], request: bool, owner: &str, wire: &str) -> Option<(String, String)> {
        let (first, rest) = wire.split_once('.').map_or((wire, None), |(first, rest)| (first, Some(rest)));
        let first = first.strip_suffix("[]").unwrap_or(first);
        let field = fields.iter().find(|field| field.name == first && field.skip.is_none())?;
        let name = super::rust_name(self.names, field, request);
        let shown = name.trim_start_matches("r#");
        // `Disk.N.Size` means `Disk[].Size`, and `Disk.N` means `Disk`.
        let rest = rest.filter(|rest| *rest != "N").map(|rest| rest.trim_start_matches("N."));
        let Some(rest) = rest else { return Some((shown.to_owned(), format!("{owner}::{shown}"))) };
        let ty = field.ty.name();
        let own = self.operation.and_then(|(operation, _)| operation.types.get(ty));
        // Modules import only the types that their fields have, and a dotted name may lead to others.
        let module = match (own, self.operation) {
            (Some(_), _) => "",
            (None, Some(_)) => "super::super::types::",
            (None, None) => "super::",
        };
        let members = own.or_else(|| self.types.get(ty))?.fields.as_deref()?;
        let (inner, path) = self.path(members, request, &format!("{module}{}", self.names.type_name(ty)), rest)?;
        Some((format!("{shown}.{inner}"), path))
    }
}
