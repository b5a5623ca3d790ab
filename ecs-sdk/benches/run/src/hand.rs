//! The hand-written client: reqwest, a signature over a map, and structs with derived implementations of serde.

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use anyhow::Result;
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use sha1::Sha1;

/// A client for one server.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    /// Creates a client with the TLS settings that the SDK has.
    pub fn new(url: &str) -> Result<Self> {
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).build()?;
        Ok(Self { http, url: url.to_owned() })
    }

    /// Calls an operation and decodes its response.
    pub async fn call<T: DeserializeOwned>(&self, parameters: &[(&str, &str)]) -> Result<T> {
        let request = self.http.post(&self.url).header("content-type", "application/x-www-form-urlencoded");
        let response = request.body(signed(parameters)?).send().await?.error_for_status()?;
        Ok(serde_json::from_slice(&response.bytes().await?)?)
    }
}

/// Encodes and signs a request as most programs do it: with a map of strings, and a string for each encoded character.
pub fn signed_plainly(parameters: &[(&str, &str)]) -> Result<String> {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)?;
    let mut all: BTreeMap<&str, String> = parameters.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    all.extend([
        ("Version", "2014-05-26".to_owned()),
        ("Format", "JSON".to_owned()),
        ("AccessKeyId", "testid".to_owned()),
        ("SignatureMethod", "HMAC-SHA1".to_owned()),
        ("SignatureVersion", "1.0".to_owned()),
        ("SignatureNonce", format!("{:x}", u128::from_be_bytes(nonce))),
        ("Timestamp", time::OffsetDateTime::from(SystemTime::now()).format(format)?),
    ]);
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
            out
        })
    };
    let pairs: Vec<String> = all.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    let body = pairs.join("&");
    let mut mac = Hmac::<Sha1>::new_from_slice(b"testsecret&")?;
    mac.update(format!("POST&%2F&{}", encoded(&body)).as_bytes());
    Ok(format!("{body}&Signature={}", encoded(&BASE64_STANDARD.encode(mac.finalize().into_bytes()))))
}

/// Encodes and signs a request with few allocations.
pub fn signed(parameters: &[(&str, &str)]) -> Result<String> {
    let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)?;
    let nonce = format!("{:x}", u128::from_be_bytes(nonce));
    let timestamp = time::OffsetDateTime::from(SystemTime::now()).format(format)?;
    let mut all: BTreeMap<&str, &str> = parameters.iter().copied().collect();
    all.extend([
        ("Version", "2014-05-26"),
        ("Format", "JSON"),
        ("AccessKeyId", "testid"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", &nonce),
        ("Timestamp", &timestamp),
    ]);
    let mut body = String::with_capacity(1024);
    for (key, value) in &all {
        if !body.is_empty() {
            body.push('&');
        }
        encode(key, &mut body);
        body.push('=');
        encode(value, &mut body);
    }
    let mut to_sign = String::with_capacity(2 * body.len());
    to_sign.push_str("POST&%2F&");
    encode(&body, &mut to_sign);
    let mut mac = Hmac::<Sha1>::new_from_slice(b"testsecret&")?;
    mac.update(to_sign.as_bytes());
    body.push_str("&Signature=");
    encode(&BASE64_STANDARD.encode(mac.finalize().into_bytes()), &mut body);
    Ok(body)
}

fn encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            byte => out.extend(['%', HEX[usize::from(byte >> 4)].into(), HEX[usize::from(byte & 15)].into()]),
        }
    }
}
