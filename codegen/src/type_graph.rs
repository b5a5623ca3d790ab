//! The one walk over structs and enums that fields lead to.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::spec::{Field, Operation, Type};

/// The types that names stand for: an operation's own ones hide shared ones.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'t> {
    own: Option<&'t Operation>,
    shared: &'t IndexMap<String, Type>,
}

/// A type that fields lead to.
pub(crate) struct Reached<'t> {
    pub(crate) name: &'t str,
    pub(crate) ty: &'t Type,
    /// Where the type is defined, and so where the names of its members' types are looked up.
    pub(crate) scope: Scope<'t>,
}

impl<'t> Scope<'t> {
    /// What an operation's fields see.
    pub(crate) fn of(operation: &'t Operation, shared: &'t IndexMap<String, Type>) -> Self {
        Self { own: Some(operation), shared }
    }

    /// What members of shared types see.
    pub(crate) fn shared(shared: &'t IndexMap<String, Type>) -> Self {
        Self { own: None, shared }
    }

    /// The operation whose own types are seen.
    pub(crate) fn operation(&self) -> Option<&'t Operation> {
        self.own
    }

    /// The type that a name stands for.
    pub(crate) fn find(&self, name: &str) -> Option<Reached<'t>> {
        let own = self.own.and_then(|operation| operation.types.get_key_value(name)).map(|found| (found, *self));
        let shared = || self.shared.get_key_value(name).map(|found| (found, Self::shared(self.shared)));
        own.or_else(shared).map(|((name, ty), scope)| Reached { name, ty, scope })
    }

    /// All types that fields lead to, directly or through other types, each once.
    pub(crate) fn reached(&self, fields: &'t [Field]) -> Vec<Reached<'t>> {
        let mut reached = Vec::new();
        let mut open: Vec<(&Field, Self)> = fields.iter().rev().map(|field| (field, *self)).collect();
        let mut met = HashSet::new();
        while let Some((field, scope)) = open.pop() {
            if let Some(found) = scope.find(field.ty.name())
                && met.insert((found.name, found.scope.own.is_some()))
            {
                open.extend(found.ty.fields.iter().flatten().rev().map(|field| (field, found.scope)));
                reached.push(found);
            }
        }
        reached
    }
}

impl Reached<'_> {
    /// Whether it is a shared type.
    pub(crate) fn is_shared(&self) -> bool {
        self.scope.own.is_none()
    }
}
