//! Changing the type of instances, and listing the types that they can be changed to.

use serde_json::{Value, json};

use crate::{
    call::{Call, incorrect_status, not_found},
    catalog::{Catalog, InstanceType, Stock},
    error::{EcsError, Result},
    handlers::{
        Entry,
        catalog::stock::{disk_resource, resource, zone_response},
    },
    resources::{Instance, Status},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeResourcesModification", describe_resources_modification),
    ("ecs", "ModifyInstanceSpec", modify_instance_spec),
    ("ecs", "ModifyPrepayInstanceSpec", modify_prepay_instance_spec),
];

fn modify_instance_spec(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let target = args.string("InstanceType").map(|id| target(call, id)).transpose()?;
    let (incoming, outgoing) = (args.int("InternetMaxBandwidthIn"), args.int("InternetMaxBandwidthOut"));
    if target.is_none() && incoming.is_none() && outgoing.is_none() {
        let message = "Specify a new InstanceType or a new bandwidth.";
        return Err(call.error("InvalidParameter", 400, message));
    }
    let now = call.now;
    let instance = call.instance()?;
    if instance.prepaid {
        let message = format!("The instance {} is a subscription; ModifyPrepayInstanceSpec changes it.", instance.id);
        return Err(EcsError::new(403, "ChargeTypeViolation", message));
    }
    if let Some(target) = target {
        fits(call.catalog, instance, target)?;
        let status = instance.status(now);
        if status != Status::Stopped {
            let message = format!(
                "The instance {} is {}; its type can be changed when it is Stopped.",
                instance.id,
                status.as_str()
            );
            return Err(call.documented(
                |code| code == "InvalidInstanceStatus.NotStopped" || code == "IncorrectInstanceStatus",
                (403, "IncorrectInstanceStatus"),
                message,
            ));
        }
    }
    let mut instance = call.instance_mut()?;
    if let Some(target) = target {
        target.id.clone_into(&mut instance.instance_type);
    }
    instance.internet.incoming = incoming.unwrap_or(instance.internet.incoming);
    instance.internet.outgoing = outgoing.unwrap_or(instance.internet.outgoing);
    Ok(json!({}))
}

fn modify_prepay_instance_spec(call: &mut Call<'_>) -> Result<Value> {
    let target = target(call, call.args.string_or("InstanceType", ""))?;
    let (now, step) = (call.now, call.step);
    let reboot = call.args.flag("RebootWhenFinished");
    let instance = call.instance()?;
    let id = instance.id.clone();
    if !instance.prepaid {
        let message = format!("The instance {id} is not a subscription; ModifyInstanceSpec changes it.");
        return Err(call.error("InvalidInstanceChargeType.ValueNotSupported", 400, message));
    }
    if instance.expired(now) {
        let message = format!("The subscription of {id} has expired; renew it first.");
        return Err(call.error("InvalidInstance.PreInstanceExpired", 403, message));
    }
    fits(call.catalog, instance, target)?;
    let status = instance.status(now);
    let mut instance = call.instance_mut()?;
    match status {
        Status::Stopped => {}
        Status::Running if reboot => {
            instance.pass(now, step, &[Status::Stopping, Status::Stopped, Status::Starting, Status::Running]);
        }
        Status::Running => {}
        status => return Err(incorrect_status(&id, status.as_str(), "Stopped or Running")),
    }
    target.id.clone_into(&mut instance.instance_type);
    drop(instance);
    Ok(json!({ "OrderId": call.state.next_order() }))
}

fn target<'a>(call: &Call<'a>, id: &str) -> Result<&'a InstanceType> {
    call.catalog.instance_type(id).ok_or_else(|| {
        let message = format!(
            "The instance type {id:?} does not exist; DescribeResourcesModification lists the possible target types."
        );
        call.error("InvalidInstanceType.ValueNotSupported", 400, message)
    })
}

fn fits(catalog: &Catalog, instance: &Instance, target: &InstanceType) -> Result<()> {
    if catalog.image(&instance.image).is_some_and(|image| image.architecture != target.image_architecture()) {
        let message = format!("The image of {} does not run on {}.", instance.id, target.id);
        return Err(EcsError::new(403, "ImageNotSupportInstanceType", message));
    }
    Ok(())
}

fn describe_resources_modification(call: &mut Call<'_>) -> Result<Value> {
    let args = call.args;
    let region = call.region()?;
    let zone = call.zone(region)?;
    let destinations = ["InstanceType", "SystemDisk"];
    call.one_of("DestinationResource", &destinations, 404, "Invalid.DestinationResource")?;
    let operations = ["Upgrade", "Downgrade", "RenewDowngrade", "RenewModify"];
    call.one_of("OperationType", &operations, 400, "Invalid.OperationType")?;
    let id = args.string_or("ResourceId", "");
    let instance = call.state.instances.get(id).filter(|instance| instance.region == region.id);
    let Some(instance) = instance else { return Err(not_found(id)) };
    let operation = args.string_or("OperationType", "Upgrade");
    if !instance.prepaid && operation != "Upgrade" {
        let message =
            "Pay-as-you-go instances support only the OperationType Upgrade, which also covers smaller types.";
        return Err(call.error("Invalid.OperationType", 400, message));
    }
    let wanted = args.string("InstanceType");
    if wanted.is_some() && (args.int("Cores").is_some() || args.number("Memory").is_some()) {
        let message = "Specify either InstanceType, or Cores and Memory.";
        return Err(call.error("InvalidParam.TypeAndCpuMem.Conflict", 403, message));
    }
    let place = zone.and_then(|zone| region.zones.get(zone)).unwrap_or(&instance.zone);
    let (kind, resources): (&str, Vec<Value>) = match args.string_or("DestinationResource", "") {
        "SystemDisk" => {
            let Some(ty) = wanted.and_then(|id| call.catalog.instance_type(id)) else {
                let message = "Specify the InstanceType whose system disks are listed.";
                return Err(call.error("Invalid.Param", 400, message));
            };
            ("SystemDisk", ty.family.disks.iter().map(|category| disk_resource(category, 20, 2048)).collect())
        }
        _ => ("InstanceType", candidates(call, instance, place)),
    };
    Ok(json!({ "AvailableZones": { "AvailableZone": [zone_response(region, place, kind, &resources)] } }))
}

/// Returns the types that an instance can be changed to.
fn candidates(call: &Call<'_>, instance: &Instance, zone: &str) -> Vec<Value> {
    let args = call.args;
    let Some(current) = call.catalog.instance_type(&instance.instance_type) else { return Vec::new() };
    let size = |ty: &InstanceType| (ty.cpu, ty.mebibytes());
    call.catalog
        .instance_types()
        .iter()
        .filter(|ty| ty.id != current.id && ty.family.architecture == current.family.architecture)
        .filter(|ty| ty.gpus.is_some() == current.gpus.is_some())
        .filter(|ty| ty.local_disks.is_some() == current.local_disks.is_some())
        .filter(|ty| match (instance.prepaid, args.string_or("OperationType", "Upgrade")) {
            (true, "Upgrade") => size(ty) >= size(current),
            (true, "Downgrade" | "RenewDowngrade") => size(ty) <= size(current),
            _ => true,
        })
        .filter(|ty| args.string("InstanceType").is_none_or(|id| id == ty.id))
        .filter(|ty| args.int("Cores").is_none_or(|cores| cores == i64::from(ty.cpu)))
        .filter(|ty| args.number("Memory").is_none_or(|memory| (memory - ty.memory).abs() < f64::EPSILON))
        .filter(|ty| call.stock(zone, ty) != Stock::None)
        .map(|ty| resource(&ty.id, call.stock(zone, ty)))
        .collect()
}
