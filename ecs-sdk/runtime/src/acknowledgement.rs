//! The answer that says nothing.

use crate::{model::members, response_meta::ResponseMeta};

/// Answer of an operation that gives back nothing but the ID of the request.
#[derive(Default)]
#[non_exhaustive]
pub struct Acknowledgement {
    /// ID of the request, for questions to the service's support. Wire name: `RequestId`.
    pub request_id: String,
    meta: ResponseMeta,
}

members! {
    Acknowledgement, with meta;
    request_id: One(String) = "RequestId",
}
