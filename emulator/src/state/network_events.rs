//! Events in the life of VPCs, vSwitches and elastic IP addresses.

use time::OffsetDateTime;

use super::State;
use crate::resources::EipStatus;

impl State {
    /// Removes VPCs, vSwitches and elastic IP addresses whose deletion is done, and ends associations.
    pub(super) fn settle_network(&mut self, now: OffsetDateTime) {
        while let Some((id, _)) = self.vswitches.first_due(now) {
            self.vswitches.remove(&id);
        }
        while let Some((id, _)) = self.vpcs.first_due(now) {
            self.vpcs.remove(&id);
        }
        while let Some((id, at)) = self.eips.first_due(now) {
            let is_released = self.eips.get(&id).is_some_and(|eip| eip.status.at(at) == EipStatus::Releasing);
            if is_released {
                self.eips.remove(&id);
            } else if let Some(mut eip) = self.eips.get_mut(&id) {
                eip.free();
            }
        }
    }

    /// Ends the associations of elastic IP addresses with a resource that is gone.
    pub(super) fn free_eips(&mut self, resource: &str) {
        for id in self.eips.linked_ids(resource) {
            if let Some(mut eip) = self.eips.get_mut(&id) {
                eip.free();
            }
        }
    }
}
