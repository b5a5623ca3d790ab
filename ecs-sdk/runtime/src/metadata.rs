//! Metadata of the instance that the program runs on.
//!
//! Methods return `None` for values that the instance does not have:
//!
//! ```no_run
//! use ecs_sdk::metadata;
//!
//! # async fn example() -> ecs_sdk::Result<()> {
//! let metadata = metadata::Client::new()?;
//! if let Some(id) = metadata.instance_id().await? {
//!     println!("running on {id}");
//! }
//! if let Some(ip) = metadata.get("meta-data/private-ipv4").await? {
//!     println!("reachable at {ip}");
//! }
//! # Ok(())
//! # }
//! ```

mod builder;
mod client;
mod server;

pub(crate) use self::server::Server;
pub use self::{builder::Builder, client::Client};

#[cfg(test)]
mod tests;
