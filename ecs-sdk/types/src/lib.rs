//! Structs, enums and error codes shared by the operations of `ecs-sdk`.
//!
//! Depend on `ecs-sdk`, which re-exports them. All of this crate is generated.
#![cfg_attr(docsrs, feature(doc_cfg))]

#[rustfmt::skip]
mod generated;

// The items that the generated source uses.
#[allow(unused_imports, reason = "families use these, and all families may be disabled")]
use ecs_sdk_model::{Timestamp, content, model};

pub use self::generated::*;
