//! Requests for tests of interceptors.

use std::fmt;

use http::HeaderMap;

use crate::{
    encode::{self, FormErrors},
    form::Form,
    interceptor::{Attempt, Outgoing},
    operation::Operation,
};

/// A request that is about to be signed, for tests of your own [interceptors](crate::interceptor).
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # {
/// use ecs_sdk::{
///     interceptor::{BoxError, Interceptor, Outgoing},
///     operation::run_instances::RunInstancesRequest,
///     test_util::OutgoingRequest,
/// };
///
/// /// Puts all instances in a resource group.
/// #[derive(Debug)]
/// struct InGroup(&'static str);
///
/// impl Interceptor for InGroup {
///     fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
///         if request.attempt().operation() == "RunInstances" {
///             request.set_parameter("ResourceGroupId", self.0)?;
///         }
///         Ok(())
///     }
/// }
///
/// let mut request = OutgoingRequest::new(&RunInstancesRequest::new().amount(1));
/// InGroup("rg-1").before_signing(&mut request.outgoing()).unwrap();
/// assert_eq!(request.parameter("ResourceGroupId"), Some("rg-1"));
/// # }
/// ```
pub struct OutgoingRequest {
    service: String,
    operation: String,
    attempt: u32,
    form: Form,
    headers: HeaderMap,
}

impl OutgoingRequest {
    /// Creates the first attempt of a typed request.
    pub fn new<R: Operation>(request: &R) -> Self {
        let mut outgoing = Self::untyped(R::META.service.name, R::META.name);
        encode::form(request, &mut outgoing.form, &mut FormErrors::default());
        outgoing
    }

    /// Creates the first attempt of a request without parameters, from the short name of the service, such as `ecs`, and
    /// the name of the operation.
    pub fn untyped(service: impl Into<String>, operation: impl Into<String>) -> Self {
        let (service, operation) = (service.into(), operation.into());
        Self { service, operation, attempt: 1, form: Form::default(), headers: HeaderMap::new() }
    }

    /// Sets the number of the attempt within its call, counted from 1.
    #[must_use = "it returns the changed request"]
    pub fn attempt(self, number: u32) -> Self {
        Self { attempt: number, ..self }
    }

    /// Returns the request as interceptors see it.
    pub fn outgoing(&mut self) -> Outgoing<'_> {
        let attempt = Attempt::new(&self.service, &self.operation, self.attempt);
        Outgoing { attempt, form: &mut self.form, headers: &mut self.headers }
    }

    /// Returns the value of a parameter by its wire name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.form.get(name)
    }

    /// Returns the value of an HTTP header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be secrets.
        let names: Vec<&str> = self.form.iter().map(|(name, _)| name).collect();
        f.debug_struct("OutgoingRequest")
            .field("operation", &self.operation)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}
