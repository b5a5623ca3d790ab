//! Descriptions of one service, and of all RPC-style services.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ErrorClasses, patterns};

/// A service: `specs/<service>/service.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = patterns::service)]
pub struct Service {
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Short name: folder, module and feature.
    #[schemars(extend("pattern" = patterns::LOWER_NAME))]
    pub service: String,
    /// Product code of the service.
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub product: String,
    /// API version.
    #[schemars(extend("pattern" = patterns::VERSION))]
    pub version: String,
    /// Full name of the service.
    #[schemars(extend("pattern" = patterns::NOT_BLANK))]
    pub title: String,
    /// URL of an operation's page. `{operation}` is replaced with its name in lower case, and `{Operation}` with its name.
    #[schemars(extend("pattern" = patterns::URL))]
    pub docs_url: String,
    /// Scope of the Cargo features.
    pub gate: Gate,
    /// Whether the feature of the service is enabled by default, for a service with the gate `service`. New services leave it
    /// out, because each one lengthens the build of every program.
    #[serde(default, skip_serializing_if = "super::is_false")]
    pub default_feature: bool,
    /// State of the docs. Leave it out once all docs are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub docs: Option<DocsState>,
    /// Families of operations: name → description.
    #[schemars(extend("minProperties" = 1))]
    pub families: IndexMap<String, String>,
    /// Folders of the published documentation whose family has another name: title → family.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("additionalProperties" = serde_json::json!({ "type": "string", "pattern": patterns::LOWER_NAME })))]
    pub directories: IndexMap<String, String>,
    /// Words of wire names that are not split: spelling → snake case.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("additionalProperties" = serde_json::json!({ "type": "string", "pattern": patterns::SNAKE_NAME })))]
    pub words: IndexMap<String, String>,
    /// Codes that any operation can return: code → meaning.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub errors: IndexMap<String, String>,
    /// Names of constants for error codes whose derived names clash: code → name. The code that most operations document keeps the
    /// derived name and is not listed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("additionalProperties" = serde_json::json!({ "type": "string", "pattern": patterns::CONSTANT_NAME })))]
    pub codes: IndexMap<String, String>,
    /// Classes of error codes that have another class in this service than `rpc.json` says.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub error_classes: ErrorClasses,
    /// Violations of rules that are accepted in the whole service, with the reason for each: `{ "missing-read": "…" }`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub allow: IndexMap<String, String>,
    /// Endpoints of the service.
    pub endpoints: Endpoints,
}

/// Facts common to all RPC-style services: `specs/rpc.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rpc {
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Common parameters, which every request has and no operation defines: name → meaning.
    pub parameters: IndexMap<String, String>,
    /// Verbs that start the names of read-only operations.
    #[schemars(extend("items" = serde_json::json!({ "type": "string", "pattern": patterns::VERB })))]
    pub read_verbs: Vec<String>,
    /// Codes by which services report that a dry run passed: code → the operations that use it. The SDK itself uses the
    /// first one if a service reports success.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub dry_run_codes: IndexMap<String, String>,
    /// Classes of error codes, for all services.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub error_classes: ErrorClasses,
    /// Error codes that no operation documents but that `error_classes` considers: where they are known from → codes.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub undocumented_codes: IndexMap<String, Vec<String>>,
}

impl Rpc {
    /// Whether the name of an operation indicates that it only reads.
    pub fn is_read(&self, operation: &str) -> bool {
        let is_verb = |verb: &String| {
            operation
                .strip_prefix(verb.as_str())
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        };
        self.read_verbs.iter().any(is_verb)
    }
}

/// State of the docs of a service or of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DocsState {
    /// Docs may be missing. The linter counts them, and generated docs state only the facts.
    Draft,
}

/// Scope of the Cargo features of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// One feature per family.
    #[default]
    Families,
    /// One feature for the service as a whole.
    Service,
    /// No features: the service is always included.
    None,
    /// No features: the runtime itself calls the service and includes it.
    Runtime,
    /// No features: the service is a crate of its own, outside ecs-sdk.
    Crate,
}

impl Gate {
    /// Whether the service is generated into the runtime.
    pub fn is_in_runtime(self) -> bool {
        self == Gate::Runtime
    }

    /// Whether the service is generated into ecs-sdk-companions: rustc needs memory for every item of a crate, and ecs-sdk has
    /// many.
    pub fn is_companion(self) -> bool {
        self == Gate::Service
    }

    /// Whether shared types and codes are in a separate crate, as for services whose families are features.
    pub fn has_types_crate(self) -> bool {
        self == Gate::Families
    }
}

/// Endpoints of a service. `{region}` in a pattern is replaced with the region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Endpoints {
    /// Host that serves clients without a region.
    #[schemars(extend("pattern" = patterns::HOST))]
    pub default: String,
    /// Host pattern for the public network.
    #[schemars(extend("pattern" = patterns::HOST))]
    pub public: String,
    /// Host pattern for the VPC network.
    #[schemars(extend("pattern" = patterns::HOST))]
    pub vpc: String,
    /// Regions whose public host does not follow the pattern.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("additionalProperties" = serde_json::json!({ "type": "string", "pattern": patterns::HOST })))]
    pub public_exceptions: IndexMap<String, String>,
    /// Regions whose VPC host does not follow the pattern.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("additionalProperties" = serde_json::json!({ "type": "string", "pattern": patterns::HOST })))]
    pub vpc_exceptions: IndexMap<String, String>,
    /// The service's code in the Location service; empty if it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// All regions with a known endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("uniqueItems" = true))]
    pub regions: Vec<String>,
    /// Decisions about public endpoints on which sources disagree: region → the chosen endpoint and the reason.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub decisions: IndexMap<String, String>,
}
