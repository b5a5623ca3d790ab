//! The model that the emitters read. All names and types are resolved.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::spec::{self, Method};

/// All services.
#[derive(Debug)]
pub struct Model {
    /// The services, by name.
    pub services: Vec<Service>,
    /// Facts common to all services.
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
    /// Scope of the Cargo features.
    pub gate: spec::Gate,
    /// Crate from which users import the client.
    pub library: String,
    /// Endpoints.
    pub endpoints: spec::Endpoints,
    /// Families with at least one operation.
    pub families: Vec<Family>,
    /// Operations, by name.
    pub operations: Vec<Operation>,
    /// Shared types, by name.
    pub types: Vec<Type>,
    /// Shared types that only one family uses: name → the family's feature.
    pub family_types: BTreeMap<String, String>,
    /// Error codes: constant, code and description.
    pub codes: Vec<Code>,
    /// Classes of error codes that differ from the common ones.
    pub error_classes: spec::ErrorClasses,
}

impl Service {
    /// Path of the service's module below the root of a crate, unless its items are at the root itself.
    pub fn path(&self, root: &str) -> String {
        if self.is_at_root() { root.to_owned() } else { format!("{root}::{}", self.name) }
    }

    /// Whether the items of the service are at the root of its crate: those of ECS, and those of a crate of its own.
    pub fn is_at_root(&self) -> bool {
        self.name == "ecs" || self.gate == spec::Gate::Crate
    }

    /// Finds a struct or enum that an operation uses, either its own or a shared one.
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
    /// Description.
    pub doc: String,
}

/// An error code.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Name of the constant.
    pub constant: String,
    /// The code.
    pub code: String,
    /// Its meaning, or the operations that document it.
    pub doc: String,
    /// Its class.
    pub class: Option<spec::Class>,
    /// Families whose operations document it.
    pub families: Vec<String>,
    /// Whether any operation can return it.
    pub service_wide: bool,
    /// Whether operations of several families return it.
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
    /// Cargo features that it needs. All of them must be enabled.
    pub features: Vec<String>,
    /// Whether it only reads.
    pub read: bool,
    /// Whether it is slow and gets the longer default timeout.
    pub slow: bool,
    /// The only HTTP method that the service accepts, if it is not POST.
    pub http: Option<Method>,
    /// Whether requests are not signed.
    pub anonymous: bool,
    /// Whether it has a `ClientToken` parameter.
    pub client_token: bool,
    /// Whether it has a `DryRun` parameter.
    pub dry_run: bool,
    /// Lists that can be split into several calls: wire name and number of elements in a call.
    pub batches: Vec<(String, u32)>,
    /// Whether the region is required, in which case it defaults to the client's region.
    pub region: bool,
    /// Description.
    pub doc: String,
    /// First line of the description, with links that resolve outside the request.
    pub summary: String,
    /// Deprecation notice.
    pub deprecated: Option<String>,
    /// URL of the service's page.
    pub url: String,
    /// Documented error codes that are not common to all operations, by code.
    pub errors: Vec<ErrorCode>,
    /// Parameters.
    pub request: Struct,
    /// Response.
    pub response: Struct,
    /// Its own types, by name.
    pub types: Vec<Type>,
    /// Pagination.
    pub pages: Option<Pages>,
    /// Its waiters.
    pub waiters: Vec<Waiter>,
    /// Values of a typical request, by wire name.
    pub typical: IndexMap<String, serde_json::Value>,
    /// Name of the waiter that is usually awaited afterwards.
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
    /// Its class.
    pub class: Option<spec::Class>,
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
    /// Description.
    pub doc: String,
    /// Whether it is part of a request.
    pub request: bool,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Struct {
    /// The fields in the order of their setters.
    pub fn in_setter_order(&self) -> Vec<&Field> {
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        fields.sort_by_key(|field| field.setter_position);
        fields
    }
}

/// An open enum.
#[derive(Debug)]
pub struct Enum {
    /// Name.
    pub name: String,
    /// Description.
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
    /// Rust name, escaped if necessary (`r#type`).
    pub name: String,
    /// Type of the value or of the list's elements.
    pub kind: Kind,
    /// Encoding of a list; `None` for a single value.
    pub list: Option<List>,
    /// Whether a struct or map is encoded as JSON.
    pub json: bool,
    /// Whether requests must set it.
    pub required: bool,
    /// Whether the service has deprecated it.
    pub deprecated: bool,
    /// Position among the setters.
    pub setter_position: (usize, usize),
    /// Whether it is secret.
    pub sensitive: bool,
    /// Encoding of its content, if it is content that the API transfers in Base64.
    pub content: Option<Content>,
    /// Largest size in bytes, before encoding.
    pub max_bytes: Option<u32>,
    /// Whether the setters of another field, which is content, set it. It has no setter of its own.
    pub is_set_with_content: bool,
    /// Documented format of a time.
    pub time: Option<String>,
    /// Description, with limits and defaults.
    pub doc: String,
    /// Example value.
    pub example: Option<serde_json::Value>,
}

impl Field {
    /// Whether callers must set it. The client sets the region.
    pub fn must_be_set(&self) -> bool {
        self.required && self.wire != "RegionId"
    }

    /// An example time in the format of the field.
    pub fn sample_time(&self) -> String {
        let parts = [("yyyy", "2026"), ("MM", "11"), ("dd", "28"), ("HH", "04"), ("mm", "30"), ("ss", "00")];
        let form = self.time.as_deref().unwrap_or(spec::TIME_FORMS[0]);
        parts.iter().fold(form.to_owned(), |text, (letters, digits)| text.replace(letters, digits))
    }
}

/// How the API transfers content.
#[derive(Debug)]
pub enum Content {
    /// In Base64.
    Base64,
    /// In Base64 or plain text, as another field of the same struct states.
    Stated {
        /// Wire name of that field.
        by: String,
        /// Rust name of that field.
        field: String,
        /// Type of that field.
        ty: Kind,
        /// The variant that means Base64.
        variant: String,
        /// Whether it means Base64 if it is not set.
        default_is_base64: bool,
    },
    /// In Base64 or plain text, as the request asked.
    Requested,
}

/// Kind of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// String.
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
    /// Map of strings.
    Map,
    /// An enum, by name.
    Enum(TypeName),
    /// A struct, by name.
    Struct(TypeName),
}

impl Kind {
    /// Whether it is a boolean or a number.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Kind::Bool | Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64)
    }
}

/// Name of a struct or enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// Rust name.
    pub name: String,
    /// Whether it is a shared type.
    pub shared: bool,
}

/// Encoding of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// `Tag.1`, `Tag.2`, …
    Repeat,
    /// JSON in one parameter.
    Json,
    /// Joined by commas.
    Comma,
    /// A JSON array.
    Plain,
    /// A JSON array inside an object with this one member.
    Wrapped(String),
}

/// Pagination of an operation.
#[derive(Debug)]
pub struct Pages {
    /// The spec.
    pub spec: spec::Pagination,
    /// Path of Rust fields to the list.
    pub items: Vec<String>,
    /// Type of an element.
    pub item: Kind,
}

/// A waiter.
#[derive(Debug)]
pub struct Waiter {
    /// The spec.
    pub spec: spec::Waiter,
    /// Name of its type.
    pub type_name: String,
    /// Name of the client's method.
    pub method: String,
    /// Rust name of the setter of the IDs.
    pub ids: String,
    /// Maximum number of IDs per request.
    pub chunk: u32,
    /// Path of Rust fields to the items; empty if the response itself is the only item.
    pub items: Vec<String>,
    /// Whether each of the fields of `items` is a list. The last one is.
    pub lists: Vec<bool>,
    /// Type of an item.
    pub item: Kind,
    /// The field with the state, and the struct that has it.
    pub state: Option<(TypeName, Field)>,
}
