//! Errors without the secrets that a server, proxy or credentials endpoint sent back.

use std::{error::Error as StdError, sync::Arc};

use super::{Error, Inner};
use crate::redact::Secrets;

impl Error {
    /// Masks secrets in everything that came from elsewhere. A cause that shows one is dropped.
    pub(crate) fn redacted(mut self, secrets: &Secrets) -> Self {
        let finder = secrets.finder();
        // All fields are listed, so that a new one cannot be forgotten.
        let Inner {
            message,
            code,
            request_id,
            recommend,
            body,
            access_denied,
            source,
            kind: _,
            service: _,
            operation: _,
            service_classes: _,
            http_status: _,
            retry_after: _,
            date: _,
            attempts: _,
            maybe_executed: _,
        } = Arc::make_mut(&mut self.0);
        if let Some(masked) = code.as_ref().and_then(|code| secrets.masked_code(code)) {
            *code = Some(masked);
        }
        let details = access_denied.iter_mut().flat_map(|denied| denied.0.iter_mut().flatten());
        let texts = [Some(message), request_id.as_mut(), recommend.as_mut()].into_iter().flatten();
        for text in texts.chain(details) {
            if let Some(masked) = finder.masked(text) {
                *text = masked;
            }
        }
        if let Some(bytes) = body
            && let Some(masked) = finder.masked(&String::from_utf8_lossy(bytes))
        {
            *bytes = masked.into_bytes().into();
        }
        let mut cause = source.as_deref().map(|source| source as &(dyn StdError + 'static));
        while let Some(next) = cause {
            if [next.to_string(), format!("{next:?}")].iter().any(|text| finder.masked(text).is_some()) {
                *source = None;
                break;
            }
            cause = next.source();
        }
        self
    }
}
