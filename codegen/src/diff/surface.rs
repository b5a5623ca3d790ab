//! The Rust names and types that specs become.

use crate::{
    lower::rust_name,
    naming::Names,
    spec::{EnumValue, Field},
    type_graph::Scope,
};

/// A field as users of the SDK see it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Surface {
    /// Rust name.
    pub(super) name: String,
    /// Rust type.
    pub(super) ty: String,
}

/// The name and type of a field.
pub(super) fn field(names: &Names, field: &Field, scope: Scope<'_>, request: bool) -> Surface {
    Surface { name: rust_name(names, field, request), ty: rust_type(names, field, scope, request) }
}

fn rust_type(names: &Names, field: &Field, scope: Scope<'_>, request: bool) -> String {
    let name = field.ty.name();
    let is_enum = scope.find(name).is_some_and(|found| found.ty.values.is_some());
    let value = match name {
        "string" => "String".to_owned(),
        "time" => "Timestamp".to_owned(),
        "map" => "BTreeMap<String, String>".to_owned(),
        "bool" | "i32" | "i64" | "f32" | "f64" => name.to_owned(),
        name => names.type_name(name),
    };
    let is_plain = matches!(name, "bool" | "i32" | "i64" | "f32" | "f64" | "time") || is_enum;
    match (field.ty.is_list(), field.wire.as_deref()) {
        (true, Some("json")) => format!("Option<Vec<{value}>>"),
        (true, _) => format!("Vec<{value}>"),
        (false, _) if name == "map" || !is_plain && !request => value,
        (false, _) => format!("Option<{value}>"),
    }
}

/// The name of an enum's variant.
pub(super) fn variant(names: &Names, wire: &str, value: &EnumValue) -> String {
    match value {
        EnumValue::Named(named) => named.rust.clone(),
        EnumValue::Doc(_) => names.variant(wire),
    }
}
