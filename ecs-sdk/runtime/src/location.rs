//! The Location service: endpoints of regions that are not in the tables.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;

use crate::{
    call::{Call, CallOptions},
    config::{Config, ResolveEndpoint},
    endpoint::{self, Endpoints, Network, Service},
    error::{Error, ErrorKind, Result},
    form::Form,
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
};

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
    cached: Mutex<Vec<Cached>>,
    /// Held by the call that performs the lookup.
    lookup: tokio::sync::Mutex<()>,
}

/// The result of a lookup; `url` is `None` if it failed.
#[derive(Clone)]
struct Cached {
    service: &'static str,
    region: String,
    url: Option<http::Uri>,
    expires: Duration,
}

impl Location {
    /// The cached result of a lookup, unless it has expired.
    fn get(&self, service: &str, region: &str, now: Duration) -> Option<Cached> {
        let cached = self.lock();
        let found = cached.iter().find(|cached| cached.service == service && cached.region == region);
        found.filter(|cached| cached.expires > now).cloned()
    }

    fn put(&self, new: Cached) {
        let mut cached = self.lock();
        cached.retain(|old| old.service != new.service || old.region != new.region);
        cached.push(new);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Cached>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look_up(&self, config: &Config, service: &'static Service) -> Option<http::Uri> {
        let region = unknown_region(config, service)?;
        let cached = || self.get(service.name, &region, config.system().monotonic());
        if let Some(cached) = cached() {
            return cached.url;
        }
        let _lookup = self.lookup.lock().await;
        if let Some(cached) = cached() {
            return cached.url;
        }
        let (url, ttl) = match request_endpoint(config, service, &region).await {
            Ok(url) => (Some(url), ENDPOINT_TTL),
            Err(error) => {
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
                (None, FAILURE_TTL)
            }
        };
        let expires = config.system().monotonic().saturating_add(ttl);
        self.put(Cached { service: service.name, region, url: url.clone(), expires });
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
    (!is_known(&region)).then_some(region)
}

/// Requests the public endpoint of a service in a region.
async fn request_endpoint(config: &Config, service: &Service, region: &str) -> Result<http::Uri> {
    let mut form = Form::default();
    form.push("Id", region);
    form.push("ServiceCode", service.endpoints.location);
    form.push("Type", "openAPI");
    let options = CallOptions::new().attempt_timeout(ATTEMPT_TIMEOUT).operation_timeout(OPERATION_TIMEOUT);
    let call = Call::new(&LOCATION, config.without_interceptors()).options(options);
    let reply = call.start_untyped("DescribeEndpoints".to_owned(), form).await?;
    let response: Value = serde_json::from_slice(&reply.body).map_err(|error| reply.failed(&error))?;
    let mut endpoints = response["Endpoints"]["Endpoint"].as_array().into_iter().flatten();
    let found = endpoints.find(|endpoint| endpoint["Type"] == "openAPI" && endpoint["Id"] == region);
    let host = found.and_then(|endpoint| endpoint["Endpoint"].as_str()).filter(|host| !host.contains("://"));
    let unknown = || Error::new(ErrorKind::Service, "the Location service returned no endpoint");
    endpoint::parse(host.ok_or_else(unknown)?)
}
