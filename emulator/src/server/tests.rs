use std::{
    future::Future as _,
    pin::pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
};

use super::*;
use crate::builder::Builder;

fn simulation() -> io::Result<Arc<Simulation>> {
    Builder::new().simulation()
}

/// The thread reports only when the test allows it, so a `start` that blocked would never return from `poll`.
#[test]
fn start_does_not_block_its_caller() {
    let (proceed, wait) = mpsc::channel::<()>();
    let build = move || {
        wait.recv().map_err(io::Error::other)?;
        simulation()
    };
    let mut start = pin!(Server::start(build, Options::default()));
    assert!(matches!(start.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    proceed.send(()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (_, server) = runtime.block_on(start).unwrap();
    assert!(std::net::TcpStream::connect(server.addresses[0]).is_ok());
}

#[test]
fn errors_of_the_thread_are_those_of_start() {
    let (_, server) = Server::start_blocking(simulation, Options::default()).unwrap();
    let port = server.addresses[0].port();
    let taken = Server::start_blocking(simulation, Options { port, ..Options::default() }).map(|_| ()).unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let start = Server::start(|| Err(io::Error::other("invalid specs")), Options::default());
    let error = runtime.block_on(start).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), "invalid specs");
}

#[test]
fn a_thread_that_panics_has_ended() {
    let build = || -> io::Result<Arc<Simulation>> { panic!("on purpose") };
    assert!(Server::start_blocking(build, Options::default()).is_err());
}

#[test]
fn a_start_that_is_given_up_leaves_no_server() {
    let (address, bound) = mpsc::channel();
    let report = move |result: io::Result<Started>| address.send(result.unwrap().1[0]).unwrap();
    let thread = ServerThread::spawn(simulation, Options::default(), report).unwrap();
    let address = bound.recv().unwrap();
    let mut alive = thread.end.clone();
    drop(thread);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { while alive.changed().await.is_ok() {} });
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_broken_listener_ends_the_server_with_an_error() {
    let ready = Ready::prepare(simulation, &Options::default()).unwrap();
    let listener = ready.listeners[0].try_clone().unwrap();
    // A listener of Linux that is shut down no longer accepts connections.
    socket2::SockRef::from(&listener).shutdown(std::net::Shutdown::Both).unwrap();
    let (_stop, stopped) = watch::channel(Stop::No);
    let error = ready.run(Options::default(), Arc::default(), stopped).unwrap_err().to_string();
    assert!(error.contains("cannot accept"), "{error}");
}

#[test]
fn a_server_that_is_stopped_has_ended_without_an_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_, server) = Server::start_blocking(simulation, Options::default()).unwrap();
    runtime.block_on(server.stop(Duration::from_secs(60))).unwrap();
    assert!(std::net::TcpStream::connect(server.addresses[0]).is_err());
}
