//! Clients that are shared by several tokio runtimes, or used outside of one.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use ecs_sdk::{
    Client, Credentials, ErrorKind,
    system::TokioSystem,
    transport::{HttpOptions, Transport, TransportError},
};
use tokio::runtime::{Builder, Runtime};

use crate::transport::{
    builder, client, read,
    server::{Connection, Server},
    write,
};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A connection is driven by the runtime that opened it, which here is idle whenever the other one is used.
#[test]
fn two_runtimes_alternate_without_waiting_for_each_other() {
    let server = Server::start(Connection::serve);
    // The timeouts of this client never elapse, so a call that waits for the other runtime would hang.
    let client = client(&server.url(), HttpOptions::new());
    let (one, two) = (runtime(), runtime());
    for _ in 0..20 {
        one.block_on(write(&client)).unwrap();
        two.block_on(write(&client)).unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (2, 40), "each runtime has its own connection");
    // Other pools do not affect the connections of a live runtime.
    for _ in 0..50 {
        runtime().block_on(write(&client)).unwrap();
    }
    one.block_on(write(&client)).unwrap();
    assert_eq!(server.connections(), 52);
}

#[test]
fn threads_with_their_own_runtimes_share_a_client() {
    let server = Server::start(Connection::serve);
    let client = client(&server.url(), HttpOptions::new());
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let runtime = runtime();
                for _ in 0..50 {
                    runtime.block_on(write(&client)).unwrap();
                }
            });
        }
    });
    assert_eq!((server.connections(), server.requests().len()), (16, 800));
}

#[test]
fn more_runtimes_than_pools_are_kept_share_a_client() {
    let server = Server::start(Connection::serve);
    let client = client(&server.url(), HttpOptions::new());
    let runtimes: Vec<Runtime> = (0..300).map(|_| runtime()).collect();
    for _ in 0..2 {
        for runtime in &runtimes {
            runtime.block_on(write(&client)).unwrap();
        }
    }
    assert_eq!(server.requests().len(), 600);
    let before = server.connections();
    runtimes[299].block_on(write(&client)).unwrap();
    assert_eq!(server.connections(), before, "the most recently used connections are kept");
}

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Connection::serve));
static CLIENT: LazyLock<Client> = LazyLock::new(|| client(&SERVER.url(), HttpOptions::new()));

/// Several tests, which run at the same time on their own runtimes, with one client.
macro_rules! tests_with_a_static_client {
    ($($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            for _ in 0..10 {
                write(&CLIENT).await.unwrap();
                tokio::spawn(write(&CLIENT)).await.unwrap().unwrap();
            }
        })*
    };
}

tests_with_a_static_client! {
    a_static_client_1 a_static_client_2 a_static_client_3 a_static_client_4
    a_static_client_5 a_static_client_6 a_static_client_7 a_static_client_8
}

/// Runs a future on the current thread, without tokio.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}

#[test]
fn calls_outside_of_a_runtime_fail_without_retries() {
    let server = Server::start(Connection::serve);
    let client: Client = builder(&server.url()).system(TokioSystem::default()).build().unwrap();
    let error = block_on(client.call("DescribeInstances").send()).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (ErrorKind::Config, 1, false), "{error}");
    let line = error.to_string();
    assert!(line.starts_with("ecs DescribeInstances failed: calls need a tokio runtime: "), "{line}");
    assert_eq!(server.connections(), 0);
    // The call may be created outside.
    let call = client.call("DescribeInstances").send();
    runtime().block_on(call).unwrap();
}

/// A transport that needs no runtime. Its first response is an error.
#[derive(Debug, Default)]
struct Script(std::sync::atomic::AtomicU32);

impl Transport for Script {
    fn send(
        &self,
        _: http::Request<bytes::Bytes>,
    ) -> ecs_sdk::system::BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        let first = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
        Box::pin(async move {
            let status = if first { 503 } else { 200 };
            Ok(http::Response::builder().status(status).body(r#"{"RequestId":"R-1"}"#.into()).unwrap())
        })
    }
}

#[test]
fn delays_before_retries_do_not_need_a_runtime() {
    let client: Client = Client::builder()
        .without_environment()
        .endpoint("http://127.0.0.1:9")
        .region("r")
        .credentials(Credentials::new("id", "secret"))
        .transport(Script::default())
        .build()
        .unwrap();
    block_on(client.call("DescribeInstances").send()).unwrap();
}

#[tokio::test]
async fn an_endless_stream_of_interim_responses_is_an_error() {
    let (heads, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(move |connection| {
        connection.request();
        let mut count = 0;
        while count < 10_000_000 && connection.send(b"HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)) {
            count += 1000;
        }
        heads.send(count).unwrap_or_default();
    });
    let client = client(&server.url(), HttpOptions::new());
    let error = read(&client).await.unwrap_err();
    let line = "ecs DescribeInstances failed: the server sent more than 100 interim responses (status 1xx)";
    assert_eq!(error.to_string(), line);
    assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (ErrorKind::Decode, 1, true));
    // The client closes the connection. The bytes that it does not read fit into the buffers of the sockets.
    let sent = crate::transport::within(sent.recv()).await.unwrap();
    assert!(sent < 1_000_000, "{sent}");
}

#[tokio::test]
async fn a_few_interim_responses_are_skipped() {
    let server = Server::start(|connection| {
        while connection.request().is_some() {
            connection.send("HTTP/1.1 100 Continue\r\n\r\n".repeat(50));
            connection.send("HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n".repeat(50));
            connection.respond(r#"{"RequestId":"R-1"}"#);
        }
    });
    let client = client(&server.url(), HttpOptions::new());
    for _ in 0..3 {
        read(&client).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}
