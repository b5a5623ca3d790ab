//! Finds images to create instances from: one page of them, all that match some filters, and those that run on an
//! instance type. Ends with what an error tells.
//!
//! ```text
//! cargo run -p ecs-sdk --example describe_images
//! ```
//!
//! Only reads. Needs nothing; with `ALIBABA_CLOUD_ACCESS_KEY_ID`, `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and
//! `ALIBABA_CLOUD_REGION_ID` it lists what your account sees.

use std::collections::BTreeMap;

use ecs_sdk::{
    operation::describe_images::Image,
    types::{ImageArchitecture, ImageOwnerAlias, ImagePlatform, OsType},
};
use futures_util::TryStreamExt;

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    // One page. The client fills in its region.
    let page = client.describe_images().page_size(3).send().await?;
    println!("The first {} of {} images:", page.images.len(), page.total_count.unwrap_or_default());
    page.images.iter().for_each(print);

    // All pages, fetched while the stream is read.
    let linux: Vec<Image> = client
        .describe_images()
        .image_owner_alias(ImageOwnerAlias::System)
        .os_type(OsType::Linux)
        .architecture(ImageArchitecture::X86_64)
        .items()
        .try_collect()
        .await?;
    let mut newest: BTreeMap<&str, &Image> = BTreeMap::new();
    for image in &linux {
        let platform = image.platform.as_ref().map_or("", ImagePlatform::as_str);
        let known = newest.entry(platform).or_insert(image);
        if image.creation_time > known.creation_time {
            *known = image;
        }
    }
    println!("\nThe newest Linux image of each platform, of {} for x86:", linux.len());
    newest.into_values().for_each(print);

    // Which images run on an instance type? Those of the wrong architecture are left out.
    let mut images = client.describe_images().instance_type("ecs.g8y.large").items();
    println!("\nImages for ecs.g8y.large, which has Arm processors:");
    while let Some(image) = images.try_next().await? {
        print(&image);
    }

    // What a failure looks like. `?` would end the program with the same line.
    println!("\nImages for a type that does not exist:");
    match client.describe_images().instance_type("ecs.none.large").send().await {
        Ok(page) => println!("  {} images", page.images.len()),
        Err(error) => {
            println!("  {error}");
            println!("  code {:?}, HTTP status {:?}", error.code(), error.http_status());
            println!("  worth another try: {}", error.is_retryable());
        }
    }
    Ok(())
}

fn print(image: &Image) {
    println!("  {:48} {:4} GiB  {}", image.image_id, image.size.unwrap_or_default(), image.os_name_en);
}
