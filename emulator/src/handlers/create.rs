//! RunInstances and CreateInstance.

use serde_json::{Value, json};
use time::Duration;

use super::Entry;
use super::launch::{DiskOrder, Launch};
use crate::{
    call::Call,
    catalog::market,
    clock::Period,
    error::Result,
    resources::{Disk, DiskStatus, Instance, Interface, InterfaceStatus, Metadata, Status},
    state::Timeline,
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "CreateInstance", create_instance), ("ecs", "RunInstances", run_instances)];

fn run_instances(call: &mut Call<'_>) -> Result<Value> {
    let amount = call.args.count("Amount").unwrap_or(1);
    if call.args.count("MinAmount").is_some_and(|least| least > amount) {
        return Err(call.error("InvalidParam.Amount", 403, "MinAmount cannot be more than Amount."));
    }
    let launch = Launch::read(call)?;
    if launch.subscription.is_some() && launch.auto_release.is_some() {
        let message = "AutoReleaseTime cannot be set for a subscription instance.";
        return Err(call.error("InvalidAutoReleaseTime.Malformed", 400, message));
    }
    let ids = (0..amount).map(|number| create(call, &launch, amount, number, true)).collect::<Result<Vec<_>>>()?;
    let mut response = billed(call, &launch, amount);
    response["InstanceIdSets"] = json!({ "InstanceIdSet": ids });
    Ok(response)
}

fn create_instance(call: &mut Call<'_>) -> Result<Value> {
    let launch = Launch::read(call)?;
    let id = create(call, &launch, 1, 0, false)?;
    let mut response = billed(call, &launch, 1);
    response["InstanceId"] = id.into();
    Ok(response)
}

/// Returns the members with the price and, for a subscription, the order.
fn billed(call: &mut Call<'_>, launch: &Launch<'_>, amount: u32) -> Value {
    let ty = launch.instance_type;
    let hourly = call.catalog.hourly(call.market, &launch.zone, ty);
    let one = match launch.subscription {
        Some(Period::Weeks(weeks)) => call.catalog.subscription(hourly, f64::from(weeks) / 4.0),
        Some(Period::Months(months)) => call.catalog.subscription(hourly, f64::from(months)),
        None if launch.spot.strategy == "NoSpot" => hourly,
        None => call.spot_price(&launch.zone, ty),
    };
    let mut response = json!({ "TradePrice": market::round(one * f64::from(amount)) });
    if launch.subscription.is_some() {
        response["OrderId"] = call.state.next_order().into();
    }
    response
}

/// Creates one of the instances, and starts it if `run` is set.
fn create(call: &mut Call<'_>, launch: &Launch<'_>, amount: u32, number: u32, run: bool) -> Result<String> {
    let args = call.args;
    let region = launch.region;
    let wanted = launch.private_ip.filter(|_| number == 0);
    let free = wanted.or_else(|| call.state.free_addresses(&launch.vswitch, 1).first().copied());
    let Some(private_ip) = free else {
        return Err(call.error("QuotaExceeded.PrivateIpAddress", 400, "The vSwitch has no free addresses."));
    };
    let sequence = call.state.next_sequence();
    let id = call.state.ids.resource("i", &region.code);
    let mut internet = launch.internet.clone();
    if run && internet.outgoing > 0 {
        internet.ip = Some(call.state.next_public_ip());
    }
    let text = |name: &str, default: &str| args.string_or(name, default).to_owned();
    let unique = args.flag("UniqueSuffix") && amount > 1;
    let host_names = args.strings("HostNames").unwrap_or_default();
    let host_name = host_names.get(number as usize).copied().or_else(|| args.string("HostName"));
    let default_host = format!("iZ{}Z", id.trim_start_matches("i-"));
    let mac = call.state.ids.number().to_be_bytes();
    let mut instance = Instance {
        sequence,
        name: numbered(args.string_or("InstanceName", &id), unique, number),
        description: text("Description", ""),
        host_name: host_name.map_or(default_host, |name| numbered(name, unique, number)),
        region: region.id.clone(),
        zone: launch.zone.clone(),
        image: launch.image.id.to_owned(),
        instance_type: launch.instance_type.id.to_owned(),
        prepaid: launch.subscription.is_some(),
        vpc: call.state.vswitches.get(&launch.vswitch).map(|vswitch| vswitch.vpc.clone()).unwrap_or_default(),
        vswitch: launch.vswitch.clone(),
        groups: launch.groups.clone(),
        private_ip: private_ip.to_string(),
        interface: call.state.ids.resource("eni", &region.code),
        mac: format!("00:16:3e:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2]),
        serial: call.state.ids.uuid().to_lowercase(),
        internet,
        spot: launch.spot.clone(),
        metadata: Metadata {
            endpoint: text("HttpEndpoint", "enabled"),
            tokens: text("HttpTokens", "optional"),
            hops: args.int("HttpPutResponseHopLimit").unwrap_or(1),
        },
        tags: launch.tags.clone(),
        resource_group: text("ResourceGroupId", ""),
        key_pair: text("KeyPairName", ""),
        role: text("RamRoleName", ""),
        user_data: launch.user_data.clone(),
        credit: text("CreditSpecification", if launch.instance_type.family.name == "ecs.t6" { "Standard" } else { "" }),
        deletion_protection: args.flag("DeletionProtection"),
        stopped_mode: "KeepCharging".to_owned(),
        created: call.now.into(),
        started: None,
        auto_release: launch.auto_release,
        expires: launch.subscription.map(|period| period.after(call.now)),
        renewal: launch.renewal.clone(),
        locks: Vec::new(),
        status: Timeline::default(),
        deleted: None,
        id: id.clone(),
    };
    let states: &[Status] =
        if run { &[Status::Pending, Status::Starting, Status::Running] } else { &[Status::Pending, Status::Stopped] };
    instance.pass(call.now, call.step, states);
    create_disk(call, &instance, launch, &launch.system_disk, 0);
    for (order, place) in launch.data_disks.iter().zip(1..) {
        create_disk(call, &instance, launch, order, place);
    }
    add_primary_interface(call, &instance);
    call.state.instances.insert(instance);
    Ok(id)
}

/// Creates the primary network interface of an instance.
fn add_primary_interface(call: &mut Call<'_>, instance: &Instance) {
    let interface = Interface {
        sequence: call.state.next_sequence(),
        id: instance.interface.clone(),
        region: instance.region.clone(),
        zone: instance.zone.clone(),
        vpc: instance.vpc.clone(),
        vswitch: instance.vswitch.clone(),
        primary: true,
        instance: Some(instance.id.clone()),
        mac: instance.mac.clone(),
        private_ip: instance.private_ip.clone(),
        groups: instance.groups.clone(),
        delete_on_release: true,
        resource_group: instance.resource_group.clone(),
        created: instance.created,
        status: Timeline::starting(call.now, call.step, &[InterfaceStatus::Creating, InterfaceStatus::InUse]),
        ..Interface::default()
    };
    call.state.add_interface(interface);
}

/// Creates a disk of an instance; place 0 is the system disk.
fn create_disk(call: &mut Call<'_>, instance: &Instance, launch: &Launch<'_>, order: &DiskOrder, place: u8) {
    let sequence = call.state.next_sequence();
    let id = call.state.ids.resource("d", &launch.region.code);
    let options = &order.options;
    let text = |name: &str, default: &str| options.string_or(name, default).to_owned();
    let essd = order.category == "cloud_essd";
    let disk = Disk {
        sequence,
        name: text("DiskName", ""),
        description: text("Description", ""),
        region: instance.region.clone(),
        zone: instance.zone.clone(),
        kind: (if place == 0 { "system" } else { "data" }).to_owned(),
        category: order.category.clone(),
        performance: text("PerformanceLevel", if essd { "PL1" } else { "" }),
        size: order.size,
        image: if place == 0 { instance.image.clone() } else { String::new() },
        instance: Some(instance.id.clone()),
        device: text("Device", &format!("/dev/xvd{}", char::from(b'a' + place))),
        delete_with_instance: place == 0 || options.boolean("DeleteWithInstance").unwrap_or(true),
        encrypted: options.flag("Encrypted"),
        key: text("KMSKeyId", ""),
        snapshot: text("SnapshotId", ""),
        prepaid: instance.prepaid,
        expires: instance.expires,
        resource_group: instance.resource_group.clone(),
        tags: instance.tags.clone(),
        created: call.now.into(),
        attached: Some(call.now + Duration::seconds(1)),
        detached: None,
        serial: id.trim_start_matches("d-").to_owned(),
        status: Timeline::starting(call.now, call.step, &[DiskStatus::Creating, DiskStatus::InUse]),
        id,
        ..Disk::default()
    };
    call.state.disks.insert(disk);
}

/// Returns the name of one of several instances: `web[5,3]` yields `web005`, `web006`, …; a unique suffix starts at 001.
fn numbered(name: &str, unique: bool, number: u32) -> String {
    if let Some((start, rest)) = name.split_once('[')
        && let Some((range, end)) = rest.split_once(']')
        && let Some((first, digits)) = range.split_once(',')
        && let (Ok(first), Ok(digits)) = (first.trim().parse::<u32>(), digits.trim().parse::<usize>())
    {
        return format!("{start}{:0digits$}{end}", first.saturating_add(number), digits = digits.min(6));
    }
    if unique { format!("{name}{:03}", number + 1) } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted() {
        assert_eq!(numbered("web", false, 1), "web");
        assert_eq!(numbered("web", true, 1), "web002");
        assert_eq!(numbered("web-[10,4]-eu", false, 1), "web-0011-eu");
        assert_eq!(numbered("web[x,4]", false, 1), "web[x,4]");
    }
}
