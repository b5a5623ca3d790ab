//! How a call went that ended well.

use std::{
    any::Any,
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use http::HeaderMap;

use crate::{
    model::{CopyFrom, Member, Model, Slot, Value, write},
    response,
};

/// How a call went: what the transport knows of an answer and its body does not tell. Every response has it as `meta()`.
///
/// It is empty where there was no call, in a response that was built or deserialized. Clones share their content.
/// Neither serde nor `==` nor `Debug` of a response look at it.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let out = client.describe_instances().send().await?;
/// println!("{:?} took {:?} and {} retries", out.meta().request_id(), out.meta().elapsed(), out.meta().retries());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ResponseMeta(Option<Arc<Facts>>);

#[derive(Clone)]
struct Facts {
    request_id: Option<String>,
    status: u16,
    headers: HeaderMap,
    attempts: u32,
    elapsed: Duration,
}

impl Default for Facts {
    /// Those of a first attempt that succeeded.
    fn default() -> Self {
        Self { request_id: None, status: 200, headers: HeaderMap::new(), attempts: 1, elapsed: Duration::ZERO }
    }
}

static NO_HEADERS: LazyLock<HeaderMap> = LazyLock::new(HeaderMap::new);

impl ResponseMeta {
    pub(crate) fn new(status: u16, headers: HeaderMap, attempts: u32, elapsed: Duration) -> Self {
        let request_id = response::header(&headers, response::REQUEST_ID).map(str::to_owned);
        Self(Some(Arc::new(Facts { request_id, status, headers, attempts, elapsed })))
    }

    /// Takes the request ID of the body where no header told one.
    pub(crate) fn or_request_id(mut self, request_id: Option<String>) -> Self {
        if let Some(facts) = self.0.as_mut().and_then(Arc::get_mut)
            && facts.request_id.is_none()
        {
            facts.request_id = request_id;
        }
        self
    }

    /// Makes the response tell this of its call, which is how tests build a response with a request ID or status. Other
    /// models than responses stay as they are.
    ///
    /// ```
    /// use ecs_sdk::{Model as _, ResponseMeta, operation::describe_instances::DescribeInstancesResponse};
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
    #[must_use]
    pub fn with_request_id(self, id: impl Into<String>) -> Self {
        self.with(|facts| facts.request_id = Some(id.into()))
    }

    /// Sets the HTTP status of the response.
    #[must_use]
    pub fn with_http_status(self, status: u16) -> Self {
        self.with(|facts| facts.status = status)
    }

    /// Sets the HTTP headers of the response.
    #[must_use]
    pub fn with_headers(self, headers: HeaderMap) -> Self {
        self.with(|facts| facts.headers = headers)
    }

    /// Sets the number of attempts that the call took.
    #[must_use]
    pub fn with_attempts(self, attempts: u32) -> Self {
        self.with(|facts| facts.attempts = attempts)
    }

    /// Sets the time from the start of the call to the response.
    #[must_use]
    pub fn with_elapsed(self, elapsed: Duration) -> Self {
        self.with(|facts| facts.elapsed = elapsed)
    }

    fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(Arc::make_mut(self.0.get_or_insert_default()));
        self
    }

    fn facts(&self) -> Option<&Facts> {
        self.0.as_deref()
    }

    /// Returns the ID of the request, for questions to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.facts()?.request_id.as_deref()
    }

    /// Returns the HTTP status of the response.
    pub fn http_status(&self) -> Option<u16> {
        self.facts().map(|facts| facts.status)
    }

    /// Returns the HTTP headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        self.facts().map_or(&NO_HEADERS, |facts| &facts.headers)
    }

    /// Returns an HTTP header of the response; the case of the name does not matter. `None` if it is absent or not a
    /// string.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// Returns the number of attempts, counting the successful one; 0 if there was no call.
    pub fn attempts(&self) -> u32 {
        self.facts().map_or(0, |facts| facts.attempts)
    }

    /// Returns the number of attempts that failed.
    pub fn retries(&self) -> u32 {
        self.attempts().saturating_sub(1)
    }

    /// Returns the time from the start of the call to the response, including all attempts and the delays between them.
    pub fn elapsed(&self) -> Duration {
        self.facts().map_or(Duration::ZERO, |facts| facts.elapsed)
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

/// The meta of a response follows the members that its table names, so code that walks these does not see it.
impl Member for ResponseMeta {
    fn value(&self) -> Value<'_> {
        Value::Meta(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Meta(self)
    }
}

impl CopyFrom for ResponseMeta {
    fn copy_from(&mut self, from: &dyn Any) {
        if let Some(from) = from.downcast_ref() {
            self.clone_from(from);
        }
    }
}
