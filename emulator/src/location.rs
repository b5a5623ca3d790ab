//! The Location service, which returns the endpoints of other services. The specs do not include it.

use serde_json::{Value, json};

use crate::{
    error::{EcsError, Result},
    message::HttpRequest,
    specs::Specs,
};

/// API version of the service.
pub(crate) const VERSION: &str = "2015-06-12";

/// Returns the emulator's own address as the endpoint of every simulated service.
pub(crate) fn call(specs: &Specs, action: &str, request: &HttpRequest) -> Result<Value> {
    if action != "DescribeEndpoints" {
        return Err(EcsError::unknown_operation(VERSION, action));
    }
    let required =
        |name: &str| request.parameter(name).filter(|value| !value.is_empty()).ok_or_else(|| EcsError::missing(name));
    let (region, service) = (required("Id")?, required("ServiceCode")?);
    // Every region ID of valid form is accepted: clients ask about regions that are newer than their own data.
    if !region.contains('-') || !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(EcsError::new(400, "InvalidRegionId", format!("The region {region:?} does not exist.")));
    }
    if !specs.services().iter().any(|known| known.service.endpoints.location == service) {
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
                "Protocols": { "Protocols": ["HTTP"] },
                // The service spells it like this.
                "SerivceCode": service,
                "Type": kind,
            })
        })
        .into_iter()
        .collect();
    Ok(json!({ "Endpoints": { "Endpoint": endpoints }, "Success": true }))
}
