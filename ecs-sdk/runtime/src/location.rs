//! The Location service: endpoints of regions that are not in the tables.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    call::{Call, CallOptions},
    config::{Config, ResolveEndpoint},
    decode,
    endpoint::{self, Endpoints, Network, Service},
    error::{Error, ErrorKind, Result},
    form::Form,
    single_flight::Flights,
    system::BoxFuture,
};

const HOST: &str = "location-readonly.aliyuncs.com";

static LOCATION: Service = Service {
    name: "location",
    version: "2015-06-12",
    endpoints: Endpoints {
        default: HOST,
        public: HOST,
        vpc: HOST,
        public_exceptions: &[],
        vpc_exceptions: &[],
        regions: &[],
        location: "",
    },
    error_classes: &[],
};

/// Domains in which all services of Alibaba Cloud are.
const DOMAINS: [&str; 2] = [".aliyuncs.com", ".alibabacloud.com"];

/// How long an endpoint is cached. Endpoints hardly ever change.
const ENDPOINT_TTL: Duration = Duration::from_secs(3600);
/// How long a failure is cached. Calls use the derived endpoint meanwhile.
const FAILURE_TTL: Duration = Duration::from_secs(60);
/// Timeout of one attempt of a lookup. Shorter than that of calls, because a lookup delays a call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout of a lookup, with time for three attempts.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);

/// Looks up endpoints and caches them. Concurrent calls that need the same endpoint share one lookup.
#[derive(Default)]
pub(crate) struct Location {
    /// A client uses few regions, so a list is sufficient.
    entries: Mutex<Vec<Entry>>,
}

/// The result of a lookup, which is `None` if it failed, and lookups in progress.
struct Entry {
    service: &'static str,
    region: String,
    url: Option<http::Uri>,
    expires: Duration,
    lookups: Flights<Option<http::Uri>>,
}

impl Location {
    /// Calls a function with the entry of a service in a region.
    fn entry<T>(&self, service: &'static str, region: &str, with: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let found = entries.iter().position(|entry| entry.service == service && entry.region == region);
        let index = found.unwrap_or_else(|| {
            let (region, lookups) = (region.to_owned(), Flights::default());
            entries.push(Entry { service, region, url: None, expires: Duration::ZERO, lookups });
            entries.len() - 1
        });
        with(&mut entries[index])
    }

    async fn look_up(&self, config: &Config, service: &'static Service) -> Option<http::Uri> {
        let region = unknown_region(config, service)?;
        let now = config.system().monotonic();
        let found = self.entry(service.name, &region, |entry| {
            if now < entry.expires {
                return Err(entry.url.clone());
            }
            let start = || request(config.for_lookup(), service, region.clone());
            Ok(entry.lookups.join_or_start(now, start).0)
        });
        let lookup = match found {
            Ok(lookup) => lookup,
            Err(cached) => return cached,
        };
        let url = lookup.result().await.flatten();
        let ttl = if url.is_some() { ENDPOINT_TTL } else { FAILURE_TTL };
        let expires = config.system().monotonic().saturating_add(ttl);
        self.entry(service.name, &region, |entry| {
            if entry.lookups.remove(&lookup) {
                (entry.url, entry.expires) = (url.clone(), expires);
            }
        });
        url
    }
}

impl ResolveEndpoint for Location {
    fn resolve<'a>(&'a self, config: &'a Config, service: &'static Service) -> BoxFuture<'a, Option<http::Uri>> {
        Box::pin(self.look_up(config, service))
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Location")
    }
}

/// The region to look up, if it is not in the tables. The Location service returns public endpoints only.
fn unknown_region(config: &Config, service: &Service) -> Option<String> {
    let is_known = |region: &str| {
        let excepted = |(other, _): &(&str, &str)| *other == region;
        service.endpoints.regions.contains(&region) || service.endpoints.public_exceptions.iter().any(excepted)
    };
    let has_location =
        config.network() == Network::Public && !service.endpoints.location.is_empty() && !config.has_endpoint(service);
    let region = has_location.then(|| config.context().known_region()).flatten()?;
    (!is_known(region)).then(|| region.to_owned())
}

/// Looks up the public endpoint of a service in a region. Returns `None` if that fails.
fn request(config: Config, service: &'static Service, region: String) -> BoxFuture<'static, Option<http::Uri>> {
    Box::pin(async move {
        let error = match request_endpoint(&config, service, &region).await {
            Ok(url) => return Some(url),
            Err(error) => error,
        };
        // Messages of services may contain values of parameters; kind and code do not.
        tracing::warn!(
            target: crate::trace::TARGET,
            service = service.name,
            region,
            kind = ?error.kind(),
            code = error.code(),
            status = error.http_status(),
            "endpoint lookup failed, using the naming scheme of the known regions"
        );
        None
    })
}

/// Requests the public endpoint of a service in a region.
async fn request_endpoint(config: &Config, service: &Service, region: &str) -> Result<http::Uri> {
    let mut form = Form::default();
    form.push("Id", region);
    form.push("ServiceCode", service.endpoints.location);
    form.push("Type", "openAPI");
    let options = CallOptions::new().attempt_timeout(ATTEMPT_TIMEOUT).operation_timeout(OPERATION_TIMEOUT);
    let call = Call::new(&LOCATION, config.clone()).options(options);
    let reply = call.start_untyped("DescribeEndpoints".to_owned(), form).await?;
    let response = decode::value(&reply.body).map_err(|error| reply.failed(&error))?;
    let mut endpoints = response["Endpoints"]["Endpoint"].as_array().into_iter().flatten();
    let found = endpoints.find(|endpoint| endpoint["Type"] == "openAPI" && endpoint["Id"] == region);
    let host = found.and_then(|endpoint| endpoint["Endpoint"].as_str());
    let unknown = || Error::new(ErrorKind::Service, "the Location service returned no endpoint");
    let host = host.ok_or_else(unknown)?.to_ascii_lowercase();
    if !is_vendor_host(&host) {
        tracing::warn!(
            target: crate::trace::TARGET,
            service = service.name,
            region,
            "the Location service returned an endpoint outside of Alibaba Cloud's domains, which is ignored"
        );
        let message = "the Location service returned an endpoint outside of Alibaba Cloud's domains";
        return Err(Error::new(ErrorKind::Service, message));
    }
    endpoint::parse(&host)
}

/// Whether a string is the name of a host in a domain of Alibaba Cloud. Requests contain passwords and tokens, so a wrong
/// response must not send them elsewhere. Users set other hosts as the client's endpoint.
fn is_vendor_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.split('.').all(is_label) && DOMAINS.iter().any(|domain| host.ends_with(domain))
}
