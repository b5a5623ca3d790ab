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
    let status = interface.status.at(call.now);
    if states.contains(&status) {
        return Ok(());
    }
    let states: Vec<&str> = states.iter().map(|status| status.as_str()).collect();
    let (id, status) = (&interface.id, status.as_str());
    let message = format!("The network interface {id} is {status}; the operation needs it {}.", states.join(" or "));
    Err(call.error("InvalidOperation.InvalidEniState", 400, message))
}
