//! SDK for Alibaba Cloud ECS.
#![doc = include_str!("../docs/front.md")]

#[rustfmt::skip]
#[allow(unreachable_pub, reason = "the root chooses what of the generated modules is public")]
mod generated;
#[cfg(test)]
#[rustfmt::skip]
#[allow(dead_code, unreachable_pub, reason = "the obstacle course of the generator is here to be compiled and tested")]
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
    BoxError, BoxFuture, CallOptions, Config, Credentials, Error, ErrorKind, InvalidTimestamp, Model, Network,
    Operation, ResponseMeta, Result, SignatureVersion, Timestamp, UntypedCall, call, credentials, environment,
    interceptor, metadata, pagination, retry, system, transport, waiter,
};
/// Crates whose types are part of the API: HTTP requests and responses of transports and interceptors, streams of pages,
/// and untyped responses.
#[doc(no_inline)]
pub use ecs_sdk_runtime::{bytes, futures_core, http, serde_json};
// What the generated source is made of.
#[allow(unused_imports, reason = "a model is in each family, and there may be none")]
use ecs_sdk_runtime::{client, endpoint, fluent, model};

/// Configuration of clients.
pub mod config {
    #[doc(inline)]
    pub use ecs_sdk_runtime::{Config, Timeouts, builder::Builder};
}

#[cfg(feature = "cms")]
pub use self::generated::cms;
#[cfg(feature = "vpc")]
pub use self::generated::vpc;
pub use self::generated::{
    ecs::{Client, codes, operation, types},
    sts,
};

ecs_sdk_runtime::client_builder!(generated::ecs::Client);
#[cfg(feature = "cms")]
ecs_sdk_runtime::client_builder!(generated::cms::Client);
#[cfg(feature = "vpc")]
ecs_sdk_runtime::client_builder!(generated::vpc::Client);
#[cfg(test)]
ecs_sdk_runtime::client_builder!(golden::ecs::Client);
