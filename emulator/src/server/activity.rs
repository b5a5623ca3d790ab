//! Whether a connection is in use.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Counts the requests of a connection that have arrived and whose response is not yet sent.
#[derive(Clone, Default)]
pub(super) struct Activity(Arc<AtomicUsize>);

impl Activity {
    /// Counts a request until the result is dropped.
    pub(super) fn begin(&self) -> InFlight {
        self.0.fetch_add(1, Ordering::Relaxed);
        InFlight(self.clone())
    }

    pub(super) fn is_idle(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

/// A request that has arrived and whose response is not yet sent.
pub(super) struct InFlight(Activity);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
