//! What a local ECS does, with or without a server around it.

use std::{fmt, sync::Arc};

use bytes::Bytes;

use crate::{
    clock::Clock,
    faults::{Faults, Plan},
    metadata::MetadataMode,
    outcome::Outcome,
    request::Request,
    world::World,
};

/// A local ECS without sockets. Clones share everything.
///
/// ```
/// use ecs_emulator::{Emulator, Outcome};
///
/// let service = Emulator::builder().without_sockets()?;
/// let request = http::Request::get("http://ecs.local/latest/meta-data/ram/security-credentials/").body("".into())?;
/// let Outcome::Answered(answer) = service.handle(request) else { panic!("a fault") };
/// assert_eq!(answer.response.body(), "EcsEmulatorRole");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Service {
    pub(crate) world: Arc<World>,
}

impl Service {
    /// Handles a request, faults included, as if it had come over a connection of its own.
    ///
    /// Delays are told in the outcome; nothing here waits.
    #[must_use]
    pub fn handle(&self, request: http::Request<Bytes>) -> Outcome {
        if self.world.refuses() { Outcome::Refused } else { self.world.answer(request) }
    }

    /// The clock that it goes by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.world.clock.clone()
    }

    /// Makes these faults from now on, in place of those until now.
    pub fn set_faults(&self, faults: Faults) {
        self.world.lock().plan = Plan::new(faults);
    }

    /// The API requests until now, also those that were refused; the last 10 000 of them. Connections that a fault
    /// closed before anything was read are not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world.lock().requests.iter().cloned().collect()
    }

    /// Forgets the requests until now.
    pub fn clear_requests(&self) {
        self.world.lock().requests.clear();
    }

    /// The IDs of all instances that there are, in the order of their creation.
    #[must_use]
    pub fn instance_ids(&self) -> Vec<String> {
        self.world.lock().state.instances.keys().cloned().collect()
    }

    /// Takes a preemptible instance back, as the service does when the market price rises: the instance is locked with
    /// the reason `Recycling`, CloudMonitor tells `Instance:PreemptibleInstanceInterruption`, the metadata service
    /// tells the time, and five minutes later the instance is released, or stopped if it was created so.
    ///
    /// Returns whether there is a preemptible instance of that ID.
    pub fn recycle(&self, instance_id: &str) -> bool {
        let now = self.world.now();
        self.world.lock().state.recycle(instance_id, now)
    }

    /// Answers metadata requests as from this instance. Until then they come from the oldest one.
    pub fn metadata_instance(&self, instance_id: impl Into<String>) {
        self.world.lock().metadata.instance = Some(instance_id.into());
    }

    /// Whether metadata requests need a token (IMDSv2) even of instances that leave it open.
    pub fn metadata_tokens_required(&self, required: bool) {
        self.set_metadata_mode(if required { MetadataMode::TokensRequired } else { MetadataMode::TokensOptional });
    }

    /// How metadata requests take tokens from now on.
    pub fn set_metadata_mode(&self, mode: MetadataMode) {
        self.world.lock().metadata.mode = mode;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("clock", &self.world.clock).finish_non_exhaustive()
    }
}
