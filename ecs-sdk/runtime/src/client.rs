//! Clients: one macro declares them, one for each service.

/// Declares the client of a service. [`client_builder!`](crate::client_builder) adds what is above it.
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
            /// Returns the configuration, from which clients of other services can be made.
            pub fn config(&self) -> &$crate::Config {
                &self.config
            }

            /// Returns the same client for another region.
            #[must_use = "it leaves the original as it is"]
            pub fn with_region(&self, region: impl Into<String>) -> Self {
                Self::from(self.config().with_region(region))
            }

            /// Sends a request that was built as data.
            ///
            /// # Errors
            ///
            /// Returns an error if required parameters are missing, or if the service rejects the request or cannot be
            /// reached.
            pub fn send<R: $crate::Operation>(&self, request: R) -> $crate::call::Sending<R::Response> {
                self.start().send::<R>(&request)
            }

            /// Makes a request that was built as data fluent, to page, to check, or to set options of the call.
            ///
            /// ```no_run
            /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
            /// use ecs_sdk::operation::describe_instances::DescribeInstancesRequest;
            ///
            /// let request = DescribeInstancesRequest::new().status("Running");
            /// client.request(request).check().await?;
            /// # Ok(())
            /// # }
            /// ```
            pub fn request<R: $crate::Operation>(&self, request: R) -> R::Fluent<$crate::call::Call> {
                request.with_call(self.start())
            }

            /// Calls an operation by name, including ones this version of the SDK does not know.
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
