//! The Location service: where other services are. The specs do not have it.

use serde_json::{Value, json};

use crate::{
    error::{EcsError, Result},
    http::HttpRequest,
    specs::Specs,
};

/// API version of the service.
pub(crate) const VERSION: &str = "2015-06-12";

/// Answers that every service that is simulated is here.
pub(crate) fn call(specs: &Specs, action: &str, request: &HttpRequest) -> Result<Value> {
    if action != "DescribeEndpoints" {
        let message = format!("The API of {VERSION} has no operation {action:?} here.");
        return Err(EcsError::new(404, "InvalidAction.NotFound", message));
    }
    let required =
        |name: &str| request.parameter(name).filter(|value| !value.is_empty()).ok_or_else(|| EcsError::missing(name));
    let (region, service) = (required("Id")?, required("ServiceCode")?);
    // A region may be newer than the specs: that is why one asks.
    if !region.contains('-') || !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(EcsError::new(400, "InvalidRegionId", format!("There is no region {region:?}.")));
    }
    if !specs.services().iter().any(|known| known.service.endpoints.location == service) {
        return Err(EcsError::new(400, "Illegal Parameter", format!("There is no service {service:?} here.")));
    }
    let kind = request.parameter("Type").filter(|kind| !kind.is_empty()).unwrap_or("openAPI");
    let endpoints: Vec<Value> = (kind == "openAPI")
        .then(|| {
            json!({
                "Endpoint": request.header("host").unwrap_or("127.0.0.1"),
                "Id": region,
                "Namespace": "26842",
                "Protocols": { "Protocols": ["HTTP"] },
                // The service writes it so.
                "SerivceCode": service,
                "Type": kind,
            })
        })
        .into_iter()
        .collect();
    Ok(json!({ "Endpoints": { "Endpoint": endpoints }, "Success": true }))
}
