//! Connections: shared, reused, dropped, refused, reset.

use std::{collections::BTreeMap, time::Duration};

use ecs_sdk::{Client, ErrorKind, transport::HttpOptions};

use crate::transport::{
    Time, builder, client, read,
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
    let server = Server::start(Connection::serve);
    let one = client(&server.url(), HttpOptions::new());
    let (two, other_region) = (one.clone(), one.with_region("cn-other"));
    for client in [&one, &two, &other_region, &one] {
        read(client).await.unwrap();
    }
    assert_eq!((server.connections(), server.seen().len()), (1, 4));

    let server = Server::start(Connection::serve);
    let none_kept = client(&server.url(), HttpOptions::new().max_idle_per_host(0));
    read(&none_kept).await.unwrap();
    read(&none_kept).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the pool has a clock of its own")]
async fn idle_connections_are_dropped() {
    let server = Server::start(Connection::serve);
    let client = client(&server.url(), HttpOptions::new().idle_timeout(Duration::from_millis(1)));
    read(&client).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    read(&client).await.unwrap();
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn what_was_not_sent_is_said_so() {
    let long = format!("http://{}.invalid", "a".repeat(64));
    for (url, what) in [(format!("http://{}", closed()), "refused"), (long, "")] {
        let client = client(&url, HttpOptions::new());
        let error = write(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false), "{error}");
        assert_eq!(error.attempts(), 3, "what was not executed can be repeated: {error}");
        let host = url.trim_start_matches("http://");
        let line = error.to_string().to_lowercase();
        let start = format!("ecs startinstance failed: can't connect ({host}");
        assert!(line.starts_with(&start) && line.contains(what), "{error}");
    }
}

#[tokio::test]
async fn a_reset_may_have_come_after_execution() {
    for number_of_bytes in [0, 1, 100] {
        let server = Server::start(move |connection| {
            // Bytes that nobody reads make the end of the connection a reset.
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
async fn a_reset_of_a_reused_connection_is_repeated_only_when_that_is_safe() {
    let start = || {
        Server::start(|connection| {
            connection.request();
            connection.answer("{}");
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
    assert_eq!((server.connections(), server.seen().len()), (2, 2));

    let server = start();
    let writer = client(&server.url(), HttpOptions::new());
    read(&writer).await.unwrap();
    let error = write(&writer).await.unwrap_err();
    assert!(error.is_maybe_executed(), "{error}");
    assert_eq!((error.attempts(), server.connections()), (1, 1), "{error}");
}

/// Gives a call 2 s, and then ends the limit of its attempt.
///
/// Once in some ten thousand times hyper loses a request that is handed to a connection in the moment in which the
/// connection ends: nothing is sent, and no answer comes. The limit is what keeps the call from hanging.
async fn limited<T>(time: &Time, call: impl Future<Output = T>) -> T {
    let mut call = std::pin::pin!(call);
    match tokio::time::timeout(Duration::from_secs(2), &mut call).await {
        Ok(result) => result,
        Err(_) => {
            time.expire();
            within(call).await
        }
    }
}

/// How often each call was executed; each names an instance of its own.
fn executions(server: &Server) -> BTreeMap<String, u32> {
    let mut times = BTreeMap::new();
    for request in server.seen() {
        let id = request.body.split('&').find(|pair| pair.starts_with("InstanceId=")).expect("a parameter").to_owned();
        *times.entry(id).or_insert(0) += 1;
    }
    times
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_closes_while_idle_execute_nothing_twice() {
    let server = Server::start(|connection| {
        connection.request();
        connection.answer("{}");
    });
    let time = Time::new();
    let client: Client = builder(&server.url()).system(time.clone()).build().unwrap();
    let mut failed = Vec::new();
    for number in 0..300 {
        let id = format!("i-{number}");
        let result = limited(&time, client.call("StartInstance").parameter("InstanceId", &id).send()).await;
        if let Err(error) = result {
            // The server closed while the request was on its way: no telling.
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
        limited(&time, read(&client)).await.unwrap();
    }
}

#[test]
fn a_program_without_a_runtime_blocks() {
    let (closes, closed) = std::sync::mpsc::channel();
    let server = Server::start(move |connection| {
        connection.request();
        connection.answer("{}");
        connection.close();
        closes.send(()).unwrap_or_default();
    });
    let client = client(&server.url(), HttpOptions::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for _ in 0..200 {
        // Between the calls nobody looks at the connection. That the server closed it is seen before the next request
        // is written, so even a call that must not be repeated goes through.
        runtime.block_on(write(&client)).unwrap();
        closed.recv().unwrap();
    }
    assert_eq!(server.seen().len(), 200);
}
