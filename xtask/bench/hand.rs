//! The hand-written program that the SDK is compared with: one signed call, the response decoded by hand.

use std::{collections::BTreeMap, time::SystemTime};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:9".to_owned());
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)?;
    let parameters = BTreeMap::from([
        ("Action", "DescribeInstances".to_owned()),
        ("Version", "2014-05-26".to_owned()),
        ("Format", "JSON".to_owned()),
        ("RegionId", "cn-hangzhou".to_owned()),
        ("Status", "Running".to_owned()),
        ("AccessKeyId", "testid".to_owned()),
        ("SignatureMethod", "HMAC-SHA1".to_owned()),
        ("SignatureVersion", "1.0".to_owned()),
        ("SignatureNonce", format!("{:x}", u128::from_be_bytes(nonce))),
        ("Timestamp", time::OffsetDateTime::from(SystemTime::now()).format(format)?),
    ]);
    let pairs: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
    let body = pairs.join("&");
    let mut mac = Hmac::<Sha1>::new_from_slice(b"testsecret&")?;
    mac.update(format!("POST&%2F&{}", encode(&body)).as_bytes());
    let body = format!("{body}&Signature={}", encode(&BASE64_STANDARD.encode(mac.finalize().into_bytes())));
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(std::sync::Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).build()?;
    let request = client.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer: serde_json::Value = serde_json::from_slice(&request.send().await?.bytes().await?)?;
    for instance in answer["Instances"]["Instance"].as_array().into_iter().flatten() {
        println!("{} {}", instance["InstanceId"], instance["InstanceType"]);
    }
    Ok(())
}
