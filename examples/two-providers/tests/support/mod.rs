//! A server that speaks TLS.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs, pki_types::PrivateKeyDer};

/// Its URL, and its certificate in PEM format.
pub struct Server {
    pub url: String,
    pub certificate: String,
}

impl Server {
    /// Responds to each connection with a response of DescribeRegions.
    pub fn start() -> Self {
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let mut stream = StreamOwned::new(connection, stream.unwrap());
                // A client that rejects the certificate fails here.
                if stream.read(&mut [0; 8192]).is_ok() {
                    let body = r#"{"RequestId":"R","Regions":{"Region":[{}]}}"#;
                    let head =
                        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                    stream.write_all((head + body).as_bytes()).unwrap();
                    stream.conn.send_close_notify();
                    stream.flush().unwrap();
                }
            }
        });
        Self { url, certificate: own.cert.pem() }
    }

    /// Makes a call with the SDK.
    pub async fn call(&self) -> ecs_sdk::Result<usize> {
        let client = two_providers_example::ecs(&self.url, &self.certificate)?;
        Ok(client.describe_regions().send().await?.regions.len())
    }

    /// Sends a request with reqwest.
    pub async fn get(&self) -> reqwest::Result<String> {
        let client = two_providers_example::http(&self.certificate)?;
        client.get(&self.url).send().await?.text().await
    }
}
