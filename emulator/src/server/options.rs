//! The settings of a server.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::Duration,
};

use crate::access::Access;

/// Time after which a connection that sends nothing, or an unfinished request, is closed: longer than any client pauses
/// within a request.
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest number of open connections. It leaves room for files within the limit of 1,024 descriptors that most systems
/// have.
const DEFAULT_MAX_CONNECTIONS: usize = 900;

/// A function that receives the report of each request.
pub(crate) type Observer = Arc<dyn Fn(&Access) + Send + Sync>;

/// An address to listen at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) address: IpAddr,
    /// Whether the server starts without this address if the machine does not have it.
    pub(crate) optional: bool,
}

impl Host {
    pub(crate) fn required(address: IpAddr) -> Self {
        Host { address, optional: false }
    }

    /// Returns 127.0.0.1, and ::1 for machines that have IPv6.
    pub(crate) fn localhost() -> Vec<Self> {
        vec![Host::required(Ipv4Addr::LOCALHOST.into()), Host { address: Ipv6Addr::LOCALHOST.into(), optional: true }]
    }
}

/// The settings of a server.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) hosts: Vec<Host>,
    /// 0 chooses a free port.
    pub(crate) port: u16,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_connections: usize,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<super::tls::Tls>,
    pub(crate) observer: Option<Observer>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            hosts: vec![Host::required(Ipv4Addr::LOCALHOST.into())],
            port: 0,
            idle_timeout: DEFAULT_IDLE_TIMEOUT,
            max_connections: DEFAULT_MAX_CONNECTIONS,
            #[cfg(feature = "tls")]
            tls: None,
            observer: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("hosts", &self.hosts).field("port", &self.port).finish_non_exhaustive()
    }
}
