//! Images: lists of them, and which one a call means.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::{
    call::{Call, tag_list},
    catalog::InstanceType,
    clock,
    error::{EcsError, Result},
    filters::Times,
    handlers::Entry,
    matching, paging,
    resources::{Image, ImageStatus},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeImageFromFamily", describe_image_from_family),
    ("ecs", "DescribeImageSupportInstanceTypes", describe_image_support_instance_types),
    ("ecs", "DescribeImages", describe_images),
];

/// Keys of filters of DescribeImages for features of images, and the value that all images of the emulator have.
const FEATURES: &[(&str, &str)] = &[
    ("NetworkType", "vpc"),
    ("CpuOnlineUpgrade", "supported"),
    ("CpuOnlineDowngrade", "unsupported"),
    ("MemoryOnlineUpgrade", "supported"),
    ("MemoryOnlineDowngrade", "unsupported"),
];

/// Who an image belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner<'c> {
    /// The account of the caller.
    Own,
    /// The service: the image is public.
    Service,
    /// Another account, which shares the image.
    Other(&'c str),
}

impl Owner<'_> {
    /// Returns the source of images that responses name.
    fn alias(self) -> &'static str {
        match self {
            Owner::Own => "self",
            Owner::Service => "system",
            Owner::Other(_) => "others",
        }
    }

    /// Returns the ID of the account that owns the image.
    fn account<'c>(&'c self, call: &'c Call<'_>) -> Option<&'c str> {
        match self {
            Owner::Own => Some(&call.state.account),
            Owner::Service => None,
            Owner::Other(account) => Some(account),
        }
    }
}

/// Returns an image that the account can use in a region: its own, a public one or a shared one.
pub(in crate::handlers) fn find<'c>(call: &'c Call<'_>, region: &str, id: &str) -> Option<Cow<'c, Image>> {
    let own = call.state.images.get(id).filter(|image| image.region == region).map(Cow::Borrowed);
    let public = || call.catalog.image(id).map(|image| Cow::Owned(Image::public(image, region)));
    own.or_else(public).or_else(|| shared(call, region, id).map(Cow::Borrowed))
}

/// Returns an image that another account shares in a region.
pub(super) fn shared<'c>(call: &'c Call<'_>, region: &str, id: &str) -> Option<&'c Image> {
    let images = call.others.iter().filter_map(|other| other.images.get(id));
    images.into_iter().find(|image| image.region == region && is_shared(call, image))
}

/// Whether the account can use an image of another one.
fn is_shared(call: &Call<'_>, image: &Image) -> bool {
    image.community || image.is_shared_with(&call.state.account)
}

/// Returns the images of a region that the account owns and those shared with it, the newest first of each.
fn custom<'c>(call: &'c Call<'_>, region: &'c str) -> impl Iterator<Item = (Owner<'c>, Cow<'c, Image>)> {
    let own = call.state.images.linked(region).rev().map(|image| (Owner::Own, Cow::Borrowed(image)));
    let shared = call.others.iter().flat_map(move |other| {
        let images = other.images.linked(region).rev().filter(|image| is_shared(call, image));
        images.map(|image| (Owner::Other(&other.account), Cow::Borrowed(image)))
    });
    own.chain(shared)
}

/// Returns all images of a region that the account can use.
fn all<'c>(call: &'c Call<'_>, region: &'c str) -> impl Iterator<Item = (Owner<'c>, Cow<'c, Image>)> {
    let public = call.catalog.images().iter();
    let public = public.map(move |image| (Owner::Service, Cow::Owned(Image::public(image, region))));
    custom(call, region).chain(public)
}

/// Returns the newest available image of a family: one of the account, or else a shared or public one.
pub(in crate::handlers) fn newest_of_family<'c>(
    call: &'c Call<'_>,
    region: &'c str,
    family: &str,
) -> Option<Cow<'c, Image>> {
    newest(call, region, family).map(|(_, image)| image)
}

fn newest<'c>(call: &'c Call<'_>, region: &'c str, family: &str) -> Option<(Owner<'c>, Cow<'c, Image>)> {
    let available = |image: &Image| image.family == family && image.status.at(call.now) == ImageStatus::Available;
    let custom = custom(call, region).filter(|(_, image)| available(image));
    let custom = custom.max_by_key(|(owner, image)| (*owner == Owner::Own, *image.created, image.sequence));
    let public = || call.catalog.newest_image(family).map(|image| Cow::Owned(Image::public(image, region)));
    custom.or_else(|| public().map(|image| (Owner::Service, image)))
}

/// Whether instances use an image.
pub(super) fn is_used(call: &Call<'_>, image: &Image) -> bool {
    call.state.instances.count(&image.id) > 0
}

fn describe_images(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let wanted = Wanted::read(call)?;
    let found = all(call, &region.id).filter(|(owner, image)| wanted.accepts(call, *owner, image));
    let page = paging::page(call, paging::in_order(found))?;
    let mut response = page.response(call, "Images", "Image", |(_, (owner, image))| write(call, owner, &image));
    response["RegionId"] = region.id.as_str().into();
    Ok(response)
}

/// Filters of DescribeImages, checked.
struct Wanted<'a> {
    ids: Option<Vec<&'a str>>,
    states: Vec<&'a str>,
    instance_type: Option<&'a InstanceType>,
    times: Times,
    /// Whether all images have the features that filters ask for.
    featured: bool,
}

impl<'a> Wanted<'a> {
    fn read(call: &Call<'a>) -> Result<Self> {
        let args = call.args;
        let owners = ["system", "self", "others", "marketplace"];
        call.one_of("ImageOwnerAlias", &owners, 400, "InvalidImageOwnerAlias.ValueNotSupported")?;
        call.one_of("Architecture", &["i386", "x86_64", "arm64"], 404, "InvalidArchitecture")?;
        call.one_of("OSType", &["windows", "linux"], 404, "InvalidOSType")?;
        call.one_of("Usage", &["instance", "none"], 404, "InvalidUsage")?;
        call.one_of("ActionType", &["CreateEcs", "ChangeOS"], 400, "InvalidParamter")?;
        let keys: Vec<&str> = FEATURES.iter().map(|(key, _)| *key).collect();
        let times = Times::read(call, &keys)?;
        let featured = args.structs("Filter").iter().all(|filter| {
            let feature = FEATURES.iter().find(|(key, _)| Some(*key) == filter.string("Key"));
            feature.is_none_or(|(_, value)| filter.string("Value").is_none_or(|wanted| wanted == *value))
        });
        let instance_type = args.string("InstanceType").map(|id| {
            let message = || format!("The instance type {id:?} does not exist; DescribeInstanceTypes lists the types.");
            let found = call.catalog.instance_type(id);
            found.ok_or_else(|| call.error("InvalidInstanceType.ValueNotSupported", 400, message()))
        });
        Ok(Wanted {
            // The parameter can hold several IDs, separated by commas.
            ids: args.string("ImageId").map(|ids| ids.split(',').map(str::trim).collect()),
            states: args.strings("Status").unwrap_or_else(|| vec!["Available"]),
            instance_type: instance_type.transpose()?,
            times,
            featured,
        })
    }

    fn accepts(&self, call: &Call<'_>, owner: Owner<'_>, image: &Image) -> bool {
        let args = call.args;
        let status = image.status.at(call.now);
        self.featured
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&image.id.as_str()))
            && self.states.iter().any(|state| *state == "ALL" || *state == status.as_str())
            && self.instance_type.is_none_or(|ty| ty.runs(&image.architecture))
            && self.times.hold(*image.created, None)
            && is_from(call, owner, image)
            && args.string("ImageName").is_none_or(|name| is_named(name, &image.name))
            && call.matches("ImageFamily", &image.family)
            && call.matches("Architecture", &image.architecture)
            && call.matches("OSType", &image.os_type)
            && call.matches("Usage", usage(call, image))
            && call.matches("ResourceGroupId", &image.resource_group)
            && args.string("SnapshotId").is_none_or(|id| image.disks.iter().any(|disk| disk.snapshot == id))
            && args.boolean("IsSupportCloudinit").is_none_or(|wanted| wanted == image.cloud_init)
            && args.boolean("IsSupportIoOptimized").is_none_or(|wanted| wanted)
            && args.boolean("Usable").is_none_or(|wanted| wanted == is_usable(status))
            && call.tags_match(&image.tags)
    }
}

/// Whether an image comes from the source that the call asks for.
fn is_from(call: &Call<'_>, owner: Owner<'_>, image: &Image) -> bool {
    let alias = call.args.string("ImageOwnerAlias");
    let account = call.args.int("ImageOwnerId").map(|id| id.to_string());
    let by_account = account.is_none_or(|account| owner.account(call) == Some(&account));
    if call.args.flag("IsPublic") {
        return image.community && alias == Some("others") && by_account;
    }
    // Community images of other accounts are listed only if they are asked for.
    let listed = !matches!(owner, Owner::Other(_)) || image.is_shared_with(&call.state.account);
    listed && alias.is_none_or(|alias| alias == owner.alias()) && by_account
}

/// Whether a name is asked for by a part of it or by a pattern.
fn is_named(wanted: &str, name: &str) -> bool {
    if wanted.contains('*') { matching::wildcard(wanted, name) } else { name.contains(wanted) }
}

/// Whether instances can be created from an image in a state.
pub(in crate::handlers) fn is_usable(status: ImageStatus) -> bool {
    matches!(status, ImageStatus::Available | ImageStatus::Deprecated)
}

fn usage(call: &Call<'_>, image: &Image) -> &'static str {
    if is_used(call, image) { "instance" } else { "none" }
}

fn write(call: &Call<'_>, owner: Owner<'_>, image: &Image) -> Value {
    let status = image.status.at(call.now);
    let progress = format!("{}%", image.status.percent(call.now));
    let disks: Vec<Value> = image
        .disks
        .iter()
        .map(|disk| {
            json!({
                "Device": disk.device,
                "Type": disk.kind,
                "Size": disk.size.to_string(),
                "SnapshotId": disk.snapshot,
                "Encrypted": disk.encrypted,
                "Format": disk.format,
                "ImportOSSBucket": disk.bucket,
                "ImportOSSObject": disk.object,
                "Progress": progress,
                "RemainTime": 0,
            })
        })
        .collect();
    let mut members = json!({
        "ImageId": image.id,
        "ImageName": image.name,
        "ImageFamily": image.family,
        "ImageOwnerAlias": owner.alias(),
        "ImageVersion": image.version,
        "Description": image.description,
        "OSName": image.system_zh,
        "OSNameEn": image.system,
        "OSType": image.os_type,
        "Platform": image.platform,
        "Architecture": image.architecture,
        "BootMode": image.boot_mode,
        "Size": image.size,
        "Status": status.as_str(),
        "Progress": progress,
        "Usable": is_usable(status),
        "Usage": usage(call, image),
        "CreationTime": clock::seconds(*image.created),
        "IsPublic": image.community || owner == Owner::Service,
        "IsCopied": image.source.is_some(),
        "IsSelfShared": if image.shares.is_empty() { "" } else { "True" },
        "IsSubscribed": false,
        "IsSupportCloudinit": image.cloud_init,
        "IsSupportIoOptimized": true,
        "LicenseType": if image.license.is_empty() { "Auto" } else { &image.license },
        "LoginAsNonRootSupported": image.platform == "Ubuntu",
        "ProductCode": "",
        "ResourceGroupId": image.resource_group,
        "SupplierName": "",
        "DiskDeviceMappings": { "DiskDeviceMapping": disks },
        "Features": { "NvmeSupport": image.nvme, "ImdsSupport": image.imds },
        "Tags": tag_list(&image.tags),
    });
    if let Some(account) = owner.account(call).and_then(|account| account.parse::<i64>().ok()) {
        members["ImageOwnerId"] = account.into();
    }
    if image.checked {
        let finished = status != ImageStatus::Creating;
        members["DetectionOptions"] =
            json!({ "Status": if finished { "Finished" } else { "Processing" }, "Items": { "Item": [] } });
    }
    if !image.secure_boot.is_empty() {
        members["SecureBootOptions"] = json!({ "SecureBootSupport": image.secure_boot });
    }
    members
}

fn describe_image_from_family(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let family = call.args.string_or("ImageFamily", "");
    // A family without an image has none in the response, which is not an error.
    let image = newest(call, &region.id, family).map(|(owner, image)| write(call, owner, &image));
    let Some(Value::Object(mut image)) = image else { return Ok(json!({})) };
    // The operation has fewer members than DescribeImages.
    let known = |ty: &str, name: &str| call.operation.ty(ty).is_some_and(|ty| has_field(ty, name));
    image.retain(|name, _| known("Image", name));
    let disks = image.get_mut("DiskDeviceMappings").and_then(|disks| disks["DiskDeviceMapping"].as_array_mut());
    for disk in disks.into_iter().flatten().filter_map(Value::as_object_mut) {
        disk.retain(|name, _| known("DiskDeviceMapping", name));
    }
    Ok(json!({ "Image": image }))
}

/// Whether a type has a member.
fn has_field(ty: &ecs_codegen::spec::Type, name: &str) -> bool {
    ty.fields.iter().flatten().any(|field| field.name == name)
}

fn describe_image_support_instance_types(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    call.one_of("ActionType", &["CreateEcs", "ChangeOS"], 400, "InvalidParamter")?;
    let id = call.args.string_or("ImageId", "");
    let Some(image) = find(call, &region.id, id) else { return Err(not_found(call, id)) };
    let types = call.catalog.instance_types().iter().filter(|ty| ty.runs(&image.architecture));
    let types: Vec<Value> = types
        .map(|ty| {
            json!({
                "InstanceTypeId": ty.id,
                "InstanceTypeFamily": ty.family.name,
                "CpuCoreCount": ty.cpu,
                "MemorySize": ty.memory,
            })
        })
        .collect();
    Ok(json!({ "ImageId": id, "RegionId": region.id, "InstanceTypes": { "InstanceType": types } }))
}

/// The error for an image that does not exist.
pub(in crate::handlers) fn not_found(call: &Call<'_>, id: &str) -> EcsError {
    let message = format!("The image {id:?} does not exist in the region; DescribeImages lists the images.");
    call.error("InvalidImageId.NotFound", 404, message)
}
