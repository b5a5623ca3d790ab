//! Metadata of successful calls.

use std::{
    any::Any,
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use http::HeaderMap;

use crate::{
    error::is_identifier,
    model::{CopyFrom, Empty, Member, Model, Slot, Value, write},
    response,
};

/// Metadata of a call: request ID, HTTP status and headers of the response, number of attempts, elapsed time.
///
/// Every response returns it from `meta()`. It is empty for responses that were constructed or deserialized rather than
/// received. Serialization, `==` and `Debug` of a response ignore it. Cloning is cheap.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let page = client.describe_instances().send().await?;
/// let meta = page.meta();
/// println!("request {:?}: {:?}, {} retries", meta.request_id(), meta.elapsed(), meta.retries());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ResponseMeta(Option<Arc<CallData>>);

#[derive(Clone)]
struct CallData {
    request_id: Option<String>,
    status: u16,
    headers: HeaderMap,
    attempts: u32,
    elapsed: Duration,
}

impl Default for CallData {
    /// Metadata of a call whose first attempt succeeded.
    fn default() -> Self {
        Self { request_id: None, status: 200, headers: HeaderMap::new(), attempts: 1, elapsed: Duration::ZERO }
    }
}

static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

impl ResponseMeta {
    pub(crate) fn new(status: u16, headers: HeaderMap, attempts: u32, elapsed: Duration) -> Self {
        let request_id = response::request_id(&headers).map(str::to_owned);
        Self(Some(Arc::new(CallData { request_id, status, headers, attempts, elapsed })))
    }

    /// Replaces the request ID if `change` returns another one.
    pub(crate) fn map_request_id(self, change: impl FnOnce(&str) -> Option<String>) -> Self {
        match self.request_id().and_then(change) {
            Some(id) => self.with_request_id(id),
            None => self,
        }
    }

    /// Adopts the request ID of the body if no header contained one.
    pub(crate) fn or_request_id(mut self, request_id: Option<String>) -> Self {
        if let Some(data) = self.0.as_mut().and_then(Arc::get_mut)
            && data.request_id.is_none()
        {
            data.request_id = request_id.filter(|id| is_identifier(id));
        }
        self
    }

    /// Attaches the metadata to a response, for tests that need a response with a request ID or status. Has no effect
    /// on models that are not responses.
    ///
    /// ```
    /// use ecs_sdk::{
    ///     Model as _, ResponseMeta,
    ///     operation::describe_instances::DescribeInstancesResponse,
    /// };
    ///
    /// let mut response = DescribeInstancesResponse::default();
    /// ResponseMeta::default().with_request_id("R-1").with_http_status(200).attach_to(&mut response);
    /// assert_eq!(response.meta().request_id(), Some("R-1"));
    /// ```
    pub fn attach_to(self, response: &mut dyn Model) {
        write(response, |members| {
            if let Some(Slot::Meta(place)) = members.last_mut().map(|last| last.slot()) {
                place.copy_from(&self);
            }
        });
    }

    /// Sets the ID of the request.
    #[must_use = "it returns the changed metadata"]
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        self.with(|data| data.request_id = Some(id.into()))
    }

    /// Sets the HTTP status of the response; 200 by default.
    #[must_use = "it returns the changed metadata"]
    pub fn with_http_status(self, status: u16) -> Self {
        self.with(|data| data.status = status)
    }

    /// Sets the HTTP headers of the response.
    ///
    /// ```
    /// use ecs_sdk::{
    ///     ResponseMeta,
    ///     http::{HeaderMap, HeaderValue, header},
    /// };
    ///
    /// let headers = HeaderMap::from_iter([(header::SERVER, HeaderValue::from_static("gateway"))]);
    /// let meta = ResponseMeta::default().with_headers(headers);
    /// assert_eq!(meta.header("Server"), Some("gateway"));
    /// ```
    #[must_use = "it returns the changed metadata"]
    pub fn with_headers(self, headers: HeaderMap) -> Self {
        self.with(|data| data.headers = headers)
    }

    /// Sets the number of attempts that the call needed; 1 by default.
    #[must_use = "it returns the changed metadata"]
    pub fn with_attempts(self, attempts: u32) -> Self {
        self.with(|data| data.attempts = attempts)
    }

    /// Sets the time from the start of the call to the response.
    #[must_use = "it returns the changed metadata"]
    pub fn with_elapsed(self, elapsed: Duration) -> Self {
        self.with(|data| data.elapsed = elapsed)
    }

    fn with(mut self, change: impl FnOnce(&mut CallData)) -> Self {
        change(Arc::make_mut(self.0.get_or_insert_default()));
        self
    }

    fn data(&self) -> Option<&CallData> {
        self.0.as_deref()
    }

    /// Returns the ID of the request, which the service's support uses to identify it.
    pub fn request_id(&self) -> Option<&str> {
        self.data()?.request_id.as_deref()
    }

    /// Returns the HTTP status of the response; `None` if there was no call.
    pub fn http_status(&self) -> Option<u16> {
        self.data().map(|data| data.status)
    }

    /// Returns the HTTP headers of the response; empty if there was no call.
    pub fn headers(&self) -> &HeaderMap {
        self.data().map_or(&NO_HEADERS, |data| &data.headers)
    }

    /// Returns the value of an HTTP header of the response, or `None` if it is absent or contains characters other than
    /// visible ASCII. The name is case-insensitive.
    ///
    /// ```no_run
    /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
    /// let regions = client.describe_regions().send().await?;
    /// println!("{:?}", regions.meta().header("x-acs-trace-id"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// Returns the number of attempts, including the successful one; 0 if there was no call.
    pub fn attempts(&self) -> u32 {
        self.data().map_or(0, |data| data.attempts)
    }

    /// Returns the number of retries, which is the number of attempts that failed.
    pub fn retries(&self) -> u32 {
        self.attempts().saturating_sub(1)
    }

    /// Returns the time from the start of the call to the response, including all attempts and the delays between them.
    pub fn elapsed(&self) -> Duration {
        self.data().map_or(Duration::ZERO, |data| data.elapsed)
    }
}

impl fmt::Debug for ResponseMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("request_id", &self.request_id())
            .field("http_status", &self.http_status())
            .field("attempts", &self.attempts())
            .field("elapsed", &self.elapsed())
            .finish_non_exhaustive()
    }
}

/// The metadata follows the members that the response's table names, so code that iterates over those does not see it.
impl Member for ResponseMeta {
    fn stored(&self) -> Value<'_> {
        Value::Meta(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Meta(self)
    }
}

impl Empty for ResponseMeta {
    const EMPTY: Self = Self(None);
}

impl CopyFrom for ResponseMeta {
    fn copy_from(&mut self, from: &dyn Any) {
        if let Some(from) = from.downcast_ref() {
            self.clone_from(from);
        }
    }
}
