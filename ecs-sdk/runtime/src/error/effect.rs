//! Whether a failed call may have had an effect, and whether a retry may succeed.

use super::{Error, ErrorKind};
use crate::text::contains;

impl Error {
    /// Returns whether the failure is transient: throttling, a failure of the service or the network, a timeout, a nonce
    /// that was already used (`SignatureNonceUsed`, because the network delivered a request twice), or an earlier request
    /// that is [in progress](Self::is_in_progress). The same call may succeed a little later.
    ///
    /// A retry is not always safe: a call that creates something may have been executed. See
    /// [`is_maybe_executed`](Self::is_maybe_executed).
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Transport | ErrorKind::Timeout => true,
            ErrorKind::Service if self.is_dry_run_passed() => false,
            ErrorKind::Service => {
                self.is_throttling()
                    || self.is_unavailable()
                    || self.is_in_progress()
                    || self.is_used_nonce()
                    || self.http_status().is_some_and(|status| status == 408 || status >= 500)
            }
            _ => false,
        }
    }

    /// Returns whether the service may have executed the request although the call failed. This covers all attempts of
    /// the call, not only the last one.
    ///
    /// It is `false` only if that is certain: nothing was sent, or the service itself rejected every attempt with a code
    /// that proves it. It is `true` for responses of other servers, such as proxies, for HTTP status 500 and above
    /// (except throttling), and for the codes of classes [`Unavailable`](super::ErrorClass::Unavailable) and
    /// [`InProgress`](super::ErrorClass::InProgress), and `SignatureNonceUsed`.
    pub fn is_maybe_executed(&self) -> bool {
        self.0.maybe_executed.unwrap_or_else(|| match self.kind() {
            ErrorKind::Service => {
                !(self.is_throttled_by_service() || self.is_rejected_by_code() || self.is_dry_run_passed())
            }
            ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::Decode => true,
            _ => false,
        })
    }

    /// Whether the service throttled the request, and so did not execute it. Gateways use other codes, or none.
    pub(crate) fn is_throttled_by_service(&self) -> bool {
        self.code()
            .is_some_and(|code| code.starts_with("Throttling") || code.split('.').any(|part| part == "Throttling"))
    }

    /// Whether the service received a request with the nonce before. It may have executed that one.
    fn is_used_nonce(&self) -> bool {
        self.code().is_some_and(|code| contains(code, "NonceUsed") || contains(code, "Nonce.Used"))
    }

    /// Whether the service rejected the request with a code that proves that it was not executed.
    fn is_rejected_by_code(&self) -> bool {
        self.code().is_some_and(|code| self.class().is_some() || !is_failure(code))
            && self.http_status().is_none_or(|status| status < 500)
            && !(self.is_used_nonce() || self.is_in_progress() || self.is_unavailable())
    }
}

/// Whether a code reports that something failed, took too long or was stopped, as in `CreateSnapshot.Failed` and
/// `OperationFailed.Timeout`. The operation may have been executed in part. A number, such as `404`, says nothing.
fn is_failure(code: &str) -> bool {
    const ENDS: [&str; 10] =
        ["failed", "failure", "fail", "timeout", "timedout", "error", "exception", "aborted", "canceled", "cancelled"];
    let code = code.to_ascii_lowercase();
    let mut parts = code.split(['.', '_']);
    // A parameter is checked before the operation is executed, as in `InvalidParameter.UdpTimeout`.
    !code.starts_with("invalid") && parts.any(|part| ENDS.iter().any(|end| part.ends_with(end)))
        || !code.bytes().any(|byte| byte.is_ascii_alphabetic())
}
