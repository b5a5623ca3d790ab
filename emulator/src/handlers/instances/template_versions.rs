//! DescribeLaunchTemplates and DescribeLaunchTemplateVersions.

use serde_json::{Map, Value, json};

use super::launch_templates::{by_name, named, region};
use crate::{
    call::{Call, tag_list},
    clock,
    error::Result,
    handlers::Entry,
    matching, paging,
    resources::{LaunchTemplate, TemplateVersion},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "DescribeLaunchTemplateVersions", describe_launch_template_versions),
    ("ecs", "DescribeLaunchTemplates", describe_launch_templates),
];

/// Lists among the parameters of a version: name of the parameter, name in the response, and name of an element there.
const LISTS: &[(&str, &str, &str)] = &[
    ("DataDisk", "DataDisks", "DataDisk"),
    ("NetworkInterface", "NetworkInterfaces", "NetworkInterface"),
    ("SecurityGroupIds", "SecurityGroupIds", "SecurityGroupId"),
    ("Tag", "Tags", "InstanceTag"),
];

fn describe_launch_templates(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let wanted_tags = call.args.structs("TemplateTag");
    // Names are found as IDs are, without a look at the others.
    let names = call.args.strings("LaunchTemplateName").map(|names| {
        let templates = names.iter().filter_map(|name| by_name(call, &region.id, name));
        templates.map(|template| template.id.as_str()).collect::<Vec<_>>()
    });
    let found = call.find(&call.state.launch_templates, &region.id, (&["LaunchTemplateId"], &[]), |template| {
        names.as_ref().is_none_or(|ids| ids.contains(&template.id.as_str()))
            && call.matches("TemplateResourceGroupId", &template.resource_group)
            && wanted_tags.iter().all(|tag| matching::has_tag(&template.tags, tag.string("Key"), tag.string("Value")))
    });
    let page = paging::page(call, found)?;
    Ok(page.response(call, "LaunchTemplateSets", "LaunchTemplateSet", |template| {
        json!({
            "LaunchTemplateId": template.id,
            "LaunchTemplateName": template.name,
            "DefaultVersionNumber": template.default_version,
            "LatestVersionNumber": template.latest_version(),
            "CreatedBy": call.state.account,
            "CreateTime": clock::seconds(*template.created),
            "ModifiedTime": clock::seconds(*template.modified),
            "ResourceGroupId": template.resource_group,
            "Tags": tag_list(&template.tags),
        })
    }))
}

fn describe_launch_template_versions(call: &mut Call<'_>) -> Result<Value> {
    let template = named(call)?;
    let args = call.args;
    let numbers: Option<Vec<i64>> =
        args.list("LaunchTemplateVersion").map(|list| list.iter().filter_map(Value::as_i64).collect());
    let found = template.versions.iter().filter(|version| {
        let number = version.number;
        numbers.as_ref().is_none_or(|numbers| numbers.contains(&number))
            && args.int("MinVersion").is_none_or(|least| number >= least)
            && args.int("MaxVersion").is_none_or(|most| number <= most)
            && (!args.flag("DefaultVersion") || number == template.default_version)
    });
    let page = paging::page(call, paging::in_order(found))?;
    Ok(page.response(call, "LaunchTemplateVersionSets", "LaunchTemplateVersionSet", |(_, version)| {
        write_version(call, template, version)
    }))
}

fn write_version(call: &Call<'_>, template: &LaunchTemplate, version: &TemplateVersion) -> Value {
    let mut members = json!({
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "VersionNumber": version.number,
        "VersionDescription": version.description,
        "DefaultVersion": version.number == template.default_version,
        "CreatedBy": call.state.account,
        "CreateTime": clock::seconds(*version.created),
        "ModifiedTime": clock::seconds(*version.created),
    });
    if call.args.boolean("DetailFlag").unwrap_or(true) {
        members["LaunchTemplateData"] = data(version);
    }
    members
}

/// Returns the parameters of a version in the form of responses.
fn data(version: &TemplateVersion) -> Value {
    let mut data = wrapped(&version.parameters);
    let disks = data.get_mut("DataDisks").and_then(|disks| disks["DataDisk"].as_array_mut());
    for disk in disks.into_iter().flatten() {
        // A string in requests, a Boolean in responses.
        if let Some(encrypted) = disk["Encrypted"].as_str() {
            disk["Encrypted"] = encrypted.eq_ignore_ascii_case("true").into();
        }
    }
    // Responses do not have it.
    if let Some(Value::Object(options)) = data.get_mut("SecurityOptions") {
        options.remove("EnableSecureBoot");
    }
    data.into()
}

/// Wraps lists as responses do.
fn wrapped(parameters: &Map<String, Value>) -> Map<String, Value> {
    let member = |(name, value): (&String, &Value)| match (LISTS.iter().find(|list| list.0 == name), value) {
        (Some((_, list, element)), Value::Array(items)) => {
            let items: Vec<Value> = items
                .iter()
                .map(|item| item.as_object().map_or_else(|| item.clone(), |item| wrapped(item).into()))
                .collect();
            ((*list).to_owned(), json!({ *element: items }))
        }
        _ => (name.clone(), value.clone()),
    };
    parameters.iter().map(member).collect()
}
