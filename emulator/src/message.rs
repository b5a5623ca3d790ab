//! HTTP requests and responses as bytes, independent of the server that carries them.

use std::collections::BTreeMap;

use bytes::Bytes;
use percent_encoding::percent_decode;

use crate::error::EcsError;

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
    /// Reason why a part of the request cannot be read; the other parts are there.
    malformed: Option<EcsError>,
    in_query: Vec<(String, String)>,
    all: BTreeMap<String, String>,
}

impl HttpRequest {
    /// Parses the query and, if the body is a form, the body.
    pub(crate) fn new(request: http::Request<Bytes>) -> Self {
        let (head, body) = request.into_parts();
        let value = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<(String, String)> =
            head.headers.iter().map(|(name, text)| (name.as_str().to_owned(), value(text))).collect();
        // A request that was not received over a connection has its host only in the URI.
        if let (None, Some(host)) = (head.headers.get("host"), head.uri.authority()) {
            headers.push(("host".to_owned(), host.to_string()));
        }
        let mut request = HttpRequest {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers,
            body,
            malformed: None,
            in_query: Vec::new(),
            all: BTreeMap::new(),
        };
        request.in_query = pairs(request.query.as_bytes(), &mut request.malformed);
        let form = if request.has_form() { pairs(&request.body, &mut request.malformed) } else { Vec::new() };
        // The first value of a name counts, and the query comes before the form, as in the service.
        for (name, value) in request.in_query.iter().cloned().chain(form) {
            request.all.entry(name).or_insert(value);
        }
        request
    }

    /// Creates a request whose body could not be read.
    pub(crate) fn unread(head: http::request::Parts, error: EcsError) -> Self {
        let mut request = HttpRequest::new(http::Request::from_parts(head, Bytes::new()));
        request.malformed = Some(error);
        request
    }

    /// Whether the body is a form. Some clients send one without a media type.
    fn has_form(&self) -> bool {
        match self.header("content-type").map(|value| value.split(';').next().unwrap_or_default().trim()) {
            None | Some("") => self.method == "POST" && self.body.iter().all(u8::is_ascii_graphic),
            Some(media) => media.eq_ignore_ascii_case("application/x-www-form-urlencoded"),
        }
    }

    /// Returns the reason why a part of the request cannot be read, if there is one.
    pub(crate) fn malformed(&self) -> Option<&EcsError> {
        self.malformed.as_ref()
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

/// Decodes `a=1&b=2`. Values that cannot be decoded are replaced, and reported by the names of their parameters.
fn pairs(form: &[u8], malformed: &mut Option<EcsError>) -> Vec<(String, String)> {
    let decode = |text: &[u8]| {
        let mut text = text.to_vec();
        text.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
        // Most names and values are not encoded.
        let decoded = if text.contains(&b'%') { percent_decode(&text).collect() } else { text };
        String::from_utf8(decoded).map_err(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    };
    let pair = |pair: &[u8]| {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        let (name, value) = (decode(name), decode(value));
        if name.is_err() || value.is_err() {
            let name = name.as_ref().unwrap_or_else(|name| name);
            malformed.get_or_insert_with(|| EcsError::invalid(name, "it is not UTF-8"));
        }
        (name.unwrap_or_else(|name| name), value.unwrap_or_else(|value| value))
    };
    form.split(|byte| *byte == b'&').filter(|part| !part.is_empty()).map(pair).collect()
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
    /// A body that may not be text, instead of `body`.
    pub(crate) bytes: Option<Bytes>,
}

impl HttpResponse {
    /// Creates a response of bytes.
    pub(crate) fn bytes(status: u16, bytes: Vec<u8>) -> Self {
        HttpResponse { bytes: Some(bytes.into()), ..HttpResponse::text(status, "") }
    }

    /// Creates a response in plain text.
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        let content_type = "text/plain; charset=utf-8";
        HttpResponse { status, content_type, headers: Vec::new(), code: None, body: body.into(), bytes: None }
    }

    /// Returns the response to send, with a `Date` header.
    pub(crate) fn into_http(self, date: &str) -> http::Response<Bytes> {
        let mut response = http::Response::builder().status(self.status).header("content-type", self.content_type);
        response = response.header("date", date).header("x-ecs-emulator", env!("CARGO_PKG_VERSION"));
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        // This crate creates only valid statuses and header values.
        response.body(self.bytes.unwrap_or_else(|| self.body.into())).unwrap_or_default()
    }
}
