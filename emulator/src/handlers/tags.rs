//! ListTagResources.

use serde_json::{Value, json};

use super::Entry;
use crate::{call::Call, error::Result, matching, paging};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[("ecs", "ListTagResources", list_tag_resources)];

/// Resource types that the operation accepts.
const RESOURCE_TYPES: &[&str] = &[
    "instance",
    "disk",
    "snapshot",
    "image",
    "securitygroup",
    "volume",
    "eni",
    "ddh",
    "ddhcluster",
    "keypair",
    "launchtemplate",
    "reservedinstance",
    "snapshotpolicy",
    "elasticityassurance",
    "capacityreservation",
    "command",
    "invocation",
    "activation",
    "managedinstance",
];

/// Returns the tags of a resource.
struct Tagged {
    sequence: u64,
    id: String,
    tags: Vec<(String, String)>,
}

fn list_tag_resources(call: &mut Call<'_>) -> Result<Value> {
    call.one_of("ResourceType", RESOURCE_TYPES, 404, "InvalidResourceType.NotFound")?;
    let args = call.args;
    let fuzzy = args.structs("TagFilter");
    if args.list("ResourceId").is_none() && args.list("Tag").is_none() && fuzzy.is_empty() {
        let message = "Specify resources with ResourceId, or tags with Tag.";
        return Err(call.error("BothEmpty.TagsAndResources", 403, message));
    }
    let kind = args.string_or("ResourceType", "");
    let matches = |tags: &[(String, String)]| {
        call.tags_match(tags)
            && fuzzy.iter().all(|filter| {
                let values = filter.strings("TagValues").unwrap_or_default();
                let key = filter.string_or("TagKey", "");
                tags.iter().any(|(own, value)| {
                    matching::wildcard(key, own)
                        && (values.is_empty() || values.iter().any(|wanted| matching::wildcard(wanted, value)))
                })
            })
    };
    let resources: Vec<Tagged> = resources_with_tags(call, kind)?
        .into_iter()
        .filter(|resource| call.listed("ResourceId", &resource.id) && matches(&resource.tags))
        .collect();
    // Sequence numbers are those of the resource, and of the tag within it: a resource has fewer than 100 tags.
    let entries: Vec<(u64, (String, (String, String)))> = resources
        .into_iter()
        .flat_map(|resource| {
            (0..)
                .zip(resource.tags)
                .map(move |(place, tag)| (resource.sequence * 100 + place, (resource.id.clone(), tag)))
        })
        .collect();
    let page = paging::page(call, entries)?;
    Ok(page.response(
        call,
        "TagResources",
        "TagResource",
        |(_, (id, (key, value)))| json!({ "ResourceId": id, "ResourceType": kind, "TagKey": key, "TagValue": value }),
    ))
}

fn resources_with_tags(call: &Call<'_>, kind: &str) -> Result<Vec<Tagged>> {
    let region = call.region()?;
    let state = &call.state;
    Ok(match kind {
        "instance" => (state.instances.values())
            .filter(|instance| instance.region == region.id)
            .map(|instance| Tagged {
                sequence: instance.sequence,
                id: instance.id.clone(),
                tags: instance.tags.clone(),
            })
            .collect(),
        "disk" => (state.disks.values())
            .filter(|disk| disk.region == region.id)
            .map(|disk| Tagged { sequence: disk.sequence, id: disk.id.clone(), tags: disk.tags.clone() })
            .collect(),
        "securitygroup" => (state.security_groups.linked(&region.id))
            .map(|group| Tagged { sequence: group.sequence, id: group.id.clone(), tags: group.tags.clone() })
            .collect(),
        _ => Vec::new(),
    })
}
