//! Preparation of calls: encoding, default parameters, and checks that do not need the service.

use super::{
    execution::Execution,
    future::{Checking, Sending},
    options::CallOptions,
    reply::Reply,
};
use crate::{
    config::Config,
    encode::{self, FormErrors},
    endpoint::Service,
    error::{Error, ErrorKind, Result},
    form::Form,
    generated::rpc::READ_VERBS,
    model::{Model, table},
    operation::{Operation, OperationMeta},
    path::set,
    signing::reserved_parameter,
    system::{BoxFuture, uuid},
};

/// The part of a fluent request that sends it: the client's configuration and the call options.
///
/// `DescribeInstances` is short for `DescribeInstances<Call>`, a fluent request. The same request as data is
/// `DescribeInstances<()>`, or `DescribeInstancesRequest` for short.
#[derive(Debug, Clone)]
pub struct Call {
    service: &'static Service,
    config: Config,
    options: CallOptions,
}

impl Call {
    #[doc(hidden)]
    pub fn new(service: &'static Service, config: Config) -> Self {
        Self { service, config, options: CallOptions::default() }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    #[doc(hidden)]
    pub fn send<R: Operation>(&self, request: &dyn Model) -> Sending<R::Response> {
        Sending::new(self.start(R::META, request))
    }

    #[doc(hidden)]
    pub fn check<R: Operation>(&self, request: &mut R) -> Checking {
        // `DryRun` is a boolean in every operation that has it.
        set(request, "DryRun", "true");
        Checking(self.start(R::META, request))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Encodes a request and starts sending it. Nothing is sent if required parameters are missing.
    pub(crate) fn start(&self, meta: &'static OperationMeta, request: &dyn Model) -> BoxFuture<'static, Result<Reply>> {
        let mut form = Form::default();
        let mut errors = FormErrors::default();
        encode::form(request, &mut form, &mut errors);
        let FormErrors { mut missing, comma } = errors;
        if meta.region
            && let Some(position) = missing.iter().position(|name| name == "RegionId")
            && let Some(region) = self.config.region()
        {
            missing.remove(position);
            form.push("RegionId", &region);
        }
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
        if meta.client_token && form.get("ClientToken").is_none_or(str::is_empty) {
            form.set("ClientToken", &uuid(self.config.system()));
        }
        self.run(Execution {
            service: meta.service,
            operation: meta.name.to_owned(),
            idempotent: meta.read || meta.client_token,
            slow: meta.slow,
            form,
        })
    }

    /// Starts sending an untyped request to the client's service. The form is sent unchanged.
    pub(crate) fn start_untyped(&self, operation: String, form: Form) -> BoxFuture<'static, Result<Reply>> {
        let reads = READ_VERBS.iter().any(|verb| operation.starts_with(verb));
        let idempotent = reads || form.get("ClientToken").is_some_and(|token| !token.is_empty());
        self.run(Execution { service: self.service, operation, idempotent, slow: false, form })
    }

    fn run(&self, mut execution: Execution) -> BoxFuture<'static, Result<Reply>> {
        for (name, value) in &self.options.parameters {
            execution.form.set(name, value);
        }
        if let Some(message) = execution.form.iter().find_map(|(name, _)| reserved_parameter(name)) {
            let error = Error::new(ErrorKind::Request, message);
            let error = error.with_call(execution.service.name, &execution.operation);
            return Box::pin(async { Err(error) });
        }
        let call = self.clone();
        Box::pin(async move { execution.run(&call.config, &call.options).await })
    }
}

/// Whether a parameter is the one of this name or, as in `Tag.1.Key` and `Tag`, one of its elements or members.
fn belongs_to(parameter: &str, name: &str) -> bool {
    parameter.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
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
