//! The body of an error, and the missing permission in it.

use super::{Error, access_denied::AccessDenied, body::ErrorBody};

/// Maximum size of the body that an error keeps. Errors of the service fit many times.
const MAX_KEPT_BYTES: usize = 64 << 10;

impl Error {
    /// Sets the [body of the response](Self::body), of which at most 64 KiB are kept, and reads the
    /// [missing permission](Self::access_denied) from it.
    ///
    /// ```
    /// use ecs_sdk::Error;
    ///
    /// let body = r#"{"AccessDeniedDetail": {"AuthAction": "ecs:StopInstance"}}"#;
    /// let error = Error::service("Forbidden.RAM", "Not authorized.", 403).with_body(body);
    /// assert_eq!(
    ///     error.access_denied().and_then(|denied| denied.action()),
    ///     Some("ecs:StopInstance")
    /// );
    /// assert_eq!(
    ///     error.to_string(),
    ///     "Forbidden.RAM: Not authorized. (lacks ecs:StopInstance, HTTP 403)"
    /// );
    /// ```
    #[must_use = "it returns the changed error"]
    pub fn with_body(self, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        self.with_parsed_body(body, ErrorBody::parse(body).access_denied)
    }

    pub(crate) fn with_parsed_body(self, body: &[u8], access_denied: Option<AccessDenied>) -> Self {
        let body = (!body.is_empty()).then(|| body[..body.len().min(MAX_KEPT_BYTES)].into());
        self.with(|inner| (inner.body, inner.access_denied) = (body, access_denied.map(Box::new)))
    }

    /// Returns the start of the response body, at most 64 KiB, or `None` if there was no response or its body was
    /// empty.
    ///
    /// It may contain members that have no method here. It is usually JSON, but a proxy may have sent anything. Secrets of
    /// the request are masked, but not those that the service issued. Neither [`Display`](std::fmt::Display) nor [`Debug`]
    /// prints it.
    pub fn body(&self) -> Option<&[u8]> {
        self.0.body.as_deref()
    }

    /// Returns which permission the caller lacks, if the service reports it.
    pub fn access_denied(&self) -> Option<&AccessDenied> {
        self.0.access_denied.as_deref()
    }
}
