//! Tags of VPCs, vSwitches and elastic IP addresses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::network_rules;
use crate::{
    call::Call,
    error::Result,
    handlers::{Entry, account::tags},
    state::{Tagged, Tags},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("vpc", "TagResources", tag_resources),
    ("vpc", "UnTagResources", untag_resources),
    ("vpc", "ListTagResources", list_tag_resources),
];

/// Resource types that the operations accept. The emulator has resources of the first three.
const RESOURCE_TYPES: [&str; 19] = [
    "VPC",
    "VSWITCH",
    "EIP",
    "ROUTETABLE",
    "VPNGATEWAY",
    "NATGATEWAY",
    "COMMONBANDWIDTHPACKAGE",
    "PREFIXLIST",
    "PUBLICIPADDRESSPOOL",
    "IPV4GATEWAY",
    "IPV6GATEWAY",
    "NETWORKACL",
    "TRAFFICMIRRORFILTER",
    "TRAFFICMIRRORSESSION",
    "FLOWLOG",
    "HAVIP",
    "DHCPOPTIONSSET",
    "GATEWAYENDPOINT",
    "IPV6ADDRESS",
];

/// Returns the type of resource that the call names, in capital letters; the service ignores letter case.
fn kind(call: &Call<'_>) -> Result<&'static str> {
    let kind = call.args.string_or("ResourceType", "");
    RESOURCE_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(kind)).ok_or_else(|| {
        let message = format!("ResourceType cannot be {kind:?}; it can be {}.", RESOURCE_TYPES.join(", "));
        call.error("InvalidInstanceType.NotFound", 400, message)
    })
}

/// Returns the name of the table of a type of resource.
fn table(kind: &str) -> String {
    kind.to_ascii_lowercase()
}

/// Returns the resources that the call names, with their tags.
fn named(call: &Call<'_>, kind: &str) -> Result<Vec<(String, Tags)>> {
    let region = network_rules::region(call)?;
    let find = |id: &str| {
        let found = call.state.tagged(&table(kind)).and_then(|table| table.tags(id, &region.id));
        found.map(|resource| (resource.id, resource.tags)).ok_or_else(|| {
            let message = format!("The resource {id:?} of the type {kind} does not exist in {}.", region.id);
            call.error("InvalidInstanceIds.NotFound", 400, message)
        })
    };
    call.args.strings("ResourceId").unwrap_or_default().into_iter().map(find).collect()
}

fn tag_resources(call: &mut Call<'_>) -> Result<Value> {
    let kind = kind(call)?;
    let new = call.new_tags()?;
    if new.is_empty() {
        return Err(call.error("MissingParam.Tags", 400, "Specify at least one tag with Tag.1.Key."));
    }
    for (id, mut tags) in named(call, kind)? {
        tags::merge(&mut tags, &new);
        tags::check_number(call, &id, &tags, (400, "QuotaExceeded.TagNum"))?;
        tags::set(call, &table(kind), &id, tags);
    }
    Ok(json!({}))
}

fn untag_resources(call: &mut Call<'_>) -> Result<Value> {
    let kind = kind(call)?;
    let keys = call.args.strings("TagKey").unwrap_or_default();
    if keys.is_empty() && !call.args.flag("All") {
        let message = "Specify the tags with TagKey.1, or remove all tags with All.";
        return Err(call.error("MissingParam", 400, message));
    }
    for (id, mut tags) in named(call, kind)? {
        // All counts only if no key is named.
        tags.retain(|(key, _)| !keys.is_empty() && !keys.contains(&key.as_str()));
        tags::set(call, &table(kind), &id, tags);
    }
    Ok(json!({}))
}

fn list_tag_resources(call: &mut Call<'_>) -> Result<Value> {
    let kind = kind(call)?;
    let region = network_rules::region(call)?;
    let args = call.args;
    let (ids, wanted) = (args.strings("ResourceId"), args.structs("Tag"));
    if ids.is_none() && wanted.is_empty() {
        let message = "Specify resources with ResourceId, or tags with Tag.";
        return Err(call.error("BothEmpty.TagsAndResources", 400, message));
    }
    if wanted.iter().any(|tag| tag.string("Key").is_none()) {
        return Err(call.error("InvalidTagKey", 400, "A tag without a key cannot be looked for; set Tag.1.Key."));
    }
    let resources: Vec<Tagged> = match (call.state.tagged(&table(kind)), ids) {
        (None, _) => Vec::new(),
        (Some(table), None) => table.all(&region.id),
        (Some(table), Some(ids)) => {
            let found = ids.iter().filter_map(|id| table.tags(id, &region.id)).map(|found| (found.sequence, found));
            found.collect::<BTreeMap<_, _>>().into_values().collect()
        }
    };
    tags::page(call, kind, resources.into_iter().filter(|resource| call.tags_match(&resource.tags)))
}
