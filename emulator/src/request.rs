//! The log of received requests, for tests to inspect.

use std::collections::BTreeMap;

use crate::{faults::Fault, specs::is_common_parameter};

/// A request to the API, whether or not it was accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// Name of the operation; empty if the request names none.
    pub operation: String,
    /// API version that the request names.
    pub version: String,
    /// All parameters of query and form, decoded, including those of [`common_parameters`](crate::common_parameters).
    pub parameters: BTreeMap<String, String>,
    /// HTTP method.
    pub method: String,
    /// Query string, verbatim.
    pub query: String,
    /// Body, verbatim.
    pub body: String,
    /// Headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// HTTP status of the response; 0 if a fault prevented the response.
    pub status: u16,
    /// Error code of the response; `None` if the request succeeded.
    pub code: Option<String>,
    /// Request ID of the response.
    pub request_id: String,
    /// Whether this request executed the operation: false for errors, for dry runs, and for requests whose `ClientToken`
    /// repeated an earlier response.
    pub executed: bool,
    /// The injected fault.
    pub fault: Fault,
}

impl Request {
    /// Returns the value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Returns the parameters of the operation itself, without [`common_parameters`](crate::common_parameters).
    pub fn operation_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.parameters.iter().filter(|(name, _)| !is_common_parameter(name));
        parameters.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the value of a header; `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}
