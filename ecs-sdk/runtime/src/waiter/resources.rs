//! Waiters for resources: polls the operation for all IDs and keeps track of each.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task,
    time::Duration,
};

use super::{
    engine::{Poll, Status},
    outcome::Resource,
    progress::{Progress, ResourceStatus},
};
use crate::{
    error::{Error, Result},
    model::Model,
    path::get_all,
    system::BoxFuture,
};

/// A waiter as declared in the specs.
#[doc(hidden)]
#[derive(Debug)]
pub struct WaiterMeta {
    /// Name.
    pub name: &'static str,
    /// Wire name of the parameter for the IDs.
    pub ids: &'static str,
    /// Maximum number of IDs per request.
    pub chunk: usize,
    /// Path of the ID in an item; `None` if all items belong to the only ID of the request.
    pub id: Option<&'static str>,
    /// Path of the state in an item. It may lead through lists; then an item has several states.
    pub state: Option<&'static str>,
    /// States in which an item is ready.
    pub success: &'static [&'static str],
    /// Setter of the state in which an item is ready, if callers choose it.
    pub target: Option<&'static str>,
    /// Whether the wait ends when one resource is ready, and not when all are.
    pub any: bool,
    /// States from which an item cannot become ready.
    pub failure: &'static [&'static str],
    /// Other documented states. If there are none, it is not known which states are documented.
    pub transient: &'static [&'static str],
    /// Whether a resource is ready that is not found.
    pub gone: bool,
    /// Fixed parameters of the request.
    pub set: &'static [(&'static str, &'static str)],
}

impl WaiterMeta {
    pub const fn new(name: &'static str, ids: &'static str, chunk: usize) -> Self {
        let (success, failure, transient): (&[&str], &[&str], &[&str]) = (&[], &[], &[]);
        let (id, state, target, set): (_, _, _, &[_]) = (None, None, None, &[]);
        Self { name, ids, chunk, id, state, success, target, any: false, failure, transient, gone: false, set }
    }

    pub const fn id(mut self, path: &'static str) -> Self {
        self.id = Some(path);
        self
    }

    pub const fn state(mut self, path: &'static str) -> Self {
        self.state = Some(path);
        self
    }

    pub const fn success(mut self, states: &'static [&'static str]) -> Self {
        self.success = states;
        self
    }

    pub const fn target(mut self, setter: &'static str) -> Self {
        self.target = Some(setter);
        self
    }

    pub const fn any(mut self) -> Self {
        self.any = true;
        self
    }

    pub const fn failure(mut self, states: &'static [&'static str]) -> Self {
        self.failure = states;
        self
    }

    pub const fn transient(mut self, states: &'static [&'static str]) -> Self {
        self.transient = states;
        self
    }

    pub const fn gone(mut self) -> Self {
        self.gone = true;
        self
    }

    pub const fn set(mut self, parameters: &'static [(&'static str, &'static str)]) -> Self {
        self.set = parameters;
        self
    }
}

/// A request for items in progress.
pub(super) type Fetching = BoxFuture<'static, Result<Vec<Box<dyn Resource>>>>;

/// A dry run in progress.
pub(super) type Checking = BoxFuture<'static, Result<()>>;

/// The operation that a waiter polls.
pub(super) trait Source: Send {
    /// Requests the items of these IDs, with all pages.
    fn fetch(&mut self, ids: &[String]) -> Fetching;

    /// Performs a dry run of the same request, if the operation has it.
    fn check(&mut self, ids: &[String]) -> Option<Checking>;
}

/// A request of a poll.
enum Request {
    Fetch(Fetching),
    Check(Checking),
}

/// The result of a request of a poll.
enum Response {
    Fetched(Result<Vec<Box<dyn Resource>>>),
    Checked(Result<()>),
}

impl Future for Request {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> task::Poll<Response> {
        match self.get_mut() {
            Self::Fetch(request) => request.as_mut().poll(context).map(Response::Fetched),
            Self::Check(request) => request.as_mut().poll(context).map(Response::Checked),
        }
    }
}

/// The requests of a poll that are in progress, each with its resources.
type Running = Vec<(Vec<usize>, Request)>;

/// The next step of a poll after a response.
enum Next {
    Nothing,
    /// The halves of a chunk instead of all of it.
    Halves([Vec<usize>; 2]),
    /// A dry run for some resources.
    Check(Vec<usize>, Checking),
}

/// A function that is called after each poll.
pub(super) type OnProgress = Box<dyn FnMut(&Progress) + Send>;

/// Number of requests of a poll at a time, like that of batches that only read. A request starts as soon as another ends. Some
/// operations take one ID per request, so that a poll of many resources would take longer than the interval if its requests
/// followed each other.
const CONCURRENT_REQUESTS: usize = 4;

/// Number of polls in a row that must not find a resource after it was seen, until the wait for a state of it fails. Lists
/// of the service can be out of date for a few seconds; ten polls take about half a minute.
const MAX_MISSING_POLLS: u32 = 10;

/// The resources that a waiter waits for, by their position in `progress.resources`.
pub(super) struct Resources {
    meta: &'static WaiterMeta,
    /// The state that the caller has chosen.
    target: Option<String>,
    source: Box<dyn Source>,
    on_progress: Option<OnProgress>,
    pub(super) progress: Progress,
    /// The last seen items of each resource.
    pub(super) items: Vec<Vec<Box<dyn Resource>>>,
    /// Number of polls in a row that have not found the resource.
    missing: Vec<u32>,
}

impl Resources {
    /// `ids` may contain duplicates.
    pub(super) fn new(
        meta: &'static WaiterMeta,
        target: Option<String>,
        source: Box<dyn Source>,
        ids: Vec<String>,
        on_progress: Option<OnProgress>,
    ) -> Self {
        let mut known = HashSet::new();
        let ids = ids.into_iter().filter(|id| known.insert(id.clone()));
        let resources: Vec<_> = ids.map(ResourceStatus::new).collect();
        let count = resources.len();
        let progress = Progress { resources, ..Progress::default() };
        let items = (0..count).map(|_| Vec::new()).collect();
        Self { meta, target, source, on_progress, progress, items, missing: vec![0; count] }
    }

    /// Positions of the resources that are not done.
    fn open(&self) -> Vec<usize> {
        (0..self.progress.total()).filter(|index| !self.progress.resources[*index].done).collect()
    }

    fn ids(&self, indexes: &[usize]) -> Vec<String> {
        indexes.iter().map(|index| self.progress.resources[*index].id.clone()).collect()
    }

    /// Starts the request for some resources.
    fn fetch(&mut self, chunk: &[usize]) -> Request {
        let ids = self.ids(chunk);
        Request::Fetch(self.source.fetch(&ids))
    }

    /// Updates some resources with the response to a single request for them, and returns what to request because of it: if
    /// the service does not find all of several, they are polled in halves, because the error does not name those that exist.
    fn received(&mut self, chunk: &[usize], response: Response) -> Result<Next> {
        match response {
            Response::Fetched(Ok(items)) => {
                self.update(chunk, items);
                return Ok(self.check_unseen(chunk));
            }
            Response::Checked(Err(error)) if !error.is_not_found() => {
                for index in chunk {
                    let resource = &mut self.progress.resources[*index];
                    (resource.polled, resource.unchecked) = (true, true);
                }
                return Err(error);
            }
            Response::Checked(_) => chunk.iter().for_each(|index| self.not_found(*index)),
            Response::Fetched(Err(error)) if !error.is_not_found() => return Err(error),
            Response::Fetched(Err(_)) => match chunk {
                [one] => self.not_found(*one),
                several => {
                    let (half, rest) = several.split_at(several.len() / 2);
                    return Ok(Next::Halves([half.to_vec(), rest.to_vec()]));
                }
            },
        }
        Ok(Next::Nothing)
    }

    /// Assigns the items of a response to the resources.
    fn update(&mut self, chunk: &[usize], items: Vec<Box<dyn Resource>>) {
        let positions: HashMap<&str, usize> = match self.meta.id {
            Some(_) => chunk.iter().map(|index| (self.progress.resources[*index].id.as_str(), *index)).collect(),
            None => HashMap::new(),
        };
        let mut found: HashMap<usize, Vec<Box<dyn Resource>>> = HashMap::new();
        for item in items {
            let index = match self.meta.id {
                // An item that nobody asked for is ignored.
                Some(path) => get_all(&*item, path).iter().find_map(|id| positions.get(id.as_str()).copied()),
                None => chunk.first().copied(),
            };
            if let Some(index) = index {
                found.entry(index).or_default().push(item);
            }
        }
        for index in chunk {
            match found.remove(index) {
                Some(items) => self.found(*index, items),
                // Its absence counts only after a dry run.
                None if self.meta.gone && !self.progress.resources[*index].seen => {}
                None => self.not_found(*index),
            }
        }
    }

    /// Updates a resource with its items. It is ready if all of them are.
    fn found(&mut self, index: usize, items: Vec<Box<dyn Resource>>) {
        let meta = self.meta;
        let is_one_of = |state: &String, states: &[&str]| states.iter().any(|known| known.eq_ignore_ascii_case(state));
        let states_of = |item: &dyn Model| meta.state.map(|path| get_all(item, path)).unwrap_or_default();
        let has = |states: &[&str]| {
            items.iter().filter(|item| states_of(&***item).iter().any(|state| is_one_of(state, states))).count()
        };
        let resource = &mut self.progress.resources[index];
        resource.failed = has(meta.failure) > 0;
        let target = self.target.as_deref();
        let ready = target.as_ref().map_or(meta.success, std::slice::from_ref);
        resource.done = !resource.failed && has(ready) == items.len();
        (resource.polled, resource.found, resource.seen) = (true, true, true);
        resource.unchecked = false;
        let mut states: Vec<String> = items.iter().flat_map(|item| states_of(&**item)).collect();
        let mut known = HashSet::new();
        states.retain(|state| !state.is_empty() && known.insert(state.clone()));
        let documented = [meta.success, meta.failure, meta.transient];
        resource.unexpected = !meta.transient.is_empty()
            && states.iter().any(|state| !documented.iter().any(|list| is_one_of(state, list)));
        resource.state = states.join("/");
        self.items[index] = items;
        self.missing[index] = 0;
    }

    /// Updates a resource that does not exist, or that the service does not list yet.
    fn not_found(&mut self, index: usize) {
        let resource = &mut self.progress.resources[index];
        (resource.polled, resource.found, resource.done) = (true, false, self.meta.gone);
        resource.unchecked = false;
        self.missing[index] += 1;
        resource.failed = !self.meta.gone && resource.seen && self.missing[index] >= MAX_MISSING_POLLS;
    }

    /// Starts to check the permission for resources that are not listed and never were: without it, lists are empty. They
    /// are treated as gone if a dry run succeeds, and if the operation has none.
    fn check_unseen(&mut self, chunk: &[usize]) -> Next {
        let is_unseen = |resource: &ResourceStatus| !resource.seen && !resource.done;
        let unseen: Vec<usize> =
            chunk.iter().copied().filter(|index| is_unseen(&self.progress.resources[*index])).collect();
        if !self.meta.gone || unseen.is_empty() {
            return Next::Nothing;
        }
        let ids = self.ids(&unseen);
        match self.source.check(&ids) {
            Some(check) => Next::Check(unseen, check),
            None => {
                unseen.into_iter().for_each(|index| self.not_found(index));
                Next::Nothing
            }
        }
    }

    /// The reason why the wait cannot succeed any more.
    fn failure(&self) -> Option<String> {
        let resources = &self.progress.resources;
        let failed = resources.iter().find(|resource| resource.failed)?;
        if self.meta.any && resources.iter().any(|resource| !resource.failed) {
            return None;
        }
        Some(if failed.found {
            format!("`{}` is {}", failed.id, failed.state)
        } else {
            format!("`{}` no longer exists; its last state was {}", failed.id, failed.state)
        })
    }
}

impl Poll for Resources {
    type Output = ();

    async fn poll(&mut self) -> Result<Status<()>> {
        let mut transient = None;
        let open = self.open();
        let mut waiting: VecDeque<_> = open.chunks(self.meta.chunk.max(1)).map(<[usize]>::to_vec).collect();
        let mut running = Running::new();
        loop {
            while running.len() < CONCURRENT_REQUESTS
                && let Some(chunk) = waiting.pop_front()
            {
                let request = self.fetch(&chunk);
                running.push((chunk, request));
            }
            let Some((chunk, response)) = first(&mut running).await else { break };
            match self.received(&chunk, response) {
                Ok(Next::Nothing) => {}
                Ok(Next::Halves(halves)) => halves.into_iter().rev().for_each(|half| waiting.push_front(half)),
                // It takes the place of the request that has ended.
                Ok(Next::Check(unseen, check)) => running.push((unseen, Request::Check(check))),
                // The others may succeed.
                Err(error) if error.is_retryable() => transient = Some(error),
                Err(error) => return Err(error),
            }
        }
        if self.meta.any && self.progress.done() > 0 {
            return Ok(Status::Done(()));
        }
        match (self.failure(), transient) {
            (Some(reason), _) => Ok(Status::Failed(reason)),
            (None, Some(error)) => Err(error),
            (None, None) if self.open().is_empty() => Ok(Status::Done(())),
            (None, None) => Ok(Status::Pending(String::new())),
        }
    }

    fn polled(&mut self, polls: u32, elapsed: Duration, error: Option<&Error>) {
        (self.progress.polls, self.progress.elapsed, self.progress.error) = (polls, elapsed, error.cloned());
        if let Some(on_progress) = &mut self.on_progress {
            on_progress(&self.progress);
        }
    }
}

/// Waits for the first response to several requests, and removes its request. Returns `None` if there are none.
async fn first(running: &mut Running) -> Option<(Vec<usize>, Response)> {
    poll_fn(|context| {
        for position in 0..running.len() {
            if let task::Poll::Ready(response) = Pin::new(&mut running[position].1).poll(context) {
                let (chunk, _) = running.remove(position);
                return task::Poll::Ready(Some((chunk, response)));
            }
        }
        if running.is_empty() { task::Poll::Ready(None) } else { task::Poll::Pending }
    })
    .await
}

impl fmt::Debug for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources").field("progress", &self.progress).finish_non_exhaustive()
    }
}
