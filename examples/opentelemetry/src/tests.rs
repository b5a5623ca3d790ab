//! A collector on loopback receives the spans, which do not contain parameter values.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::mpsc,
};

use bytes::Bytes;
use ecs_sdk::{
    Client, Credentials,
    system::BoxFuture,
    transport::{Transport, TransportError},
};

use super::telemetry;

/// A service without instances.
#[derive(Debug)]
struct EmptyService;

impl Transport for EmptyService {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let body = Bytes::from_static(br#"{"RequestId": "R-1"}"#);
        Box::pin(async { Ok(http::Response::builder().header("x-acs-request-id", "R-1").body(body).unwrap()) })
    }
}

/// Starts a collector. Returns its URL, and the path and body of each request that it receives.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                head.push(line);
            }
            let length =
                head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
            let _ = sender.send((path, body));
        }
    });
    (url, receiver)
}

#[test]
fn spans_are_exported_without_parameter_values() {
    let (url, received) = collector();
    let (subscriber, provider) = telemetry::subscriber(&url).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let builder = Client::builder().without_environment().credentials(Credentials::new("id", "s3cret"));
        let client = builder.region("cn-hangzhou").transport(EmptyService).build().unwrap();
        runtime.block_on(client.describe_instances().instance_name("n4me").send()).unwrap();
    });
    provider.shutdown().unwrap();
    let (path, body) = received.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
    assert_eq!(path, "/v1/traces");
    // Protobuf contains strings verbatim.
    let has = |text: &str| body.windows(text.len()).any(|window| window == text.as_bytes());
    for expected in
        ["inventory", "alibabacloud.call", "alibabacloud.attempt", "DescribeInstances", "cn-hangzhou", "R-1"]
    {
        assert!(has(expected), "{expected}");
    }
    for secret in ["s3cret", "n4me"] {
        assert!(!has(secret), "{secret}");
    }
}

#[test]
fn the_guide_contains_the_compiled_code() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ecs-sdk/docs/observability.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, code) = include_str!("telemetry.rs").split_once("\n\n").unwrap();
    assert!(page.contains(code.trim()), "copy src/telemetry.rs into the page");
}
