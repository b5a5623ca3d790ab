//! Connection pools, one for each tokio runtime.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::{Builder, Client};
use tokio::runtime::{Handle, Id};

use super::{connect::Connector, contract::TransportError};

/// Maximum number of runtimes whose connections are kept. Servers with a runtime per core have as many runtimes as
/// cores. Nothing reports the end of a runtime, and its pool takes about 10 KB until it is replaced: 3 MB at most.
const MAX_POOLS: usize = 256;

pub(super) type Pool = Client<Connector, Full<Bytes>>;

/// The connections of an HTTP client. A connection is driven by a task of the runtime that opened it, so a request of
/// another runtime would wait for as long as that runtime is idle.
pub(super) struct Pools {
    builder: Builder,
    connector: Connector,
    /// The most recently used one is first.
    pools: Mutex<Vec<(Id, Pool)>>,
}

impl Pools {
    pub(super) fn new(builder: Builder, connector: Connector) -> Self {
        Self { builder, connector, pools: Mutex::default() }
    }

    /// Returns the pool of the current runtime. Returns an error outside of a runtime.
    pub(super) fn current(&self) -> Result<Pool, TransportError> {
        let Ok(runtime) = Handle::try_current() else {
            return Err(TransportError::settings(
                "calls need a tokio runtime: await them in a function with #[tokio::main] or #[tokio::test], or pass \
                 them to tokio::runtime::Runtime::block_on",
            ));
        };
        let id = runtime.id();
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        match pools.iter().position(|(other, _)| *other == id) {
            Some(position) => pools[..=position].rotate_right(1),
            None => pools.insert(0, (id, self.builder.build(self.connector.clone()))),
        }
        // Requests that are being sent hold their pool, so dropping it closes idle connections only.
        let kept = pools.len().min(MAX_POOLS);
        let removed = pools.split_off(kept);
        let pool = pools[0].1.clone();
        drop(pools);
        drop(removed);
        Ok(pool)
    }
}
