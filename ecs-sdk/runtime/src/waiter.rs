//! Waiters: poll the service until all resources are in the desired state.
//!
//! The guide is [`guide::waiting`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/waiting/index.html).
//! [`guide::spot`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/spot/index.html) waits for the end of spot instances.
//!
//! Waiters are methods of the client, such as `wait_until_instance_running`. `wait` takes the maximum time to wait and
//! returns a future, [`Waiting`], which resolves to the resources as last seen:
//!
//! ```no_run
//! use std::time::Duration;
//! use ecs_sdk::ErrorKind;
//!
//! # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
//! client.start_instance().instance_id("i-bp67acfmxazb4p****").send().await?;
//! let running = client
//!     .wait_until_instance_running()
//!     .instance_ids(["i-bp67acfmxazb4p****"])
//!     .wait(Duration::from_secs(300));
//! match running.await {
//!     // No other call is needed to get the address.
//!     Ok(instances) => println!("running: {:?}", instances[0].public_ip_address),
//!     // The message contains the last state of each instance.
//!     Err(error) if error.is_timeout() => println!("not running yet: {error}"),
//!     Err(error) if error.kind() == ErrorKind::Waiter => println!("it will not run: {error}"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Rules
//!
//! - Any number of IDs can be given. They are polled with as few requests as the operation allows, four at a time. All pages
//!   of each are read, and resources that are done are not polled again.
//! - [`Timing`] is when to poll: by default at 0, 0.5 and 1 seconds, then at growing intervals of up to 5 seconds.
//! - States are compared without regard to letter case. A state that is neither desired nor one of failure is waited out,
//!   even if it is not documented.
//! - A resource that is not found is waited for, because lists may lag behind a creation. Once it has been seen, ten polls
//!   in a row that do not find it are a failure.
//! - A waiter for deletion is done with resources that are not found. An empty list can also mean that the permission is
//!   missing. So if a resource was never seen, a dry run checks the permission, if the operation has dry runs.
//!   [`Waited::never_seen`] lists these resources.
//! - A failed poll ends the wait unless the failure is transient.
//!
//! [`Progress`] is what a waiter tells while it waits, and [`WaitFailure`] is what it knows if it does not succeed. With
//! [`Waiter`], you can wait for anything else.

mod builder;
mod custom;
mod engine;
mod outcome;
mod progress;
mod resources;
mod timing;

pub use self::{
    builder::Waiting,
    custom::Waiter,
    engine::Status,
    outcome::{WaitFailure, Waited},
    progress::{Progress, ResourceStatus},
    timing::Timing,
};
#[doc(hidden)]
pub use self::{
    builder::{WaiterCall, all_pages, only_page, wait_until},
    resources::WaiterMeta,
};
