//! Requests as a mock or a recorder receives them.

use std::{cmp::Ordering, fmt};

use bytes::Bytes;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use super::{form, secrets};
use crate::{generated::rpc::COMMON_PARAMETERS, operation::Operation, redact::MASK};

/// A request that a [`Mock`](super::Mock) received. Each attempt of a call is a request of its own.
///
/// `Debug` shows secrets as `***`.
#[derive(Clone)]
pub struct ReceivedCall {
    operation: String,
    version: String,
    host: String,
    parameters: Vec<(String, String)>,
    headers: HeaderMap,
    /// Whether it is a call of an operation, and not another request of a credentials provider.
    pub(super) is_call: bool,
    /// The common parameters that contain secrets of the credentials.
    pub(super) credentials: Vec<String>,
}

impl ReceivedCall {
    /// Reads a signed request, whose parameters are in its body, its query or both.
    pub(super) fn of(request: &http::Request<Bytes>) -> Self {
        let headers = request.headers().clone();
        let body = String::from_utf8_lossy(request.body());
        let query = request.uri().query().unwrap_or_default();
        let (common, mut parameters): (Vec<_>, Vec<_>) =
            pairs(query).chain(pairs(&body)).partition(|(name, _)| COMMON_PARAMETERS.contains(&name.as_str()));
        parameters.sort_by(|(one, _), (other, _)| natural_order(one, other));
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let find = |parameter: &str, name: &str| {
            let found = common.iter().find(|(name, _)| name == parameter).map(|(_, value)| value.as_str());
            found.or_else(|| header(name)).unwrap_or_default().to_owned()
        };
        let (mut operation, version) = (find("Action", "x-acs-action"), find("Version", "x-acs-version"));
        let is_call = !operation.is_empty();
        if !is_call {
            let url = request.uri();
            let authority = url.authority().map_or("", |authority| authority.as_str());
            let host = authority.rsplit('@').next().unwrap_or_default();
            operation = format!("{} {}://{host}{}", request.method(), url.scheme_str().unwrap_or_default(), url.path());
        }
        let names = ["AccessKeyId", "BearerToken", "SecurityToken", "Signature", "SignatureNonce"];
        let in_form = common.iter().filter(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value.clone());
        let names = ["x-acs-bearer-token", "x-acs-security-token", "x-acs-signature-nonce"];
        let in_headers = names.iter().filter_map(|name| header(name)).map(str::to_owned);
        let authorization = header(header::AUTHORIZATION.as_str()).unwrap_or_default();
        let signed = authorization.split([',', ' ']).filter_map(|part| part.split_once('='));
        let signed = signed.filter(|(name, _)| *name != "SignedHeaders").map(|(_, value)| value.to_owned());
        let credentials = in_form.chain(in_headers).chain(signed).filter(|value| !value.is_empty()).collect();
        let host = request.uri().host().unwrap_or_default().to_owned();
        Self { operation, version, host, parameters, headers, is_call, credentials }
    }

    /// Returns the name of the operation. For other requests of a credentials provider, it is the method and the URL without
    /// its query, user and password, such as `GET http://127.0.0.1/credentials`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Returns the API version, such as `2014-05-26`, which identifies the service.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the host to which the request was sent.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the names and values of the parameters, without those of the signature. Elements of lists are in the order
    /// of their numbers.
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// Returns the parameters without secrets. The query of a credentials URI is secret as a whole.
    pub(super) fn shown_parameters(&self) -> Vec<(String, String)> {
        let shown = |name: &str, value: &str| match self.is_call {
            true => secrets::masked_parameter(name, value),
            false => MASK.to_owned(),
        };
        self.parameters.iter().map(|(name, value)| (name.clone(), shown(name, value))).collect()
    }

    /// Returns the value of a parameter by its wire name, such as `Tag.1.Key`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns the HTTP headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the value of an HTTP header, for example one of [`CallOptions`](crate::CallOptions) or an interceptor.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether this is a request of `R`.
    pub fn is<R: Operation>(&self) -> bool {
        self.operation == R::META.name && self.version == R::META.service.version
    }

    /// Returns the request as a typed value. Parameters that it does not have are left out.
    ///
    /// # Errors
    ///
    /// Returns a description of the parameter if its value does not have the type of the member.
    pub fn request<R: Operation>(&self) -> Result<R, String> {
        let mut request = R::default();
        form::decode(&self.parameters, &mut request)?;
        Ok(request)
    }
}

impl fmt::Debug for ReceivedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Map(Vec<(String, String)>);

        impl fmt::Debug for Map {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map().entries(self.0.iter().map(|(name, value)| (name, value))).finish()
            }
        }

        f.debug_struct("ReceivedCall")
            .field("operation", &self.operation)
            .field("parameters", &Map(self.shown_parameters()))
            .finish_non_exhaustive()
    }
}

/// The names and values of a form.
fn pairs(form: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    form.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// Compares the names of parameters. The numbers of elements are compared as numbers.
pub(super) fn natural_order(one: &str, other: &str) -> Ordering {
    let number = |part: &str| part.parse::<u64>().ok();
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        let order = match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (Some(one), Some(other)) => match (number(one), number(other)) {
                (Some(one), Some(other)) => one.cmp(&other),
                _ => one.cmp(other),
            },
            (one, other) => one.is_some().cmp(&other.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}
