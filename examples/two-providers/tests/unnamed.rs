//! The program names no provider for the process.

mod support;

use support::Server;
use two_providers_example::tls;

#[tokio::test]
async fn the_sdk_performs_handshakes_and_names_no_provider_for_the_process() {
    assert_eq!(Server::start().call().await.unwrap(), 1);
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[tokio::test]
async fn an_own_client_performs_handshakes() {
    assert!(Server::start().get().await.unwrap().contains("RequestId"));
}

#[test]
fn own_tls_settings_must_name_their_provider() {
    tls().unwrap();
    // This effect on others remains.
    let unnamed = std::panic::catch_unwind(|| drop(rustls::ClientConfig::builder()));
    assert!(unnamed.is_err());
}
