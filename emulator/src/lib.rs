//! A local ECS: an endpoint on the loopback interface that behaves as the API of Alibaba Cloud ECS does, for tests,
//! examples and the SDKs of any language.
//!
//! It verifies signatures (1.0 and ACS3-HMAC-SHA256), timestamps and nonces with code of its own, checks parameters
//! against the API specs, and keeps instances, disks, security groups and vSwitches in memory. Their state follows a
//! [`Clock`] that tests can advance. Operations of VPC, CloudMonitor, STS and Location that go with ECS are answered at the
//! same address, told apart by `Version`. Answers are JSON or XML, as `Format` says; without one, signature 1.0 gets
//! XML, as from the service.
//!
//! It can make [`Faults`] on purpose: dropped connections, errors, throttling, delays, a wrong clock. A
//! [`Service`] answers requests without sockets.
//!
//! The metadata service of an instance is at `/latest/meta-data` of the same address, and `/emulator` takes what is
//! asked of the local ECS itself: faults, the recycling of preemptible instances, the time.
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

mod answer;
mod args;
mod auth;
mod call;
mod catalog;
mod clock;
mod control;
mod emulator;
mod error;
mod fault_answers;
mod fault_text;
mod faults;
mod filters;
mod handlers;
mod http;
mod ids;
mod instance;
mod location;
mod metadata;
mod metadata_items;
mod network;
mod outcome;
mod paging;
mod params;
mod request;
mod server;
mod service;
mod specs;
mod state;
mod world;

pub use clock::Clock;
pub use emulator::{Builder, Emulator};
pub use fault_text::FaultsError;
pub use faults::{Fault, Faults};
pub use metadata::MetadataMode;
pub use outcome::{Answered, Delivery, Outcome};
pub use request::Request;
pub use service::Service;
