//! Calls: their options, the futures that they return, and untyped calls.

mod authentication;
mod execution;
mod future;
mod options;
mod prepare;
mod progress;
mod reply;
mod sent;
mod settings;
mod untyped;

pub(crate) use self::{
    authentication::{is_rejected as is_key_rejected, key_not_replaced},
    future::decode_reply,
    progress::CLIENT_TOKEN,
    reply::Reply,
};
pub use self::{
    future::{Checking, Sending},
    options::CallOptions,
    prepare::{check, send},
    settings::Call,
    untyped::UntypedCall,
};
