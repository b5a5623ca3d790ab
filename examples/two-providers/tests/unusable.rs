//! Another crate names a provider for the process with which no handshake is possible.

mod support;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use support::Server;

#[tokio::test]
async fn the_sdk_does_not_use_the_provider_of_the_process() {
    let unusable = CryptoProvider { cipher_suites: Vec::new(), ..aws_lc_rs::default_provider() };
    unusable.install_default().unwrap();
    let server = Server::start();
    assert_eq!(server.call().await.unwrap(), 1);
    // A client that uses it fails.
    server.get().await.unwrap_err();
}
