//! Signs requests.

pub(crate) mod v1;
pub(crate) mod v3;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri, uri::PathAndQuery};

use crate::{
    error::{BoxError, Error, ErrorKind, Result},
    form::Form,
    generated::rpc::COMMON_PARAMETERS,
    identity::Credentials,
    method::Method,
};

/// The signature algorithm of requests.
///
/// ```
/// use ecs_sdk::{Client, SignatureVersion};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let client = Client::builder()
///     .region("cn-hangzhou")
///     .signature_version(SignatureVersion::V3)
///     .build()?;
/// # let _ = client;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureVersion {
    /// Signature version 1.0: HMAC-SHA1 of all parameters.
    ///
    /// Parameters are sent in the body, so user data and passwords do not appear in URLs.
    #[default]
    V1,
    /// Signature version 3, `ACS3-HMAC-SHA256`: HMAC-SHA256 of the query and the `x-acs-*` headers.
    ///
    /// Parameters are sent in the query, as Alibaba Cloud's own SDKs do. Proxies may log secrets in a query and limit
    /// its length.
    V3,
}

/// A request before it is signed.
pub(crate) struct Unsigned<'a> {
    pub(crate) url: Uri,
    pub(crate) version: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) method: Method,
    pub(crate) form: &'a Form,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) nonce: &'a str,
    /// In UTC, as `2026-01-05T18:00:00Z`.
    pub(crate) timestamp: &'a str,
}

/// Headers that the SDK sets for every attempt. Signatures also include all other headers that begin with `x-acs-`.
const COMMON_HEADERS: [&str; 11] = [
    // With version 3, the format of the response.
    "accept",
    "authorization",
    "content-type",
    "host",
    "x-acs-action",
    "x-acs-bearer-token",
    "x-acs-content-sha256",
    "x-acs-date",
    "x-acs-security-token",
    "x-acs-signature-nonce",
    "x-acs-version",
];

/// Headers that decide how a message is framed, encoded or passed on by a proxy. The HTTP client sets those that it
/// needs; any other value would break the connection, or let a body be read as a second request.
const HTTP_HEADERS: [&str; 12] = [
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Returns an error message if the SDK sets the parameter `name`, so that callers cannot.
pub(crate) fn reserved_parameter(name: &str) -> Option<String> {
    COMMON_PARAMETERS.contains(&name).then(|| format!("`{name}` is set by the SDK and cannot be overridden"))
}

/// Parses a header that a caller adds to a request. Returns an error if the name or value is invalid, or if callers
/// cannot set the header. The value may be a secret, so it is marked as sensitive and does not appear in errors.
pub(crate) fn added_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), BoxError> {
    let name: HeaderName = name.parse()?;
    if COMMON_HEADERS.contains(&name.as_str()) {
        return Err(format!("`{name}` is set by the SDK and cannot be overridden").into());
    }
    if HTTP_HEADERS.contains(&name.as_str()) {
        let remedy = match name.as_str() {
            "proxy-authorization" => "; put the user and password of a proxy in its URL",
            _ => "",
        };
        return Err(format!("`{name}` controls the HTTP connection and cannot be set{remedy}").into());
    }
    let mut value: HeaderValue = value.parse().map_err(|_| "the value contains control characters")?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// The signature type of requests with a bearer token instead of an access key.
const BEARER_TOKEN_TYPE: &str = "BEARERTOKEN";

impl Unsigned<'_> {
    pub(crate) fn sign(self, version: SignatureVersion, credentials: &Credentials) -> Result<http::Request<Bytes>> {
        match version {
            SignatureVersion::V1 => self.sign_v1(credentials),
            SignatureVersion::V3 => self.sign_v3(credentials),
        }
    }

    fn sign_v1(self, credentials: &Credentials) -> Result<http::Request<Bytes>> {
        let mut parameters: Vec<(&str, &str)> = Vec::with_capacity(self.form.count() + 10);
        parameters.extend(self.form.iter());
        parameters.extend([
            ("Action", self.operation),
            ("Version", self.version),
            ("Format", "JSON"),
            ("SignatureNonce", self.nonce),
            ("Timestamp", self.timestamp),
        ]);
        let signed = !credentials.is_anonymous();
        if signed {
            parameters.extend([("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")]);
            match credentials.bearer_token() {
                Some(token) => parameters.extend([("SignatureType", BEARER_TOKEN_TYPE), ("BearerToken", token)]),
                None => parameters.push(("AccessKeyId", credentials.access_key_id())),
            }
            parameters.extend(credentials.security_token().map(|token| ("SecurityToken", token)));
        }
        let mut body = v1::canonicalize(parameters);
        if signed {
            let signature = v1::sign(credentials.access_key_secret(), self.method.name(), &body);
            v1::append(&mut body, signature);
        }

        if !self.method.has_body() {
            return Ok(finish(request(Bytes::new(), self.headers), self.method, with_query(self.url, &body, SHORTEN)?));
        }
        let mut request = request(body.into(), self.headers);
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(http::header::CONTENT_TYPE, form);
        Ok(finish(request, self.method, self.url))
    }

    fn sign_v3(self, credentials: &Credentials) -> Result<http::Request<Bytes>> {
        let mut parameters: Vec<(&str, &str)> = self.form.iter().collect();
        parameters.extend(credentials.bearer_token().map(|_| ("SignatureType", BEARER_TOKEN_TYPE)));
        let query = v1::canonicalize(parameters);
        let host = host(&self.url);
        let hash = v3::hash(b"");
        let mut headers = vec![
            ("x-acs-action", self.operation),
            ("x-acs-content-sha256", &hash),
            ("x-acs-date", self.timestamp),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.version),
        ];
        headers.extend(credentials.security_token().map(|token| ("x-acs-security-token", token)));
        headers.extend(credentials.bearer_token().map(|token| ("x-acs-bearer-token", token)));

        let mut request = request(Bytes::new(), self.headers);
        for (name, value) in &headers {
            request.headers_mut().insert(HeaderName::from_static(name), header_value(name, value)?);
        }
        // The service rejects requests with `x-acs-` headers that are not signed.
        let mut headers: Vec<(&str, &str)> = headers;
        for (name, value) in self.headers.iter().filter(|(name, _)| v3::is_signed(name.as_str())) {
            // Servers disagree about the bytes of other characters, which would invalidate the signature.
            let value = value.to_str().map_err(|error| {
                let message = format!("header `{name}` cannot be signed, because its value is not printable ASCII");
                Error::new(ErrorKind::Request, message).with_source(error)
            })?;
            headers.push((name.as_str(), value));
        }
        if credentials.bearer_token().is_none() && !credentials.is_anonymous() {
            headers.push(("host", &host));
            let canonical = v3::Request { method: self.method.name(), path: "/", query: &query, headers, body: b"" };
            let (canonical, names) = v3::canonicalize(&canonical, v3::is_signed);
            let signature = v3::sign(credentials.access_key_secret(), &v3::string_to_sign(&canonical));
            let value = v3::authorization(credentials.access_key_id(), &names, &signature);
            let value = header_value("authorization", &value)?;
            request.headers_mut().insert(http::header::AUTHORIZATION, value);
        }
        let remedy = match self.method.has_body() {
            true => "use SignatureVersion::V1, which sends it in the body",
            false => SHORTEN,
        };
        Ok(finish(request, self.method, with_query(self.url, &query, remedy)?))
    }
}

/// A request with the headers of a call. It has space for those of signatures and of the transport.
fn request(body: Bytes, headers: &HeaderMap) -> http::Request<Bytes> {
    let mut request = http::Request::new(body);
    let all = request.headers_mut();
    all.reserve(headers.len() + 6);
    all.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
    all.extend(headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    request
}

/// The remedy for a request without a body that is too long.
const SHORTEN: &str = "shorten it, because the service takes this operation only without a body";

fn finish(mut request: http::Request<Bytes>, method: Method, url: Uri) -> http::Request<Bytes> {
    *request.method_mut() = method.http().clone();
    *request.uri_mut() = url;
    request
}

/// Returns the value of the `Host` header that the transport will send. The default port of the scheme is omitted.
fn host(url: &Uri) -> String {
    let host = url.host().unwrap_or_default();
    match (url.scheme_str(), url.port_u16()) {
        (_, None) | (Some("https"), Some(443)) | (Some("http"), Some(80)) => host.to_owned(),
        (_, Some(port)) => format!("{host}:{port}"),
    }
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue> {
    // The error does not contain the value, which may be a secret.
    let mut value = HeaderValue::from_str(value).map_err(|error| {
        Error::new(ErrorKind::Credentials, format!("the value of `{name}` is not valid in an HTTP header"))
            .with_source(error)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// `remedy` is what callers of a request that is too long can do.
fn with_query(url: Uri, query: &str, remedy: &str) -> Result<Uri> {
    if query.is_empty() {
        return Ok(url);
    }
    let mut parts = url.into_parts();
    let target: PathAndQuery = format!("/?{query}").parse().map_err(|error: http::uri::InvalidUri| {
        let message = format!("the request is too long for a URL: {remedy}");
        Error::new(ErrorKind::Request, message).with_source(error)
    })?;
    parts.path_and_query = Some(target);
    Ok(Uri::from_parts(parts).expect("a URL with another query is a URL"))
}

#[cfg(test)]
mod tests;
