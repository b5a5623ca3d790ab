//! Clients: one macro declares the client of each service.

/// Declares the client of a service. [`client_builder!`](crate::client_builder) adds the methods that create one,
/// because the default credentials make calls themselves and so belong to a higher layer.
///
/// With a second argument, the module of a companion service in `ecs_sdk`, the example shows how to share the settings
/// of the ECS client. With `in`, the client is that of a crate of its own, whose name the examples have.
#[doc(hidden)]
#[macro_export]
macro_rules! client {
    ($doc:literal) => {
        $crate::client::client! { @client "ecs_sdk";
            #[doc = $doc]
            ///
            /// Create one with [`from_env`](Self::from_env) or [`builder`](Self::builder). Each operation is a method
            /// that starts a request; [`call`](Self::call) calls an operation by name. Reuse one client: cloning is
            /// cheap, and clones share connections, cached credentials and settings. Calls need a tokio runtime; several
            /// runtimes may share a client, for example in tests with a `static` one.
            ///
            /// [`guide::first_call`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/first_call/index.html) explains requests and responses,
            /// and [`guide::migrating`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/migrating/index.html) what other SDKs call them.
            ///
            /// ```no_run
            /// use ecs_sdk::{Client, codes};
            ///
            /// # async fn example() -> ecs_sdk::Result<()> {
            /// let client = Client::from_env()?;
            /// match client.start_instance().instance_id("i-bp67acfmxazb4p****").send().await {
            ///     Ok(response) => println!("starting (request {})", response.request_id),
            ///     Err(error) if error.code() == Some(codes::INCORRECT_INSTANCE_STATUS) => {
            ///         println!("the instance is not stopped")
            ///     }
            ///     Err(error) if error.is_not_found() => println!("there is no such instance"),
            ///     Err(error) => return Err(error),
            /// }
            /// # Ok(())
            /// # }
            /// ```
            ;
            ///
            /// ```no_run
            /// # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
            /// use ecs_sdk::operation::describe_instances::DescribeInstancesRequest;
            ///
            /// let request = DescribeInstancesRequest::new().status("Running");
            /// let page = client.send(request).await?;
            /// println!("{} instances", page.instances.len());
            /// # Ok(())
            /// # }
            /// ```
            ;
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
        }
    };
    ($doc:literal, $module:literal) => {
        $crate::client::client! { @client "ecs_sdk";
            #[doc = $doc]
            ///
            /// Create one with [`from_env`](Self::from_env) or [`builder`](Self::builder), or from the configuration of
            /// another client. Each operation is a method that starts a request; [`call`](Self::call) calls an
            /// operation by name. Reuse one client: cloning is cheap, and clones share connections, cached credentials
            /// and settings. Calls need a tokio runtime; several runtimes may share a client.
            ///
            /// ```
            /// # fn main() -> ecs_sdk::Result<()> {
            #[doc = concat!("use ecs_sdk::{Client, ", $module, "};")]
            ///
            /// let ecs = Client::builder().region("cn-hangzhou").build()?;
            #[doc = concat!("let ", $module, " = ", $module, "::Client::from(ecs.config());")]
            #[doc = concat!("assert_eq!(", $module, ".config().region().as_deref(), Some(\"cn-hangzhou\"));")]
            /// # Ok(())
            /// # }
            /// ```
            ;;
        }
    };
    ($doc:literal, in $sdk:literal) => {
        $crate::client::client! { @client $sdk;
            #[doc = $doc]
            ///
            /// Create one with [`from_env`](Self::from_env) or [`builder`](Self::builder), or from the configuration of
            /// another client, also of another service. Each operation is a method that starts a request;
            /// [`call`](Self::call) calls an operation by name. Reuse one client: cloning is cheap, and clones share
            /// connections, cached credentials and settings. Calls need a tokio runtime; several runtimes may share a
            /// client.
            ///
            /// ```no_run
            #[doc = concat!("# async fn example() -> ", $sdk, "::Result<()> {")]
            #[doc = concat!("let client = ", $sdk, "::Client::from_env()?;")]
            #[doc = concat!("let beijing = client.with_region(\"cn-beijing\");")]
            /// # Ok(())
            /// # }
            /// ```
            ;;
        }
    };
    // The crate of the client, its docs, and the examples of `send` and `request`.
    (@client $sdk:literal; $(#[$doc:meta])*; $(#[$send:meta])*; $(#[$request:meta])*) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct Client {
            config: $crate::Config,
        }

        impl Client {
            /// Sends a request that was built as data. Fluent requests have their own `send`.
            $(#[$send])*
            ///
            /// # Errors
            ///
            /// Returns an error if required parameters are missing, if the service rejects the request, or if the
            /// service cannot be reached.
            pub fn send<R: $crate::Operation>(&self, request: R) -> $crate::call::Sending<R::Response> {
                self.start().send::<R>(&request)
            }

            /// Calls an operation by name, including ones this version of the SDK does not know.
            ///
            /// ```no_run
            #[doc = concat!("# async fn example(client: ", $sdk, "::Client) -> ", $sdk, "::Result<()> {")]
            /// let response = client.call("DescribeSomethingNew").parameter("PageSize", 10).send().await?;
            /// println!("{}", response["TotalCount"]);
            /// # Ok(())
            /// # }
            /// ```
            pub fn call(&self, operation: impl Into<String>) -> $crate::UntypedCall {
                $crate::UntypedCall::new(self.start(), operation.into())
            }

            /// Creates your own waiter, for anything that no `wait_until_…` method waits for: polls with a function until
            /// it reports that it is done.
            ///
            /// ```no_run
            /// use std::time::Duration;
            #[doc = concat!("use ", $sdk, "::waiter::Status;")]
            ///
            #[doc = concat!("# async fn example(client: ", $sdk, "::Client) -> ", $sdk, "::Result<()> {")]
            /// let id = "t-bp67acfmxazb4p****";
            /// let task = client.wait_until(|| async {
            ///     let task = client.call("DescribeSomethingNew").parameter("TaskId", id).send().await?;
            ///     Ok(match task["Status"].as_str() {
            ///         Some("Finished") => Status::Done(task),
            ///         Some("Failed") => Status::failed("the task failed"),
            ///         other => Status::pending(other.unwrap_or("unknown")),
            ///     })
            /// });
            /// let task = task.wait(Duration::from_secs(600)).await?;
            /// println!("{}", task["Result"]);
            /// # Ok(())
            /// # }
            /// ```
            pub fn wait_until<F>(&self, poll: F) -> $crate::waiter::Waiter<F> {
                $crate::waiter::Waiter::new(&self.config, poll)
            }

            /// Turns a request that was built as data into a fluent one, for paging, dry runs and call options.
            $(#[$request])*
            pub fn request<R: $crate::Operation>(&self, request: R) -> R::Fluent {
                request.with_call(self.start())
            }

            /// Returns a stream of the items of all pages of a request that was built as data.
            ///
            /// [`request`](Self::request) has the same, and call options; functions that are generic over
            /// `Paged` requests use this method.
            pub fn items<R: $crate::pagination::Paged>(&self, request: R) -> $crate::pagination::Items<R> {
                $crate::pagination::Items::new(self.pages(request))
            }

            /// Returns a stream of all pages of a request that was built as data.
            pub fn pages<R: $crate::pagination::Paged>(&self, request: R) -> $crate::pagination::Pages<R> {
                $crate::pagination::Pages::new(self.start(), request)
            }

            /// Returns a client for another region, which shares connections and all other settings with this one. An
            /// empty region falls back to that of the environment.
            ///
            /// ```
            #[doc = concat!("# fn main() -> ", $sdk, "::Result<()> {")]
            #[doc = concat!("let client = ", $sdk, "::Client::builder().region(\"cn-hangzhou\").build()?;")]
            /// let beijing = client.with_region("cn-beijing");
            /// assert_eq!(beijing.config().region().as_deref(), Some("cn-beijing"));
            /// # Ok(())
            /// # }
            /// ```
            #[must_use = "it leaves the original as it is"]
            pub fn with_region(&self, region: impl Into<String>) -> Self {
                Self::from(self.config().with_region(region))
            }

            /// Returns the configuration. Clients of other services created from it share its settings and connections.
            pub fn config(&self) -> &$crate::Config {
                &self.config
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
    ($($unknown:tt)*) => {
        $crate::generated_format!($($unknown)*);
    };
}

pub use crate::client;
