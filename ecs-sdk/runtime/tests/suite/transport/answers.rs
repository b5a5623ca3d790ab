//! Bodies of answers: compressed, too large, cut off.

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
async fn answers_are_unpacked() {
    let server = Server::start(|connection| {
        while let Some(request) = connection.request() {
            if request.header("accept-encoding") == Some("gzip") {
                connection.answer_with("content-encoding: gzip\r\n", gzip(br#"{"Packed":true}"#));
            } else {
                connection.answer(r#"{"Packed":false}"#);
            }
        }
    });
    let packed = read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    assert_eq!(packed["Packed"], true);
    let plain = read(&client(&server.url(), HttpOptions::new().gzip(false))).await.unwrap();
    assert_eq!(plain["Packed"], false);
}

#[cfg(not(feature = "gzip"))]
#[tokio::test]
async fn no_compressed_answer_is_asked_for() {
    let server = Server::start(Connection::serve);
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    assert_eq!(server.seen()[0].header("accept-encoding"), None);
}

/// The error of a call whose answer is more than 1000 bytes.
async fn too_large(answer: Vec<u8>) {
    let server = Server::start(move |connection| {
        while connection.request().is_some() {
            connection.send(&answer);
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
    assert_eq!(server.seen().len(), 1, "the next answer would be as large");
}

/// A JSON object of so many bytes.
fn object(size: usize) -> String {
    format!(r#"{{"A":"{}"}}"#, "a".repeat(size - 8))
}

#[tokio::test]
async fn answers_up_to_the_limit_are_taken() {
    let server = Server::start(|connection| {
        connection.request();
        connection.answer(object(1000));
        connection.request();
        let chunks = format!("3e8\r\n{}\r\n0\r\n\r\n", object(1000));
        connection.send(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"));
        connection.request();
        let (headers, body) = if cfg!(feature = "gzip") {
            ("content-encoding: gzip\r\n", gzip(object(1000).as_bytes()))
        } else {
            ("", b"{}".to_vec())
        };
        connection.answer_with(headers, body);
    });
    let client = client(&server.url(), HttpOptions::new().max_response_size(1000));
    for _ in 0..3 {
        read(&client).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_says_it_is_too_large_is_not_read() {
    // No body follows: waiting for it would hang.
    too_large(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n".to_vec()).await;
    too_large(b"HTTP/1.1 200 OK\r\ncontent-length: 4611686018427387904\r\n\r\n".to_vec()).await;
}

#[tokio::test]
async fn an_answer_that_turns_out_too_large_is_cut_off() {
    let chunk = format!("c8\r\n{}\r\n", "a".repeat(200));
    // The end never comes.
    too_large(format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(6)).into_bytes()).await;
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn an_answer_that_unpacks_to_too_much_is_cut_off() {
    let packed = gzip(&vec![b' '; 100_000]);
    assert!(packed.len() < 1000);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
    too_large([head.into_bytes(), packed].concat()).await;
}

/// What a read and a write make of an answer that ends too early, followed by the end of the connection.
async fn cut_off(answer: Vec<u8>) {
    let server = Server::start(move |connection| {
        connection.request();
        if connection.number == 0 {
            connection.send(&answer)
        } else {
            connection.answer("{}")
        };
    });
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    assert_eq!(server.seen().len(), 2);
}

async fn cut_off_write(answer: Vec<u8>) {
    let server = Server::start(move |connection| {
        connection.request();
        connection.send(&answer);
    });
    let error = write(&client(&server.url(), HttpOptions::new())).await.unwrap_err();
    assert_eq!((error.kind(), error.is_maybe_executed(), error.attempts()), (ErrorKind::Transport, true, 1), "{error}");
    let line = error.to_string();
    assert!(line.contains("the connection broke before the response was complete (127.0.0.1:"), "{line}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_broken_connection() {
    let mut answers: Vec<&[u8]> = vec![
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
        answers.push(&packed);
    }
    for answer in answers {
        cut_off(answer.to_vec()).await;
        cut_off_write(answer.to_vec()).await;
    }
}

#[tokio::test]
async fn redirects_are_errors_and_not_followed() {
    let server = Server::start(|connection| {
        while connection.request().is_some() {
            connection.send("HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n");
        }
    });
    // A request that was signed for one host must not reach another.
    let error = read(&client(&server.url(), HttpOptions::new())).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Service, Some(307)), "{error}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn the_program_names_itself() {
    let server = Server::start(Connection::serve);
    read(&client(&server.url(), HttpOptions::new())).await.unwrap();
    read(&client(&server.url(), HttpOptions::new().user_agent_suffix("inventory/1.2"))).await.unwrap();
    let name = concat!("ecs-sdk-rust/", env!("CARGO_PKG_VERSION"));
    let agents: Vec<_> = server.seen().iter().map(|seen| seen.header("user-agent").unwrap().to_owned()).collect();
    assert_eq!(agents, [name.to_owned(), format!("{name} inventory/1.2")]);
    for invalid in ["a\nb", "a\tb", "größe/1", "", " "] {
        let options = HttpOptions::new().user_agent_suffix(invalid);
        let error = crate::transport::builder::<ecs_sdk::Client>(&server.url()).http(options).build().unwrap_err();
        let hint = "expected printable ASCII such as `inventory/1.2`";
        assert_eq!(error.to_string(), format!("invalid HttpOptions::user_agent_suffix {invalid:?}: {hint}"));
    }
}
