//! The access key that the CLI keeps in a profile after a person has signed in.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::SystemTime,
};

use crate::{
    error::Result,
    identity::{Context, Credentials, ProvideCredentials, failed},
    system::BoxFuture,
    time::timestamp,
};

/// Provides a temporary access key that only a person can replace.
///
/// Its expiry is not compared with the clock of this machine, which may be wrong: the service decides. A key that it
/// rejected is offered to later calls again, because a rejection may be a mistake, too.
#[derive(Debug)]
pub(super) struct SignedIn {
    credentials: Credentials,
    /// How to sign in again.
    remedy: String,
    /// Number of rejections that `provide` has not reported yet, one for each call whose request was rejected.
    unreported: AtomicU32,
}

impl SignedIn {
    pub(super) fn new(credentials: Credentials, remedy: String) -> Self {
        Self { credentials, remedy, unreported: AtomicU32::new(0) }
    }

    fn next(&self) -> Result<Credentials> {
        let report = |unreported: u32| unreported.checked_sub(1);
        if self.unreported.fetch_update(Ordering::Relaxed, Ordering::Relaxed, report).is_err() {
            return self.credentials.clone().checked();
        }
        let expiry = self.credentials.expires().and_then(|expires: SystemTime| timestamp(expires).ok());
        let expiry = expiry.map(|time| format!(", which expires at {}", &*time)).unwrap_or_default();
        Err(failed(format!("the service rejected the access key{expiry}; {}", self.remedy)))
    }
}

impl ProvideCredentials for SignedIn {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        let credentials = self.next();
        Box::pin(async { credentials })
    }

    fn invalidate(&self, rejected: &Credentials) {
        if self.credentials.is_same(rejected) {
            self.unreported.fetch_add(1, Ordering::Relaxed);
        }
    }
}
