//! Protects the control interface and the metadata service from web pages: a browser on the machine of the emulator can
//! reach them, but must not hand their responses, or the power over them, to a page from elsewhere.
//!
//! A page can send requests from another origin (with an `Origin` header), or point a name of its own at the loopback
//! address (DNS rebinding; the `Host` header then has that name). Requests to the API need a signature and are not affected.

use std::net::IpAddr;

use http::{HeaderMap, header};

/// Address of the metadata service in the real service.
const METADATA_ADDRESS: &str = "100.100.100.200";

/// The hosts whose requests to the control interface and to the metadata service are accepted, in addition to those of the
/// loopback interface.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    /// Accepts requests to a name or an address, with or without a port.
    pub(crate) fn allow(&mut self, host: &str) {
        self.0.push(normalized(host));
    }

    /// Checks the headers of a request. A request without a `Host` header did not come from a browser.
    ///
    /// # Errors
    ///
    /// Returns the reason to reject the request.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), String> {
        if headers.contains_key(header::ORIGIN) {
            let reason = "requests from web pages are not accepted: call it from a program, without an Origin header";
            return Err(reason.to_owned());
        }
        for host in headers.get_all(header::HOST) {
            let host = String::from_utf8_lossy(host.as_bytes());
            if !self.accepts(&host) {
                return Err(format!(
                    "the host {host:?} is not accepted: use a loopback address such as 127.0.0.1, or start the emulator with \
                     --allow-host {} (Builder::allow_host)",
                    normalized(&host)
                ));
            }
        }
        Ok(())
    }

    fn accepts(&self, host: &str) -> bool {
        // The host follows the `@`. Browsers send no user names here.
        if host.contains('@') {
            return false;
        }
        let host = normalized(host);
        let loopback = match host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            // Browsers resolve `localhost` and all names below it to the loopback interface.
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        loopback || host == METADATA_ADDRESS || self.0.contains(&host)
    }
}

/// Returns a host in lower case, without a port, the brackets of an IPv6 address, and the final dot of a name.
fn normalized(host: &str) -> String {
    let host = host.trim();
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        // An IPv6 address without brackets has more than one colon and no port.
        None if host.matches(':').count() > 1 => host,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_compared_without_ports_and_letter_case() {
        let mut hosts = Hosts::default();
        hosts.allow("ECS.internal");
        hosts.allow("192.0.2.7");
        hosts.allow("2001:db8::1");
        for host in [
            "127.0.0.1",
            "127.1.2.3:80",
            "localhost",
            "LocalHost:8080",
            "localhost.",
            "ecs.localhost:80",
            "[::1]",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
            "100.100.100.200",
            "ecs.internal:8080",
            "192.0.2.7:1",
            "[2001:db8::1]:8080",
        ] {
            assert!(hosts.accepts(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "0.0.0.0",
            "[::]",
            "192.0.2.8",
            "ecs.internal.evil.example",
            "100.100.100.200.evil.example",
            "evil.example:127.0.0.1",
            "127.0.0.1:80@evil.example",
            "evil.example@127.0.0.1",
        ] {
            assert!(!hosts.accepts(host), "{host}");
        }
    }
}
