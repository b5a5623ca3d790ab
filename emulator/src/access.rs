//! The report about a request that the server has handled.

use std::time::{Duration, SystemTime};

use crate::faults::Fault;

/// A request that the server has handled, without its parameters, headers and body, which may contain secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Access {
    /// Time at which the request had arrived, by the system's clock.
    pub time: SystemTime,
    /// Time from then until the response was ready to be sent, including the delay of a fault.
    pub duration: Duration,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Name of the operation; empty if the request is not for the API, or names none.
    pub operation: String,
    /// The parameter `RegionId`; empty if the request has none.
    pub region: String,
    /// HTTP status of the response; 0 if a fault prevented the response.
    pub status: u16,
    /// Error code of the response.
    pub code: Option<String>,
    /// Request ID of the response; empty for responses without one.
    pub request_id: String,
    /// The injected fault.
    pub fault: Fault,
}

impl Access {
    /// Creates the report of a request that has arrived.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Access {
            time: SystemTime::now(),
            duration: Duration::ZERO,
            method: method.to_owned(),
            path: path.to_owned(),
            operation: String::new(),
            region: String::new(),
            status: 0,
            code: None,
            request_id: String::new(),
            fault: Fault::None,
        }
    }
}
