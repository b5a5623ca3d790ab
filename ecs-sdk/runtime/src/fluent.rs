//! Fluent requests: one macro declares what they have in common.

/// Implements `Operation` for a request, and the methods of its fluent form.
#[doc(hidden)]
#[macro_export]
macro_rules! fluent_request {
    ($service:ident, $wire:literal, $name:ident, $request:ident => $response:ident $(, $fact:ident $(($($list:literal = $max:literal),*))?)* $(; $pages:ident $item:ty)?) => {
        impl $crate::Operation for $request {
            type Response = $response;
            type Fluent = $name;

            const META: &'static $crate::operation::OperationMeta =
                &$crate::operation::OperationMeta::new(&$service, $wire)$(.$fact($(&[$(($list, $max)),*])?))*;

            #[inline]
            fn with_call(self, call: $crate::call::Call) -> $name {
                self.replace_call(call).0
            }

            #[inline]
            fn split(fluent: $name) -> (Self, $crate::call::Call) {
                fluent.replace_call(())
            }
        }

        impl $name {
            #[doc = concat!("Sends the request. The future resolves to `Result<`[`", stringify!($response), "`]`>`.")]
            ///
            /// # Errors
            ///
            /// Returns an error if required parameters are missing, if the service rejects the request, or if the
            /// service cannot be reached.
            ///
            /// # Panics
            ///
            /// Polling the future panics in a tokio runtime without I/O or timer.
            #[inline]
            pub fn send(self) -> $crate::call::Sending<$response> {
                $crate::call::send::<$request>(self)
            }

            /// Sets the options of this call: timeouts, retries, headers, extra parameters. Replaces all options set
            /// earlier.
            #[inline]
            pub fn options(mut self, options: $crate::call::CallOptions) -> Self {
                self.call = self.call.options(options);
                self
            }

            /// Returns the request as data, without client and call options.
            #[inline]
            pub fn into_request(self) -> $request {
                self.replace_call(()).0
            }
        }

        impl $crate::Response for $response {
            #[inline]
            fn meta(&self) -> &$crate::ResponseMeta {
                &self.meta
            }
        }

        impl $response {
            /// Returns the metadata of the call: request ID, HTTP status, headers, number of attempts, elapsed time.
            #[inline]
            pub fn meta(&self) -> &$crate::ResponseMeta {
                &self.meta
            }
        }

        $($crate::fluent::fluent_request!(@$fact $name $request);)*
        $($crate::fluent::fluent_request!(@$pages $name $request $item);)?
    };
    (@read $name:ident $request:ident) => {};
    (@slow $name:ident $request:ident) => {};
    (@region $name:ident $request:ident) => {};
    (@anonymous $name:ident $request:ident) => {};
    (@get $name:ident $request:ident) => {};
    (@put $name:ident $request:ident) => {};
    (@delete $name:ident $request:ident) => {};
    (@client_token $name:ident $request:ident) => {};
    (@batches $name:ident $request:ident) => {
        impl $crate::batch::Batched for $request {
            type Output = Self::Response;

            #[inline]
            fn start(self, call: $crate::call::Call) -> $crate::BoxFuture<'static, $crate::Result<Self::Output>> {
                Box::pin(call.send::<Self>(&self))
            }
        }

        $crate::fluent::fluent_request!(@in_batches $name $request);
    };
    // The lists of an operation with pages, whose items the last section has.
    (@paged_batches $name:ident $request:ident) => {};
    (@paged_batches $name:ident $request:ident $item:ty) => {
        $crate::fluent::fluent_request!(@pages $name $request $item);

        impl $crate::batch::Batched for $request {
            type Output = Vec<$item>;

            #[inline]
            fn start(self, call: $crate::call::Call) -> $crate::BoxFuture<'static, $crate::Result<Self::Output>> {
                $crate::batch::all_items(call, self)
            }
        }

        $crate::fluent::fluent_request!(@in_batches $name $request);
    };
    (@in_batches $name:ident $request:ident) => {
        impl $name {
            /// Splits the list of IDs into as many calls as necessary. Each call is one of its own; the results are in
            /// the order of the IDs.
            #[inline]
            pub fn in_batches(self) -> $crate::batch::Batches<$request> {
                let (request, call) = self.replace_call(());
                $crate::batch::Batches::new(call, request)
            }
        }
    };
    (@dry_run $name:ident $request:ident) => {
        impl $crate::batch::DryRun for $request {}

        impl $name {
            /// Performs a dry run: the service checks parameters, permissions and resources without executing the
            /// request. Returns `Ok(())` if the request would succeed.
            ///
            /// # Errors
            ///
            /// Returns the error with which the request would fail. A dry run that passes is an error only for
            /// [`send`](Self::send).
            #[inline]
            pub fn check(self) -> $crate::call::Checking {
                $crate::call::check::<$request>(self)
            }
        }
    };
    (@pages $name:ident $request:ident $item:ty) => {
        impl $name {
            #[doc = concat!("Returns a stream of `Result<", stringify!($item), ">` over the items of all pages.")]
            ///
            /// Each page is requested when it is needed. The stream has `next`, `try_next` and `try_collect`, and sets the
            /// page size, a limit and where to start.
            #[inline]
            pub fn items(self) -> $crate::pagination::Items<$request> {
                $crate::pagination::Items::new(self.pages())
            }

            /// Returns a stream of all pages, which are whole responses. Each page is requested when it is needed.
            #[inline]
            pub fn pages(self) -> $crate::pagination::Pages<$request> {
                let (request, call) = self.replace_call(());
                $crate::pagination::Pages::new(call, request)
            }
        }
    };
    ($($unknown:tt)*) => {
        $crate::generated_format!($($unknown)*);
    };
}

pub use crate::fluent_request;
