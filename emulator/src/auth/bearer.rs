//! Bearer tokens, which replace the access key and the signature.

use super::claims::Claims;
use crate::{
    error::{EcsError, Result},
    message::HttpRequest,
};

const SIGNATURE_TYPE: &str = "BEARERTOKEN";

/// Reads the claims of a request with a bearer token; `None` for requests without one.
pub(super) fn read(request: &HttpRequest) -> Result<Option<Claims>> {
    let parameter = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    let header = |name: &str| request.header(name).filter(|value| !value.is_empty());
    let kind = header("x-acs-signature-type").or_else(|| parameter("SignatureType"));
    let (token, names) = match (parameter("BearerToken"), header("x-acs-bearer-token")) {
        (Some(token), _) => (token, ["SignatureType", "Timestamp", "SignatureNonce"]),
        (None, Some(token)) => (token, ["x-acs-signature-type", "x-acs-date", "x-acs-signature-nonce"]),
        (None, None) if kind.is_some_and(|kind| kind.eq_ignore_ascii_case(SIGNATURE_TYPE)) => {
            return Err(EcsError::missing("BearerToken"));
        }
        (None, None) => return Ok(None),
    };
    let kind = kind.ok_or_else(|| EcsError::missing(names[0]))?;
    if !kind.eq_ignore_ascii_case(SIGNATURE_TYPE) {
        return Err(EcsError::invalid(names[0], format_args!("{kind:?}; a bearer token requires {SIGNATURE_TYPE}")));
    }
    let required =
        |name: &str| parameter(name).or_else(|| header(name)).map(str::to_owned).ok_or_else(|| EcsError::missing(name));
    Ok(Some(Claims {
        key_id: token.to_owned(),
        timestamp: required(names[1])?,
        nonce: required(names[2])?,
        ..Claims::default()
    }))
}
