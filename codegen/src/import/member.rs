//! Members of requests and responses, before their types have names.

use crate::spec::Field;

/// Direction of a struct. A struct is never both sent and received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Request,
    Response,
}

/// A member with its facts. The type in `field` is set once the shape has a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) field: Field,
    pub(super) list: bool,
    pub(super) shape: Shape,
}

/// Shape of a member, or of an element of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// `string`, `time`, `bool`, `i32`, `i64`, `f32`, `f64` or `map`.
    Builtin(&'static str),
    /// A string with listed values.
    Enum(Vec<String>),
    Struct(Vec<Member>),
}

impl Shape {
    /// Its name, as in the type of a field.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Shape::Builtin(name) => name,
            Shape::Enum(_) => "enum",
            Shape::Struct(_) => "struct",
        }
    }
}
