//! Where services are.

pub mod lookup;

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
