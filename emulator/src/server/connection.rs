//! One connection: plain HTTP or TLS, its requests, and its end.

use std::{
    io::{self, Write as _},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::HOST};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::timeout,
};

use super::{
    activity::Activity,
    body::{Dropped, Sent},
    options::Observer,
    stop::Stop,
};
use crate::{
    access::Access,
    control,
    error::EcsError,
    message::HttpRequest,
    outcome::{self, Outcome},
    router,
    simulation::Simulation,
};

/// Largest accepted body, in bytes. The service accepts less; the limit keeps a faulty client from exhausting memory.
const MAX_BODY_BYTES: usize = 8 << 20;

/// Number of bytes that distinguish requests for the control interface: the longest method and the path.
const CONTROL_START_BYTES: usize = "OPTIONS /emulator".len();

/// Time for the first bytes of a connection that a fault refuses: clients send them at once.
const CONTROL_WAIT: Duration = Duration::from_millis(200);

/// First byte of a TLS connection: the content type of a handshake record. No HTTP request begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// State that all connections of a server share.
pub(super) struct Shared {
    pub(super) simulation: Arc<Simulation>,
    /// Time for the handshake, for the head of a request and for its body, and between requests.
    pub(super) idle_timeout: Duration,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<tokio_rustls::TlsAcceptor>,
    pub(super) observer: Option<Observer>,
    pub(super) stop: watch::Receiver<Stop>,
}

impl Shared {
    /// Serves a connection until it is closed, idle for too long, or the server stops. A connection that a fault refuses is
    /// closed at once, unless it is for the control interface: otherwise, such a fault could not be removed.
    pub(super) async fn serve(self: Arc<Self>, stream: TcpStream, refused: bool, activity: Activity) {
        if refused && !begins_with_control(&stream).await {
            return;
        }
        // Responses are written at once, so that waiting for more bytes would only delay them.
        let _ = stream.set_nodelay(true);
        let mut first = [0];
        tokio::select! {
            () = stopping(&self.stop) => return,
            received = timeout(self.idle_timeout, stream.peek(&mut first)) => match received {
                Ok(Ok(1..)) => {}
                _ => return,
            },
        }
        if first[0] == TLS_HANDSHAKE {
            self.serve_tls(stream, activity).await;
        } else {
            self.serve_http(stream, activity).await;
        }
    }

    #[cfg(feature = "tls")]
    async fn serve_tls(self: Arc<Self>, stream: TcpStream, activity: Activity) {
        let Some(acceptor) = &self.tls else { return report_unexpected_tls() };
        // A client that does not trust the certificate ends the handshake, and reports the reason itself.
        let accepted = tokio::select! {
            () = stopping(&self.stop) => return,
            accepted = timeout(self.idle_timeout, acceptor.accept(stream)) => accepted,
        };
        if let Ok(Ok(stream)) = accepted {
            self.serve_http(stream, activity).await;
        }
    }

    #[cfg(not(feature = "tls"))]
    async fn serve_tls(self: Arc<Self>, _stream: TcpStream, _activity: Activity) {
        report_unexpected_tls();
    }

    async fn serve_http(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin, activity: Activity) {
        let service = service_fn(|request| self.respond(request, &activity));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.idle_timeout);
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
        // An error means that the client went away, or sent something else than HTTP.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stopping(&self.stop) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }

    async fn respond(&self, request: Request<Incoming>, activity: &Activity) -> Result<Response<Sent>, Dropped> {
        let in_flight = activity.begin();
        let started = Instant::now();
        let mut access = Access::new(request.method().as_str(), request.uri().path());
        let outcome = match self.read(request).await {
            Ok(request) => router::handle_observed(&self.simulation, request, &mut access),
            Err(unread) => router::handle_parsed(&self.simulation, &unread, &mut access),
        };
        let sent = match outcome {
            Outcome::Refused | Outcome::Dropped => Err(Dropped),
            Outcome::Held => {
                self.report(&mut access, started);
                // The client ends the connection, or else the server does when it stops.
                stopping(&self.stop).await;
                return Err(Dropped);
            }
            Outcome::Response(outcome::Response { http, delay, delivery }) => {
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                access.status = http.status().as_u16();
                Ok(http.map(|body| Sent::new(body, delivery, in_flight)))
            }
        };
        self.report(&mut access, started);
        sent
    }

    fn report(&self, access: &mut Access, started: Instant) {
        if let Some(observer) = &self.observer {
            access.duration = started.elapsed();
            observer(access);
        }
    }

    /// Reads the body of a request. A request whose body cannot be read knows the reason.
    async fn read(&self, request: Request<Incoming>) -> Result<Request<Bytes>, Box<HttpRequest>> {
        let (mut head, body) = request.into_parts();
        // The host of an absolute target takes the place of the header (RFC 9112, 3.2.2).
        if let Some(host) = head.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok()) {
            head.headers.insert(HOST, host);
        }
        let body = Limited::new(body, MAX_BODY_BYTES).collect();
        let error = match timeout(self.idle_timeout, body).await {
            Ok(Ok(body)) => return Ok(Request::from_parts(head, body.to_bytes())),
            Ok(Err(error)) => {
                let status = if error.is::<LengthLimitError>() { 413 } else { 400 };
                EcsError::new(status, "InvalidRequest", format!("The body cannot be read: {error}."))
            }
            Err(_) => {
                let seconds = self.idle_timeout.as_secs_f64();
                EcsError::new(408, "RequestTimeout", format!("The body did not arrive within {seconds} s."))
            }
        };
        Err(Box::new(HttpRequest::unread(head, error)))
    }
}

/// Whether a connection begins with a request to the control interface.
async fn begins_with_control(stream: &TcpStream) -> bool {
    let mut start = [0; CONTROL_START_BYTES];
    let peeked = timeout(CONTROL_WAIT, stream.peek(&mut start)).await;
    let Ok(Ok(length)) = peeked else { return false };
    let mut words = start[..length].split(|byte| *byte == b' ').skip(1);
    words.next().is_some_and(|path| path.starts_with(control::ROOT.as_bytes()))
}

/// Waits until the server stops.
async fn stopping(stop: &watch::Receiver<Stop>) {
    // An error means that the server was dropped.
    let _ = stop.clone().wait_for(|stop| *stop != Stop::No).await;
}

/// Reports once that a client uses TLS, which the client itself can only report as an invalid response.
fn report_unexpected_tls() {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    if !REPORTED.swap(true, Ordering::Relaxed) {
        let message = "a client connects with TLS, which this emulator is not configured for: start it with --tls, or give \
                       the client an endpoint that begins with http://";
        let _ = writeln!(io::stderr(), "{message}");
    }
}
