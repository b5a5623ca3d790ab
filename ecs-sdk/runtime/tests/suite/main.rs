//! The runtime as users of the SDK meet it: through generated operations, with the time and the service of a test.
//!
//! One test binary, because linking takes longer than running. Tests that inspect the whole process have their own.

// Paths as users write them; here they lead to the runtime and a few operations instead of the whole SDK.
extern crate ecs_sdk_testing as ecs_sdk;

mod call_credentials;
mod clock_skew;
mod endpoints;
mod errors;
mod interceptors;
mod metadata;
mod pagination;
mod providers;
mod requests;
mod response_meta;
mod retries;
mod retry_policies;
mod robustness;
mod roles;
mod signatures;
mod transport;
mod waiters;
