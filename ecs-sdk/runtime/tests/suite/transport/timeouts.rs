//! Slow servers: calls never hang, and the error states whether the call may have been executed.

use std::{thread, time::Duration};

use ecs_sdk::{Client, ErrorKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::transport::{
    TestSystem, builder, read,
    server::{Connection, Server},
    within, write,
};

/// Starts a server that reads a request, calls `act`, and waits until the client closes the connection. The channels
/// report when it starts to wait, and when the connection is closed.
fn server(
    act: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> (Server, UnboundedReceiver<()>, UnboundedReceiver<()>) {
    let (waiting_sender, waiting) = unbounded_channel();
    let (closed_sender, closed) = unbounded_channel();
    let server = Server::start(move |connection| {
        connection.request();
        act(connection);
        waiting_sender.send(()).unwrap_or_default();
        connection.hold();
        closed_sender.send(()).unwrap_or_default();
    });
    (server, waiting, closed)
}

/// Asserts that all attempts of a read and of a write time out.
async fn assert_times_out(act: impl Fn(&mut Connection) + Send + Sync + 'static + Copy) {
    for (attempts, retried) in [(1, false), (3, true)] {
        let (server, mut waiting, mut closed) = server(act);
        let system = TestSystem::new();
        let client: Client = builder(&server.url()).system(system.clone()).build().unwrap();
        let call = tokio::spawn(async move { if retried { read(&client).await } else { write(&client).await } });
        for _ in 0..attempts {
            within(waiting.recv()).await.unwrap();
            system.expire();
            // The connection is closed with the attempt.
            within(closed.recv()).await.unwrap();
        }
        let error = within(call).await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, true), "{error}");
        assert!(error.to_string().contains("no response within 60s"), "{error}");
        assert_eq!((error.attempts(), server.requests().len()), (attempts, attempts as usize));
    }
}

#[tokio::test]
async fn a_server_that_never_responds_causes_a_timeout() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    assert_times_out(|_| ()).await;
}

#[tokio::test]
async fn a_server_that_stops_in_the_head_causes_a_timeout() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    assert_times_out(|connection| _ = connection.send("HTTP/1.1 200 OK\r\ncontent-len")).await;
}

#[tokio::test]
async fn a_server_that_stops_in_the_body_causes_a_timeout() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    assert_times_out(|connection| _ = connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"A\":")).await;
    assert_times_out(|connection| {
        _ = connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"A\":\r\n");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_sends_single_bytes_causes_a_timeout() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    // Each byte is progress, but the timeout applies to the whole response.
    let (bytes, mut sent): (UnboundedSender<()>, _) = unbounded_channel();
    let server = Server::start(move |connection| {
        connection.request();
        connection.send("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n");
        for _ in 0..10_000 {
            if !connection.send("a") {
                return;
            }
            bytes.send(()).unwrap_or_default();
            thread::sleep(Duration::from_millis(1));
        }
    });
    let system = TestSystem::new();
    let client: Client = builder(&server.url()).system(system.clone()).build().unwrap();
    let call = tokio::spawn(async move { write(&client).await });
    for _ in 0..20 {
        within(sent.recv()).await.unwrap();
    }
    assert!(!call.is_finished());
    system.expire();
    let error = within(call).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, true), "{error}");
}

#[tokio::test]
async fn dropping_a_call_closes_its_connection() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let (server, mut waiting, mut closed) = server(|_| ());
    let client: Client = builder(&server.url()).build().unwrap();
    let call = tokio::spawn(async move { read(&client).await });
    within(waiting.recv()).await.unwrap();
    call.abort();
    within(closed.recv()).await.unwrap();
    assert!(within(call).await.unwrap_err().is_cancelled());
    assert_eq!(server.requests().len(), 1);
}

/// The TLS handshake is part of connecting, so a server that never responds to it cannot be connected to.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_hanging_tls_handshake_is_a_connect_timeout() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(Connection::hold);
    let timeouts = ecs_sdk::config::Timeouts::new().connect(Duration::from_millis(10));
    let client: Client = builder(&format!("https://{}", server.address)).timeouts(timeouts).build().unwrap();
    let error = write(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, false), "{error}");
    assert_eq!((error.attempts(), server.connections()), (3, 3), "calls that were not executed are retried: {error}");
    assert!(error.to_string().contains("connecting took too long (127.0.0.1:"), "{error}");
}

/// A listener whose queue is full ignores further connections, like a host behind a firewall.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_that_accepts_no_connections_is_a_connect_timeout() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    let connect = || tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address));
    while let Ok(connected) = connect().await {
        queue.push(connected.unwrap());
    }
    let timeouts = ecs_sdk::config::Timeouts::new().connect(Duration::from_millis(10));
    let client: Client = builder(&format!("http://{address}")).timeouts(timeouts).build().unwrap();
    let error = write(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, false), "{error}");
    assert_eq!(error.attempts(), 3, "calls that were not executed are retried: {error}");
    assert!(error.to_string().contains("connecting took too long (127.0.0.1:"), "{error}");
}
