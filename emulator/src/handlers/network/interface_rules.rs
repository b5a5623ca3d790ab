//! Checks that the operations that change network interfaces share.

use crate::{
    call::Call,
    error::Result,
    resources::{Interface, InterfaceStatus},
};

/// Returns the network interface that the call names.
pub(super) fn interface<'c>(call: &'c Call<'_>) -> Result<&'c Interface> {
    let id = call.args.string_or("NetworkInterfaceId", "");
    let region = call.region()?;
    let found = call.state.interfaces.get(id).filter(|interface| interface.region == region.id);
    found.ok_or_else(|| {
        let message = format!("The network interface {id:?} does not exist in {}.", region.id);
        call.error("InvalidEniId.NotFound", 404, message)
    })
}

/// Rejects an interface that is not in one of the states.
pub(super) fn needs(call: &Call<'_>, interface: &Interface, states: &[InterfaceStatus]) -> Result<()> {
    let (interface, status) = (format!("network interface {}", interface.id), interface.status.at(call.now));
    call.needs(&interface, status, states, (400, "InvalidOperation.InvalidEniState"))
}
