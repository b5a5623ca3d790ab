//! The Location service, which returns the endpoints of other services. The specs do not include it.

use serde_json::{Value, json};

use crate::{
    error::{EcsError, Result},
    message::HttpRequest,
    specs::Specs,
    tally::Fidelity,
};

/// API version of the service.
pub(crate) const VERSION: &str = "2015-06-12";

/// The operation that is simulated.
pub(crate) const OPERATION: &str = "DescribeEndpoints";

/// Returns how closely the response of an operation follows the service.
pub(crate) fn fidelity(version: &str, operation: &str) -> Fidelity {
    if (version, operation) == (VERSION, OPERATION) { Fidelity::State } else { Fidelity::None }
}

/// Returns the emulator's own address as the endpoint of every service that it has specs of. `tls` is whether the address
/// accepts TLS, too.
pub(crate) fn describe_endpoints(specs: &Specs, tls: bool, request: &HttpRequest) -> Result<Value> {
    let required =
        |name: &str| request.parameter(name).filter(|value| !value.is_empty()).ok_or_else(|| EcsError::missing(name));
    let (region, service) = (required("Id")?, required("ServiceCode")?);
    // Every region ID of valid form is accepted: clients ask about regions that are newer than their own data.
    if !region.contains('-') || !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(EcsError::new(400, "InvalidRegionId", format!("The region {region:?} does not exist.")));
    }
    let known = specs.services().iter().map(|known| &known.service);
    // Not every service has a code of its own there; some clients send the name of the product.
    let mut codes = known.flat_map(|known| [&known.service, &known.product, &known.endpoints.location]);
    if !codes.any(|code| code.eq_ignore_ascii_case(service)) {
        return Err(EcsError::new(
            400,
            "Illegal Parameter",
            format!("The service {service:?} is unknown to this emulator."),
        ));
    }
    let kind = request.parameter("Type").filter(|kind| !kind.is_empty()).unwrap_or("openAPI");
    let endpoints: Vec<Value> = (kind == "openAPI")
        .then(|| {
            json!({
                "Endpoint": request.header("host").unwrap_or("127.0.0.1"),
                "Id": region,
                "Namespace": "26842",
                "Protocols": { "Protocols": if tls { &["HTTP", "HTTPS"][..] } else { &["HTTP"][..] } },
                // The service spells it like this.
                "SerivceCode": service,
                "Type": kind,
            })
        })
        .into_iter()
        .collect();
    Ok(json!({ "Endpoints": { "Endpoint": endpoints }, "Success": true }))
}
