//! ACS3-HMAC-SHA256: HMAC-SHA256 over the method, path, query, headers and the hash of the body.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::claims::{Claims, encode_pairs, hex};
use crate::{
    error::{EcsError, Result},
    message::HttpRequest,
};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// A request signed with ACS3-HMAC-SHA256.
pub(crate) struct Request {
    pub(super) claims: Claims,
    pub(super) canonical_request: String,
}

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authorization {
    /// Access key ID.
    pub(crate) credential: String,
    /// Names of the signed headers, separated by semicolons.
    pub(crate) signed_headers: String,
    /// The signature.
    pub(crate) signature: String,
}

/// Whether a request is signed with this version. Older SDKs send `x-acs-action` with signature 1.0, too.
pub(crate) fn applies(request: &HttpRequest) -> bool {
    match request.header("authorization") {
        Some(value) => value.starts_with(ALGORITHM),
        None => request.header("x-acs-action").is_some() && request.parameter("SignatureVersion").is_none(),
    }
}

/// Parses an `Authorization` header.
pub(crate) fn parse_authorization(value: &str) -> Option<Authorization> {
    let (mut credential, mut signed_headers, mut signature) = (None, None, None);
    for part in value.strip_prefix(ALGORITHM)?.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        match name {
            "Credential" => credential = Some(value.to_owned()),
            "SignedHeaders" => signed_headers = Some(value.to_owned()),
            "Signature" => signature = Some(value.to_owned()),
            _ => return None,
        }
    }
    Some(Authorization { credential: credential?, signed_headers: signed_headers?, signature: signature? })
}

/// Returns the hash of a body.
pub(crate) fn hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// Returns the canonical request. `header` returns the value of a header by its lower-case name.
pub(crate) fn canonical_request<'a>(
    method: &str,
    path: &str,
    query: impl IntoIterator<Item = (&'a str, &'a str)>,
    signed_headers: &str,
    header: impl Fn(&str) -> String,
    hashed_payload: &str,
) -> String {
    let mut query: Vec<_> = query.into_iter().collect();
    query.sort_unstable();
    let headers: String = signed_headers.split(';').map(|name| format!("{name}:{}\n", header(name).trim())).collect();
    format!("{method}\n{path}\n{}\n{headers}\n{signed_headers}\n{hashed_payload}", encode_pairs(&query))
}

/// Returns the string to sign.
pub(crate) fn string_to_sign(canonical_request: &str) -> String {
    format!("{ALGORITHM}\n{}", hash(canonical_request.as_bytes()))
}

/// Returns the signature in hexadecimal digits.
pub(crate) fn signature(secret: &str, string_to_sign: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        unreachable!("HMAC accepts keys of any length")
    };
    mac.update(string_to_sign.as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// Reads the `x-acs-*` headers of a request, and computes the canonical request.
pub(super) fn read(request: &HttpRequest) -> Result<Request> {
    let required = |name: &str| {
        request.header(name).filter(|value| !value.is_empty()).map(str::to_owned).ok_or_else(|| EcsError::missing(name))
    };
    let authorization = parse_authorization(&required("authorization")?).ok_or_else(|| {
        let message = format!(
            "The Authorization header does not have the form {ALGORITHM} Credential=…,SignedHeaders=…,Signature=…."
        );
        EcsError::new(400, "IncompleteSignature", message)
    })?;
    let hashed_payload = required("x-acs-content-sha256")?;
    if hashed_payload != hash(&request.body) {
        return Err(EcsError::invalid("x-acs-content-sha256", "it is not the hash of the body"));
    }
    let claims = Claims {
        key_id: authorization.credential,
        signature: authorization.signature,
        timestamp: required("x-acs-date")?,
        nonce: required("x-acs-signature-nonce")?,
        token: request.header("x-acs-security-token").map(str::to_owned),
    };
    let signed: Vec<&str> = authorization.signed_headers.split(';').collect();
    for (name, _) in &request.headers {
        if (name == "host" || name.starts_with("x-acs-")) && !signed.contains(&name.as_str()) {
            return Err(EcsError::new(400, "IncompleteSignature", format!("The header {name} is not signed.")));
        }
    }
    let canonical_request = canonical_request(
        &request.method,
        &request.path,
        request.query_parameters().iter().map(|(name, value)| (name.as_str(), value.as_str())),
        &authorization.signed_headers,
        |name| request.header(name).unwrap_or_default().to_owned(),
        &hashed_payload,
    );
    Ok(Request { claims, canonical_request })
}
