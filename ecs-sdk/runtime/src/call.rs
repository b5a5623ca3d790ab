//! One call: encode, sign, send, and repeat until there is an answer.

mod attempt;
mod options;
mod untyped;

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;

use self::attempt::Task;
pub use self::{options::CallOptions, untyped::UntypedCall};
use crate::{
    config::Config,
    decode,
    encode::{self, Flaws},
    endpoint::Service,
    error::{Error, ErrorKind, Result},
    form::Form,
    generated::rpc::READ_VERBS,
    model::{self, Model, Slot, get, set},
    operation::{Operation, OperationMeta},
    response,
    response_meta::ResponseMeta,
    signing::reserved,
    system::{BoxFuture, uuid},
    waiter::{self, WaiterMeta, Waiting},
};

/// A call about to be made; the inner part of every fluent request.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Call {
    service: &'static Service,
    config: Config,
    options: CallOptions,
}

/// An answer, not decoded yet.
pub(crate) struct Reply {
    pub(crate) body: Bytes,
    meta: ResponseMeta,
    service: &'static Service,
    operation: String,
}

impl Reply {
    /// Turns a decoding failure into an error of this call.
    pub(crate) fn failed(&self, error: &serde_json::Error) -> Error {
        let message = if error.is_data() {
            let text = error.to_string();
            format!("the answer can't be read: {}", text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text))
        } else {
            format!("the answer is no JSON: {error}")
        };
        Error::new(ErrorKind::Decode, message)
            .with_call(self.service.name, &self.operation)
            .with_request_id(response::request_id(&self.body))
            .maybe_executed(true)
    }
}

impl Call {
    pub fn new(service: &'static Service, config: Config) -> Self {
        Self { service, config, options: CallOptions::default() }
    }

    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    pub fn send<R: Operation>(self, request: &R) -> Sending<R::Response> {
        Sending { reply: self.start(R::META, request), response: PhantomData }
    }

    pub fn check<R: Operation>(self, mut request: R) -> Checking {
        self.check_model(R::META, &mut request)
    }

    fn check_model(self, meta: &'static OperationMeta, request: &mut dyn Model) -> Checking {
        // `DryRun` is a boolean of every operation that has it.
        set(request, "DryRun", "true");
        Checking(self.start(meta, request))
    }

    pub fn wait(self, meta: &'static WaiterMeta, request: Box<dyn Model>, ids: Vec<String>, most: Duration) -> Waiting {
        let system = self.config.shared_system();
        waiter::start(self, system, meta, request, ids, most)
    }

    /// Encodes a request and starts sending it. Nothing is sent when required parameters are missing.
    pub(crate) fn start(&self, meta: &'static OperationMeta, request: &dyn Model) -> BoxFuture<'static, Result<Reply>> {
        let mut form = Form::default();
        let mut flaws = Flaws::default();
        encode::form(request, &mut form, &mut flaws);
        let Flaws { mut missing, comma } = flaws;
        if meta.region
            && let Some(position) = missing.iter().position(|name| name == "RegionId")
            && let Some(region) = self.config.region()
        {
            missing.remove(position);
            form.push("RegionId", &region);
        }
        missing.retain(|name| !self.options.parameters.iter().any(|(given, _)| given == name));
        if !missing.is_empty() {
            let error = missing_parameters(&missing).with_call(meta.service.name, meta.name);
            return Box::pin(async { Err(error) });
        }
        if let Some(path) = comma {
            // Nothing of the element is shown: it may be secret.
            let message = format!("`{path}` has a comma in it, and commas separate the elements of this list");
            let error = Error::new(ErrorKind::Request, message).with_call(meta.service.name, meta.name);
            return Box::pin(async { Err(error) });
        }
        if meta.client_token && form.get("ClientToken").is_none_or(str::is_empty) {
            form.set("ClientToken", &uuid(self.config.system()));
        }
        let task = Task {
            service: meta.service,
            operation: meta.name.to_owned(),
            repeatable: meta.read || meta.client_token,
            slow: meta.slow,
            form,
        };
        self.run(task)
    }

    /// Sends an untyped request of the client's own service.
    pub(crate) fn start_untyped(&self, operation: String, form: Form) -> BoxFuture<'static, Result<Reply>> {
        let reads = READ_VERBS.iter().any(|verb| operation.starts_with(verb));
        let repeatable = reads || form.get("ClientToken").is_some_and(|token| !token.is_empty());
        self.run(Task { service: self.service, operation, repeatable, slow: false, form })
    }

    fn run(&self, mut task: Task) -> BoxFuture<'static, Result<Reply>> {
        for (name, value) in &self.options.parameters {
            task.form.set(name, value);
        }
        if let Some(message) = task.form.iter().find_map(|(name, _)| reserved(name)) {
            let error = Error::new(ErrorKind::Request, message).with_call(task.service.name, &task.operation);
            return Box::pin(async { Err(error) });
        }
        let call = self.clone();
        Box::pin(async move {
            let success = task.run(&call.config, &call.options).await?;
            let (head, body) = success.response.into_parts();
            let meta = ResponseMeta::new(head.status.as_u16(), head.headers, success.attempts, success.elapsed);
            Ok(Reply { body, meta, service: task.service, operation: task.operation })
        })
    }
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

/// A request under way; await it for the answer. Dropping it cancels the call.
#[must_use = "nothing is sent until the future is awaited"]
pub struct Sending<T> {
    reply: BoxFuture<'static, Result<Reply>>,
    response: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").finish_non_exhaustive()
    }
}

impl<T: Model + Default> Future for Sending<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let reply = ready!(self.reply.as_mut().poll(context))?;
        let mut response = T::default();
        Poll::Ready(decode_reply(reply, &mut response).map(|()| response))
    }
}

/// Decodes an answer, and lets it know how the call went.
pub(crate) fn decode_reply(reply: Reply, response: &mut dyn Model) -> Result<()> {
    decode::from_slice(&reply.body, response).map_err(|error| reply.failed(&error))?;
    let meta = reply.meta.or_request_id(get(response, "RequestId"));
    model::write(response, |members| {
        if let Some(Slot::Meta(place)) = members.last_mut().map(|last| last.slot()) {
            *place = meta;
        }
    });
    Ok(())
}

/// A dry run under way; await it.
#[must_use = "nothing is checked until the future is awaited"]
pub struct Checking(BoxFuture<'static, Result<Reply>>);

impl fmt::Debug for Checking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checking").finish_non_exhaustive()
    }
}

impl Future for Checking {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(self.0.as_mut().poll(context)) {
            Ok(_) => Ok(()),
            // The service tells by an error that the check passed.
            Err(error) if error.code().is_some_and(|code| matches!(code, "DryRunOperation" | "DRYRUN.SUCCESS")) => {
                Ok(())
            }
            Err(error) => Err(error),
        })
    }
}
