//! HTTP/1 around the world, on a thread and a runtime of its own, so that it serves blocking programs and is not
//! disturbed by a caller's paused clock.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
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
use tokio::{net::TcpStream, sync::watch, task::JoinSet, time::Sleep};

use crate::{
    error::EcsError,
    outcome::{Answered, Delivery, Outcome},
    world::World,
};

/// Longest body that is taken.
const MAX_BODY: usize = 8 << 20;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    open: Arc<AtomicUsize>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Binds a port of the loopback interface and serves it.
    pub(crate) fn start(world: Arc<World>, port: u16, idle: Option<Duration>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let open = Arc::new(AtomicUsize::new(0));
        let connections = Connections { world, idle, open: Arc::clone(&open) };
        let serve = move || {
            // An error here is that of an accept loop that can't start; the caller's connections then fail.
            if let Err(error) = runtime.block_on(connections.accept(listener, stopped)) {
                eprintln!("the local ECS stopped: {error}");
            }
        };
        let thread = thread::Builder::new().name("ecs-emulator".to_owned()).spawn(serve)?;
        Ok(Server { address, open, stop, thread: Some(thread) })
    }

    /// How many connections are open.
    pub(crate) fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Tells when it has stopped.
    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Stops it and waits until it has ended.
    pub(crate) fn stop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // The thread only ends early by a panic, which it has told about.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What all connections share.
struct Connections {
    world: Arc<World>,
    /// How long a connection may wait for its next request.
    idle: Option<Duration>,
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
                    // A connection that is gone before it is accepted is no reason to stop.
                    let Ok((stream, _)) = accepted else { continue };
                    if !self.world.refuses() {
                        connections.spawn(self.serve(stream));
                    }
                }
            }
            self.open.store(connections.len(), Ordering::Relaxed);
        }
    }

    fn serve(&self, stream: TcpStream) -> impl Future<Output = ()> + use<> {
        let (world, idle) = (Arc::clone(&self.world), self.idle);
        async move {
            let service = service_fn(move |request| respond(Arc::clone(&world), request));
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(idle);
            // Errors are those of a client that went away.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        }
    }
}

/// Why a connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed on purpose")
    }
}

impl std::error::Error for Dropped {}

async fn respond(world: Arc<World>, request: hyper::Request<Incoming>) -> Result<Response<Sent>, Dropped> {
    let outcome = match read(request).await {
        Ok(request) => world.answer(request),
        Err(error) => world.answer_read(Err(error)),
    };
    match outcome {
        Outcome::Refused | Outcome::Dropped => Err(Dropped),
        Outcome::Held => std::future::pending().await,
        Outcome::Answered(Answered { response, delay, delivery }) => {
            tokio::time::sleep(delay).await;
            Ok(response.map(|body| Sent::new(body, delivery)))
        }
    }
}

async fn read(request: hyper::Request<Incoming>) -> Result<Request<Bytes>, EcsError> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
        let status = if error.is::<LengthLimitError>() { 413 } else { 400 };
        EcsError::new(status, "InvalidRequest", format!("The body can't be read: {error}."))
    })?;
    Ok(Request::from_parts(head, body.to_bytes()))
}

/// The body of an answer, whole or not.
struct Sent {
    /// Told in the head, whether or not that much comes.
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
                // What was written before goes out while the body seems to have no more yet.
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
