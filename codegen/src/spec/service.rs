//! What describes services: one of them, and all of RPC style.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A service: `specs/<service>/service.json`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Service {
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Short name: folder, module and feature.
    pub service: String,
    /// Product code of the service.
    pub product: String,
    /// API version.
    pub version: String,
    /// Full name of the service.
    pub title: String,
    /// Page of an operation; `{operation}` stands for its name in lower case.
    pub docs_url: String,
    /// What is a Cargo feature.
    pub gate: Gate,
    /// Families of operations: name → what they have in common.
    pub families: IndexMap<String, String>,
    /// Folders of the published documentation whose family is named otherwise: title → family.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub directories: IndexMap<String, String>,
    /// Words of wire names that are kept together: spelling → snake case.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub words: IndexMap<String, String>,
    /// Codes that every operation may return: code → meaning.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub errors: IndexMap<String, String>,
    /// Constants of error codes that would give one name: code → name. The code that most operations document keeps the
    /// derived name and is not listed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub codes: IndexMap<String, String>,
    /// Addresses of the service.
    pub endpoints: Endpoints,
}

/// What all services of RPC style have in common: `specs/rpc.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rpc {
    /// Path of the JSON Schema, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Parameters that every request carries and no operation defines: name → meaning.
    pub parameters: IndexMap<String, String>,
    /// Verbs that begin the names of operations that only read.
    pub read_verbs: Vec<String>,
}

impl Rpc {
    /// Whether the name of an operation says that it only reads.
    pub fn is_read(&self, operation: &str) -> bool {
        self.read_verbs.iter().any(|verb| operation.starts_with(verb))
    }
}

/// What of a service is a Cargo feature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// Each family.
    #[default]
    Families,
    /// The service as a whole.
    Service,
    /// Nothing: the service is always there.
    None,
    /// Nothing: the runtime itself calls the service, and so has it.
    Runtime,
}

impl Gate {
    /// Whether the service is generated into the runtime.
    pub fn is_of_runtime(self) -> bool {
        self == Gate::Runtime
    }

    /// Whether shared types and codes are in a crate of their own: where there are many operations, in families.
    pub fn has_types_crate(self) -> bool {
        self == Gate::Families
    }
}

/// Addresses of a service. `{region}` in a rule stands for the region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Endpoints {
    /// Address when there is no region.
    pub default: String,
    /// Rule for the public network.
    pub public: String,
    /// Rule for the VPC network.
    pub vpc: String,
    /// Regions whose public address does not follow the rule.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub public_exceptions: IndexMap<String, String>,
    /// Regions whose VPC address does not follow the rule.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub vpc_exceptions: IndexMap<String, String>,
    /// Code by which the Location service knows the service; empty when it does not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// All regions known to have an address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Decisions on public addresses where sources disagree: region → the address that was chosen, and why.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub decisions: IndexMap<String, String>,
}
