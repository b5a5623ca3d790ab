//! HTTP transport: [`HttpClient`] by default.
//!
//! [`HttpOptions`] sets proxies, certificates, connections and limits of the default. You can replace it with, or wrap it
//! in, your own [`Transport`]:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use bytes::Bytes;
//! use ecs_sdk::{
//!     Client,
//!     config::Timeouts,
//!     system::BoxFuture,
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
//! #     stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
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

mod contract;
#[cfg(feature = "gzip")]
mod gzip;
mod options;
mod proxy;
mod reqwest;
mod tls;

pub use self::{
    contract::{Transport, TransportError},
    options::{HttpOptions, Roots, TlsBackend},
    reqwest::HttpClient,
};
