//! Checks that all instances, disks, images, snapshots and security groups of a region have the tags that a company
//! demands, and optionally adds what is missing.
//!
//! ```text
//! cargo run -p ecs-sdk --example tag_compliance -- team env
//! cargo run -p ecs-sdk --example tag_compliance -- team=unassigned env=unknown --yes    # adds the missing ones
//! ```
//!
//! Without credentials, it runs on an emulator with some instances, of which one has all tags.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use ecs_sdk::{
    Client,
    types::{ImageOwnerAlias, Tag, TaggableResourceType},
};

mod support;

/// Resources of a type: the keys of the tags by ID.
type Keys = BTreeMap<String, BTreeSet<String>>;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setup = support::Setup::start().await?;
    let client = &setup.ecs;
    let mut demanded: Vec<String> = setup.arguments.clone();
    if setup.is_local() {
        setup.launch(|request| request.amount(2)).await?;
        let tags = [Tag::new().key("team").value("web"), Tag::new().key("env").value("test")];
        setup.launch(|request| request.tags(tags)).await?;
        if demanded.is_empty() {
            demanded = vec!["team=unassigned".to_owned(), "env=unknown".to_owned()];
        }
    }
    if demanded.is_empty() {
        bail!(
            "expected the keys of the demanded tags, such as `team`, or with a value to add, such as `team=unassigned`"
        );
    }

    let mut violations = 0;
    for (kind, resources) in resources(client).await? {
        let number = resources.len();
        // The resources by the tag that they lack, so that one call can tag many.
        let mut lacking: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for (id, keys) in &resources {
            for tag in &demanded {
                if !keys.contains(key_value(tag).0) {
                    lacking.entry(tag).or_default().push(id);
                }
            }
        }
        let bad: BTreeSet<&&String> = lacking.values().flatten().collect();
        println!("{kind}: {} of {number} comply", number - bad.len());
        violations += bad.len();
        for (tag, ids) in lacking {
            let (key, value) = key_value(tag);
            println!("  without {key}: {}", shortened(&ids));
            if let Some(value) = value
                && setup.may("add tags")
            {
                let tag = Tag::new().key(key).value(value);
                // A call tags at most 50 resources; batches split longer lists.
                let request = client.tag_resources().resource_type(kind.clone()).resource_ids(ids).tags([tag]);
                request.in_batches().send().await.into_result()?;
            }
        }
    }
    println!("{violations} resources lacked tags.");
    Ok(())
}

/// Splits `key=value`, in which the value may be absent.
fn key_value(tag: &str) -> (&str, Option<&str>) {
    tag.split_once('=').map_or((tag, None), |(key, value)| (key, Some(value)))
}

/// The first IDs of a list.
fn shortened(ids: &[&String]) -> String {
    /// Keeps the line readable.
    const SHOWN: usize = 3;
    let shown: Vec<&str> = ids.iter().take(SHOWN).map(|id| id.as_str()).collect();
    let more = if ids.len() > SHOWN { format!(" and {} more", ids.len() - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Lists the resources of all types concurrently. The lists contain resources without tags too, unlike
/// `ListTagResources`.
async fn resources(client: &Client) -> ecs_sdk::Result<Vec<(TaggableResourceType, Keys)>> {
    /// Collects IDs and tag keys of a paged operation.
    macro_rules! keys {
        ($request:expr, $id:ident) => {
            async {
                let mut keys = Keys::new();
                let mut items = $request.items();
                while let Some(item) = items.try_next().await? {
                    keys.insert(item.$id, item.tags.into_iter().map(|tag| tag.tag_key).collect());
                }
                Ok::<_, ecs_sdk::Error>(keys)
            }
        };
    }
    let (instances, disks, images, snapshots, groups) = tokio::try_join!(
        keys!(client.describe_instances(), instance_id),
        keys!(client.describe_disks(), disk_id),
        keys!(client.describe_images().image_owner_alias(ImageOwnerAlias::SelfValue), image_id),
        keys!(client.describe_snapshots(), snapshot_id),
        keys!(client.describe_security_groups(), security_group_id),
    )?;
    Ok(vec![
        (TaggableResourceType::Instance, instances),
        (TaggableResourceType::Disk, disks),
        (TaggableResourceType::Image, images),
        (TaggableResourceType::Snapshot, snapshots),
        (TaggableResourceType::Securitygroup, groups),
    ])
}
