//! Selection of the proxy for a request.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, OnceLock},
};

use url::Url;

use crate::{environment::Environment, text::contains};

/// The address of the metadata service, as seen from an instance.
const METADATA_SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200));

/// Proxies as given in options.
#[derive(Clone)]
pub(super) struct GivenProxies {
    pub(super) all: Option<String>,
    pub(super) http: Option<String>,
    pub(super) https: Option<String>,
    pub(super) except: Option<Vec<String>>,
    /// Whether proxies that are not given are read from the environment.
    pub(super) environment: bool,
}

impl Default for GivenProxies {
    fn default() -> Self {
        Self { all: None, http: None, https: None, except: None, environment: true }
    }
}

impl fmt::Debug for GivenProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // URLs may contain passwords.
        let hidden = |url: &Option<String>| url.as_ref().map(|_| "***");
        f.debug_struct("Proxies")
            .field("all", &hidden(&self.all))
            .field("http", &hidden(&self.http))
            .field("https", &hidden(&self.https))
            .field("except", &self.except)
            .field("environment", &self.environment)
            .finish()
    }
}

/// Proxies, and the hosts they are used for. The environment is read when the first request needs it.
pub(super) struct Proxies {
    given: Routes,
    environment: Option<Arc<dyn Environment>>,
    all: OnceLock<Result<Routes, String>>,
}

/// `None` where nothing was given, which the environment then fills in.
#[derive(Clone, Default)]
struct Routes {
    http: Option<Url>,
    https: Option<Url>,
    except: Option<Vec<Rule>>,
}

impl Proxies {
    /// Parses the given options. The message of an error names the option.
    pub(super) fn new(given: &GivenProxies, environment: Arc<dyn Environment>) -> Result<Self, String> {
        let url = |option: &str, given: &Option<String>| {
            given.as_ref().map(|value| parse_url(&format!("HttpOptions::{option}"), value)).transpose()
        };
        let all = url("proxy", &given.all)?;
        let rules = |hosts: &Vec<String>| {
            let rule = |host: &String| {
                Rule::parse(host).ok_or_else(|| {
                    let hint = "expected a domain, an IP address, a network such as `10.0.0.0/8`, or `*`, each with an optional port";
                    // A URL may contain a password.
                    let shown = if host.contains('@') { String::new() } else { format!(" `{host}`") };
                    format!("invalid host{shown} in HttpOptions::no_proxy: {hint}")
                })
            };
            hosts.iter().map(rule).collect()
        };
        Ok(Self {
            given: Routes {
                http: url("http_proxy", &given.http)?.or_else(|| all.clone()),
                https: url("https_proxy", &given.https)?.or(all),
                except: given.except.as_ref().map(rules).transpose()?,
            },
            environment: given.environment.then_some(environment),
            all: OnceLock::new(),
        })
    }

    /// The proxy for a URL, if any. The message of an error names the environment variable.
    pub(super) fn proxy(&self, url: &Url) -> Result<Option<&Url>, &str> {
        let host = url.host_str().unwrap_or_default();
        if never_proxied(host) {
            return Ok(None);
        }
        let routes = self.routes()?;
        let proxy = if url.scheme() == "https" { &routes.https } else { &routes.http };
        let direct = routes.except.iter().flatten().any(|rule| rule.matches(host, url.port_or_known_default()));
        Ok(proxy.as_ref().filter(|_| !direct))
    }

    /// Whether there are no proxies.
    pub(super) fn are_unused(&self) -> bool {
        self.routes().is_ok_and(|routes| routes.http.is_none() && routes.https.is_none())
    }

    fn routes(&self) -> Result<&Routes, &str> {
        self.all.get_or_init(|| self.complete()).as_ref().map_err(String::as_str)
    }

    /// The given proxies, completed from the environment.
    fn complete(&self) -> Result<Routes, String> {
        let mut routes = self.given.clone();
        let Some(environment) = &self.environment else { return Ok(routes) };
        let variable =
            |names: [&'static str; 2]| names.into_iter().find_map(|name| Some((name, environment.non_blank(name)?)));
        // In a CGI program, `HTTP_PROXY` holds the header `Proxy` of the caller.
        let http = if environment.var("REQUEST_METHOD").is_some() { "http_proxy" } else { "HTTP_PROXY" };
        let fill = |route: &mut Option<Url>, names| {
            if route.is_none()
                && let Some((name, value)) = variable(names).or_else(|| variable(["all_proxy", "ALL_PROXY"]))
            {
                *route = Some(parse_url(name, &value)?);
            }
            Ok::<(), String>(())
        };
        fill(&mut routes.http, ["http_proxy", http])?;
        fill(&mut routes.https, ["https_proxy", "HTTPS_PROXY"])?;
        if routes.except.is_none()
            && let Some((_, list)) = variable(["no_proxy", "NO_PROXY"])
        {
            // Other programs read the list too and support more kinds of entries; unknown ones are skipped.
            let hosts = list.split([',', ' ', '\t', '\r', '\n']).filter(|host| !host.is_empty());
            routes.except = Some(hosts.filter_map(Rule::parse).collect());
        }
        Ok(routes)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

/// Parses the URL of a proxy. It may contain a password, so errors show where it came from instead of its value.
fn parse_url(from: &str, value: &str) -> Result<Url, String> {
    let hint = "expected http://host:port, https://host:port, socks5://host:port or socks5h://host:port";
    let invalid = |why: &dyn fmt::Display| format!("invalid proxy URL in {from} ({why}): {hint}");
    let value = value.trim();
    let full = if contains(value, "://") { value.to_owned() } else { format!("http://{value}") };
    let url = Url::parse(&full).map_err(|error| invalid(&error))?;
    match url.scheme() {
        "http" => {}
        "https" if cfg!(any(feature = "rustls", feature = "native-tls")) => {}
        "https" => return Err(format!("{from} is an HTTPS proxy, which needs the `rustls` or `native-tls` feature")),
        "socks5" | "socks5h" if !cfg!(feature = "socks") => {
            return Err(format!("{from} is a SOCKS proxy, which needs the `socks` feature"));
        }
        "socks5" | "socks5h" => {}
        scheme => return Err(invalid(&format!("unknown scheme `{scheme}`"))),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(invalid(&"no host"));
    }
    // After one of `/?#` in a password, the first part of the password is taken for the port.
    let is_cut = url[url::Position::BeforePath..].contains('@');
    if is_cut || url.as_str().parse::<http::Uri>().is_err() {
        return Err(invalid(&"special characters must be percent-encoded"));
    }
    Ok(url)
}

/// The URL of a proxy without user and password, for error messages.
pub(super) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Whether a host is this machine or the metadata service.
fn never_proxied(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || ip(host).is_some_and(|address| address.is_loopback() || address == METADATA_SERVER)
}

fn ip(host: &str) -> Option<IpAddr> {
    let address: IpAddr = host.trim_start_matches('[').trim_end_matches(']').parse().ok()?;
    Some(address.to_canonical())
}

/// Hosts that are reached without a proxy, on one port or on all.
#[derive(Debug, Clone, PartialEq)]
struct Rule {
    hosts: Hosts,
    port: Option<u16>,
}

impl Rule {
    fn parse(entry: &str) -> Option<Self> {
        // Without a port first, because an IPv6 address has colons of its own.
        if let Some(hosts) = Hosts::parse(entry) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = entry.trim().rsplit_once(':')?;
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self { hosts: Hosts::parse(host)?, port: Some(port.parse().ok()?) })
    }

    fn matches(&self, host: &str, port: Option<u16>) -> bool {
        (self.port.is_none() || self.port == port) && self.hosts.contain(host)
    }
}

/// A host or a set of hosts.
#[derive(Debug, Clone, PartialEq)]
enum Hosts {
    All,
    /// In lower case, without a leading dot.
    Domain(String),
    Network(IpAddr, u32),
}

impl Hosts {
    fn parse(host: &str) -> Option<Self> {
        let host = host.trim();
        if host == "*" {
            return Some(Self::All);
        }
        if let Some((address, bits)) = host.split_once('/') {
            let (address, bits) = (ip(address)?, bits.parse().ok()?);
            let max_bits = if address.is_ipv4() { 32 } else { 128 };
            return (bits <= max_bits).then_some(Self::Network(address, bits));
        }
        if let Some(address) = ip(host) {
            return Some(Self::Network(address, 128));
        }
        let mut domain = host;
        while let Some(rest) = domain.strip_prefix("*.") {
            domain = rest;
        }
        let domain = domain.trim_matches('.').to_ascii_lowercase();
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || !byte.is_ascii();
        (!domain.is_empty() && domain.bytes().all(valid)).then_some(Self::Domain(domain))
    }

    fn contain(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Domain(domain) => {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
            Self::Network(network, bits) => match (network, ip(host)) {
                (IpAddr::V4(network), Some(IpAddr::V4(address))) => {
                    let differ = network.to_bits() ^ address.to_bits();
                    differ.leading_zeros() >= (*bits).min(32)
                }
                (IpAddr::V6(network), Some(IpAddr::V6(address))) => {
                    let differ = network.to_bits() ^ address.to_bits();
                    differ.leading_zeros() >= *bits
                }
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests;
