//! Models of `ecs-sdk`: their encoding, their decoding, and timestamps.
//!
//! Depend on `ecs-sdk`, which re-exports the public parts. Everything else is for the runtime and the generated source,
//! and may change in any release. The models are a crate without HTTP, so that generated types compile beside the runtime.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod content;
#[doc(hidden)]
pub mod decode;
#[doc(hidden)]
pub mod encode;
#[doc(hidden)]
pub mod form;
#[rustfmt::skip]
mod generated;
#[doc(hidden)]
pub mod json;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod time;
mod timestamp;
#[doc(hidden)]
pub mod trace;

pub use self::{
    model::Model,
    timestamp::{InvalidTimestamp, Timestamp},
};
// The macros name it, so that crates of generated source need no dependency but the runtime.
#[doc(hidden)]
pub use serde;
