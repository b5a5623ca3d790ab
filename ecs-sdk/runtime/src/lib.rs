//! Runtime of `ecs-sdk`: encoding, signing, sending, retrying and decoding.
//!
//! Depend on `ecs-sdk`, which re-exports the public parts. Hidden items are for the generated source and may change in
//! any release.
#![cfg_attr(any(docsrs, ecs_sdk_docs), feature(doc_cfg))]

mod attempts;
pub mod batch;
pub mod builder;
pub mod call;
#[doc(hidden)]
pub mod client;
mod clock_skew;
pub mod config;
pub mod content;
pub mod credentials;
#[doc(hidden)]
pub mod endpoint;
pub mod environment;
mod error;
#[doc(hidden)]
pub mod fluent;
#[rustfmt::skip]
mod generated;
mod identity;
pub mod interceptor;
mod location;
pub mod metadata;
mod method;
#[doc(hidden)]
pub mod operation;
pub mod pagination;
mod path;
mod plain_http;
mod redact;
mod response;
mod response_meta;
pub mod retry;
mod short_text;
mod signing;
mod single_flight;
pub mod system;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
mod text;
mod time;
mod timeouts;
pub mod transport;
pub mod waiter;

pub use self::{
    call::{CallOptions, UntypedCall},
    config::Config,
    endpoint::Network,
    error::{AccessDenied, BoxError, Error, ErrorClass, ErrorKind, Result},
    generated::sts,
    identity::Credentials,
    operation::{Operation, Response},
    response_meta::ResponseMeta,
    signing::SignatureVersion,
    system::BoxFuture,
    timeouts::Timeouts,
};
pub use ecs_sdk_model::{InvalidTimestamp, Model, Timestamp};
// Modules that macros and generated source use.
#[doc(hidden)]
pub use ecs_sdk_model::{decode, encode, form, generated_format, json, model, serde, trace};
// Crates whose types are part of the public API.
pub use {bytes, futures_core, http, serde_json};
