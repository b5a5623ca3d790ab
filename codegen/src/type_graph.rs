//! Traverses the structs and enums that fields refer to.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::spec::{Field, Operation, Type};

/// Resolves type names. An operation's own types shadow shared ones.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'t> {
    own: Option<&'t Operation>,
    shared: &'t IndexMap<String, Type>,
}

/// A type that fields refer to.
pub(crate) struct Reached<'t> {
    pub(crate) name: &'t str,
    pub(crate) ty: &'t Type,
    /// The scope that defines the type, in which the types of its members are resolved.
    pub(crate) scope: Scope<'t>,
}

impl<'t> Scope<'t> {
    /// The scope of an operation's fields.
    pub(crate) fn of(operation: &'t Operation, shared: &'t IndexMap<String, Type>) -> Self {
        Self { own: Some(operation), shared }
    }

    /// The scope of members of shared types.
    pub(crate) fn shared(shared: &'t IndexMap<String, Type>) -> Self {
        Self { own: None, shared }
    }

    /// The operation whose own types are in scope.
    pub(crate) fn operation(&self) -> Option<&'t Operation> {
        self.own
    }

    /// Resolves a name.
    pub(crate) fn find(&self, name: &str) -> Option<Reached<'t>> {
        let own = self.own.and_then(|operation| operation.types.get_key_value(name)).map(|found| (found, *self));
        let shared = || self.shared.get_key_value(name).map(|found| (found, Self::shared(self.shared)));
        own.or_else(shared).map(|((name, ty), scope)| Reached { name, ty, scope })
    }

    /// All types that fields refer to, directly or through other types, each once.
    pub(crate) fn reached(&self, fields: &'t [Field]) -> Vec<Reached<'t>> {
        let mut reached = Vec::new();
        let mut open: Vec<(&Field, Self)> = fields.iter().rev().map(|field| (field, *self)).collect();
        let mut seen = HashSet::new();
        while let Some((field, scope)) = open.pop() {
            if let Some(found) = scope.find(field.ty.name())
                && seen.insert((found.name, found.scope.own.is_some()))
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
