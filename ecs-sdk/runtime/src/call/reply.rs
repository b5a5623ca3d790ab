//! Successful responses before decoding.

use bytes::Bytes;

use super::sent::Sent;
use crate::{
    endpoint::Service,
    error::{Error, ErrorKind},
    form::Form,
    response,
    response_meta::ResponseMeta,
};

/// The successful response of a call, before it is decoded.
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    pub(super) meta: ResponseMeta,
    pub(super) service: &'static Service,
    pub(super) operation: String,
    pub(super) form: Form,
    pub(super) sent: Sent,
}

impl Reply {
    /// The error of this call when its body cannot be decoded.
    pub(crate) fn failed(&self, error: &serde_json::Error) -> Error {
        let message = if error.is_data() {
            let text = error.to_string();
            format!(
                "the response cannot be decoded: {}",
                text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text)
            )
        } else {
            format!("the response is not valid JSON: {error}")
        };
        Error::new(ErrorKind::Decode, message)
            .with_call(self.service.name, &self.operation)
            .with_request_id(response::request_id(&self.body).unwrap_or_default())
            .redacted(&self.sent.secrets(&self.form))
    }
}
