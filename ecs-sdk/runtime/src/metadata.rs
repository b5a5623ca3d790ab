//! Metadata of the instance that the program runs on.
//!
//! ```no_run
//! # async fn example() -> ecs_sdk::Result<()> {
//! let metadata = ecs_sdk::metadata::Client::new()?;
//! println!("{:?} in {:?}", metadata.instance_id().await?, metadata.zone_id().await?);
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
