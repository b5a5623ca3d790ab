//! Launch templates: creation, changes and deletion.

use serde_json::{Map, Value, json};

use crate::{
    args::Args,
    call::Call,
    catalog::Region,
    error::{EcsError, Result},
    handlers::{Entry, references},
    resources::{LaunchTemplate, TemplateVersion},
    state::{RowMut, quotas},
};

/// The operations of this file.
pub(super) const HANDLERS: &[Entry] = &[
    ("ecs", "CreateLaunchTemplate", create_launch_template),
    ("ecs", "CreateLaunchTemplateVersion", create_launch_template_version),
    ("ecs", "DeleteLaunchTemplate", delete_launch_template),
    ("ecs", "DeleteLaunchTemplateVersion", delete_launch_template_version),
    ("ecs", "ModifyLaunchTemplateDefaultVersion", modify_launch_template_default_version),
];

/// Parameters that are about a template or its version; all others are those of new instances.
const OWN_PARAMETERS: &[&str] = &[
    "RegionId",
    "LaunchTemplateId",
    "LaunchTemplateName",
    "VersionDescription",
    "TemplateResourceGroupId",
    "TemplateTag",
];

/// Returns the region that the call names. Operations on templates have a code of their own for it.
pub(super) fn region<'a>(call: &Call<'a>) -> Result<&'a Region> {
    call.region().map_err(|error| {
        call.documented(|code| code == "InvalidRegion.NotExist", (400, "InvalidRegion.NotExist"), error.message)
    })
}

/// Returns the template that the call names by its ID or its name.
pub(super) fn named<'c>(call: &'c Call<'_>) -> Result<&'c LaunchTemplate> {
    let region = region(call)?;
    let (id, name) = (call.args.string("LaunchTemplateId"), call.args.string("LaunchTemplateName"));
    let found = match (id, name) {
        (Some(id), name) => {
            let found = call.state.launch_templates.get(id).filter(|template| template.region == region.id);
            found.filter(|template| name.is_none_or(|name| name == template.name))
        }
        (None, Some(name)) => by_name(call, &region.id, name),
        (None, None) => {
            let message = "Name the launch template with LaunchTemplateId or LaunchTemplateName.";
            return Err(call.error("MissingParameter", 400, message));
        }
    };
    found.ok_or_else(|| {
        let wanted = id.or(name).unwrap_or_default();
        let message = format!(
            "The launch template {wanted:?} does not exist in {}; DescribeLaunchTemplates lists the templates.",
            region.id
        );
        call.error("InvalidLaunchTemplate.NotFound", 404, message)
    })
}

fn named_mut<'c>(call: &'c mut Call<'_>) -> Result<RowMut<'c, LaunchTemplate>> {
    let id = named(call)?.id.clone();
    call.state.launch_templates.get_mut(&id).ok_or_else(|| EcsError::missing("LaunchTemplateId"))
}

/// Returns the template with a name.
pub(super) fn by_name<'c>(call: &'c Call<'_>, region: &str, name: &str) -> Option<&'c LaunchTemplate> {
    call.state.launch_templates.linked(&LaunchTemplate::link(region, name)).next()
}

fn create_launch_template(call: &mut Call<'_>) -> Result<Value> {
    let region = region(call)?;
    let name = call.args.string_or("LaunchTemplateName", "");
    if by_name(call, &region.id, name).is_some() {
        let message = format!("A launch template named {name:?} exists in {}; choose another name.", region.id);
        return Err(call.error("LaunchTemplateName.Duplicated", 403, message));
    }
    let quota = call.state.quota(&quotas::LAUNCH_TEMPLATES);
    if call.state.launch_templates.count(&region.id) as u64 >= quota {
        let message =
            format!("The account has {quota} launch templates in {}, as many as its quota allows.", region.id);
        return Err(call.error("LaunchTemplateLimitExceed", 403, message));
    }
    let version = version(call, 1)?;
    let text = |tag: &Args, name: &str| tag.string_or(name, "").to_owned();
    let tags = call.args.structs("TemplateTag").iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect();
    let template = LaunchTemplate {
        sequence: call.state.next_sequence(),
        id: call.state.ids.resource("lt", &region.code),
        region: region.id.clone(),
        name: name.to_owned(),
        default_version: 1,
        highest_version: 1,
        versions: vec![version],
        resource_group: references::own_group(call, "TemplateResourceGroupId")?,
        tags,
        created: call.now.into(),
        modified: call.now.into(),
    };
    let id = template.id.clone();
    call.state.launch_templates.insert(template);
    Ok(call.response(json!({ "LaunchTemplateId": id, "LaunchTemplateVersionNumber": 1 })))
}

/// Reads a version from the parameters of the call. As in the service, what they refer to is not checked before instances are
/// created.
fn version(call: &Call<'_>, number: i64) -> Result<TemplateVersion> {
    let args = call.args;
    super::launch::user_data(call)?;
    if args.string("SecurityGroupId").is_some() && args.list("SecurityGroupIds").is_some() {
        let message = "Specify either SecurityGroupId or SecurityGroupIds, not both.";
        return Err(call.error("InvalidParameter", 400, message));
    }
    let parameters: Map<String, Value> = args
        .names()
        .filter(|name| !OWN_PARAMETERS.contains(name))
        .filter_map(|name| Some((name.to_owned(), args.get(name)?.clone())))
        .collect();
    let description = args.string_or("VersionDescription", "").to_owned();
    Ok(TemplateVersion { number, description, created: call.now.into(), parameters })
}

fn create_launch_template_version(call: &mut Call<'_>) -> Result<Value> {
    let template = named(call)?;
    let (count, number) = (template.versions.len() as u64, template.next_version());
    let quota = call.state.quota(&quotas::VERSIONS_PER_LAUNCH_TEMPLATE);
    if count >= quota {
        let message = format!(
            "The launch template has {quota} versions, as many as its quota allows; delete one with \
             DeleteLaunchTemplateVersion."
        );
        return Err(call.error("LaunchTemplateVersionLimitExceed", 403, message));
    }
    let (version, now) = (version(call, number)?, call.now);
    let mut template = named_mut(call)?;
    template.versions.push(version);
    template.highest_version = number;
    template.modified = now.into();
    let id = template.id.clone();
    drop(template);
    Ok(call.response(json!({ "LaunchTemplateId": id, "LaunchTemplateVersionNumber": number })))
}

fn modify_launch_template_default_version(call: &mut Call<'_>) -> Result<Value> {
    let template = named(call)?;
    let number = call.args.int("DefaultVersionNumber").unwrap_or_default();
    if template.version(number).is_none() {
        return Err(no_version(call, template, number));
    }
    let mut template = named_mut(call)?;
    template.default_version = number;
    Ok(json!({ "LaunchTemplateId": template.id }))
}

/// The error for a version that a template does not have.
fn no_version(call: &Call<'_>, template: &LaunchTemplate, number: i64) -> EcsError {
    let message = format!(
        "The launch template {} has no version {number}; DescribeLaunchTemplateVersions lists its versions.",
        template.id
    );
    call.documented(|code| code == "InvalidLaunchTemplateVersion.NotFound", (400, "InvalidParameter"), message)
}

fn delete_launch_template(call: &mut Call<'_>) -> Result<Value> {
    let id = named(call)?.id.clone();
    let template = call.state.launch_templates.remove(&id);
    let numbers: Vec<i64> = template.iter().flat_map(|template| &template.versions).map(|own| own.number).collect();
    Ok(json!({ "LaunchTemplateId": id, "LaunchTemplateVersionNumbers": { "versionNumbers": numbers } }))
}

fn delete_launch_template_version(call: &mut Call<'_>) -> Result<Value> {
    let template = named(call)?;
    let numbers: Vec<i64> =
        call.args.list("DeleteVersion").unwrap_or_default().iter().filter_map(Value::as_i64).collect();
    if let Some(number) = numbers.iter().find(|number| template.version(**number).is_none()) {
        return Err(no_version(call, template, *number));
    }
    if numbers.contains(&template.default_version) {
        let message = format!(
            "Version {} is the default of the launch template; make another one the default with \
             ModifyLaunchTemplateDefaultVersion.",
            template.default_version
        );
        return Err(call.error("InvalidOperation.DeleteDefaultVersion", 403, message));
    }
    let now = call.now;
    let mut template = named_mut(call)?;
    template.versions.retain(|version| !numbers.contains(&version.number));
    template.modified = now.into();
    let id = &template.id;
    let deleted: Vec<Value> =
        numbers.iter().map(|number| json!({ "LaunchTemplateId": id, "LaunchTemplateVersionNumber": number })).collect();
    Ok(json!({ "LaunchTemplateVersions": { "LaunchTemplateVersion": deleted } }))
}
