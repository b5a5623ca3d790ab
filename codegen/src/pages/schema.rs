//! Schemas of the api-docs layout for what pages state.

use indexmap::IndexMap;
use serde_json::Value;

use super::cell::Scalar;
use crate::import::Schema;

/// A single value.
pub(super) fn scalar(scalar: Scalar) -> Schema {
    let (kind, format) = match scalar {
        Scalar::String => ("string", None),
        Scalar::Bool => ("boolean", None),
        Scalar::Int => ("integer", Some("int32")),
        Scalar::Long => ("integer", Some("int64")),
        Scalar::Float => ("number", Some("float")),
        Scalar::Double => ("number", Some("double")),
    };
    Schema { kind: Some(kind.to_owned()), format: format.map(str::to_owned), ..Schema::default() }
}

/// A list.
pub(super) fn list(element: Schema) -> Schema {
    Schema { kind: Some("array".to_owned()), items: Some(Box::new(element)), ..Schema::default() }
}

/// A struct, or free-form JSON if it has no members.
pub(super) fn object(properties: IndexMap<String, Schema>) -> Schema {
    Schema { kind: Some("object".to_owned()), properties, ..Schema::default() }
}

/// A list that is the only member of an object: `Instances.Instance`.
pub(super) fn wrapped(item: &str, element: Schema) -> Schema {
    object(IndexMap::from([(item.to_owned(), list(element))]))
}

/// The mark of a required parameter.
pub(super) fn required(required: bool) -> Option<Value> {
    required.then_some(Value::Bool(true))
}
