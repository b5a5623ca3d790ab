//! The progress of a waiter, and the status of each resource.

use std::{fmt, time::Duration};

use crate::error::Error;

/// The last known status of a resource that a waiter waits for.
///
/// Its [`Display`](fmt::Display) form contains ID and state, such as `` `i-bp67acfmxazb4p****` Starting``.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceStatus {
    pub(super) id: String,
    pub(super) state: String,
    pub(super) found: bool,
    pub(super) seen: bool,
    pub(super) done: bool,
    pub(super) failed: bool,
    /// Whether the state is not one of the documented ones.
    pub(super) unexpected: bool,
    /// Whether any response has shown that it exists, or that it does not.
    pub(super) polled: bool,
    /// Whether it is not listed, and the check whether the permission is missing has failed.
    pub(super) unchecked: bool,
}

impl ResourceStatus {
    pub(super) fn new(id: String) -> Self {
        let (found, seen, done, failed) = (false, false, false, false);
        Self { id, state: String::new(), found, seen, done, failed, unexpected: false, polled: false, unchecked: false }
    }

    /// Returns the ID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the state in the last response that contained the resource, as the service spells it. Empty if there was
    /// none, and for resources without a state. If the resource has several states, they are separated by `/`.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Returns whether the last poll of the resource found it.
    pub fn is_found(&self) -> bool {
        self.found
    }

    /// Returns whether any poll found the resource.
    pub fn was_seen(&self) -> bool {
        self.seen
    }

    /// Returns whether the resource has reached the desired state.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Returns whether the resource has reached a state from which it cannot reach the desired one.
    pub fn is_failed(&self) -> bool {
        self.failed
    }
}

impl fmt::Display for ResourceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, state, .. } = self;
        match (self.polled, self.found, state.as_str()) {
            (false, ..) => write!(f, "`{id}` not polled"),
            (true, false, _) if self.unchecked => {
                write!(f, "`{id}` not listed, but the check of the permission to see it failed")
            }
            (true, false, _) => write!(f, "`{id}` not found"),
            (true, true, "") => write!(f, "`{id}` exists"),
            (true, true, _) if self.unexpected => write!(f, "`{id}` {state} (unknown state)"),
            (true, true, _) => write!(f, "`{id}` {state}"),
        }
    }
}

/// The progress of a waiter: which resources are done, and the state of each.
///
/// Its [`Display`](fmt::Display) form is one line, such as
/// `` 1 of 2 done (`i-bp1g6zv0ce8oghu7k***`); last seen: `i-bp67acfmxazb4p****` Starting``.
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn example(client: ecs_sdk::Client, ids: Vec<String>) -> ecs_sdk::Result<()> {
/// client
///     .wait_until_instance_running()
///     .instance_ids(ids)
///     .on_progress(|progress| {
///         println!("{:?}: {} of {}", progress.elapsed(), progress.done(), progress.total())
///     })
///     .wait(Duration::from_secs(300))
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub(super) resources: Vec<ResourceStatus>,
    pub(super) polls: u32,
    pub(super) elapsed: Duration,
    pub(super) error: Option<Error>,
}

impl Progress {
    /// Returns the number of resources that have reached the desired state.
    pub fn done(&self) -> usize {
        self.resources.iter().filter(|resource| resource.done).count()
    }

    /// Returns the number of resources, without duplicates.
    pub fn total(&self) -> usize {
        self.resources.len()
    }

    /// Returns the status of each resource, in the order of the IDs.
    pub fn resources(&self) -> &[ResourceStatus] {
        &self.resources
    }

    /// Returns the number of polls. A poll of many resources takes several requests.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// Returns the time since the start of the wait.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the error of the last poll if it failed. The wait goes on if the error is transient.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |done| self.resources.iter().filter(move |resource| resource.done == done);
        write!(f, "{} of {} done", self.done(), self.total())?;
        if self.done() > 0 {
            write!(f, " ({})", listed(part(true).map(|resource| format!("`{}`", resource.id))))?;
        }
        if !self.resources.iter().any(|resource| resource.polled) {
            f.write_str("; last seen: nothing, because no poll succeeded")
        } else if self.done() < self.total() {
            write!(f, "; last seen: {}", listed(part(false).map(ToString::to_string)))
        } else {
            Ok(())
        }
    }
}

/// The first elements of a list.
fn listed(all: impl Iterator<Item = String>) -> String {
    /// Keeps messages readable.
    const MAX_LISTED_IDS: usize = 10;
    let mut all: Vec<String> = all.collect();
    let others = all.len().saturating_sub(MAX_LISTED_IDS);
    all.truncate(MAX_LISTED_IDS);
    let list = all.join(", ");
    if others == 0 { list } else { format!("{list} and {others} more") }
}
