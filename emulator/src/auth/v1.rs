//! Signature 1.0: HMAC-SHA1 over the method and all parameters of query and form.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::claims::{Claims, encode, encode_pairs};
use crate::{
    error::{EcsError, Result},
    message::HttpRequest,
};

/// A request signed with version 1.0.
pub(crate) struct Request {
    pub(super) claims: Claims,
    pub(super) string_to_sign: String,
}

/// Returns all parameters except the signature, sorted by raw name, as one encoded string.
pub(crate) fn canonicalized_query<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters: Vec<_> = parameters.into_iter().filter(|(name, _)| *name != "Signature").collect();
    parameters.sort_unstable();
    encode_pairs(&parameters)
}

/// Returns the string to sign.
pub(crate) fn string_to_sign(method: &str, canonicalized_query: &str) -> String {
    format!("{method}&%2F&{}", encode(canonicalized_query))
}

/// Returns the signature in Base64.
pub(crate) fn signature(secret: &str, string_to_sign: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(format!("{secret}&").as_bytes()) else {
        unreachable!("HMAC accepts keys of any length")
    };
    mac.update(string_to_sign.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Reads the common parameters of a request, and computes the string to sign.
pub(super) fn read(request: &HttpRequest) -> Result<Request> {
    let parameter = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    let required = |name: &str| parameter(name).map(str::to_owned).ok_or_else(|| EcsError::missing(name));
    let claims = Claims {
        key_id: required("AccessKeyId")?,
        signature: required("Signature")?,
        timestamp: required("Timestamp")?,
        nonce: required("SignatureNonce")?,
        token: parameter("SecurityToken").map(str::to_owned),
    };
    for (name, only) in [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")] {
        let value = required(name)?;
        if !value.eq_ignore_ascii_case(only) {
            return Err(EcsError::invalid(name, format_args!("{value:?}; only {only} is supported")));
        }
    }
    if let Some(value) = parameter("SignatureType") {
        return Err(EcsError::invalid("SignatureType", format_args!("{value:?}; only access keys are supported")));
    }
    let pairs = request.parameters().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let string_to_sign = string_to_sign(&request.method, &canonicalized_query(pairs));
    Ok(Request { claims, string_to_sign })
}
