//! The specification of new instances, checked before anything is created.

use std::net::Ipv4Addr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use time::{Duration, OffsetDateTime};

use crate::{
    args::Args,
    call::Call,
    catalog::{Image, InstanceType, Region, Stock},
    clock::{self, Period},
    error::{EcsError, Result},
    resources::{Internet, Renewal, Spot},
};

/// Image and type of instances created from a launch template, which is not simulated.
const TEMPLATE: (&str, &str) = ("aliyun_3_x64_20G_alibase_20250117.vhd", "ecs.g6.large");

const MAX_DATA_DISKS: usize = 16;

const DISK_CATEGORIES: &[&str] =
    &["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"];

/// A disk to create.
#[derive(Debug, Clone)]
pub(super) struct DiskOrder {
    /// Options of the request.
    pub(super) options: Args,
    /// Category.
    pub(super) category: String,
    /// Size in GiB.
    pub(super) size: i64,
}

/// Instances to create.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    pub(super) region: &'a Region,
    pub(super) zone: String,
    pub(super) vswitch: String,
    pub(super) groups: Vec<String>,
    pub(super) image: &'a Image,
    pub(super) instance_type: &'a InstanceType,
    pub(super) subscription: Option<Period>,
    pub(super) renewal: Renewal,
    pub(super) spot: Spot,
    pub(super) internet: Internet,
    pub(super) private_ip: Option<Ipv4Addr>,
    pub(super) system_disk: DiskOrder,
    pub(super) data_disks: Vec<DiskOrder>,
    pub(super) auto_release: Option<OffsetDateTime>,
    pub(super) tags: Vec<(String, String)>,
    pub(super) user_data: String,
}

impl<'a> Launch<'a> {
    /// Reads and checks the arguments that RunInstances and CreateInstance have in common.
    pub(super) fn read(call: &mut Call<'a>) -> Result<Self> {
        let region = call.region()?;
        let image = image(call)?;
        let instance_type = instance_type(call)?;
        if image.architecture != instance_type.image_architecture() {
            let message = format!("The image {} does not run on {}.", image.id, instance_type.id);
            return Err(call.error("ImageNotSupportInstanceType", 403, message));
        }
        let subscription = subscription(call)?;
        let (zone, vswitch) = place(call, region, instance_type)?;
        let groups = groups(call, region)?;
        let private_ip = private_ip(call, &vswitch)?;
        let spot = spot(call, instance_type, &zone, subscription.is_some())?;
        let auto_release = match call.args.string("AutoReleaseTime") {
            Some(text) => Some(auto_release_time(call, text)?),
            None => None,
        };
        Ok(Launch {
            region,
            zone,
            vswitch,
            groups,
            image,
            instance_type,
            subscription,
            renewal: renewal(call)?,
            spot,
            internet: internet(call)?,
            private_ip,
            system_disk: system_disk(call, image, instance_type)?,
            data_disks: data_disks(call, instance_type)?,
            auto_release,
            tags: call.new_tags()?,
            user_data: user_data(call)?,
        })
    }
}

fn templated(call: &Call<'_>) -> bool {
    call.args.string("LaunchTemplateId").or_else(|| call.args.string("LaunchTemplateName")).is_some()
}

fn image<'a>(call: &Call<'a>) -> Result<&'a Image> {
    let found = match (call.args.string("ImageId"), call.args.string("ImageFamily")) {
        (Some(id), _) => call.catalog.image(id),
        (None, Some(family)) => call.catalog.newest_image(family),
        (None, None) if templated(call) => call.catalog.image(TEMPLATE.0),
        (None, None) => return Err(EcsError::missing("ImageId")),
    };
    found.ok_or_else(|| {
        call.error(
            "InvalidImageId.NotFound",
            404,
            "The image does not exist; DescribeImages lists the available images.",
        )
    })
}

fn instance_type<'a>(call: &Call<'a>) -> Result<&'a InstanceType> {
    let id = match call.args.string("InstanceType") {
        Some(id) => id,
        None if templated(call) => TEMPLATE.1,
        None => return Err(EcsError::missing("InstanceType")),
    };
    call.catalog.instance_type(id).ok_or_else(|| {
        let message =
            format!("The instance type {id:?} does not exist; DescribeInstanceTypes lists the available types.");
        call.error("InvalidInstanceType.ValueNotSupported", 400, message)
    })
}

/// Returns the period of a subscription; `None` for pay-as-you-go.
fn subscription(call: &Call<'_>) -> Result<Option<Period>> {
    match call.args.string_or("InstanceChargeType", "PostPaid") {
        "PostPaid" => Ok(None),
        "PrePaid" => {
            let unit = call.args.string_or("PeriodUnit", "Month");
            let period = call.args.count("Period").and_then(|number| Period::new(number, unit));
            let allowed = match period {
                Some(Period::Weeks(number)) => (1..=4).contains(&number),
                Some(Period::Months(number)) => matches!(number, 1..=9 | 12 | 24 | 36 | 48 | 60),
                None => false,
            };
            let message =
                "A subscription takes a Period of 1 to 4 weeks, 1 to 9 months, or 12, 24, 36, 48 or 60 months.";
            period.filter(|_| allowed).map(Some).ok_or_else(|| call.error("InvalidPeriod", 400, message))
        }
        other => {
            let message = format!("InstanceChargeType cannot be {other:?}; it can be PrePaid or PostPaid.");
            Err(call.error("Invalid.InstanceChargeType", 400, message))
        }
    }
}

/// Returns the renewal settings of a subscription.
fn renewal(call: &Call<'_>) -> Result<Renewal> {
    let unit = call.args.string_or("PeriodUnit", "Month").to_owned();
    if !call.args.flag("AutoRenew") {
        return Ok(Renewal { status: "Normal".to_owned(), duration: 0, unit });
    }
    let duration = call.args.count("AutoRenewPeriod").unwrap_or(1);
    let allowed: &[u32] = if unit == "Week" { &[1, 2, 3] } else { &[1, 2, 3, 6, 12, 24, 36, 48, 60] };
    if !allowed.contains(&duration) {
        let message = format!("AutoRenewPeriod cannot be {duration} with PeriodUnit {unit}.");
        return Err(call.error("InvalidAutoRenewPeriod.ValueNotSupported", 400, message));
    }
    Ok(Renewal { status: "AutoRenewal".to_owned(), duration, unit })
}

/// Returns the zone and vSwitch that the request names, or the default vSwitch of the first zone that sells the type.
fn place(call: &mut Call<'_>, region: &Region, ty: &InstanceType) -> Result<(String, String)> {
    let zone = call.zone(region)?;
    let interface = call.args.structs("NetworkInterface").into_iter().next();
    let vswitch = call.args.string("VSwitchId").or_else(|| interface.as_ref()?.string("VSwitchId")).map(str::to_owned);
    let zone = match vswitch {
        None => zone,
        Some(ref id) => {
            let Some(found) = call
                .state
                .vswitches
                .get(id)
                .filter(|vswitch| vswitch.region == region.id)
                .map(|vswitch| vswitch.zone.clone())
            else {
                let message = format!(
                    "The vSwitch {id:?} does not exist in {}; DescribeVSwitches lists the vSwitches.",
                    region.id
                );
                return Err(call.error("InvalidVSwitchId.NotFound", 404, message));
            };
            let at = region.zones.iter().position(|zone| *zone == found);
            if zone.is_some() && zone != at {
                let message = format!("The vSwitch {id} is in {found}, not in the zone of the request.");
                return Err(call.error("InvalidParameter.Mismatch", 400, message));
            }
            at
        }
    };
    let with = |stock| region.zones.iter().position(|zone| call.stock(zone, ty) == stock);
    let zone = zone.or_else(|| with(Stock::Available)).or_else(|| with(Stock::SoldOut));
    let name = zone.and_then(|zone| region.zones.get(zone)).map_or(region.id.as_str(), String::as_str);
    match zone.map_or(Stock::None, |_| call.stock(name, ty)) {
        Stock::Available => {}
        Stock::SoldOut => {
            return Err(call.error("OperationDenied.NoStock", 403, format!("{} is sold out in {name}.", ty.id)));
        }
        Stock::None => {
            let message = format!(
                "{} is not available in {name}; DescribeAvailableResource lists the zones that have it.",
                ty.id
            );
            return Err(call.error("InvalidInstanceType.ZoneNotSupported", 403, message));
        }
    }
    let now = call.now;
    let Some(vswitch) = vswitch.or_else(|| call.state.default_vswitch(region, name, now)) else {
        return Err(EcsError::missing("VSwitchId"));
    };
    Ok((name.to_owned(), vswitch))
}

fn groups(call: &Call<'_>, region: &Region) -> Result<Vec<String>> {
    let mut groups: Vec<String> =
        call.args.strings("SecurityGroupIds").unwrap_or_default().into_iter().map(str::to_owned).collect();
    if let Some(group) = call.args.string("SecurityGroupId") {
        if !groups.is_empty() {
            let message = "Specify either SecurityGroupId or SecurityGroupIds, not both.";
            return Err(call.error("InvalidSecurityGroupId.SingleIdAndMultiIdConflict", 400, message));
        }
        groups.push(group.to_owned());
    }
    let known = |group: &&String| call.state.security_groups.get(group).is_none_or(|known| known.region != region.id);
    if groups.is_empty() {
        let own = call.state.security_groups.linked(&region.id).next();
        return Ok(own.map(|group| group.id.clone()).into_iter().collect());
    }
    match groups.iter().find(known) {
        None => Ok(groups),
        Some(group) => {
            let message = format!("The security group {group:?} does not exist in {}.", region.id);
            Err(EcsError::new(404, "InvalidSecurityGroupId.NotFound", message))
        }
    }
}

fn private_ip(call: &Call<'_>, vswitch: &str) -> Result<Option<Ipv4Addr>> {
    let Some(text) = call.args.string("PrivateIpAddress") else { return Ok(None) };
    let Ok(address) = text.parse::<Ipv4Addr>() else {
        return Err(call.error("InvalidPrivateIpAddress.Malformed", 400, format!("{text:?} is not an IPv4 address.")));
    };
    let taken = (call.state.vswitches.get(vswitch))
        .map(|row| (row.contains(address), call.state.is_address_used(vswitch, address)));
    match taken {
        Some((true, false)) => Ok(Some(address)),
        Some((true, true)) => {
            Err(call.error("InvalidPrivateIpAddress.Duplicated", 400, format!("{address} is already in use.")))
        }
        _ => Err(call.error("InvalidPrivateIpAddress", 400, format!("{address} is not in the vSwitch {vswitch}."))),
    }
}

fn spot(call: &Call<'_>, ty: &InstanceType, zone: &str, subscription: bool) -> Result<Spot> {
    let strategy = call.args.string_or("SpotStrategy", "NoSpot");
    let limit = call.args.number("SpotPriceLimit");
    let behavior = call.args.string_or("SpotInterruptionBehavior", "Terminate");
    if !["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"].contains(&strategy) {
        return Err(call.error("InvalidSpotStrategy", 400, format!("SpotStrategy cannot be {strategy:?}.")));
    }
    if !["Terminate", "Stop"].contains(&behavior) {
        return Err(call.error(
            "InvalidSpotInterruptionBehavior",
            400,
            format!("SpotInterruptionBehavior cannot be {behavior:?}."),
        ));
    }
    if strategy != "NoSpot" {
        if subscription {
            return Err(call.error("InvalidSpotPrepaid", 400, "A spot instance is always pay-as-you-go."));
        }
        if !ty.family.spot {
            return Err(call.error("SpotNotSupported", 400, format!("{} does not support spot instances.", ty.id)));
        }
    }
    if strategy == "SpotWithPriceLimit" {
        let price = call.spot_price(zone, ty);
        match limit {
            None => return Err(call.error("InvalidSpotPriceLimit", 400, "SpotWithPriceLimit needs a SpotPriceLimit.")),
            Some(limit) if limit < price => {
                let message = format!("The limit {limit} is below the market price in {zone}, {price}.");
                return Err(call.error("InvalidSpotPriceLimit.LowerThanPublicPrice", 400, message));
            }
            Some(_) => {}
        }
    }
    Ok(Spot {
        strategy: strategy.to_owned(),
        limit: limit.filter(|_| strategy == "SpotWithPriceLimit"),
        duration: if strategy == "NoSpot" { 0 } else { call.args.count("SpotDuration").unwrap_or(1) },
        behavior: behavior.to_owned(),
        interrupted: None,
    })
}

fn internet(call: &Call<'_>) -> Result<Internet> {
    let charge_type = call.args.string_or("InternetChargeType", "PayByTraffic");
    if !["PayByTraffic", "PayByBandwidth"].contains(&charge_type) {
        let message = format!("InternetChargeType cannot be {charge_type:?}.");
        return Err(call.error("InvalidInternetChargeType.ValueNotSupported", 400, message));
    }
    let outgoing = call.args.int("InternetMaxBandwidthOut").unwrap_or(0);
    let incoming = call.args.int("InternetMaxBandwidthIn").unwrap_or(if outgoing > 0 { outgoing.max(10) } else { -1 });
    Ok(Internet { ip: None, charge_type: charge_type.to_owned(), incoming, outgoing })
}

fn system_disk(call: &Call<'_>, image: &Image, ty: &InstanceType) -> Result<DiskOrder> {
    let options = call.args.get("SystemDisk").and_then(|value| value.as_object()).cloned().unwrap_or_default();
    let options = Args::new(options);
    let category = options.string_or("Category", &ty.family.disks[0]).to_owned();
    if !DISK_CATEGORIES.contains(&category.as_str()) {
        let message = format!("{category:?} is not a system disk category.");
        return Err(call.error("InvalidSystemDiskCategory.ValueNotSupported", 400, message));
    }
    let min_size = i64::from(image.size);
    // A number in CreateInstance, a string in RunInstances.
    let size = match options.string("Size") {
        Some(text) => text.parse().map_err(|_| EcsError::invalid("SystemDisk.Size", "it is not a whole number"))?,
        None => options.int("Size").unwrap_or(min_size.max(40)),
    };
    if size < min_size {
        let message = format!("The image needs a system disk of {min_size} GiB; the request specifies {size} GiB.");
        return Err(call.error("InvalidSystemDiskSize.LessThanImageSize", 404, message));
    }
    if size > 2048 {
        let message = format!("The size of a system disk cannot be {size} GiB.");
        return Err(call.error("InvalidSystemDiskSize.ValueNotSupported", 400, message));
    }
    Ok(DiskOrder { options, category, size })
}

fn data_disks(call: &Call<'_>, ty: &InstanceType) -> Result<Vec<DiskOrder>> {
    let read = |options: Args| {
        let category = options.string_or("Category", &ty.family.disks[0]).to_owned();
        if !DISK_CATEGORIES.contains(&category.as_str()) {
            let message = format!("{category:?} is not a data disk category.");
            return Err(call.error("InvalidDataDiskCategory.ValueNotSupported", 400, message));
        }
        let size = options.int("Size").unwrap_or(if options.string("SnapshotId").is_some() { 20 } else { 0 });
        let limits = if category == "cloud_essd" { 10..=65_536 } else { 20..=65_536 };
        if !limits.contains(&size) {
            let message = format!("The size of a data disk of category {category} cannot be {size} GiB.");
            return Err(call.error("InvalidDataDiskSize.ValueNotSupported", 400, message));
        }
        Ok(DiskOrder { options, category, size })
    };
    let disks = call.args.structs("DataDisk");
    if disks.len() > MAX_DATA_DISKS {
        let message = format!("An instance can be created with at most {MAX_DATA_DISKS} data disks.");
        return Err(call.error("InstanceDiskNumber.LimitExceed", 400, message));
    }
    disks.into_iter().map(read).collect()
}

pub(super) fn user_data(call: &Call<'_>) -> Result<String> {
    let data = call.args.string_or("UserData", "");
    match STANDARD.decode(data) {
        Ok(bytes) if bytes.len() > 32 * 1024 => {
            Err(call.error("InvalidUserData.SizeExceeded", 400, "User data cannot be larger than 32 KB."))
        }
        Ok(_) => Ok(data.to_owned()),
        Err(_) => Err(call.error("InvalidUserData.Base64FormatInvalid", 400, "UserData must be Base64-encoded.")),
    }
}

/// Reads a release time, which must be 30 minutes to three years ahead; seconds are dropped.
pub(super) fn auto_release_time(call: &Call<'_>, text: &str) -> Result<OffsetDateTime> {
    let time = clock::parse_seconds(text).map(|time| time - Duration::seconds(i64::from(time.second())));
    let start_of_minute = call.now - Duration::seconds(i64::from(call.now.second()));
    let (earliest, latest) = (start_of_minute + Duration::minutes(30), Period::Months(36).after(call.now));
    let earliest = earliest - Duration::nanoseconds(i64::from(call.now.nanosecond()));
    time.filter(|time| (earliest..=latest).contains(time)).ok_or_else(|| {
        let message =
            format!("AutoReleaseTime {text:?} is not a time in the format yyyy-MM-ddTHH:mm:ssZ from 30 minutes to three years ahead.");
        call.error("InvalidAutoReleaseTime.Malformed", 400, message)
    })
}
