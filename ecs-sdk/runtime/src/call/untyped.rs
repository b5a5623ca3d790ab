//! Calls of operations by name.

use std::fmt;

use serde_json::Value;

use super::{Call, CallOptions};
use crate::{error::Result, form::Form};

/// A call of an operation by name: untyped, but signed, retried and checked like any other.
#[derive(Clone)]
#[must_use = "a request does nothing until it is sent"]
pub struct UntypedCall {
    call: Call,
    operation: String,
    form: Form,
}

impl UntypedCall {
    #[doc(hidden)]
    pub fn new(call: Call, operation: String) -> Self {
        Self { call, operation, form: Form::default() }
    }

    /// Sets a parameter by its wire name: `Tag.1.Key`.
    pub fn param(mut self, name: impl AsRef<str>, value: impl fmt::Display) -> Self {
        self.form.set(name.as_ref(), &value.to_string());
        self
    }

    /// Sets options of this call: timeouts, retries, headers.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.call = self.call.options(options);
        self
    }

    /// Sends the request and gives the answer as JSON.
    ///
    /// # Errors
    ///
    /// Fails when the service refuses or can't be reached.
    pub async fn send(self) -> Result<Value> {
        let reply = self.call.start_untyped(self.operation, self.form).await?;
        serde_json::from_slice(&reply.body).map_err(|error| reply.failed(&error))
    }
}

impl fmt::Debug for UntypedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets; only names are shown.
        let names: Vec<&str> = self.form.iter().map(|(name, _)| name).collect();
        f.debug_struct("UntypedCall").field("operation", &self.operation).field("parameters", &names).finish()
    }
}
