//! The emulator without a server.

mod resources;

use std::{fmt, sync::Arc};

use bytes::Bytes;

use crate::{
    actions,
    canned::{CannedResponse, CannedResponseError},
    clock::Clock,
    command_results::{CommandResult, CommandResultError},
    faults::{Faults, Plan},
    metadata::MetadataMode,
    outcome::Outcome,
    request::Request,
    router,
    simulation::Simulation,
};

/// An emulator without sockets. Clones share all state.
///
/// ```
/// use ecs_emulator::{Emulator, Outcome};
///
/// let service = Emulator::builder().without_sockets()?;
/// let url = "http://localhost/latest/meta-data/ram/security-credentials/";
/// let request = http::Request::get(url).body("".into())?;
/// let Outcome::Response(response) = service.handle(request) else { panic!("a fault") };
/// assert_eq!(response.http.body(), "EcsEmulatorRole");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Service {
    simulation: Arc<Simulation>,
}

impl Service {
    pub(crate) fn new(simulation: Arc<Simulation>) -> Self {
        Service { simulation }
    }

    /// Handles a request, including faults, as if it had arrived over a connection of its own.
    ///
    /// It never waits; the outcome states the delay.
    #[must_use]
    pub fn handle(&self, request: http::Request<Bytes>) -> Outcome {
        let refused = self.simulation.refuses() && !router::is_control(request.uri().path());
        if refused { Outcome::Refused } else { router::handle(&self.simulation, request) }
    }

    /// Returns the emulator's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.simulation.clock.clone()
    }

    /// Replaces the faults to inject.
    pub fn set_faults(&self, faults: Faults) {
        self.simulation.lock().plan = Plan::new(faults);
    }

    /// Replaces the responses prepared for an operation. A request gets the first one that is meant for it; an empty list
    /// removes all.
    ///
    /// # Errors
    ///
    /// Returns an error if a response cannot be sent, such as one with a status below 200.
    pub fn respond_with(
        &self,
        operation: &str,
        responses: impl IntoIterator<Item = CannedResponse>,
    ) -> Result<(), CannedResponseError> {
        self.simulation.lock().canned.set(operation, responses.into_iter().collect())
    }

    /// Removes all prepared responses.
    pub fn clear_responses(&self) {
        self.simulation.lock().canned.clear();
    }

    /// Replaces the results of Cloud Assistant commands. A run on an instance gets the first one that is meant for it, or else that
    /// of [its script](CommandResult); an empty list removes all.
    ///
    /// # Errors
    ///
    /// Returns an error if a result is not possible, such as one that is meant for no run.
    pub fn set_command_results(
        &self,
        results: impl IntoIterator<Item = CommandResult>,
    ) -> Result<(), CommandResultError> {
        self.simulation.lock().commands.set(results.into_iter().collect())
    }

    /// Returns to the state after the start: resources, clock, faults, prepared responses, and the log of requests. Access
    /// keys stay valid, temporary ones included.
    pub fn reset(&self) {
        self.simulation.reset();
    }

    /// Returns the warnings so far: one for each operation that was called but is not simulated.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.simulation.lock().tally.warnings().to_vec()
    }

    /// Returns the log of API requests, including rejected ones; it holds the last 10,000, or 64 MiB of them. It does not
    /// contain connections that a fault closed before anything was read.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.simulation.lock().requests.requests().iter().cloned().collect()
    }

    /// Returns the log of requests and clears it, without losing a request that arrives in between.
    #[must_use]
    pub fn take_requests(&self) -> Vec<Request> {
        self.simulation.lock().requests.take()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        drop(self.simulation.lock().requests.take());
    }

    /// Returns the IDs of all instances, in order of creation.
    #[must_use]
    pub fn instance_ids(&self) -> Vec<String> {
        self.simulation.lock().accounts.home().instances.values().map(|instance| instance.id.clone()).collect()
    }

    /// Interrupts a spot instance, as the service does when the market price rises: the instance is locked with the
    /// reason `Recycling`, CloudMonitor reports `Instance:PreemptibleInstanceInterruption`, and the metadata service reports
    /// the termination time. Five minutes later, the instance is released, or stopped if its `SpotInterruptionBehavior` is
    /// `Stop`.
    ///
    /// Returns whether a spot instance of that ID exists.
    pub fn recycle(&self, instance_id: &str) -> bool {
        actions::recycle(&self.simulation, instance_id)
    }

    /// Sets the instance that metadata requests come from. Defaults to the oldest one.
    pub fn set_metadata_instance(&self, instance_id: impl Into<String>) {
        self.simulation.lock().metadata.instance = Some(instance_id.into());
    }

    /// Sets whether metadata requests need a token (IMDSv2).
    pub fn set_metadata_mode(&self, mode: MetadataMode) {
        self.simulation.lock().metadata.mode = mode;
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("clock", &self.simulation.clock).finish_non_exhaustive()
    }
}
