//! Clients. The generated source declares one a service; all are thin covers of [`Core`].

use std::fmt;

use serde_json::Value;

use crate::{
    call::{Call, CallOptions},
    config::Config,
    endpoint::Service,
    error::Result,
    form::Form,
};

/// What every client is: a service and shared settings.
#[derive(Clone)]
pub struct Core {
    service: &'static Service,
    config: Config,
}

impl Core {
    pub fn new(service: &'static Service, config: Config) -> Self {
        Self { service, config }
    }

    pub fn service(&self) -> &'static Service {
        self.service
    }

    pub fn config(&self) -> &Config {
        &self.config
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("service", &self.service.name).field("config", &self.config).finish()
    }
}

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

/// Declares the client of a service.
#[doc(hidden)]
#[macro_export]
macro_rules! client {
    ($doc:literal) => {
        #[doc = $doc]
        ///
        /// Cheap to clone; clones share connections and settings.
        #[derive(Debug, Clone)]
        pub struct Client {
            core: $crate::client::Core,
        }

        impl Client {
            /// A client with credentials of the default chain, and the region of the environment or profile. Reads no
            /// file and opens no connection before the first call.
            ///
            /// # Errors
            ///
            /// Fails when the HTTP client can't be set up.
            pub fn from_env() -> $crate::Result<Self> {
                Self::builder().build()
            }

            /// Starts building a client.
            pub fn builder() -> $crate::config::Builder<Self> {
                $crate::config::Builder::default()
            }

            /// The settings, to make clients of other services from.
            pub fn config(&self) -> &$crate::Config {
                self.core.config()
            }

            /// The same client for another region.
            pub fn with_region(&self, region: impl Into<String>) -> Self {
                Self::from(self.config().with_region(region))
            }

            /// Sends a request that was built as data.
            ///
            /// # Errors
            ///
            /// Fails when required parameters are missing, when the service refuses, or when it can't be reached.
            pub fn send<R: $crate::Operation>(&self, request: R) -> $crate::call::Sending<R::Response> {
                self.start().send(&request)
            }

            /// Calls an operation by name, for what this version does not know.
            pub fn call(&self, operation: impl Into<String>) -> $crate::UntypedCall {
                $crate::UntypedCall::new(self.start(), operation.into())
            }

            #[allow(clippy::missing_const_for_fn)]
            pub(crate) fn start(&self) -> $crate::call::Call {
                $crate::call::Call::new(self.core.clone())
            }
        }

        impl From<$crate::Config> for Client {
            fn from(config: $crate::Config) -> Self {
                Self { core: $crate::client::Core::new(&SERVICE, config) }
            }
        }

        impl From<&$crate::Config> for Client {
            fn from(config: &$crate::Config) -> Self {
                Self::from(config.clone())
            }
        }
    };
}

pub use crate::client;
