//! SDK for Alibaba Cloud ECS.
#![doc = include_str!("../docs/front.md")]
#![cfg_attr(not(feature = "instances"), allow(dead_code, reason = "waiters and dry runs serve only some families"))]

mod answer;
mod attempt;
pub mod call;
mod client;
mod clock;
pub mod config;
pub mod credentials;
mod decode;
mod encode;
mod endpoint;
mod environment;
mod error;
mod form;
#[rustfmt::skip]
#[allow(unreachable_pub, reason = "the root chooses what of the generated modules is public")]
mod generated;
#[cfg(test)]
#[rustfmt::skip]
#[path = "../../codegen/tests/golden/generated/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "the obstacle course of the generator is here to be compiled and tested")]
mod golden;
#[cfg(test)]
mod golden_tests;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod interceptor;
pub mod metadata;
mod model;
mod operation_meta;
pub mod pagination;
mod response_meta;
pub mod retry;
pub mod runtime;
mod signing;
#[cfg(any(test, feature = "test-util"))]
pub mod test_util;
pub mod transport;
pub mod waiter;

pub use self::{
    call::CallOptions,
    client::UntypedCall,
    config::Config,
    credentials::Credentials,
    endpoint::Network,
    error::{Error, ErrorKind, Result},
    generated::{
        ecs::{Client, codes, operation, types},
        sts,
    },
    operation_meta::Operation,
    response_meta::ResponseMeta,
    signing::SignatureVersion,
};
#[cfg(feature = "cms")]
pub use generated::cms;
#[cfg(feature = "vpc")]
pub use generated::vpc;

#[cfg(test)]
mod operations_tests;

/// The README's examples, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
