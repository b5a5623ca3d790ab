//! Routes a request to the API, to the metadata service or to the control interface, and applies faults.

use bytes::Bytes;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use crate::{
    access::Access,
    auth::{Caller, v3},
    clock::{self, Times},
    control, dispatch,
    error::{EcsError, Result},
    faults::{Fault, METADATA},
    injection, location,
    message::{HttpRequest, HttpResponse},
    metadata,
    outcome::Outcome,
    request::{Kept, Request},
    response::{self, Format},
    simulation::{Inner, Simulation},
    specs::{OperationSpec, Specs},
    tally::Fidelity,
};

/// Host in responses to requests that name none.
const DEFAULT_HOST: &str = "127.0.0.1";

/// Services whose operations all have specs, so that a name without a spec is a mistake of the caller.
const COMPLETE_SERVICES: &[&str] = &["ecs"];

/// Longest name of an operation or API version in the log, in characters. Real names are shorter.
const MAX_NAME_LENGTH: usize = 128;

/// Handles a request.
pub(crate) fn handle(simulation: &Simulation, request: http::Request<Bytes>) -> Outcome {
    handle_observed(simulation, request, &mut Access::new("", ""))
}

/// Whether a path is that of the control interface, which has no faults.
pub(crate) fn is_control(path: &str) -> bool {
    is_below(path, control::ROOT)
}

/// Handles a request, and adds to a report what is known about it.
pub(crate) fn handle_observed(simulation: &Simulation, request: http::Request<Bytes>, access: &mut Access) -> Outcome {
    let path = request.uri().path();
    if (is_control(path) || metadata::is_below(path))
        && let Err(reason) = simulation.hosts.check(request.headers())
    {
        return send(simulation, control::error(403, &reason));
    }
    handle_parsed(simulation, &HttpRequest::new(request), access)
}

/// Handles a parsed request.
pub(crate) fn handle_parsed(simulation: &Simulation, request: &HttpRequest, access: &mut Access) -> Outcome {
    if is_control(&request.path) {
        let response = match request.malformed() {
            Some(error) => control::error(error.status, &error.message),
            None => control::respond(simulation, request),
        };
        return send(simulation, response);
    }
    let mut inner = simulation.lock();
    let (now, real_now) = (simulation.now(), simulation.real_now());
    let mut fault = Fault::None;
    let response = match request.path.as_str() {
        _ if metadata::serves(request) => {
            fault = inner.plan.draw(METADATA, request.parameters());
            let Inner { metadata, accounts, keys, .. } = &mut *inner;
            let state = accounts.home();
            let response = fault
                .executes()
                .then(|| metadata::respond(metadata, state, keys, request, &simulation.catalog, now, real_now));
            injection::replace(&fault, response, |_| None, request, Format::JSON, DEFAULT_HOST, "")
        }
        "/" => {
            let mut call = ApiCall::new(simulation, request, now, real_now);
            let response = call.respond(&mut inner, access);
            fault = call.fault;
            response
        }
        path => Some(HttpResponse::text(404, format!("nothing is at {path}; the API is at /\n"))),
    };
    access.fault.clone_from(&fault);
    let date = clock::http_date(real_now + inner.plan.skew(&fault));
    let warning = inner.tally.take_unreported();
    drop(inner);
    if let (Some(report), Some(warning)) = (&simulation.on_warning, warning) {
        report(&warning);
    }
    injection::deliver(&fault, response.map(|response| response.into_http(&date)))
}

/// Sends a response without faults.
fn send(simulation: &Simulation, response: HttpResponse) -> Outcome {
    injection::deliver(&Fault::None, Some(response.into_http(&clock::http_date(simulation.real_now()))))
}

/// Whether a path is a folder or something in it.
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A request to the API.
struct ApiCall<'a> {
    simulation: &'a Simulation,
    request: &'a HttpRequest,
    now: OffsetDateTime,
    real_now: OffsetDateTime,
    action: Option<String>,
    version: Option<String>,
    fault: Fault,
    fidelity: Option<Fidelity>,
    /// Account of the caller, once the request is authenticated.
    account: String,
    /// Status and delay of the prepared response, if there is one.
    canned: Option<(u16, Option<std::time::Duration>)>,
}

impl<'a> ApiCall<'a> {
    fn new(
        simulation: &'a Simulation,
        request: &'a HttpRequest,
        now: OffsetDateTime,
        real_now: OffsetDateTime,
    ) -> Self {
        let acs3 = v3::applies(request);
        let name = |parameter: &str, header: &str| {
            let value = if acs3 { request.header(header) } else { request.parameter(parameter) };
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let (action, version) = (name("Action", "x-acs-action"), name("Version", "x-acs-version"));
        let fault = Fault::None;
        let mut call = ApiCall {
            simulation,
            request,
            now,
            real_now,
            action,
            version,
            fault,
            fidelity: None,
            account: String::new(),
            canned: None,
        };
        call.fidelity = call.operation().map(|operation| dispatch::fidelity(simulation, operation));
        call
    }

    fn operation(&self) -> Option<OperationSpec<'a>> {
        let specs: &'static Specs = self.simulation.specs;
        specs.operation(self.version.as_deref()?, self.action.as_deref()?)
    }

    /// Returns the status that the operation documents for an error code.
    fn documented(&self, code: &str) -> Option<u16> {
        self.operation()?.documented(|documented| documented == code).map(|error| error.http)
    }

    /// Responds, unless a fault prevents it, and logs the request.
    fn respond(&mut self, inner: &mut Inner, access: &mut Access) -> Option<HttpResponse> {
        let (request, request_id) = (self.request, inner.ids.uuid());
        let operation = self.action.clone().unwrap_or_default();
        self.fault = inner.plan.draw(&operation, request.parameters());
        let specs = self.simulation.specs;
        let format = Format::of(request, v3::applies(request), specs, self.version.as_deref());
        let host = request.header("host").unwrap_or(DEFAULT_HOST);
        let skew = inner.plan.skew(&self.fault);
        let mut executed = false;
        let mut deliver = |call: &mut Self| {
            let result = call.execute(inner, skew);
            executed |= result.as_ref().is_ok_and(|success| success.executed);
            let mut response = match result {
                Ok(success) => response::success(format, &operation, success.members, &request_id),
                Err(error) => response::failure(format, &error, host, &request_id),
            };
            if let Some((status, retry_after)) = call.canned {
                response.status = status;
                response.headers.extend(retry_after.into_iter().flat_map(injection::retry_after));
            }
            response
                .headers
                .extend(call.fidelity.map(|fidelity| ("x-emulator-fidelity", fidelity.as_str().to_owned())));
            response
        };
        let mut response = self.fault.executes().then(|| deliver(self));
        if self.fault == Fault::Duplicate {
            response = Some(deliver(self));
        }
        if executed && let Some(token) = request.parameter("ClientToken") {
            let until = self.now + self.fault.processing();
            inner.accounts.state(&self.account).tokens.process(&operation, token, until);
        }
        let documented = |code: &str| self.documented(code);
        let response = injection::replace(&self.fault, response, documented, request, format, host, &request_id);
        let sent = response.as_ref().filter(|_| injection::sends_response(&self.fault));
        access.operation.clone_from(&operation);
        access.region = request.parameter("RegionId").unwrap_or_default().to_owned();
        access.code = sent.and_then(|response| response.code.clone());
        access.request_id.clone_from(&request_id);
        let Kept { parameters, query, body, headers, truncated } = Kept::of(request);
        inner.requests.add(Request {
            operation: operation.chars().take(MAX_NAME_LENGTH).collect(),
            version: self.version.iter().flat_map(|version| version.chars()).take(MAX_NAME_LENGTH).collect(),
            parameters,
            method: request.method.clone(),
            query,
            body,
            truncated,
            headers,
            time: self.real_now.into(),
            status: sent.map_or(0, |response| response.status),
            code: sent.and_then(|response| response.code.clone()),
            request_id,
            executed,
            fault: self.fault.clone(),
        });
        response
    }

    /// Authenticates the request and executes its operation.
    fn execute(&mut self, inner: &mut Inner, skew: Duration) -> Result<dispatch::Success> {
        let (simulation, request) = (self.simulation, self.request);
        if let Some(error) = request.malformed() {
            return Err(error.clone());
        }
        if request.method != "POST" && request.method != "GET" {
            let message = format!("The method {} is not supported; use POST or GET.", request.method);
            return Err(EcsError::new(405, "UnsupportedHTTPMethod", message));
        }
        let action = self.action.as_deref().ok_or_else(|| EcsError::missing("Action"))?;
        let version = self.version.as_deref().ok_or_else(|| EcsError::missing("Version"))?;
        if !is_version(version) {
            let message = format!("{version:?} is not an API version such as 2014-05-26, that of ECS.");
            return Err(EcsError::new(404, "InvalidVersion", message));
        }
        let caller = if anonymous(version, action, request) {
            Caller::Nobody
        } else {
            inner.keys.check(request, self.real_now, skew)?
        };
        caller.account().clone_into(&mut self.account);
        if let Some(canned) = inner.canned.take(version, action, request.parameters()) {
            self.fidelity = Some(Fidelity::Canned);
            inner.tally.count(version, action, Fidelity::Canned);
            let canned = canned.content(|code| self.documented(code));
            self.canned = Some((canned.status, canned.retry_after));
            let success = |members: Map<String, Value>| dispatch::Success { members: members.into(), executed: false };
            return canned.result.map(success).map_err(|(code, message)| EcsError::new(canned.status, code, message));
        }
        if (version, action) == (location::VERSION, location::OPERATION) {
            self.fidelity = Some(Fidelity::State);
            inner.tally.count(version, action, Fidelity::State);
            let members = location::describe_endpoints(simulation.specs, simulation.tls, request)?;
            return Ok(dispatch::Success { members, executed: true });
        }
        let Some(operation) = self.operation() else {
            let mut services = simulation.specs.version(version);
            if services.any(|service| COMPLETE_SERVICES.contains(&service.service.service.as_str())) {
                return Err(EcsError::unknown_operation(version, action));
            }
            self.fidelity = Some(Fidelity::None);
            inner.tally.count(version, action, Fidelity::None);
            return Err(EcsError::not_simulated(version, action));
        };
        inner.tally.count(version, action, dispatch::fidelity(simulation, operation));
        let times = Times { now: self.now, real_now: self.real_now, skew };
        dispatch::execute(simulation, inner, operation, request, &caller, times)
    }
}

/// Whether a string has the form of an API version, such as `2014-05-26`.
fn is_version(text: &str) -> bool {
    let digit_or_hyphen =
        |(place, byte): (usize, u8)| if matches!(place, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(digit_or_hyphen)
}

/// Whether a request needs no signature because an OIDC token identifies its sender.
fn anonymous(version: &str, action: &str, request: &HttpRequest) -> bool {
    (version, action) == ("2015-04-01", "AssumeRoleWithOIDC")
        && request.parameter("AccessKeyId").is_none()
        && request.header("authorization").is_none()
}
