//! Successful responses that are not decoded yet.

use bytes::Bytes;

use crate::{
    endpoint::Service,
    error::{Error, ErrorKind},
    response,
    response_meta::ResponseMeta,
};

/// The successful response to a call, not decoded yet.
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    pub(super) meta: ResponseMeta,
    pub(super) service: &'static Service,
    pub(super) operation: String,
}

impl Reply {
    /// The error of this call if its body cannot be decoded.
    pub(crate) fn failed(&self, error: &serde_json::Error) -> Error {
        let message = if error.is_data() {
            let text = error.to_string();
            format!("the response can't be decoded: {}", text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text))
        } else {
            format!("the response is not valid JSON: {error}")
        };
        Error::new(ErrorKind::Decode, message)
            .with_call(self.service.name, &self.operation)
            .with_request_id(response::request_id(&self.body).unwrap_or_default())
    }
}
