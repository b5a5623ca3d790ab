//! The network interfaces of new instances that `NetworkInterface.N` describes.

use super::network::{self, Place};
use crate::{
    args::Args,
    call::Call,
    catalog::{InstanceType, Region},
    error::Result,
    handlers::references,
    resources::InterfaceStatus,
};

/// Parameters that an entry of the type Primary replaces.
const OF_THE_PRIMARY: &[&str] =
    &["VSwitchId", "SecurityGroupId", "SecurityGroupIds", "PrivateIpAddress", "Ipv6Address", "Ipv6AddressCount"];

/// The entries of `NetworkInterface.N`.
#[derive(Debug)]
pub(super) struct Entries {
    /// The primary interface; empty if there is no entry for it.
    pub(super) primary: Args,
    pub(super) secondary: Vec<Args>,
}

/// A secondary network interface to create or to attach.
#[derive(Debug)]
pub(in crate::handlers) struct InterfaceOrder {
    /// Options of the request.
    pub(in crate::handlers) options: Args,
    /// Interface to attach, if it exists.
    pub(in crate::handlers) existing: Option<String>,
    pub(in crate::handlers) place: Place,
    pub(in crate::handlers) groups: Vec<String>,
}

/// Reads the entries. Without one of the type Primary, the parameters of the request itself describe the primary interface.
pub(super) fn entries(call: &Call<'_>) -> Result<Entries> {
    let (mut primary, mut secondary) = (None, Vec::new());
    for entry in call.args.structs("NetworkInterface") {
        match entry.string_or("InstanceType", "Secondary") {
            "Secondary" => secondary.push(entry),
            "Primary" if primary.is_none() => primary = Some(entry),
            "Primary" => {
                let message = "Only one entry of NetworkInterface can have the InstanceType Primary.";
                return Err(call.error("InvalidParam.NetworkInterface", 400, message));
            }
            other => {
                let message =
                    format!("InstanceType of a NetworkInterface cannot be {other:?}; it can be Primary or Secondary.");
                return Err(call.error("InvalidParameter.EniType", 403, message));
            }
        }
    }
    if let Some(primary) = primary {
        if let Some(name) = OF_THE_PRIMARY.iter().find(|name| call.args.get(name).is_some()) {
            let message =
                format!("{name} cannot be combined with a NetworkInterface of the type Primary; set it there.");
            return Err(call.error("InvalidParam.NetworkInterface", 400, message));
        }
        return Ok(Entries { primary, secondary });
    }
    let own = OF_THE_PRIMARY.iter().filter_map(|name| Some(((*name).to_owned(), call.args.get(name)?.clone())));
    let mut primary: serde_json::Map<_, _> = own.collect();
    if let Some(address) = primary.remove("PrivateIpAddress") {
        primary.insert("PrimaryIpAddress".to_owned(), address);
    }
    Ok(Entries { primary: Args::new(primary), secondary })
}

/// Reads the secondary interfaces of instances at a place.
pub(super) fn secondary(
    call: &Call<'_>,
    region: &Region,
    entries: Vec<Args>,
    (ty, amount): (&InstanceType, u32),
    (place, groups): (&Place, &[String]),
) -> Result<Vec<InterfaceOrder>> {
    if entries.len() >= ty.interfaces as usize && !entries.is_empty() {
        let message = format!(
            "An instance of {} can have {} network interfaces, the primary one among them.",
            ty.id, ty.interfaces
        );
        return Err(call.error("InvalidParameter.EniNumExceededWithLaunchEcs", 403, message));
    }
    let order = |options: Args| match options.string("NetworkInterfaceId").map(str::to_owned) {
        Some(id) => existing(call, region, options, &id, (place, amount)),
        None => {
            let own = options.string("VSwitchId").map(|id| network::vswitch(call, region, id)).transpose()?;
            let own = own.unwrap_or_else(|| place.clone());
            if own.zone != place.zone || own.vpc != place.vpc {
                let message = format!("The vSwitch {} is not in the zone and VPC of the instance.", own.vswitch);
                return Err(call.error("InvalidParameter.VSwitchId", 400, message));
            }
            let named = options.get("SecurityGroupId").or(options.get("SecurityGroupIds")).is_some();
            let groups = if named { network::groups(call, region, &options, &own.vpc)? } else { groups.to_vec() };
            Ok(InterfaceOrder { options, existing: None, place: own, groups })
        }
    };
    entries.into_iter().map(order).collect()
}

/// Checks an interface to attach.
fn existing(
    call: &Call<'_>,
    region: &Region,
    options: Args,
    id: &str,
    (place, amount): (&Place, u32),
) -> Result<InterfaceOrder> {
    let found = call.state.interfaces.get(id).filter(|interface| interface.region == region.id);
    let Some(interface) = found else { return Err(references::no_interface(call, id)) };
    if amount > 1 {
        let message = format!("The network interface {id} can be attached to one instance only; set Amount to 1.");
        return Err(call.error("InvalidParam.Amount", 403, message));
    }
    let status = interface.status.at(call.now);
    let code = "InvalidOperation.InvalidNetworkInterfaceId";
    if status != InterfaceStatus::Available || interface.instance.is_some() {
        let message = format!("The network interface {id} is {}; it needs to be Available.", status.as_str());
        return Err(call.error(code, 403, message));
    }
    if interface.zone != place.zone || interface.vpc != place.vpc {
        let message = format!("The network interface {id} is not in the zone and VPC of the instance.");
        return Err(call.error(code, 403, message));
    }
    Ok(InterfaceOrder { options, existing: Some(id.to_owned()), place: place.clone(), groups: Vec::new() })
}
