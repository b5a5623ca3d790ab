//! How a call went that ended well.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

use http::HeaderMap;

use crate::{
    model::{Member, Slot, Value},
    response,
};

/// How a call went: what the transport knows of an answer and its body does not tell. Every response has it as `meta()`.
///
/// It is empty where there was no call, in a response that was built or deserialized. Clones share their content.
/// Neither serde nor `==` nor `Debug` of a response look at it.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let out = client.describe_regions().send().await?;
/// println!("{:?} took {:?} and {} retries", out.meta().request_id(), out.meta().elapsed(), out.meta().retries());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ResponseMeta(Option<Arc<Facts>>);

struct Facts {
    request_id: Option<String>,
    status: u16,
    headers: HeaderMap,
    attempts: u32,
    elapsed: Duration,
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

    fn facts(&self) -> Option<&Facts> {
        self.0.as_deref()
    }

    /// ID of the request that was answered, for questions to the service's support.
    pub fn request_id(&self) -> Option<&str> {
        self.facts()?.request_id.as_deref()
    }

    /// HTTP status of the answer.
    pub fn http_status(&self) -> Option<u16> {
        self.facts().map(|facts| facts.status)
    }

    /// HTTP headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        self.facts().map_or(&NO_HEADERS, |facts| &facts.headers)
    }

    /// One HTTP header of the answer, whatever the letter case of its name; `None` when it is no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// How many attempts it took, at least 1; 0 where there was no call.
    pub fn attempts(&self) -> u32 {
        self.facts().map_or(0, |facts| facts.attempts)
    }

    /// How many attempts failed before.
    pub fn retries(&self) -> u32 {
        self.attempts().saturating_sub(1)
    }

    /// Time from the start of the call to the answer, with all attempts and the waits between them.
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

/// A response's meta stands behind the members that its table names: what walks these does not see it.
impl Member for ResponseMeta {
    fn value(&self) -> Value<'_> {
        Value::Meta(self)
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Meta(self)
    }
}
