//! Responses and failures that a mock replies with.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    encode,
    error::{Error, ErrorKind},
    model::{self, Model, read},
    operation::Response,
    response_meta::ResponseMeta,
    transport::TransportError,
};

/// The reply of a [`Mock`](super::Mock) to a request: a response, an error of the service, or a failure of the connection.
///
/// Responses, [`Error`]s and JSON convert to it, and so do results:
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> ecs_sdk::Result<()> {
/// use ecs_sdk::{
///     Client, Error, Model as _,
///     operation::start_instance::{StartInstanceRequest, StartInstanceResponse},
///     test_util::Mock,
/// };
///
/// let mock = Mock::new();
/// mock.on::<StartInstanceRequest>().respond_with(|request| {
///     match request.instance_id.as_deref() {
///         Some("i-1") => Ok(StartInstanceResponse::default()),
///         _ => Err(Error::service(
///             "InvalidInstanceId.NotFound",
///             "The instance does not exist.",
///             404,
///         )),
///     }
/// });
/// let client: Client = mock.client();
/// assert!(client.start_instance().instance_id("i-1").send().await.is_ok());
/// assert!(client.start_instance().instance_id("i-2").send().await.unwrap_err().is_not_found());
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
/// # fn main() {}
/// ```
#[derive(Debug, Clone)]
#[must_use = "a reply does nothing until a mock has it"]
pub struct Reply {
    outcome: Outcome,
    headers: HeaderMap,
    delay: Duration,
}

#[derive(Debug, Clone)]
enum Outcome {
    /// A JSON object, to which a request ID is added if it has none.
    Json(StatusCode, Value),
    Http(http::Response<Bytes>),
    Failure(Failure),
    Nothing,
}

#[derive(Debug, Clone)]
struct Failure {
    how: fn(String) -> TransportError,
    message: String,
    timed_out: bool,
}

impl Reply {
    fn of(outcome: Outcome) -> Self {
        Self { outcome, headers: HeaderMap::new(), delay: Duration::ZERO }
    }

    fn failure(how: fn(String) -> TransportError, message: impl Into<String>, timed_out: bool) -> Self {
        Self::of(Outcome::Failure(Failure { how, message: message.into(), timed_out }))
    }

    /// A successful response that contains only a request ID.
    pub fn ok() -> Self {
        Self::json(json!({}))
    }

    /// A successful response with this body. If it has no `RequestId`, the mock adds one.
    pub fn json(body: Value) -> Self {
        Self::of(Outcome::Json(StatusCode::OK, body))
    }

    /// An error of the service.
    ///
    /// # Panics
    ///
    /// Panics if the HTTP status is not that of an error, which is from 300 to 999.
    #[track_caller]
    pub fn error(code: impl Into<String>, message: impl Into<String>, http_status: u16) -> Self {
        assert!((300..=999).contains(&http_status), "an error has another HTTP status, not {http_status}");
        Error::service(code, message, http_status).into()
    }

    /// An HTTP response, which is sent unchanged: a gateway's page, a truncated body, other headers.
    pub fn http(response: http::Response<impl Into<Bytes>>) -> Self {
        Self::of(Outcome::Http(response.map(Into::into)))
    }

    /// No connection could be established, so nothing was sent.
    pub fn connection_refused() -> Self {
        Self::failure(TransportError::not_sent, "connection refused", false)
    }

    /// The connection broke after the request was sent, so the service may have executed it.
    pub fn connection_lost() -> Self {
        Self::failure(TransportError::interrupted, "connection reset by peer", false)
    }

    /// The request was sent, but the response took too long. The service may have executed it.
    ///
    /// This is the failure of a transport that has its own time limit. To let the client's timeout elapse, use
    /// [`never`](Self::never) or [`after`](Self::after).
    pub fn timeout() -> Self {
        Self::failure(TransportError::interrupted, "no response in time", true)
    }

    /// No response ever arrives, so the client's timeout elapses.
    pub fn never() -> Self {
        Self::of(Outcome::Nothing)
    }

    /// Delays the reply, on the clock of the mock.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the HTTP status of the response.
    ///
    /// # Panics
    ///
    /// Panics if the status is invalid.
    #[track_caller]
    pub fn with_status(mut self, status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or_else(|_| panic!("invalid HTTP status {status}"));
        match &mut self.outcome {
            Outcome::Json(place, _) => *place = status,
            Outcome::Http(response) => *response.status_mut() = status,
            Outcome::Failure(_) | Outcome::Nothing => {}
        }
        self
    }

    /// Adds an HTTP header to the response. A failure of the connection has none.
    ///
    /// # Panics
    ///
    /// Panics if the name or the value is invalid.
    #[track_caller]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let parsed = name.parse::<HeaderName>().ok().zip(value.parse::<HeaderValue>().ok());
        let (name, value) = parsed.unwrap_or_else(|| panic!("invalid header {name:?} with the value {value:?}"));
        self.headers.append(name, value);
        self
    }

    /// How long it is delayed; `None` if it never arrives.
    pub(super) fn delay(&self) -> Option<Duration> {
        if let Outcome::Nothing = self.outcome { None } else { Some(self.delay) }
    }

    /// Returns the HTTP response, with this ID if it has none.
    pub(super) fn into_result(self, request_id: &str, host: &str) -> Result<http::Response<Bytes>, TransportError> {
        let mut response = match self.outcome {
            Outcome::Json(status, mut body) => {
                if let Value::Object(members) = &mut body {
                    add_ids(members, request_id, host, !status.is_success());
                }
                let mut response = http::Response::new(Bytes::from(body.to_string()));
                *response.status_mut() = status;
                response
            }
            Outcome::Http(response) => response,
            Outcome::Failure(Failure { how, message, timed_out }) => {
                let failure = how(message);
                return Err(if timed_out { failure.timed_out() } else { failure });
            }
            Outcome::Nothing => return Err(TransportError::interrupted("there was never a response").timed_out()),
        };
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}

/// Adds the members that every response of the service has.
fn add_ids(members: &mut Map<String, Value>, request_id: &str, host: &str, is_error: bool) {
    let has_id = members.iter().any(|(name, value)| name.eq_ignore_ascii_case("RequestId") && *value != json!(""));
    if !has_id {
        members.insert("RequestId".to_owned(), request_id.into());
    }
    if is_error && !members.contains_key("HostId") {
        members.insert("HostId".to_owned(), host.into());
    }
}

/// Serializes a model.
struct Serialized<'a>(&'a dyn Model);

impl Serialize for Serialized<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        encode::serialize(self.0, serializer)
    }
}

fn of_model(response: &dyn Model) -> Reply {
    let body = serde_json::to_value(Serialized(response)).expect("all keys of models are strings");
    let mut reply = Reply::json(body);
    read(response, |table, members| {
        let meta = members.get(table.names.len()).map(|member| member.value());
        if let Some(model::Value::Meta(meta)) = meta
            && let Some(meta) = meta.downcast_ref::<ResponseMeta>()
        {
            reply.headers = meta.headers().clone();
            let id = meta.request_id().and_then(|id| HeaderValue::from_str(id).ok());
            if let Some(id) = id {
                reply.headers.insert("x-acs-request-id", id);
            }
            let status = meta.http_status().and_then(|status| StatusCode::from_u16(status).ok());
            if let (Some(status), Outcome::Json(place, _)) = (status, &mut reply.outcome) {
                *place = status;
            }
        }
    });
    reply
}

impl<R: Response> From<R> for Reply {
    /// A successful response. Its [metadata](ResponseMeta), if it has any, becomes the headers and the status.
    fn from(response: R) -> Self {
        of_model(&response)
    }
}

impl From<Value> for Reply {
    fn from(body: Value) -> Self {
        Self::json(body)
    }
}

impl<B: Into<Bytes>> From<http::Response<B>> for Reply {
    fn from(response: http::Response<B>) -> Self {
        Self::http(response)
    }
}

impl<T: Into<Reply>> From<Result<T, Error>> for Reply {
    fn from(result: Result<T, Error>) -> Self {
        result.map_or_else(Self::from, Into::into)
    }
}

impl From<Error> for Reply {
    /// The response or failure that leads to this error.
    ///
    /// # Panics
    ///
    /// Panics if the error cannot be caused by a response or a connection, such as one of kind
    /// [`Credentials`](ErrorKind::Credentials).
    #[track_caller]
    fn from(error: Error) -> Self {
        let message = error.message();
        match error.kind() {
            ErrorKind::Service => of_service(&error),
            ErrorKind::Transport | ErrorKind::Timeout => {
                let how: fn(String) -> TransportError = match error.is_maybe_executed() {
                    true => TransportError::interrupted,
                    false => TransportError::not_sent,
                };
                Self::failure(how, message, error.is_timeout())
            }
            ErrorKind::Config => Self::failure(TransportError::settings, message, false),
            ErrorKind::Decode => Self::failure(TransportError::unusable, message, false),
            kind => panic!(
                "a mock cannot reply with an error of kind {kind:?}, which neither a response nor a connection causes; \
                 use one of kind Service, Transport or Timeout"
            ),
        }
    }
}

fn of_service(error: &Error) -> Reply {
    let members = [
        ("Code", error.code()),
        ("Message", Some(error.message())),
        ("RequestId", error.request_id()),
        ("Recommend", error.recommend()),
    ];
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    let status = error.http_status().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::BAD_REQUEST);
    let reply = Reply::of(Outcome::Json(status, Value::Object(members.collect())));
    match error.retry_after() {
        Some(delay) => reply.with_header("retry-after", &delay.as_secs_f64().ceil().to_string()),
        None => reply,
    }
}
