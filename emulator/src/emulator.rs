//! The emulator as a server.

use std::{fmt, io, net::SocketAddr, time::Duration};

use crate::{
    canned::{CannedResponse, CannedResponseError},
    clock::Clock,
    command_results::{CommandResult, CommandResultError},
    faults::Faults,
    metadata::MetadataMode,
    request::Request,
    server::Server,
    service::Service,
};

/// A running emulator: a [`Service`] with an address. It stops when it is dropped.
///
/// ```
/// let emulator = ecs_emulator::Emulator::builder().key("id", "secret").start_blocking()?;
/// println!("ECS is at {}", emulator.endpoint());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Emulator {
    service: Service,
    server: Server,
}

impl Emulator {
    pub(crate) fn new(service: Service, server: Server) -> Self {
        Emulator { service, server }
    }

    /// Returns the address of the emulator as a URL such as `http://127.0.0.1:8080`: the endpoint of the API, and the base
    /// of the metadata service.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Returns the first address at which programs of this machine reach it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.addresses[0]
    }

    /// Returns the addresses at which programs of this machine reach it, one for each host that it listens at.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.server.addresses
    }

    /// Returns the number of open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// Returns the emulator without its server, for requests without sockets. It shares all state with this emulator
    /// and outlives it.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Returns the emulator's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.service.clock()
    }

    /// Sets the faults to inject from now on; see [`Service::set_faults`].
    pub fn set_faults(&self, faults: Faults) {
        self.service.set_faults(faults);
    }

    /// Sets the results of Cloud Assistant commands; see [`Service::set_command_results`].
    ///
    /// # Errors
    ///
    /// Same as [`Service::set_command_results`].
    pub fn set_command_results(
        &self,
        results: impl IntoIterator<Item = CommandResult>,
    ) -> Result<(), CommandResultError> {
        self.service.set_command_results(results)
    }

    /// Prepares responses of an operation; see [`Service::respond_with`].
    ///
    /// # Errors
    ///
    /// Same as [`Service::respond_with`].
    pub fn respond_with(
        &self,
        operation: &str,
        responses: impl IntoIterator<Item = CannedResponse>,
    ) -> Result<(), CannedResponseError> {
        self.service.respond_with(operation, responses)
    }

    /// Removes all prepared responses.
    pub fn clear_responses(&self) {
        self.service.clear_responses();
    }

    /// Returns to the state after the start; see [`Service::reset`].
    pub fn reset(&self) {
        self.service.reset();
    }

    /// Returns the warnings so far; see [`Service::warnings`].
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        self.service.warnings()
    }

    /// Returns the log of API requests; see [`Service::requests`].
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.service.requests()
    }

    /// Returns the log of requests and clears it; see [`Service::take_requests`].
    #[must_use]
    pub fn take_requests(&self) -> Vec<Request> {
        self.service.take_requests()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.service.clear_requests();
    }

    /// Returns the IDs of all instances, in order of creation.
    #[must_use]
    pub fn instance_ids(&self) -> Vec<String> {
        self.service.instance_ids()
    }

    /// Interrupts a spot instance; see [`Service::recycle`].
    pub fn recycle(&self, instance_id: &str) -> bool {
        self.service.recycle(instance_id)
    }

    /// Sets the instance that metadata requests come from; see [`Service::set_metadata_instance`].
    pub fn set_metadata_instance(&self, instance_id: impl Into<String>) {
        self.service.set_metadata_instance(instance_id);
    }

    /// Sets whether metadata requests need a token; see [`Service::set_metadata_mode`].
    pub fn set_metadata_mode(&self, mode: MetadataMode) {
        self.service.set_metadata_mode(mode);
    }

    /// Waits until the server has stopped. A running server stops by itself only if it fails.
    ///
    /// # Errors
    ///
    /// Returns the error that stopped the server.
    pub async fn wait(&self) -> io::Result<()> {
        self.server.ended().await
    }

    /// Stops the emulator, but first lets it finish the requests that have arrived, for no longer than `grace`. Requests
    /// that a fault holds are cut at once.
    ///
    /// # Errors
    ///
    /// Returns the error of a server that had stopped by itself.
    pub async fn stop(self, grace: Duration) -> io::Result<()> {
        self.server.stop(grace).await
    }

    /// Stops the emulator and closes all its connections, as dropping it does. Blocks until its thread has ended.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("endpoint", &self.endpoint()).field("service", &self.service).finish()
    }
}
