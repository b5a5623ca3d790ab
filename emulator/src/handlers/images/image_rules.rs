//! Checks that the operations that create or change images share.

use crate::{
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    resources::{Image, ImageStatus},
    rules,
    state::quotas,
};

/// Checks that the account can have one more image in a region, with a name that no other one has.
pub(super) fn check_new(call: &Call<'_>, region: &Region, name: &str) -> Result<()> {
    check_unique(call, &region.id, name)?;
    let quota = call.state.quota(&quotas::IMAGES);
    if call.state.images.count(&region.id) as u64 >= quota {
        let message = format!("The account has {quota} images in {}, as many as its quota allows.", region.id);
        return Err(call.error("QuotaExceed.Image", 403, message));
    }
    Ok(())
}

/// Checks that no image of a region has a name. Any number of images can have none.
pub(super) fn check_unique(call: &Call<'_>, region: &str, name: &str) -> Result<()> {
    if !name.is_empty() && call.state.images.linked(region).any(|image| image.name == name) {
        let message = format!("An image named {name:?} exists in {region}; choose another name.");
        return Err(call.error("InvalidImageName.Duplicated", 400, message));
    }
    Ok(())
}

/// Checks the image family of the call.
pub(super) fn check_family(call: &Call<'_>) -> Result<()> {
    call.check_string("ImageFamily", "InvalidImageFamily.Malformed", rules::image_name)
}

/// Checks a parameter that takes the values that its spec lists. An operation can document a code of its own.
pub(super) fn check_value(call: &Call<'_>, name: &str, code: &str) -> Result<()> {
    let ty = call.operation.parameter(name).and_then(|field| call.operation.ty(field.ty.name()));
    let values: Vec<&str> =
        ty.into_iter().flat_map(|ty| &ty.values).flatten().map(|(value, _)| value.as_str()).collect();
    match call.args.string(name) {
        Some(value) if !values.contains(&value) => {
            let message = format!("{name} cannot be {value:?}; it can be {}.", values.join(", "));
            Err(call.error(code, 400, message))
        }
        _ => Ok(()),
    }
}

/// Returns the image of the account that the call names.
pub(super) fn own<'c>(call: &'c Call<'_>) -> Result<&'c Image> {
    let region = call.region()?;
    let id = call.args.string_or("ImageId", "");
    let own = call.state.images.get(id).filter(|image| image.region == region.id);
    own.ok_or_else(|| super::queries::not_found(call, id))
}

/// Returns the image of the account that the call names, if it is available.
pub(super) fn available<'c>(call: &'c Call<'_>, code: (u16, &str)) -> Result<&'c Image> {
    let image = own(call)?;
    match image.status.at(call.now) {
        ImageStatus::Available => Ok(image),
        status => {
            let message = format!("The image {} is {}; the operation needs it Available.", image.id, status.as_str());
            Err(call.error(code.1, code.0, message))
        }
    }
}

/// The error for an image that is in another use.
pub(super) fn busy(call: &Call<'_>, code: &str, image: &Image, what: &str) -> EcsError {
    call.error(code, 403, format!("The image {} {what}.", image.id))
}

/// Returns the parts of an image that say which system it holds, without those that are about the image itself.
pub(super) fn system_of(image: Image) -> Image {
    Image {
        platform: image.platform,
        os_type: image.os_type,
        system: image.system,
        system_zh: image.system_zh,
        architecture: image.architecture,
        boot_mode: image.boot_mode,
        size: image.size,
        cloud_init: image.cloud_init,
        nvme: image.nvme,
        imds: image.imds,
        license: image.license,
        ..Image::default()
    }
}

/// Returns a system of which only the parameters of the call say something.
pub(super) fn unknown_system(call: &Call<'_>) -> Image {
    let platform = call.args.string_or("Platform", "Others Linux");
    let architecture = call.args.string_or("Architecture", "x86_64");
    let windows = platform.contains("Windows") || call.args.string("OSType") == Some("windows");
    Image {
        platform: platform.to_owned(),
        os_type: if windows { "windows" } else { "linux" }.to_owned(),
        system: format!("{platform} {} bit", bits(architecture)),
        system_zh: format!("{platform} {}位", bits(architecture)),
        architecture: architecture.to_owned(),
        boot_mode: if architecture == "arm64" { "UEFI" } else { "BIOS" }.to_owned(),
        nvme: call.args.string_or("Features.NvmeSupport", "unsupported").to_owned(),
        imds: call.args.string_or("Features.ImdsSupport", "v1").to_owned(),
        ..Image::default()
    }
}

fn bits(architecture: &str) -> u32 {
    if architecture == "i386" { 32 } else { 64 }
}
