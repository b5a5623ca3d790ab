//! HTTP requests and responses as bytes, independent of the server that carries them.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::error::{EcsError, Result};

/// A complete request.
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest {
    /// Method in capital letters.
    pub(crate) method: String,
    /// Path without the query.
    pub(crate) path: String,
    /// Query without the question mark, verbatim.
    pub(crate) query: String,
    /// Headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Body.
    pub(crate) body: Bytes,
    in_query: Vec<(String, String)>,
    all: BTreeMap<String, String>,
}

impl HttpRequest {
    /// Parses the query and, if the body is a form, the body.
    pub(crate) fn new(request: http::Request<Bytes>) -> Result<Self> {
        let (head, body) = request.into_parts();
        let value = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<(String, String)> =
            head.headers.iter().map(|(name, text)| (name.as_str().to_owned(), value(text))).collect();
        // A request that was not received over a connection has its host only in the URI.
        if let (None, Some(host)) = (head.headers.get("host"), head.uri.authority()) {
            headers.push(("host".to_owned(), host.to_string()));
        }
        let query = head.uri.query().unwrap_or_default().to_owned();
        let mut request = HttpRequest {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            in_query: pairs(&query)?,
            query,
            headers,
            body,
            all: BTreeMap::new(),
        };
        request.all.extend(request.in_query.iter().cloned());
        if request.header("content-type").is_some_and(|value| value.starts_with("application/x-www-form-urlencoded")) {
            let form = std::str::from_utf8(&request.body).map_err(|_| EcsError::invalid("body", "it is not UTF-8"))?;
            let form = pairs(form)?;
            request.all.extend(form);
        }
        Ok(request)
    }

    /// Returns a header by its lower-case name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter of the query or the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(String::as_str)
    }

    /// Returns all parameters of query and form.
    pub(crate) fn parameters(&self) -> &BTreeMap<String, String> {
        &self.all
    }

    /// Returns the parameters of the query.
    pub(crate) fn query_parameters(&self) -> &[(String, String)] {
        &self.in_query
    }
}

/// Decodes `a=1&b=2`.
fn pairs(form: &str) -> Result<Vec<(String, String)>> {
    let decode = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text)
            .decode_utf8()
            .map(std::borrow::Cow::into_owned)
            .map_err(|_| EcsError::invalid(&text, "it is not UTF-8"))
    };
    form.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// A complete response.
#[derive(Debug, Clone)]
pub(crate) struct HttpResponse {
    /// Status.
    pub(crate) status: u16,
    /// `Content-Type` header.
    pub(crate) content_type: &'static str,
    /// Other headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Error code in the body, if any.
    pub(crate) code: Option<String>,
    /// Body.
    pub(crate) body: String,
}

impl HttpResponse {
    /// Creates a response in plain text.
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        let content_type = "text/plain; charset=utf-8";
        HttpResponse { status, content_type, headers: Vec::new(), code: None, body: body.into() }
    }

    /// Returns the response to send, with a `Date` header.
    pub(crate) fn into_http(self, date: &str) -> http::Response<Bytes> {
        let mut response = http::Response::builder().status(self.status).header("content-type", self.content_type);
        response = response.header("date", date);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        // This crate creates only valid statuses and header values.
        response.body(Bytes::from(self.body)).unwrap_or_default()
    }
}
