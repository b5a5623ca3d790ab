//! What the runtime knows of an operation.

use crate::{endpoint::Service, model::Model};

/// A request that can be sent, and the answer that belongs to it.
///
/// The generated request types implement it; [`Client::send`](crate::Client::send) takes any of them.
pub trait Operation: Model + Default + Clone + Unpin + 'static {
    /// The answer.
    type Response: Model + Default + 'static;

    /// Facts about the operation.
    #[doc(hidden)]
    const META: &'static OperationMeta;
}

/// Facts about an operation.
#[doc(hidden)]
#[derive(Debug)]
pub struct OperationMeta {
    pub(crate) service: &'static Service,
    pub(crate) name: &'static str,
    pub(crate) read: bool,
    pub(crate) slow: bool,
    pub(crate) client_token: bool,
    pub(crate) dry_run: bool,
    pub(crate) region: bool,
}

impl OperationMeta {
    pub(crate) const fn new(service: &'static Service, name: &'static str) -> Self {
        Self { service, name, read: false, slow: false, client_token: false, dry_run: false, region: false }
    }

    /// It only reads.
    pub(crate) const fn read(mut self) -> Self {
        self.read = true;
        self
    }

    /// It takes long.
    pub(crate) const fn slow(mut self) -> Self {
        self.slow = true;
        self
    }

    /// It takes a `ClientToken`.
    pub(crate) const fn client_token(mut self) -> Self {
        self.client_token = true;
        self
    }

    /// It has `DryRun`.
    pub(crate) const fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// It requires a region, taken from the client when the request names none.
    pub(crate) const fn region(mut self) -> Self {
        self.region = true;
        self
    }
}
