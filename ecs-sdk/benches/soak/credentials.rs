//! Counts how often credentials are requested and refreshed.

use std::sync::{Arc, Mutex, atomic::Ordering};

use ecs_sdk::{
    Credentials, Result,
    credentials::{Context, ProvideCredentials},
    system::BoxFuture,
};

use crate::stats::Stats;

/// Wraps a provider and counts its calls, of which there is one per attempt.
#[derive(Debug)]
pub(crate) struct Counted<P> {
    source: P,
    stats: Arc<Stats>,
    last: Mutex<String>,
}

impl<P> Counted<P> {
    pub(crate) fn new(source: P, stats: Arc<Stats>) -> Self {
        Self { source, stats, last: Mutex::default() }
    }
}

impl<P: ProvideCredentials> ProvideCredentials for Counted<P> {
    fn provide<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        self.stats.attempts.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {
            let credentials = self.source.provide(context).await?;
            let mut last = self.last.lock().expect("no task panics while holding the lock");
            if *last != credentials.access_key_id() {
                credentials.access_key_id().clone_into(&mut last);
                self.stats.refreshes.fetch_add(1, Ordering::Relaxed);
                self.stats.add_secrets(&credentials);
            }
            drop(last);
            Ok(credentials)
        })
    }

    fn invalidate(&self, rejected: &Credentials) {
        self.source.invalidate(rejected);
    }
}
