//! Launch templates as a source of parameters.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::{
    args::Args,
    call::Call,
    error::Result,
    resources::{LaunchTemplate, TemplateVersion},
};

/// Parameters that say the same in two ways: a request that has one of them overrides both in the template.
const ALTERNATIVES: &[&[&str]] = &[
    &["SecurityGroupId", "SecurityGroupIds"],
    &["ImageId", "ImageFamily"],
    &["HostName", "HostNames"],
    &["Password", "PasswordInherit"],
    &["Ipv6Address", "Ipv6AddressCount"],
];

/// Parameters of templates that say nothing about an instance.
const OF_THE_TEMPLATE: &[&str] =
    &["TemplateTag", "TemplateResourceGroupId", "VersionDescription", "LaunchTemplateName"];

/// Returns the arguments of the call, completed with those of the launch template that it names; `None` if it names none.
pub(in crate::handlers) fn complete(call: &Call<'_>) -> Result<Option<Args>> {
    let args = call.args;
    if args.string("LaunchTemplateId").or(args.string("LaunchTemplateName")).is_none() {
        return Ok(None);
    }
    let parameters = match version(call)? {
        Some(version) => Cow::Borrowed(&version.parameters),
        None => Cow::Owned(stand_in(call)),
    };
    let mut members: Map<String, Value> = (parameters.iter())
        .filter(|(name, _)| !OF_THE_TEMPLATE.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for group in ALTERNATIVES.iter().filter(|group| group.iter().any(|name| args.get(name).is_some())) {
        members.retain(|name, _| !group.contains(&name.as_str()));
    }
    for name in args.names() {
        let Some(value) = args.get(name) else { continue };
        match (members.get_mut(name), value) {
            // A member of a struct overrides that member alone.
            (Some(Value::Object(template)), Value::Object(own)) => {
                template.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            _ => {
                members.insert(name.to_owned(), value.clone());
            }
        }
    }
    Ok(Some(Args::new(members)))
}

/// Returns the parameters of a template that a lenient emulator does not know: an instance type and an image that it runs.
fn stand_in(call: &Call<'_>) -> Map<String, Value> {
    let Some(ty) = call.catalog.instance_types().first() else { return Map::new() };
    let image = call.catalog.images().iter().find(|image| ty.runs(&image.architecture) && !image.is_windows());
    let image = image.map(|image| ("ImageId".to_owned(), image.id.clone().into()));
    std::iter::once(("InstanceType".to_owned(), ty.id.clone().into())).chain(image).collect()
}

/// Returns the version of the launch template that the call names; `None` for one that a lenient emulator does not know.
fn version<'c>(call: &'c Call<'_>) -> Result<Option<&'c TemplateVersion>> {
    let args = call.args;
    let region = call.region()?;
    let (id, name) = (args.string("LaunchTemplateId"), args.string("LaunchTemplateName"));
    let template = match (id, name) {
        (Some(id), _) => call.state.launch_templates.get(id).filter(|template| template.region == region.id),
        (None, name) => {
            let link = LaunchTemplate::link(&region.id, name.unwrap_or_default());
            call.state.launch_templates.linked(&link).next()
        }
    };
    let Some(template) = template else {
        if call.lenient {
            return Ok(None);
        }
        let wanted = id.or(name).unwrap_or_default();
        let message = format!(
            "The launch template {wanted:?} does not exist in {}; DescribeLaunchTemplates lists them.",
            region.id
        );
        return Err(call.error("InvalidLaunchTemplate.NotFound", 404, message));
    };
    let number = args.int("LaunchTemplateVersion").unwrap_or(template.default_version);
    template.version(number).map(Some).ok_or_else(|| {
        let message = format!("The launch template {} has no version {number}.", template.id);
        call.error("InvalidLaunchTemplateVersion.NotFound", 404, message)
    })
}
