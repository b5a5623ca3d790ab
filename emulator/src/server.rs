//! HTTP/1 around the world, on a thread and a runtime of its own, so that it serves blocking programs and is not
//! disturbed by a caller's paused clock.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::{self, JoinHandle},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::{Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{sync::watch, task::JoinSet};

use crate::{
    error::EcsError,
    http::{HttpAnswer, HttpRequest},
    world::{self, World},
};

/// Longest body that is taken.
const MAX_BODY: usize = 8 << 20;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Binds a port of the loopback interface and serves it.
    pub(crate) fn start(world: Arc<World>, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let (stop, stopped) = watch::channel(false);
        let serve = move || {
            // An error here is that of an accept loop that can't start; the caller's connections then fail.
            if let Err(error) = runtime.block_on(accept(listener, world, stopped)) {
                eprintln!("the local ECS stopped: {error}");
            }
        };
        let thread = thread::Builder::new().name("ecs-emulator".to_owned()).spawn(serve)?;
        Ok(Server { address, stop, thread: Some(thread) })
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

async fn accept(listener: TcpListener, world: Arc<World>, mut stopped: watch::Receiver<bool>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                // A connection that is gone before it is accepted is no reason to stop.
                let Ok((stream, _)) = accepted else { continue };
                let world = Arc::clone(&world);
                connections.spawn(async move {
                    let service = service_fn(move |request| respond(Arc::clone(&world), request));
                    // Errors are those of a client that went away.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        }
    }
}

async fn respond(world: Arc<World>, request: hyper::Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let request = read(request).await;
    let answer = world.answer(request);
    Ok(write(answer, &world::date(world.now())))
}

async fn read(request: hyper::Request<Incoming>) -> Result<HttpRequest, EcsError> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
        let status = if error.is::<LengthLimitError>() { 413 } else { 400 };
        EcsError::new(status, "InvalidRequest", format!("The body can't be read: {error}."))
    })?;
    let headers = head.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    HttpRequest::new(
        head.method.as_str().to_owned(),
        head.uri.path().to_owned(),
        head.uri.query().unwrap_or_default().to_owned(),
        headers.collect(),
        body.to_bytes(),
    )
}

fn write(answer: HttpAnswer, date: &str) -> Response<Full<Bytes>> {
    let mut response = Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type)
        .header(header::DATE, date);
    if let Some(id) = answer.request_id {
        response = response.header("x-acs-request-id", id);
    }
    match response.body(Full::new(Bytes::from(answer.body))) {
        Ok(response) => response,
        Err(_) => Response::new(Full::default()),
    }
}
