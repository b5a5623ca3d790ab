//! The image that instances are created from.

use crate::{
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    handlers::images,
    resources::{Image, ImageDisk},
};

/// Size of the system disk of an image that a lenient emulator does not know, in GiB.
const UNKNOWN_IMAGE_SIZE: i64 = 20;

/// An image that instances can be created from.
#[derive(Debug)]
pub(in crate::handlers) struct LaunchImage {
    pub(in crate::handlers) id: String,
    /// `x86_64`, `arm64` or `i386`.
    pub(in crate::handlers) architecture: String,
    /// Size of the system disk in GiB.
    pub(in crate::handlers) size: i64,
    pub(in crate::handlers) windows: bool,
    /// Disks of a custom image: the system disk comes first.
    pub(in crate::handlers) disks: Vec<ImageDisk>,
}

/// Returns the image that the call names by ID or by family.
pub(in crate::handlers) fn read(call: &Call<'_>, region: &Region) -> Result<LaunchImage> {
    match (call.args.string("ImageId"), call.args.string("ImageFamily")) {
        (Some(_), Some(_)) => {
            let message = "Specify either ImageId or ImageFamily, not both.";
            Err(call.error("UnexpectedImageFamily.ImageIdSupplied", 400, message))
        }
        (Some(id), None) => by_id(call, region, id),
        (None, Some(family)) => by_family(call, region, family),
        (None, None) => Err(EcsError::missing("ImageId")),
    }
}

/// Returns the image with an ID.
pub(in crate::handlers) fn by_id(call: &Call<'_>, region: &Region, id: &str) -> Result<LaunchImage> {
    match images::find(call, &region.id, id) {
        Some(image) if images::is_usable(image.status.at(call.now)) => Ok(known(&image)),
        Some(image) => {
            let status = image.status.at(call.now);
            let message = format!("The image {id} is {}; it needs to be Available.", status.as_str());
            let known = ["IncorrectImageStatus", "OperationDenied.ImageNotValid"];
            Err(call.documented(|code| known.contains(&code), (400, "IncorrectImageStatus"), message))
        }
        None if call.lenient => Ok(stand_in(id)),
        None => {
            let message = format!("The image {id:?} does not exist in {}; DescribeImages lists the images.", region.id);
            Err(call.error("InvalidImageId.NotFound", 404, message))
        }
    }
}

fn by_family(call: &Call<'_>, region: &Region, family: &str) -> Result<LaunchImage> {
    match images::newest_of_family(call, &region.id, family) {
        Some(image) => Ok(known(&image)),
        None if call.lenient => Ok(stand_in(family)),
        None => {
            let message = format!("The image family {family:?} has no image in {} that is Available.", region.id);
            Err(call.error("InvalidImageFamily.MissingAvailableImage", 403, message))
        }
    }
}

fn known(image: &Image) -> LaunchImage {
    LaunchImage {
        id: image.id.clone(),
        architecture: image.architecture.clone(),
        size: image.size,
        windows: image.is_windows(),
        disks: image.disks.clone(),
    }
}

/// Returns the image that a name implies.
fn stand_in(id: &str) -> LaunchImage {
    let name = id.to_ascii_lowercase();
    LaunchImage {
        id: id.to_owned(),
        architecture: if name.contains("arm64") { "arm64" } else { "x86_64" }.to_owned(),
        size: UNKNOWN_IMAGE_SIZE,
        windows: name.starts_with("win"),
        disks: Vec::new(),
    }
}
