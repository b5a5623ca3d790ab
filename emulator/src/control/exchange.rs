//! A request to the control interface, and reading its parts.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{message::HttpRequest, simulation::Simulation};

/// A request to the control interface.
pub(super) struct Exchange<'a> {
    pub(super) simulation: &'a Simulation,
    pub(super) request: &'a HttpRequest,
    /// The variable segment of the path; empty if it has none.
    pub(super) argument: &'a str,
}

/// The members of a response, or an error.
pub(super) type Reply = Result<Value, Failure>;

/// The response to a request that failed.
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) message: String,
}

impl Failure {
    /// Creates the error for a request with an invalid value.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Failure { status: 400, message: message.into() }
    }

    /// Creates the error for a resource that does not exist.
    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Failure { status: 404, message: message.into() }
    }
}

impl<'a> Exchange<'a> {
    pub(super) fn new(simulation: &'a Simulation, request: &'a HttpRequest, argument: &'a str) -> Self {
        Exchange { simulation, request, argument }
    }

    /// Returns the body as a string.
    pub(super) fn text(&self) -> Result<&'a str, Failure> {
        std::str::from_utf8(&self.request.body).map_err(|_| Failure::invalid("the body is not UTF-8"))
    }

    /// Parses the body as JSON. `example` shows a valid body.
    pub(super) fn json<T: DeserializeOwned>(&self, example: &str) -> Result<T, Failure> {
        serde_json::from_str(self.text()?)
            .map_err(|error| Failure::invalid(format!("invalid body: {error}; expected JSON such as {example}")))
    }

    /// Parses the body as one JSON object, or as a list of them.
    pub(super) fn one_or_more<T: DeserializeOwned>(&self, example: &str) -> Result<Vec<T>, Failure> {
        // The first character decides, so that the error is about the objects.
        if self.text()?.trim_start().starts_with('[') { self.json(example) } else { Ok(vec![self.json(example)?]) }
    }

    /// Returns a parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.request.query_parameters().iter();
        parameters.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Rejects parameters of the query that a route does not have.
    pub(super) fn check_query(&self, known: &[&str]) -> Result<(), Failure> {
        match self.request.query_parameters().iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let known = known.join("`, `");
                Err(Failure::invalid(format!("unknown query parameter `{name}`; expected one of `{known}`")))
            }
        }
    }
}
