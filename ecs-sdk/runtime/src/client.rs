//! Clients: one macro declares them, one for each service.

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
            config: $crate::Config,
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
                &self.config
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
                $crate::call::Call::new(&SERVICE, self.config.clone())
            }
        }

        impl From<$crate::Config> for Client {
            fn from(config: $crate::Config) -> Self {
                Self { config }
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
