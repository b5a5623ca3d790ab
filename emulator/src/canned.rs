//! Responses that a test prepares for an operation, instead of the emulator's own.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest time that a response asks clients to wait: a day.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Number of responses that can be prepared, which bounds their memory.
const MAX_RESPONSES: usize = 1_000;

/// A response prepared for an operation. It is sent instead of executing the operation, to requests that are signed
/// correctly.
///
/// ```
/// use ecs_emulator::{CannedResponse, Emulator, serde_json::json};
///
/// let emulator = Emulator::builder().start_blocking()?;
/// let sold_out = CannedResponse::error("OperationDenied.NoStock", "The instance type is sold out.")
///     .status(403);
/// emulator.respond_with("RunInstances", [sold_out.times(1)])?;
/// let price = json!({ "PriceInfo": { "Price": { "TradePrice": 0.5, "Currency": "CNY" } } });
/// emulator.respond_with("DescribePrice", [CannedResponse::members(price)?])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct CannedResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_milliseconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

/// Error of preparing a [`CannedResponse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedResponseError(String);

impl fmt::Display for CannedResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CannedResponseError {}

impl CannedResponse {
    /// Creates a successful response with these members. `RequestId` is added.
    ///
    /// # Errors
    ///
    /// Returns an error if the value is not a JSON object.
    pub fn members(members: Value) -> Result<Self, CannedResponseError> {
        let Value::Object(members) = members else {
            return Err(CannedResponseError("the members of a response must be a JSON object".to_owned()));
        };
        Ok(CannedResponse { body: Some(members), ..CannedResponse::default() })
    }

    /// Creates an error response. Its status is the one that the operation documents for the code, or 400.
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Self {
        CannedResponse { code: Some(code.into()), message: Some(message.into()), ..CannedResponse::default() }
    }

    /// Sets the HTTP status, from 200 to 599.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Asks clients to wait, with the headers `x-acs-retry-after` in milliseconds and `Retry-After` in seconds. At most a
    /// day.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after_milliseconds = Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Sends the response to this number of requests only; unlimited by default.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Sends the response only to requests with this value of a parameter, such as `InstanceId`.
    pub fn when(mut self, parameter: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.insert(parameter.into(), value.into());
        self
    }

    /// Sends the response only to requests of this API version, for names that several services have.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Checks that the response can be sent.
    fn check(&self) -> Result<(), CannedResponseError> {
        let problem = match self {
            CannedResponse { body: Some(_), code: Some(_), .. } => "`body` and `code` exclude each other",
            CannedResponse { body: None, code: None, .. } => "expected `body` (the members of a response) or `code`",
            CannedResponse { message: Some(_), code: None, .. } => "`message` needs a `code`",
            CannedResponse { code: Some(code), .. } if code.is_empty() => "`code` must not be empty",
            CannedResponse { status: Some(status), .. } if !(200..600).contains(status) => {
                "`status` must be from 200 to 599"
            }
            CannedResponse { times: Some(0), .. } => "`times` must be at least 1",
            CannedResponse { retry_after_milliseconds: Some(wait), .. }
                if Duration::from_millis(*wait) > MAX_RETRY_AFTER =>
            {
                "`retry_after_milliseconds` must be at most 86400000, which is a day"
            }
            _ => return Ok(()),
        };
        Err(CannedResponseError(problem.to_owned()))
    }

    /// Returns the status and the members, or the error code and the message. `documented` returns the status that the
    /// operation documents for a code.
    pub(crate) fn content(self, documented: impl Fn(&str) -> Option<u16>) -> Content {
        let retry_after = self.retry_after_milliseconds.map(Duration::from_millis);
        match self.code {
            None => {
                Content { status: self.status.unwrap_or(200), retry_after, result: Ok(self.body.unwrap_or_default()) }
            }
            Some(code) => {
                let status = self.status.or_else(|| documented(&code)).unwrap_or(400);
                let message = self.message.unwrap_or_else(|| format!("A prepared response: the code {code}."));
                Content { status, retry_after, result: Err((code, message)) }
            }
        }
    }

    fn fits(&self, version: &str, parameters: &BTreeMap<String, String>) -> bool {
        self.version.as_deref().is_none_or(|wanted| wanted == version)
            && self.parameters.iter().all(|(name, value)| parameters.get(name) == Some(value))
    }
}

/// The content of a prepared response.
pub(crate) struct Content {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    /// The members, or code and message of an error.
    pub(crate) result: Result<Map<String, Value>, (String, String)>,
}

/// All prepared responses, by operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct CannedResponses(HashMap<String, Vec<CannedResponse>>);

impl CannedResponses {
    /// Replaces the responses of an operation.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them cannot be sent, or if there are too many.
    pub(crate) fn set(&mut self, operation: &str, responses: Vec<CannedResponse>) -> Result<(), CannedResponseError> {
        responses.iter().try_for_each(CannedResponse::check)?;
        let others = self.0.iter().filter(|(name, _)| *name != operation).map(|(_, responses)| responses.len());
        if others.sum::<usize>() + responses.len() > MAX_RESPONSES {
            return Err(CannedResponseError(format!("at most {MAX_RESPONSES} responses can be prepared at a time")));
        }
        if responses.is_empty() {
            self.0.remove(operation);
        } else {
            self.0.insert(operation.to_owned(), responses);
        }
        Ok(())
    }

    /// Returns the responses by operation, in order of their names.
    pub(crate) fn all(&self) -> BTreeMap<&str, &[CannedResponse]> {
        self.0.iter().map(|(operation, responses)| (operation.as_str(), responses.as_slice())).collect()
    }

    /// Removes all responses.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the first response that is meant for a request, and counts its use.
    pub(crate) fn take(
        &mut self,
        version: &str,
        operation: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Option<CannedResponse> {
        let responses = self.0.get_mut(operation)?;
        let place = responses.iter().position(|response| response.fits(version, parameters))?;
        let response = responses[place].clone();
        if let Some(times) = &mut responses[place].times {
            *times = times.saturating_sub(1);
            if *times == 0 {
                drop(responses.remove(place));
            }
        }
        if responses.is_empty() {
            self.0.remove(operation);
        }
        Some(response)
    }
}
