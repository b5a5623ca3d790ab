//! Connections: sharing, reuse, idle timeouts, and errors when connections are refused or reset.

use std::{collections::BTreeMap, time::Duration};

use ecs_sdk::{Client, ErrorKind, transport::HttpOptions};

use crate::transport::{
    TestSystem, builder, client, read,
    server::{Connection, Server, closed},
    within, write,
};

#[test]
fn clients_can_be_cloned_and_sent_between_threads() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<Client>();
    check::<ecs_sdk::Config>();
    check::<ecs_sdk::transport::HttpClient>();
}

#[tokio::test]
async fn clones_share_connections() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(Connection::serve);
    let one = client(&server.url(), HttpOptions::new());
    let (two, other_region) = (one.clone(), one.with_region("cn-other"));
    for client in [&one, &two, &other_region, &one] {
        read(client).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests().len()), (1, 4));

    let server = Server::start(Connection::serve);
    let no_idle = client(&server.url(), HttpOptions::new().max_idle_per_host(0));
    read(&no_idle).await.unwrap();
    read(&no_idle).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the connection pool uses the real clock")]
async fn idle_connections_are_closed() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(Connection::serve);
    let client = client(&server.url(), HttpOptions::new().idle_timeout(Duration::from_millis(1)));
    read(&client).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    read(&client).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn connection_failures_are_reported_as_not_executed() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let address = closed();
    let client = client(&format!("http://{address}"), HttpOptions::new());
    let error = write(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false), "{error}");
    assert_eq!(error.attempts(), 3, "calls that were not executed are retried: {error}");
    let line = error.to_string().to_lowercase();
    let start = format!("ecs startinstance failed: cannot connect ({address}");
    assert!(line.starts_with(&start) && line.contains("refused"), "{error}");
}

/// With version 3, the URL contains all parameters.
#[tokio::test]
async fn errors_do_not_contain_the_query() {
    let resets = Server::start(|connection| {
        connection.bytes(1);
    });
    let too_large = Server::start(|connection| {
        connection.request();
        connection.respond("a".repeat(1000));
    });
    let proxy = HttpOptions::new().proxy(format!("http://{}", closed()));
    for (url, options) in [
        (format!("http://{}", closed()), HttpOptions::new()),
        ("http://ecs.invalid".to_owned(), proxy),
        (resets.url(), HttpOptions::new()),
        (too_large.url(), HttpOptions::new().max_response_size(10)),
    ] {
        let client: Client =
            builder(&url).http(options).signature_version(ecs_sdk::SignatureVersion::V3).build().unwrap();
        let call = client.call("ModifyInstanceAttribute").parameter("Password", "hunter2");
        let error = within(call.send()).await.unwrap_err();
        assert!(!format!("{error} {error:?} {client:?}").contains("hunter2"), "{error:?}");
        assert!(error.to_string().contains("failed: ") && !error.to_string().contains("Password"), "{error}");
    }
}

#[tokio::test]
async fn a_reset_is_reported_as_possibly_executed() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    for number_of_bytes in [0, 1, 100] {
        let server = Server::start(move |connection| {
            // If unread bytes remain, closing the connection resets it.
            connection.bytes(number_of_bytes);
        });
        let client = client(&server.url(), HttpOptions::new());
        let error = write(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, true), "{error}");
        assert_eq!((error.attempts(), server.connections()), (1, 1), "{error}");
        let error = read(&client).await.unwrap_err();
        assert_eq!((error.attempts(), server.connections()), (3, 4), "{error}");
    }
}

#[tokio::test]
async fn a_reset_of_a_reused_connection_is_retried_only_if_safe() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let start = || {
        Server::start(|connection| {
            connection.request();
            connection.respond(r#"{"RequestId":"R"}"#);
            if connection.number == 0 {
                connection.bytes(1);
            } else {
                connection.serve();
            }
        })
    };
    let server = start();
    let reader = client(&server.url(), HttpOptions::new());
    read(&reader).await.unwrap();
    read(&reader).await.unwrap();
    assert_eq!((server.connections(), server.requests().len()), (2, 2));

    let server = start();
    let writer = client(&server.url(), HttpOptions::new());
    read(&writer).await.unwrap();
    let error = write(&writer).await.unwrap_err();
    assert!(error.is_maybe_executed(), "{error}");
    assert_eq!((error.attempts(), server.connections()), (1, 1), "{error}");
}

/// Runs a call, and lets its attempt time out after 2 s.
///
/// In about one of ten thousand cases, hyper loses a request that is passed to a connection at the moment at which the
/// connection is closed: nothing is sent and there is no response. Without the timeout, the call would hang.
async fn with_timeout<T>(system: &TestSystem, call: impl Future<Output = T>) -> T {
    let mut call = std::pin::pin!(call);
    match tokio::time::timeout(Duration::from_secs(2), &mut call).await {
        Ok(result) => result,
        Err(_) => {
            system.expire();
            within(call).await
        }
    }
}

/// The number of executions of each call. Each call has its own instance ID.
fn executions(server: &Server) -> BTreeMap<String, u32> {
    let mut times = BTreeMap::new();
    for request in server.requests() {
        let id = request
            .body
            .split('&')
            .find(|pair| pair.starts_with("InstanceId="))
            .expect("a request has an instance ID")
            .to_owned();
        *times.entry(id).or_insert(0) += 1;
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_not_executed_twice_if_the_server_closes_idle_connections() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(|connection| {
        connection.request();
        connection.respond(r#"{"RequestId":"R"}"#);
    });
    let system = TestSystem::new();
    let client: Client = builder(&server.url()).system(system.clone()).build().unwrap();
    let mut failed = Vec::new();
    for number in 0..300 {
        let id = format!("i-{number}");
        let result = with_timeout(&system, client.call("StartInstance").parameter("InstanceId", &id).send()).await;
        if let Err(error) = result {
            // The server closed the connection while the request was being sent, so the call may have been executed.
            assert!(error.is_maybe_executed(), "{error}");
            failed.push(format!("InstanceId={id}"));
        }
    }
    let times = executions(&server);
    for number in 0..300 {
        let id = format!("InstanceId=i-{number}");
        let executed = times.get(&id).copied().unwrap_or(0);
        assert!(executed == 1 || executed == 0 && failed.contains(&id), "{id}: {executed} times");
    }
    for _ in 0..100 {
        with_timeout(&system, read(&client)).await.unwrap();
    }
}

#[test]
fn calls_succeed_if_the_runtime_does_not_run_between_them() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let (closed_sender, closed) = std::sync::mpsc::channel();
    let server = Server::start(move |connection| {
        connection.request();
        connection.respond(r#"{"RequestId":"R"}"#);
        connection.close();
        closed_sender.send(()).unwrap_or_default();
    });
    let client = client(&server.url(), HttpOptions::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..200 {
        // Between the calls, the connection is not polled. The client detects that the server closed it before it sends
        // the next request, so even a call that cannot be retried succeeds.
        runtime.block_on(write(&client)).unwrap();
        closed.recv().unwrap();
    }
    assert_eq!(server.requests().len(), 200);
}
