//! Clients of the services beside ECS that `ecs-sdk` includes.
//!
//! Depend on `ecs-sdk`, which re-exports them. All of this crate is generated.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
mod generated;

// The items that the generated source uses.
#[allow(unused_imports, reason = "services use these, and all services may be disabled")]
use ecs_sdk_runtime::{
    Error, ErrorClass, ErrorKind, ResponseMeta, Result, Timestamp, call, client, content, endpoint, fluent, model,
    pagination, waiter,
};

#[allow(unused_imports, unreachable_pub, reason = "all services may be disabled")]
pub use self::generated::*;
