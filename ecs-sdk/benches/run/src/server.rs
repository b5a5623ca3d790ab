//! A server that reads requests and sends prepared responses, and does nothing else.

use std::sync::Arc;

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::bodies;

/// Serves on a free port of the loopback interface, whose URL is printed first, until standard input is closed.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let responses = Arc::new([bodies::small(), bodies::large()].map(|body| {
        format!(
            "HTTP/1.1 200 OK\r\ndate: Sat, 28 Nov 2026 04:30:00 GMT\r\ncontent-type: application/json;charset=utf-8\r\n\
             content-length: {}\r\nx-acs-request-id: 473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }));
    let accepting = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let responses = responses.clone();
            tokio::spawn(async move { connection(stream, &responses).await });
        }
    });
    // The end of the program that started the server.
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    Ok(accepting.await?)
}

async fn connection(mut stream: TcpStream, [small, large]: &[Vec<u8>; 2]) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::with_capacity(16 << 10);
    loop {
        received.clear();
        let end = loop {
            if stream.read_buf(&mut received).await? == 0 {
                return Ok(());
            }
            if let Some(end) = complete(&received) {
                break end;
            }
        };
        // In the body, or in a header.
        let is_large = received[..end].windows(17).any(|part| part == b"DescribeInstances");
        stream.write_all(if is_large { large } else { small }).await?;
    }
}

/// The length of a request, if it has been received.
fn complete(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let length = received[..head].split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse::<usize>().ok() } else { None }
    });
    let end = head + length.unwrap_or(0);
    (received.len() >= end).then_some(end)
}
