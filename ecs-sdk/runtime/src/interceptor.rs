//! Hooks into calls: before a request is signed, and after an answer came.

use std::{error::Error as StdError, fmt};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{form::Form, signing::reserved};

/// Any error, as hooks give it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Sees every attempt of every call of a client; set by [`Builder::interceptor`](crate::config::Builder::interceptor).
///
/// A hook that fails ends the call, which is not repeated. Interceptors run in the order in which they were added.
///
/// ```
/// use ecs_sdk::interceptor::{Attempt, BoxError, Interceptor, Outgoing};
///
/// #[derive(Debug)]
/// struct Trace;
///
/// impl Interceptor for Trace {
///     fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
///         request.set_header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
///     }
///
///     fn after_response(&self, attempt: &Attempt<'_>, response: &http::Response<bytes::Bytes>) -> Result<(), BoxError> {
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
    /// Called for each attempt before it is signed; may change parameters and headers.
    ///
    /// # Errors
    ///
    /// What it gives ends the call before anything is sent.
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let _ = request;
        Ok(())
    }

    /// Called for each answer, of whatever status, before it is read. Not called when none came.
    ///
    /// # Errors
    ///
    /// What it gives ends the call.
    fn after_response(&self, attempt: &Attempt<'_>, response: &http::Response<Bytes>) -> Result<(), BoxError> {
        let _ = (attempt, response);
        Ok(())
    }
}

/// An attempt of a call.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) number: u32,
}

impl<'a> Attempt<'a> {
    /// Short name of the service, such as `ecs`.
    pub fn service(&self) -> &'a str {
        self.service
    }

    /// Name of the operation.
    pub fn operation(&self) -> &'a str {
        self.operation
    }

    /// Which attempt of its call it is, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }
}

/// A request about to be signed. Values may be secrets; `Debug` shows names only.
pub struct Outgoing<'a> {
    pub(crate) attempt: Attempt<'a>,
    pub(crate) form: &'a mut Form,
    pub(crate) headers: &'a mut HeaderMap,
}

impl Outgoing<'_> {
    /// The attempt that the request belongs to.
    pub fn attempt(&self) -> Attempt<'_> {
        self.attempt
    }

    /// Parameters of the operation by wire name, without those that signing adds.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.form.iter()
    }

    /// Sets a parameter by its wire name, in place of what the request says. Later attempts start from the request as
    /// it was.
    ///
    /// # Errors
    ///
    /// Fails for a name that is set by the SDK, such as `Action`.
    pub fn set_parameter(&mut self, name: &str, value: &str) -> Result<(), BoxError> {
        if let Some(message) = reserved(name) {
            return Err(message.into());
        }
        self.form.set(name, value);
        Ok(())
    }

    /// Sets an HTTP header.
    ///
    /// # Errors
    ///
    /// Fails when name or value can't stand in a header.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), BoxError> {
        self.headers.insert(name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?);
        Ok(())
    }
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters().map(|(name, _)| name).collect();
        f.debug_struct("Outgoing").field("attempt", &self.attempt).field("parameters", &names).finish_non_exhaustive()
    }
}
