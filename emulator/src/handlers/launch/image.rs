//! The image that instances are created from.

use crate::{
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    resources::{self, ImageStatus},
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
    /// Snapshots of the disks of a custom image, with their devices: that of the system disk comes first.
    pub(in crate::handlers) snapshots: Vec<(String, String)>,
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

fn by_id(call: &Call<'_>, region: &Region, id: &str) -> Result<LaunchImage> {
    if let Some(image) = call.catalog.image(id) {
        return Ok(public(image));
    }
    if let Some(image) = call.state.images.get(id).filter(|image| image.region == region.id) {
        let status = image.status.at(call.now);
        if !matches!(status, ImageStatus::Available | ImageStatus::Deprecated) {
            let message = format!("The image {id} is {}; it needs to be Available.", status.as_str());
            return Err(call.error("IncorrectImageStatus", 400, message));
        }
        return Ok(custom(image));
    }
    if call.lenient {
        return Ok(stand_in(id));
    }
    let message = format!("The image {id:?} does not exist in {}; DescribeImages lists the images.", region.id);
    Err(call.error("InvalidImageId.NotFound", 404, message))
}

fn by_family(call: &Call<'_>, region: &Region, family: &str) -> Result<LaunchImage> {
    let own = (call.state.images.linked(&region.id))
        .filter(|image| image.family == family && image.status.at(call.now) == ImageStatus::Available)
        .max_by_key(|image| (*image.created, image.sequence));
    match own.map(custom).or_else(|| call.catalog.newest_image(family).map(public)) {
        Some(image) => Ok(image),
        None if call.lenient => Ok(stand_in(family)),
        None => {
            let message = format!("The image family {family:?} has no image in {} that is Available.", region.id);
            Err(call.error("InvalidImageFamily.MissingAvailableImage", 403, message))
        }
    }
}

fn public(image: &crate::catalog::Image) -> LaunchImage {
    LaunchImage {
        id: image.id.clone(),
        architecture: image.architecture.clone(),
        size: image.size.into(),
        windows: image.is_windows(),
        snapshots: Vec::new(),
    }
}

fn custom(image: &resources::Image) -> LaunchImage {
    LaunchImage {
        id: image.id.clone(),
        architecture: image.architecture.clone(),
        size: image.size,
        windows: image.os_type == "windows",
        snapshots: image
            .disks
            .iter()
            .filter(|disk| disk.kind == "system" || !disk.snapshot.is_empty())
            .map(|disk| (disk.snapshot.clone(), disk.device.clone()))
            .collect(),
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
        snapshots: Vec::new(),
    }
}
