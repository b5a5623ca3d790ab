//! Endpoints of services.

use crate::error::{Error, ErrorKind, Result};

/// A service as declared in the generated source.
#[derive(Debug)]
pub struct Service {
    /// Short name.
    pub name: &'static str,
    /// API version.
    pub version: &'static str,
    /// Endpoints.
    pub endpoints: Endpoints,
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

/// Network through which services are reached.
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
            Err(_) => template.replace("{region}", region),
        }
    }
}

/// Parses an endpoint: a host with an optional scheme and port.
pub(crate) fn parse(endpoint: &str) -> Result<http::Uri> {
    let (scheme, host) = endpoint.split_once("://").unwrap_or(("https", endpoint));
    let host = host.trim_end_matches('/');
    let url: Option<http::Uri> = format!("{scheme}://{host}/").parse().ok();
    let valid = |url: &http::Uri| {
        let port = host.strip_prefix(url.host()?)?;
        let port_is_valid = port.is_empty() || port.strip_prefix(':')?.parse::<u16>().is_ok();
        (matches!(scheme, "http" | "https") && url.path() == "/" && url.query().is_none() && port_is_valid)
            .then_some(())
    };
    url.filter(|url| valid(url).is_some()).ok_or_else(|| {
        let hint = "expected a host such as `ecs.cn-hangzhou.aliyuncs.com`, or http(s)://host:port";
        // What precedes an `@` may be a password.
        let shown = if endpoint.contains('@') { String::new() } else { format!(" `{endpoint}`") };
        Error::new(ErrorKind::Config, format!("invalid endpoint{shown}: {hint}"))
    })
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
}
