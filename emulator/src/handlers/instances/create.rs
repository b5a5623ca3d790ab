//! RunInstances and CreateInstance.

use serde_json::{Map, Value, json};
use time::Duration;

use super::launch::{self, DiskOrder, InterfaceOrder, Launch, Place};
use crate::{
    args::Args,
    call::Call,
    catalog::{Quote, Term},
    clock::Period,
    error::{EcsError, Result},
    handlers::{Entry, disks::create::take_options},
    resources::{Disk, DiskStatus, Instance, Interface, InterfaceStatus, Metadata, PrivatePool, Status, VSwitch},
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] =
    &[("ecs", "CreateInstance", create_instance), ("ecs", "RunInstances", run_instances)];

/// Options that responses show as requests give them.
const SHOWN_OPTIONS: &[&str] =
    &["AdditionalInfo", "ClockOptions", "CpuOptions", "ImageOptions", "NetworkOptions", "PrivateDnsNameOptions"];

/// References that a lenient emulator takes although nothing is behind them, and that responses show.
const SHOWN_REFERENCES: &[&str] = &["DeploymentSetId", "DeploymentSetGroupNo", "HpcClusterId"];

fn run_instances(call: &mut Call<'_>) -> Result<Value> {
    match launch::complete(call)? {
        None => run(call),
        // The same call, with the parameters of the launch template.
        Some(args) => run(&mut Call {
            args: &args,
            state: &mut *call.state,
            keys: &mut *call.keys,
            commands: &mut *call.commands,
            ..*call
        }),
    }
}

fn run(call: &mut Call<'_>) -> Result<Value> {
    let amount = call.args.count("Amount").unwrap_or(1);
    let least = call.args.count("MinAmount").unwrap_or(amount);
    if least > amount {
        return Err(call.error("InvalidParam.Amount", 403, "MinAmount cannot be more than Amount."));
    }
    let launch = Launch::read(call, amount)?;
    let amount = possible_amount(call, &launch, amount, least)?;
    let ids = (0..amount).map(|number| create(call, &launch, amount, number, true)).collect::<Result<Vec<_>>>()?;
    let mut response = billed(call, &launch, amount);
    response["InstanceIdSets"] = json!({ "InstanceIdSet": ids });
    Ok(response)
}

fn create_instance(call: &mut Call<'_>) -> Result<Value> {
    let launch = Launch::read(call, 1)?;
    possible_amount(call, &launch, 1, 1)?;
    let id = create(call, &launch, 1, 0, false)?;
    let mut response = billed(call, &launch, 1);
    response["InstanceId"] = id.into();
    Ok(response)
}

/// Returns the number of instances for which there is room: as many as are asked for, or fewer, but `least` of them.
fn possible_amount(call: &Call<'_>, launch: &Launch<'_>, amount: u32, least: u32) -> Result<u32> {
    let existing = call.state.instances.count(&launch.region.id) as u64;
    let quota = call.state.quota(&quotas::INSTANCES);
    let allowed = u32::try_from(quota.saturating_sub(existing)).unwrap_or(u32::MAX);
    if allowed < least {
        let message = format!("The quota of {} allows {quota} instances; there are {existing}.", launch.region.id);
        return Err(call.error("QuotaExceed.ElasticQuota", 403, message));
    }
    let more = launch.primary.count("SecondaryPrivateIpAddressCount").unwrap_or(0);
    let free = call.state.vswitches.get(&launch.place.vswitch).map_or(0, VSwitch::available);
    let possible = amount.min(allowed).min(free / (1 + more));
    if possible < least { Err(no_addresses(call, &launch.place.vswitch)) } else { Ok(possible) }
}

fn no_addresses(call: &Call<'_>, vswitch: &str) -> EcsError {
    let message = format!("The vSwitch {vswitch} does not have enough free addresses.");
    call.error("QuotaExceeded.PrivateIpAddress", 400, message)
}

/// Returns the members with the price and, for a subscription, the order.
fn billed(call: &mut Call<'_>, launch: &Launch<'_>, amount: u32) -> Value {
    let mut response = json!({ "TradePrice": quote(call, launch).trade_price(amount) });
    if launch.subscription.is_some() {
        response["OrderId"] = call.state.next_order().into();
    }
    response
}

/// Returns the price of one of the instances with its disks and its bandwidth, as DescribePrice does.
fn quote(call: &Call<'_>, launch: &Launch<'_>) -> Quote {
    let (catalog, region, zone) = (call.catalog, launch.region.id.as_str(), &launch.place.zone);
    let mut quote = catalog.quote(match launch.subscription {
        Some(Period::Weeks(weeks)) => Term::Months(f64::from(weeks) / 4.0),
        Some(Period::Months(months)) => Term::Months(f64::from(months)),
        None => Term::Hours(1.0),
    });
    let hourly = catalog.hourly(call.market, zone, &launch.instance_type);
    match launch.spot.strategy.as_str() {
        "NoSpot" => quote.add("instanceType", hourly),
        _ => quote.add_spot("instanceType", hourly, call.spot_price(zone, &launch.instance_type)),
    }
    for disk in std::iter::once(&launch.system_disk).chain(&launch.data_disks) {
        let size = u32::try_from(disk.size).unwrap_or_default();
        let category = catalog.disk_category(&disk.category);
        let price = |category| catalog.disk_hourly(region, category, Some(&disk.level), size);
        quote.add("disk", category.map_or(0.0, price));
    }
    if launch.internet.charge_type == "PayByBandwidth" {
        let mbps = u32::try_from(launch.internet.outgoing).unwrap_or_default();
        quote.add("bandwidth", catalog.bandwidth_hourly(region, mbps));
    }
    quote
}

/// Creates one of the instances, and starts it if `run` is set.
fn create(call: &mut Call<'_>, launch: &Launch<'_>, amount: u32, number: u32, run: bool) -> Result<String> {
    let args = call.args;
    let region = launch.region;
    let place = &launch.place;
    let wanted = launch.private_ips.get(number as usize).copied();
    let free = wanted.or_else(|| call.state.free_addresses(&place.vswitch, 1).first().copied());
    let private_ip = free.ok_or_else(|| no_addresses(call, &place.vswitch))?.to_string();
    let sequence = call.state.next_sequence();
    let id = call.state.ids.resource("i", &region.code);
    let mut internet = launch.internet.clone();
    if run && internet.outgoing > 0 {
        internet.ip = Some(call.state.next_public_ip());
    }
    let text = |name: &str, default: &str| args.string_or(name, default).to_owned();
    let unique = args.flag("UniqueSuffix") && amount > 1;
    let mut instance = Instance {
        sequence,
        name: numbered(args.string_or("InstanceName", &id), unique, number),
        description: text("Description", ""),
        host_name: host_name(call, launch, &id, unique, number)?,
        region: region.id.clone(),
        zone: place.zone.clone(),
        image: launch.image.id.clone(),
        instance_type: launch.instance_type.id.clone(),
        prepaid: launch.subscription.is_some(),
        vpc: place.vpc.clone(),
        vswitch: place.vswitch.clone(),
        groups: launch.groups.clone(),
        private_ip,
        interface: call.state.ids.resource("eni", &region.code),
        mac: mac(call),
        serial: call.state.ids.uuid().to_lowercase(),
        internet,
        spot: launch.spot.clone(),
        metadata: Metadata {
            endpoint: text("HttpEndpoint", "enabled"),
            tokens: text("HttpTokens", "optional"),
            hops: args.int("HttpPutResponseHopLimit").unwrap_or(1),
            tags: false,
        },
        tags: launch.tags.clone(),
        resource_group: text("ResourceGroupId", ""),
        key_pair: if launch.image.windows { String::new() } else { text("KeyPairName", "") },
        role: text("RamRoleName", ""),
        user_data: launch.user_data.clone(),
        credit: match launch.instance_type.credits {
            Some(_) => text("CreditSpecification", "Standard"),
            None => String::new(),
        },
        deletion_protection: args.flag("DeletionProtection"),
        hibernation: args.flag("HibernationOptions.Configured"),
        options: shown_options(args),
        maintenance: None,
        private_pool: PrivatePool::new(
            args.string_or("PrivatePoolOptions.MatchCriteria", "None"),
            args.string_or("PrivatePoolOptions.Id", ""),
        ),
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
    add_primary_interface(call, &instance, launch)?;
    for order in &launch.interfaces {
        add_secondary_interface(call, &instance, order, &region.code)?;
    }
    call.state.instances.insert(instance);
    Ok(id)
}

fn mac(call: &mut Call<'_>) -> String {
    let mac = call.state.ids.number().to_be_bytes();
    format!("00:16:3e:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2])
}

/// Returns the host name of one of the instances: one of its own, a numbered one, or one that its ID gives.
fn host_name(call: &Call<'_>, launch: &Launch<'_>, id: &str, unique: bool, number: u32) -> Result<String> {
    let names = call.args.strings("HostNames").unwrap_or_default();
    let named = names.get(number as usize).copied().or_else(|| call.args.string("HostName"));
    let Some(name) = named else { return Ok(format!("iZ{}Z", id.trim_start_matches("i-"))) };
    let name = numbered(name, unique, number).replace("${instance_id}", id);
    launch::check_host_name(call, &name, launch.image.windows)?;
    Ok(name)
}

/// Returns the options that responses show, with the names that responses have for their members.
fn shown_options(args: &Args) -> Option<Box<Map<String, Value>>> {
    let mut options = Map::new();
    for name in SHOWN_OPTIONS.iter().chain(SHOWN_REFERENCES) {
        let Some(mut value) = args.get(name).cloned() else { continue };
        if let Some(cores) = value.as_object_mut().and_then(|members| members.remove("Core")) {
            value["CoreCount"] = cores;
        }
        options.insert((*name).to_owned(), value);
    }
    if let Some(secure) = args.boolean("SecurityOptions.EnableSecureBoot") {
        options.insert("SecurityOptions".to_owned(), json!({ "EnableSecureBoot": secure }));
    }
    (!options.is_empty()).then(|| Box::new(options))
}

/// Creates the primary network interface of an instance.
fn add_primary_interface(call: &mut Call<'_>, instance: &Instance, launch: &Launch<'_>) -> Result<()> {
    let options = &launch.primary;
    let ipv6 = launch::ipv6_addresses(call, options, &instance.vswitch)?;
    let interface = Interface {
        sequence: call.state.next_sequence(),
        id: instance.interface.clone(),
        region: instance.region.clone(),
        zone: instance.zone.clone(),
        vpc: instance.vpc.clone(),
        vswitch: instance.vswitch.clone(),
        name: options.string_or("NetworkInterfaceName", "").to_owned(),
        description: options.string_or("Description", "").to_owned(),
        primary: true,
        instance: Some(instance.id.clone()),
        mac: instance.mac.clone(),
        private_ip: instance.private_ip.clone(),
        ipv6,
        groups: instance.groups.clone(),
        delete_on_release: true,
        resource_group: instance.resource_group.clone(),
        tags: instance.tags.clone(),
        created: instance.created,
        status: Timeline::starting(call.now, call.step, &[InterfaceStatus::Creating, InterfaceStatus::InUse]),
        ..Interface::default()
    };
    let id = interface.id.clone();
    call.state.add_interface(interface);
    assign_more(call, &id, &instance.vswitch, options)
}

/// Assigns the secondary private addresses that the options of an interface ask for.
fn assign_more(call: &mut Call<'_>, interface: &str, vswitch: &str, options: &Args) -> Result<()> {
    let count = options.count("SecondaryPrivateIpAddressCount").unwrap_or(0) as usize;
    if count == 0 {
        return Ok(());
    }
    let addresses = call.state.free_addresses(vswitch, count);
    if addresses.len() < count {
        return Err(no_addresses(call, vswitch));
    }
    let addresses = addresses.iter().map(ToString::to_string).collect();
    call.state.set_secondary_addresses(interface, addresses);
    Ok(())
}

/// Creates a secondary network interface of an instance, or attaches the one that the request names.
fn add_secondary_interface(
    call: &mut Call<'_>,
    instance: &Instance,
    order: &InterfaceOrder,
    region_code: &str,
) -> Result<()> {
    let states = [InterfaceStatus::Attaching, InterfaceStatus::InUse];
    let (now, step) = (call.now, call.step);
    if let Some(mut interface) = order.existing.as_ref().and_then(|id| call.state.interfaces.get_mut(id)) {
        interface.instance = Some(instance.id.clone());
        interface.delete_on_release = order.options.boolean("DeleteOnRelease").unwrap_or(interface.delete_on_release);
        interface.status.pass(now, step, &states);
        return Ok(());
    }
    let options = &order.options;
    let Place { zone, vpc, vswitch } = order.place.clone();
    let address = match options.string("PrimaryIpAddress") {
        Some(address) => launch::private_address(call, address, &vswitch)?,
        None => call.state.free_addresses(&vswitch, 1).first().copied().ok_or_else(|| no_addresses(call, &vswitch))?,
    };
    let ipv6 = launch::ipv6_addresses(call, options, &vswitch)?;
    let interface = Interface {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("eni", region_code),
        region: instance.region.clone(),
        zone,
        vpc,
        vswitch: vswitch.clone(),
        name: options.string_or("NetworkInterfaceName", "").to_owned(),
        description: options.string_or("Description", "").to_owned(),
        primary: false,
        instance: Some(instance.id.clone()),
        mac: mac(call),
        private_ip: address.to_string(),
        ipv6,
        groups: order.groups.clone(),
        delete_on_release: options.boolean("DeleteOnRelease").unwrap_or(true),
        resource_group: instance.resource_group.clone(),
        created: instance.created,
        status: Timeline::starting(now, step, &states),
        ..Interface::default()
    };
    let id = interface.id.clone();
    call.state.add_interface(interface);
    assign_more(call, &id, &vswitch, options)
}

/// Creates a disk of an instance; place 0 is the system disk.
fn create_disk(call: &mut Call<'_>, instance: &Instance, launch: &Launch<'_>, order: &DiskOrder, place: u8) {
    let sequence = call.state.next_sequence();
    let id = call.state.ids.resource("d", &launch.region.code);
    let options = &order.options;
    let text = |name: &str, default: &str| options.string_or(name, default).to_owned();
    let mut disk = Disk {
        sequence,
        name: text("DiskName", ""),
        description: text("Description", ""),
        region: instance.region.clone(),
        zone: instance.zone.clone(),
        kind: (if place == 0 { "system" } else { "data" }).to_owned(),
        category: order.category.clone(),
        performance: order.level.clone(),
        size: order.size,
        image: if place == 0 { instance.image.clone() } else { String::new() },
        instance: Some(instance.id.clone()),
        device: text("Device", &format!("/dev/xvd{}", char::from(b'a' + place))),
        delete_with_instance: place == 0 || options.boolean("DeleteWithInstance").unwrap_or(true),
        encrypted: options.flag("Encrypted"),
        key: text("KMSKeyId", ""),
        snapshot: order.snapshot.clone(),
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
    take_options(call, &mut disk, options);
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
