//! Events in the life of VPCs, vSwitches and elastic IP addresses, and what people may leave out in files about them.

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

    /// Fills in what a file leaves out: routers and route tables of VPCs, and the facts of elastic IP addresses.
    pub(super) fn fill_in_network(&mut self) {
        for id in self.vpcs.values().map(|vpc| vpc.id.clone()).collect::<Vec<_>>() {
            let Some(mut vpc) =
                self.vpcs.get_mut(&id).filter(|vpc| vpc.router.is_empty() || vpc.route_table.is_empty())
            else {
                continue;
            };
            let suffix = id.trim_start_matches("vpc-");
            vpc.router = format!("vrt-{suffix}");
            vpc.route_table = format!("vtb-{suffix}");
        }
        for id in self.eips.values().map(|eip| eip.id.clone()).collect::<Vec<_>>() {
            let address = match self.eips.get(&id) {
                Some(eip) if eip.address.is_empty() => self.next_public_ip(),
                Some(eip) => eip.address.clone(),
                None => continue,
            };
            if let Some(mut eip) = self.eips.get_mut(&id) {
                eip.address = address;
                eip.fill_in();
            }
        }
    }
}
