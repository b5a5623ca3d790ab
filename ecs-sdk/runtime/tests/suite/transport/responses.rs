//! Response bodies: compressed, too large, and truncated.

use std::io::Write;

use ecs_sdk::{ErrorKind, transport::HttpOptions};
use flate2::{Compression, write::GzEncoder};

use crate::transport::{
    client, read,
    server::{Connection, Server},
    write,
};

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn compressed_responses_are_decompressed() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(|connection| {
        while let Some(request) = connection.request() {
            if request.header("accept-encoding") == Some("gzip") {
                connection.respond_with_headers(
                    "content-encoding: gzip\r\n",
                    gzip(br#"{"RequestId":"R","Compressed":true}"#),
                );
            } else {
                connection.respond(r#"{"RequestId":"R","Compressed":false}"#);
            }
        }
    });
    let compressed = read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    assert_eq!(compressed["Compressed"], true);
    let plain = read(&client(&server.url(), HttpOptions::new().gzip(false))).await.unwrap();
    assert_eq!(plain["Compressed"], false);
}

/// Sends a call, to which a server responds with a body in the given content coding.
async fn coded(status: &'static str, coding: &str, body: Vec<u8>) -> (ecs_sdk::Result<serde_json::Value>, usize) {
    let headers = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{coding}\r\n", body.len());
    let server = Server::start(move |connection| {
        while connection.request().is_some() {
            connection.send([headers.as_bytes(), &body].concat());
        }
    });
    let result = read(&client(&server.url(), HttpOptions::new())).await;
    (result, server.requests().len())
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn all_forms_of_gzip_are_decompressed() {
    let plain = br#"{"RequestId":"R","Compressed":true}"#;
    let once = || gzip(plain);
    for (coding, body) in [
        ("Content-Encoding: GZIP\r\n", once()),
        ("content-encoding: x-gzip\r\n", once()),
        ("content-encoding: identity, X-Gzip ,\r\n", once()),
        ("content-encoding: gzip\r\n", [once(), vec![0; 100]].concat()),
        ("content-encoding: gzip\r\n", [gzip(&plain[..5]), gzip(b""), gzip(&plain[5..]), vec![0; 3]].concat()),
        ("content-encoding: gzip, gzip\r\n", gzip(&once())),
        ("content-encoding: gzip\r\ncontent-encoding: gzip\r\n", gzip(&once())),
        ("content-encoding: identity\r\n", plain.to_vec()),
        ("content-encoding:\r\n", plain.to_vec()),
    ] {
        assert_eq!(coded("200 OK", coding, body).await.0.unwrap()["Compressed"], true, "{coding}");
    }
    let packed = gzip(br#"{"Code":"InternalError","Message":"Try again."}"#);
    let (result, requests) = coded("500 Internal Server Error", "content-encoding: X-GZIP\r\n", packed).await;
    assert_eq!((result.unwrap_err().code(), requests), (Some("InternalError"), 3));
    // Other bytes after a compressed body are an error.
    let (result, requests) = coded("200 OK", "content-encoding: gzip\r\n", [once(), b"{}".to_vec()].concat()).await;
    assert_eq!((result.unwrap_err().kind(), requests), (ErrorKind::Transport, 3));
}

/// Each member takes as long as a large one, so millions of them would block the thread.
#[cfg(feature = "gzip")]
#[tokio::test]
async fn the_number_of_gzip_members_is_limited() {
    let coding = "content-encoding: gzip\r\n";
    let members = gzip(b"").repeat(4000);
    let (result, _) =
        coded("200 OK", coding, [gzip(br#"{"RequestId":"R","Compressed":true}"#), members.clone()].concat()).await;
    assert_eq!(result.unwrap()["Compressed"], true);
    let (result, requests) = coded("200 OK", coding, members.repeat(2)).await;
    let error = result.unwrap_err();
    assert!(error.to_string().contains("compressed in more than 4096 parts"), "{error}");
    assert_eq!((error.kind(), error.is_maybe_executed(), requests), (ErrorKind::Decode, true, 1));
}

#[tokio::test]
async fn an_unsupported_content_coding_is_named() {
    let long = format!("content-encoding: {}\r\n", "x".repeat(10_000));
    for (coding, name) in [
        ("content-encoding: deflate\r\n", "deflate"),
        ("content-encoding: BR\r\n", "br"),
        ("content-encoding: zstd, gzip\r\n", "zstd"),
        (&*long, &*"x".repeat(40)),
    ] {
        let (result, requests) = coded("200 OK", coding, vec![0x8b, 0xff, 0, 7]).await;
        let error = result.unwrap_err();
        let line = format!(
            "ecs DescribeInstances failed: the response has the content coding `{name}`, which is not supported: a proxy \
             or gateway must send it uncompressed or as gzip"
        );
        assert_eq!(error.to_string(), line);
        assert_eq!((error.kind(), error.is_maybe_executed(), requests), (ErrorKind::Decode, true, 1));
        // The status decides about retries.
        let (result, requests) = coded("503 Service Unavailable", coding, vec![0x8b, 0xff, 0, 7]).await;
        let error = result.unwrap_err();
        assert!(error.to_string().contains(&format!("the response has the content coding `{name}`")), "{error}");
        assert_eq!((error.http_status(), requests), (Some(503), 3));
    }
    let three = "content-encoding: gzip, gzip, gzip\r\n";
    let line =
        if cfg!(feature = "gzip") { "3 content codings: expected at most 2" } else { "the `gzip` feature of ecs-sdk" };
    let error = coded("200 OK", three, gzip(b"{}")).await.0.unwrap_err();
    assert!(error.to_string().ends_with(line), "{error}");
}

#[tokio::test]
async fn unusual_response_headers_are_accepted() {
    let headers = "x-acs-request-id: R-1\r\nX-Acs-Request-Id: R-2\r\ndate: never\r\ndate: \r\n";
    let server = Server::start(move |connection| {
        while connection.request().is_some() {
            let binary = b"x-odd: \xff\xfe\r\nx-acs-retry-after: \xe6\r\nlocation: \xe6\r\ncontent-length: 17\r\n\r\n{\"RequestId\":\"R\"}";
            connection.send([b"HTTP/1.1 200 OK\r\n", headers.as_bytes(), binary].concat());
        }
    });
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
}

/// Each of these is an error, and none of them hangs. The timeouts of the client never elapse.
#[tokio::test]
async fn responses_that_break_the_protocol_are_errors() {
    let headers = "x: y\r\n".repeat(200);
    let many = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 2\r\n\r\n{{}}");
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 2\r\n\r\n{{}}", "y".repeat(1 << 20));
    let extension = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;{}", "x".repeat(1 << 20));
    for (response, status) in [
        ("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n", Some(101)),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 100\r\n\r\n", Some(304)),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", None),
        ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}", None),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}", None),
        ("HTTP/1.1 99 Low\r\n\r\n", None),
        ("HTTP/2.0 200 OK\r\ncontent-length: 2\r\n\r\n{}", None),
        ("SSH-2.0-OpenSSH_9.6\r\n", None),
        ("{}", None),
        (&many, None),
        (&long, None),
        (&extension, None),
    ] {
        let response = response.to_owned();
        let server = Server::start(move |connection| {
            connection.request();
            connection.send(&response);
        });
        let error = write(&client(&server.url(), HttpOptions::new())).await.unwrap_err();
        assert_eq!((error.http_status(), error.attempts(), server.requests().len()), (status, 1, 1), "{error}");
        assert!(status.is_some() || error.is_maybe_executed(), "{error}");
        assert!(error.to_string().len() < 400, "{error}");
    }
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn compressed_responses_are_not_requested() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(Connection::serve);
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    assert_eq!(server.requests()[0].header("accept-encoding"), None);
}

/// Asserts that a response of more than 1000 bytes is rejected.
async fn assert_too_large(response: Vec<u8>) {
    let server = Server::start(move |connection| {
        while connection.request().is_some() {
            connection.send(&response);
        }
    });
    let client = client(&server.url(), HttpOptions::new().max_response_size(1000));
    let error = read(&client).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: the response is larger than 1000 bytes; request smaller pages, or set \
         HttpOptions::max_response_size"
    );
    assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (ErrorKind::Decode, 1, true));
    assert_eq!(server.requests().len(), 1, "a retry would not help");
}

/// A JSON object of `size` bytes.
fn object(size: usize) -> String {
    format!(r#"{{"RequestId":"{}"}}"#, "a".repeat(size - 16))
}

#[tokio::test]
async fn responses_up_to_the_maximum_size_are_accepted() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(|connection| {
        connection.request();
        connection.respond(object(1000));
        connection.request();
        let chunks = format!("3e8\r\n{}\r\n0\r\n\r\n", object(1000));
        connection.send(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"));
        connection.request();
        let (headers, body) = if cfg!(feature = "gzip") {
            ("content-encoding: gzip\r\n", gzip(object(1000).as_bytes()))
        } else {
            ("", br#"{"RequestId":"R"}"#.to_vec())
        };
        connection.respond_with_headers(headers, body);
    });
    let client = client(&server.url(), HttpOptions::new().max_response_size(1000));
    for _ in 0..3 {
        read(&client).await.unwrap();
    }
}

#[tokio::test]
async fn a_response_with_a_too_large_content_length_is_not_read() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    // There is no body, so reading it would hang.
    assert_too_large(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n".to_vec()).await;
    assert_too_large(b"HTTP/1.1 200 OK\r\ncontent-length: 4611686018427387904\r\n\r\n".to_vec()).await;
}

#[tokio::test]
async fn a_chunked_response_is_aborted_when_it_becomes_too_large() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let chunk = format!("c8\r\n{}\r\n", "a".repeat(200));
    // The response never ends.
    assert_too_large(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(6)).into_bytes())
        .await;
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn a_compressed_response_is_aborted_when_its_content_is_too_large() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let bomb = gzip(&vec![b' '; 100_000]);
    let members = [gzip(&[b' '; 600]), gzip(&[b' '; 600])].concat();
    for (coding, packed) in [("gzip", bomb.clone()), ("GZIP", members), ("x-gzip, gzip", gzip(&bomb))] {
        assert!(packed.len() < 1000);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\n\r\n", packed.len());
        assert_too_large([head.into_bytes(), packed].concat()).await;
    }
}

/// Asserts that a read is retried after a truncated response and the end of the connection.
async fn assert_truncated_read_is_retried(response: Vec<u8>) {
    let server = Server::start(move |connection| {
        connection.request();
        if connection.number == 0 {
            connection.send(&response)
        } else {
            connection.respond(r#"{"RequestId":"R"}"#)
        };
    });
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

/// Asserts that a write fails after a truncated response, because it may have been executed.
async fn assert_truncated_write_fails(response: Vec<u8>) {
    let server = Server::start(move |connection| {
        connection.request();
        connection.send(&response);
    });
    let error = write(&client(&server.url(), HttpOptions::new())).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed(), error.attempts()), (ErrorKind::Transport, true, 1), "{error}");
    let line = error.to_string();
    assert!(line.contains("the connection broke before the response was complete (127.0.0.1:"), "{line}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_truncated_response_is_a_broken_connection() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let mut responses: Vec<&[u8]> = vec![
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"A\"",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"A\"\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\n{\"A\"",
    ];
    let packed = gzip(br#"{"A":1}"#);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len() - 6);
    let packed = [head.as_bytes(), &packed[..packed.len() - 6]].concat();
    if cfg!(feature = "gzip") {
        responses.push(&packed);
    }
    for response in responses {
        assert_truncated_read_is_retried(response.to_vec()).await;
        assert_truncated_write_fails(response.to_vec()).await;
    }
}

#[tokio::test]
async fn redirects_are_errors_and_are_not_followed() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(|connection| {
        while connection.request().is_some() {
            connection.send("HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n");
        }
    });
    // A request that was signed for one host must not be sent to another.
    let error = read(&client(&server.url(), HttpOptions::new())).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Service, Some(307)), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_user_agent_contains_the_suffix() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let server = Server::start(Connection::serve);
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    read(&client(&server.url(), HttpOptions::new().user_agent_suffix("inventory/1.2"))).await.unwrap();
    let name = concat!("ecs-sdk-rust/", env!("CARGO_PKG_VERSION"));
    let agents: Vec<_> = server.requests().iter().map(|seen| seen.header("user-agent").unwrap().to_owned()).collect();
    assert_eq!(agents, [name.to_owned(), format!("{name} inventory/1.2")]);
    for invalid in ["a\nb", "a\tb", "größe/1", "", " "] {
        let options = HttpOptions::new().user_agent_suffix(invalid);
        let error = crate::transport::builder::<ecs_sdk::Client>(&server.url()).http(options).build().unwrap_err();
        let hint = "expected printable ASCII such as `inventory/1.2`";
        assert_eq!(error.to_string(), format!("invalid HttpOptions::user_agent_suffix {invalid:?}: {hint}"));
    }
}
