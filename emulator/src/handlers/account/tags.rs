//! Tags of resources of all types.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    args::Args,
    call::Call,
    error::{EcsError, Result},
    handlers::Entry,
    matching, paging,
    rules::MAX_TAGS,
    state::{Tagged, Tags},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "AddTags", add_tags),
    ("ecs", "DescribeResourceByTags", describe_resource_by_tags),
    ("ecs", "DescribeTags", describe_tags),
    ("ecs", "ListTagResources", list_tag_resources),
    ("ecs", "RemoveTags", remove_tags),
    ("ecs", "TagResources", add_tags),
    ("ecs", "UntagResources", untag_resources),
];

/// Resource types that the operations accept, with their names in the counts of DescribeTags; empty if it does not count them.
const RESOURCE_TYPES: &[(&str, &str)] = &[
    ("instance", "Instance"),
    ("disk", "Disk"),
    ("snapshot", "Snapshot"),
    ("image", "Image"),
    ("securitygroup", "Securitygroup"),
    ("volume", "Volume"),
    ("eni", "Eni"),
    ("ddh", "Ddh"),
    ("ddhcluster", ""),
    ("keypair", "KeyPair"),
    ("launchtemplate", "LaunchTemplate"),
    ("reservedinstance", "ReservedInstance"),
    ("snapshotpolicy", "SnapshotPolicy"),
    ("elasticityassurance", ""),
    ("capacityreservation", ""),
    ("command", ""),
    ("invocation", ""),
    ("activation", ""),
    ("managedinstance", ""),
];

/// Returns the type of resource that the call names, checked.
fn kind<'c>(call: &Call<'c>) -> Result<Option<&'c str>> {
    let types: Vec<&str> = RESOURCE_TYPES.iter().map(|(kind, _)| *kind).collect();
    // Programs write it in lower case, in capital letters or in both.
    let kind = call.args.string("ResourceType");
    match kind.and_then(|kind| types.iter().find(|known| known.eq_ignore_ascii_case(kind))) {
        Some(known) => Ok(Some(known)),
        None if kind.is_none() => Ok(None),
        None => {
            let message = format!("ResourceType can be {}.", types.join(", "));
            Err(call.error("InvalidResourceType.NotFound", 404, message))
        }
    }
}

fn required_kind<'c>(call: &Call<'c>) -> Result<&'c str> {
    kind(call)?.ok_or_else(|| EcsError::missing("ResourceType"))
}

/// Returns the resources that the call names, by their IDs in the tables.
fn named(call: &Call<'_>, kind: &str) -> Result<Vec<(String, Tags)>> {
    let region = call.region()?;
    let names = call.args.one_or_many("ResourceId").unwrap_or_default();
    let find = |name: &str| {
        let id = call.state.id_of_tagged(kind, &region.id, name);
        let found = call.state.tagged(kind).and_then(|table| table.tags(&id, &region.id));
        found.map(|resource| (id, resource.tags)).ok_or_else(|| {
            let message = format!("The {kind} {name:?} does not exist in {}.", region.id);
            call.error("InvalidResourceId.NotFound", 404, message)
        })
    };
    names.into_iter().map(find).collect()
}

/// Adds tags to others; a tag with the key of another replaces it.
pub(in crate::handlers) fn merge(tags: &mut Tags, more: &Tags) {
    for (key, value) in more {
        match tags.iter_mut().find(|(own, _)| own == key) {
            Some((_, own)) => own.clone_from(value),
            None => tags.push((key.clone(), value.clone())),
        }
    }
}

/// Rejects more tags than a resource can have.
pub(in crate::handlers) fn check_number(
    call: &Call<'_>,
    id: &str,
    tags: &Tags,
    (http, code): (u16, &str),
) -> Result<()> {
    if tags.len() <= MAX_TAGS {
        return Ok(());
    }
    let message = format!("{id} would have {} tags; a resource can have {MAX_TAGS}.", tags.len());
    Err(call.error(code, http, message))
}

/// Replaces the tags of a resource.
pub(in crate::handlers) fn set(call: &mut Call<'_>, kind: &str, id: &str, tags: Tags) {
    if let Some(table) = call.state.tagged_mut(kind) {
        table.set_tags(id, tags);
    }
}

/// Returns the page of the tags of resources that the call asks for. `kind` is their type as the response names it.
pub(in crate::handlers) fn page(call: &Call<'_>, kind: &str, resources: impl Iterator<Item = Tagged>) -> Result<Value> {
    // Places are those of the resource, and of the tag within it: a resource has fewer than 100 tags.
    let entries = resources.flat_map(|resource| {
        let entry = move |(place, tag)| (resource.sequence * 100 + place, (resource.id.clone(), tag));
        (0..).zip(resource.tags).map(entry)
    });
    let page = paging::page(call, entries.collect::<Vec<(u64, (String, (String, String)))>>())?;
    Ok(page.response(
        call,
        "TagResources",
        "TagResource",
        |(_, (id, (key, value)))| json!({ "ResourceId": id, "ResourceType": kind, "TagKey": key, "TagValue": value }),
    ))
}

/// Whether a tag is one of those that the call names, each by its key, its value or both. Without any, all are.
fn is_named(wanted: &[Args], key: &str, value: &str) -> bool {
    let named = |tag: &Args| {
        tag.string("Key").is_none_or(|own| own == key) && tag.string("Value").is_none_or(|own| own == value)
    };
    wanted.is_empty() || wanted.iter().any(named)
}

fn add_tags(call: &mut Call<'_>) -> Result<Value> {
    let kind = required_kind(call)?;
    let new = call.new_tags()?;
    if new.is_empty() {
        return Err(call.error("MissingParameter.Tags", 404, "Specify at least one tag with Tag.1.Key."));
    }
    for (id, mut tags) in named(call, kind)? {
        merge(&mut tags, &new);
        check_number(call, &id, &tags, (403, "QuotaExceed.Tags"))?;
        set(call, kind, &id, tags);
    }
    Ok(json!({}))
}

fn untag_resources(call: &mut Call<'_>) -> Result<Value> {
    let keys = call.args.strings("TagKey").unwrap_or_default();
    let all = call.args.flag("All");
    if keys.is_empty() && !all {
        let message = "Specify the tags with TagKey.1, or remove all tags with All.";
        return Err(call.error("MissingParameter.Tags", 404, message));
    }
    // All counts only if no key is named.
    remove(call, |key, _| if keys.is_empty() { all } else { keys.contains(&key) })
}

fn remove_tags(call: &mut Call<'_>) -> Result<Value> {
    let wanted = call.args.structs("Tag");
    remove(call, |key, value| is_named(&wanted, key, value))
}

fn remove(call: &mut Call<'_>, gone: impl Fn(&str, &str) -> bool) -> Result<Value> {
    let kind = required_kind(call)?;
    for (id, mut tags) in named(call, kind)? {
        tags.retain(|(key, value)| !gone(key, value));
        set(call, kind, &id, tags);
    }
    Ok(json!({}))
}

fn list_tag_resources(call: &mut Call<'_>) -> Result<Value> {
    let kind = required_kind(call)?;
    let args = call.args;
    let fuzzy = args.structs("TagFilter");
    if args.list("ResourceId").is_none() && args.list("Tag").is_none() && fuzzy.is_empty() {
        let message = "Specify resources with ResourceId, or tags with Tag.";
        return Err(call.error("BothEmpty.TagsAndResources", 403, message));
    }
    let matches = |resource: &Tagged| {
        call.tags_match(&resource.tags)
            && fuzzy.iter().all(|filter| {
                let values = filter.strings("TagValues").unwrap_or_default();
                let key = filter.string_or("TagKey", "");
                resource.tags.iter().any(|(own, value)| {
                    matching::wildcard(key, own)
                        && (values.is_empty() || values.iter().any(|wanted| matching::wildcard(wanted, value)))
                })
            })
    };
    let region = call.region()?;
    let names = args.strings("ResourceId");
    let table = call.state.tagged(kind);
    let resources: Vec<Tagged> = match (&names, table) {
        (_, None) => Vec::new(),
        (Some(names), Some(table)) => {
            // The service reports a resource as it was named.
            let named = names.iter().filter_map(|name| {
                let found = table.tags(&call.state.id_of_tagged(kind, &region.id, name), &region.id)?;
                Some((found.sequence, Tagged { id: (*name).to_owned(), ..found }))
            });
            named.collect::<BTreeMap<_, _>>().into_values().collect()
        }
        (None, Some(table)) => table.all(&region.id),
    };
    page(call, kind, resources.into_iter().filter(matches))
}

/// Returns the tagged resources of the region that the call asks for, with their types.
fn tagged(call: &Call<'_>) -> Result<Vec<(&'static str, &'static str, Tagged)>> {
    let wanted = kind(call)?;
    let region = call.region()?;
    let mut found = Vec::new();
    for (kind, count) in RESOURCE_TYPES.iter().filter(|(kind, _)| wanted.is_none_or(|wanted| wanted == *kind)) {
        let resources = call.state.tagged(kind).map(|table| table.all(&region.id)).unwrap_or_default();
        let named = |resource: &Tagged| {
            call.args.string("ResourceId").is_none_or(|id| call.state.id_of_tagged(kind, &region.id, id) == resource.id)
        };
        found.extend(resources.into_iter().filter(named).map(|resource| (*kind, *count, resource)));
    }
    Ok(found)
}

fn describe_tags(call: &mut Call<'_>) -> Result<Value> {
    let wanted = call.args.structs("Tag");
    let mut tags: BTreeMap<(String, String), BTreeMap<&str, i64>> = BTreeMap::new();
    for (_, count, resource) in tagged(call)? {
        for (key, value) in resource.tags {
            if is_named(&wanted, &key, &value) {
                *tags.entry((key, value)).or_default().entry(count).or_default() += 1;
            }
        }
    }
    let page = paging::page(call, paging::in_order(tags))?;
    Ok(page.response(call, "Tags", "Tag", |(_, ((key, value), counts))| {
        let counted = RESOURCE_TYPES.iter().filter(|(_, name)| !name.is_empty());
        let counts: Map<String, Value> = counted
            .map(|(_, name)| ((*name).to_owned(), counts.get(name).copied().unwrap_or_default().into()))
            .collect();
        json!({ "TagKey": key, "TagValue": value, "ResourceTypeCount": counts })
    }))
}

fn describe_resource_by_tags(call: &mut Call<'_>) -> Result<Value> {
    let region = call.region()?;
    let found = tagged(call)?.into_iter().filter(|(.., resource)| call.tags_match(&resource.tags));
    let page = paging::page(call, paging::in_order(found))?;
    Ok(page.response(
        call,
        "Resources",
        "Resource",
        |(_, (kind, _, resource))| json!({ "ResourceId": resource.id, "ResourceType": kind, "RegionId": region.id }),
    ))
}
