//! A client that puts load on an emulator: one connection, signature 1.0, as little work as possible.

use std::{
    error::Error,
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha1::Sha1;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Characters that are encoded in signed requests.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Names and values of parameters.
pub(super) type Parameters<'a> = &'a [(&'a str, &'a str)];

/// A connection.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub(super) fn connect(address: &str) -> Result<Self, Box<dyn Error>> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Client { stream: BufReader::new(stream) })
    }

    /// Calls an operation, and returns the members of the response or of the error.
    pub(super) fn call(
        &mut self,
        operation: &str,
        version: &str,
        parameters: Parameters<'_>,
    ) -> Result<Value, Box<dyn Error>> {
        let body = signed(operation, version, parameters)?;
        let request = format!(
            "POST / HTTP/1.1\r\nhost: emulator\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err("the emulator closed the connection".into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) =
                line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            {
                length = value.trim().parse().map_err(|_| format!("invalid {name}"))?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

/// Returns the form of a signed request.
fn signed(operation: &str, version: &str, parameters: Parameters<'_>) -> Result<String, Box<dyn Error>> {
    static NONCE: AtomicU64 = AtomicU64::new(0);
    let nonce = NONCE.fetch_add(1, Ordering::Relaxed).to_string();
    let timestamp = OffsetDateTime::now_utc().replace_nanosecond(0)?.format(&Rfc3339)?;
    let common = [
        ("AccessKeyId", "testid"),
        ("Action", operation),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", &nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &timestamp),
        ("Version", version),
    ];
    let mut all: Vec<(&str, &str)> = common.into_iter().chain(parameters.iter().copied()).collect();
    all.sort_unstable();
    let mut form = String::new();
    for (name, value) in all {
        let separator = if form.is_empty() { "" } else { "&" };
        write!(form, "{separator}{}={}", utf8_percent_encode(name, ENCODED), utf8_percent_encode(value, ENCODED))?;
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(b"testsecret&")?;
    mac.update(format!("POST&%2F&{}", utf8_percent_encode(&form, ENCODED)).as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    write!(form, "&Signature={}", utf8_percent_encode(&signature, ENCODED))?;
    Ok(form)
}
