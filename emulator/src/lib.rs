//! A local emulator of Alibaba Cloud ECS: an endpoint on the loopback interface that behaves like the API of ECS, for
//! tests, examples and SDKs of any language.
//!
//! It verifies signatures (1.0 and ACS3-HMAC-SHA256), timestamps and nonces with its own code, checks parameters
//! against the API specs, and keeps instances, disks, security groups and vSwitches in memory. Their state follows a
//! [`Clock`] that tests can advance. Related operations of VPC, CloudMonitor, STS and Location are served at the same
//! address and distinguished by `Version`. Responses are JSON or XML, depending on `Format`; as in the service, the default
//! is XML for signature 1.0.
//!
//! Operations that the emulator does not simulate fail with status 501 and the code `EmulatorNotSimulated`, which the service
//! does not have. With [`Unsimulated::Shape`], they return what their spec says, without meaning. The header
//! `x-emulator-fidelity` of each response is `state` (simulated), `shape`, `none`, or `canned` for a [`CannedResponse`].
//!
//! It can inject [`Faults`]: dropped connections, errors, throttling, delays, requests that are still being processed when
//! they are sent again, wrong clocks, responses of gateways, and errors that echo the request. A [`Service`] handles
//! requests without sockets.
//!
//! The metadata service of an instance is at `/latest/meta-data` of the same address. `/emulator` controls the emulator
//! itself over HTTP: state, clock, faults, prepared responses, the log of requests. Both reject requests from web pages, and
//! requests for other hosts than the loopback interface; see [`Builder::allow_host`].
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use ecs_emulator::{Clock, Emulator};
//!
//! let clock = Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045));
//! let emulator = Emulator::builder().clock(clock.clone()).start_blocking()?;
//! // … create an instance at emulator.endpoint() …
//! clock.advance(Duration::from_secs(60)); // it is running now
//! assert!(emulator.requests().is_empty());
//! emulator.shutdown();
//! # Ok::<(), std::io::Error>(())
//! ```

mod access;
mod actions;
mod args;
mod auth;
mod builder;
mod call;
mod canned;
mod catalog;
mod cidr;
mod clock;
mod command_results;
mod control;
mod dispatch;
mod emulator;
mod error;
mod faults;
mod filters;
mod handlers;
mod hosts;
mod ids;
mod injection;
mod location;
mod matching;
mod message;
mod metadata;
mod order;
mod outcome;
mod paging;
mod params;
mod policy;
mod request;
mod resources;
mod response;
mod router;
mod rules;
mod saved;
mod server;
mod service;
mod shape;
mod simulation;
mod specs;
mod ssh;
mod state;
mod tally;
mod unsimulated;
mod values;

pub use bytes;
pub use http;
pub use serde_json;

pub use access::Access;
pub use builder::Builder;
pub use canned::{CannedResponse, CannedResponseError};
pub use catalog::{CatalogError, Stock, catalog_schema};
pub use clock::Clock;
pub use command_results::{CommandResult, CommandResultError};
pub use emulator::Emulator;
pub use faults::{Echo, Fault, FaultError, Faults, FaultsError};
pub use metadata::MetadataMode;
pub use outcome::{Delivery, Outcome, Response};
pub use request::Request;
pub use saved::StateError;
#[cfg(feature = "tls")]
pub use server::tls::{SelfMade, Tls};
pub use service::Service;
pub use specs::common_parameters;
pub use unsimulated::Unsimulated;

/// Tests the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
