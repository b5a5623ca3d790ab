//! Tests of the runtime through its public API: generated operations, with a fake clock and a fake service.
//!
//! There is one test binary, because linking takes longer than running the tests. Tests that inspect the whole process
//! have their own binaries.

// The tests use the paths of `ecs-sdk`, which here refer to the runtime and a few operations instead of the whole SDK.
extern crate ecs_sdk_testing as ecs_sdk;

mod batches;
mod call_credentials;
mod clock_skew;
mod dry_runs;
mod echoes;
mod endpoints;
mod error_classes;
mod errors;
mod in_progress;
mod interceptors;
mod metadata;
mod pagination;
mod pagination_streams;
mod providers;
mod requests;
mod response_meta;
mod responses;
mod retries;
mod retry_policies;
mod robustness;
mod roles;
mod safety;
mod signatures;
mod transport;
mod waiter_checks;
mod waiters;
