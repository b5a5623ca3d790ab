//! Makes the specs of new operations comply with rules that concern more than the conversion of types.

use std::collections::BTreeSet;

use crate::spec::{Field, Operation, TypeRef, is_time_name};
use crate::validate::indicates_secret;

/// Reason for a string that is named like a time.
const NO_FORM: &str = "The page states no format of a time.";

/// Marks secrets, and states why members that are named like times are strings.
pub(super) fn complete(operations: &mut [Operation]) {
    let mut secrets = BTreeSet::new();
    for operation in operations.iter_mut() {
        for (field, is_request) in fields(operation) {
            if field.ty.name() == "time" && is_request && field.time.is_none() {
                field.ty = plain(&field.ty);
            }
            if field.ty.name() == "string" && is_time_name(&field.name) && field.values.is_empty() {
                field.plain = Some(NO_FORM.to_owned());
            }
            if indicates_secret(field) {
                field.sensitive = true;
                secrets.insert(field.name.clone());
            }
        }
    }
    for operation in operations.iter_mut() {
        for (field, _) in fields(operation).into_iter().filter(|(field, _)| secrets.contains(&field.name)) {
            field.sensitive |= field.ty.name() == "string";
        }
    }
}

fn plain(ty: &TypeRef) -> TypeRef {
    match ty {
        TypeRef::One(_) => TypeRef::One("string".to_owned()),
        TypeRef::List(_) => TypeRef::List(["string".to_owned()]),
    }
}

/// The members of an operation, and whether each is sent.
fn fields(operation: &mut Operation) -> Vec<(&mut Field, bool)> {
    let mut sent = BTreeSet::new();
    let mut open: Vec<String> = operation.request.iter().map(|field| field.ty.name().to_owned()).collect();
    while let Some(name) = open.pop() {
        let fields = operation.types.get(&name).and_then(|ty| ty.fields.as_ref());
        if let Some(fields) = fields.filter(|_| !sent.contains(&name)) {
            open.extend(fields.iter().map(|field| field.ty.name().to_owned()));
            sent.insert(name);
        }
    }
    let request = operation.request.iter_mut().map(|field| (field, true));
    let response = operation.response.iter_mut().map(|field| (field, false));
    let structs = operation.types.iter_mut().flat_map(|(name, ty)| {
        let is_sent = sent.contains(name);
        ty.fields.iter_mut().flatten().map(move |field| (field, is_sent))
    });
    request.chain(response).chain(structs).collect()
}
