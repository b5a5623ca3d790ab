//! The HTTP/1 server. It has its own thread and runtime, so that it also serves blocking programs and does not depend on a
//! caller's paused clock.

mod activity;
mod body;
mod connection;
mod connections;
mod listeners;
pub(crate) mod options;
mod stop;
#[cfg(test)]
mod tests;
#[cfg(feature = "tls")]
pub(crate) mod tls;

use std::{
    io::{self, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime::Runtime,
    sync::{oneshot, watch},
};

use self::{
    connection::Shared,
    connections::Connections,
    listeners::{Listeners, reachable},
    options::Options,
    stop::Stop,
};
use crate::simulation::Simulation;

/// How a server has ended.
#[derive(Debug, Clone)]
enum End {
    /// It has not.
    None,
    /// It was stopped.
    Stopped,
    /// It failed, with an error of this kind and message.
    Failed(io::ErrorKind, String),
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    /// The addresses at which clients of this machine reach it; at least one.
    pub(crate) addresses: Vec<SocketAddr>,
    thread: ServerThread,
}

impl Server {
    /// Starts a server for the simulation that `build` creates. All work is done by the server's own thread.
    pub(crate) async fn start(
        build: impl FnOnce() -> io::Result<Arc<Simulation>> + Send + 'static,
        options: Options,
    ) -> io::Result<(Arc<Simulation>, Self)> {
        let (report, started) = oneshot::channel();
        let thread = ServerThread::spawn(build, options, |result| drop(report.send(result)))?;
        let (simulation, addresses) = started.await.map_err(io::Error::other)??;
        Ok((simulation, Server { addresses, thread }))
    }

    /// Starts a server, and blocks until it has started.
    pub(crate) fn start_blocking(
        build: impl FnOnce() -> io::Result<Arc<Simulation>> + Send + 'static,
        options: Options,
    ) -> io::Result<(Arc<Simulation>, Self)> {
        let (report, started) = mpsc::sync_channel(1);
        let thread = ServerThread::spawn(build, options, move |result| drop(report.send(result)))?;
        let (simulation, addresses) = started.recv().map_err(io::Error::other)??;
        Ok((simulation, Server { addresses, thread }))
    }

    /// Returns the number of open connections.
    pub(crate) fn connections(&self) -> usize {
        self.thread.open.load(Ordering::Relaxed)
    }

    /// Stops accepting connections, finishes the requests that have arrived, but no longer than `grace`, and waits until
    /// the thread of the server has ended.
    pub(crate) async fn stop(&self, grace: Duration) -> io::Result<()> {
        self.thread.stop.send_if_modified(|stop| {
            let stops = *stop == Stop::No;
            if stops {
                *stop = Stop::Gracefully(grace);
            }
            stops
        });
        self.ended().await
    }

    /// Waits until the thread of the server has ended.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the thread, if it was not stopped.
    pub(crate) async fn ended(&self) -> io::Result<()> {
        let mut end = self.thread.end.clone();
        while end.changed().await.is_ok() {}
        match end.borrow().clone() {
            End::Stopped => Ok(()),
            End::Failed(kind, message) => Err(io::Error::new(kind, message)),
            End::None => Err(io::Error::other("the emulator's thread has panicked")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.thread.stop.send_replace(Stop::Now);
        if let Some(thread) = self.thread.handle.take() {
            // An error is a panic, and the thread has printed it.
            let _ = thread.join();
        }
    }
}

/// The thread of a server. If it is dropped before the server has started, the thread ends by itself.
struct ServerThread {
    open: Arc<AtomicUsize>,
    stop: watch::Sender<Stop>,
    /// Closed when the thread has ended.
    end: watch::Receiver<End>,
    handle: Option<JoinHandle<()>>,
}

/// The parts of a server that has started.
type Started = (Arc<Simulation>, Vec<SocketAddr>);

impl ServerThread {
    fn spawn(
        build: impl FnOnce() -> io::Result<Arc<Simulation>> + Send + 'static,
        options: Options,
        report: impl FnOnce(io::Result<Started>) + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(Stop::No);
        let (ended, end) = watch::channel(End::None);
        let open = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&open);
        let run = move || {
            let ready = match Ready::prepare(build, &options) {
                Ok(ready) => ready,
                Err(error) => return report(Err(error)),
            };
            report(Ok((Arc::clone(&ready.simulation), ready.addresses.clone())));
            ended.send_replace(match ready.run(options, counter, stopped) {
                Ok(()) => End::Stopped,
                Err(error) => {
                    let _ = writeln!(io::stderr(), "the emulator has stopped: {error}");
                    End::Failed(error.kind(), error.to_string())
                }
            });
        };
        let handle = thread::Builder::new().name("ecs-emulator".to_owned()).spawn(run)?;
        Ok(ServerThread { open, stop, end, handle: Some(handle) })
    }
}

/// A server that is ready to run.
struct Ready {
    simulation: Arc<Simulation>,
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    runtime: Runtime,
}

impl Ready {
    fn prepare(build: impl FnOnce() -> io::Result<Arc<Simulation>>, options: &Options) -> io::Result<Self> {
        // A taken port is reported before the time to build the simulation is spent.
        let listeners = listeners::bind(&options.hosts, options.port)?;
        let addresses = listeners.iter().map(|listener| listener.local_addr().map(reachable));
        let addresses = addresses.collect::<io::Result<_>>()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Ready { simulation: build()?, listeners, addresses, runtime })
    }

    fn run(self, options: Options, open: Arc<AtomicUsize>, stop: watch::Receiver<Stop>) -> io::Result<()> {
        let shared = Shared {
            simulation: self.simulation,
            idle_timeout: options.idle_timeout,
            #[cfg(feature = "tls")]
            tls: options.tls.map(tls::Tls::acceptor),
            observer: options.observer,
            stop: stop.clone(),
        };
        self.runtime.block_on(async {
            let listeners = Listeners::new(self.listeners)?;
            let connections = Connections::new(Arc::new(shared), options.max_connections, open);
            connections.run(listeners, stop).await.map_err(|error| {
                io::Error::new(error.kind(), format!("the server cannot accept connections any more: {error}"))
            })
        })
    }
}
