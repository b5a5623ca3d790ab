//! Pages on how to use the SDK, with examples that are compiled and run.

#[doc = include_str!("../docs/blocking.md")]
pub mod blocking {}
