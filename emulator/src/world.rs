//! The whole of a local ECS, and what becomes of a request to it.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::{
    answer::{self, Format},
    auth::{Caller, Keyring, v3},
    call::Call,
    catalog::regions::Regions,
    clock::{self, Clock},
    control,
    error::{EcsError, Result},
    fault_answers,
    faults::{Fault, Faults, METADATA, Plan},
    handlers,
    http::{HttpAnswer, HttpRequest},
    location,
    metadata::Metadata,
    outcome::Outcome,
    params,
    request::Request,
    specs::{OperationSpec, Specs},
    state::State,
};

/// Names of parameters that belong to the signature, not to the operation.
const COMMON: &[&str] = &[
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// How many requests are kept for their owner to look at.
const MAX_REQUESTS: usize = 10_000;

/// What the server and its owner share.
pub(crate) struct World {
    pub(crate) clock: Clock,
    step: Duration,
    specs: &'static Specs,
    inner: Mutex<Inner>,
}

/// What changes.
pub(crate) struct Inner {
    pub(crate) state: State,
    pub(crate) keys: Keyring,
    pub(crate) metadata: Metadata,
    pub(crate) requests: VecDeque<Request>,
    pub(crate) plan: Plan,
}

/// The answer of a call that went well.
struct Done {
    answer: Value,
    /// Whether it was carried out now, and not before for the same `ClientToken`.
    executed: bool,
}

impl World {
    /// A world with nothing in it but default networks.
    pub(crate) fn new(
        clock: Clock,
        step: Duration,
        seed: u64,
        keys: Keyring,
        metadata: Metadata,
        faults: Faults,
    ) -> std::result::Result<Self, String> {
        let specs = Specs::embedded()?;
        let state = State::new(Regions::of(specs), seed, OffsetDateTime::from(clock.now()));
        let inner = Mutex::new(Inner { state, keys, metadata, requests: VecDeque::new(), plan: Plan::new(faults) });
        Ok(World { clock, step, specs, inner })
    }

    /// The time.
    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from(self.clock.now())
    }

    /// Everything that changes, brought up to the time.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.state.settle(self.now());
        inner
    }

    /// Whether a fault closes a new connection.
    pub(crate) fn refuses(&self) -> bool {
        self.lock().plan.refuses()
    }

    /// Answers a request, or not, as faults want it.
    pub(crate) fn answer(&self, request: http::Request<Bytes>) -> Outcome {
        self.answer_read(HttpRequest::new(request))
    }

    /// Answers a request that was read, or refuses one that could not be.
    pub(crate) fn answer_read(&self, request: Result<HttpRequest>) -> Outcome {
        if let Ok(request) = &request
            && request.path.starts_with("/emulator")
        {
            let answer = control::answer(self, request);
            return fault_answers::deliver(Fault::None, Some(answer.into_response(&clock::http_date(self.now()))));
        }
        let mut inner = self.lock();
        let now = self.now();
        let mut fault = Fault::None;
        let answer = match request {
            Ok(request) if request.path.starts_with("/latest") => {
                fault = inner.plan.draw(METADATA);
                let answer = if fault.executes() { Some(inner.metadata_answer(&request, now)) } else { None };
                fault_answers::instead(fault, Format::Json, "127.0.0.1", "").or(answer)
            }
            Ok(request) if request.path == "/" => self.api_answer(&mut inner, &request, now, &mut fault),
            Ok(request) => {
                Some(HttpAnswer::text(404, format!("There is nothing at {}; the API is at /.\n", request.path)))
            }
            Err(error) => Some(answer::failure(Format::Json, &error, "127.0.0.1", &inner.state.ids.uuid())),
        };
        let date = clock::http_date(now + inner.plan.skew());
        fault_answers::deliver(fault, answer.map(|answer| answer.into_response(&date)))
    }

    fn api_answer(
        &self,
        inner: &mut Inner,
        request: &HttpRequest,
        now: OffsetDateTime,
        fault: &mut Fault,
    ) -> Option<HttpAnswer> {
        let request_id = inner.state.ids.uuid();
        let acs3 = v3::applies(request);
        let name = |parameter: &str, header: &str| {
            let value = if acs3 { request.header(header) } else { request.parameter(parameter) };
            value.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        let (action, version) = (name("Action", "x-acs-action"), name("Version", "x-acs-version"));
        let operation = action.clone().unwrap_or_default();
        *fault = inner.plan.draw(&operation);
        let format = format(request, acs3);
        let host = request.header("host").unwrap_or("127.0.0.1");
        let mut executed = false;
        let answer = fault.executes().then(|| {
            let result = self.call(inner, request, action.as_deref(), version.as_deref(), now);
            match result {
                Ok(done) => {
                    executed = done.executed;
                    answer::success(format, &operation, done.answer, &request_id)
                }
                Err(error) => answer::failure(format, &error, host, &request_id),
            }
        });
        let answer = fault_answers::instead(*fault, format, host, &request_id).or(answer);
        let sent = answer.as_ref().filter(|_| fault_answers::answers(*fault));
        if inner.requests.len() == MAX_REQUESTS {
            inner.requests.pop_front();
        }
        inner.requests.push_back(Request {
            operation,
            version: version.unwrap_or_default(),
            parameters: request.parameters().clone(),
            method: request.method.clone(),
            query: request.query.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
            headers: request.headers.clone(),
            status: sent.map_or(0, |answer| answer.status),
            code: sent.and_then(|answer| answer.code.clone()),
            request_id,
            executed,
            fault: *fault,
        });
        answer
    }

    fn call(
        &self,
        inner: &mut Inner,
        request: &HttpRequest,
        action: Option<&str>,
        version: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Done> {
        if request.method != "POST" && request.method != "GET" {
            let message = format!("The method {} is not taken; use POST or GET.", request.method);
            return Err(EcsError::new(405, "UnsupportedHTTPMethod", message));
        }
        let action = action.ok_or_else(|| EcsError::missing("Action"))?;
        let version = version.ok_or_else(|| EcsError::missing("Version"))?;
        if version != location::VERSION && self.specs.version(version).next().is_none() {
            return Err(EcsError::new(404, "InvalidVersion", format!("No API here has the version {version:?}.")));
        }
        let skew = inner.plan.skew();
        let caller =
            if anonymous(version, action, request) { Caller::Nobody } else { inner.keys.check(request, now, skew)? };
        if version == location::VERSION {
            let answer = location::call(self.specs, action, request)?;
            return Ok(Done { answer, executed: true });
        }
        let operation = self.specs.operation(version, action).ok_or_else(|| {
            EcsError::new(404, "InvalidAction.NotFound", format!("The API of {version} has no operation {action:?}."))
        })?;
        inner.execute(operation, request, &caller, now, self.step)
    }
}

/// Whether a request needs no signature: an OIDC token says who sends it.
fn anonymous(version: &str, action: &str, request: &HttpRequest) -> bool {
    (version, action) == ("2015-04-01", "AssumeRoleWithOIDC")
        && request.parameter("AccessKeyId").is_none()
        && request.header("authorization").is_none()
}

fn format(request: &HttpRequest, acs3: bool) -> Format {
    match request.parameter("Format") {
        Some(format) if format.eq_ignore_ascii_case("json") => Format::Json,
        Some(_) => Format::Xml,
        None if acs3 && !request.header("accept").is_some_and(|accept| accept.contains("xml")) => Format::Json,
        None => Format::Xml,
    }
}

impl Inner {
    /// Checks the arguments of a call and lets its handler answer.
    fn execute(
        &mut self,
        operation: OperationSpec<'_>,
        request: &HttpRequest,
        caller: &Caller,
        now: OffsetDateTime,
        step: Duration,
    ) -> Result<Done> {
        let (service, name) = operation.key();
        let args = params::read(operation, request.parameters())?;
        let handler = handlers::find(service, name).ok_or_else(|| {
            EcsError::new(
                400,
                "UnsupportedOperation",
                format!("The operation {name} is known, but this local ECS does not simulate it."),
            )
        })?;
        let skew = self.plan.skew();
        let parameters = own_parameters(request);
        let token = args.text("ClientToken").map(str::to_owned);
        if let Some(token) = &token {
            match self.state.remembered(name, token, &parameters) {
                Some(Ok(answer)) => return Ok(Done { answer, executed: false }),
                Some(Err(())) => return Err(mismatch(operation)),
                None => {}
            }
        }
        if args.flag("DryRun") {
            // A copy of the account takes what the call would do.
            let (mut state, mut keys) = (self.state.clone(), self.keys.clone());
            let (state, keys) = (&mut state, &mut keys);
            handler(&mut Call { operation, args: &args, caller, state, keys, now, skew, step })?;
            return Err(dry_run(operation));
        }
        let answer = handler(&mut Call {
            operation,
            args: &args,
            caller,
            state: &mut self.state,
            keys: &mut self.keys,
            now,
            skew,
            step,
        })?;
        if let Some(token) = token {
            self.state.remember(name, &token, parameters, answer.clone(), now);
        }
        Ok(Done { answer, executed: true })
    }
}

/// The parameters of the operation itself.
fn own_parameters(request: &HttpRequest) -> BTreeMap<String, String> {
    let parameters = request.parameters().iter().filter(|(name, _)| !COMMON.contains(&name.as_str()));
    parameters.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The error for a `ClientToken` that is used with other parameters; some operations have a code of their own.
fn mismatch(operation: OperationSpec<'_>) -> EcsError {
    let message = "The ClientToken was used before, with other parameters.";
    match operation.documented(|code| code == "IdempotenceParamNotMatch") {
        Some(own) => EcsError::new(own.http, &own.code, message),
        None => EcsError::new(400, "IdempotentParameterMismatch", message),
    }
}

/// The error that tells that a checked call would have gone well; some operations have a code of their own.
fn dry_run(operation: OperationSpec<'_>) -> EcsError {
    let message = "The call would have gone well; nothing was done because of DryRun.";
    match operation.documented(|code| code.eq_ignore_ascii_case("DryRun.Success")) {
        Some(own) => EcsError::new(own.http, &own.code, message),
        None => EcsError::new(400, "DryRunOperation", message),
    }
}
