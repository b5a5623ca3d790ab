//! The SDK has no effect on other clients of the same program.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use own_clients_example::{ecs, http, tls};

/// Responds to each connection with the same response, and returns the URL.
fn server(connections: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for _ in 0..connections {
            let mut stream = listener.accept().unwrap().0;
            let _ = stream.read(&mut [0; 8192]).unwrap();
            let body = r#"{"RequestId":"R","Regions":{"Region":[{}]}}"#;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all((head + body).as_bytes()).unwrap();
        }
    });
    url
}

#[tokio::test]
async fn an_own_client_works_before_and_after_a_call_of_the_sdk() {
    let url = server(3);
    let text = http().get(&url).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("RequestId"));
    let response = ecs(&url).unwrap().describe_regions().send().await.unwrap();
    assert_eq!(response.regions.len(), 1);
    http().get(&url).send().await.unwrap();
}

#[test]
fn no_provider_of_cryptography_is_installed_for_the_process() {
    let client = ecs("https://127.0.0.1:9").unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    drop(client);
    tls().unwrap();
    // It installs the only provider that the features of rustls name.
    let _ = rustls::ClientConfig::builder();
}
