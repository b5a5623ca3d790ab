//! Pagination and waiters of operations.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Field, is_false, patterns};

/// Pagination of an operation. Names are wire names. Dotted paths refer to members of structs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = patterns::pagination)]
pub struct Pagination {
    /// Style of pagination.
    pub style: PageStyle,
    /// `token`: parameter and response field of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub token: Option<String>,
    /// `number`: parameter of the page number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub number: Option<String>,
    /// `offset`: parameter of the offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub offset: Option<String>,
    /// `offset`: response field of the next offset. 0 or no value ends the listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub next: Option<String>,
    /// Parameter of the page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub size: Option<String>,
    /// Largest page size, which is the default page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max: Option<u32>,
    /// `number`: response field of the total number of elements, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub total: Option<String>,
    /// Response field of the list.
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub items: String,
}

/// Style of pagination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PageStyle {
    /// A token.
    Token,
    /// Page numbers, starting at 1.
    Number,
    /// An offset that each page returns.
    Offset,
}

/// A waiter: polls an operation until every given resource has reached a state, or is gone.
///
/// If there are several items with the ID of a resource, all of them must be in a state of `success`. One in a state of
/// `failure` is enough to end the wait with an error. States are compared without regard to letter case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = patterns::waiter)]
pub struct Waiter {
    /// Name in snake case: `instance_running` becomes `wait_until_instance_running`.
    #[schemars(extend("pattern" = patterns::SNAKE_NAME))]
    pub name: String,
    /// Description of the state to wait for.
    #[serde(default)]
    pub doc: String,
    /// Dotted path of the parameter for the IDs: a list, or a string, which takes one ID per request unless `chunk` is
    /// greater.
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub ids: String,
    /// Dotted path of the response list with the items; lists within lists become one. Without it, the response itself is the only item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub items: Option<String>,
    /// Dotted path of the ID in an item. Without it, all items belong to the only ID of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub id: Option<String>,
    /// Dotted path of the state in an item. It may lead through lists; then it is enough if any element is in a state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::WIRE_PATH))]
    pub state: Option<String>,
    /// States that end the wait successfully.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub success: Vec<String>,
    /// Setter, in snake case, of the state to wait for, if callers choose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = patterns::SNAKE_NAME))]
    pub target: Option<String>,
    /// Whether one resource in a state of `success` is enough, as in a wait for trouble. Then only the failure of all
    /// resources ends the wait with an error.
    #[serde(default, skip_serializing_if = "is_false")]
    pub any: bool,
    /// States that end the wait with an error.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failure: Vec<String>,
    /// States that pass. All other states are waited out too, and reported as unknown if this list is not empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transient: Vec<String>,
    /// Whether to wait until the resource no longer exists. Resources in a state of `success` are treated as gone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gone: bool,
    /// Fixed parameters of the polling request, such as the page size.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub set: IndexMap<String, Value>,
    /// Maximum number of IDs per request, unless the limits of the parameter say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub chunk: Option<u32>,
}

impl Waiter {
    /// Name of the member with the ID of a resource.
    pub fn id_name(&self) -> &str {
        let path = self.id.as_deref().unwrap_or(&self.ids);
        path.rsplit('.').next().unwrap_or(path)
    }

    /// Maximum number of IDs per request, which `ids` takes.
    pub fn ids_per_request(&self, ids: &Field) -> u32 {
        // All lists of IDs take at least 100 unless their limit is documented.
        let limit = || {
            if ids.ty.is_list() { ids.max_items.unwrap_or(100) } else { 1 }
        };
        self.chunk.unwrap_or_else(limit)
    }
}
