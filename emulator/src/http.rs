//! A request and an answer as bytes, apart from the server that carries them.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use crate::error::{EcsError, Result};

/// A whole request.
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest {
    /// Method in capital letters.
    pub(crate) method: String,
    /// Path without the query.
    pub(crate) path: String,
    /// Query as it came, without the question mark.
    pub(crate) query: String,
    /// Headers, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Body.
    pub(crate) body: Bytes,
    in_query: Vec<(String, String)>,
    all: BTreeMap<String, String>,
}

impl HttpRequest {
    /// Takes a request apart.
    pub(crate) fn new(
        method: String,
        path: String,
        query: String,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> Result<Self> {
        let in_query = pairs(&query)?;
        let mut request = HttpRequest { method, path, query, headers, body, in_query, all: BTreeMap::new() };
        request.all.extend(request.in_query.iter().cloned());
        if request.header("content-type").is_some_and(|value| value.starts_with("application/x-www-form-urlencoded")) {
            let form = std::str::from_utf8(&request.body).map_err(|_| EcsError::invalid("body", "it is not UTF-8"))?;
            let form = pairs(form)?;
            request.all.extend(form);
        }
        Ok(request)
    }

    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query or the form.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(String::as_str)
    }

    /// All parameters of query and form.
    pub(crate) fn parameters(&self) -> &BTreeMap<String, String> {
        &self.all
    }

    /// The parameters of the query.
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

/// A whole answer.
#[derive(Debug, Clone)]
pub(crate) struct HttpAnswer {
    /// Status.
    pub(crate) status: u16,
    /// `Content-Type` header.
    pub(crate) content_type: &'static str,
    /// Request ID, where the answer has one.
    pub(crate) request_id: Option<String>,
    /// Body.
    pub(crate) body: String,
}

impl HttpAnswer {
    /// An answer in plain text.
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        HttpAnswer { status, content_type: "text/plain; charset=utf-8", request_id: None, body: body.into() }
    }
}
