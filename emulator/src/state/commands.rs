//! Runs of commands and deliveries of files: what happens to them with the time.

use time::OffsetDateTime;

use super::{State, Table};
use crate::resources::{Ending, Instance, Invocation, RunStatus, Status};

impl State {
    /// Starts and ends the runs that are due, if their instances run.
    pub(super) fn settle_commands(&mut self, now: OffsetDateTime) {
        let instances = &self.instances;
        while let Some((id, at)) = self.invocations.first_due(now) {
            if let Some(mut invocation) = self.invocations.get_mut(&id) {
                invocation.status.go_on(at, now, |instance| runs(instances, instance, at));
            }
        }
        while let Some((id, at)) = self.file_deliveries.first_due(now) {
            if let Some(mut delivery) = self.file_deliveries.get_mut(&id) {
                delivery.status.go_on(at, now, |instance| runs(instances, instance, at));
            }
        }
    }

    /// Runs the commands that wait for the start of an instance, once it runs.
    pub(crate) fn start_commands(&mut self, instance: &str, now: OffsetDateTime) {
        let Some(at) = self.instances.get(instance).and_then(|instance| instance.started) else { return };
        for id in self.invocations.linked_ids(instance) {
            let waits = self.invocations.get(&id).is_some_and(Invocation::waits_for_start);
            if let Some(mut invocation) = self.invocations.get_mut(&id).filter(|_| waits) {
                let targets = invocation.status.iter_mut().filter(|target| target.instance == instance);
                targets.for_each(|target| target.instance_starts(at, now));
            }
        }
    }

    /// Ends all that runs on an instance that is released.
    pub(super) fn end_commands(&mut self, instance: &str, at: OffsetDateTime) {
        let ending = Ending::failed("InstanceReleased", "the instance was released during the run");
        for id in self.invocations.linked_ids(instance) {
            if let Some(mut invocation) = self.invocations.get_mut(&id) {
                let targets = invocation.status.iter_mut().filter(|target| target.instance == instance);
                targets.for_each(|target| target.end(at, RunStatus::Error, ending.clone()));
            }
        }
        for id in self.file_deliveries.linked_ids(instance) {
            if let Some(mut delivery) = self.file_deliveries.get_mut(&id) {
                let targets = delivery.status.iter_mut().filter(|target| target.instance == instance);
                targets.for_each(|target| target.end(at, RunStatus::Error, ending.clone()));
            }
        }
    }
}

/// Returns whether an instance runs at a time, and since when; `None` if it was released.
fn runs(instances: &Table<Instance>, id: &str, at: OffsetDateTime) -> Option<(bool, Option<OffsetDateTime>)> {
    instances.get(id).map(|instance| (instance.status(at) == Status::Running, instance.started))
}
