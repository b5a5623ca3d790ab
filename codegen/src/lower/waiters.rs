//! Waiters: the types and the Rust names of the fields that they read.

use super::{Lower, rust_name};
use crate::{
    model::{Field, Kind, TypeName, Waiter},
    spec,
};

impl Lower<'_> {
    pub(super) fn waiter(&self, operation: &spec::Operation, waiter: &spec::Waiter) -> Waiter {
        let ids = self.parameter(operation, &waiter.ids);
        let response = TypeName { name: format!("{}Response", operation.operation), shared: false };
        let (mut owner, mut fields) = (response, operation.response.as_slice());
        let (mut items, mut lists) = (Vec::new(), Vec::new());
        for name in waiter.items.iter().flat_map(|path| path.split('.')) {
            let Some(field) = fields.iter().find(|field| field.name == name) else { break };
            items.push(rust_name(&self.names, field, false));
            lists.push(field.ty.is_list());
            (owner, fields) = self.members(operation, field);
        }
        Waiter {
            type_name: self.names.waiter(&waiter.name),
            method: format!("wait_until_{}", waiter.name),
            ids: ids.map(|field| self.setter_of_ids(waiter, field)).unwrap_or_default(),
            chunk: ids.map_or(1, |field| waiter.ids_per_request(field)),
            items,
            lists,
            state: self.state(operation, waiter, owner.clone(), fields),
            item: Kind::Struct(owner),
            spec: waiter.clone(),
        }
    }

    /// Finds a parameter, which may be a member of another one, by its dotted path.
    fn parameter<'t>(&'t self, operation: &'t spec::Operation, path: &str) -> Option<&'t spec::Field> {
        let mut fields = operation.request.as_slice();
        let mut found = None;
        for name in path.split('.') {
            let field = fields.iter().find(|field| field.name == name)?;
            fields = self.members(operation, field).1;
            found = Some(field);
        }
        found
    }

    /// The setter of the IDs has the name of the parameter. It takes several IDs even if the parameter takes one.
    /// That of a nested parameter begins with the name of the outer one, because `Ids` alone says nothing.
    fn setter_of_ids(&self, waiter: &spec::Waiter, ids: &spec::Field) -> String {
        if waiter.ids.contains('.') {
            return self.names.parameter(&waiter.ids.replace('.', ""), true);
        }
        if ids.ty.is_list() { rust_name(&self.names, ids, true) } else { self.names.parameter(&ids.name, true) }
    }

    /// The field with the state, which may be a member of a member of an item.
    fn state(
        &self,
        operation: &spec::Operation,
        waiter: &spec::Waiter,
        item: TypeName,
        members: &[spec::Field],
    ) -> Option<(TypeName, Field)> {
        let (mut owner, mut fields) = (item, members);
        let mut found = None;
        for name in waiter.state.as_ref()?.split('.') {
            let field = fields.iter().find(|field| field.name == name)?;
            let shape = std::slice::from_ref(field);
            found = self.fields(shape, false, Some(operation)).pop().map(|field| (owner, field));
            (owner, fields) = self.members(operation, field);
        }
        found
    }

    /// The type of a field, and its members if it is a struct.
    fn members<'t>(&'t self, operation: &'t spec::Operation, field: &spec::Field) -> (TypeName, &'t [spec::Field]) {
        let name = field.ty.name();
        let members = self.resolve(name, Some(operation)).and_then(|ty| ty.fields.as_deref()).unwrap_or_default();
        let shared = !operation.types.contains_key(name);
        (TypeName { name: self.names.type_name(name), shared }, members)
    }
}
