//! Classes of error codes: what a caller can do about an error.

/// The class of an error of the service: what happened, and thus what a caller can do about it.
///
/// The service has thousands of error codes, and spells codes with the same meaning in many ways. [`Error::class`]
/// maps each code to at most one class.
///
/// [`Error::class`]: super::Error::class
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// An earlier request with the same `ClientToken` is still being executed.
    InProgress,
    /// There were too many requests.
    Throttling,
    /// The service is busy or failed internally.
    Unavailable,
    /// Another operation is changing the resource. Nothing was executed.
    Conflict,
    /// The state of a resource does not allow the operation. Nothing was executed.
    IncorrectState,
    /// The resource is in use by another resource.
    InUse,
    /// A resource that the request refers to does not exist.
    NotFound,
    /// The requested resources are sold out or not offered at this place.
    OutOfStock,
    /// A quota of the account is exhausted.
    QuotaExceeded,
    /// The caller lacks a permission.
    AccessDenied,
    /// The temporary credentials have expired.
    ExpiredCredentials,
}

/// The class of a code.
pub(super) fn of(code: &str) -> Option<ErrorClass> {
    let plain = code.replace('_', "").to_ascii_lowercase();
    let ends = |ends: &[&str]| plain.split('.').any(|part| ends.iter().any(|end| part.ends_with(end)));
    Some(
        if ["IdempotentProcessing", "LastTokenProcessing", "LastOrderProcessing", "TOKEN_PROCESSING"].contains(&code) {
            ErrorClass::InProgress
        } else if code.starts_with("Throttling") || code.ends_with(".Throttling") || code.contains(".Throttling.") {
            ErrorClass::Throttling
        } else if matches!(code, "ServiceUnavailable" | "InternalError" | "UnknownError") {
            ErrorClass::Unavailable
        } else if code == "OperationConflict" {
            ErrorClass::Conflict
        } else if code == "IncorrectInstanceStatus" {
            ErrorClass::IncorrectState
        } else if code.starts_with("InvalidSecurityToken") {
            ErrorClass::ExpiredCredentials
        } else if ends(&["notfound", "notexist", "notexists"]) {
            ErrorClass::NotFound
        } else {
            return None;
        },
    )
}
