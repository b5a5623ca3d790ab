//! Servers that take their time: nothing hangs, and the error says whether the call may have been executed.

use std::{thread, time::Duration};

use ecs_sdk::{Client, ErrorKind};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::transport::{
    Time, builder, read,
    server::{Connection, Server},
    within, write,
};

/// A server that reads each request, does as told, and then waits; it reports both that, and that the client closed.
fn server(
    act: impl Fn(&mut Connection) + Send + Sync + 'static,
) -> (Server, UnboundedReceiver<()>, UnboundedReceiver<()>) {
    let (waits, waiting) = unbounded_channel();
    let (closes, closed) = unbounded_channel();
    let server = Server::start(move |connection| {
        connection.request();
        act(connection);
        waits.send(()).unwrap_or_default();
        connection.hold();
        closes.send(()).unwrap_or_default();
    });
    (server, waiting, closed)
}

/// A call whose attempts all run into their limit.
async fn expires(act: impl Fn(&mut Connection) + Send + Sync + 'static + Copy) {
    for (attempts, repeated) in [(1, false), (3, true)] {
        let (server, mut waiting, mut closed) = server(act);
        let time = Time::new();
        let client: Client = builder(&server.url()).system(time.clone()).build().unwrap();
        let call = tokio::spawn(async move { if repeated { read(&client).await } else { write(&client).await } });
        for _ in 0..attempts {
            within(waiting.recv()).await.unwrap();
            time.expire();
            // The connection is given up with the attempt.
            within(closed.recv()).await.unwrap();
        }
        let error = within(call).await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, true), "{error}");
        assert!(error.to_string().contains("no response within 60s"), "{error}");
        assert_eq!((error.attempts(), server.seen().len()), (attempts, attempts as usize));
    }
}

#[tokio::test]
async fn a_server_that_never_answers() {
    expires(|_| ()).await;
}

#[tokio::test]
async fn a_server_that_stops_in_the_head() {
    expires(|connection| _ = connection.send("HTTP/1.1 200 OK\r\ncontent-len")).await;
}

#[tokio::test]
async fn a_server_that_stops_in_the_body() {
    expires(|connection| _ = connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"A\":")).await;
    expires(|connection| _ = connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"A\":\r\n"))
        .await;
}

#[tokio::test]
async fn a_server_that_sends_byte_by_byte() {
    // Each byte is progress, but the limit is that of the whole answer.
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
    let time = Time::new();
    let client: Client = builder(&server.url()).system(time.clone()).build().unwrap();
    let call = tokio::spawn(async move { write(&client).await });
    for _ in 0..20 {
        within(sent.recv()).await.unwrap();
    }
    assert!(!call.is_finished());
    time.expire();
    let error = within(call).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, true), "{error}");
}

#[tokio::test]
async fn dropping_a_call_ends_it() {
    let (server, mut waiting, mut closed) = server(|_| ());
    let client: Client = builder(&server.url()).build().unwrap();
    let call = tokio::spawn(async move { read(&client).await });
    within(waiting.recv()).await.unwrap();
    call.abort();
    within(closed.recv()).await.unwrap();
    assert!(within(call).await.unwrap_err().is_cancelled());
    assert_eq!(server.seen().len(), 1);
}

/// TLS is part of connecting, so a server that accepts and stays silent is one that can't be connected to.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_server_that_does_not_connect() {
    let server = Server::start(Connection::hold);
    let timeouts = ecs_sdk::config::Timeouts::new().connect(Duration::from_millis(10));
    let client: Client = builder(&format!("https://{}", server.address)).timeouts(timeouts).build().unwrap();
    let error = write(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Timeout, false), "{error}");
    assert_eq!((error.attempts(), server.connections()), (3, 3), "what was not executed can be repeated: {error}");
    assert!(error.to_string().contains("connecting took too long (127.0.0.1:"), "{error}");
}
