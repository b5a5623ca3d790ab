//! Endpoints of services.

use std::net::{Ipv4Addr, Ipv6Addr};

pub use crate::error::ClassRule;
use crate::{
    error::{Error, ErrorKind, Result},
    text::{replace, split},
};

/// A service as declared in the generated source.
#[derive(Debug)]
pub struct Service {
    /// Short name.
    pub name: &'static str,
    /// API version.
    pub version: &'static str,
    /// Endpoints.
    pub endpoints: Endpoints,
    /// Error codes that have another class in this service than in general.
    pub error_classes: &'static [ClassRule],
}

/// Endpoints of a service. `{region}` in a template is replaced with the region.
#[derive(Debug)]
pub struct Endpoints {
    /// Host that serves clients without a region.
    pub default: &'static str,
    /// Template of hosts on the public network.
    pub public: &'static str,
    /// Template of hosts on the VPC network.
    pub vpc: &'static str,
    /// Regions whose public host does not follow the template, sorted.
    pub public_exceptions: &'static [(&'static str, &'static str)],
    /// Regions whose VPC host does not follow the template, sorted.
    pub vpc_exceptions: &'static [(&'static str, &'static str)],
    /// Regions in which the service is known to exist, sorted.
    pub regions: &'static [&'static str],
    /// Code of the service at the Location service; empty if it has none.
    pub location: &'static str,
}

/// Network through which services are reached. The guide is
/// [`guide::regions`](https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/regions/index.html).
///
/// ```
/// use ecs_sdk::{Client, Network};
///
/// # fn main() -> ecs_sdk::Result<()> {
/// let client = Client::builder().region("cn-hangzhou").network(Network::Vpc).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// The internet.
    #[default]
    Public,
    /// The internal network, reachable only from inside a VPC of the region.
    Vpc,
}

impl Endpoints {
    /// Host of the service. The network decides first; within it, exceptions take precedence over the template.
    pub fn host(&self, region: Option<&str>, network: Network) -> String {
        let Some(region) = region else { return self.default.to_owned() };
        let (template, exceptions) = match network {
            Network::Public => (self.public, self.public_exceptions),
            Network::Vpc => (self.vpc, self.vpc_exceptions),
        };
        match exceptions.binary_search_by(|(other, _)| (*other).cmp(region)) {
            Ok(found) => exceptions[found].1.to_owned(),
            Err(_) => replace(template, "{region}", region),
        }
    }
}

/// Parses an endpoint: a host with an optional scheme and port.
pub(crate) fn parse(endpoint: &str) -> Result<http::Uri> {
    let endpoint = endpoint.trim();
    let (scheme, rest) = split(endpoint, "://").unwrap_or(("https", endpoint));
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.trim_end_matches('/');
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address are in brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_valid = matches!(scheme.as_str(), "http" | "https")
        && is_host(host)
        && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok());
    let url = is_valid.then(|| format!("{scheme}://{authority}/").parse().ok()).flatten();
    url.ok_or_else(|| {
        let hint = "expected a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port";
        // A user, a query or a fragment may be secret.
        let shown = if endpoint.contains(['@', '?', '#']) { String::new() } else { format!(" `{endpoint}`") };
        Error::new(ErrorKind::Config, format!("invalid endpoint{shown}: {hint}"))
    })
}

/// Whether a string is an IP address or the name of a host.
pub(crate) fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        // The limits of DNS.
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let ends_with_number = name.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    name.len() <= 253 && name.split('.').all(is_label) && (!ends_with_number || name.parse::<Ipv4Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINTS: Endpoints = Endpoints {
        default: "x.aliyuncs.com",
        public: "x.{region}.aliyuncs.com",
        vpc: "x-vpc.{region}.aliyuncs.com",
        public_exceptions: &[("cn-hangzhou", "x-cn-hangzhou.aliyuncs.com"), ("cn-old", "x.aliyuncs.com")],
        vpc_exceptions: &[],
        regions: &["cn-hangzhou"],
        location: "x",
    };

    #[test]
    fn the_network_decides_before_exceptions_and_template() {
        for (region, network, host) in [
            (None, Network::Public, "x.aliyuncs.com"),
            (Some("cn-hangzhou"), Network::Public, "x-cn-hangzhou.aliyuncs.com"),
            (Some("cn-hangzhou"), Network::Vpc, "x-vpc.cn-hangzhou.aliyuncs.com"),
            (Some("xx-new-1"), Network::Public, "x.xx-new-1.aliyuncs.com"),
            (Some("xx-new-1"), Network::Vpc, "x-vpc.xx-new-1.aliyuncs.com"),
        ] {
            assert_eq!(ENDPOINTS.host(region, network), host);
        }
    }

    #[test]
    fn endpoints_are_hosts_with_an_optional_scheme_and_port() {
        let long = format!("{}.com", "a".repeat(63));
        for (endpoint, expected) in [
            ("ecs.aliyuncs.com", "https://ecs.aliyuncs.com/"),
            (" ecs.aliyuncs.com\r\n", "https://ecs.aliyuncs.com/"),
            ("HTTP://Ecs.example.com:80//", "http://Ecs.example.com:80/"),
            ("HTTPS://ecs.aliyuncs.com", "https://ecs.aliyuncs.com/"),
            ("127.0.0.1:8080", "https://127.0.0.1:8080/"),
            ("http://[::1]:8080", "http://[::1]:8080/"),
            ("[::1]", "https://[::1]/"),
            ("localhost", "https://localhost/"),
            ("my_host.1and1", "https://my_host.1and1/"),
            ("ecs.aliyuncs.com.", "https://ecs.aliyuncs.com./"),
            (&long, &format!("https://{long}/")),
        ] {
            assert_eq!(parse(endpoint).unwrap(), expected, "{endpoint}");
        }
    }

    #[test]
    fn invalid_endpoints_are_rejected() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "a.".repeat(126));
        for endpoint in [
            "",
            " ",
            "http://",
            "ecs..com",
            ".com",
            "ecs.com..",
            "-a.com",
            "a-.com",
            "a b",
            "a%20b",
            "ftp://x",
            "x/path",
            "http://x/path",
            "x:",
            "x:99999",
            "x:+80",
            "x:y",
            "::1",
            "[::1",
            "[x]",
            "1.2.3",
            "256.1.1.1",
            "1",
            "é.com",
            "x\\y",
            "https:/x",
            "http://http://x",
            &long_label,
            &long_name,
        ] {
            let error = parse(endpoint).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{endpoint}");
            let start = format!("invalid endpoint `{}`: expected a host such as", endpoint.trim());
            assert!(error.message().starts_with(&start), "{error}");
        }
    }

    #[test]
    fn errors_do_not_contain_the_secrets_of_an_endpoint() {
        for endpoint in [
            "http://user:s3cret@host",
            "user:s3cret@host",
            "s3cret@host:80",
            "http://host?token=s3cret",
            "HTTP://s3cret@",
            "https://host/#s3cret",
        ] {
            let error = parse(endpoint).unwrap_err();
            assert!(!format!("{error}{error:?}").contains("s3cret"), "{error}");
            assert!(error.message().starts_with("invalid endpoint: expected a host such as"), "{error}");
        }
    }
}
