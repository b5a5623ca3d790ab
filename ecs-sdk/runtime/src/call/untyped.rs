//! Untyped calls: operations by name.

use std::fmt;

use serde_json::Value;

use super::{options::CallOptions, settings::Call};
use crate::{
    decode,
    error::{Error, ErrorKind, Result},
    form::Form,
};

/// A call of an operation by name, created by `Client::call`. Its parameters and response are untyped; signing,
/// retries, timeouts and errors are the same as for typed operations. It is always signed and sent with POST.
///
/// Use it for operations and parameters that this version of the SDK does not know; see
/// [`guide::raw_calls`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/raw_calls/index.html). The response is a
/// [`serde_json::Value`](crate::serde_json::Value):
///
/// ```no_run
/// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
/// let response = client
///     .call("DescribeSomethingNew")
///     .parameter("PageSize", 50)
///     .parameter("Tag.1.Key", "team")
///     .parameter("Tag.1.Value", "web")
///     .send()
///     .await?;
/// for thing in response["Things"]["Thing"].as_array().into_iter().flatten() {
///     println!("{}", thing["ThingId"]);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Transient failures are retried if the operation's name begins with a verb for reading, such as `Describe` or `List`,
/// or if the call has a `ClientToken` that is not blank. Otherwise, they are retried only if the service certainly did
/// not execute the request.
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

    /// Sets a parameter by its wire name, for example `InstanceId` or `Tag.1.Key`, replacing an earlier value.
    ///
    /// If `RegionId` is not set, the client's region is sent. An empty `RegionId` is sent as an empty string.
    pub fn parameter(mut self, name: impl AsRef<str>, value: impl fmt::Display) -> Self {
        self.form.set(name.as_ref(), &value.to_string());
        self
    }

    /// Sets the options of this call: timeouts, retries, headers, extra parameters. Replaces options set earlier.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.call = self.call.options(options);
        self
    }

    /// Sends the request and returns the response as JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if the service rejects the request or cannot be reached, if the response is not valid JSON or has
    /// no `RequestId`, if it takes more than 128 MiB of memory, if the operation has no name, or if a parameter is one that
    /// the SDK itself sets, such as `Action`.
    ///
    /// # Panics
    ///
    /// Polling the future panics in a tokio runtime without I/O or timer.
    pub async fn send(self) -> Result<Value> {
        let Self { mut call, operation, mut form } = self;
        if operation.trim().is_empty() {
            let message = "the name of the operation is empty: expected one such as `DescribeInstances`";
            return Err(Error::new(ErrorKind::Request, message));
        }
        // A few operations spell it `regionId`.
        let has_region = form.iter().any(|(name, _)| name.eq_ignore_ascii_case("RegionId"));
        if !has_region {
            call.load_region(&operation).await?;
            if let Some(region) = call.config().context().known_region() {
                form.push("RegionId", region);
            }
        }
        let reply = call.start_untyped(operation, form).await?;
        let response = decode::value(&reply.body).map_err(|error| reply.failed(&error))?;
        let names = || response.as_object().into_iter().flat_map(|object| object.keys());
        let is_named = names().any(|name| name.eq_ignore_ascii_case("RequestId"));
        // The members of the response are unknown. The header also shows that the service sent it.
        let is_own = is_named || names().next().is_some() && reply.has_request_id_header();
        if is_own { Ok(response) } else { Err(reply.foreign()) }
    }
}

impl fmt::Debug for UntypedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets; only names are shown.
        let names: Vec<&str> = self.form.iter().map(|(name, _)| name).collect();
        f.debug_struct("UntypedCall").field("operation", &self.operation).field("parameters", &names).finish()
    }
}
