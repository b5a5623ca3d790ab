//! Routes a request to the API, to the metadata service or to the control interface, and applies faults.

use bytes::Bytes;
use time::{Duration, OffsetDateTime};

use crate::{
    access::Access,
    auth::{Caller, v3},
    clock, control, dispatch,
    error::{EcsError, Result},
    faults::{Fault, METADATA},
    injection, location,
    message::{HttpRequest, HttpResponse},
    metadata,
    outcome::Outcome,
    request::Request,
    response::{self, Format},
    simulation::{Inner, Simulation},
};

/// Host in responses to requests that name none.
const DEFAULT_HOST: &str = "127.0.0.1";

/// Handles a request.
pub(crate) fn handle(simulation: &Simulation, request: http::Request<Bytes>) -> Outcome {
    handle_observed(simulation, request, &mut Access::new("", ""))
}

/// Handles a request, and adds to a report what is known about it.
pub(crate) fn handle_observed(simulation: &Simulation, request: http::Request<Bytes>, access: &mut Access) -> Outcome {
    handle_parsed(simulation, Ok(HttpRequest::new(request)), access)
}

/// Handles a request, or responds with the error of receiving it.
pub(crate) fn handle_parsed(simulation: &Simulation, request: Result<HttpRequest>, access: &mut Access) -> Outcome {
    if let Ok(request) = &request
        && request.path.starts_with("/emulator")
    {
        let response = control::respond(simulation, request);
        return injection::deliver(Fault::None, Some(response.into_http(&clock::http_date(simulation.now()))));
    }
    let mut inner = simulation.lock();
    let now = simulation.now();
    let mut fault = Fault::None;
    let response = match request {
        Ok(request) if request.path.starts_with("/latest") => {
            fault = inner.plan.draw(METADATA);
            let Inner { metadata, accounts, keys, .. } = &mut *inner;
            let state = accounts.home();
            let response = fault.executes().then(|| metadata::respond(metadata, state, keys, &request, now));
            injection::replace(fault, response, &request, Format::JSON, DEFAULT_HOST, "")
        }
        Ok(request) if request.path == "/" => respond(simulation, &mut inner, &request, now, &mut fault, access),
        Ok(request) => Some(HttpResponse::text(404, format!("nothing is at {}; the API is at /\n", request.path))),
        Err(error) => Some(response::failure(Format::JSON, &error, DEFAULT_HOST, &inner.ids.uuid())),
    };
    access.fault = fault;
    let date = clock::http_date(now + inner.plan.skew(fault));
    injection::deliver(fault, response.map(|response| response.into_http(&date)))
}

/// Responds to a request to the API, unless a fault prevents it, and logs it.
fn respond(
    simulation: &Simulation,
    inner: &mut Inner,
    request: &HttpRequest,
    now: OffsetDateTime,
    fault: &mut Fault,
    access: &mut Access,
) -> Option<HttpResponse> {
    let request_id = inner.ids.uuid();
    let acs3 = v3::applies(request);
    let name = |parameter: &str, header: &str| {
        let value = if acs3 { request.header(header) } else { request.parameter(parameter) };
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let (action, version) = (name("Action", "x-acs-action"), name("Version", "x-acs-version"));
    let operation = action.clone().unwrap_or_default();
    *fault = inner.plan.draw(&operation);
    let format = Format::of(request, acs3, simulation.specs, version.as_deref());
    let host = request.header("host").unwrap_or(DEFAULT_HOST);
    let skew = inner.plan.skew(*fault);
    let mut executed = false;
    let mut deliver = || {
        let result = call(simulation, inner, request, action.as_deref(), version.as_deref(), now, skew);
        executed |= result.as_ref().is_ok_and(|success| success.executed);
        match result {
            Ok(success) => response::success(format, &operation, success.members, &request_id),
            Err(error) => response::failure(format, &error, host, &request_id),
        }
    };
    let mut response = fault.executes().then(&mut deliver);
    if *fault == Fault::Duplicate {
        response = Some(deliver());
    }
    if executed && let Some(token) = request.parameter("ClientToken") {
        inner.accounts.home().tokens.process(&operation, token, now + fault.processing());
    }
    let response = injection::replace(*fault, response, request, format, host, &request_id);
    let sent = response.as_ref().filter(|_| injection::sends_response(*fault));
    access.operation.clone_from(&operation);
    access.region = request.parameter("RegionId").unwrap_or_default().to_owned();
    access.code = sent.and_then(|response| response.code.clone());
    access.request_id.clone_from(&request_id);
    inner.log(Request {
        operation,
        version: version.unwrap_or_default(),
        parameters: request.parameters().clone(),
        method: request.method.clone(),
        query: request.query.clone(),
        body: String::from_utf8_lossy(&request.body).into_owned(),
        headers: request.headers.clone(),
        status: sent.map_or(0, |response| response.status),
        code: sent.and_then(|response| response.code.clone()),
        request_id,
        executed,
        fault: *fault,
    });
    response
}

/// Authenticates a request to the API and executes its operation.
fn call(
    simulation: &Simulation,
    inner: &mut Inner,
    request: &HttpRequest,
    action: Option<&str>,
    version: Option<&str>,
    now: OffsetDateTime,
    skew: Duration,
) -> Result<dispatch::Success> {
    if let Some(error) = request.malformed() {
        return Err(error.clone());
    }
    if request.method != "POST" && request.method != "GET" {
        let message = format!("The method {} is not supported; use POST or GET.", request.method);
        return Err(EcsError::new(405, "UnsupportedHTTPMethod", message));
    }
    let action = action.ok_or_else(|| EcsError::missing("Action"))?;
    let version = version.ok_or_else(|| EcsError::missing("Version"))?;
    if version != location::VERSION && simulation.specs.version(version).next().is_none() {
        let message = format!("This emulator has no API of version {version:?}.");
        return Err(EcsError::new(404, "InvalidVersion", message));
    }
    let caller =
        if anonymous(version, action, request) { Caller::Nobody } else { inner.keys.check(request, now, skew)? };
    if version == location::VERSION {
        let members = location::call(simulation.specs, action, request)?;
        return Ok(dispatch::Success { members, executed: true });
    }
    let operation =
        simulation.specs.operation(version, action).ok_or_else(|| EcsError::unknown_operation(version, action))?;
    dispatch::execute(simulation, inner, operation, request, &caller, now, skew)
}

/// Whether a request needs no signature because an OIDC token identifies its sender.
fn anonymous(version: &str, action: &str, request: &HttpRequest) -> bool {
    (version, action) == ("2015-04-01", "AssumeRoleWithOIDC")
        && request.parameter("AccessKeyId").is_none()
        && request.header("authorization").is_none()
}
