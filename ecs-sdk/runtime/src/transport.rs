//! HTTP transport: how requests are sent.
//!
//! The guide is [`guide::network`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/network/index.html).
//!
//! The default transport is [`HttpClient`]. [`HttpOptions`] sets its proxies, certificates, connections and limits:
//!
//! ```
//! use ecs_sdk::{Client, transport::HttpOptions};
//!
//! # fn main() -> ecs_sdk::Result<()> {
//! let http = HttpOptions::new()
//!     .https_proxy("http://proxy.example.com:3128")
//!     .user_agent_suffix("inventory/1.2");
//! let client = Client::builder().http(http).build()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Wrapping the default transport
//!
//! Your own [`Transport`] can wrap the default one, for example to record or limit requests:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use ecs_sdk::{
//!     BoxFuture, Client,
//!     bytes::Bytes,
//!     config::Timeouts,
//!     http,
//!     transport::{HttpClient, HttpOptions, Transport, TransportError},
//! };
//!
//! /// Records the status of every response.
//! #[derive(Debug)]
//! struct Recorder {
//!     http: HttpClient,
//!     statuses: Arc<Mutex<Vec<u16>>>,
//! }
//!
//! impl Transport for Recorder {
//!     fn send(
//!         &self,
//!         request: http::Request<Bytes>,
//!     ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
//!         Box::pin(async move {
//!             let response = self.http.send(request).await?;
//!             self.statuses.lock().unwrap().push(response.status().as_u16());
//!             Ok(response)
//!         })
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = std::net::TcpListener::bind("127.0.0.1:0")?;
//! # let url = format!("http://{}", server.local_addr()?);
//! # std::thread::spawn(move || {
//! #     use std::io::{Read, Write};
//! #     let mut stream = server.accept().unwrap().0;
//! #     let _ = stream.read(&mut [0; 65536]).unwrap();
//! #     stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"RequestId\":\"R\"}").unwrap();
//! # });
//! let statuses = Arc::default();
//! let http = HttpClient::new(&HttpOptions::new(), &Timeouts::default())?;
//! let client = Client::builder().transport(Recorder { http, statuses: Arc::clone(&statuses) });
//! # let client = client.endpoint(url).credentials(ecs_sdk::Credentials::new("id", "secret")).build()?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(client.call("DescribeRegions").send())?;
//! # assert_eq!(*statuses.lock().unwrap(), [200]);
//! # Ok(())
//! # }
//! ```
//!
//! # Replacing the default transport
//!
//! In tests, a transport can return scripted responses without a network:
//!
//! ```
//! use std::{collections::VecDeque, sync::Mutex};
//!
//! use ecs_sdk::{
//!     BoxFuture, Client, Credentials,
//!     bytes::Bytes,
//!     http,
//!     transport::{Transport, TransportError},
//! };
//!
//! /// Returns prepared responses, one per request.
//! #[derive(Debug)]
//! struct Script(Mutex<VecDeque<(u16, &'static str)>>);
//!
//! impl Transport for Script {
//!     fn send(
//!         &self,
//!         _: http::Request<Bytes>,
//!     ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
//!         let next = self.0.lock().unwrap().pop_front();
//!         Box::pin(async move {
//!             let Some((status, body)) = next else {
//!                 return Err(TransportError::settings("the script has no more responses"));
//!             };
//!             let response = http::Response::builder().status(status);
//!             response
//!                 .body(Bytes::from_static(body.as_bytes()))
//!                 .map_err(TransportError::unusable)
//!         })
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let script = Script(Mutex::new(VecDeque::from([
//!     (503, r#"{"Code": "ServiceUnavailable", "Message": "Try again."}"#),
//!     (200, r#"{"RequestId": "R-1"}"#),
//! ])));
//! let client = Client::builder()
//!     .region("cn-hangzhou")
//!     .credentials(Credentials::new("id", "secret"))
//!     .transport(script)
//!     .build()?;
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let response = client.describe_regions().send().await?;
//! assert_eq!((response.request_id.as_str(), response.meta().retries()), ("R-1", 1));
//! # Ok::<(), ecs_sdk::Error>(())
//! # })?;
//! # Ok(())
//! # }
//! ```

mod coding;
mod connect;
mod contract;
mod failure;
mod http_client;
mod interim;
mod options;
mod pools;
mod proxy;
mod stream;
mod tls;

pub use self::{
    contract::{Transport, TransportError},
    http_client::HttpClient,
    options::{HttpOptions, Roots, TlsBackend},
};
