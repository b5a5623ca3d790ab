//! Replaces the HTTP client of the SDK with a transport of a few lines over hyper-util.
//!
//! It suits programs that need only plain HTTP, for example through a sidecar that adds TLS. Compared with the default
//! transport, which is built on hyper-util too, it has no TLS, no proxies, no limits of size or time of its own, no decompression
//! and no messages that name a remedy. It does the same work for a small call: `cargo xtask bench run --only small` compares
//! them, and `BENCHMARKS.md` has the figures.
//!
//! ```text
//! cargo run -p ecs-sdk --example own_transport
//! ```
//!
//! This example runs on an emulator of its own.

use anyhow::{bail, ensure};
use bytes::Bytes;
use ecs_emulator::Emulator;
use ecs_sdk::{
    BoxFuture, Client, Credentials, ErrorKind,
    http::{Request, Response},
    transport::{Transport, TransportError},
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy, rt::TokioExecutor};

/// A transport for plain HTTP.
#[derive(Debug)]
struct Plain(legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>);

impl Transport for Plain {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let response = self.0.request(request.map(Full::new));
        Box::pin(async {
            let (head, body) = response.await.map_err(failure)?.into_parts();
            let body = body.collect().await.map_err(TransportError::interrupted)?;
            Ok(Response::from_parts(head, body.to_bytes()))
        })
    }
}

/// A connection that was never made is a reason to retry any call. After that, the service may have executed it.
fn failure(error: legacy::Error) -> TransportError {
    if error.is_connect() { TransportError::not_sent(error) } else { TransportError::interrupted(error) }
}

fn client(endpoint: &str) -> ecs_sdk::Result<Client> {
    let http = legacy::Client::builder(TokioExecutor::new()).build_http();
    let builder = Client::builder().without_environment().region("cn-hangzhou").endpoint(endpoint);
    builder.credentials(Credentials::new("testid", "testsecret")).transport(Plain(http)).build()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let emulator = Emulator::builder().start().await?;
    let regions = client(&emulator.endpoint())?.describe_regions().send().await?.regions;
    println!("{} regions through a transport of our own", regions.len());

    // Nothing listens there. Calls fail as with the default transport.
    let Err(error) = client("http://127.0.0.1:9")?.describe_regions().send().await else {
        bail!("a server responds at port 9");
    };
    ensure!(error.kind() == ErrorKind::Transport && !error.is_maybe_executed(), "{error}");
    println!("{} attempts, then: {error}", error.attempts());
    Ok(())
}
