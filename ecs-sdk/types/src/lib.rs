//! Structs, enums and error codes that operations of `ecs-sdk` share.
//!
//! Depend on `ecs-sdk`, which shows them as its own. All of this is generated.

#[rustfmt::skip]
mod generated;

// What the generated source is made of.
#[allow(unused_imports, reason = "a type of a family may have times, and there may be no family")]
use ecs_sdk_runtime::{Timestamp, model};

pub use self::generated::*;
