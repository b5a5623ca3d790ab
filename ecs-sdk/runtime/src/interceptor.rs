//! Interceptors: hooks into calls, before a request is signed and after its response has arrived.
//!
//! Logs, traces and metrics need no interceptor: [`guide::observability`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/observability/index.html).

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::HeaderMap;

pub use crate::error::BoxError;
use crate::{
    form::Form,
    signing::{added_header, reserved_parameter},
};

/// Hooks that run for every attempt of every call of a client.
///
/// Add interceptors with [`Builder::interceptor`](crate::builder::Builder::interceptor). They run in the order in which
/// they were added. If a hook returns an error, the call fails with
/// [`ErrorKind::Interceptor`](crate::ErrorKind::Interceptor) and is not retried.
///
/// Interceptors do not see calls of the SDK's own: those of credentials providers, and
/// [endpoint lookups](crate::builder::Builder::endpoint_lookup), which call the Location service. To share an
/// interceptor between clients, wrap it in an `Arc`.
///
/// ```
/// use ecs_sdk::{
///     bytes::Bytes,
///     http,
///     interceptor::{Attempt, BoxError, Interceptor, Outgoing},
/// };
///
/// #[derive(Debug)]
/// struct Trace;
///
/// impl Interceptor for Trace {
///     fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
///         request.set_header(
///             "traceparent",
///             "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
///         )
///     }
///
///     fn after_response(
///         &self,
///         attempt: &Attempt<'_>,
///         response: &http::Response<Bytes>,
///     ) -> Result<(), BoxError> {
///         println!("{} #{}: {}", attempt.operation(), attempt.number(), response.status());
///         Ok(())
///     }
/// }
///
/// let client = ecs_sdk::Client::builder().interceptor(Trace).build()?;
/// # let _ = client;
/// # Ok::<(), ecs_sdk::Error>(())
/// ```
pub trait Interceptor: fmt::Debug + Send + Sync + 'static {
    /// Called for each attempt before the request is signed. May change parameters and headers.
    ///
    /// # Errors
    ///
    /// An error returned here aborts the call before the request is sent.
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let _ = request;
        Ok(())
    }

    /// Called for each response of any status, before it is decoded. Not called if there is no response.
    ///
    /// # Errors
    ///
    /// An error returned here aborts the call.
    fn after_response(&self, attempt: &Attempt<'_>, response: &http::Response<Bytes>) -> Result<(), BoxError> {
        let _ = (attempt, response);
        Ok(())
    }
}

impl<T: Interceptor + ?Sized> Interceptor for Arc<T> {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        (**self).before_signing(request)
    }

    fn after_response(&self, attempt: &Attempt<'_>, response: &http::Response<Bytes>) -> Result<(), BoxError> {
        (**self).after_response(attempt, response)
    }
}

impl<T: Interceptor + ?Sized> Interceptor for Box<T> {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        (**self).before_signing(request)
    }

    fn after_response(&self, attempt: &Attempt<'_>, response: &http::Response<Bytes>) -> Result<(), BoxError> {
        (**self).after_response(attempt, response)
    }
}

/// The attempt of a call that an interceptor runs for.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) number: u32,
}

impl<'a> Attempt<'a> {
    /// Creates an attempt, for tests of interceptors. `service` is a short name such as `ecs`, and `number` begins at 1.
    pub const fn new(service: &'a str, operation: &'a str, number: u32) -> Self {
        Self { service, operation, number }
    }

    /// Returns the short name of the service, such as `ecs`.
    pub fn service(&self) -> &'a str {
        self.service
    }

    /// Returns the name of the operation.
    pub fn operation(&self) -> &'a str {
        self.operation
    }

    /// Returns the number of the attempt within its call, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }
}

/// A request that is about to be signed. Values may be secrets, so `Debug` prints only names.
///
/// ```
/// use ecs_sdk::interceptor::{BoxError, Interceptor, Outgoing};
///
/// /// Rejects calls that are not restricted to a resource group.
/// #[derive(Debug)]
/// struct RequireResourceGroup;
///
/// impl Interceptor for RequireResourceGroup {
///     fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
///         if request.parameters().any(|(name, _)| name == "ResourceGroupId") {
///             return Ok(());
///         }
///         Err(format!("{} lacks a resource group", request.attempt().operation()).into())
///     }
/// }
/// # let _ = RequireResourceGroup;
/// ```
pub struct Outgoing<'a> {
    pub(crate) attempt: Attempt<'a>,
    pub(crate) form: &'a mut Form,
    pub(crate) headers: &'a mut HeaderMap,
}

impl Outgoing<'_> {
    /// Returns the attempt that the request belongs to.
    pub fn attempt(&self) -> Attempt<'_> {
        self.attempt
    }

    /// Returns names and values of the operation's parameters, without those that signing adds. Names are wire names.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.form.iter()
    }

    /// Sets a parameter by its wire name for this attempt only, overriding the request's own value.
    ///
    /// If it makes `ClientToken` blank or different from that of the first attempt, the service cannot recognize
    /// retries, and the call is no longer [safe to retry](crate::retry::FailedAttempt::is_safe_to_retry).
    ///
    /// # Errors
    ///
    /// Returns an error if the SDK itself sets the parameter, such as `Action`.
    pub fn set_parameter(&mut self, name: &str, value: &str) -> Result<(), BoxError> {
        if let Some(message) = reserved_parameter(name) {
            return Err(message.into());
        }
        self.form.set(name, value);
        Ok(())
    }

    /// Sets an HTTP header for this attempt only, replacing an earlier value of the same name. Headers that begin with
    /// `x-acs-` are signed with [`SignatureVersion::V3`](crate::SignatureVersion::V3).
    ///
    /// # Errors
    ///
    /// Returns an error if the name or value is invalid, if the SDK itself sets the header, such as `host` or
    /// `authorization`, or if the header controls the connection, such as `content-length` or `expect`.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), BoxError> {
        let (name, value) = added_header(name, value)?;
        self.headers.insert(name, value);
        Ok(())
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters().map(|(name, _)| name).collect();
        f.debug_struct("Outgoing").field("attempt", &self.attempt).field("parameters", &names).finish_non_exhaustive()
    }
}
