//! HTTP methods of operations.

/// The HTTP method of an operation.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Method {
    #[default]
    Post,
    Get,
    Put,
    Delete,
}

impl Method {
    /// The method in the signature.
    pub(crate) fn name(self) -> &'static str {
        self.http().as_str()
    }

    pub(crate) fn http(self) -> &'static http::Method {
        match self {
            Method::Post => &http::Method::POST,
            Method::Get => &http::Method::GET,
            Method::Put => &http::Method::PUT,
            Method::Delete => &http::Method::DELETE,
        }
    }

    /// Whether parameters are sent in the body, and not in the query.
    pub(crate) fn has_body(self) -> bool {
        matches!(self, Method::Post | Method::Put)
    }
}
