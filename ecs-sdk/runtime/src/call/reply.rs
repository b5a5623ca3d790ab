//! Successful responses before decoding.

use std::borrow::Cow;

use bytes::Bytes;

use super::sent::Sent;
use crate::{
    endpoint::Service,
    error::{Error, ErrorBody, ErrorKind, Result},
    form::Form,
    generated::rpc::DRY_RUN_CODES,
    response_meta::ResponseMeta,
    text::split_last,
};

/// The successful response of a call, before it is decoded.
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    pub(super) meta: ResponseMeta,
    pub(super) service: &'static Service,
    pub(super) operation: Cow<'static, str>,
    pub(super) form: Form,
    pub(super) sent: Sent,
    /// If the call was a dry run, whether it certainly executed nothing.
    pub(super) dry_run: Option<bool>,
}

impl Reply {
    /// Returns an error if the call was a dry run: the service accepted it, but there is nothing to return.
    pub(super) fn executed(self) -> Result<Self> {
        let Some(certain) = self.dry_run else { return Ok(self) };
        if !self.has_request_id() {
            return Err(self.foreign().with_maybe_executed(!certain));
        }
        let message = match certain {
            true => "the service accepted the dry run".to_owned(),
            false => format!(
                "the service accepted `DryRun`, but the SDK does not know whether {} has dry runs; if it has none, it was executed",
                self.operation
            ),
        };
        let code = DRY_RUN_CODES.first().copied().unwrap_or_default();
        Err(self.error(ErrorKind::Service, message).with_code(code).with_maybe_executed(!certain))
    }

    /// The error of this call when its body cannot be decoded.
    pub(crate) fn failed(&self, error: &serde_json::Error) -> Error {
        let message = if error.is_data() {
            let text = error.to_string();
            format!(
                "the response cannot be decoded: {}",
                split_last(&text, " at line ").map_or(&*text, |(text, _)| text)
            )
        } else {
            format!("the response is not valid JSON: {error}")
        };
        self.error(ErrorKind::Decode, message)
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
        let message = "the response is not one of the service: it has neither a `RequestId` nor a known member";
        self.error(ErrorKind::Decode, message.to_owned())
    }

    fn error(&self, kind: ErrorKind, message: String) -> Error {
        let id = ErrorBody::parse(&self.body).request_id;
        let error = Error::new(kind, message)
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
