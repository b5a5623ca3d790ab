//! Credentials, the trait of credentials providers, and the context passed to them.
//!
//! The providers themselves are in [`credentials`](crate::credentials), a layer above calls, because some of them make
//! calls.

mod cache;
mod context;
mod credentials;
pub(crate) mod profile;
mod provider;
pub(crate) mod secret;
pub(crate) mod section;
pub(crate) mod temporary;

pub use self::{cache::Refresh, context::Context, credentials::Credentials, provider::ProvideCredentials};
pub(crate) use self::{
    cache::{Cache, Source},
    credentials::failed,
};
