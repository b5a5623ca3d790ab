//! Calls of operations by name.

use std::fmt;

use serde_json::Value;

use super::{options::CallOptions, prepare::Call};
use crate::{error::Result, form::Form};

/// A call of an operation by name: untyped, but signed, retried and checked like any other.
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let response = client.call("DescribeSomethingNew").parameter("Tag.1.Key", "team").send().await?;
/// println!("{}", response["RequestId"]);
/// # Ok(())
/// # }
/// ```
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

    /// Sets a parameter by its wire name: `Tag.1.Key`. Without `RegionId`, the client's region is sent, as with typed
    /// requests; an empty one is sent as it is.
    pub fn parameter(mut self, name: impl AsRef<str>, value: impl fmt::Display) -> Self {
        self.form.set(name.as_ref(), &value.to_string());
        self
    }

    /// Sets the options of this call: timeouts, retries, headers. They replace earlier ones.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.call = self.call.options(options);
        self
    }

    /// Sends the request and returns the response as JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if the service rejects the request or cannot be reached.
    pub async fn send(self) -> Result<Value> {
        let Self { call, operation, mut form } = self;
        // A few operations have it in lower case.
        let has_region = form.iter().any(|(name, _)| name.eq_ignore_ascii_case("RegionId"));
        if !has_region && let Some(region) = call.config().region() {
            form.push("RegionId", &region);
        }
        let reply = call.start_untyped(operation, form).await?;
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
