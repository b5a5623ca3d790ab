//! The program names a provider for the process when it starts.

mod support;

use support::Server;

#[tokio::test]
async fn all_clients_work_with_the_provider_of_the_process() {
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    let server = Server::start();
    assert_eq!(server.call().await.unwrap(), 1);
    assert!(server.get().await.unwrap().contains("RequestId"));
    let _ = rustls::ClientConfig::builder();
}
