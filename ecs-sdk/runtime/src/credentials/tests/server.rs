//! A server that issues credentials, on a fake clock.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::{FutureExt, future::maybe_done};
use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::fakes::Clock;
use crate::{
    config::Config,
    credentials::{Credentials, CredentialsUri, ProvideCredentials},
    error::Result,
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
};

pub(super) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// How the server responds to requests.
#[derive(Debug, Clone, Copy)]
pub(super) enum Behavior {
    /// Issues `key-<number of the request>` with this lifetime, after a second.
    Issues(Duration),
    /// The same, after a delay.
    IssuesAfter {
        delay: Duration,
        lifetime: Duration,
    },
    Rejects,
    Hangs,
}

/// A server that issues credentials.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) clock: Clock,
    behavior: Arc<Mutex<Behavior>>,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(super) fn new(behavior: Behavior) -> Self {
        Self { clock: Clock::default(), behavior: Arc::new(Mutex::new(behavior)), requests: Arc::default() }
    }

    pub(super) fn set(&self, behavior: Behavior) {
        *self.behavior.lock().unwrap() = behavior;
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(super) fn config(&self) -> Config {
        let builder = Config::builder().without_environment().region("cn-hangzhou");
        builder.transport(self.clone()).system(self.clock.clone()).build().unwrap()
    }

    /// Calls a provider once. Returns the ID of the access key, or the error.
    pub(super) fn call(&self, provider: &dyn ProvideCredentials) -> Result<String, String> {
        let config = self.config();
        id(self.clock.run(provider.provide(config.context())))
    }

    /// Calls a provider 100 times concurrently.
    pub(super) fn call_100(&self, provider: &dyn ProvideCredentials) -> Vec<Result<String, String>> {
        let config = self.config();
        let mut calls: Vec<_> = (0..100).map(|_| maybe_done(provider.provide(config.context()))).collect();
        // All calls are polled repeatedly, because the clock does not wake tasks.
        self.clock.run(poll_fn(|context| {
            let waiting =
                calls.iter_mut().filter_map(|call| call.poll_unpin(context).is_pending().then_some(())).count();
            if waiting == 0 { Poll::Ready(()) } else { Poll::Pending }
        }));
        calls.iter_mut().map(|call| id(Pin::new(call).take_output().unwrap())).collect()
    }
}

pub(super) fn id(outcome: Result<Credentials>) -> Result<String, String> {
    outcome.map(|found| found.access_key_id().to_owned()).map_err(|error| error.to_string())
}

pub(super) fn response(number: usize, expires: SystemTime) -> http::Response<Bytes> {
    let expires = OffsetDateTime::from(expires).format(&Rfc3339).unwrap();
    let key = json!({
        "Code": "Success", "AccessKeyId": format!("key-{number}"), "AccessKeySecret": "s3cret",
        "SecurityToken": "s3cret-token", "Expiration": expires,
    });
    // In a response of STS, the access key is a member.
    let mut body = key.clone();
    body["Credentials"] = key;
    http::Response::new(body.to_string().into())
}

impl Transport for Server {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let behavior = *self.behavior.lock().unwrap();
        Box::pin(async move {
            let delay = if let Behavior::IssuesAfter { delay, .. } = behavior { delay } else { seconds(1) };
            self.clock.sleep(delay).await;
            match behavior {
                Behavior::Issues(lifetime) | Behavior::IssuesAfter { lifetime, .. } => {
                    Ok(response(number, self.clock.now() + lifetime))
                }
                Behavior::Rejects => Ok(http::Response::builder().status(403).body(Bytes::new()).unwrap()),
                Behavior::Hangs => std::future::pending().await,
            }
        })
    }
}

pub(super) fn uri() -> CredentialsUri {
    CredentialsUri::builder().uri("http://127.0.0.1:7002/key").build()
}

pub(super) fn key(number: usize) -> Result<String, String> {
    Ok(format!("key-{number}"))
}

pub(super) const REJECTED: &str = "cannot get credentials from the URI: 127.0.0.1:7002 returned an error (HTTP 403)";
