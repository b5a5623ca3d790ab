//! The metadata client against a server on loopback.

mod common;

use common::http::{Request, Server};
use ecs_sdk::{ErrorKind, metadata::Client};

const TOKEN: &str = "x-aliyun-ecs-metadata-token";

fn value(request: &Request) -> (u16, String) {
    let (status, text) = match request.path.as_str() {
        "/latest/meta-data/instance-id" => (200, "i-1"),
        "/latest/meta-data/instance/spot/termination-time" => (404, "<html>not found"),
        "/latest/user-data" => (200, ""),
        path => panic!("{path}"),
    };
    (status, text.to_owned())
}

#[tokio::test]
async fn a_token_is_asked_for_and_shown() {
    let server = Server::start(|request| match request.method.as_str() {
        "PUT" if request.header("x-aliyun-ecs-metadata-token-ttl-seconds").is_some() => (200, "tok".to_owned()),
        "GET" if request.header(TOKEN) == Some("tok") => value(request),
        _ => (403, String::new()),
    });
    let client = Client::with_endpoint(format!("{}/", server.url)).unwrap();
    assert_eq!(client.instance_id().await.unwrap().as_deref(), Some("i-1"));
    assert_eq!(client.spot_termination_time().await.unwrap(), None);
    assert_eq!(client.get("/user-data").await.unwrap().as_deref(), Some(""));
    let seen: Vec<_> = server.seen().into_iter().map(|request| request.method + " " + &request.path).collect();
    assert_eq!(seen[..2], ["PUT /latest/api/token", "GET /latest/meta-data/instance-id"]);
}

#[tokio::test]
async fn servers_without_tokens_are_asked_without() {
    for status in [404, 405] {
        let server = Server::start(move |request| match request.header(TOKEN) {
            None if request.method == "GET" => value(request),
            _ => (status, "no such thing".to_owned()),
        });
        let client = Client::with_endpoint(&server.url).unwrap();
        assert_eq!(client.instance_id().await.unwrap().as_deref(), Some("i-1"));
    }
}

#[tokio::test]
async fn refusals_and_silence_are_errors() {
    let server = Server::start(|_| (403, "switched off".to_owned()));
    let error = Client::with_endpoint(&server.url).unwrap().instance_id().await.unwrap_err();
    assert_eq!(error.to_string(), "metadata api/token failed: switched off (HTTP 403)");
    assert_eq!(error.kind(), ErrorKind::Service);

    let server =
        Server::start(|request| if request.method == "PUT" { (200, "t".to_owned()) } else { (500, String::new()) });
    let error = Client::with_endpoint(&server.url).unwrap().instance_id().await.unwrap_err();
    assert_eq!(error.to_string(), "metadata meta-data/instance-id failed: refused (HTTP 500)");

    // A port that nobody listens on.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::with_endpoint(&url).unwrap().instance_id().await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Transport, false));
    assert!(error.to_string().starts_with(&format!("metadata api/token failed: can't connect ({url}): ")), "{error}");

    let error = Client::with_endpoint("no address").unwrap().instance_id().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
