//! Test support for the runtime: a few generated operations, at the same paths as in `ecs-sdk`, and [`fake`]s of the
//! clock and the service.
//!
//! `operations.txt` lists the operations, and `cargo xtask codegen` generates them. With them, the tests of the runtime
//! use generated code without compiling the whole SDK.

#[cfg(feature = "examples")]
mod example;
pub mod fake;
#[rustfmt::skip]
#[allow(missing_docs, unreachable_pub, reason = "ecs-sdk has the same source and documents it")]
mod generated;

#[cfg(feature = "examples")]
pub use self::example::example;
pub use ecs_sdk_runtime::{
    BoxError, BoxFuture, CallOptions, Config, Credentials, Error, ErrorClass, ErrorKind, InvalidTimestamp, Model,
    Network, Operation, Response, ResponseMeta, Result, SignatureVersion, Timestamp, UntypedCall, batch, bytes, call,
    content, credentials, environment, futures_core, http, interceptor, metadata, pagination, retry, serde_json, sts,
    system, test_util, transport, waiter,
};
// Used by the generated code.
use ecs_sdk_runtime::{client, endpoint, fluent, model};

/// Configuration of clients.
pub mod config {
    pub use ecs_sdk_runtime::{Config, Timeouts, builder::Builder};
}

pub use self::generated::{
    cms,
    ecs::{Client, codes, operation, types},
};

ecs_sdk_runtime::client_builder!(generated::ecs::Client);
ecs_sdk_runtime::client_builder!(generated::cms::Client);
