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
            source,
            kind: _,
            service: _,
            operation: _,
            http_status: _,
            retry_after: _,
            date: _,
            attempts: _,
            maybe_executed: _,
        } = Arc::make_mut(&mut self.0);
        if let Some(masked) = code.as_ref().and_then(|code| secrets.masked_code(code)) {
            *code = Some(masked);
        }
        for text in [Some(message), request_id.as_mut(), recommend.as_mut()].into_iter().flatten() {
            if let Some(masked) = finder.masked(text) {
                *text = masked;
            }
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
