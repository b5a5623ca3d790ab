//! What the runtime knows of an operation.

use crate::{endpoint::Service, model::Model};

/// A request that can be sent, and the response that belongs to it.
///
/// The requests of this SDK implement it, and `Client::send` takes any of them. The trait is sealed.
pub trait Operation: Model + Default + Clone + Unpin + 'static {
    /// The response.
    type Response: Model + Default + 'static;

    /// The same request with what sends it: `Fluent<Call>` is the fluent request.
    type Fluent<C>;

    /// Adds what sends the request.
    #[doc(hidden)]
    fn with_call<C>(self, call: C) -> Self::Fluent<C>;

    /// Facts about the operation.
    #[doc(hidden)]
    const META: &'static OperationMeta;
}

/// Facts about an operation.
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
}

impl OperationMeta {
    pub const fn new(service: &'static Service, name: &'static str) -> Self {
        Self { service, name, read: false, slow: false, client_token: false, dry_run: false, region: false }
    }

    /// It only reads.
    pub const fn read(mut self) -> Self {
        self.read = true;
        self
    }

    /// It takes long.
    pub const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    /// It takes a `ClientToken`.
    pub const fn client_token(mut self) -> Self {
        self.client_token = true;
        self
    }

    /// It has `DryRun`.
    pub const fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// It requires a region, taken from the client when the request names none.
    pub const fn region(mut self) -> Self {
        self.region = true;
        self
    }
}
