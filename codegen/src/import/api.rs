//! The published api-docs layout. Keys that are not needed are skipped, and [`super::forms`] removes values of other JSON types.

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::decision::Note;
use crate::spec::Visibility;

/// The metadata of one version of a product: `api-docs.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ApiDocs {
    /// Product and version.
    pub info: Info,
    /// Folders of operations, which may be nested.
    pub directories: Vec<Directory>,
    /// Schemas that others refer to.
    pub components: Components,
    /// Operations by name.
    pub apis: IndexMap<String, Api>,
    /// Hosts of the service.
    pub endpoints: Vec<Endpoint>,
    /// Operations that are left out, with the reason for each. [`super::read_api`] moves them here from `apis`.
    #[serde(skip)]
    pub left_out: IndexMap<String, String>,
    /// Values outside operations that are ignored, with their places in the file.
    #[serde(skip)]
    pub(crate) notes: Vec<Note>,
}

/// The hosts of a region.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Endpoint {
    /// ID of the region.
    pub region_id: String,
    /// Host in the public network.
    pub endpoint: String,
    /// Host in VPCs; empty if the file lists none.
    pub vpc: String,
}

/// Product and version.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Info {
    /// Style of the API: `RPC`, `ROA` and others. Files without it are of the style RPC.
    pub style: String,
    /// Product code.
    pub product: String,
    /// API version.
    pub version: String,
}

/// A folder of the documentation, or an operation in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Directory {
    /// Name of an operation.
    Operation(String),
    /// A folder.
    Folder {
        /// Its title.
        #[serde(default)]
        title: String,
        /// Its content.
        #[serde(default)]
        children: Vec<Directory>,
    },
    /// Anything else, which is skipped.
    Other(Value),
}

/// Schemas that others refer to by `#/components/schemas/<Name>`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Components {
    /// Schemas by name.
    pub schemas: IndexMap<String, Schema>,
}

/// An operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Api {
    /// The name that the service expects, if it differs from the one in `apis`.
    #[serde(skip)]
    pub wire: Option<String>,
    /// Values that are ignored, with their places below the operation.
    #[serde(skip)]
    pub(crate) notes: Vec<Note>,
    /// Path of the URL, for operations that are not RPC calls.
    pub path: String,
    /// HTTP methods in lower case; any method if empty.
    pub methods: Vec<String>,
    /// `read`, `write` or `readAndWrite`, as published; it is often wrong.
    pub operation_type: String,
    /// Alternative ways of authentication, by name: `AK`, `BearerToken`, `Anonymous` and others.
    pub security: Vec<IndexMap<String, Value>>,
    /// Samples of responses: a JSON string.
    pub response_demo: Value,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// Replacement of a deprecated operation.
    pub replaced_by: Option<String>,
    /// Restricted availability.
    #[serde(deserialize_with = "visibility")]
    pub visibility: Option<Visibility>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Responses by HTTP status.
    pub responses: IndexMap<String, Response>,
    /// Error codes by HTTP status.
    pub error_codes: IndexMap<String, Vec<DocumentedError>>,
}

/// A parameter of an operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Parameter {
    /// Wire name.
    pub name: String,
    /// Where it is sent: `query`, `formData`, `path`, `header` and others.
    #[serde(rename = "in")]
    pub location: String,
    /// Encoding of a list or struct.
    pub style: Option<String>,
    /// Its type.
    pub schema: Schema,
}

/// A response.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Response {
    /// Its type.
    pub schema: Schema,
}

/// A documented error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DocumentedError {
    /// The code.
    pub error_code: String,
}

/// A type with its facts. Facts that files write in several forms are kept as JSON.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(missing_docs, reason = "the keys of the layout are documented with the layout")]
pub struct Schema {
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub format: Option<String>,
    pub style: Option<String>,
    pub items: Option<Box<Schema>>,
    pub properties: IndexMap<String, Schema>,
    pub additional_properties: Option<Value>,
    pub required: Option<Value>,
    /// Whether the documentation calls it required, which `required` can contradict.
    pub doc_required: Option<Value>,
    #[serde(rename = "enum")]
    pub values: Vec<Value>,
    /// Titles of values. Many files list values here only.
    pub enum_value_titles: IndexMap<String, Value>,
    pub default: Option<Value>,
    pub minimum: Option<Value>,
    pub maximum: Option<Value>,
    pub exclusive_minimum: Option<Value>,
    pub exclusive_maximum: Option<Value>,
    pub min_items: Option<Value>,
    pub max_items: Option<Value>,
    pub min_length: Option<Value>,
    pub max_length: Option<Value>,
    pub pattern: Option<String>,
    pub time_pattern: Option<String>,
    /// A published sample, used only to verify other facts.
    pub example: Option<Value>,
    pub base64: bool,
    pub deprecated: bool,
    pub replaced_by: Option<String>,
    #[serde(deserialize_with = "visibility")]
    pub visibility: Option<Visibility>,
    /// Where the published file states it, below the operation, if not where the schema is nested.
    #[serde(skip)]
    pub at: Option<String>,
    /// The value of `required` in a resolved schema, if `docRequired` contradicts it.
    #[serde(skip)]
    pub disputed: Option<bool>,
    /// The component that a resolved schema is.
    #[serde(skip)]
    pub component: Option<String>,
    /// The reference that could not be resolved.
    #[serde(skip)]
    pub unresolved: Option<String>,
    /// Keys beside references to the component that contradict it, and are ignored.
    #[serde(skip)]
    pub ignored: Vec<&'static str>,
}

impl ApiDocs {
    /// The schema itself, or the one that it refers to, overridden by the facts of the reference.
    pub(super) fn resolve(&self, schema: &Schema) -> Schema {
        let mut resolved = schema.clone();
        for _ in 0..16 {
            let Some(reference) = resolved.reference.take() else {
                break;
            };
            let name = reference.rsplit('/').next().unwrap_or_default();
            let Some(target) = self.components.schemas.get(name) else {
                resolved.unresolved = Some(reference);
                break;
            };
            resolved = Schema { component: Some(name.to_owned()), ..target.clone().with_facts_of(resolved) };
        }
        resolved.combine();
        resolved
    }

    /// Whether the file lists an operation, even if it is left out.
    pub(super) fn has(&self, operation: &str) -> bool {
        self.apis.contains_key(operation) || self.left_out.contains_key(operation)
    }

    /// Title and operations of the innermost folder that lists the operation.
    pub(super) fn folder(&self, operation: &str) -> Option<(&str, Vec<&str>)> {
        find_folder(&self.directories, operation)
    }
}

fn find_folder<'a>(entries: &'a [Directory], operation: &str) -> Option<(&'a str, Vec<&'a str>)> {
    entries.iter().find_map(|entry| {
        let Directory::Folder { title, children } = entry else {
            return None;
        };
        let operations: Vec<&str> = children.iter().filter_map(Directory::operation).collect();
        if operations.contains(&operation) {
            Some((title.as_str(), operations))
        } else {
            find_folder(children, operation)
        }
    })
}

impl Directory {
    pub(super) fn operation(&self) -> Option<&str> {
        match self {
            Directory::Operation(name) => Some(name),
            Directory::Folder { .. } | Directory::Other(_) => None,
        }
    }
}

impl Schema {
    /// The type, inferred from its parts if it is not stated.
    pub(super) fn kind(&self) -> &str {
        match self.kind.as_deref() {
            Some(kind) => kind,
            None if self.items.is_some() => "array",
            None if !self.properties.is_empty() || self.additional_properties.is_some() => "object",
            None => "string",
        }
    }

    /// Whether it is an object that can have other members than the listed ones.
    pub(super) fn is_open(&self) -> bool {
        self.additional_properties.as_ref().is_some_and(|value| value.is_object() || *value == Value::Bool(true))
    }

    /// Combines facts that files state twice. A member is required only if both statements agree.
    fn combine(&mut self) {
        for title in std::mem::take(&mut self.enum_value_titles).into_keys() {
            let is_listed = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned) == title;
            if !self.values.iter().any(is_listed) {
                self.values.push(Value::String(title));
            }
        }
        let required = self.required.as_ref().and_then(Value::as_bool);
        let documented = self.doc_required.take().and_then(|documented| documented.as_bool());
        if let (Some(required), Some(documented)) = (required, documented)
            && required != documented
        {
            self.disputed = Some(required);
            self.required = None;
        }
    }

    /// The schema with the facts that a reference states about this use of it. The type of a component is its own, so another
    /// one at the reference is ignored.
    fn with_facts_of(mut self, reference: Schema) -> Schema {
        if self.kind.is_none() && self.kind() == "string" {
            self.kind.clone_from(&reference.kind);
        }
        self.format = self.format.or_else(|| reference.format.clone());
        self.ignored = reference.ignored;
        self.ignored.extend(
            [
                ("type", reference.kind.as_deref().is_some_and(|kind| kind != self.kind())),
                ("format", reference.format.is_some() && reference.format != self.format),
                ("items", reference.items.is_some()),
                ("properties", !reference.properties.is_empty()),
                ("additionalProperties", reference.additional_properties.is_some()),
                ("required", reference.required.as_ref().is_some_and(Value::is_array)),
            ]
            .into_iter()
            .filter_map(|(key, is_ignored)| is_ignored.then_some(key)),
        );
        self.style = reference.style.or(self.style);
        self.required = reference.required.filter(Value::is_boolean).or(self.required);
        self.doc_required = reference.doc_required.or(self.doc_required);
        self.disputed = reference.disputed.or(self.disputed);
        self.default = reference.default.or(self.default);
        self.example = reference.example.or(self.example);
        self.visibility = reference.visibility.or(self.visibility);
        self.replaced_by = reference.replaced_by.or(self.replaced_by);
        self.deprecated |= reference.deprecated;
        self.base64 |= reference.base64;
        self.pattern = reference.pattern.or(self.pattern);
        self.time_pattern = reference.time_pattern.or(self.time_pattern);
        if !reference.values.is_empty() || !reference.enum_value_titles.is_empty() {
            (self.values, self.enum_value_titles) = (reference.values, reference.enum_value_titles);
        }
        // An exclusive limit can be a flag of the inclusive one.
        if reference.minimum.is_some() || reference.exclusive_minimum.is_some() {
            (self.minimum, self.exclusive_minimum) = (reference.minimum, reference.exclusive_minimum);
        }
        if reference.maximum.is_some() || reference.exclusive_maximum.is_some() {
            (self.maximum, self.exclusive_maximum) = (reference.maximum, reference.exclusive_maximum);
        }
        self.min_items = reference.min_items.or(self.min_items);
        self.max_items = reference.max_items.or(self.max_items);
        self.min_length = reference.min_length.or(self.min_length);
        self.max_length = reference.max_length.or(self.max_length);
        self
    }
}

/// Reads `restricted` and `invitation`, and skips other values such as `Public`.
fn visibility<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Visibility>, D::Error> {
    let value = Option::<Value>::deserialize(deserializer)?;
    let text = value.as_ref().and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    Ok(match text.as_str() {
        "restricted" => Some(Visibility::Restricted),
        "invitation" => Some(Visibility::Invitation),
        _ => None,
    })
}
