//! The sockets that a server listens at.

use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr, TcpListener},
    task::Poll,
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use super::options::Host;

/// Attempts to find a port that is free at all addresses. Another program rarely has the port at only one of them.
const PORT_ATTEMPTS: usize = 16;

/// Connections that wait to be accepted, as most servers have it. The system may have a lower limit.
const BACKLOG: i32 = 1024;

/// Binds all hosts to one port.
///
/// # Errors
///
/// Returns an error that names the address if it cannot be bound. Its kind is that of the system's error.
pub(super) fn bind(hosts: &[Host], port: u16) -> io::Result<Vec<TcpListener>> {
    let mut attempts = 1..=PORT_ATTEMPTS;
    loop {
        match bind_all(hosts, port) {
            // The system has chosen a port at the first address that is not free at another one.
            Err(error) if port == 0 && error.kind() == io::ErrorKind::AddrInUse && attempts.next().is_some() => {}
            result => return result,
        }
    }
}

fn bind_all(hosts: &[Host], mut port: u16) -> io::Result<Vec<TcpListener>> {
    // Without IPv4 addresses in the list, `::` also accepts connections over IPv4.
    let only_v6 = hosts.iter().any(|host| host.address.is_ipv4());
    let mut listeners = Vec::new();
    for host in hosts {
        match bind_one(SocketAddr::new(host.address, port), only_v6) {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            Err(error) if host.optional && is_missing(&error) => {}
            Err(error) => {
                let address = SocketAddr::new(host.address, port);
                return Err(io::Error::new(error.kind(), format!("cannot listen at {address}: {error}")));
            }
        }
    }
    match listeners.is_empty() {
        true => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "no address to listen at: expected at least one host that this machine has",
        )),
        false => Ok(listeners),
    }
}

fn bind_one(address: SocketAddr, only_v6: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(only_v6)?;
    }
    // On Unix, a port whose earlier connections are still closing can be bound again. On Windows, the option would let two
    // servers share a port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Whether the machine does not have the address, or its whole family.
fn is_missing(error: &io::Error) -> bool {
    // The system's error for a family of addresses that it was built without: EAFNOSUPPORT of Linux, macOS and Windows.
    const UNSUPPORTED_FAMILY: [i32; 3] = [97, 47, 10047];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error.raw_os_error().is_some_and(|code| UNSUPPORTED_FAMILY.contains(&code))
}

/// Returns the address at which clients of this machine reach a listener: an unspecified address stands for all addresses.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Listeners that accept as one.
pub(super) struct Listeners {
    listeners: Vec<tokio::net::TcpListener>,
    /// The listener that is asked first, so that a busy one does not keep the others waiting.
    first: usize,
}

impl Listeners {
    pub(super) fn new(listeners: Vec<TcpListener>) -> io::Result<Self> {
        let listeners = listeners.into_iter().map(tokio::net::TcpListener::from_std).collect::<io::Result<_>>()?;
        Ok(Listeners { listeners, first: 0 })
    }

    /// Accepts a connection at any of the addresses.
    pub(super) async fn accept(&mut self) -> io::Result<TcpStream> {
        poll_fn(|context| {
            for _ in 0..self.listeners.len() {
                self.first = (self.first + 1) % self.listeners.len();
                if let Poll::Ready(accepted) = self.listeners[self.first].poll_accept(context) {
                    return Poll::Ready(accepted.map(|(stream, _)| stream));
                }
            }
            Poll::Pending
        })
        .await
    }
}
