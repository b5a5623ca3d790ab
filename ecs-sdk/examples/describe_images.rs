//! Finds images for new instances: the first page, all images that match a filter, and those that an instance type
//! supports. Ends with an error and what it contains.
//!
//! ```text
//! cargo run -p ecs-sdk --example describe_images
//! ```
//!
//! This example only reads. Without credentials, it runs on an emulator. With `ALIBABA_CLOUD_ACCESS_KEY_ID`,
//! `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and `ALIBABA_CLOUD_REGION_ID`, it lists the images that your account can use.

use std::collections::BTreeMap;

use ecs_sdk::{
    operation::describe_images::Image,
    types::{ImageArchitecture, ImageOwnerAlias, ImagePlatform, OsType},
};

mod support;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;

    // One page. The region is that of the client.
    let page = client.describe_images().page_size(3).send().await?;
    println!("The first {} of {} images:", page.images.len(), page.total_count.unwrap_or_default());
    page.images.iter().for_each(print);

    // All pages. Each page is fetched when the stream reaches it.
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
    println!("\nThe newest of {} Linux images for x86-64, by platform:", linux.len());
    newest.into_values().for_each(print);

    // Images that an instance type supports. Images for other architectures are not included.
    let mut images = client.describe_images().instance_type("ecs.g8y.large").items();
    println!("\nImages for ecs.g8y.large, which has an Arm processor:");
    while let Some(image) = images.try_next().await? {
        print(&image);
    }

    // An error. With `?`, the program would exit with the same message.
    println!("\nImages for an instance type that does not exist:");
    match client.describe_images().instance_type("ecs.none.large").send().await {
        Ok(page) => println!("  {} images", page.images.len()),
        Err(error) => {
            println!("  {error}");
            println!("  code: {:?}, HTTP status: {:?}", error.code(), error.http_status());
            println!("  retryable: {}", error.is_retryable());
        }
    }
    Ok(())
}

fn print(image: &Image) {
    println!("  {:48} {:4} GiB  {}", image.image_id, image.size.unwrap_or_default(), image.os_name_en);
}
