//! Structs, enums and error codes shared by the operations of `ecs-sdk`, and the clients of companion services.
//!
//! Depend on `ecs-sdk`, which re-exports them. All of this crate is generated.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
mod generated;

// The items that the generated source uses.
#[allow(unused_imports, reason = "families use these, and all families may be disabled")]
use ecs_sdk_runtime::{
    Error, ErrorClass, ErrorKind, ResponseMeta, Result, Timestamp, call, client, content, endpoint, fluent, model,
    pagination, waiter,
};

pub use self::generated::*;
