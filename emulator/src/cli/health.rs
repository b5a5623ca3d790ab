//! `ecs-emulator health`: asks an emulator whether it is up, for the health checks of containers.

use std::{
    env,
    io::{Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

/// Time for the connection and for each part of the response, far longer than they take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Largest response that is read, in bytes. The report of an emulator is shorter.
const MAX_RESPONSE_BYTES: u64 = 64 << 10;

/// Returns the address of an emulator that is configured by the same environment variables.
pub(crate) fn default_url() -> String {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let host = variable("ECS_EMULATOR_HOST").and_then(|hosts| hosts.split(',').next().map(str::to_owned));
    let host = match host.as_deref() {
        None | Some("0.0.0.0" | "::" | "[::]") => "127.0.0.1".to_owned(),
        Some(host) if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
        Some(host) => host.to_owned(),
    };
    let port = variable("ECS_EMULATOR_PORT").unwrap_or_else(|| "8080".to_owned());
    format!("http://{host}:{port}")
}

/// Returns an error unless the emulator at the address reports that it is up.
pub(crate) fn run(url: &str) -> Result<(), String> {
    let authority = url.strip_prefix("http://").map(|rest| rest.split('/').next().unwrap_or_default());
    let Some(authority) = authority.filter(|authority| !authority.is_empty()) else {
        return Err(format!(
            "invalid address {url:?}: expected http://HOST:PORT, which an emulator with TLS serves as well"
        ));
    };
    let status = status(authority).map_err(|error| format!("no emulator is up at {url}: {error}"))?;
    if status != "200" {
        return Err(format!("the program at {url} does not report that it is up: its status is {status:?}"));
    }
    Ok(())
}

/// Returns the status of the response.
fn status(authority: &str) -> std::io::Result<String> {
    let address = if authority.rsplit(']').next().is_some_and(|end| end.contains(':')) {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    let mut error = std::io::Error::other("the host has no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(mut stream) => {
                stream.set_read_timeout(Some(TIMEOUT))?;
                stream.set_write_timeout(Some(TIMEOUT))?;
                write!(stream, "GET /emulator/health HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n\r\n")?;
                let mut response = Vec::new();
                stream.take(MAX_RESPONSE_BYTES).read_to_end(&mut response)?;
                let response = String::from_utf8_lossy(&response);
                return Ok(response.split(' ').nth(1).unwrap_or_default().to_owned());
            }
            Err(failed) => error = failed,
        }
    }
    Err(error)
}
