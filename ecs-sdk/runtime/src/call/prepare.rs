//! Preparation of calls: encoding, default parameters, and checks that do not need the service.

use super::{
    execution::Execution,
    future::{Checking, Sending},
    progress::{CLIENT_TOKEN, DRY_RUN, OperationKind, means_dry_run},
    reply::Reply,
    settings::{Call, belongs_to},
};
use crate::{
    encode::{self, FormErrors},
    error::{Error, ErrorKind, Result},
    form::Form,
    generated::rpc::READ_VERBS,
    method::Method,
    model::{Model, table},
    operation::{Operation, OperationMeta},
    path::{count, set},
    signing::reserved_parameter,
    system::{BoxFuture, timeout, uuid},
};

/// Sends a fluent request.
#[doc(hidden)]
pub fn send<R: Operation>(request: R::Fluent) -> Sending<R::Response> {
    let (request, call) = R::split(request);
    call.send::<R>(&request)
}

/// Checks a fluent request without executing it.
#[doc(hidden)]
pub fn check<R: Operation>(request: R::Fluent) -> Checking {
    let (mut request, call) = R::split(request);
    call.check(&mut request)
}

impl Call {
    #[doc(hidden)]
    pub fn send<R: Operation>(&self, request: &dyn Model) -> Sending<R::Response> {
        Sending::new(self.start(R::META, request))
    }

    #[doc(hidden)]
    pub fn check<R: Operation>(&self, request: &mut R) -> Checking {
        // It is a boolean in every operation that has it.
        set(request, DRY_RUN, "true");
        Checking(self.start_as(R::META, request, true))
    }

    /// Encodes a request and starts sending it. Nothing is sent if required parameters are missing.
    pub(crate) fn start(&self, meta: &'static OperationMeta, request: &dyn Model) -> BoxFuture<'static, Result<Reply>> {
        self.start_as(meta, request, false)
    }

    /// Like [`start`](Self::start), but if `check`, nothing is sent without `DryRun`.
    fn start_as(
        &self,
        meta: &'static OperationMeta,
        request: &dyn Model,
        check: bool,
    ) -> BoxFuture<'static, Result<Reply>> {
        let mut form = Form::with_capacity();
        let mut errors = FormErrors::default();
        encode::form(request, &mut form, &mut errors);
        let FormErrors { mut missing, comma, too_large } = errors;
        let needs_region = meta.region
            && missing.iter().any(|name| name == "RegionId")
            && !self.options.parameters.iter().any(|(name, _)| name == "RegionId");
        let required = table(request).required;
        for (given, value) in &self.options.parameters {
            if !value.is_empty() {
                missing.retain(|name| !belongs_to(given, name));
            } else if required.contains(&given.as_str()) && !missing.contains(given) {
                missing.push(given.clone());
            }
        }
        let failed = |error: Error| -> BoxFuture<'static, Result<Reply>> {
            let error = error.with_call(meta.service.name, meta.name);
            Box::pin(async { Err(error) })
        };
        if needs_region && (missing.len() == 1 || self.config.context().known_region().is_some()) {
            missing.retain(|name| name != "RegionId");
        }
        if !missing.is_empty() {
            return failed(missing_parameters(&missing));
        }
        if let Some(path) = comma {
            // The message does not show the value, which may be secret.
            let message = format!(
                "invalid value of `{path}`: commas separate the elements of this list, so an element cannot contain one"
            );
            return failed(Error::new(ErrorKind::Request, message));
        }
        if let Some(over) = self.over_limit(meta, request) {
            let message = format!(
                "{over}; split them with `in_batches()`, or disable the check with `CallOptions::check_limits`"
            );
            return failed(Error::new(ErrorKind::Request, message));
        }
        if let Some((path, too_large)) = too_large.filter(|_| !self.options.ignore_limits) {
            return failed(Error::new(ErrorKind::Request, format!("`{path}` {too_large}")));
        }
        if meta.client_token && form.get(CLIENT_TOKEN).is_none_or(str::is_empty) {
            form.set(CLIENT_TOKEN, &uuid(self.config.system()));
        }
        self.override_parameters(&mut form);
        if !meta.dry_run && means_dry_run(&form) && table(request).position(DRY_RUN).is_some() {
            let message =
                format!("`DryRun` of {} can only be `false`: the service might execute the request", meta.name);
            return failed(Error::new(ErrorKind::Request, message));
        }
        let execution = Execution {
            service: meta.service,
            operation: meta.name.into(),
            method: meta.method,
            anonymous: meta.anonymous,
            kind: match meta {
                OperationMeta { read: true, .. } => OperationKind::Reads,
                OperationMeta { client_token: true, .. } => OperationKind::TakesToken,
                _ => OperationKind::Other,
            },
            slow: meta.slow,
            has_dry_run: meta.dry_run || meta.read,
            check,
            form,
        };
        self.run(execution, needs_region)
    }

    /// Starts sending an untyped request to the client's service. The form is sent unchanged.
    pub(crate) fn start_untyped(&self, operation: String, mut form: Form) -> BoxFuture<'static, Result<Reply>> {
        let reads = READ_VERBS.iter().any(|verb| begins_with(&operation, verb));
        let kind = if reads { OperationKind::Reads } else { OperationKind::TakesToken };
        self.override_parameters(&mut form);
        // A read executes nothing that a dry run would not.
        let execution = Execution {
            service: self.service,
            operation: operation.into(),
            method: Method::Post,
            anonymous: false,
            kind,
            slow: false,
            has_dry_run: reads,
            check: false,
            form,
        };
        self.run(execution, false)
    }

    /// Returns a description of the lists with more elements than a call takes, unless this is not to be checked.
    pub(crate) fn over_limit(&self, meta: &'static OperationMeta, request: &dyn Model) -> Option<String> {
        if self.options.ignore_limits {
            return None;
        }
        let counted = meta.batches.iter().map(|(name, max)| (name, count(request, name), *max));
        let over = counted.filter(|(name, count, max)| count > max && !self.overrides(name));
        let over: Vec<String> = over
            .map(|(name, count, max)| format!("`{name}` has {count} elements, but a call takes at most {max}"))
            .collect();
        (!over.is_empty()).then(|| over.join("; "))
    }

    /// Sets the parameters of the call options.
    fn override_parameters(&self, form: &mut Form) {
        for (name, value) in &self.options.parameters {
            form.set(name, value);
        }
    }

    /// Sends a request. If it needs a region, the client's is added.
    fn run(&self, mut execution: Execution, needs_region: bool) -> BoxFuture<'static, Result<Reply>> {
        if let Some(message) = execution.form.iter().find_map(|(name, _)| reserved_parameter(name)) {
            let error = Error::new(ErrorKind::Request, message);
            let error = error.with_call(execution.service.name, &execution.operation);
            return Box::pin(async { Err(error) });
        }
        let mut call = self.clone();
        Box::pin(async move {
            call.load_region(&execution.operation).await?;
            if needs_region {
                let missing = || missing_parameters(&["RegionId".to_owned()]);
                let region = call.config.context().known_region();
                let region = region.ok_or_else(|| missing().with_call(execution.service.name, &execution.operation))?;
                execution.form.push("RegionId", region);
            }
            execution.run(&call.config, &call.options).await
        })
    }

    /// Reads the client's region, which may be in a file. The time to read it counts against the call's timeout.
    pub(super) async fn load_region(&mut self, operation: &str) -> Result<()> {
        if self.config.context().known_region().is_some() {
            return Ok(());
        }
        let system = self.config.system();
        let limit = self.options.operation_timeout.unwrap_or(self.config.timeouts().operation);
        let started = system.monotonic();
        let loaded = timeout(system, limit, self.config.context().load_region()).await;
        loaded.ok_or_else(|| {
            let message =
                format!("the region could not be read from the CLI profile within {limit:?}; set the client's region");
            Error::new(ErrorKind::Timeout, message).with_maybe_executed(false).with_call(self.service.name, operation)
        })?;
        self.options.operation_timeout = Some(limit.saturating_sub(system.monotonic().saturating_sub(started)));
        Ok(())
    }
}

/// Whether the first word of an operation's name is `verb`; `Checkout` does not begin with `Check`.
fn begins_with(operation: &str, verb: &str) -> bool {
    operation.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn missing_parameters(missing: &[String]) -> Error {
    let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let (noun, verb) = if missing.len() == 1 { ("parameter", "is") } else { ("parameters", "are") };
    let mut message = format!("required {noun} {} {verb} missing", names.join(", "));
    if missing.iter().any(|name| name == "RegionId") {
        message.push_str("; set the client's region or ALIBABA_CLOUD_REGION_ID");
    }
    Error::new(ErrorKind::Request, message)
}
