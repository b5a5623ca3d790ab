//! Successful responses before decoding.

use bytes::Bytes;

use super::sent::Sent;
use crate::{
    endpoint::Service,
    error::{Error, ErrorBody, ErrorKind},
    form::Form,
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
        self.error(message)
    }

    /// Whether the body contains the ID of the request, as all responses of the service do.
    pub(super) fn has_request_id(&self) -> bool {
        ErrorBody::parse(&self.body).request_id.is_some()
    }

    /// Whether a header contains the ID of the request.
    pub(super) fn has_request_id_header(&self) -> bool {
        self.meta.request_id().is_some()
    }

    /// The error of this call if its body is not one of the service.
    pub(crate) fn foreign(&self) -> Error {
        self.error("the response is not one of the service: it has neither a `RequestId` nor a known member".to_owned())
    }

    fn error(&self, message: String) -> Error {
        let id = ErrorBody::parse(&self.body).request_id;
        let error = Error::new(ErrorKind::Decode, message)
            .with_call(self.service.name, &self.operation)
            .with_attempts(self.meta.attempts())
            .with_request_id(id.as_deref().or(self.meta.request_id()).unwrap_or_default())
            .redacted(&self.sent.secrets(&self.form));
        match self.meta.http_status() {
            Some(status) => error.with_http_status(status),
            None => error,
        }
    }
}
