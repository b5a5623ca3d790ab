//! What the local ECS was sent, for tests to look at.

use std::collections::BTreeMap;

use crate::faults::Fault;

/// A request to the API, whether or not it was accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// Name of the operation; empty when the request names none.
    pub operation: String,
    /// API version that the request names.
    pub version: String,
    /// All parameters of query and form: those of the operation and those that every call has, decoded.
    pub parameters: BTreeMap<String, String>,
    /// HTTP method.
    pub method: String,
    /// Query as it came.
    pub query: String,
    /// Body as it came.
    pub body: String,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// HTTP status of the answer; 0 when a fault left none.
    pub status: u16,
    /// Error code of the answer; `None` when the call went well.
    pub code: Option<String>,
    /// Request ID of the answer.
    pub request_id: String,
    /// Whether the operation was carried out for this request. An answer that was repeated for a `ClientToken`, a dry
    /// run and an error were not.
    pub executed: bool,
    /// What went wrong on purpose.
    pub fault: Fault,
}

impl Request {
    /// A parameter by its wire name.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}
