//! DescribePrice, DescribeRenewalPrice and DescribeInstanceModificationPrice.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::priced_disk::PricedDisk;
use crate::{
    args::Args,
    call::{Call, not_found},
    catalog::{InstanceType, Quote, Region, Stock, Term},
    clock::Period,
    error::{EcsError, Result},
    handlers::{Entry, images},
    resources::Instance,
};

pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeInstanceModificationPrice", describe_instance_modification_price),
    ("ecs", "DescribePrice", describe_price),
    ("ecs", "DescribeRenewalPrice", describe_renewal_price),
];

const RESOURCES: [&str; 7] =
    ["instance", "disk", "diskperformance", "bandwidth", "ddh", "ElasticityAssurance", "CapacityReservation"];

/// Price of guaranteeing the capacity of an instance, as a share of its pay-as-you-go price. A made-up figure.
const ASSURANCE_SHARE: f64 = 0.1;

/// Days of a month in the price of a renewal up to a day.
const DAYS_PER_MONTH: f64 = 30.0;

fn describe_price(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let call = &*call;
    let args = call.args;
    call.one_of("ResourceType", &RESOURCES, 400, "InvalidResourceType.ValueNotSupported")?;
    let resource = args.string_or("ResourceType", "instance");
    let term = term(call)?;
    let mut quote = call.catalog.quote(term);
    let amount = match resource {
        "disk" => {
            let disk = first_disk(args, call, "Size")?;
            quote.add("disk", PricedDisk::data(call, &disk, None)?.hourly(call, &region.id));
            1
        }
        "diskperformance" => {
            let disk = first_disk(args, call, "ProvisionedIops")?;
            quote.add("diskperformance", PricedDisk::iops_hourly(call, &disk, &region.id)?);
            1
        }
        "bandwidth" => {
            quote.add("bandwidth", bandwidth(call, region)?);
            1
        }
        "ddh" => {
            let Some(id) = args.string("DedicatedHostType") else {
                let message = "Specify the DedicatedHostType to price; DescribeDedicatedHostTypes lists the types.";
                return Err(call.error("InvalidDedicatedHostType.Missing", 404, message));
            };
            let Some(host) = call.catalog.host_types().iter().find(|host| host.id == id) else {
                return Err(no_price(call, format!("The dedicated host type {id:?} does not exist.")));
            };
            quote.add("ddh", call.catalog.host_hourly(&region.id, host));
            args.count("Amount").unwrap_or(1)
        }
        "instance" => {
            price_instance(call, region, term, &mut quote)?;
            args.count("Amount").unwrap_or(1)
        }
        reservation => {
            let (ty, zone) = priced_type(call, region)?;
            let share = if reservation == "CapacityReservation" { 1.0 } else { ASSURANCE_SHARE };
            quote.add(if share < 1.0 { "elasticityAssurance" } else { "capacityReservation" }, {
                call.catalog.hourly(call.market, zone, &ty) * share
            });
            reserved_amount(call, &ty)?
        }
    };
    let currency = call.catalog.currency(&region.id);
    Ok(json!({ "PriceInfo": quote.response(currency, amount, resource == "instance") }))
}

fn no_price(call: &Call<'_>, message: String) -> EcsError {
    call.error("PriceNotFound", 400, message)
}

/// Reads `PriceUnit` and `Period`.
fn term(call: &Call<'_>) -> Result<Term> {
    let unit = call.args.string_or("PriceUnit", "Hour");
    let period = call.args.int("Period").unwrap_or(1);
    let number = f64::from(i32::try_from(period).unwrap_or_default());
    let (longest, term) = match unit {
        "Hour" => (1, Term::Hours(number)),
        "Week" => (4, Term::Months(number / 4.0)),
        "Month" => (9, Term::Months(number)),
        "Year" => (5, Term::Months(number * 12.0)),
        _ => {
            let message = format!("PriceUnit cannot be {unit:?}; it can be Hour, Week, Month or Year.");
            return Err(call.error("InvalidPriceUnit.ValueNotSupported", 400, message));
        }
    };
    if !(1..=longest).contains(&period) {
        let message = format!("Period cannot be {period} with PriceUnit {unit}; it can be 1 to {longest}.");
        return Err(call.error("InvalidPeriod", 400, message));
    }
    Ok(term)
}

/// Returns the first data disk, which must have a category and another member.
fn first_disk(args: &Args, call: &Call<'_>, member: &str) -> Result<Args> {
    let disk = args.structs("DataDisk").into_iter().next().unwrap_or_default();
    if disk.string("Category").is_none() {
        let message = "Specify DataDisk.1.Category, the category of the disk to price.";
        return Err(call.error("InvalidDiskCategory.Missing", 404, message));
    }
    if disk.get(member).is_none() {
        return Err(EcsError::missing(&format!("DataDisk.1.{member}")));
    }
    Ok(disk)
}

/// Returns the instance type to price, and a zone that sells it.
fn priced_type<'c>(call: &Call<'c>, region: &'c Region) -> Result<(Cow<'c, InstanceType>, &'c str)> {
    let Some(id) = call.args.string("InstanceType") else {
        let message = "Specify the InstanceType to price; DescribeInstanceTypes lists the types.";
        return Err(call.error("InvalidInstanceType.Missing", 404, message));
    };
    let Some(ty) = call.instance_type(id) else {
        let message = format!("The instance type {id:?} does not exist; DescribeInstanceTypes lists the types.");
        return Err(call.error("InvalidInstanceType.ValueNotSupported", 400, message));
    };
    let wanted = call.args.string("ZoneId");
    if let Some(zone) = wanted.filter(|zone| !region.has_zone(zone)) {
        return Err(call.error("Invalid.ZoneId", 400, format!("The region {} has no zone {zone:?}.", region.id)));
    }
    let mut zones = region.zones.iter().filter(|zone| wanted.is_none_or(|wanted| wanted == *zone));
    match zones.find(|zone| call.stock(zone, &ty) != Stock::None) {
        Some(zone) => Ok((ty, zone)),
        None => {
            let place = wanted.unwrap_or(&region.id);
            Err(no_price(call, format!("{id} is not sold in {place}; DescribeAvailableResource lists where it is.")))
        }
    }
}

/// Adds the parts of an instance.
fn price_instance(call: &Call<'_>, region: &Region, term: Term, quote: &mut Quote) -> Result<()> {
    let args = call.args;
    let (ty, zone) = priced_type(call, region)?;
    check_options(call)?;
    let image = image(call, region, &ty)?;
    let spot = args.string_or("SpotStrategy", "NoSpot") != "NoSpot" && term == Term::Hours(1.0);
    if spot && !ty.family.spot {
        return Err(no_price(call, format!("{} is not sold as a spot instance.", ty.id)));
    }
    let hourly = call.catalog.hourly(call.market, zone, &ty);
    if spot {
        quote.add_spot("instanceType", hourly, call.spot_price(zone, &ty));
    } else {
        quote.add("instanceType", hourly);
    }
    let system =
        ["Category", "Size", "PerformanceLevel"].iter().any(|name| args.get(&format!("SystemDisk.{name}")).is_some());
    if system || image.is_some() {
        let disk = PricedDisk::system(call, &ty, image)?;
        quote.add("systemDisk", disk.hourly(call, &region.id));
    }
    for disk in args.structs("DataDisk") {
        quote.add("dataDisk", PricedDisk::data(call, &disk, Some(&ty))?.hourly(call, &region.id));
    }
    if args.string("ImageId").is_some() {
        quote.add("image", 0.0);
    }
    quote.add("bandwidth", bandwidth(call, region)?);
    Ok(())
}

fn check_options(call: &Call<'_>) -> Result<()> {
    call.one_of("IoOptimized", &["none", "optimized"], 400, "InvalidIoOptimizedValue.ValueNotSupported")?;
    if call.args.string("IoOptimized") == Some("none") {
        let message = "All instance types of the emulator are I/O optimized; IoOptimized cannot be none.";
        return Err(call.error("IoOptimized.NotSupported", 403, message));
    }
    call.one_of("InstanceNetworkType", &["vpc", "classic"], 404, "InvalidNetworkType.ValueNotSupported")?;
    call.one_of("Platform", &["Windows", "Linux", "windows", "linux"], 400, "InvalidParameter.Platform")
}

/// Checks the image of an instance to price, and returns its size in GiB.
fn image(call: &Call<'_>, region: &Region, ty: &InstanceType) -> Result<Option<u32>> {
    let Some(id) = call.args.string("ImageId") else { return Ok(None) };
    let Some(image) = images::find(call, &region.id, id) else {
        if call.lenient {
            return Ok(None);
        }
        let message = format!("The image {id:?} does not exist in {}; DescribeImages lists the images.", region.id);
        return Err(call.error("InvalidImageId.NotFound", 404, message));
    };
    let status = image.status.at(call.now);
    if !images::is_usable(status) {
        let message = format!("The image {id} is {}; it needs to be Available.", status.as_str());
        return Err(call.error("IncorrectImageStatus", 400, message));
    }
    if !ty.runs(&image.architecture) && !call.lenient {
        return Err(call.error("ImageNotSupportInstanceType", 403, format!("{id} does not run on {}.", ty.id)));
    }
    Ok(Some(u32::try_from(image.size).unwrap_or_default()))
}

/// Returns the hourly price of the public bandwidth; traffic is billed as it is used.
fn bandwidth(call: &Call<'_>, region: &Region) -> Result<f64> {
    let kinds = ["PayByTraffic", "PayByBandwidth"];
    call.one_of("InternetChargeType", &kinds, 400, "InvalidInternetChargeType.ValueNotSupported")?;
    let mbps = call.args.count("InternetMaxBandwidthOut").unwrap_or(0);
    let fixed = call.args.string("InternetChargeType") == Some("PayByBandwidth");
    Ok(if fixed { call.catalog.bandwidth_hourly(&region.id, mbps) } else { 0.0 })
}

/// Returns the number of instances that a reservation covers.
fn reserved_amount(call: &Call<'_>, ty: &InstanceType) -> Result<u32> {
    if call.args.string("AssuranceTimes").is_some_and(|times| times != "Unlimited") {
        let message = "AssuranceTimes can only be Unlimited.";
        return Err(call.error("InvalidAssuranceTimes.NotSupported", 400, message));
    }
    match (call.args.count("InstanceAmount"), call.args.count("InstanceCpuCoreCount")) {
        (Some(_), Some(_)) => {
            let message = "Specify either InstanceAmount or InstanceCpuCoreCount, not both.";
            Err(call.error("InvalidParameter.Conflict", 400, message))
        }
        (Some(amount), None) => Ok(amount),
        (None, cores) => Ok(cores.map_or(1, |cores| cores.div_ceil(ty.cpu))),
    }
}

/// Returns a subscription instance, or the documented error.
fn subscription<'c>(call: &'c Call<'_>, parameter: &str) -> Result<(&'c Instance, &'c Region)> {
    let region = call.region()?;
    let id = call.args.string_or(parameter, "");
    let instance = call.state.instances.get(id).filter(|instance| instance.region == region.id);
    let instance = instance.ok_or_else(|| not_found(id))?;
    if !instance.prepaid {
        let message = format!("The instance {id} is pay-as-you-go; only subscriptions have such a price.");
        return Err(call.error("ChargeTypeViolation", 403, message));
    }
    Ok((instance, region))
}

fn describe_renewal_price(call: &mut Call<'_>) -> Result<Value> {
    let call = &*call;
    let args = call.args;
    call.one_of("ResourceType", &["instance"], 400, "InvalidResourceType.ValueNotSupported")?;
    let (instance, region) = subscription(call, "ResourceId")?;
    let day = args.count("ExpectedRenewDay");
    if day.is_some() && (args.get("Period").is_some() || args.get("PriceUnit").is_some()) {
        let message = "Specify either Period with PriceUnit or ExpectedRenewDay, not both.";
        return Err(call.error("InvalidExpectedRenewDay.Conflict", 400, message));
    }
    let months = match day {
        Some(day) => months_until(instance, call, day),
        None => renewal_months(call)?,
    };
    let mut quote = call.catalog.quote(Term::Months(months));
    if let Some(ty) = call.instance_type(&instance.instance_type) {
        quote.add("instance", call.catalog.hourly(call.market, &instance.zone, &ty));
    }
    for disk in call.state.disks.linked(&instance.id).filter(|disk| disk.prepaid || disk.kind == "system") {
        let resource = if disk.kind == "system" { "systemDisk" } else { "dataDisk" };
        quote.add(resource, PricedDisk::existing(call, disk).map_or(0.0, |disk| disk.hourly(call, &region.id)));
    }
    if instance.internet.charge_type == "PayByBandwidth" {
        let mbps = u32::try_from(instance.internet.outgoing).unwrap_or_default();
        quote.add("bandwidth", call.catalog.bandwidth_hourly(&region.id, mbps));
    }
    Ok(json!({ "PriceInfo": quote.response(call.catalog.currency(&region.id), 1, true) }))
}

/// Reads the term of a renewal.
fn renewal_months(call: &Call<'_>) -> Result<f64> {
    call.one_of("PriceUnit", &["Month", "Year"], 400, "InvalidPriceUnit.ValueNotSupported")?;
    let unit = call.args.string_or("PriceUnit", "Month");
    let period = call.args.int("Period").unwrap_or(1);
    let (longest, months) = if unit == "Year" { (3, 12.0) } else { (9, 1.0) };
    if !(1..=longest).contains(&period) {
        let message = format!("Period cannot be {period} with PriceUnit {unit}; it can be 1 to {longest}.");
        return Err(call.error("InvalidPeriod", 400, message));
    }
    Ok(period as f64 * months)
}

/// Returns the months from the expiration of a subscription to a day of the month after the next full month.
fn months_until(instance: &Instance, call: &Call<'_>, day: u32) -> f64 {
    let expires = instance.expires.unwrap_or(call.now);
    let next = Period::Months(1).after(expires);
    let day = u8::try_from(day).unwrap_or(1);
    let until = next.replace_day(day).unwrap_or(next);
    let until = if until < next { Period::Months(1).after(until) } else { until };
    (until - expires).as_seconds_f64() / 86_400.0 / DAYS_PER_MONTH
}

fn describe_instance_modification_price(call: &mut Call<'_>) -> Result<Value> {
    let call = &*call;
    let args = call.args;
    let (instance, region) = subscription(call, "InstanceId")?;
    let disks = args.structs("DataDisk");
    if args.string("InstanceType").is_none() && disks.is_empty() {
        let message = "Specify the InstanceType to change to, or a DataDisk to add or change.";
        return Err(call.error("MissingParameter.InstanceTypeOrDataDisk", 400, message));
    }
    let left = instance.expires.unwrap_or(call.now) - call.now;
    if left.is_negative() {
        let message = format!("The subscription of {} has expired; renew it first.", instance.id);
        return Err(call.error("InstanceExpired", 403, message));
    }
    let months = left.as_seconds_f64() / 86_400.0 / DAYS_PER_MONTH;
    let mut quote = call.catalog.quote(Term::Months(months));
    let mut ty = call.instance_type(&instance.instance_type);
    if let Some(id) = args.string("InstanceType") {
        let target = upgrade(call, instance, ty.as_deref(), id)?;
        let now = ty.as_deref().map_or(0.0, |ty| call.catalog.hourly(call.market, &instance.zone, ty));
        quote.add("instance", call.catalog.hourly(call.market, &instance.zone, &target) - now);
        ty = Some(target);
    }
    for disk in &disks {
        quote.add("dataDisk", PricedDisk::change(call, instance, ty.as_deref(), disk)?.hourly(call, &region.id));
    }
    Ok(json!({ "PriceInfo": quote.response(call.catalog.currency(&region.id), 1, true) }))
}

/// Returns the type that an instance is upgraded to.
fn upgrade<'c>(
    call: &Call<'c>,
    instance: &Instance,
    current: Option<&InstanceType>,
    id: &str,
) -> Result<Cow<'c, InstanceType>> {
    let Some(target) = call.instance_type(id) else {
        let message =
            format!("The instance type {id:?} does not exist; DescribeResourcesModification lists the types.");
        return Err(call.error("InvalidInstanceType.ValueNotSupported", 400, message));
    };
    let price = |ty: &InstanceType| call.catalog.hourly(call.market, &instance.zone, ty);
    let smaller = current.is_some_and(|current| price(&target) < price(current));
    let other = current.is_some_and(|current| current.image_architecture() != target.image_architecture());
    if smaller || other || call.stock(&instance.zone, &target) == Stock::None {
        let message =
            format!("{} cannot be upgraded to {id}; DescribeResourcesModification lists the types.", instance.id);
        return Err(call.error("InvalidInstanceType.NotSupportUpgrade", 403, message));
    }
    Ok(target)
}
