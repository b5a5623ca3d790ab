//! Errors as the service reports them: a code, an HTTP status and a message.

use std::fmt;

/// An error response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EcsError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Code, such as `InvalidInstanceId.NotFound`.
    pub(crate) code: String,
    /// Message for people.
    pub(crate) message: String,
}

/// The result of a handler.
pub(crate) type Result<T> = std::result::Result<T, EcsError>;

impl EcsError {
    /// Creates an error; `status` is the HTTP status that the service documents for the code.
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        EcsError { status, code: code.into(), message: message.into() }
    }

    /// Creates the error for a missing required parameter.
    pub(crate) fn missing(name: &str) -> Self {
        EcsError::new(400, "MissingParameter", format!("The required parameter {name} is missing."))
    }

    /// Creates the error for an operation that the service does not have.
    pub(crate) fn unknown_operation(version: &str, name: &str) -> Self {
        let message = format!("API version {version} has no operation {name:?}; check the name.");
        EcsError::new(404, "InvalidAction.NotFound", message)
    }

    /// Creates the error for an operation that the service may have, but the emulator does not. The service has no such
    /// code, so programs do not take the error for one of the service.
    pub(crate) fn not_simulated(version: &str, name: &str) -> Self {
        let message = format!(
            "This emulator does not simulate the operation {name:?} of API version {version}. GET /emulator/coverage lists \
             the operations that it simulates; PUT /emulator/responses/{name} prepares a response."
        );
        EcsError::new(501, "EmulatorNotSimulated", message)
    }

    /// Creates the error for an invalid value of a parameter.
    pub(crate) fn invalid(name: &str, reason: impl fmt::Display) -> Self {
        EcsError::new(400, "InvalidParameter", format!("The value of the parameter {name} is not valid: {reason}."))
    }
}

impl fmt::Display for EcsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for EcsError {}
