//! One fetch for all callers, even if they are canceled, stop waiting, or are in another runtime.

use std::{
    future::{pending, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Waker},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;

use super::server::{Behavior, REJECTED, Server, id, key, minutes, response, seconds, uri};
use crate::{
    config::Config,
    credentials::{self, AssumeRole, Credentials, ProvideCredentials},
    error::{Error, Result},
    system::{BoxFuture, System, TokioSystem},
    transport::{Transport, TransportError},
};

/// Time limit of tests with real runtimes.
const TIME_LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_slow_refresh_is_not_lost() {
    let server = Server::new(Behavior::Issues(seconds(1000)));
    let source = uri();
    assert_eq!(server.call(&source), key(1));
    server.set(Behavior::IssuesAfter { delay: seconds(6), lifetime: seconds(1000) });
    server.clock.advance(seconds(750));
    let before = server.clock.monotonic();
    // One caller waits for 5 seconds, and the next call gets the result.
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.clock.monotonic() - before, seconds(5));
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.clock.monotonic() - before, seconds(5), "only one caller waits");
    for _ in 0..20 {
        server.clock.advance(seconds(31));
        assert_eq!(server.call(&source), key(2));
    }
    assert_eq!(server.requests(), 2);
}

/// The next call comes so late that the fetch may have been lost.
#[test]
fn rare_calls_get_the_result_of_a_slow_refresh_too() {
    for interval in [minutes(1), minutes(2), minutes(10)] {
        let server = Server::new(Behavior::Issues(minutes(60)));
        let source = uri();
        assert_eq!(server.call(&source), key(1));
        server.set(Behavior::IssuesAfter { delay: seconds(6), lifetime: minutes(600) });
        server.clock.advance(minutes(45));
        assert_eq!(server.call(&source), key(1));
        for _ in 0..10 {
            server.clock.advance(interval);
            assert_eq!(server.call(&source), key(2));
        }
    }
}

#[test]
fn rare_calls_wait_once_for_each_fetch_of_a_provider_that_hangs() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let role = role(|number| if number == 1 { some_key() } else { Box::pin(pending()) });
    assert_eq!(server.call(&role), key(1));
    server.clock.advance(minutes(45));
    for _ in 0..4 {
        let before = server.clock.monotonic();
        assert_eq!(server.call(&role), key(1));
        assert!(server.clock.monotonic() - before <= seconds(5));
        assert_eq!(server.call(&role), key(1));
        assert!(server.clock.monotonic() - before <= seconds(10));
        server.clock.advance(minutes(2));
    }
}

#[test]
fn callers_that_share_a_failure_get_the_same_error() {
    let server = Server::new(Behavior::Rejects);
    let (source, config) = (uri(), server.config());
    let mut first = source.provide(config.context());
    assert!(first.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
    let second = server.clock.run(source.provide(config.context()));
    for error in [server.clock.run(first).unwrap_err(), second.unwrap_err()] {
        assert_eq!(error.to_string(), REJECTED);
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()).unwrap();
        assert_eq!(cause.http_status(), Some(403));
    }
    assert_eq!(server.requests(), 1);
}

/// Runs a function for each request for credentials, with the number of the request.
struct Source<F>(F, AtomicUsize);

impl<F> std::fmt::Debug for Source<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

impl<F> ProvideCredentials for Source<F>
where
    F: Fn(usize) -> BoxFuture<'static, Result<Credentials>> + Send + Sync + 'static,
{
    fn provide<'a>(&'a self, _: &'a credentials::Context) -> BoxFuture<'a, Result<Credentials>> {
        (self.0)(self.1.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// A role whose source is a function.
fn role(source: impl Fn(usize) -> BoxFuture<'static, Result<Credentials>> + Send + Sync + 'static) -> AssumeRole {
    AssumeRole::builder(Source(source, AtomicUsize::new(0))).role_arn("acs:ram::1:role/r").build()
}

fn some_key() -> BoxFuture<'static, Result<Credentials>> {
    Box::pin(ready(Ok(Credentials::new("id", "s3cret"))))
}

#[test]
fn a_fetch_that_hangs_is_started_again_after_a_minute() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let role = role(|number| if number == 1 { Box::pin(pending()) } else { some_key() });
    let config = server.config();
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        // Each call joins the fetch, and gives up.
        assert!(role.provide(config.context()).poll_unpin(&mut context).is_pending());
        server.clock.advance(seconds(19));
        assert_eq!(server.requests(), 0);
    }
    server.clock.advance(seconds(3));
    assert_eq!(server.call(&role), key(1));
}

#[test]
fn an_expired_key_is_used_if_its_provider_hangs() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let role = role(|number| if number == 1 { some_key() } else { Box::pin(pending()) });
    assert_eq!(server.call(&role), key(1));
    server.clock.advance(minutes(61));
    let before = server.clock.monotonic();
    // If it has really expired, the service rejects it.
    assert_eq!(server.call(&role), key(1));
    assert_eq!(server.clock.monotonic() - before, seconds(30));
}

#[test]
fn a_panic_of_a_provider_ends_the_fetch() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let clock = server.clock.clone();
    let role = role(move |number| {
        let wait = clock.sleep(seconds(1));
        if number > 1 {
            return some_key();
        }
        Box::pin(async move {
            wait.await;
            panic!("the provider panics")
        })
    });
    let config = server.config();
    let mut context = Context::from_waker(Waker::noop());
    let mut first = role.provide(config.context());
    assert!(first.poll_unpin(&mut context).is_pending());
    let mut second = role.provide(config.context());
    assert!(second.poll_unpin(&mut context).is_pending());
    server.clock.advance(seconds(1));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| first.poll_unpin(&mut context)));
    assert!(caught.is_err());
    let error = server.clock.run(second).unwrap_err();
    assert_eq!(error.to_string(), "the credentials provider panicked");
    assert_eq!(server.call(&role), key(1));
}

/// A server whose first response takes a timer of the runtime, which never fires if the runtime has ended.
#[derive(Debug, Default)]
struct WithTimer {
    /// How long each response takes.
    delays: Vec<Duration>,
    requests: AtomicUsize,
}

impl Transport for WithTimer {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let system = TokioSystem::default();
        let delay = self.delays.get(number).or(self.delays.last()).copied().unwrap_or_default();
        Box::pin(async move {
            system.sleep(delay).await;
            Ok(response(number + 1, system.now() + minutes(60)))
        })
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn config(delays: &[Duration]) -> Config {
    let transport = WithTimer { delays: delays.to_vec(), requests: AtomicUsize::new(0) };
    Config::builder().without_environment().region("cn-hangzhou").transport(transport).build().unwrap()
}

#[test]
fn a_fetch_whose_runtime_ended_is_started_again() {
    let (source, config) = (uri(), config(&[TIME_LIMIT * 10, Duration::ZERO]));
    let mut context = Context::from_waker(Waker::noop());
    let first = runtime();
    {
        let _entered = first.enter();
        assert!(source.provide(config.context()).poll_unpin(&mut context).is_pending());
    }
    drop(first);
    let second = runtime();
    let limited = async { tokio::time::timeout(TIME_LIMIT, source.provide(config.context())).await.unwrap() };
    assert_eq!(id(second.block_on(limited)), key(2));
}

#[test]
fn a_runtime_does_not_wait_for_the_fetch_of_another() {
    let (source, config) = (uri(), config(&[TIME_LIMIT * 10, Duration::ZERO]));
    let (idle, busy) = (runtime(), runtime());
    let mut waiting = {
        let _entered = idle.enter();
        let mut waiting = source.provide(config.context());
        assert!(waiting.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
        waiting
    };
    let limited = async { tokio::time::timeout(TIME_LIMIT, source.provide(config.context())).await.unwrap() };
    assert_eq!(id(busy.block_on(limited)), key(2));
    // A later call in the idle runtime uses the cached credentials.
    assert_eq!(id(idle.block_on(source.provide(config.context()))), key(2));
    let _entered = idle.enter();
    assert!(waiting.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_tasks_share_one_fetch_although_half_of_them_are_canceled() {
    let (source, config) = (Arc::new(uri()), Arc::new(config(&[Duration::from_millis(50)])));
    let mut tasks: Vec<_> = (0..200)
        .map(|_| {
            let (source, config) = (source.clone(), config.clone());
            tokio::spawn(async move { id(source.provide(config.context()).await) })
        })
        .collect();
    tokio::task::yield_now().await;
    tasks.drain(..100).for_each(|task| task.abort());
    for task in tasks {
        let task = tokio::time::timeout(TIME_LIMIT, task).await.unwrap();
        assert_eq!(task.unwrap(), key(1));
    }
}
