//! Structs, enums and error codes that operations of `ecs-sdk` share.
//!
//! Depend on `ecs-sdk`, which shows them as its own. All of this is generated.

#[rustfmt::skip]
mod generated;

// What the generated source is made of.
use ecs_sdk_runtime::model;

pub use self::generated::*;
