//! Expectations: the calls that a test expects, and the replies to them.

use std::{
    fmt,
    marker::PhantomData,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::Value;

use super::{
    form,
    received::{ReceivedCall, natural_order},
    reply::Reply,
    rule::{Matcher, Respond, Rule, Step},
    state::State,
    times::Times,
};
use crate::operation::Operation;

/// A call that a [`Mock`](super::Mock) expects, and its replies. Created by [`Mock::on`](super::Mock::on) for requests of type
/// `R`, and by [`Mock::on_operation`](super::Mock::on_operation) for [`ReceivedCall`]s.
///
/// Without a reply, the response contains only a request ID. Several replies are used one after the other, each once, and
/// the last one for all further calls. [`times`](Self::times) changes how often a reply is used:
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> ecs_sdk::Result<()> {
/// use ecs_sdk::{
///     Client, Model as _,
///     operation::run_instances::{RunInstancesRequest, RunInstancesResponse},
///     test_util::Mock,
/// };
///
/// let mock = Mock::new();
/// mock.on::<RunInstancesRequest>()
///     .matching(|request| request.instance_type.as_deref() == Some("ecs.g7.large"))
///     .error("ServiceUnavailable", 503)
///     .times(2)
///     .reply_with(|request| {
///         let amount = request.amount.unwrap_or(1);
///         RunInstancesResponse::build(|response| {
///             response.instance_id_sets =
///                 (1..=amount).map(|number| format!("i-{number}")).collect();
///         })
///     })
///     .once();
///
/// let client: Client = mock.client();
/// let created = client.run_instances().instance_type("ecs.g7.large").amount(2).send().await?;
/// assert_eq!(created.instance_id_sets, ["i-1", "i-2"]);
/// assert_eq!(created.meta().attempts(), 3);
/// mock.verify();
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
/// # fn main() {}
/// ```
pub struct Expectation<R> {
    state: State,
    rule: usize,
    request: PhantomData<fn() -> R>,
}

/// The order of some expectations; see [`Expectation::in_sequence`].
#[derive(Debug, Clone)]
pub struct Sequence(u64);

impl Default for Sequence {
    fn default() -> Self {
        Self::new()
    }
}

impl Sequence {
    /// Creates a sequence without expectations.
    pub fn new() -> Self {
        // 0 is the sequence of a mock that is used in order.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Settings that do not depend on the type of the request.
impl<R> Expectation<R> {
    pub(super) fn new(state: State, rule: usize) -> Self {
        Self { state, rule, request: PhantomData }
    }

    fn change(self, change: impl FnOnce(&mut Rule)) -> Self {
        self.state.change(self.rule, change);
        self
    }

    pub(super) fn matcher(self, matcher: Matcher) -> Self {
        self.change(|rule| rule.matchers.push(Arc::new(matcher)))
    }

    fn step(self, respond: Respond) -> Self {
        self.change(|rule| {
            if let Some(Step { times: Some(Times { max: None, .. }), .. }) = rule.steps.last() {
                let place = &rule.place;
                panic!(
                    "the expectation at {place}: this reply would never be used, because the previous one always is"
                );
            }
            let times = rule.times.take();
            rule.steps.push(Step { respond, times });
        })
    }

    /// Sets how often the latest reply is used, as a number or a range: `2`, `1..=3`, `1..`, or `..` for any number. If it
    /// has no reply yet, this is the number for the next one.
    ///
    /// By default, the last reply is used at least once (exactly once in a [sequence](Self::in_sequence)), and each reply
    /// before it exactly once. Calls count, not attempts that were never sent. After `1..` and `..`, there can be no other
    /// reply, because it would never be used.
    ///
    /// # Panics
    ///
    /// Panics if the range is empty, such as `2..2`.
    #[track_caller]
    pub fn times(self, times: impl Into<Times>) -> Self {
        let times = times.into();
        assert!(!times.is_empty(), "the range of calls is empty; for calls that are never made, use `never()`");
        self.change(|rule| match rule.steps.last_mut() {
            Some(step) => step.times = Some(times),
            None => rule.times = Some(times),
        })
    }

    /// Expects exactly one use of the latest reply; short for `times(1)`.
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Expects that such a call is never made; short for `times(0)`.
    pub fn never(self) -> Self {
        self.times(0)
    }

    /// Adds it to a sequence: it can be called only after all expectations that were declared before it in the same
    /// sequence. Other expectations are not affected. To use all of a mock in order, see
    /// [`Mock::in_order`](super::Mock::in_order).
    pub fn in_sequence(self, sequence: &Sequence) -> Self {
        self.change(|rule| rule.sequence = Some(sequence.0))
    }

    /// Expects a parameter by its wire name, such as `Tag.1.Key`. Other parameters are ignored.
    pub fn with_parameter(self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.matcher(Matcher::Contains(vec![(name.into(), value.to_string())]))
    }

    /// Expects requests that meet a condition, which can examine wire names and headers.
    #[track_caller]
    pub fn matching_call(self, condition: impl Fn(&ReceivedCall) -> bool + Send + Sync + 'static) -> Self {
        let place = place(Location::caller());
        self.matcher(Matcher::Condition(Box::new(move |call| Ok(condition(call))), place))
    }

    /// Replies with an error of the service and this HTTP status. Codes are in `ecs_sdk::codes`.
    ///
    /// # Panics
    ///
    /// Panics if the HTTP status is not that of an error.
    #[track_caller]
    pub fn error(self, code: impl Into<String>, http_status: u16) -> Self {
        self.error_with(code, "The mock replies with this error.", http_status)
    }

    /// Replies with an error of the service and this message. [`respond`](Self::respond) takes a complete
    /// [`Error`](crate::Error).
    ///
    /// # Panics
    ///
    /// Panics if the HTTP status is not that of an error.
    #[track_caller]
    pub fn error_with(self, code: impl Into<String>, message: impl Into<String>, http_status: u16) -> Self {
        self.respond(Reply::error(code, message, http_status))
    }

    /// Replies with the error by which the service reports a successful dry run.
    pub fn dry_run_passed(self) -> Self {
        self.error_with("DryRunOperation", "Request validation has been passed with DryRun flag set.", 412)
    }

    /// Fails with a [timeout](Reply::timeout) of the transport, after the request was sent.
    pub fn timeout(self) -> Self {
        self.respond(Reply::timeout())
    }

    /// Fails because [no connection](Reply::connection_refused) could be established.
    pub fn connection_refused(self) -> Self {
        self.respond(Reply::connection_refused())
    }

    /// Fails because the [connection broke](Reply::connection_lost) after the request was sent.
    pub fn connection_lost(self) -> Self {
        self.respond(Reply::connection_lost())
    }

    /// Replies with JSON as the service sends it. If it has no `RequestId`, one is added.
    pub fn reply_json(self, body: Value) -> Self {
        self.respond(body)
    }

    /// Replies with anything that converts to a [`Reply`]: a response, an [`Error`](crate::Error), a result, JSON, an HTTP
    /// response or a failure.
    ///
    /// # Panics
    ///
    /// Panics if an error cannot be caused by a response or a connection.
    #[track_caller]
    pub fn respond(self, reply: impl Into<Reply>) -> Self {
        self.step(Respond::always(reply.into()))
    }

    /// Delays the latest reply, on the [clock](super::Mock::clock) of the mock.
    pub fn after(self, delay: Duration) -> Self {
        self.change(|rule| match rule.steps.last_mut() {
            Some(step) => step.respond = step.respond.clone().delayed(delay),
            None => {
                let times = rule.times.take();
                rule.steps.push(Step { respond: Respond::always(Reply::ok().after(delay)), times });
            }
        })
    }

    /// Returns the number of calls so far.
    pub fn count(&self) -> usize {
        self.state.lock().rules.get(self.rule).map_or(0, |rule| rule.calls)
    }
}

/// Typed requests and responses.
impl<R: Operation> Expectation<R> {
    /// Expects requests that meet a condition.
    #[track_caller]
    pub fn matching(self, condition: impl Fn(&R) -> bool + Send + Sync + 'static) -> Self {
        let place = place(Location::caller());
        let condition = move |call: &ReceivedCall| call.request::<R>().map(|request| condition(&request));
        self.matcher(Matcher::Condition(Box::new(condition), place))
    }

    /// Expects requests with exactly the members of this one. `ClientToken`, `RegionId` and the sizes of pages, which the SDK
    /// adds, are compared only if this request has them.
    ///
    /// ```
    /// # #[cfg(all(feature = "test-util", feature = "instances"))]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use ecs_sdk::{Client, operation::stop_instance::StopInstanceRequest, test_util::Mock};
    ///
    /// let mock = Mock::new();
    /// mock.on::<StopInstanceRequest>()
    ///     .with(StopInstanceRequest::new().instance_id("i-1").force_stop(true));
    /// let client: Client = mock.client();
    /// let error =
    ///     client.stop_instance().instance_id("i-1").force_stop(false).send().await.unwrap_err();
    /// assert!(error.message().contains(r#"`ForceStop` is "false" instead of "true""#), "{error}");
    /// # mock.verify_on_drop(false);
    /// # }
    /// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
    /// # fn main() {}
    /// ```
    #[expect(clippy::needless_pass_by_value, reason = "a request is usually built in place")]
    pub fn with(self, request: R) -> Self {
        self.matcher(Matcher::Equal(sorted(&request)))
    }

    /// Expects requests that have all members of this one. Members that it does not set are ignored.
    #[expect(clippy::needless_pass_by_value, reason = "a request is usually built in place")]
    pub fn containing(self, request: R) -> Self {
        self.matcher(Matcher::Contains(sorted(&request)))
    }

    /// Replies with a response. If it has no request ID, one is added.
    pub fn reply(self, response: R::Response) -> Self {
        self.step(Respond::always(response.into()))
    }

    /// Replies with a response that is computed from the request.
    pub fn reply_with(self, mut response: impl FnMut(&R) -> R::Response + Send + 'static) -> Self {
        self.respond_with(move |request| response(request))
    }

    /// Replies with anything that converts to a [`Reply`], computed from the request: for example a `Result` of a response
    /// and an [`Error`](crate::Error).
    pub fn respond_with<T: Into<Reply>>(self, mut reply: impl FnMut(&R) -> T + Send + 'static) -> Self {
        self.step(Respond::new(move |call| match call.request::<R>() {
            Ok(request) => reply(&request).into(),
            Err(error) => undecodable(&error),
        }))
    }
}

/// Untyped requests and responses.
impl Expectation<ReceivedCall> {
    /// Expects requests that meet a condition.
    #[track_caller]
    pub fn matching(self, condition: impl Fn(&ReceivedCall) -> bool + Send + Sync + 'static) -> Self {
        self.matching_call(condition)
    }

    /// Replies with anything that converts to a [`Reply`], computed from the request: for example JSON.
    pub fn respond_with<T: Into<Reply>>(self, mut reply: impl FnMut(&ReceivedCall) -> T + Send + 'static) -> Self {
        self.step(Respond::new(move |call| reply(call).into()))
    }
}

impl<R> fmt::Debug for Expectation<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectation").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// Where a test calls the mock.
pub(super) fn place(location: &Location<'_>) -> String {
    format!("{}:{}", location.file(), location.line())
}

fn sorted<R: Operation>(request: &R) -> Vec<(String, String)> {
    let mut parameters = form::encode(request);
    parameters.sort_by(|(one, _), (other, _)| natural_order(one, other));
    parameters
}

fn undecodable(error: &str) -> Reply {
    crate::Error::new(crate::ErrorKind::Config, format!("the mock cannot decode the request: {error}")).into()
}
