//! `from_env` and `builder` of every client.
//!
//! rustdoc lists the methods of a type in the order of the modules that have them. This module precedes the generated
//! ones, so the page of a client starts with how to create one.

ecs_sdk_runtime::client_builder!(crate::generated::ecs::Client);
#[cfg(feature = "cms")]
ecs_sdk_runtime::client_builder!(crate::generated::cms::Client);
#[cfg(feature = "vpc")]
ecs_sdk_runtime::client_builder!(crate::generated::vpc::Client);
#[cfg(test)]
ecs_sdk_runtime::client_builder!(crate::golden::ecs::Client);
