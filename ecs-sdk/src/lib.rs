//! SDK for Alibaba Cloud Elastic Compute Service (ECS).
//!
#![doc = include_str!("../docs/front.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
#[allow(unreachable_pub, reason = "the generated root chooses which parts of the modules are public")]
mod generated;
#[cfg(test)]
#[rustfmt::skip]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the generator's test specs are compiled and tested here")]
mod golden;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(doctest)]
#[rustfmt::skip]
mod runtime_examples;
#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "test-util"))]
#[doc(inline)]
pub use ecs_sdk_runtime::test_util;
#[doc(inline)]
pub use ecs_sdk_runtime::{
    AccessDenied, BoxError, BoxFuture, CallOptions, Config, Credentials, Error, ErrorClass, ErrorKind,
    InvalidTimestamp, Model, Network, Operation, Response, ResponseMeta, Result, SignatureVersion, Timestamp,
    UntypedCall, batch, call, content, credentials, environment, interceptor, metadata, pagination, retry, system,
    transport, waiter,
};
/// Crates whose types are part of the API: HTTP requests and responses of transports and interceptors, streams of
/// pages, and untyped responses.
#[doc(no_inline)]
pub use ecs_sdk_runtime::{bytes, futures_core, http, serde_json};
// Macros and modules that the generated source uses.
#[allow(unused_imports, reason = "families use these, and all families may be disabled")]
use ecs_sdk_runtime::{client, endpoint, fluent, model};

/// Configuration of clients.
pub mod config {
    #[doc(inline)]
    pub use ecs_sdk_runtime::{Config, Timeouts, builder::Builder};
}

pub use self::generated::*;
