//! The spec files: one type for each kind of file.
//!
//! These types mirror the JSON. [`crate::lower`] resolves types, [`crate::naming`] derives names, and [`crate::load`] reports
//! unknown keys.

mod calls;
mod classes;
mod glossary;
mod grounds;
mod patterns;
mod service;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

pub use calls::{PageStyle, Pagination, Waiter};
pub use classes::{Class, ClassRule, ErrorClasses};
pub use glossary::{AllowingEntry, Glossary, GlossaryEntry};
pub use grounds::{Disputed, Grounds};
pub(crate) use patterns::{TYPE_NAME, WIRE_NAME};
pub use service::{DocsState, Endpoints, Gate, Rpc, Service};

/// One operation: `specs/<service>/<family>/<Operation>.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = patterns::operation)]
pub struct Operation {
    /// Path of the file below the specs folder.
    #[serde(skip)]
    pub path: String,
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Name of the operation; equals the file's name.
    #[schemars(extend("pattern" = patterns::TYPE_NAME))]
    pub operation: String,
    /// Name that the service expects, if it is not `operation`: one that starts with a small letter, for example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub wire: Option<String>,
    /// Family that the operation belongs to; equals the folder's name.
    #[schemars(extend("pattern" = patterns::LOWER_NAME))]
    pub family: String,
    /// Whether the operation only reads, so it is safe to retry.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read: bool,
    /// Reason why an operation only reads although its name does not begin with a verb for reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub read_because: Option<String>,
    /// Whether the operation is slow and gets the longer default timeout.
    #[serde(default, skip_serializing_if = "is_false")]
    pub slow: bool,
    /// The only HTTP method that the service accepts, if it is not POST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// Whether the service expects requests without a signature.
    #[serde(default, skip_serializing_if = "is_false")]
    pub anonymous: bool,
    /// Whether the service has deprecated the operation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Operation or parameter to use instead of a deprecated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Restriction of the availability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Violations of rules that are accepted here, with the reason for each: `{ "missing-read": "…" }`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub allow: IndexMap<String, String>,
    /// State of the docs, unless those of the whole service are a draft. Leave it out once all docs are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<DocsState>,
    /// Description of the operation, in our own words.
    #[serde(default)]
    pub doc: String,
    /// URL of the service's page about the operation. Defaults to the service's `docs_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::URL))]
    pub docs_url: Option<String>,
    /// Parameters.
    #[serde(default)]
    #[schemars(transform = patterns::request)]
    pub request: Vec<Field>,
    /// Fields of the response.
    #[serde(default)]
    #[schemars(transform = patterns::response)]
    pub response: Vec<Field>,
    /// Structs and enums that only this operation uses.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub types: IndexMap<String, Type>,
    /// Values of a typical request, by wire name, in the order in which people set them. The example in the
    /// operation's docs sets them, and their setters come first.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub typical: IndexMap<String, Value>,
    /// Name of the waiter that is usually awaited after this operation, such as `instance_running` after `RunInstances`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::SNAKE_NAME))]
    pub then: Option<String>,
    /// Pagination of the operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Waiters that poll this operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiters: Vec<Waiter>,
    /// Documented error codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorCode>,
    /// Examples; each becomes a test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// A parameter, a field of a response, or a member of a struct.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = patterns::field)]
pub struct Field {
    /// Wire name, with the letter case that the service expects.
    #[schemars(extend("pattern" = patterns::WIRE_NAME))]
    pub name: String,
    /// Rust name, if the derived one is unsuitable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::SNAKE_NAME))]
    pub rust: Option<String>,
    /// Type: `string`, `time` (a point in time), `bool`, `i32`, `i64`, `f32`, `f64`, `map`, the name of a
    /// struct or enum, or a list of one of them in brackets.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// Encoding of a list or struct: `repeat`, `json`, `comma`, `list` or `wrapped:<Item>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(transform = patterns::wire)]
    pub wire: Option<String>,
    /// Whether requests must set it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether it is secret. Secrets are never printed or logged.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// Reason why the field is no secret although other fields of the service with this name are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub public: Option<String>,
    /// Whether the value is always content in Base64. Its setter takes content and encodes it, as do `example` and
    /// `typical`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub base64: bool,
    /// The member that states whether the value is content in Base64 or in plain text: one of the same struct, or for a
    /// response, the parameter `ContentEncoding` of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_NAME))]
    pub encoded_by: Option<String>,
    /// Largest size of a parameter in bytes; for content, before Base64 encoding. The SDK checks it before sending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_bytes: Option<u32>,
    /// Whether the service has deprecated it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Replacement of a deprecated field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Restriction of the availability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Value that the service uses if the parameter is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Allowed values, for types other than enums.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub values: Vec<Value>,
    /// Smallest allowed number; also for a string that contains a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// Largest allowed number; also for a string that contains a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// Smallest allowed number of elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u32>,
    /// Largest allowed number of elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_items: Option<u32>,
    /// Whether a call with the list is equivalent to several calls with parts of it: the elements identify resources that
    /// the operation returns or acts on, each on its own. `max_items` is the size of a batch.
    #[serde(default, skip_serializing_if = "is_false")]
    pub batch: bool,
    /// Reason why a list of IDs is not a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub undivided: Option<String>,
    /// Smallest allowed number of characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Largest allowed number of characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_length: Option<u32>,
    /// Regular expression that the value matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Documented format of a time. Required for times in requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = TIME_FORMS))]
    pub time: Option<String>,
    /// Example value, invented by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// Reason why the field is left out of the SDK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub skip: Option<String>,
    /// Reason why the field is a plain string although its name suggests a time, or the enum of a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub plain: Option<String>,
    /// Public source of a field that the published API lacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub source: Option<String>,
    /// Facts that were decided against the published API, with the reason for each: `{ "max": "…" }`. An import does
    /// not change them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub decided: IndexMap<String, Grounds>,
    /// Violations of rules that are accepted here, with the reason for each: `{ "missing-read": "…" }`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub allow: IndexMap<String, String>,
    /// Description, in our own words. Defaults to the glossary's entry for the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub doc: Option<String>,
}

impl Field {
    /// Whether the parameter turns a request into a dry run. Some operations have a `DryRun` that can only be `false`.
    pub fn is_dry_run(&self) -> bool {
        let can_be_true = self.values.is_empty() || self.values.contains(&Value::Bool(true));
        self.name == "DryRun" && self.skip.is_none() && can_be_true
    }
}

/// Parameter that determines the encoding of content in a response.
pub const CONTENT_ENCODING: &str = "ContentEncoding";

/// Wire value of an encoding that means Base64.
pub const BASE64: &str = "Base64";

/// Formats of times, all in UTC.
pub const TIME_FORMS: [&str; 4] = ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mmZ", "yyyy-MM-ddTHHZ", "yyyy-MM-dd"];

/// Returns the format of a time, or `None` if the string is not a time in one of the [`TIME_FORMS`].
pub fn time_form(text: &str) -> Option<&'static str> {
    let fits = |form: &&&str| {
        let same = |(letter, c): (char, char)| if "yMdHms".contains(letter) { c.is_ascii_digit() } else { letter == c };
        form.len() == text.len() && form.chars().zip(text.chars()).all(same)
    };
    TIME_FORMS.iter().find(fits).copied()
}

/// Whether the name of a member indicates a point in time.
pub fn is_time_name(name: &str) -> bool {
    ["Time", "Timestamp", "TimeStamp"].iter().any(|end| name.ends_with(end))
}

/// A type by name, or a list of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected the name of a type, or a list of one name in brackets")]
#[schemars(transform = patterns::type_ref)]
pub enum TypeRef {
    /// A single value.
    One(String),
    /// A list.
    List([String; 1]),
}

impl TypeRef {
    /// The name of the type or of the list's elements.
    pub fn name(&self) -> &str {
        match self {
            TypeRef::One(name) | TypeRef::List([name]) => name,
        }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self, TypeRef::List(_))
    }
}

impl Default for TypeRef {
    fn default() -> Self {
        TypeRef::One("string".to_owned())
    }
}

/// A struct (`fields`) or an open enum of strings (`enum`): exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = patterns::definition)]
pub struct Type {
    /// Description.
    #[serde(default)]
    pub doc: String,
    /// Violations of rules that are accepted here, with the reason for each: `{ "missing-read": "…" }`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub allow: IndexMap<String, String>,
    /// Names, in the singular, of the members that a struct is for: `Tag`, or `*Tag` for every name that ends with it.
    /// A member of such a name and the same form must have this type, and no other member may.
    #[serde(rename = "for", default, skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<String>,
    /// Members of a struct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<Field>>,
    /// Values of an enum: wire value → meaning, or `{ "rust": variant, "doc": meaning }` if the
    /// derived name is unsuitable. Unlisted values are kept verbatim.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("minProperties" = 1))]
    pub values: Option<IndexMap<String, EnumValue>>,
}

/// A value of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected the value's meaning, or { \"rust\": variant, \"doc\": meaning }")]
pub enum EnumValue {
    /// Its meaning.
    Doc(String),
    /// Its meaning and the name of its variant.
    Named(NamedValue),
}

/// A value of an enum whose variant has a hand-chosen name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedValue {
    /// Name of the variant.
    #[schemars(extend("pattern" = patterns::VARIANT_NAME))]
    pub rust: String,
    /// Its meaning.
    pub doc: String,
}

impl EnumValue {
    /// The value's meaning.
    pub fn doc(&self) -> &str {
        match self {
            EnumValue::Doc(doc) | EnumValue::Named(NamedValue { doc, .. }) => doc,
        }
    }
}

/// The HTTP method of an operation that does not accept POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Parameters are sent in the query.
    Get,
    /// Parameters are sent in the body.
    Put,
    /// Parameters are sent in the query.
    Delete,
}

impl Method {
    /// Its name in specs, which is also that of the runtime's method in `OperationMeta`.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "get",
            Method::Put => "put",
            Method::Delete => "delete",
        }
    }
}

/// Restriction of the availability to some accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Not available to the public.
    Restricted,
    /// In invitation-only preview.
    Invitation,
}

/// A documented error code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ErrorCode {
    /// The code.
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub code: String,
    /// HTTP status of the response.
    #[schemars(range(min = 200, max = 599))]
    pub http: u16,
}

/// An example of a request and its response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Example {
    /// Description.
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub name: String,
    /// The request in wire names.
    #[schemars(extend("type" = "object"))]
    pub request: Value,
    /// The form that the request must be encoded as, without the common parameters.
    pub form: String,
    /// A response, which must be decoded without loss.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("type" = "object"))]
    pub response: Option<Value>,
}

/// Types that several operations share: `specs/<service>/types.json`.
pub type SharedTypes = IndexMap<String, Type>;

fn is_false(value: &bool) -> bool {
    !value
}
