//! Measures calls of the SDK, and parts of calls, against hand-written code. `cargo xtask bench run` and
//! `cargo xtask bench parts` use it.

pub mod bodies;
pub mod hand;
pub mod measures;
#[allow(missing_docs, reason = "generated from the structs of the SDK, which are documented")]
pub mod models;
pub mod sdk;
pub mod server;
pub mod time;
