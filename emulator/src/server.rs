//! The HTTP/1 server. It has its own thread and runtime, so that it also serves blocking programs and does not depend on a
//! caller's paused clock.

#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, ready},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{
    body::{Body, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{oneshot, watch},
    task::JoinSet,
    time::Sleep,
};

use crate::{
    error::EcsError,
    outcome::{self, Delivery, Outcome},
    router,
    simulation::Simulation,
};

/// Largest accepted body, in bytes. The service accepts less; the limit keeps a faulty client from exhausting memory.
const MAX_BODY_BYTES: usize = 8 << 20;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    thread: ServerThread,
}

impl Server {
    /// Starts a server on the loopback interface for the simulation that `build` creates. All work is done by the server's
    /// own thread.
    pub(crate) async fn start(
        build: impl FnOnce() -> io::Result<Arc<Simulation>> + Send + 'static,
        port: u16,
        idle_timeout: Option<Duration>,
    ) -> io::Result<(Arc<Simulation>, Self)> {
        let (report, started) = oneshot::channel();
        let thread = ServerThread::spawn(build, port, idle_timeout, |result| drop(report.send(result)))?;
        let (simulation, address) = started.await.map_err(io::Error::other)??;
        Ok((simulation, Server { address, thread }))
    }

    /// Starts a server, and blocks until it has started.
    pub(crate) fn start_blocking(
        build: impl FnOnce() -> io::Result<Arc<Simulation>> + Send + 'static,
        port: u16,
        idle_timeout: Option<Duration>,
    ) -> io::Result<(Arc<Simulation>, Self)> {
        let (report, started) = mpsc::sync_channel(1);
        let thread = ServerThread::spawn(build, port, idle_timeout, move |result| drop(report.send(result)))?;
        let (simulation, address) = started.recv().map_err(io::Error::other)??;
        Ok((simulation, Server { address, thread }))
    }

    /// Returns the number of open connections.
    pub(crate) fn connections(&self) -> usize {
        self.thread.open.load(Ordering::Relaxed)
    }

    /// Waits until the thread of the server has ended.
    pub(crate) async fn ended(&self) {
        let mut alive = self.thread.alive.clone();
        while alive.changed().await.is_ok() {}
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.thread.stop.send_replace(true);
        if let Some(thread) = self.thread.handle.take() {
            // An error is a panic, and the thread has printed it.
            let _ = thread.join();
        }
    }
}

/// The thread of a server. If it is dropped before the server has started, the thread ends by itself.
struct ServerThread {
    open: Arc<AtomicUsize>,
    stop: watch::Sender<bool>,
    /// Closed when the thread has ended.
    alive: watch::Receiver<()>,
    handle: Option<JoinHandle<()>>,
}

/// The parts of a server that has started.
type Started = (Arc<Simulation>, SocketAddr);

impl ServerThread {
    fn spawn(
        build: impl FnOnce() -> io::Result<Arc<Simulation>> + Send + 'static,
        port: u16,
        idle_timeout: Option<Duration>,
        report: impl FnOnce(io::Result<Started>) + Send + 'static,
    ) -> io::Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let (ended, alive) = watch::channel(());
        let open = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&open);
        let run = move || {
            let _ended = ended;
            let prepare = || {
                let simulation = build()?;
                let listener = TcpListener::bind(("127.0.0.1", port))?;
                listener.set_nonblocking(true)?;
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                Ok((simulation, listener.local_addr()?, listener, runtime))
            };
            match prepare() {
                Err(error) => report(Err(error)),
                Ok((simulation, address, listener, runtime)) => {
                    report(Ok((Arc::clone(&simulation), address)));
                    let connections = Connections { simulation, idle_timeout, open: counter };
                    // The accept loop fails only if it cannot start.
                    if let Err(error) = runtime.block_on(connections.accept(listener, stopped)) {
                        eprintln!("the emulator's server failed: {error}");
                    }
                }
            }
        };
        let handle = thread::Builder::new().name("ecs-emulator".to_owned()).spawn(run)?;
        Ok(ServerThread { open, stop, alive, handle: Some(handle) })
    }
}

/// State shared by all connections.
struct Connections {
    simulation: Arc<Simulation>,
    /// Time after which an idle connection is closed.
    idle_timeout: Option<Duration>,
    open: Arc<AtomicUsize>,
}

impl Connections {
    async fn accept(self, listener: TcpListener, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => {
                    // A connection that closes before it is accepted must not stop the server.
                    let Ok((stream, _)) = accepted else { continue };
                    if !self.simulation.refuses() {
                        connections.spawn(self.serve(stream));
                    }
                }
            }
            self.open.store(connections.len(), Ordering::Relaxed);
        }
    }

    fn serve(&self, stream: TcpStream) -> impl Future<Output = ()> + use<> {
        let (simulation, idle_timeout) = (Arc::clone(&self.simulation), self.idle_timeout);
        async move {
            let service = service_fn(move |request| respond(Arc::clone(&simulation), request));
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(idle_timeout);
            // An error means that the client went away.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        }
    }
}

/// The error that closes a connection without a response.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an injected fault closes the connection")
    }
}

impl std::error::Error for Dropped {}

async fn respond(simulation: Arc<Simulation>, request: hyper::Request<Incoming>) -> Result<Response<Sent>, Dropped> {
    let outcome = match read(request).await {
        Ok(request) => router::handle(&simulation, request),
        Err(error) => router::handle_parsed(&simulation, Err(error)),
    };
    match outcome {
        Outcome::Refused | Outcome::Dropped => Err(Dropped),
        Outcome::Held => std::future::pending().await,
        Outcome::Response(outcome::Response { http, delay, delivery }) => {
            tokio::time::sleep(delay).await;
            Ok(http.map(|body| Sent::new(body, delivery)))
        }
    }
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request<Bytes>, EcsError> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.map_err(|error| {
        let status = if error.is::<LengthLimitError>() { 413 } else { 400 };
        EcsError::new(status, "InvalidRequest", format!("The body cannot be read: {error}."))
    })?;
    Ok(Request::from_parts(head, body.to_bytes()))
}

/// The body of a response, complete or not.
struct Sent {
    /// Length in the header `Content-Length`, even if less is sent.
    length: u64,
    left: Bytes,
    truncated: bool,
    flushed: bool,
    pause: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Sent {
    fn new(body: Bytes, delivery: Delivery) -> Self {
        let length = body.len() as u64;
        let (left, truncated, pause) = match delivery {
            Delivery::Whole => (body, false, None),
            Delivery::Truncated => (body.slice(..body.len() / 2), true, None),
            Delivery::Dribbled(pause) => (body, false, Some(pause)),
        };
        Sent { length, left, truncated, flushed: false, pause, waiting: None }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        if self.left.is_empty() {
            if self.truncated && !std::mem::replace(&mut self.flushed, true) {
                // Yields once, so that earlier bytes are flushed.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(self.truncated.then_some(Err(Dropped)));
        }
        let Some(pause) = self.pause else {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.left)))));
        };
        ready!(self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause))).as_mut().poll(context));
        self.waiting = None;
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(1)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty() && !self.truncated
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
