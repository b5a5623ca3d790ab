//! Addresses of regions that the tables do not know, asked of the Location service.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::Value;

use super::{Endpoints, Network, Service};
use crate::{
    call::{Call, CallOptions},
    config::Config,
    error::{Error, ErrorKind, Result},
    form::Form,
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

/// How long an answer is taken for true.
const KEPT: Duration = Duration::from_secs(3600);
/// How long nobody asks again after a failure.
const PAUSE: Duration = Duration::from_secs(60);
/// Limits of one attempt to ask, and of all.
const TIMEOUTS: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(10));

/// What the Location service said; a client asks for few regions.
#[derive(Default)]
pub(crate) struct Lookup(Mutex<Vec<Known>>);

/// An address, or none where it could not be had; and until when that holds.
#[derive(Clone)]
struct Known {
    service: &'static str,
    region: String,
    host: Option<http::Uri>,
    until: Duration,
}

impl Lookup {
    fn get(&self, service: &str, region: &str) -> Option<Known> {
        self.lock().iter().find(|known| known.service == service && known.region == region).cloned()
    }

    fn put(&self, known: Known) {
        let mut all = self.lock();
        all.retain(|other| other.service != known.service || other.region != known.region);
        all.push(known);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lookup")
    }
}

/// URL of a service: as the settings have it; for a region that they do not know, as the Location service has it, if
/// the client is to ask. When it does not know, or can't be asked, the rule holds.
pub(crate) async fn url(config: &Config, service: &'static Service) -> Result<http::Uri> {
    let by_rule = config.url(service)?;
    let Some((lookup, region)) = wanted(config, service) else { return Ok(by_rule) };
    let now = config.system().monotonic();
    if let Some(known) = lookup.get(service.name, &region).filter(|known| known.until > now) {
        return Ok(known.host.unwrap_or(by_rule));
    }
    let (host, until) = match ask(config, service, &region).await {
        Ok(host) => (Some(host), now + KEPT),
        Err(error) => {
            // Messages of services may repeat values; the kind and the code do not.
            tracing::warn!(
                target: crate::TARGET,
                service = service.name,
                region,
                kind = ?error.kind(),
                code = error.code(),
                status = error.http_status(),
                "no address by lookup, the rule holds"
            );
            (None, now + PAUSE)
        }
    };
    lookup.put(Known { service: service.name, region, host: host.clone(), until });
    Ok(host.unwrap_or(by_rule))
}

/// The lookup and the region to ask for, if there is reason to ask. The Location service knows public addresses only.
fn wanted<'c>(config: &'c Config, service: &Service) -> Option<(&'c Lookup, String)> {
    let lookup = config.lookup()?;
    let known = |region: &str| {
        let excepted = |(other, _): &(&str, &str)| *other == region;
        service.endpoints.regions.contains(&region) || service.endpoints.public_exceptions.iter().any(excepted)
    };
    let asks =
        config.network() == Network::Public && !service.endpoints.location.is_empty() && !config.has_endpoint(service);
    let region = asks.then(|| config.region()).flatten()?;
    (!known(&region)).then_some((lookup, region))
}

/// Asks for the public address of a service in a region.
async fn ask(config: &Config, service: &Service, region: &str) -> Result<http::Uri> {
    let mut form = Form::default();
    form.push("Id", region);
    form.push("ServiceCode", service.endpoints.location);
    form.push("Type", "openAPI");
    let (attempt, all) = TIMEOUTS;
    let options = CallOptions::new().attempt_timeout(attempt).operation_timeout(all);
    let call = Call::new(&LOCATION, config.clone()).options(options);
    let reply = call.start_untyped("DescribeEndpoints".to_owned(), form).await?;
    let answer: Value = serde_json::from_slice(&reply.body).map_err(|error| reply.failed(&error))?;
    let mut endpoints = answer["Endpoints"]["Endpoint"].as_array().into_iter().flatten();
    let found = endpoints.find(|endpoint| endpoint["Type"] == "openAPI" && endpoint["Id"] == region);
    let host = found.and_then(|endpoint| endpoint["Endpoint"].as_str()).filter(|host| !host.contains("://"));
    let unknown = || Error::new(ErrorKind::Service, "the Location service knows no address");
    super::parse(host.ok_or_else(unknown)?)
}
