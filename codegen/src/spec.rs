//! The spec files as they are written: one type for each kind of file.
//!
//! These types mirror the JSON one to one. Nothing is resolved or named here; that is the work of
//! [`crate::lower`] and [`crate::naming`]. Unknown keys are reported by [`crate::load`].

mod service;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

pub use service::{Endpoints, Gate, Rpc, Service};

/// One operation: `specs/<service>/<family>/<Operation>.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Operation {
    /// Path of the file below the specs folder.
    #[serde(skip)]
    pub path: String,
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Wire name of the operation; equals the file's name.
    pub operation: String,
    /// Family that the operation belongs to; equals the folder's name.
    pub family: String,
    /// Whether the operation only reads, so that repeating it is harmless.
    #[serde(default, skip_serializing_if = "is_false")]
    pub read: bool,
    /// Whether the operation is known to take long, so that it gets the longer default timeout.
    #[serde(default, skip_serializing_if = "is_false")]
    pub slow: bool,
    /// Whether the service has deprecated the operation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// Operation or parameter to use in place of a deprecated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Restricted availability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// What the operation does, in our own words.
    #[serde(default)]
    pub doc: String,
    /// Page of the service that documents the operation; derived from the service's `docs_url` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs_url: Option<String>,
    /// Parameters.
    #[serde(default)]
    pub request: Vec<Field>,
    /// Fields of the response.
    #[serde(default)]
    pub response: Vec<Field>,
    /// Structs and enums that only this operation uses.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub types: IndexMap<String, Type>,
    /// Values of a typical request, by wire name, in the order in which people set them. The example in the
    /// operation's docs sets them, and their setters come first.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub typical: IndexMap<String, Value>,
    /// Name of the waiter that people await after this operation, such as `instance_running` after `RunInstances`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
    /// How the operation pages, if it does.
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
#[schemars(deny_unknown_fields)]
pub struct Field {
    /// Wire name, with the letter case that the service expects.
    pub name: String,
    /// Rust name, where the derived one will not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rust: Option<String>,
    /// Type: `string`, `time` (a point in time), `bool`, `i32`, `i64`, `f32`, `f64`, `map`, the name of a
    /// struct or enum, or a list of one of them in brackets.
    #[serde(rename = "type")]
    pub ty: TypeRef,
    /// How a list or struct travels: `repeat`, `json`, `comma`, `list` or `wrapped:<Item>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wire: Option<String>,
    /// Whether a request must carry it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether it is secret: never printed or logged.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// Whether the text is Base64.
    #[serde(default, skip_serializing_if = "is_false")]
    pub base64: bool,
    /// Whether the service has deprecated it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deprecated: bool,
    /// What to use in place of a deprecated field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Restricted availability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Value that the service takes when the parameter is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Values that are allowed, where they are no enum (numbers).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// Smallest allowed number, also of a string that holds a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Number>,
    /// Largest allowed number, also of a string that holds a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Number>,
    /// Smallest allowed number of elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_items: Option<u32>,
    /// Largest allowed number of elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
    /// Smallest allowed number of characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<u32>,
    /// Largest allowed number of characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u32>,
    /// Regular expression that the text matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// Documented form of a time, in letters; requests must state it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = TIME_FORMS))]
    pub time: Option<String>,
    /// A value to show; one of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<Value>,
    /// Reason why the field is left out of the SDK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
    /// Reason why the field is a plain string although its name suggests a time, or the enum of a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<String>,
    /// Where the field is known from, if the published API lacks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Facts that were decided against the published API, with the reason for each: `{ "max": "…" }`. An import leaves
    /// them alone.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub decided: IndexMap<String, String>,
    /// Meaning, in our own words; the glossary's text for the name when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
}

/// The forms in which a time is written, all in UTC.
pub const TIME_FORMS: [&str; 4] = ["yyyy-MM-ddTHH:mm:ssZ", "yyyy-MM-ddTHH:mmZ", "yyyy-MM-ddTHHZ", "yyyy-MM-dd"];

/// Returns the form in which a time is written; `None` if the text is not a time in one of the [`TIME_FORMS`].
pub fn time_form(text: &str) -> Option<&'static str> {
    let fits = |form: &&&str| {
        let same = |(letter, c): (char, char)| if "yMdHms".contains(letter) { c.is_ascii_digit() } else { letter == c };
        form.len() == text.len() && form.chars().zip(text.chars()).all(same)
    };
    TIME_FORMS.iter().find(fits).copied()
}

/// Whether the name of a member says that it is a point in time.
pub fn names_a_time(name: &str) -> bool {
    ["Time", "Timestamp", "TimeStamp"].iter().any(|end| name.ends_with(end))
}

/// A type by name, or a list of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected the name of a type, or a list of one name in brackets")]
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

/// A struct (`fields`) or an open enum of texts (`enum`): exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Type {
    /// What it stands for.
    #[serde(default)]
    pub doc: String,
    /// Names, in the singular, of the members that a struct is for: `Tag`, or `*Tag` for every name that ends with it.
    /// A member of such a name and the same form must have this type, and no other member may.
    #[serde(rename = "for", default, skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<String>,
    /// Members of a struct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<Field>>,
    /// Values of an enum: wire value → meaning, or `{ "rust": variant, "doc": meaning }` where the
    /// derived name will not do. Values that it does not list are kept as they came.
    #[serde(rename = "enum", default, skip_serializing_if = "Option::is_none")]
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

/// A value of an enum whose variant is named by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedValue {
    /// Name of the variant.
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

/// Availability of something that not every account may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Not open to the public.
    Restricted,
    /// In invitational preview.
    Invitation,
}

/// How an operation pages. Names are wire names; dotted paths reach into structs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Pagination {
    /// What leads from one page to the next.
    pub style: PageStyle,
    /// `token`: parameter and response field of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// `number`: parameter of the page number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// `offset`: parameter of the offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// `offset`: response field of the next offset; 0 or none ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Parameter of the page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Largest page size, taken when the caller sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// `number`: response field of the total number of elements, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Response field of the list.
    pub items: String,
}

/// What leads from one page to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PageStyle {
    /// A token.
    Token,
    /// Page numbers from 1.
    Number,
    /// An offset that each page tells.
    Offset,
}

/// A waiter: polls an operation until every resource named has reached a state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Waiter {
    /// Name in snake case: `instance_running` gives `wait_until_instance_running`.
    pub name: String,
    /// What is waited for.
    #[serde(default)]
    pub doc: String,
    /// List parameter that takes the IDs.
    pub ids: String,
    /// Response list to look at.
    pub items: String,
    /// Member of an element that holds its ID.
    pub id: String,
    /// Member of an element that holds its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// States that end the waiting well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success: Vec<String>,
    /// States that end the waiting as failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure: Vec<String>,
    /// Whether the resource is waited for to be gone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gone: bool,
    /// Fixed parameters of the polling request, such as the page size.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// Seconds between two polls.
    pub interval: u32,
}

/// A documented error code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ErrorCode {
    /// The code.
    pub code: String,
    /// HTTP status that it comes with.
    pub http: u16,
}

/// An example of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The request in wire names.
    pub request: Value,
    /// The form that the request must encode to, without the common parameters.
    pub form: String,
    /// A response, which must decode with nothing lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

/// Types that several operations share: `specs/<service>/types.json`.
pub type SharedTypes = IndexMap<String, Type>;

/// Texts for names that mean the same everywhere: `specs/<service>/glossary.json`.
pub type Glossary = IndexMap<String, String>;

fn is_false(value: &bool) -> bool {
    !value
}
