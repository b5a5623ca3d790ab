//! The model that the emitters read: everything resolved and named.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::spec;

/// All services.
#[derive(Debug)]
pub struct Model {
    /// The services, by name.
    pub services: Vec<Service>,
    /// What they have in common.
    pub rpc: spec::Rpc,
}

/// A service.
#[derive(Debug)]
pub struct Service {
    /// Short name and module, for example `ecs`.
    pub name: String,
    /// Product code.
    pub product: String,
    /// API version.
    pub version: String,
    /// Full name.
    pub title: String,
    /// What is a Cargo feature.
    pub gate: spec::Gate,
    /// Addresses.
    pub endpoints: spec::Endpoints,
    /// Families that hold operations.
    pub families: Vec<Family>,
    /// Operations, by name.
    pub operations: Vec<Operation>,
    /// Types that operations share, by name.
    pub types: Vec<Type>,
    /// Shared types that only one family uses: name → the family's feature.
    pub homes: BTreeMap<String, String>,
    /// Error codes: constant, code and a text about it.
    pub codes: Vec<Code>,
}

impl Service {
    /// The struct or enum of a name that an operation uses: one of its own, or a shared one.
    pub fn find<'a>(&'a self, operation: &'a Operation, name: &TypeName) -> Option<&'a Type> {
        let types = if name.shared { &self.types } else { &operation.types };
        types.iter().find(|ty| ty.name() == name.name)
    }
}

/// A family of operations.
#[derive(Debug)]
pub struct Family {
    /// Cargo feature.
    pub feature: String,
    /// What its operations have in common.
    pub doc: String,
}

/// An error code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Name of the constant.
    pub constant: String,
    /// The code.
    pub code: String,
    /// What it means or where it comes from.
    pub doc: String,
    /// Families whose operations document it.
    pub families: Vec<String>,
    /// Whether it concerns more than one family.
    pub common: bool,
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Wire name.
    pub wire: String,
    /// Name of the fluent request.
    pub fluent: String,
    /// Name of the module and of the client's method.
    pub method: String,
    /// Cargo features that it needs, all of them.
    pub features: Vec<String>,
    /// Whether it only reads.
    pub read: bool,
    /// Whether it takes long.
    pub slow: bool,
    /// Whether it takes a `ClientToken`.
    pub client_token: bool,
    /// Whether it has `DryRun`.
    pub dry_run: bool,
    /// Whether the region is required, and so taken from the client.
    pub region: bool,
    /// What it does.
    pub doc: String,
    /// First line of it, with links that hold outside the request.
    pub summary: String,
    /// Notice about deprecation.
    pub deprecated: Option<String>,
    /// Page of the service.
    pub url: String,
    /// Documented error codes that are not common to all operations, by code.
    pub errors: Vec<ErrorCode>,
    /// Parameters.
    pub request: Struct,
    /// Response.
    pub response: Struct,
    /// Types of its own, by name.
    pub types: Vec<Type>,
    /// How it pages.
    pub pages: Option<Pages>,
    /// Its waiters.
    pub waiters: Vec<Waiter>,
    /// Values of a typical request, by wire name.
    pub typical: IndexMap<String, serde_json::Value>,
    /// Name of the waiter that people await afterwards.
    pub then: Option<String>,
    /// Its examples.
    pub examples: Vec<spec::Example>,
}

/// An error code that an operation documents.
#[derive(Debug)]
pub struct ErrorCode {
    /// Name of its constant.
    pub constant: String,
    /// The code.
    pub code: String,
    /// HTTP statuses of the responses that carry it.
    pub statuses: Vec<u16>,
}

/// A struct or an enum.
#[derive(Debug)]
pub enum Type {
    /// A struct.
    Struct(Struct),
    /// An open enum.
    Enum(Enum),
}

impl Type {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Type::Struct(shape) => &shape.name,
            Type::Enum(shape) => &shape.name,
        }
    }

    /// The struct, if it is one.
    pub fn as_struct(&self) -> Option<&Struct> {
        match self {
            Type::Struct(shape) => Some(shape),
            Type::Enum(_) => None,
        }
    }

    /// The enum, if it is one.
    pub fn as_enum(&self) -> Option<&Enum> {
        match self {
            Type::Enum(shape) => Some(shape),
            Type::Struct(_) => None,
        }
    }

    /// Wire form of the first value, if it is an enum.
    pub fn first_value(&self) -> Option<&str> {
        self.as_enum()?.variants.first().map(|variant| variant.wire.as_str())
    }
}

/// A struct.
#[derive(Debug)]
pub struct Struct {
    /// Name.
    pub name: String,
    /// What it stands for.
    pub doc: String,
    /// Whether it is sent rather than received.
    pub request: bool,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// An open enum.
#[derive(Debug)]
pub struct Enum {
    /// Name.
    pub name: String,
    /// What it stands for.
    pub doc: String,
    /// Its values.
    pub variants: Vec<Variant>,
}

/// A value of an enum.
#[derive(Debug)]
pub struct Variant {
    /// Name.
    pub name: String,
    /// Wire value.
    pub wire: String,
    /// Meaning.
    pub doc: String,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Wire name.
    pub wire: String,
    /// Rust name, ready to use (`r#type`).
    pub name: String,
    /// Type of the value or of the list's elements.
    pub kind: Kind,
    /// How a list travels; `None` for a single value.
    pub list: Option<List>,
    /// Whether a struct or map travels as JSON text.
    pub json: bool,
    /// Whether a request must carry it.
    pub required: bool,
    /// Whether the service has deprecated it.
    pub deprecated: bool,
    /// Whether it is secret.
    pub sensitive: bool,
    /// Form of a time, where it is documented.
    pub time: Option<String>,
    /// Meaning, with limits and defaults.
    pub doc: String,
    /// A value to show.
    pub example: Option<serde_json::Value>,
}

impl Field {
    /// A time as the field has it written.
    pub fn sample_time(&self) -> String {
        let parts = [("yyyy", "2026"), ("MM", "11"), ("dd", "28"), ("HH", "04"), ("mm", "30"), ("ss", "00")];
        let form = self.time.as_deref().unwrap_or(spec::TIME_FORMS[0]);
        parts.iter().fold(form.to_owned(), |text, (letters, digits)| text.replace(letters, digits))
    }
}

/// Kind of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Point in time.
    Time,
    /// `true` or `false`.
    Bool,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit floating-point number.
    F32,
    /// 64-bit floating-point number.
    F64,
    /// Map of texts.
    Map,
    /// An enum, by name.
    Enum(TypeName),
    /// A struct, by name.
    Struct(TypeName),
}

/// Name of a struct or enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// Rust name.
    pub name: String,
    /// Whether it is a shared type.
    pub shared: bool,
}

/// How a list travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// `Tag.1`, `Tag.2`, …
    Repeat,
    /// JSON text in one parameter.
    Json,
    /// Joined by commas.
    Comma,
    /// A JSON array.
    Plain,
    /// A JSON array inside an object with this one member.
    Wrapped(String),
}

/// How an operation pages.
#[derive(Debug)]
pub struct Pages {
    /// As the spec says.
    pub spec: spec::Pagination,
    /// Path of Rust fields to the list.
    pub items: Vec<String>,
    /// Type of an element.
    pub item: Kind,
}

/// A waiter.
#[derive(Debug)]
pub struct Waiter {
    /// As the spec says.
    pub spec: spec::Waiter,
    /// Name of its type.
    pub type_name: String,
    /// Name of the client's method.
    pub method: String,
    /// Rust name of the parameter that takes the IDs.
    pub ids: String,
    /// How many IDs one poll takes.
    pub chunk: usize,
}
