//! Waiters: one engine that polls until all resources are in the state asked for.

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

/// What a waiter does, as the specs say.
#[doc(hidden)]
#[derive(Debug)]
pub struct WaiterMeta {
    /// Name.
    pub name: &'static str,
    /// Operation to poll.
    pub operation: &'static OperationMeta,
    /// Creates an empty response to decode into.
    pub response: fn() -> Box<dyn Model>,
    /// List parameter that takes the IDs.
    pub ids: &'static str,
    /// Response list to look at.
    pub items: &'static str,
    /// Member of an element that holds its ID.
    pub id: &'static str,
    /// Member of an element that holds its state.
    pub state: Option<&'static str>,
    /// States in which a resource counts as ready.
    pub success: &'static [&'static str],
    /// States from which a resource cannot become ready.
    pub failure: &'static [&'static str],
    /// Whether to wait until the resources are gone.
    pub gone: bool,
    /// Fixed parameters of the polling request.
    pub set: &'static [(&'static str, &'static str)],
    /// How many IDs one poll takes.
    pub chunk: usize,
    /// Time between two polls.
    pub interval: Duration,
}

/// A running waiter: a future that completes when all resources are ready. Dropping it stops the polling.
#[must_use = "nothing is waited for until the future is awaited"]
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
    /// Starts waiting. It is here because waiters are made of calls, and calls know nothing of them.
    #[doc(hidden)]
    pub fn wait(
        self,
        meta: &'static WaiterMeta,
        mut request: Box<dyn Model>,
        ids: Vec<String>,
        limit: Duration,
    ) -> Waiting {
        for (name, value) in meta.set {
            set(&mut *request, name, value);
        }
        let system = self.config().shared_system();
        Waiting(Box::pin(wait(self, system, meta, request, ids, limit)))
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
        return Err(failed(ErrorKind::Request, format!("waiter {} has no IDs to wait for", meta.name)));
    }
    ids.sort_unstable();
    ids.dedup();
    let deadline = system.monotonic().saturating_add(limit);
    let left = || deadline.saturating_sub(system.monotonic());
    let mut last = None;
    let mut passing = None;
    loop {
        // A poll that is in flight at the deadline may take one more interval.
        let look = look(&call, meta, &mut *request, &ids);
        let Some(states) = timeout(&*system, left().max(meta.interval), look).await else { break };
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
                (last, passing) = (Some(states), None);
            }
            // A poll only reads, so a transient failure does not end the wait.
            Err(error) if error.is_retryable() => passing = Some(error),
            Err(error) => return Err(error),
        }
        if left().is_zero() {
            break;
        }
        system.sleep(meta.interval.min(left())).await;
    }
    let seen = last_seen(&ids, last.as_ref());
    let message = format!("waiter {} did not succeed within {limit:?}; last seen: {seen}", meta.name);
    Err(match passing {
        Some(error) => failed(ErrorKind::Timeout, format!("{message}; then: {error}")).with_source(error),
        None => failed(ErrorKind::Timeout, message),
    })
}

/// Asks for the states of all resources.
async fn look(
    call: &Call,
    meta: &'static WaiterMeta,
    request: &mut dyn Model,
    ids: &[String],
) -> Result<BTreeMap<String, String>> {
    let mut states = BTreeMap::new();
    for chunk in ids.chunks(meta.chunk.max(1)) {
        put_ids(request, meta.ids, chunk);
        let reply = call.start(meta.operation, request).await?;
        let mut response = (meta.response)();
        decode_reply(reply, &mut *response)?;
        read_states(&*response, meta, &mut states);
    }
    Ok(states)
}

/// The resources still waited for, with their states.
fn last_seen(ids: &[String], states: Option<&BTreeMap<String, String>>) -> String {
    /// Keeps the message readable.
    const MAX_LISTED_IDS: usize = 10;
    let Some(states) = states else { return "nothing, no poll succeeded".to_owned() };
    let state = |id: &String| match states.get(id).map(String::as_str) {
        None => "not found",
        Some("") => "still there",
        Some(state) => state,
    };
    let seen: Vec<String> = ids.iter().take(MAX_LISTED_IDS).map(|id| format!("`{id}` {}", state(id))).collect();
    let mut seen = seen.join(", ");
    if ids.len() > MAX_LISTED_IDS {
        seen.push_str(&format!(" and {} more", ids.len() - MAX_LISTED_IDS));
    }
    seen
}

fn put_ids(request: &mut dyn Model, name: &str, ids: &[String]) {
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

/// Collects the state of each element of the response's list; empty where elements have no state.
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
        ids: OptionList(String) = "Ids" as Json,
    }

    members! {
        Response;
        things: List(Thing) = "Things" as Wrapped("Thing"),
    }

    members! {
        Thing;
        id: One(String) = "Id",
        state: One(String) = "State",
    }

    #[derive(Debug)]
    struct Page(&'static str);

    impl Transport for Page {
        fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
            Box::pin(async { Ok(http::Response::new(Bytes::from_static(self.0.as_bytes()))) })
        }
    }

    static META: WaiterMeta = WaiterMeta {
        name: "thing_fine",
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
    async fn a_state_that_leads_nowhere_ends_the_waiting() {
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
        assert_eq!(error.to_string(), "sts DescribeThings failed: waiter thing_fine: `t-2` is Broken");
        assert_eq!(error.kind(), ErrorKind::Waiter);
    }
}
