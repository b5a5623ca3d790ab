//! Where services are.

use crate::error::{Error, ErrorKind, Result};

/// A service, as the generated source declares it.
#[derive(Debug)]
pub struct Service {
    /// Short name.
    pub name: &'static str,
    /// API version.
    pub version: &'static str,
    /// Addresses.
    pub endpoints: Endpoints,
}

/// Addresses of a service. `{region}` in a rule stands for the region.
#[derive(Debug)]
pub struct Endpoints {
    /// Address when there is no region.
    pub default: &'static str,
    /// Rule for the public network.
    pub public: &'static str,
    /// Rule for the VPC network.
    pub vpc: &'static str,
    /// Regions whose public address does not follow the rule, sorted.
    pub public_exceptions: &'static [(&'static str, &'static str)],
    /// Regions whose VPC address does not follow the rule, sorted.
    pub vpc_exceptions: &'static [(&'static str, &'static str)],
    /// Regions known to have an address, sorted.
    pub regions: &'static [&'static str],
    /// Code by which the Location service knows the service; empty when it does not.
    pub location: &'static str,
}

/// Network through which services are reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Network {
    /// The internet.
    #[default]
    Public,
    /// The network inside a VPC; reachable only from there.
    Vpc,
}

impl Endpoints {
    /// Host of the service. The network is chosen first, then exceptions of it, then its rule.
    pub fn host(&self, region: Option<&str>, network: Network) -> String {
        let Some(region) = region else { return self.default.to_owned() };
        let (rule, exceptions) = match network {
            Network::Public => (self.public, self.public_exceptions),
            Network::Vpc => (self.vpc, self.vpc_exceptions),
        };
        match exceptions.binary_search_by(|(other, _)| (*other).cmp(region)) {
            Ok(found) => exceptions[found].1.to_owned(),
            Err(_) => rule.replace("{region}", region),
        }
    }
}

/// Parses an endpoint: a host, or scheme and host, with or without a port.
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
        Error::new(ErrorKind::Config, format!("invalid endpoint `{endpoint}`: {hint}"))
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
    fn network_comes_before_exceptions_and_rule() {
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
