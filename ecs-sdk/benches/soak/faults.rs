//! The faults that the emulator injects.

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The faults and their probabilities. In total, they affect one of five requests.
const FAULTS: &[(&str, f64)] = &[
    ("refuse", 0.005),
    ("drop", 0.01),
    ("execute-drop", 0.02),
    ("truncate", 0.01),
    ("incomplete", 0.005),
    ("empty", 0.005),
    ("500", 0.01),
    ("execute-500", 0.01),
    ("502", 0.005),
    ("execute-502", 0.005),
    ("503", 0.01),
    ("execute-503", 0.01),
    ("gateway:302", 0.002),
    ("execute-gateway:302", 0.002),
    ("gateway:408", 0.002),
    ("execute-gateway:408", 0.002),
    ("execute-gateway:400", 0.004),
    ("throttle", 0.01),
    ("429:50", 0.01),
    ("delay:100", 0.02),
    ("delay:1000", 0.002),
    ("dribble:1", 0.002),
    // Shorter and longer than the timeout of an attempt, so that repeats find the request in progress.
    ("process:500", 0.005),
    ("process:4000", 0.002),
    ("process-drop:1500", 0.005),
    ("duplicate", 0.01),
    ("clock:7200", 0.003),
    ("clock:-7200", 0.003),
    ("echo-message", 0.002),
    ("echo-code", 0.002),
    ("echo-request-id", 0.002),
    ("echo-page", 0.002),
    ("hold", 0.0005),
    ("execute-hold", 0.0005),
    ("token-expired", 0.002),
];

/// Returns all faults, with the emulator's clock skewed by `skew_seconds`.
pub(crate) fn with_skew(seed: u64, skew_seconds: i64) -> String {
    let faults: String = FAULTS.iter().map(|(fault, probability)| format!("{fault}={probability},")).collect();
    format!("{faults}seed={seed},skew={skew_seconds}")
}

/// Sets the faults of the emulator.
pub(crate) async fn set(endpoint: &str, faults: &str) -> Result<()> {
    let address = endpoint.trim_start_matches("http://");
    // Retries, because the current faults may affect this connection too.
    for _ in 0..20 {
        let mut response = String::new();
        let mut stream = TcpStream::connect(address).await.with_context(|| format!("can't connect to {endpoint}"))?;
        let request = format!(
            "PUT /emulator/faults HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{faults}",
            faults.len()
        );
        let sent = stream.write_all(request.as_bytes()).await;
        if sent.is_ok() && stream.read_to_string(&mut response).await.is_ok() && !response.is_empty() {
            ensure!(response.starts_with("HTTP/1.1 200"), "the emulator rejected the faults {faults:?}: {response}");
            return Ok(());
        }
    }
    anyhow::bail!("the emulator closed every connection")
}
