//! Elastic IP addresses: allocating, describing, changing and releasing them.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::network_rules::{element, in_region, missing, region, text};
use crate::{
    call::{Call, key_value_tags},
    clock::{self, Period},
    error::{EcsError, Result},
    handlers::{Entry, references::own_group},
    paging,
    resources::{Eip, EipStatus},
    rules::{self, Checked},
    state::{Timeline, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("vpc", "AllocateEipAddress", allocate_eip_address),
    ("ecs", "AllocateEipAddress", allocate_eip_address),
    ("vpc", "DescribeEipAddresses", describe_eip_addresses),
    ("ecs", "DescribeEipAddresses", describe_eip_addresses),
    ("vpc", "ModifyEipAddressAttribute", modify_eip_address_attribute),
    ("ecs", "ModifyEipAddressAttribute", modify_eip_address_attribute),
    ("vpc", "ReleaseEipAddress", release_eip_address),
    ("ecs", "ReleaseEipAddress", release_eip_address),
    ("vpc", "DeletionProtection", deletion_protection),
];

/// Resources that an address can be associated with.
pub(super) const RESOURCE_TYPES: [&str; 6] =
    ["EcsInstance", "SlbInstance", "Nat", "HaVip", "NetworkInterface", "IpAddress"];

/// Line types of addresses.
const ISPS: [&str; 9] = [
    "BGP",
    "BGP_PRO",
    "ChinaTelecom",
    "ChinaUnicom",
    "ChinaMobile",
    "ChinaTelecom_L2",
    "ChinaUnicom_L2",
    "ChinaMobile_L2",
    "BGP_FinanceCloud",
];

/// States of an address.
const STATES: [&str; 5] = ["Associating", "Unassociating", "InUse", "Available", "Releasing"];

fn allocate_eip_address(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    let charge_type = args.string_or("InternetChargeType", "PayByBandwidth");
    call.one_of("InternetChargeType", &["PayByBandwidth", "PayByTraffic"], 400, "InvalidParameter")?;
    call.one_of("InstanceChargeType", &["PostPaid", "PrePaid"], 400, "InvalidParameter")?;
    call.one_of("Netmode", &["public"], 400, "InvalidParameter")?;
    isp(call)?;
    let expires = subscription(call, charge_type)?;
    let bandwidth = bandwidth(call, args.string_or("Bandwidth", "5"), expires.is_some(), charge_type)?;
    let name = text(call, "Name", eip_name, "InvalidParameter")?;
    let description = text(call, "Description", eip_description, "InvalidParameter")?;
    let tags = call.new_tags()?;
    let resource_group = own_group(call, "ResourceGroupId")?;
    let count = call.state.eips.len();
    if count as u64 >= call.state.quota(&quotas::EIPS) {
        let message = format!("The account has {count} elastic IP addresses, which is its quota. Release one first.");
        return Err(call.error("QuotaExceeded.Eip", 400, message));
    }
    let address = address(call)?;
    let eip = Eip {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("eip", &region.code),
        region: region.id.clone(),
        address,
        name: name.unwrap_or_default(),
        description: description.unwrap_or_default(),
        bandwidth,
        internet_charge_type: charge_type.to_owned(),
        isp: args.string_or("ISP", "BGP").to_owned(),
        resource_group,
        expires,
        tags,
        created: call.now.into(),
        status: Timeline::of(EipStatus::Available),
        ..Eip::default()
    };
    let mut response = json!({ "AllocationId": eip.id });
    if expires.is_some() {
        response["OrderId"] = call.state.next_order().parse::<i64>().unwrap_or_default().into();
    } else {
        response["EipAddress"] = eip.address.as_str().into();
        response["ResourceGroupId"] = eip.resource_group.as_str().into();
    }
    call.state.eips.insert(eip);
    Ok(call.response(response))
}

/// Checks the name of an elastic IP address.
fn eip_name(text: &str) -> Checked {
    rules::vpc_name(text)?;
    let allowed = |c: char| c.is_alphanumeric() || "._-".contains(c);
    if !text.starts_with(char::is_alphabetic) || !text.chars().all(allowed) {
        return Err(
            "it must start with a letter and can contain only letters, digits, periods, underscores and hyphens",
        );
    }
    Ok(())
}

/// Checks the description of an elastic IP address.
fn eip_description(text: &str) -> Checked {
    rules::description(text)?;
    if text.starts_with(char::is_alphabetic) { Ok(()) } else { Err("it must start with a letter") }
}

fn isp(call: &Call<'_>) -> Result<()> {
    let code = |code: &str| code == "IllegalParam.Isp" || code == "InvalidParameter";
    match call.args.string("ISP") {
        Some(isp) if !ISPS.contains(&isp) => {
            let message = format!("ISP cannot be {isp:?}; it can be {}.", ISPS.join(", "));
            Err(call.documented(code, (400, "InvalidParameter"), message))
        }
        _ => Ok(()),
    }
}

/// Returns the time at which the subscription of a new address ends; `None` if it is pay-as-you-go.
fn subscription(call: &Call<'_>, charge_type: &str) -> Result<Option<OffsetDateTime>> {
    if call.args.string("InstanceChargeType") != Some("PrePaid") {
        return Ok(None);
    }
    if charge_type != "PayByBandwidth" {
        return Err(EcsError::invalid("InternetChargeType", "a subscription is billed by PayByBandwidth"));
    }
    let unit = call.args.string_or("PricingCycle", "Month");
    let max = match unit {
        "Month" => 9,
        "Year" => 5,
        _ => return Err(EcsError::invalid("PricingCycle", "it is Month or Year")),
    };
    let Some(number) = call.args.count("Period") else { return Err(EcsError::missing("Period")) };
    if !(1..=max).contains(&number) {
        return Err(EcsError::invalid("Period", format_args!("it is 1 to {max} with PricingCycle {unit}")));
    }
    Ok(Period::new(number, unit).map(|period| period.after(call.now)))
}

/// Reads the bandwidth of an address.
fn bandwidth(call: &Call<'_>, text: &str, prepaid: bool, charge_type: &str) -> Result<i64> {
    let max = match charge_type {
        _ if prepaid => 1000,
        "PayByTraffic" => 200,
        _ => 500,
    };
    let bandwidth = text.parse().ok().filter(|bandwidth| (1..=max).contains(bandwidth));
    bandwidth.ok_or_else(|| {
        let message = format!("Bandwidth {text:?} is not valid: it is 1 to {max} Mbit/s for {charge_type}.");
        call.documented(|code| code == "InvalidBandwidth.Malformed", (400, "InvalidParameter"), message)
    })
}

/// Returns the address that the call asks for, or else a new one.
fn address(call: &mut Call<'_>) -> Result<String> {
    if let Some(id) = call.args.string("InstanceId") {
        let message = format!("The account had no elastic IP address {id:?} that can be allocated again.");
        return Err(call.error("ResourceNotFound.Ip", 400, message));
    }
    let Some(wanted) = call.args.string("IpAddress") else { return Ok(call.state.next_public_ip()) };
    if wanted.parse::<Ipv4Addr>().is_err() {
        return Err(EcsError::invalid("IpAddress", format_args!("{wanted:?} is not an IPv4 address")));
    }
    if call.state.is_public_ip_used(wanted) {
        return Err(call.error("Ip.Allocated", 400, format!("The address {wanted} is in use.")));
    }
    Ok(wanted.to_owned())
}

fn describe_eip_addresses(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    check_filters(call)?;
    let created = created(call)?;
    let listed =
        |name: &str, value: &String| args.one_or_many(name).is_none_or(|wanted| wanted.contains(&value.as_str()));
    let charge_type = |eip: &Eip| if eip.expires.is_some() { "PrePaid" } else { "PostPaid" };
    let found = call.find(&call.state.eips, &region.id, (&["AllocationId"], &["AssociatedInstanceId"]), |eip| {
        listed("AllocationId", &eip.id)
            && listed("EipAddress", &eip.address)
            && call.matches("Status", eip.status.at(call.now).as_str())
            && call.matches("ISP", &eip.isp)
            && call.matches("AssociatedInstanceId", eip.instance.as_deref().unwrap_or_default())
            && (args.string("AssociatedInstanceId").is_none() && eip.instance.is_none()
                || call.matches("AssociatedInstanceType", &eip.instance_type))
            && call.matches("ChargeType", charge_type(eip))
            && call.matches("EipName", &eip.name)
            && call.matches("ResourceGroupId", &eip.resource_group)
            && ["LockReason", "SegmentInstanceId", "PublicIpAddressPoolId"]
                .iter()
                .all(|name| args.string(name).is_none())
            && !args.flag("ServiceManaged")
            && !args.flag("SecurityProtectionEnabled")
            && created[0].is_none_or(|from| from <= *eip.created)
            && created[1].is_none_or(|until| *eip.created <= until)
            && call.tags_match(&eip.tags)
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "EipAddresses", "EipAddress", |eip| element(call, "EipAddress", members(call, eip))))
}

/// Rejects invalid values with the codes that the operation documents for them.
fn check_filters(call: &Call<'_>) -> Result<()> {
    call.one_of("Status", &STATES, 400, "InvalidParameter")?;
    let code = "InvalidIAssociatedInstanceType.ValueNotSupported";
    call.one_of("AssociatedInstanceType", &RESOURCE_TYPES, 400, code)?;
    call.one_of("ChargeType", &["PostPaid", "PrePaid"], 400, "InvalidChargeType.ValueNotSupported")?;
    call.one_of("LockReason", &["financial", "security"], 404, "InvalidLockReason.NotFound")
}

/// Reads the times between which the addresses to list were created.
fn created(call: &Call<'_>) -> Result<[Option<OffsetDateTime>; 2]> {
    let mut times = [None, None];
    for filter in call.args.structs("Filter") {
        let place = match filter.string_or("Key", "") {
            "CreationStartTime" => 0,
            "CreationEndTime" => 1,
            key => {
                let message =
                    format!("The filter {key:?} does not exist; there are CreationStartTime and CreationEndTime.");
                return Err(call.error("InvalidFilterKey.NotFound", 404, message));
            }
        };
        let value = filter.string_or("Value", "");
        let Some(time) = clock::parse_minutes(value) else {
            let message = format!("The filter has the value {value:?}, which is not a time such as 2026-01-02T03:04Z.");
            return Err(call.error("InvalidFilterValue", 404, message));
        };
        times[place] = Some(time);
    }
    Ok(times)
}

/// Members of features that the emulator does not have: bandwidth packages, pools of addresses, orders to come.
const UNUSED: [&str; 11] = [
    "VpcId",
    "Zone",
    "BandwidthPackageId",
    "BandwidthPackageType",
    "BandwidthPackageBandwidth",
    "SegmentInstanceId",
    "PublicIpAddressPoolId",
    "ReservationBandwidth",
    "ReservationInternetChargeType",
    "ReservationOrderType",
    "ReservationActiveTime",
];

fn members(call: &Call<'_>, eip: &Eip) -> Value {
    let instance = eip.instance.as_deref().unwrap_or_default();
    let mut members = json!({
        "AllocationId": eip.id,
        "IpAddress": eip.address,
        "RegionId": eip.region,
        "Status": eip.status.at(call.now).as_str(),
        "Name": eip.name,
        "Description": eip.description,
        "InstanceId": instance,
        "InstanceType": if instance.is_empty() { "" } else { &eip.instance_type },
        "InstanceRegionId": if instance.is_empty() { "" } else { &eip.region },
        "PrivateIpAddress": eip.private_ip,
        "Mode": if eip.mode.is_empty() { "NAT" } else { &eip.mode },
        "Bandwidth": eip.bandwidth.to_string(),
        "EipBandwidth": eip.bandwidth.to_string(),
        "InternetChargeType": eip.internet_charge_type,
        "ChargeType": if eip.expires.is_some() { "PrePaid" } else { "PostPaid" },
        "AllocationTime": clock::seconds(*eip.created),
        "ExpiredTime": eip.expires.map(clock::seconds).unwrap_or_default(),
        "ISP": eip.isp,
        "Netmode": "public",
        "BusinessStatus": "Normal",
        "BizType": "Default",
        "HasReservationData": false,
        "HDMonitorStatus": "OFF",
        "SecondLimited": false,
        "ServiceManaged": 0,
        "DeletionProtection": eip.deletion_protection,
        "SecurityProtectionTypes": { "SecurityProtectionType": [] },
        "AvailableRegions": { "AvailableRegion": [eip.region] },
        "OperationLocks": { "LockReason": [] },
        "ResourceGroupId": eip.resource_group,
        "Tags": key_value_tags(&eip.tags),
    });
    for name in UNUSED {
        members[name] = "".into();
    }
    members
}

/// Returns the address that the call names.
pub(super) fn named<'c>(call: &'c Call<'_>) -> Result<&'c Eip> {
    if call.args.string("RegionId").is_some() {
        region(call)?;
    }
    let id = call.args.string_or("AllocationId", "");
    in_region(call, call.state.eips.get(id)).ok_or_else(|| {
        let message = format!("The elastic IP address {id:?} does not exist; DescribeEipAddresses lists them.");
        missing(call, "InvalidAllocationId.NotFound", message)
    })
}

/// Checks that an address is in one of the states that the operation needs.
pub(super) fn needs(call: &Call<'_>, eip: &Eip, states: &[EipStatus]) -> Result<()> {
    let (eip, status) = (format!("elastic IP address {}", eip.id), eip.status.at(call.now));
    call.needs(&eip, status, states, (400, "IncorrectEipStatus"))
}

fn modify_eip_address_attribute(call: &mut Call<'_>) -> Result<Value> {
    let eip = named(call)?.clone();
    needs(call, &eip, &[EipStatus::Available, EipStatus::InUse])?;
    let name = text(call, "Name", eip_name, "InvalidEipAddressName.Malformed")?;
    let description = text(call, "Description", eip_description, "InvalidDescription.Malformed")?;
    let bandwidth = match call.args.string("Bandwidth") {
        Some(_) if eip.expires.is_some() => {
            let message =
                format!("The elastic IP address {} is a subscription; its bandwidth cannot be changed here.", eip.id);
            return Err(call.error("Forbidden.ChargeTypeIsPrepaid", 400, message));
        }
        Some(text) => bandwidth(call, text, false, &eip.internet_charge_type)?,
        None => eip.bandwidth,
    };
    if let Some(mut row) = call.state.eips.get_mut(&eip.id) {
        row.name = name.unwrap_or(eip.name);
        row.description = description.unwrap_or(eip.description);
        row.bandwidth = bandwidth;
    }
    Ok(json!({}))
}

fn release_eip_address(call: &mut Call<'_>) -> Result<Value> {
    let eip = named(call)?;
    let id = eip.id.clone();
    if eip.expires.is_some() {
        let message = format!("The elastic IP address {id} is a subscription, which cannot be released.");
        return Err(call.error("Forbidden.ChargeTypeIsPrepaid", 400, message));
    }
    needs(call, eip, &[EipStatus::Available])?;
    if eip.deletion_protection {
        let message = format!("The elastic IP address {id} is protected from deletion.");
        return Err(call.error("InvalidOperation.DeletionProtection", 400, message));
    }
    let (now, step) = (call.now, call.step);
    if let Some(mut eip) = call.state.eips.get_mut(&id) {
        eip.status.pass(now, step, &[EipStatus::Releasing]);
        eip.ends = Some(now + step);
    }
    Ok(json!({}))
}

fn deletion_protection(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let args = call.args;
    call.one_of("Type", &["EIP", "CBWP", "NATGW"], 400, "DeletionProtection.TypeNotSupport")?;
    let id = args.string_or("InstanceId", "");
    let is_eip = args.string("Type") == Some("EIP");
    let found = call.state.eips.get(id).filter(|eip| is_eip && eip.region == region.id);
    let Some(eip) = found else {
        let message = format!("The resource {id:?} does not exist in {}.", region.id);
        let code = if is_eip { "InvalidAllocationId.NotFound" } else { "DeletionProtection.NotExist" };
        return Err(missing(call, code, message));
    };
    if eip.expires.is_some() {
        let message = format!("The elastic IP address {id} is a subscription, which cannot be released anyway.");
        return Err(call.error("DeletionProtection.PrePaidNotSupport", 400, message));
    }
    let enable = args.flag("ProtectionEnable");
    if let Some(mut eip) = call.state.eips.get_mut(id) {
        eip.deletion_protection = enable;
    }
    Ok(json!({}))
}
