//! Operations: requests, their responses, and the properties that decide how they are sent.

use crate::{call::Call, endpoint::Service, method::Method, model::Model, response_meta::ResponseMeta};

/// A request as data, and the type of its response.
///
/// Implemented by all requests of this SDK, such as `DescribeInstancesRequest`; the trait is sealed. `Client::send` and
/// `Client::request` take any of them, so functions can be generic:
///
/// ```no_run
/// use ecs_sdk::{Client, Operation};
///
/// /// Sends a request to several regions.
/// async fn everywhere<R: Operation>(
///     client: &Client,
///     regions: &[&str],
///     request: R,
/// ) -> ecs_sdk::Result<Vec<R::Response>> {
///     let mut responses = Vec::new();
///     for region in regions {
///         responses.push(client.with_region(*region).send(request.clone()).await?);
///     }
///     Ok(responses)
/// }
/// ```
pub trait Operation: Model + Default + Clone + Unpin + 'static {
    /// The type of the response.
    type Response: Response;

    /// The fluent request.
    type Fluent;

    /// Attaches a call, which makes the request fluent.
    #[doc(hidden)]
    fn with_call(self, call: Call) -> Self::Fluent;

    /// Separates a fluent request from its call.
    #[doc(hidden)]
    fn split(fluent: Self::Fluent) -> (Self, Call);

    /// Properties of the operation.
    #[doc(hidden)]
    const META: &'static OperationMeta;
}

/// The response of an operation.
///
/// Implemented by all responses of this SDK; the trait is sealed. Responses have `meta` as a method of their own, so only generic
/// code needs the trait:
///
/// ```no_run
/// use ecs_sdk::{Client, Operation, Response as _};
///
/// /// Sends a request and logs its ID.
/// async fn logged<R: Operation>(client: &Client, request: R) -> ecs_sdk::Result<R::Response> {
///     let response = client.send(request).await?;
///     println!("{}", response.meta().request_id().unwrap_or("no request ID"));
///     Ok(response)
/// }
/// ```
pub trait Response: Model + Default + 'static {
    /// Returns the metadata of the call.
    fn meta(&self) -> &ResponseMeta;
}

/// Properties of an operation, from its spec.
#[doc(hidden)]
#[derive(Debug)]
pub struct OperationMeta {
    pub service: &'static Service,
    pub name: &'static str,
    pub read: bool,
    pub slow: bool,
    pub client_token: bool,
    pub dry_run: bool,
    pub region: bool,
    /// The only HTTP method that the service accepts, if it is not POST.
    pub method: Method,
    /// The service expects no signature.
    pub anonymous: bool,
    /// Lists that can be split into several calls, each with its wire name and the number of elements that a call takes.
    pub batches: &'static [(&'static str, usize)],
}

impl OperationMeta {
    pub const fn new(service: &'static Service, name: &'static str) -> Self {
        Self {
            service,
            name,
            read: false,
            slow: false,
            client_token: false,
            dry_run: false,
            region: false,
            method: Method::Post,
            anonymous: false,
            batches: &[],
        }
    }

    /// The operation only reads, so it is safe to retry.
    pub const fn read(mut self) -> Self {
        self.read = true;
        self
    }

    /// The operation is slow and gets the longer timeout.
    pub const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    /// The request has a `ClientToken`, which is generated if it is not set, and makes it safe to retry.
    pub const fn client_token(mut self) -> Self {
        self.client_token = true;
        self
    }

    /// The request has `DryRun`.
    pub const fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// The request has lists that can be split into several calls.
    pub const fn batches(mut self, lists: &'static [(&'static str, usize)]) -> Self {
        self.batches = lists;
        self
    }

    /// Like [`batches`](Self::batches), for an operation with pages.
    pub const fn paged_batches(self, lists: &'static [(&'static str, usize)]) -> Self {
        self.batches(lists)
    }

    /// The service accepts only GET.
    pub const fn get(mut self) -> Self {
        self.method = Method::Get;
        self
    }

    /// The service accepts only PUT.
    pub const fn put(mut self) -> Self {
        self.method = Method::Put;
        self
    }

    /// The service accepts only DELETE.
    pub const fn delete(mut self) -> Self {
        self.method = Method::Delete;
        self
    }

    /// The service expects no signature, so the client needs no credentials.
    pub const fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// The request requires a `RegionId`, which is that of the client if it is not set.
    pub const fn region(mut self) -> Self {
        self.region = true;
        self
    }
}
