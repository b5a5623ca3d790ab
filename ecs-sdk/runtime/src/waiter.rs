//! Waiters: poll the service until all resources are in the desired state.
//!
//! Waiters are methods of the client, such as `wait_until_instance_running`. `wait` takes the maximum time to wait and
//! returns a future, [`Waiting`]:
//!
//! ```no_run
//! use std::time::Duration;
//! use ecs_sdk::ErrorKind;
//!
//! # async fn example(client: ecs_sdk::Client) -> ecs_sdk::Result<()> {
//! client.start_instance().instance_id("i-bp67acfmxazb4p****").send().await?;
//! let running = client
//!     .wait_until_instance_running()
//!     .instance_ids(["i-bp67acfmxazb4p****"])
//!     .wait(Duration::from_secs(300));
//! match running.await {
//!     Ok(()) => println!("running"),
//!     // The message contains the last state of each instance.
//!     Err(error) if error.is_timeout() => println!("not running yet: {error}"),
//!     Err(error) if error.kind() == ErrorKind::Waiter => println!("it will not run: {error}"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```

use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use crate::{
    call::{Call, decode_reply},
    decode::set_text,
    error::{Error, ErrorKind, Result},
    model::{self, List, Model, Slot, Value},
    operation::OperationMeta,
    path::{get, set},
    system::{BoxFuture, System, timeout},
};

/// A waiter as declared in the specs.
#[doc(hidden)]
#[derive(Debug)]
pub struct WaiterMeta {
    /// Name.
    pub name: &'static str,
    /// Operation to poll.
    pub operation: &'static OperationMeta,
    /// Creates an empty response, into which the received one is decoded.
    pub response: fn() -> Box<dyn Model>,
    /// Wire name of the list parameter for the IDs.
    pub ids: &'static str,
    /// Wire name of the response's list of resources.
    pub items: &'static str,
    /// Wire name of the ID in an element of the list.
    pub id: &'static str,
    /// Wire name of the state in an element of the list.
    pub state: Option<&'static str>,
    /// States in which a resource is ready.
    pub success: &'static [&'static str],
    /// States from which a resource cannot become ready.
    pub failure: &'static [&'static str],
    /// Whether to wait until the resources are gone.
    pub gone: bool,
    /// Fixed parameters of the polling request.
    pub set: &'static [(&'static str, &'static str)],
    /// Maximum number of IDs per poll.
    pub chunk: usize,
    /// Delay between polls.
    pub interval: Duration,
}

/// A waiter in progress: a future that completes when all resources are in the desired state.
///
/// It polls the service at a fixed interval. Transient failures of a poll do not end the wait. Dropping the future
/// stops the polling.
///
/// # Errors
///
/// The future resolves to an error of the kind
///
/// - [`Timeout`](ErrorKind::Timeout) if the resources are not in the desired state in time;
/// - [`Waiter`](ErrorKind::Waiter) if a resource reaches a state from which it cannot reach the desired one;
/// - [`Request`](ErrorKind::Request) if there are no IDs to wait for;
/// - any other if a poll fails for a reason that is not transient.
#[must_use = "the waiter does nothing until the future is awaited"]
pub struct Waiting(BoxFuture<'static, Result<()>>);

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Future for Waiting {
    type Output = Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl Call {
    /// Starts waiting for at most `timeout`. Defined here and not with [`Call`], because waiters belong to a higher
    /// layer.
    #[doc(hidden)]
    pub fn wait(
        self,
        meta: &'static WaiterMeta,
        mut request: Box<dyn Model>,
        ids: Vec<String>,
        timeout: Duration,
    ) -> Waiting {
        for (name, value) in meta.set {
            set(&mut *request, name, value);
        }
        let system = self.config().shared_system();
        Waiting(Box::pin(wait(self, system, meta, request, ids, timeout)))
    }
}

async fn wait(
    call: Call,
    system: Arc<dyn System>,
    meta: &'static WaiterMeta,
    mut request: Box<dyn Model>,
    mut ids: Vec<String>,
    limit: Duration,
) -> Result<()> {
    let failed = |kind, message: String| {
        // Polls only read.
        Error::new(kind, message).with_maybe_executed(false).with_call(meta.operation.service.name, meta.operation.name)
    };
    if ids.is_empty() {
        return Err(failed(ErrorKind::Request, format!("waiter {} needs at least one ID", meta.name)));
    }
    ids.sort_unstable();
    ids.dedup();
    let deadline = system.monotonic().saturating_add(limit);
    let remaining = || deadline.saturating_sub(system.monotonic());
    let mut last = None;
    let mut transient = None;
    loop {
        // A poll in progress at the deadline may take one more interval.
        let poll = poll(&call, meta, &mut *request, &ids);
        let Some(states) = timeout(&*system, remaining().max(meta.interval), poll).await else { break };
        match states {
            Ok(states) => {
                if let Some((id, state)) = states.iter().find(|(_, state)| meta.failure.contains(&state.as_str())) {
                    return Err(failed(ErrorKind::Waiter, format!("waiter {}: `{id}` is {state}", meta.name)));
                }
                ids.retain(|id| match states.get(id) {
                    Some(state) => meta.gone || !meta.success.contains(&state.as_str()),
                    None => !meta.gone,
                });
                if ids.is_empty() {
                    return Ok(());
                }
                (last, transient) = (Some(states), None);
            }
            // A poll only reads, so a transient failure does not end the wait.
            Err(error) if error.is_retryable() => transient = Some(error),
            Err(error) => return Err(error),
        }
        if remaining().is_zero() {
            break;
        }
        system.sleep(meta.interval.min(remaining())).await;
    }
    let seen = last_seen(&ids, last.as_ref());
    let message = format!("waiter {} did not succeed within {limit:?}; last seen: {seen}", meta.name);
    Err(match transient {
        Some(error) => failed(ErrorKind::Timeout, format!("{message}; then: {error}")).with_source(error),
        None => failed(ErrorKind::Timeout, message),
    })
}

/// Polls the states of all resources.
async fn poll(
    call: &Call,
    meta: &'static WaiterMeta,
    request: &mut dyn Model,
    ids: &[String],
) -> Result<BTreeMap<String, String>> {
    let mut states = BTreeMap::new();
    for chunk in ids.chunks(meta.chunk.max(1)) {
        set_ids(request, meta.ids, chunk);
        let reply = call.start(meta.operation, request).await?;
        let mut response = (meta.response)();
        decode_reply(reply, &mut *response)?;
        read_states(&*response, meta, &mut states);
    }
    Ok(states)
}

/// The resources that are not ready yet, with their states.
fn last_seen(ids: &[String], states: Option<&BTreeMap<String, String>>) -> String {
    /// Keeps the message readable.
    const MAX_LISTED_IDS: usize = 10;
    let Some(states) = states else { return "nothing, because no poll succeeded".to_owned() };
    let state = |id: &String| match states.get(id).map(String::as_str) {
        None => "not found",
        Some("") => "still exists",
        Some(state) => state,
    };
    let seen: Vec<String> = ids.iter().take(MAX_LISTED_IDS).map(|id| format!("`{id}` {}", state(id))).collect();
    let mut seen = seen.join(", ");
    if ids.len() > MAX_LISTED_IDS {
        seen.push_str(&format!(" and {} more", ids.len() - MAX_LISTED_IDS));
    }
    seen
}

fn set_ids(request: &mut dyn Model, name: &str, ids: &[String]) {
    model::slot(request, name, |slot| {
        let list: &mut dyn List = match slot {
            Slot::OptionList(list) => list.fill(),
            Slot::List(list) => list,
            _ => return,
        };
        list.clear();
        for id in ids {
            // The elements are strings.
            let _ = set_text(list.push(), id);
        }
    });
}

/// Collects the state of each element of the response's list; the empty string if elements have no state.
fn read_states(response: &dyn Model, meta: &WaiterMeta, states: &mut BTreeMap<String, String>) {
    model::value(response, meta.items, |value| {
        let Value::List(list) = value else { return };
        for index in 0..list.count() {
            if let Value::Model(element) = list.at(index)
                && let Some(id) = get(element, meta.id)
            {
                let state = meta.state.and_then(|state| get(element, state)).unwrap_or_default();
                states.insert(id, state);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::{
        Credentials,
        model::members,
        sts,
        transport::{Transport, TransportError},
    };

    #[derive(Default)]
    struct Request {
        ids: Option<Vec<String>>,
    }

    #[derive(Default)]
    struct Response {
        things: Vec<Thing>,
    }

    #[derive(Default)]
    struct Thing {
        id: String,
        state: String,
    }

    members! {
        Request;
        ids = "Ids" as Json,
    }

    members! {
        Response;
        things = "Things" as Wrapped("Thing"),
    }

    members! {
        Thing;
        id = "Id",
        state = "State",
    }

    #[derive(Debug)]
    struct Page(&'static str);

    impl Transport for Page {
        fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
            Box::pin(async { Ok(http::Response::new(Bytes::from_static(self.0.as_bytes()))) })
        }
    }

    static META: WaiterMeta = WaiterMeta {
        name: "thing_running",
        operation: &OperationMeta::new(&sts::SERVICE, "DescribeThings"),
        response: || Box::new(Response::default()),
        ids: "Ids",
        items: "Things",
        id: "Id",
        state: Some("State"),
        success: &["Running"],
        failure: &["Broken", "Lost"],
        gone: false,
        set: &[],
        chunk: 100,
        interval: Duration::from_secs(5),
    };

    #[tokio::test]
    async fn a_failure_state_ends_the_wait() {
        let page = r#"{"Things": {"Thing": [
            {"Id": "t-1", "State": "Running"}, {"Id": "t-2", "State": "Broken"}]}}"#;
        let client: sts::Client = sts::Client::builder()
            .without_environment()
            .region("r")
            .credentials(Credentials::new("id", "secret"))
            .transport(Page(page))
            .build()
            .unwrap();
        let ids = vec!["t-1".to_owned(), "t-2".to_owned()];
        let waiting = client.start().wait(&META, Box::new(Request::default()), ids, Duration::ZERO);
        let error = waiting.await.unwrap_err();
        assert_eq!(error.to_string(), "sts DescribeThings failed: waiter thing_running: `t-2` is Broken");
        assert_eq!(error.kind(), ErrorKind::Waiter);
    }
}
